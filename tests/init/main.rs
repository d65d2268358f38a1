//! `countersign init` in repositories that it has never seen: what it writes and says, and what always holds of it.
//!
//! A case is a directory here whose name is a sentence, with `repository/`, perhaps `arguments.txt`, and `expected/`: `text.txt` and
//! `files/` with what was written for this repository alone. `UPDATE_EXPECT=1 cargo test --test init` writes `expected/`: read it as a reviewer would.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod cases;
mod fixture;
mod laws;
mod peers;
mod pipelines;
mod proposals;

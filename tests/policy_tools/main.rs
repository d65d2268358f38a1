//! `countersign policy test`, `simulate` and `replay` as whoever writes a policy meets them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod cases;
mod place;
mod replay;
mod simulate;

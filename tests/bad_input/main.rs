//! Everything bad that a first user can bring, through the built binary as they would bring it, with exactly what it says.
//!
//! What is said stands in `snapshots/`, an input after the other; `INSTA_UPDATE=always cargo test --test bad_input` writes it, and
//! whoever commits it has read it as the user would: does it name the file, the line, and what to do next?

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a place that cannot be made fails the test")]

mod arguments;
mod catalogue;
mod changing;
mod environment;
mod facts;
mod judged;
mod mutations;
mod names;
mod output;
mod place;
mod policy;
mod repositories;
mod signals;
mod special;

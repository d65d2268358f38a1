//! The two sides of a change, read from real repositories that the `git` program makes, and from directories.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a fixture that cannot be made fails the test")]

mod directories;
mod fixture;
mod history;
mod naming;
mod renames;
mod revisions;
mod unreadable;

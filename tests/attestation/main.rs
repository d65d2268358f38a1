//! Evidence from outside: a repository, the built binary, files. What is signed is verified, worked out again, and tampered with.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on has failed")]

mod conformance;
mod crashes;
mod index;
mod instance;
mod key;
mod keyless;
mod ledger;
mod place;
mod recompute;
mod said;
mod tampering;

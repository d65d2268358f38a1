//! Every record in order, each bound to the one before it: what an entry is, and whether entries are a chain. Pure; where they are kept
//! is the world's.
//!
//! An entry is two lines: a header, and the bundle as it was signed. Its digest is that of all its bytes. The next entry's header names it,
//! and so does the statement that the next bundle signs (`gateRun.previous`): whoever may write where entries are kept can leave off the end
//! of a chain, and nothing else.

mod chain;
mod entry;
#[cfg(test)]
mod tests;

pub use chain::{Broken, Chain, Tip};
pub use entry::{Entry, NotAnEntry};

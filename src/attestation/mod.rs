//! A decision as evidence that needs no trust in us: an in-toto statement over a commit and its tree, which somebody signs.
//!
//! ```text
//! decision and what it was made from ─► authorization::v1 ─► Statement ─► the bytes that are signed (DSSE)
//! bytes whose signature holds ─► Statement::read ─► its kind of predicate ─► IdentityPolicy, Expected ─► refusals, each a link that broke
//! ```
//!
//! | file | what it knows |
//! |---|---|
//! | `statement` | in-toto Statement v1, its subjects, and what of it is signed |
//! | `authorization` | the predicate: each version a module of its own |
//! | `baseline` | where the population begins |
//! | `made` | a decision → the predicate |
//! | `summary` | the same for whoever reads SLSA's verification summaries |
//! | `identity` | who may sign |
//! | `expected` | what a statement has to be about, and whether what it says holds together |
//! | `value_digest` | one way to write a value, for its digest |
//! | `differences` | where two predicates differ, field by field |
//!
//! Pure: who signs, and whether a signature holds, is the world's to say.

pub mod authorization;
pub mod baseline;
mod differences;
mod expected;
mod identity;
mod made;
mod moment;
mod statement;
mod summary;
#[cfg(test)]
mod tests;
mod value_digest;

pub use differences::{Difference, differences};
pub use expected::{Expected, Link, Refusal};
pub use identity::{Identity, IdentityPolicy};
pub use made::{Made, Seen, authorization};
pub use moment::Moment;
pub use statement::{Malformed, PAYLOAD_TYPE, STATEMENT_TYPE, Statement, Subject, commit_subjects, pae};
pub use summary::{SUMMARY_TYPE, summary};
pub use value_digest::{digest_of, value_digest};

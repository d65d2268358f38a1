//! Where the population of a ledger begins: what access there was, and who has taken note of it. A version is a module, as those of an
//! authorization are.

mod made;
pub mod v1;

pub use made::{Noted, TooFew, baseline};

/// The JSON Schema of the newest version.
pub fn schema() -> schemars::Schema {
    v1::schema()
}

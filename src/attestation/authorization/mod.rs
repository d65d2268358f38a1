//! What a decision says as the predicate of a statement. A version is a module, and stays what it is; what would break a reader is a new
//! one beside it.

pub mod v1;

/// The JSON Schema of the newest version.
pub fn schema() -> schemars::Schema {
    v1::schema()
}

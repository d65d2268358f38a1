//! Countersign: a gate that works out exactly who gains which access, and says whether the change is authorized.

pub mod diagnostic;
pub mod document;

/// Everything that touches the outside: git, the file system, and later forges, signers and stores.
pub mod world;

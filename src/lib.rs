//! Countersign: a gate that works out exactly who gains which access, and says whether the change is authorized.

pub mod diagnostic;
pub mod document;
pub mod policy;

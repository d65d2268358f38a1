//! Countersign: a gate that works out exactly who gains which access, and says whether the change is authorized.

pub mod access;
pub mod change;
pub mod cli;
pub mod diagnostic;
pub mod document;
pub mod formats;
pub mod gate;
pub mod policy;
pub mod proposal;
pub mod report;
pub mod systems;
pub mod world;

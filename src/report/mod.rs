//! Decisions and changes as text: a function a channel. All text that comes from a change is escaped for its channel.

pub mod json;
mod shown;
pub mod terminal;

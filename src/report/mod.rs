//! Decisions and changes as text: a function a channel. All text that comes from a change is escaped for its channel.

pub mod decided;
pub mod decision_json;
pub mod decision_text;
pub mod json;
pub mod markdown;
mod shown;
pub mod terminal;
mod words;

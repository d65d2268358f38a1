//! Decisions and changes as text: a function a channel. All text that comes from a change is escaped for its channel.

pub mod code_quality;
pub mod decided;
pub mod decision_json;
pub mod decision_text;
mod derivation;
pub mod explain_json;
pub mod explain_text;
pub mod explained;
mod finding;
pub mod json;
pub mod markdown;
pub mod policy_json;
pub mod policy_test;
pub mod policy_text;
pub mod publication;
mod reasons;
mod remark;
pub mod replay;
pub mod sarif;
mod shown;
pub mod simulation;
pub mod starter;
pub mod terminal;
pub mod window_json;
pub mod window_text;
mod window_words;
mod words;

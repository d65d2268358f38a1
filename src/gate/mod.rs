//! The pipelines: each verb on one screen, over meaning and world.

mod check;
mod demo;
mod diff;
mod effort;
mod error;
mod explain;
mod gather;
mod init;
mod join;
mod own;
mod plan;
mod policies;
mod policy_check;
mod read;
mod render;
mod rendered;
mod schemas;
mod unrendered;

pub use crate::document::Bounds;
pub use crate::formats::Format;
pub use check::{Judged, Verdict, check};
pub use demo::demo;
pub use diff::{Change, Joined, Request, change, diff, read};
pub use effort::Read;
pub use error::Error;
pub use explain::{Explain, Which, explain as explain_change};
pub use init::{Forge, Start, Started, init};
pub use policies::{Loaded, Revision};
pub use policy_check::{Asked, PolicyCheck, check_policy};
pub use read::Watch;
pub use render::{Form, details, explain, one_line, visible};
pub use rendered::Rendered;
pub use schemas::{Published, SCHEMAS};

/// The format with that name, or a sentence with the names that there are.
pub fn format(id: &str) -> Result<&'static Format, String> {
    crate::formats::by_id(id).ok_or_else(|| {
        let known: Vec<&str> = crate::formats::FORMATS.iter().map(|format| format.id).collect();
        format!("known formats are {}", known.join(", "))
    })
}

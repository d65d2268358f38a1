//! The pipelines: each verb on one screen, over meaning and world.

mod diff;
mod join;
mod read;

pub use diff::{Change, Filters, Joined, Request, change, diff, read};
pub use read::Watch;

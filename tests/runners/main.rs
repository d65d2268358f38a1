//! The gate in the jobs of pipelines: what it makes of every event of GitHub and of GitLab's variables, and what somebody sees of it.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod act;
mod download;
mod events;
#[expect(dead_code, reason = "tests/forge asks more of it")]
#[path = "../forge/fake/mod.rs"]
mod fake;
mod gitlab;
mod jobs;
mod judges;
mod place;
mod template;

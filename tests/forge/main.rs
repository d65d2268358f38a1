//! GitHub and GitLab as a source of facts, by the real client, against forges of our own on loopback ports that are held to GitHub's
//! description and GitLab's documentation.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod conversations;
mod doctor;
mod evidence;
mod facts;
mod fake;
mod gitlab;
mod gitlab_fake;
mod gitlab_job;
mod gitlab_publishing;
mod place;
mod publishing;
mod scene;
mod speed;
mod trouble;

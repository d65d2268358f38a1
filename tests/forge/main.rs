//! GitHub and GitLab as a source of facts, by the real client, against forges of our own on loopback ports that are held to GitHub's
//! description and GitLab's documentation.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod aimed;
mod conversations;
mod deployments;
mod desk;
mod doctor;
mod evidence;
mod facts;
mod fake;
mod gitlab;
mod gitlab_contributors;
mod gitlab_deployments;
mod gitlab_doctor;
mod gitlab_fake;
mod gitlab_job;
mod gitlab_publishing;
mod gitlab_releases;
mod house;
mod memory;
mod place;
mod publishing;
mod rounds;
mod scene;
mod speed;
mod story;
mod talked_round;
mod trouble;
mod writes;

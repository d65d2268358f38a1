//! GitHub and GitLab as a source of facts, by the real client, against forges of our own on loopback ports that are held to GitHub's
//! description and GitLab's documentation.

mod conversations;
mod doctor;
mod facts;
mod fake;
mod gitlab;
mod gitlab_fake;
mod gitlab_job;
mod place;
mod publishing;
mod scene;
mod speed;
mod trouble;

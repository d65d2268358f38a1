//! How a repository is protected.

use crate::proposal::Freezes;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What holds for a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settings {
    /// For the default branch of one on GitHub.
    GitHub(BranchSettings),
    /// For a project of GitLab.
    GitLab(ProjectSettings),
}

/// What holds for a branch of GitHub's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchSettings {
    /// Which.
    pub branch: String,
    /// Workflows that run whatever the change brings along.
    pub workflows: Vec<RequiredWorkflow>,
    /// Checks that have to pass, by name.
    pub checks: BTreeSet<String>,
    /// Whether approvals are dismissed with every push; `None` if the token does not see it.
    pub dismisses_stale_reviews: Option<bool>,
    /// Whether changes land by a queue.
    pub has_merge_queue: bool,
}

/// A workflow that an organisation or a repository requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredWorkflow {
    /// Where it stands.
    pub path: String,
    /// In which state of its repository.
    pub reference: Option<String>,
    /// The number of its repository.
    pub repository: u64,
}

/// What holds for a project of GitLab's. What the token does not see has the reason in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectSettings {
    /// Whether a merge request is merged only if its pipeline succeeded.
    pub needs_pipeline: bool,
    /// Whether one that was skipped succeeded.
    pub takes_skipped_pipeline: bool,
    /// What runs whatever a change brings along.
    pub policies: Result<Vec<PipelinePolicy>, String>,
    /// What becomes of approvals.
    pub approvals: Result<Approvals, String>,
    /// What the token may.
    pub token: Result<TokenSettings, String>,
    /// When nothing is deployed.
    pub freezes: Result<Freezes, String>,
    /// Where not everybody may deploy to.
    pub environments: Result<Vec<ProtectedEnvironment>, String>,
}

/// An environment to which not everybody may deploy who may push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedEnvironment {
    /// Its name.
    pub name: String,
    /// Who may, in the words of the forge.
    pub deployers: Vec<String>,
    /// How many approvals of its own the forge asks for.
    pub approvals: u64,
}

/// A pipeline execution policy: of the project, or of a group above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelinePolicy {
    /// Its name.
    pub name: String,
    /// Whether it is in force.
    pub is_enabled: bool,
    /// What stands in it.
    pub content: String,
}

/// What becomes of approvals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approvals {
    /// Whether a push removes them.
    pub resets_on_push: bool,
    /// Whether that of whoever opened the merge request counts.
    pub by_author: bool,
    /// Whether that of whoever committed to it counts.
    pub by_committers: bool,
}

/// What a token may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSettings {
    /// Its scopes.
    pub scopes: BTreeSet<String>,
    /// The day from which on it is none.
    pub expires: Option<NaiveDate>,
}

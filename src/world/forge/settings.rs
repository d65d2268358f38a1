//! How a branch is protected, in the words of no forge.

use std::collections::BTreeSet;

/// What holds for a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
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

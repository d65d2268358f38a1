//! Condition keys: case-insensitive, and shown as somebody wrote them.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// Equal and ordered by what it means, which its case is no part of.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) folded: Box<str>,
    pub(super) written: Box<str>,
}

impl Key {
    pub(super) fn new(written: &str) -> Self {
        Self { folded: written.to_ascii_lowercase().into(), written: written.into() }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

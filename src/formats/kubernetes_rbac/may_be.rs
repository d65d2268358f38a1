//! Whether bytes that nobody takes apart may be a role or a binding, or make one.

use super::{GROUP, aws_auth, claims, is_template_of_ours, may_hold};
use crate::document::{Bounds, Node, Syntax, parse};
use memchr::memmem;

/// Whether a text may make a role or a binding, or a part of one.
pub(super) fn speaks_of_roles(bytes: &[u8]) -> bool {
    let words = [GROUP, aws_auth::NAME, "roleRef", "nonResourceURLs", "clusterRoleSelectors", "kind: ClusterRole", "verbs:", "\"verbs\""];
    has_some(bytes, &words) || is_template_of_ours(bytes)
}

/// Whether there may be a role or a binding in these bytes, however it is spelt.
pub(super) fn may_hold_a_role(bytes: &[u8]) -> bool {
    let claimed = |documents: Vec<Node>| documents.iter().any(claims);
    speaks_of_roles(bytes)
        || (may_hold(bytes) && parse("", bytes, Syntax::Yaml, &Bounds::default()).map_or(true, |file| claimed(file.documents)))
}

/// Whether a patch with this text may change a role or a binding, or make one of something else.
pub(super) fn may_make_a_role(bytes: &[u8]) -> bool {
    has_some(bytes, &["/kind", "/apiVersion"]) || may_hold_a_role(bytes)
}

pub(super) fn has_some(bytes: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| memmem::find(bytes, word.as_bytes()).is_some())
}

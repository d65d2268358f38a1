//! What `OpenShift` has besides: roles and bindings in a group of its own, which its API server turns into those of Kubernetes
//! (<https://docs.redhat.com/en/documentation/openshift_container_platform/4.16/html/role_apis/>), and security context constraints, which
//! name whom they let run what. None of it is read, so where it differs it is undecided.

use super::scalar;
use crate::document::Node;

/// Words without which no object is one of these.
pub(super) const WORDS: [&str; 2] = ["authorization.openshift.io", "SecurityContextConstraints"];

/// Whether an object is one of these. Constraints were of the group `v1` at first.
pub(super) fn is_one(node: &Node) -> bool {
    let [group, constraints] = WORDS;
    let version = scalar(node, "apiVersion").unwrap_or_default();
    version.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        || (!version.is_empty()
            && scalar(node, "kind").is_some_and(|kind| kind.strip_prefix(constraints).is_some_and(|rest| matches!(rest, "" | "List"))))
}

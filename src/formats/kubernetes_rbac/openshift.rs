//! What `OpenShift` has besides: roles and bindings in a group of its own, which its API server turns into those of Kubernetes
//! (<https://docs.redhat.com/en/documentation/openshift_container_platform/4.16/html/role_apis/>), and security context constraints, which
//! name whom they let run what. None of it is read, so where it differs it is undecided.

use super::{KINDS, scalar};
use crate::document::Node;

const GROUP: &str = "authorization.openshift.io";
const CONSTRAINTS: &str = "SecurityContextConstraints";

/// Words without which no object is one of these; a role without `verbs` allows nothing.
pub(super) const WORDS: [&str; 5] = [GROUP, CONSTRAINTS, "RoleBinding", "ClusterRole", "verbs"];

/// Whether an object is one of these. All of them were of the group `v1` at first, and `oc` still takes them for what they are:
/// <https://github.com/openshift/library-go/tree/master/pkg/legacyapi/legacygroupification>.
pub(super) fn is_one(node: &Node) -> bool {
    let version = scalar(node, "apiVersion").unwrap_or_default();
    let is_old =
        |kind: &str| version == "v1" && KINDS.iter().any(|own| kind.strip_prefix(own).is_some_and(|rest| matches!(rest, "" | "List")));
    version.strip_prefix(GROUP).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        || scalar(node, "kind").is_some_and(is_old)
        || (!version.is_empty()
            && scalar(node, "kind").is_some_and(|kind| kind.strip_prefix(CONSTRAINTS).is_some_and(|rest| matches!(rest, "" | "List"))))
}

//! The config map by which EKS makes roles and users of AWS users and members of groups:
//! <https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html>. It is not read, so where it differs it is undecided.

use super::scalar;
use crate::document::Node;

/// Its name, which no other object should have: a kustomization may put it into its namespace.
pub(super) const NAME: &str = "aws-auth";

/// Where a JSON patch (RFC 6902) changes what it says.
pub(super) const PATCHED: [&str; 3] = ["/data/mapRoles", "/data/mapUsers", "/data/mapAccounts"];

pub(super) fn is_one(node: &Node) -> bool {
    let name = node.get("metadata").and_then(|metadata| scalar(metadata, "name"));
    scalar(node, "kind") == Some("ConfigMap") && name == Some(NAME)
}

/// Whom it lets in as what, in words that are the same as long as that is.
pub(super) fn says(node: &Node) -> String {
    let data = ["data", "binaryData"].iter().filter_map(|key| node.entry(key));
    data.map(|(key, value)| format!("{} {}", key.canonical(), value.canonical())).collect::<Vec<_>>().join("\n")
}

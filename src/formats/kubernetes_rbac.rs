//! Kubernetes RBAC manifests: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>.

use super::{Format, Reading, Setting};
use crate::document::{File, Node};

/// Roles and bindings in manifests.
pub const FORMAT: Format = Format { id: "kubernetes-rbac", claims, may_hold, read };

fn claims(_document: &Node) -> bool {
    false
}

fn may_hold(_bytes: &[u8]) -> bool {
    false
}

fn read(_file: &File, _setting: &Setting) -> Reading {
    Reading::default()
}

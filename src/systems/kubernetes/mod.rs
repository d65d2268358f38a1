//! Kubernetes RBAC: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>.

use crate::systems::Opaque;
use std::collections::BTreeSet;

/// One side: all roles and bindings of all its files.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// What could not be read.
    pub opaque: BTreeSet<Opaque>,
}

impl Rules {
    /// Adds another file's rules.
    pub fn join(&mut self, other: Self) {
        self.opaque.extend(other.opaque);
    }
}

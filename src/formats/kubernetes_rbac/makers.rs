//! Objects of which another program makes roles, bindings, or members of groups to which some are bound:
//!
//! - versions of operators, of the Operator Lifecycle Manager (<https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/>);
//! - clusters of eksctl, by whom they let in (<https://docs.aws.amazon.com/eks/latest/eksctl/access-entries.html>);
//! - groups of `OpenShift`
//!   (<https://docs.redhat.com/en/documentation/openshift_container_platform/4.16/html/user_and_group_apis/group-user-openshift-io-v1>),
//!   and its subject permissions (<https://github.com/openshift/rbac-permissions-operator>);
//! - groups of operators, by the namespaces in which their operators may act
//!   (<https://olm.operatorframework.io/docs/advanced-tasks/operator-scoping-with-operatorgroups/>);
//! - definitions of RBAC Manager (<https://rbac-manager.docs.fairwinds.com/rbacdefinitions/>), tenants of Capsule
//!   (<https://projectcapsule.dev/docs/tenants/permissions/>), roles and bindings of Rancher
//!   (<https://ranchermanager.docs.rancher.com/api/workflows/projects>), permissions of Open Cluster Management
//!   (<https://open-cluster-management.io/docs/getting-started/integration/cluster-permission/>), parents of namespaces, from which these
//!   inherit bindings (<https://github.com/kubernetes-retired/hierarchical-namespaces/blob/master/docs/user-guide/concepts.md>), and what
//!   Config Sync may do (<https://cloud.google.com/kubernetes-engine/config-sync/docs/reference/rootsync-reposync-fields>).
//!
//! What they say of access is not read, so where it differs it is undecided; the rest of them says nothing.

use super::scalar;
use crate::document::{Node, Span};

/// A kind of such objects.
struct Maker {
    group: &'static str,
    kind: &'static str,
    /// Where it says who may do what.
    says: &'static [&'static [&'static str]],
}

const MAKERS: [Maker; 16] = [
    Maker {
        group: "operators.coreos.com",
        kind: "ClusterServiceVersion",
        says: &[&["spec", "install", "spec", "clusterPermissions"], &["spec", "install", "spec", "permissions"]],
    },
    Maker { group: "eksctl.io", kind: "ClusterConfig", says: &[&["iamIdentityMappings"], &["accessConfig"], &["accessEntries"]] },
    Maker { group: "user.openshift.io", kind: "Group", says: &[&["users"]] },
    Maker { group: "managed.openshift.io", kind: "SubjectPermission", says: &[&["spec"]] },
    Maker { group: "operators.coreos.com", kind: "OperatorGroup", says: &[&["spec"]] },
    Maker { group: "rbacmanager.reactiveops.io", kind: "RBACDefinition", says: &[&["rbacBindings"]] },
    Maker { group: "capsule.clastix.io", kind: "Tenant", says: &[&["spec"]] },
    Maker { group: "capsule.clastix.io", kind: "TenantOwner", says: &[&["spec"]] },
    Maker { group: "rbac.open-cluster-management.io", kind: "ClusterPermission", says: &[&["spec"]] },
    Maker { group: "hnc.x-k8s.io", kind: "HierarchyConfiguration", says: &[&["spec", "parent"]] },
    Maker { group: "configsync.gke.io", kind: "RootSync", says: &[&["spec", "override", "roleRefs"]] },
    Maker { group: "management.cattle.io", kind: "GlobalRole", says: &[&[]] },
    Maker { group: "management.cattle.io", kind: "GlobalRoleBinding", says: &[&[]] },
    Maker { group: "management.cattle.io", kind: "ClusterRoleTemplateBinding", says: &[&[]] },
    Maker { group: "management.cattle.io", kind: "ProjectRoleTemplateBinding", says: &[&[]] },
    Maker { group: "management.cattle.io", kind: "RoleTemplate", says: &[&[]] },
];

/// Whether there may be one in these bytes.
pub(super) fn may_be_in(has: impl Fn(&&str) -> bool) -> bool {
    MAKERS.iter().any(|maker| has(&maker.group) && has(&maker.kind))
}

/// What an object says of access, if it is one of these and says any.
pub(super) struct Said {
    pub(super) kind: &'static str,
    pub(super) says: String,
    pub(super) span: Span,
}

pub(super) fn said(node: &Node) -> Option<Said> {
    let (version, kind) = (scalar(node, "apiVersion")?, scalar(node, "kind")?);
    let is_of = |group: &str| version.strip_prefix(group).is_some_and(|rest| rest.starts_with('/'));
    let maker = MAKERS.iter().find(|maker| maker.kind == kind && is_of(maker.group))?;
    let at = |path: &&[&str]| path.iter().try_fold(node, |node, key| node.get(key)).map(|said| (format!("{path:?}"), said));
    let parts: Vec<(String, &Node)> = maker.says.iter().filter_map(at).collect();
    let says = parts.iter().map(|(path, said)| format!("{path} {}", said.canonical())).collect::<Vec<_>>().join("\n");
    parts.first().map(|(_, first)| Said { kind: maker.kind, says, span: first.span })
}

/// The name of an operator without its version: with each release it has another one.
pub(super) fn without_version(name: &str) -> &str {
    let is_version = |rest: &str| rest.trim_start_matches('v').starts_with(|digit: char| digit.is_ascii_digit());
    let version = name.match_indices('.').find(|(at, _)| name.get(at + 1..).is_some_and(is_version));
    version.and_then(|(at, _)| name.get(..at)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_the_same_in_each_of_its_versions() {
        for name in ["etcd.v0.9.4", "etcd.0.9.5-rc.1", "etcd"] {
            assert_eq!(without_version(name), "etcd");
        }
        assert_eq!(without_version("my.operator.v1.2.3"), "my.operator");
    }
}

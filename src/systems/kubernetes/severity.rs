//! How much a gain in Kubernetes matters, and why:
//! <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks>.

use crate::systems::Severity;
use std::collections::BTreeSet;

/// What can be asked about a region.
pub(super) trait Looks {
    /// Whether it has a request with one of the verbs (none given: any verb) on one of the resources of the group.
    fn means(&self, verbs: &[&str], group: &str, resources: &[&str]) -> bool;
    fn any_verb(&self) -> bool;
    fn any_group(&self) -> bool;
    fn any_resource(&self) -> bool;
    fn any_namespace(&self) -> bool;
    /// Whether it has anything but reading.
    fn writes(&self) -> bool;
    fn holder(&self) -> &str;
}

const RBAC: &str = "rbac.authorization.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";
const WRITE: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];
const CHANGE: &[&str] = &["create", "update", "patch"];
const READ: &[&str] = &["get", "list", "watch"];

/// A reason, how much it matters, and the requests that it stands for: verbs, group, resources.
type Danger = (&'static str, Severity, &'static [&'static str], &'static str, &'static [&'static str]);

const DANGERS: &[Danger] = &[
    ("escalate", Severity::Critical, &["escalate"], RBAC, &["roles", "clusterroles"]),
    ("bind", Severity::Critical, &["bind"], RBAC, &["roles", "clusterroles"]),
    ("impersonate", Severity::Critical, &["impersonate"], "", &["users", "groups", "serviceaccounts"]),
    ("impersonate", Severity::Critical, &["impersonate"], "authentication.k8s.io", &["userextras", "uids"]),
    ("reads-secrets", Severity::High, READ, "", &["secrets"]),
    ("runs-pods", Severity::High, &["create"], "", &["pods"]),
    ("runs-pods", Severity::High, CHANGE, "", &["replicationcontrollers", "podtemplates"]),
    ("runs-pods", Severity::High, CHANGE, "apps", &["deployments", "daemonsets", "replicasets", "statefulsets"]),
    ("runs-pods", Severity::High, CHANGE, "batch", &["jobs", "cronjobs"]),
    ("enters-pods", Severity::High, &["create", "get"], "", &["pods/exec", "pods/attach", "pods/portforward"]),
    ("enters-pods", Severity::High, &["update", "patch"], "", &["pods/ephemeralcontainers"]),
    ("issues-tokens", Severity::High, &["create"], "", &["serviceaccounts/token"]),
    ("reaches-nodes", Severity::High, &[], "", &["nodes/proxy"]),
    ("approves-certificates", Severity::High, &["update", "patch"], CERTIFICATES, &["certificatesigningrequests/approval"]),
    ("approves-certificates", Severity::High, &["approve", "sign"], CERTIFICATES, &["signers"]),
    (
        "changes-admission",
        Severity::High,
        WRITE,
        "admissionregistration.k8s.io",
        &[
            "mutatingwebhookconfigurations",
            "validatingwebhookconfigurations",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
        ],
    ),
    ("changes-access", Severity::High, WRITE, RBAC, &["roles", "clusterroles", "rolebindings", "clusterrolebindings"]),
    ("creates-volumes", Severity::High, &["create"], "", &["persistentvolumes"]),
    ("changes-namespaces", Severity::High, &["update", "patch"], "", &["namespaces"]),
];

/// The severity with its reasons.
pub(super) fn judge(looks: &impl Looks) -> (Severity, BTreeSet<&'static str>) {
    let mut reasons = BTreeSet::new();
    let mut severity = Severity::Low;
    let mut because = |reason: &'static str, at_least: Severity| {
        reasons.insert(reason);
        severity = severity.max(at_least);
    };
    for (reason, at_least, verbs, group, resources) in DANGERS {
        if looks.means(verbs, group, resources) {
            because(reason, *at_least);
        }
    }
    if looks.any_verb() {
        because("wildcard-verb", Severity::High);
    }
    if looks.any_resource() {
        because("wildcard-resource", Severity::High);
    }
    if looks.any_verb() && looks.any_resource() && looks.any_group() {
        because("wildcard-on-wildcard", Severity::Critical);
        if looks.any_namespace() {
            because("cluster-admin", Severity::Critical);
        }
    }
    if looks.writes() {
        because("writes", Severity::Medium);
    }
    match looks.holder() {
        "group/system:authenticated" => because("everybody", Severity::Critical),
        "group/system:unauthenticated" | "user/system:anonymous" => because("public", Severity::Critical),
        "group/system:serviceaccounts" => because("every-account", Severity::High),
        // What no pod was given a name for: <https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/>.
        holder if holder.starts_with("serviceaccount/") && holder.ends_with("/default") => because("default-account", Severity::Medium),
        _ => {}
    }
    (severity, reasons)
}

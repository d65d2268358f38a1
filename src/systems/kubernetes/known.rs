//! The verbs and resources that Kubernetes itself has. What an extension brings, nobody here knows; but the core group and a few others
//! are closed, and a name in lower case is what every request has.
//!
//! <https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/> and
//! <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb>.

use crate::document::nearest;
use crate::systems::Unknown;

const VERBS: &[&str] = &[
    "*",
    "approve",
    "attest",
    "bind",
    "create",
    "delete",
    "deletecollection",
    "escalate",
    "get",
    "head",
    "impersonate",
    "list",
    "options",
    "patch",
    "post",
    "proxy",
    "put",
    "sign",
    "update",
    "use",
    "watch",
];

/// Groups to which no extension adds, with their resources; in the core group those too that only `impersonate` is about.
const CLOSED: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "bindings",
            "componentstatuses",
            "configmaps",
            "endpoints",
            "events",
            "groups",
            "limitranges",
            "namespaces",
            "nodes",
            "persistentvolumeclaims",
            "persistentvolumes",
            "pods",
            "podtemplates",
            "replicationcontrollers",
            "resourcequotas",
            "secrets",
            "serviceaccounts",
            "services",
            "users",
        ],
    ),
    ("apps", &["controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"]),
    ("batch", &["cronjobs", "jobs"]),
    ("rbac.authorization.k8s.io", &["clusterrolebindings", "clusterroles", "rolebindings", "roles"]),
];

/// What is odd about a verb, if Kubernetes has none of that name.
pub fn unknown_verb(verb: &str) -> Option<Unknown> {
    (!VERBS.contains(&verb))
        .then(|| Unknown { said: format!("Kubernetes has no verb `{verb}`"), meant: nearest(verb, VERBS).map(ToOwned::to_owned) })
}

/// The same of a resource as a rule writes it.
pub fn unknown_resource(text: &str) -> Option<Unknown> {
    let scoped = text.split_once(':');
    if scoped.is_some_and(|(scope, _)| scope == "url") {
        return None;
    }
    let (scope, rest) = scoped.map_or(("", text), |(scope, rest)| (text.get(..=scope.len()).unwrap_or_default(), rest));
    let end = rest.find(['/', '[']).unwrap_or(rest.len());
    let (name, after) = rest.split_at_checked(end)?;
    let (resource, group) = name.split_once('.').unwrap_or((name, ""));
    let group = if group == "core" { "" } else { group };
    let (_, known) = CLOSED.iter().find(|(closed, _)| *closed == group)?;
    if resource == "*" || resource.contains('%') || known.contains(&resource) {
        return None;
    }
    let of_another = CLOSED.iter().find(|(_, known)| known.contains(&resource));
    let of_another = of_another.map(|(group, _)| if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") });
    let spelt = || nearest(resource, known).map(|near| if group.is_empty() { near.to_owned() } else { format!("{near}.{group}") });
    let meant = of_another.or_else(spelt).map(|meant| format!("{scope}{meant}{after}"));
    let whose = if group.is_empty() { "the core group".to_owned() } else { format!("the group `{group}`") };
    Some(Unknown { said: format!("{whose} of Kubernetes has no resource `{resource}`"), meant })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::kubernetes::Objects;
    use crate::systems::kubernetes::knowledge::BUILT_IN;

    /// Empty if nothing comes near.
    fn meant(text: &str) -> Option<String> {
        unknown_resource(text).map(|unknown| unknown.meant.unwrap_or_default())
    }

    #[test]
    fn a_resource_that_nobody_has_is_told_with_the_one_that_is_meant() {
        let told = [
            ("secret", "secrets"),
            ("ns/web:pod/exec", "ns/web:pods/exec"),
            ("deployments", "deployments.apps"),
            ("cluster:secrets.apps", "cluster:secrets"),
            ("deployment.apps", "deployments.apps"),
            ("roles", "roles.rbac.authorization.k8s.io"),
            ("somethingelse", ""),
        ];
        for (text, expected) in told {
            assert_eq!(meant(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "secrets",
            "pods/exec",
            "*.core",
            "*.apps",
            "secrets[name=foo]",
            "url:/metrics",
            "widgets.example.com",
            "pods.metrics.k8s.io",
            "*.*",
        ] {
            assert_eq!(meant(text), None, "{text}");
        }
    }

    #[test]
    fn whatever_the_built_in_roles_name_is_known() {
        for policy in BUILT_IN.values().flat_map(|role| &role.rules).map(|rule| &rule.value) {
            assert!(policy.verbs.iter().all(|verb| unknown_verb(verb).is_none()), "{:?}", policy.verbs);
            let Objects::Resources { groups, resources, .. } = &policy.objects else { continue };
            for group in groups.iter().map(|group| if group.is_empty() { "core" } else { group }).filter(|group| *group != "*") {
                for resource in resources {
                    let (name, sub) =
                        resource.split_once('/').map_or((&**resource, String::new()), |(name, sub)| (name, format!("/{sub}")));
                    assert_eq!(unknown_resource(&format!("{name}.{group}{sub}")), None);
                }
            }
        }
    }
}

//! A cluster as the manifests that both sides read.

use crate::model::World;
use countersign::document::{Bounds, Syntax, parse};
use countersign::formats::{Setting, kubernetes_rbac};
use countersign::systems::kubernetes::{Binding, Identity, Objects, Policy, Requirement, Role, RoleKind, RoleName, Rules, Selector};
use serde_json::{Map, Value, json};

const VERSION: &str = "rbac.authorization.k8s.io/v1";

/// The cluster as the reader of manifests understands it.
pub fn read(world: &World) -> Rules {
    let items: Vec<Value> = world.roles.iter().map(role).chain(world.bindings.iter().map(binding)).collect();
    let text = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let file = parse("cluster.json", text.as_bytes(), Syntax::Json, &Bounds::default()).unwrap();
    let setting = Setting { realm: Some("prod".into()), ..Setting::default() };
    (kubernetes_rbac::FORMAT.read)(&file, &setting).access.kubernetes
}

/// The cluster by kinds, as the judge takes it.
pub fn by_kind(world: &World) -> Map<String, Value> {
    let roles = |kind| world.roles.iter().filter(move |role| role.name.kind == kind).map(role).collect::<Vec<_>>();
    let bindings =
        |everywhere| world.bindings.iter().filter(move |one| one.name.namespace.is_none() == everywhere).map(binding).collect::<Vec<_>>();
    let kinds = [
        ("roles", roles(RoleKind::Role)),
        ("clusterRoles", roles(RoleKind::ClusterRole)),
        ("roleBindings", bindings(false)),
        ("clusterRoleBindings", bindings(true)),
    ];
    kinds.into_iter().map(|(kind, objects)| (kind.to_owned(), objects.into())).collect()
}

pub fn role(role: &Role) -> Value {
    let RoleName { kind, namespace, name } = &role.name;
    let rules: Vec<Value> = role.rules.iter().map(|rule| policy(&rule.value)).collect();
    let mut manifest = match kind {
        RoleKind::Role => json!({"kind": "Role", "metadata": {"name": name, "namespace": namespace, "labels": role.labels}}),
        RoleKind::ClusterRole => json!({"kind": "ClusterRole", "metadata": {"name": name, "labels": role.labels}}),
    };
    manifest["apiVersion"] = VERSION.into();
    manifest["rules"] = rules.into();
    if let Some(selectors) = &role.aggregation {
        manifest["aggregationRule"] = json!({"clusterRoleSelectors": selectors.iter().map(selector).collect::<Vec<_>>()});
    }
    manifest
}

fn policy(policy: &Policy) -> Value {
    match &policy.objects {
        Objects::Urls(paths) => json!({"verbs": policy.verbs, "nonResourceURLs": paths}),
        Objects::Resources { groups, resources, names } => {
            json!({"verbs": policy.verbs, "apiGroups": groups, "resources": resources, "resourceNames": names})
        }
    }
}

fn selector(selector: &Selector) -> Value {
    let expression = |requirement: &Requirement| match requirement {
        Requirement::In(key, values) => json!({"key": key, "operator": "In", "values": values}),
        Requirement::NotIn(key, values) => json!({"key": key, "operator": "NotIn", "values": values}),
        Requirement::Exists(key) => json!({"key": key, "operator": "Exists"}),
        Requirement::DoesNotExist(key) => json!({"key": key, "operator": "DoesNotExist"}),
    };
    json!({"matchExpressions": selector.iter().map(expression).collect::<Vec<_>>()})
}

/// A subject in the binding's own namespace does not repeat it; one account of two is spelt as the user that it also is.
pub fn binding(binding: &Binding) -> Value {
    let own = binding.name.namespace.as_deref();
    let subject = |identity: &Identity| match identity {
        Identity::User(name) => json!({"kind": "User", "name": name}),
        Identity::Group(name) => json!({"kind": "Group", "name": name}),
        Identity::ServiceAccount { namespace, name } if own == Some(namespace) => json!({"kind": "ServiceAccount", "name": name}),
        Identity::ServiceAccount { namespace, name } if own.is_some() => {
            json!({"kind": "User", "name": format!("system:serviceaccount:{namespace}:{name}")})
        }
        Identity::ServiceAccount { namespace, name } => json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}),
    };
    let subjects: Vec<Value> = binding.subjects.iter().map(|one| subject(&one.value)).collect();
    let role = match binding.role.kind {
        RoleKind::Role => "Role",
        RoleKind::ClusterRole => "ClusterRole",
    };
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": binding.role.name});
    match own {
        Some(namespace) => json!({
            "apiVersion": VERSION, "kind": "RoleBinding", "metadata": {"name": binding.name.name, "namespace": namespace},
            "subjects": subjects, "roleRef": role,
        }),
        None => json!({
            "apiVersion": VERSION, "kind": "ClusterRoleBinding", "metadata": {"name": binding.name.name},
            "subjects": subjects, "roleRef": role,
        }),
    }
}

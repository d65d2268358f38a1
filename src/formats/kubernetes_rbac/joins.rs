//! Which other files have to be read with one: names by which roles, bindings, labels and subjects find each other.

use crate::formats::Joins;
use crate::systems::kubernetes::{
    Binding, Identity, Requirement, Role, RoleKind, RoleName, Selector, read_by_built_in, read_by_matching_built_in, taken_in_by_built_in,
};
use std::sync::Arc;

pub(super) fn of_role(role: &Role, joins: &mut Joins) {
    joins.provides.insert(key("role", &role.name));
    joins.repeats.insert((Arc::clone(&role.realm.name), key("role", &role.name)));
    joins.affects.extend(references_to(&role.name));
    if role.name.kind == RoleKind::Role {
        joins.provides.insert(format!("k8s:rolename:{}", role.name.name));
        return;
    }
    joins.provides.insert("k8s:clusterrole".to_owned());
    joins.affects.insert("k8s:selects:*".to_owned());
    for (name, value) in &role.labels {
        joins.provides.extend([format!("k8s:label:{name}={value}"), format!("k8s:labelkey:{name}")]);
        joins.affects.insert(format!("k8s:selects:{name}"));
    }
    for (name, labels) in taken_in_by_built_in(&role.labels) {
        joins.affects.insert(key("ref", name));
        joins.affects.extend(labels.keys().map(|label| format!("k8s:selects:{label}")));
    }
    if let Some(selectors) = &role.aggregation {
        joins.context.extend(read_by_matching_built_in(selectors).iter().map(|(name, value)| format!("k8s:label:{name}={value}")));
        for selector in selectors {
            of_selector(selector, joins);
        }
    }
}

/// A selector that asks for no label selects roles that have none, so that any cluster role matters to it.
fn of_selector(selector: &Selector, joins: &mut Joins) {
    joins.provides.extend(selector.iter().map(|requirement| format!("k8s:selects:{}", requirement.key())));
    let asked: Vec<String> = selector.iter().flat_map(asks_for).collect();
    if asked.is_empty() {
        joins.provides.insert("k8s:selects:*".to_owned());
        joins.context.insert("k8s:clusterrole".to_owned());
    }
    joins.context.extend(asked);
}

fn asks_for(requirement: &Requirement) -> Vec<String> {
    match requirement {
        Requirement::In(key, values) => values.iter().map(|value| format!("k8s:label:{key}={value}")).collect(),
        Requirement::Exists(key) => vec![format!("k8s:labelkey:{key}")],
        Requirement::NotIn(..) | Requirement::DoesNotExist(_) => Vec::new(),
    }
}

pub(super) fn of_binding(binding: &Binding, joins: &mut Joins) {
    let role = &binding.role;
    let own = format!("k8s:binding:{}", binding.name);
    joins.provides.insert(own.clone());
    joins.repeats.insert((Arc::clone(&binding.realm.name), own));
    joins.provides.insert(key("ref", role));
    if role.kind == RoleKind::Role {
        joins.provides.insert(format!("k8s:refname:{}", role.name));
    }
    let mut roles = places_of(role);
    if role.kind == RoleKind::ClusterRole {
        roles.extend(read_by_built_in(role).iter().map(|(name, value)| format!("k8s:label:{name}={value}")));
    }
    joins.needs.extend(roles.iter().cloned());
    joins.context.extend(roles);
    for subject in &binding.subjects {
        // Nobody has anything in a realm by a binding of another one.
        let shared = |name: String| (Arc::clone(&binding.realm.name), name);
        let own = subject_key(&subject.value);
        joins.provides.insert(own.clone());
        joins.shares.insert(shared(own));
        joins.shares.extend(subject.value.groups().into_iter().map(|group| shared(subject_key(&Identity::Group(group)))));
    }
}

fn subject_key(identity: &Identity) -> String {
    format!("k8s:subject:{identity}")
}

fn key(what: &str, role: &RoleName) -> String {
    let kind = match role.kind {
        RoleKind::Role => "Role",
        RoleKind::ClusterRole => "ClusterRole",
    };
    format!("k8s:{what}:{kind}:{}:{}", role.namespace, role.name)
}

fn elsewhere(role: &RoleName) -> RoleName {
    RoleName { namespace: "".into(), ..role.clone() }
}

/// Under which names the role that a binding names may stand. Where one of the two does not say its namespace, they may be meant
/// for each other.
fn places_of(role: &RoleName) -> Vec<String> {
    match role.kind {
        RoleKind::Role if role.namespace.is_empty() => vec![format!("k8s:rolename:{}", role.name)],
        RoleKind::Role => vec![key("role", role), key("role", &elsewhere(role))],
        RoleKind::ClusterRole => vec![key("role", role)],
    }
}

/// The same from the role's side.
fn references_to(role: &RoleName) -> Vec<String> {
    match role.kind {
        RoleKind::Role if role.namespace.is_empty() => vec![format!("k8s:refname:{}", role.name)],
        RoleKind::Role => vec![key("ref", role), key("ref", &elsewhere(role))],
        RoleKind::ClusterRole => vec![key("ref", role)],
    }
}

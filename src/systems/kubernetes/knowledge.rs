//! The roles that every API server creates for itself, from `data/kubernetes/default-roles.txt`, which says from which release.

use super::{Labels, Objects, Policy, Realm, Requirement, Role, RoleKind, RoleName, Selector, selects};
use crate::document::{Place, Placed};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

/// Every built-in role by its name.
pub(super) static BUILT_IN: LazyLock<BTreeMap<RoleName, Role>> =
    LazyLock::new(|| parse(include_str!("../../../data/kubernetes/default-roles.txt")));

/// A built-in role stands in no file.
pub(super) fn nowhere() -> Place {
    Place::file("")
}

/// The built-in roles that take in a cluster role with these labels, be it through one another, with their own labels.
pub fn taken_in_by_built_in(labels: &Labels) -> BTreeMap<&'static RoleName, &'static Labels> {
    let mut found = BTreeMap::new();
    let mut open = vec![labels.clone()];
    while let Some(labels) = open.pop() {
        let takes_in = |role: &&Role| role.aggregation.as_ref().is_some_and(|selectors| selects(selectors, &labels));
        for role in BUILT_IN.values().filter(takes_in) {
            if found.insert(&role.name, &role.labels).is_none() {
                open.push(role.labels.clone());
            }
        }
    }
    found
}

/// The labels by which a built-in role finds what it takes in, be it through another.
pub fn read_by_built_in(name: &RoleName) -> Labels {
    let (mut read, mut open, mut seen) = (Labels::new(), vec![name], BTreeSet::new());
    while let Some(name) = open.pop() {
        let role = BUILT_IN.get(name).filter(|_| seen.insert(name));
        let Some(selectors) = role.and_then(|role| role.aggregation.as_ref()) else { continue };
        for requirement in selectors.iter().flatten() {
            if let Requirement::In(key, values) = requirement {
                read.extend(values.iter().map(|value| (Arc::clone(key), Arc::clone(value))));
            }
        }
        open.extend(BUILT_IN.values().filter(|source| source.is_selected_by(selectors)).map(|source| &source.name));
    }
    read
}

/// The same for every built-in role that these selectors select.
pub fn read_by_matching_built_in(selectors: &BTreeSet<Selector>) -> Labels {
    BUILT_IN.values().filter(|role| role.is_selected_by(selectors)).flat_map(|role| read_by_built_in(&role.name)).collect()
}

fn parse(text: &str) -> BTreeMap<RoleName, Role> {
    let mut roles: Vec<Role> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        match (words.as_slice(), roles.last_mut()) {
            (["clusterrole", name], _) => roles.push(empty(RoleKind::ClusterRole, "", name)),
            (["role", namespace, name], _) => roles.push(empty(RoleKind::Role, namespace, name)),
            (["label", label], Some(role)) => role.labels.extend(labels(label)),
            (["aggregates", label], Some(role)) => {
                role.aggregation.get_or_insert_default().insert(selector(label));
            }
            (_, Some(role)) => role.rules.extend(rule(line).map(|value| Placed { value, place: nowhere() })),
            (_, None) => {}
        }
    }
    roles.into_iter().map(|role| (role.name.clone(), role)).collect()
}

fn empty(kind: RoleKind, namespace: &str, name: &str) -> Role {
    Role {
        realm: Realm { name: "".into(), assumed: false },
        name: RoleName { kind, namespace: namespace.into(), name: name.into() },
        // What selects by this label selects all of them, `cluster-admin` as well.
        labels: Labels::from([("kubernetes.io/bootstrapping".into(), "rbac-defaults".into())]),
        rules: Vec::new(),
        aggregation: None,
        origin: nowhere(),
    }
}

fn labels(text: &str) -> Labels {
    text.split_once('=').map(|(key, value)| (key.into(), value.into())).into_iter().collect()
}

fn selector(text: &str) -> Selector {
    labels(text).into_iter().map(|(key, value)| Requirement::In(key, BTreeSet::from([value]))).collect()
}

fn rule(line: &str) -> Option<Policy> {
    let columns: Vec<&str> = line.split(" : ").collect();
    let (objects, verbs) = match columns.as_slice() {
        [verbs, paths] => (Objects::Urls(words(paths)), verbs),
        [verbs, groups, resources] => (resources_of(groups, resources, ""), verbs),
        [verbs, groups, resources, names] => (resources_of(groups, resources, names), verbs),
        _ => return None,
    };
    let verbs = verbs.split(' ').flat_map(|verb| match verb {
        "read" => vec!["get", "list", "watch"],
        "write" => vec!["create", "delete", "deletecollection", "patch", "update"],
        verb => vec![verb],
    });
    Some(Policy { verbs: verbs.map(Arc::from).collect(), objects })
}

fn resources_of(groups: &str, resources: &str, names: &str) -> Objects {
    let groups = groups.split(' ').map(|group| if group == "core" { "" } else { group }).map(Arc::from).collect();
    Objects::Resources { groups, resources: words(resources), names: words(names) }
}

fn words(text: &str) -> BTreeSet<Arc<str>> {
    text.split(' ').filter(|word| !word.is_empty()).map(Arc::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_is_understood() {
        let rules: usize = BUILT_IN.values().map(|role| role.rules.len()).sum();
        let text = include_str!("../../../data/kubernetes/default-roles.txt");
        assert_eq!(rules, text.lines().filter(|line| !line.starts_with('#') && line.contains(" : ")).count());
        assert!(BUILT_IN.values().all(|role| !role.rules.is_empty() || role.aggregation.is_some()));
    }
}

//! `Role` and `ClusterRole`.

use super::fields::{Fields, field, string};
use crate::document::{Node, Placed};
use crate::systems::kubernetes::{Labels, Objects, Policy, Realm, Requirement, Role, RoleKind, RoleName, Selector};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads a role. `None` if it has no name.
pub(super) fn read(node: &Node, kind: &str, realm: &Realm, fields: &mut Fields<'_>) -> Option<Role> {
    let kind = if kind == "Role" { RoleKind::Role } else { RoleKind::ClusterRole };
    let known: &[&str] = match kind {
        RoleKind::Role => &["apiVersion", "kind", "metadata", "rules"],
        RoleKind::ClusterRole => &["apiVersion", "kind", "metadata", "rules", "aggregationRule"],
    };
    fields.warn_of_unknown(node, if kind == RoleKind::Role { "a Role" } else { "a ClusterRole" }, known);
    let metadata = metadata(node, kind == RoleKind::Role, fields)?;
    let rules: Vec<Placed<Policy>> = fields.list(node, "rules").iter().filter_map(|rule| policy(rule, kind, fields)).collect();
    let aggregation = if kind == RoleKind::ClusterRole { aggregation(node, fields) } else { None };
    Some(Role {
        realm: realm.clone(),
        name: RoleName { kind, namespace: metadata.namespace, name: metadata.name },
        labels: metadata.labels,
        rules,
        aggregation,
        origin: fields.place(node),
    })
}

/// What `metadata` says that matters.
pub(super) struct Metadata {
    pub(super) name: Arc<str>,
    pub(super) namespace: Arc<str>,
    pub(super) labels: Labels,
}

/// Reads `metadata`. What is not in a namespace has none, whatever the file says.
pub(super) fn metadata(node: &Node, is_namespaced: bool, fields: &mut Fields<'_>) -> Option<Metadata> {
    let Some(metadata) = field(node, "metadata") else {
        fields.error(node, "missing-field", "the object has no `metadata`");
        return None;
    };
    fields.mapping(metadata, "`metadata`")?;
    fields.refuse_tagged_keys(metadata);
    let name = fields.required(metadata, "name", "the object")?;
    if name.contains(['/', '%']) || matches!(name, "." | "..") {
        fields.error(metadata.get("name").unwrap_or(metadata), "bad-name", format!("`{name}` cannot be the name of an object"));
    }
    let namespace = fields.text(metadata, "namespace").unwrap_or_default();
    if !is_namespaced && !namespace.is_empty() {
        let place = metadata.get("namespace").unwrap_or(metadata);
        fields.warning(place, "namespace-ignored", "this kind of object is in no namespace: the field is ignored", "leave it out");
    }
    let namespace = if is_namespaced { namespace } else { "" };
    Some(Metadata { name: name.into(), namespace: namespace.into(), labels: fields.labels(metadata, "labels") })
}

const RULE: &[&str] = &["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"];

/// A rule of a ceiling: one of a `ClusterRole`, with `namespaces` beside it.
pub(super) fn ceiling_rule(node: &Node, fields: &mut Fields<'_>) -> Option<Policy> {
    const CEILING: &[&str] = &["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs", "namespaces"];
    Some(policy_with(node, RoleKind::ClusterRole, CEILING, fields)?.value)
}

fn policy(node: &Node, kind: RoleKind, fields: &mut Fields<'_>) -> Option<Placed<Policy>> {
    policy_with(node, kind, RULE, fields)
}

fn policy_with(node: &Node, kind: RoleKind, known: &[&str], fields: &mut Fields<'_>) -> Option<Placed<Policy>> {
    fields.mapping(node, "a rule")?;
    fields.warn_of_unknown(node, "a rule", known);
    let verbs = fields.texts(node, "verbs");
    let [groups, resources, names, paths] =
        ["apiGroups", "resources", "resourceNames", "nonResourceURLs"].map(|key| fields.texts(node, key));
    let mut needs = |is_there: bool, key: &str| {
        if !is_there {
            fields.error(node, "missing-field", format!("this rule has no `{key}`, and the API server refuses it"));
        }
    };
    needs(!verbs.is_empty(), "verbs");
    if paths.is_empty() {
        needs(!groups.is_empty(), "apiGroups");
        needs(!resources.is_empty(), "resources");
    }
    if !paths.is_empty() && kind == RoleKind::Role {
        fields.error(node, "paths-in-a-namespace", "a Role cannot allow `nonResourceURLs`: they are in no namespace");
    }
    let is_about_resources = !groups.is_empty() || !resources.is_empty() || !names.is_empty();
    if !paths.is_empty() && is_about_resources {
        fields.error(node, "resources-and-paths", "a rule is about resources or about `nonResourceURLs`, never about both");
    }
    warn_of_literals(node, fields);
    let objects = if paths.is_empty() { Objects::Resources { groups, resources, names } } else { Objects::Urls(paths) };
    Some(Placed { value: Policy { verbs, objects }, place: fields.place(node) })
}

/// A `*` counts where it stands alone; anywhere else it is a letter that no real request has.
fn warn_of_literals(node: &Node, fields: &mut Fields<'_>) {
    for key in ["verbs", "apiGroups", "resources"] {
        for item in node.get(key).and_then(Node::items).unwrap_or_default() {
            let text = string(item).unwrap_or_default();
            let rest = if key == "resources" { text.strip_prefix("*/").unwrap_or(text) } else { text };
            if text != "*" && rest.contains('*') {
                let help = "a `*` stands alone, or in front of `/` and a subresource";
                fields.warning(item, "grants-nothing", format!("`{text}` is taken literally and allows nothing"), help);
            }
        }
    }
    for item in node.get("resourceNames").and_then(Node::items).unwrap_or_default() {
        if string(item).is_some_and(|text| text.contains('*')) {
            let help = "leave `resourceNames` out to mean every name";
            fields.warning(item, "literal-name", "a `*` in `resourceNames` is a letter of the name", help);
        }
    }
}

fn aggregation(node: &Node, fields: &mut Fields<'_>) -> Option<BTreeSet<Selector>> {
    let rule = field(node, "aggregationRule")?;
    fields.mapping(rule, "`aggregationRule`")?;
    fields.warn_of_unknown(rule, "an aggregation rule", &["clusterRoleSelectors"]);
    let selectors = fields.list(rule, "clusterRoleSelectors");
    if selectors.is_empty() {
        fields.error(rule, "missing-field", "this aggregation rule has no `clusterRoleSelectors`, and the API server refuses it");
    }
    Some(selectors.iter().filter_map(|node| selector(node, fields)).collect())
}

fn selector(node: &Node, fields: &mut Fields<'_>) -> Option<Selector> {
    fields.mapping(node, "a selector")?;
    fields.warn_of_unknown(node, "a selector", &["matchLabels", "matchExpressions"]);
    let labels = fields.labels(node, "matchLabels").into_iter();
    let mut selector: Selector = labels.map(|(key, value)| Requirement::In(key, BTreeSet::from([value]))).collect();
    let expressions = fields.list(node, "matchExpressions");
    selector.extend(expressions.iter().filter_map(|node| requirement(node, fields)));
    Some(selector)
}

fn requirement(node: &Node, fields: &mut Fields<'_>) -> Option<Requirement> {
    fields.mapping(node, "an expression")?;
    fields.warn_of_unknown(node, "an expression", &["key", "operator", "values"]);
    let key: Arc<str> = fields.required(node, "key", "the expression")?.into();
    let operator = fields.required(node, "operator", "the expression")?;
    let values = fields.texts(node, "values");
    let has_values = match operator {
        "In" | "NotIn" => true,
        "Exists" | "DoesNotExist" => false,
        _ => {
            let help = "known are In, NotIn, Exists and DoesNotExist";
            fields.error_with(node, "unknown-operator", format!("`{operator}` is not an operator of a selector"), help);
            return None;
        }
    };
    if has_values == values.is_empty() {
        let what = if has_values { "needs" } else { "cannot have" };
        fields.error(node, "wrong-values", format!("`{operator}` {what} `values`"));
    }
    Some(match operator {
        "In" => Requirement::In(key, values),
        "NotIn" => Requirement::NotIn(key, values),
        "Exists" => Requirement::Exists(key),
        _ => Requirement::DoesNotExist(key),
    })
}

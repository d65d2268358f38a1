//! `RoleBinding` and `ClusterRoleBinding`.

use super::GROUP;
use super::fields::{Fields, field};
use super::role::metadata;
use crate::document::{Node, Placed};
use crate::systems::kubernetes::{Binding, BindingName, Identity, Realm, RoleKind, RoleName};
use std::sync::Arc;

/// Reads a binding. `None` if it has no name; a name alone if the rest cannot be read.
pub(super) fn read(node: &Node, kind: &str, realm: &Realm, fields: &mut Fields<'_>) -> Option<(BindingName, Option<Binding>)> {
    let is_namespaced = kind == "RoleBinding";
    fields.warn_of_unknown(node, "a binding", &["apiVersion", "kind", "metadata", "subjects", "roleRef"]);
    let metadata = metadata(node, is_namespaced, fields)?;
    let namespace = is_namespaced.then_some(metadata.namespace);
    let name = BindingName { namespace: namespace.clone(), name: metadata.name };
    let role = role(node, namespace.as_ref(), fields);
    let subjects = fields.list(node, "subjects");
    let subjects: Vec<Placed<Identity>> = subjects.iter().filter_map(|node| subject(node, namespace.as_ref(), fields)).collect();
    let binding = role.map(|role| Binding { realm: realm.clone(), name: name.clone(), role, subjects, origin: fields.place(node) });
    Some((name, binding))
}

/// A Role is one of the binding's own namespace; a `ClusterRoleBinding` cannot name one.
fn role(node: &Node, namespace: Option<&Arc<str>>, fields: &mut Fields<'_>) -> Option<RoleName> {
    let Some(reference) = field(node, "roleRef") else {
        fields.error(node, "missing-field", "the binding has no `roleRef`");
        return None;
    };
    fields.mapping(reference, "`roleRef`")?;
    fields.warn_of_unknown(reference, "a `roleRef`", &["apiGroup", "kind", "name"]);
    let group = fields.text(reference, "apiGroup").unwrap_or_default();
    if !group.is_empty() && group != GROUP {
        fields.error(reference, "wrong-group", format!("a role is of the group `{GROUP}`, not of `{group}`"));
    }
    let kind = fields.required(reference, "kind", "the `roleRef`");
    let name: Arc<str> = fields.required(reference, "name", "the `roleRef`")?.into();
    match (kind?, namespace) {
        ("ClusterRole", _) => Some(RoleName { kind: RoleKind::ClusterRole, namespace: "".into(), name }),
        ("Role", Some(namespace)) => Some(RoleName { kind: RoleKind::Role, namespace: Arc::clone(namespace), name }),
        ("Role", None) => {
            fields.error(reference, "role-for-the-cluster", "a ClusterRoleBinding cannot bind a Role, which is of one namespace");
            None
        }
        (kind, _) => {
            fields.error(reference, "unknown-kind", format!("`{kind}` is not a kind of role"));
            None
        }
    }
}

fn subject(node: &Node, namespace: Option<&Arc<str>>, fields: &mut Fields<'_>) -> Option<Placed<Identity>> {
    fields.mapping(node, "a subject")?;
    fields.warn_of_unknown(node, "a subject", &["apiGroup", "kind", "name", "namespace"]);
    let kind = fields.required(node, "kind", "the subject");
    let name = fields.required(node, "name", "the subject")?;
    let (group, own_namespace) = (fields.text(node, "apiGroup").unwrap_or_default(), fields.text(node, "namespace").unwrap_or_default());
    let expected = if kind? == "ServiceAccount" { "" } else { GROUP };
    if !group.is_empty() && group != expected {
        fields.error(node, "wrong-group", format!("a subject of this kind is not of the group `{group}`"));
    }
    let value = match kind? {
        "User" => Identity::user(name),
        "Group" => Identity::Group(name.into()),
        "ServiceAccount" => service_account(node, name, own_namespace, namespace, fields)?,
        kind => {
            let help = "known are User, Group and ServiceAccount";
            fields.error_with(node, "unknown-kind", format!("`{kind}` is not a kind of subject"), help);
            return None;
        }
    };
    if kind? != "ServiceAccount" && !own_namespace.is_empty() {
        fields.warning(node, "namespace-ignored", "users and groups are in no namespace: the field is ignored", "leave it out");
    }
    Some(Placed { value, place: fields.place(node) })
}

/// The subject of a `RoleBinding` is in the binding's namespace unless it says otherwise; that of a `ClusterRoleBinding` has to say.
fn service_account(node: &Node, name: &str, own: &str, of_binding: Option<&Arc<str>>, fields: &mut Fields<'_>) -> Option<Identity> {
    if !name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')) {
        fields.error(node, "bad-name", format!("`{name}` cannot be the name of a service account"));
    }
    let namespace: Arc<str> = match (own, of_binding) {
        ("", Some(namespace)) => Arc::clone(namespace),
        ("", None) => {
            fields.error(node, "missing-field", "a service account in a ClusterRoleBinding needs a `namespace`");
            return None;
        }
        (own, _) => own.into(),
    };
    Some(Identity::ServiceAccount { namespace, name: name.into() })
}

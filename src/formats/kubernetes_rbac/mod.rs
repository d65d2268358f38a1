//! Kubernetes RBAC manifests: <https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/>, alone, in `List`s,
//! many in a file.
//!
//! What the API server refuses is an error, and the whole object cannot be told; what it takes with a warning is a warning.

mod binding;
mod fields;
mod joins;
mod role;

use super::{Format, Reading, Setting, may_be_escaped};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{File, Node};
use crate::systems::kubernetes::Realm;
use crate::systems::{Opaque, content_digest};
use fields::Fields;
use memchr::memmem;
use std::sync::Arc;

/// Roles and bindings in manifests.
pub const FORMAT: Format = Format { id: "kubernetes-rbac", claims, may_hold, read };

const GROUP: &str = "rbac.authorization.k8s.io";

fn claims(document: &Node) -> bool {
    is_ours(document) || items_of_list(document).is_some_and(|items| items.iter().any(claims))
}

/// The group may be spelt with an escape; then the file has to be read to know.
fn may_hold(bytes: &[u8]) -> bool {
    memmem::find(bytes, GROUP.as_bytes()).is_some() || may_be_escaped(bytes)
}

fn is_ours(node: &Node) -> bool {
    scalar(node, "apiVersion")
        .is_some_and(|version| version.strip_prefix(GROUP).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// The items of a `List` of anything.
fn items_of_list(node: &Node) -> Option<&[Node]> {
    let is_list = scalar(node, "kind") == Some("List") && scalar(node, "apiVersion") == Some("v1");
    if is_list { node.get("items")?.items() } else { None }
}

fn scalar<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key)?.scalar().map(|scalar| &*scalar.text)
}

fn read(file: &File, setting: &Setting) -> Reading {
    let realm = Realm { name: setting.realm_of(&file.path), assumed: setting.realm.is_none() };
    let mut reader = Reader { file, realm, reading: Reading::default() };
    for document in &file.documents {
        if claims(document) {
            reader.document(document);
        } else if setting.forced {
            let diagnostic = Diagnostic::error("not-rbac", file.place(document.span), format!("this is not an object of `{GROUP}`"));
            reader.refuse(document, None, vec![diagnostic]);
        }
    }
    reader.reading
}

struct Reader<'r> {
    file: &'r File,
    realm: Realm,
    reading: Reading,
}

impl Reader<'_> {
    fn document(&mut self, document: &Node) {
        if let Some(items) = items_of_list(document) {
            return items.iter().filter(|item| claims(item)).for_each(|item| self.document(item));
        }
        let kind = scalar(document, "kind").unwrap_or_default();
        match kind.strip_suffix("List") {
            Some(kind) => self.list(document, kind),
            None => self.object(document, kind),
        }
    }

    /// The items of a `RoleList` need not say what they are.
    fn list(&mut self, list: &Node, kind: &str) {
        match list.get("items").map(Node::items) {
            Some(Some(items)) => items.iter().for_each(|item| self.object(item, scalar(item, "kind").unwrap_or(kind))),
            None => {}
            Some(None) => {
                let diagnostic = Diagnostic::error("wrong-type", self.file.place(list.span), "the items of this list are not a list");
                self.refuse(list, None, vec![diagnostic]);
            }
        }
    }

    fn object(&mut self, node: &Node, kind: &str) {
        let mut fields = Fields::new(self.file);
        let version = scalar(node, "apiVersion").and_then(|version| version.split_once('/')).map_or("v1", |(_, version)| version);
        if !matches!(version, "v1" | "v1beta1") {
            fields.error(node.get("apiVersion").unwrap_or(node), "unknown-version", format!("`{version}` is not a version of `{GROUP}`"));
        }
        let holder = match kind {
            "Role" | "ClusterRole" => self.role(node, kind, &mut fields),
            "RoleBinding" | "ClusterRoleBinding" => self.binding(node, kind, &mut fields),
            _ => {
                let help = "known are Role, ClusterRole, RoleBinding and ClusterRoleBinding";
                fields.error_with(node.get("kind").unwrap_or(node), "unknown-kind", format!("`{kind}` is not a kind of `{GROUP}`"), help);
                None
            }
        };
        if fields.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            self.refuse(node, holder, fields.diagnostics);
        } else {
            self.reading.diagnostics.extend(fields.diagnostics);
        }
    }

    /// Reads a role and says how it is called. It is added only if nothing is wrong with it.
    fn role(&mut self, node: &Node, kind: &str, fields: &mut Fields<'_>) -> Option<String> {
        let role = role::read(node, kind, &self.realm, fields)?;
        let holder = role.name.to_string();
        if fields.is_sound() {
            joins::of_role(&role, &mut self.reading.joins);
            self.reading.access.kubernetes.add_role(role);
        }
        Some(holder)
    }

    fn binding(&mut self, node: &Node, kind: &str, fields: &mut Fields<'_>) -> Option<String> {
        let (name, binding) = binding::read(node, kind, &self.realm, fields)?;
        if let Some(binding) = binding.filter(|_| fields.is_sound()) {
            joins::of_binding(&binding, &mut self.reading.joins);
            self.reading.access.kubernetes.add_binding(binding);
        }
        Some(name.to_string())
    }

    /// An object that the API server would not take, or of which nobody knows what it would make.
    fn refuse(&mut self, node: &Node, holder: Option<String>, diagnostics: Vec<Diagnostic>) {
        let first = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
        let why = first.map_or_else(|| "it cannot be read".to_owned(), |diagnostic| diagnostic.message.clone());
        self.reading.access.kubernetes.add_opaque(Opaque {
            holder: holder.map_or_else(|| Arc::clone(&self.file.path), Into::into),
            realm: Arc::clone(&self.realm.name),
            digest: content_digest(&[&node.canonical()]),
            why,
            place: self.file.place(node.span),
        });
        self.reading.diagnostics.extend(diagnostics);
    }
}

//! What stands inside of an object of another kind and may make a role or a binding, or change one: a whole object, the text of a
//! manifest, as tools that apply what a `ConfigMap` holds take it, and patches, as Argo CD and Flux hand them to kustomize.

use super::unrendered::is_kustomization;
use super::{GROUP, is_not_read, is_ours, is_template_of_ours, may_hold, patch, scalar};
use crate::document::{Bounds, Node, Span, Syntax, parse};

/// One such part.
pub(super) struct Part {
    /// What is made, or the object in which that stands.
    pub(super) holder: String,
    /// What it says, in words that are the same as long as that is.
    pub(super) says: String,
    pub(super) span: Span,
    /// Whether it is a role or a binding as it stands there.
    pub(super) is_object: bool,
}

/// All of them, in order, in a file of that path. What stands in a text or a patch of a kustomization is judged with what that names, and
/// not here.
pub(super) fn parts(document: &Node, path: &str) -> Vec<Part> {
    let looks_into_texts = !(is_kustomization(path) && is_of_kustomize(document));
    let (mut found, mut open) = (Vec::new(), vec![document]);
    while let Some(node) = open.pop() {
        if is_whole(node) {
            found.push(Part { holder: name_of(node), says: node.canonical(), span: node.span, is_object: true });
            continue;
        }
        let of_outer = |says: String| Part { holder: name_of(document), says, span: node.span, is_object: false };
        if looks_into_texts {
            found.extend(node.text().and_then(manifest).map(of_outer));
            found.extend(patches(node).into_iter().map(of_outer));
        }
        open.extend(node.items().unwrap_or_default().iter().rev());
        let is_told = |(key, value): &&(Node, Node)| looks_into_texts && is_list_of_patches(key, value);
        let values = node.entries().unwrap_or_default().iter().filter(|entry| !is_told(entry));
        open.extend(values.map(|(_, value)| value).rev());
    }
    found
}

/// A role or a binding. An object that is only referred to has no `metadata`.
fn is_whole(node: &Node) -> bool {
    (is_ours(node) || is_not_read(node)) && node.get("metadata").is_some_and(|metadata| metadata.entries().is_some())
}

/// The kind and the name of an object.
pub(super) fn name_of(node: &Node) -> String {
    let name = node.get("metadata").and_then(|metadata| scalar(metadata, "name")).unwrap_or_default();
    format!("{}/{name}", scalar(node, "kind").unwrap_or_default().to_ascii_lowercase())
}

/// Other files may have such keys as well: the values of nearly every chart have `resources`.
fn is_of_kustomize(document: &Node) -> bool {
    const OWN: [&str; 7] = ["resources", "bases", "components", "generators", "transformers", "helmCharts", "replacements"];
    let is_kind = scalar(document, "kind").is_none_or(|kind| matches!(kind, "Kustomization" | "Component"));
    is_kind && document.get("spec").is_none() && OWN.iter().chain(&patch::LISTS).any(|key| document.get(key).is_some())
}

/// What a text says that is a manifest with a role or a binding, or a patch of one.
fn manifest(text: &str) -> Option<String> {
    if !(text.contains('\n') || text.trim_start().starts_with(['{', '['])) || !may_hold(text.as_bytes()) {
        return None;
    }
    if let Ok(file) = parse("", text.as_bytes(), Syntax::Yaml, &Bounds::default()) {
        let claimed: Vec<String> = file.documents.iter().filter(|document| super::claims(document)).map(Node::canonical).collect();
        return (!claimed.is_empty()).then(|| claimed.join("\n"));
    }
    // Prose may well speak of the group.
    let is_version = |line: &str| line.trim_start_matches([' ', '-', '"', '\'', '{']).starts_with("apiVersion") && line.contains(GROUP);
    (text.lines().any(is_version) || is_template_of_ours(text.as_bytes())).then(|| text.to_owned())
}

/// Whether these are patches for kustomize; other tools have patches of another form.
fn is_list_of_patches(key: &Node, list: &Node) -> bool {
    let is_one = |item: &Node| item.get("patch").is_some() || (item.get("target").is_some() && item.get("path").is_some());
    let is_named_so = key.scalar().is_some_and(|key| patch::LISTS.contains(&&*key.text));
    is_named_so && list.items().is_some_and(|items| items.iter().any(is_one))
}

/// The patches that a mapping lists of which some role or binding may be meant.
fn patches(node: &Node) -> Vec<String> {
    let lists = node.entries().unwrap_or_default().iter().filter(|(key, value)| is_list_of_patches(key, value));
    let items = lists.flat_map(|(_, value)| value.items().unwrap_or_default());
    items.filter(|item| patch::may_be_of_a_role(item, &|_| None)).map(Node::canonical).collect()
}

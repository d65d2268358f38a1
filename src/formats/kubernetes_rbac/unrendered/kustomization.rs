//! What in a kustomization decides about roles and bindings: what it takes from elsewhere, and what it does to those that it has.

use super::{Tree, join, speaks_of_roles};
use crate::document::Node;
use std::collections::BTreeSet;

const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Keys that make no difference to a role or a binding; `imageTags` is what images were called at first.
const HARMLESS: [&str; 14] = [
    "apiVersion",
    "kind",
    "metadata",
    "images",
    "imageTags",
    "replicas",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "commonAnnotations",
    "buildMetadata",
    "sortOptions",
    "openapi",
    "validators",
];

const LISTS: [&str; 3] = ["resources", "bases", "components"];

const PATCHES: [&str; 3] = ["patches", "patchesStrategicMerge", "patchesJson6902"];

/// Whether a path is that of a kustomization.
pub(super) fn is_one(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| NAMES.contains(&name))
}

/// The inputs that decide, each in words of its own.
pub(super) fn decides(at: &str, path: &str, tree: &Tree<'_>) -> BTreeSet<String> {
    let node = match tree.document(path) {
        Ok(Some(node)) => node,
        Ok(None) => return BTreeSet::new(),
        Err(whole) => return BTreeSet::from([whole]),
    };
    let reaches = reaches(at, &node, tree, &mut BTreeSet::new());
    let mut said = BTreeSet::new();
    for (key, value) in node.entries().unwrap_or_default() {
        let key = key.scalar().map_or("", |scalar| &*scalar.text);
        if LISTS.contains(&key) {
            let items = value.items().unwrap_or_default().iter().filter(|item| takes_roles(at, item, tree));
            // `bases` is what other kustomizations among the resources were called at first.
            let key = if key == "bases" { "resources" } else { key };
            said.extend(items.map(|item| format!("{key} {}", item.canonical())));
        } else if PATCHES.contains(&key) {
            let items = value.items().unwrap_or_default().iter().filter(|item| patches_roles(at, item, tree));
            said.extend(items.map(|item| format!("{key} {}", item.canonical())));
        } else if (reaches || key.starts_with("helm")) && !HARMLESS.contains(&key) {
            said.insert(format!("{key} {}", value.canonical()));
        }
    }
    said
}

/// Whether what an item of a list names has roles, and is not told of by itself.
fn takes_roles(at: &str, item: &Node, tree: &Tree<'_>) -> bool {
    let Some(target) = item.text().and_then(|text| resolved(at, text)) else { return true };
    let is_new = |path: &str| tree.changed.contains(path);
    if tree.paths.contains(&*target) {
        return !is_new(&target) && leads_to_roles(at, item, tree, &mut BTreeSet::new());
    }
    let is_told = NAMES.iter().any(|name| is_new(&join(&target, name)));
    !is_told && leads_to_roles(at, item, tree, &mut BTreeSet::new())
}

/// Whether an item leads to a role or a binding. What is not in the tree may hold any.
fn leads_to_roles(at: &str, item: &Node, tree: &Tree<'_>, seen: &mut BTreeSet<String>) -> bool {
    let Some(target) = item.text().and_then(|text| resolved(at, text)) else { return true };
    if let Some(bytes) = tree.paths.contains(&*target).then(|| (tree.read)(&target)).flatten() {
        return speaks_of_roles(&bytes);
    }
    if !seen.insert(target.clone()) {
        return false;
    }
    match NAMES.iter().map(|name| join(&target, name)).find(|path| tree.paths.contains(&**path)).map(|path| tree.document(&path)) {
        Some(Ok(Some(node))) => reaches(&target, &node, tree, seen),
        _ => true,
    }
}

fn reaches(at: &str, node: &Node, tree: &Tree<'_>, seen: &mut BTreeSet<String>) -> bool {
    let has_charts = node.get("helmCharts").is_some() || node.get("generators").is_some();
    let mut items = LISTS.iter().filter_map(|key| node.get(key)?.items()).flatten();
    has_charts || items.any(|item| leads_to_roles(at, item, tree, seen))
}

/// Whether a patch may be one of a role or a binding. A pattern of kinds may mean any.
fn patches_roles(at: &str, item: &Node, tree: &Tree<'_>) -> bool {
    let kind = item.get("target").map(|target| target.get("kind").and_then(Node::text).unwrap_or(".*"));
    if let Some(kind) = kind {
        return super::super::KINDS.contains(&kind) || !kind.chars().all(char::is_alphanumeric);
    }
    let path = item.get("path").or(Some(item)).and_then(Node::text);
    let inline = item.get("patch").or(Some(item)).and_then(Node::text).filter(|text| text.contains('\n'));
    let named = path.filter(|_| inline.is_none()).and_then(|path| resolved(at, path));
    match (inline, named) {
        (Some(text), _) => speaks_of_roles(text.as_bytes()) || text.contains("kind: Role"),
        (None, Some(path)) => (tree.read)(&path).filter(|_| tree.paths.contains(&*path)).is_none_or(|bytes| speaks_of_roles(&bytes)),
        (None, None) => true,
    }
}

/// The path that a relative one means; `None` for what is not in the tree.
fn resolved(at: &str, text: &str) -> Option<String> {
    if text.contains("://")
        || text.contains("?ref=")
        || text.starts_with("git@")
        || text.starts_with("github.com/")
        || text.starts_with('/')
    {
        return None;
    }
    let mut parts: Vec<&str> = if at.is_empty() { Vec::new() } else { at.split('/').collect() };
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

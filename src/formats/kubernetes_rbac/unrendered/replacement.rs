//! Whether a kustomization writes into roles or bindings what stands in other objects:
//! <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/>, and `vars`, as that was called at first.

use super::super::patch::may_select_a_role;
use super::tree::{Tree, resolved, texts};
use crate::document::Node;

/// Whether an item of `replacements`, or the file that it names, has a role or a binding for its target.
pub(super) fn item_replaces(at: &str, item: &Node, tree: &Tree<'_>) -> bool {
    let Some(path) = item.get("path").and_then(Node::text) else { return targets_a_role(item) };
    let Some(path) = resolved(at, path).filter(|path| tree.paths.contains(&**path)) else { return true };
    tree.documents(&path).map_or(true, |documents| documents.is_empty() || documents.iter().any(targets_some_role))
}

/// A file is one replacement, or a list of them.
fn targets_some_role(document: &Node) -> bool {
    document.items().map_or_else(|| targets_a_role(document), |items| items.iter().any(targets_a_role))
}

/// Whether a target may be a role or a binding, or become one.
fn targets_a_role(replacement: &Node) -> bool {
    let is_one = |target: &Node| {
        let mut fields = Vec::new();
        target.get("fieldPaths").into_iter().for_each(|paths| texts(paths, &mut fields));
        target.get("select").is_none_or(may_select_a_role) || fields.iter().any(|field| matches!(*field, "kind" | "apiVersion"))
    };
    replacement.get("targets").and_then(Node::items).is_none_or(|targets| targets.iter().any(is_one))
}

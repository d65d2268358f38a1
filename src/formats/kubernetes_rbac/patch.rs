//! Patches that may be of a role or a binding, as a kustomization lists them, and Argo CD and Flux in their own objects.

use super::KINDS;
use super::may_be::may_make_a_role;
use crate::document::Node;
use std::borrow::Cow;

/// The keys under which patches are listed.
pub(super) const LISTS: [&str; 3] = ["patches", "patchesStrategicMerge", "patchesJson6902"];

/// Whether an item of such a list may change a role or a binding, or make one of something else. What a path names is asked of `file`,
/// and may be anything if nobody knows it.
pub(super) fn may_be_of_a_role(item: &Node, file: &dyn Fn(&str) -> Option<Vec<u8>>) -> bool {
    // With a target, the kind and the name of the patch itself do not count.
    if item.get("target").is_some_and(may_select_a_role) {
        return true;
    }
    if item.get("target").is_some() && item.get("options").and_then(|options| options.get("allowKindChange")).is_some() {
        return true;
    }
    match (inline(item), path(item)) {
        (Some(text), _) => may_make_a_role(text.as_bytes()),
        (None, Some(path)) => file(path).is_none_or(|bytes| may_make_a_role(&bytes)),
        (None, None) => true,
    }
}

/// Whether what is selected by these words may be a role or a binding. Kinds are a pattern; without one, all are meant.
pub(super) fn may_select_a_role(target: &Node) -> bool {
    let Some(kind) = target.get("kind").and_then(Node::text) else { return true };
    let kinds: Vec<&str> = kind.split('|').map(|kind| kind.trim_matches(['^', '$', '(', ')'])).collect();
    let is_plain = |kind: &&str| !kind.is_empty() && kind.chars().all(char::is_alphanumeric);
    !kinds.iter().all(is_plain) || kinds.iter().any(|kind| KINDS.contains(kind))
}

/// The text of a patch that stands in the list; Flux also takes operations as they are.
fn inline(item: &Node) -> Option<Cow<'_, str>> {
    let whole = |patch: &Node| patch.items().map(|_| Cow::Owned(patch.canonical()));
    let of_patch = |patch: &'_ Node| patch.text().map(|text| Cow::Owned(text.to_owned())).or_else(|| whole(patch));
    item.get("patch").and_then(of_patch).or_else(|| item.text().filter(|text| text.contains('\n')).map(Cow::Borrowed))
}

/// The path of one that stands in a file.
pub(super) fn path(item: &Node) -> Option<&str> {
    item.get("path").or(Some(item)).and_then(Node::text).filter(|_| inline(item).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Bounds, Syntax, parse};

    fn may(text: &str) -> bool {
        let mut documents = parse("k.yaml", text.as_bytes(), Syntax::Yaml, &Bounds::default()).unwrap().documents;
        may_be_of_a_role(&documents.remove(0), &|path| (path == "deployment.yaml").then(|| b"kind: Deployment\n".to_vec()))
    }

    #[test]
    fn a_patch_of_something_else_is_none_of_a_role() {
        assert!(!may("path: deployment.yaml\ntarget: {kind: Deployment}\n"));
        assert!(!may("patch: '[{op: add, path: /spec/replicas, value: 1}]'\ntarget: {kind: (Deployment|DaemonSet)}\n"));
    }

    #[test]
    fn a_patch_with_a_target_is_of_what_the_target_says() {
        assert!(may("path: deployment.yaml\ntarget: {kind: ClusterRole}\n"));
        assert!(may("path: deployment.yaml\ntarget: {kind: Deployment|Role}\n"));
        assert!(may("path: deployment.yaml\ntarget: {kind: .*Role}\n"));
        assert!(may("path: deployment.yaml\ntarget: {labelSelector: a=b}\n"));
    }

    #[test]
    fn a_patch_that_changes_the_kind_may_make_a_role() {
        assert!(may("path: deployment.yaml\ntarget: {kind: ConfigMap}\noptions: {allowKindChange: true}\n"));
        assert!(may("patch: '[{op: replace, path: /kind, value: Any}]'\ntarget: {kind: ConfigMap}\n"));
    }

    #[test]
    fn a_patch_that_is_not_there_may_be_any() {
        assert!(may("path: elsewhere.yaml\n"));
    }
}

//! What in a kustomization decides about roles and bindings: what it takes from elsewhere, and what it does to those that it has.

use super::super::may_be::{may_hold_a_role, may_make_a_role};
use super::super::{aws_auth, is_patch, patch};
use super::replacement::item_replaces;
use super::tree::{Tree, resolved, texts};
use super::{directory, is_read, join};
use crate::document::Node;
use std::collections::BTreeSet;
use std::sync::Arc;

const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Keys that make no difference to a role or a binding; `imageTags` is what images were called at first.
const HARMLESS: [&str; 11] = [
    "apiVersion",
    "kind",
    "metadata",
    "images",
    "imageTags",
    "replicas",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "sortOptions",
    "validators",
];

const LISTS: [&str; 3] = ["resources", "bases", "components"];

/// Whether a path is that of a kustomization.
pub(in super::super) fn is_one(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| NAMES.contains(&name))
}

/// The kustomizations that changed or name a changed file, and those that may write what stands in one into something else. Nobody knows
/// what one names that cannot be parsed.
pub(super) fn touched(tree: &Tree<'_>) -> BTreeSet<Arc<str>> {
    let read = |path: &'_ Arc<str>| Kustomization::read(path, tree).ok().flatten();
    let all: Vec<(&Arc<str>, Option<Kustomization>)> =
        tree.paths.iter().filter(|path| is_one(path)).map(|path| (path, read(path))).collect();
    let names_a_changed_one = |of: &Kustomization| of.names().iter().any(|name| tree.changed.contains(&**name));
    let is_touched =
        |(path, read): &&(&Arc<str>, Option<Kustomization>)| tree.changed.contains(*path) || read.as_ref().is_none_or(names_a_changed_one);
    let mut touched: BTreeSet<Arc<str>> = all.iter().filter(is_touched).map(|(path, _)| Arc::clone(path)).collect();
    let above = above(&touched, &all);
    let may_take = |(path, read): &&(&Arc<str>, Option<Kustomization>)| {
        above.contains(directory(path)) && read.as_ref().is_some_and(|read| read.takes_from_others(tree))
    };
    touched.extend(all.iter().filter(may_take).map(|(path, _)| Arc::clone(path)));
    touched
}

/// The directories of some kustomizations, and of all that name one of these.
fn above(touched: &BTreeSet<Arc<str>>, all: &[(&Arc<str>, Option<Kustomization>)]) -> BTreeSet<String> {
    let mut reached: BTreeSet<String> = touched.iter().map(|path| directory(path).to_owned()).collect();
    let named = all.iter().filter_map(|(path, read)| Some((directory(path), read.as_ref()?.names())));
    let mut open: Vec<(&str, BTreeSet<String>)> = named.collect();
    loop {
        let (more, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, names)| !names.is_disjoint(&reached));
        if more.is_empty() {
            return reached;
        }
        reached.extend(more.into_iter().map(|(at, _)| at.to_owned()));
        open = rest;
    }
}

/// The inputs that decide, each in words of its own.
pub(super) fn decides(path: &str, tree: &Tree<'_>) -> BTreeSet<String> {
    match Kustomization::read(path, tree) {
        Ok(Some(kustomization)) => kustomization.decides(tree),
        Ok(None) => BTreeSet::new(),
        Err(whole) => {
            let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
            let named = tree.changed.iter().filter(|path| whole.contains(&name(path)) && tree.paths.contains(*path));
            let mut said: BTreeSet<String> = named.map(|path| tree.said(path)).collect();
            said.insert(whole);
            said
        }
    }
}

/// A kustomization that can be parsed.
pub(super) struct Kustomization {
    pub(super) at: String,
    pub(super) node: Node,
}

impl Kustomization {
    /// `Err` with its text if it is no one document.
    fn read(path: &str, tree: &Tree<'_>) -> Result<Option<Self>, String> {
        Ok(tree.document(path)?.map(|node| Self { at: directory(path).to_owned(), node }))
    }

    /// The one of a directory; `None` if there is none that can be parsed.
    fn of(directory: &str, tree: &Tree<'_>) -> Option<Self> {
        let path = NAMES.iter().map(|name| join(directory, name)).find(|path| tree.paths.contains(&**path))?;
        Self::read(&path, tree).ok().flatten()
    }

    pub(super) fn items(&self, key: &str) -> impl Iterator<Item = &Node> {
        self.node.get(key).and_then(Node::items).unwrap_or_default().iter()
    }

    fn decides(&self, tree: &Tree<'_>) -> BTreeSet<String> {
        let replaces = self.replaces(tree);
        let reaches = replaces || self.is_component() || self.reaches(tree, &mut BTreeSet::new());
        let mut said = BTreeSet::new();
        for (key, value) in self.node.entries().unwrap_or_default() {
            let key = key.scalar().map_or("", |scalar| &*scalar.text);
            let items = || value.items().unwrap_or_default().iter();
            if LISTS.contains(&key) {
                // `bases` is what other kustomizations among the resources were called at first.
                let key = if key == "bases" { "resources" } else { key };
                for item in items().filter(|item| self.takes_roles(item, tree)) {
                    said.insert(format!("{key} {}", item.canonical()));
                    said.extend(self.file(item.text(), tree).filter(|path| !is_read(path)).map(|path| tree.said(&path)));
                }
            } else if patch::LISTS.contains(&key) {
                for item in items().filter(|item| self.patches_roles(item, tree)) {
                    said.insert(format!("{key} {}", item.canonical()));
                    said.extend(self.file(patch::path(item), tree).filter(|path| !is_told(path, tree)).map(|path| tree.said(&path)));
                }
            } else if key == "replacements" {
                for item in items().filter(|item| item_replaces(&self.at, item, tree)) {
                    said.insert(format!("{key} {}", item.canonical()));
                }
            } else if (key.starts_with("helm") || reaches || self.makes_roles(value, tree)) && !HARMLESS.contains(&key) {
                said.insert(format!("{key} {}", value.canonical()));
                said.extend(self.named(value, tree).iter().map(|path| tree.said(path)));
            } else if key.ends_with("Generator") && (replaces || value.canonical().contains(aws_auth::NAME)) {
                said.insert(format!("{key} {}", value.canonical()));
                said.extend(self.named(value, tree).iter().map(|path| tree.said(path)));
            }
        }
        if replaces {
            said.extend(self.reached(tree).iter().map(|path| tree.said(path)));
        } else if self.alters_roles(tree) {
            let holds_roles = |path: &str| tree.bytes(path).is_some_and(|bytes| may_hold_a_role(&bytes)) && !is_told(path, tree);
            let is_of_roles = |path: &&String| tree.changed.contains(&***path) && holds_roles(path);
            said.extend(self.reached(tree).iter().filter(is_of_roles).map(|path| tree.said(path)));
        }
        if self.node.get("namespace").is_some() {
            said.extend(self.accounts_elsewhere(tree));
        }
        said
    }

    /// Accounts of this that a binding of it names in another namespace: an account that stands here comes into the namespace that is
    /// set, and those that name it go with it.
    fn accounts_elsewhere(&self, tree: &Tree<'_>) -> BTreeSet<String> {
        let reached = self.reached(tree);
        if reached.iter().all(|path| !tree.changed.contains(&**path)) {
            return BTreeSet::new();
        }
        let documents: Vec<Node> = reached.iter().flat_map(|path| tree.documents(path).unwrap_or_default()).collect();
        let text = |node: &Node, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        let is_account = |node: &&Node| text(node, "kind").as_deref() == Some("ServiceAccount");
        let accounts: BTreeSet<String> =
            documents.iter().filter(is_account).filter_map(|account| text(account.get("metadata")?, "name")).collect();
        let subjects = documents.iter().flat_map(|document| document.get("subjects").and_then(Node::items).unwrap_or_default());
        let own = text(&self.node, "namespace");
        let elsewhere = |subject: &&Node| is_account(subject) && text(subject, "namespace") != own;
        let names = subjects.filter(elsewhere).filter_map(|subject| text(subject, "name"));
        names.filter(|name| accounts.contains(name)).map(|name| format!("the account {name}, which stands here")).collect()
    }

    /// Whether it, or a component, makes something else of the roles and bindings that it has: whom a patch selects, and what is left
    /// when it was there, hangs on what stands in them.
    fn alters_roles(&self, tree: &Tree<'_>) -> bool {
        let alters = |of: &Self| {
            let mut patches = patch::LISTS.iter().flat_map(|key| of.items(key));
            patches.any(|item| of.patches_roles(item, tree)) || of.node.canonical().contains("aggregate-to-")
        };
        alters(self) || self.components(tree).iter().any(alters)
    }

    /// A component works on what the kustomizations have that take it in.
    fn is_component(&self) -> bool {
        self.node.get("kind").and_then(Node::text) == Some("Component")
    }

    /// All components, those of components as well.
    pub(super) fn components(&self, tree: &Tree<'_>) -> Vec<Self> {
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        let directories = |of: &Self| -> Vec<String> { of.items("components").filter_map(|item| resolved(&of.at, item.text()?)).collect() };
        let mut open = directories(self);
        while let Some(next) = open.pop() {
            if let Some(component) = seen.insert(next.clone()).then(|| Self::of(&next, tree)).flatten() {
                open.extend(directories(&component));
                found.push(component);
            }
        }
        found
    }

    /// Whether something here takes from objects that it does not name, or alters them.
    fn takes_from_others(&self, tree: &Tree<'_>) -> bool {
        let is_taking = |of: &Self| {
            ["replacements", "vars", "transformers", "generators", "labels", "commonLabels", "namespace"]
                .iter()
                .chain(&patch::LISTS)
                .any(|key| of.node.get(key).is_some())
        };
        is_taking(self) || self.components(tree).iter().any(is_taking)
    }

    /// What may be a path, among all that stands here. A generator writes `key=path`.
    fn names(&self) -> BTreeSet<String> {
        names(&self.at, &self.node)
    }

    /// The files that some part of this names, and those that the kustomizations do which it names.
    pub(super) fn named(&self, part: &Node, tree: &Tree<'_>) -> BTreeSet<String> {
        let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut open: Vec<String> = names(&self.at, part).into_iter().collect();
        while let Some(name) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            if tree.paths.contains(&*name) {
                found.insert(name);
            } else if let Some(inner) = Self::of(&name, tree) {
                found.extend(NAMES.iter().map(|file| join(&name, file)).filter(|path| tree.paths.contains(&**path)));
                open.extend(inner.names());
            }
        }
        found
    }

    /// All files of which it is made, but its own.
    fn reached(&self, tree: &Tree<'_>) -> BTreeSet<String> {
        self.named(&self.node, tree)
    }

    /// The file that a text of this names.
    fn file(&self, text: Option<&str>, tree: &Tree<'_>) -> Option<String> {
        text.and_then(|text| resolved(&self.at, text)).filter(|path| tree.paths.contains(&**path))
    }

    /// Whether a text that stands in a part of this, or in a file which that names, may make a role of something else.
    fn makes_roles(&self, part: &Node, tree: &Tree<'_>) -> bool {
        let mut found = Vec::new();
        texts(part, &mut found);
        let here = found.iter().any(|text| text.contains('\n') && may_make_a_role(text.as_bytes()));
        here || self.named(part, tree).iter().filter_map(|path| tree.bytes(path)).any(|bytes| may_make_a_role(&bytes))
    }

    /// Whether what an item of a list names has roles, and is not told of by itself.
    fn takes_roles(&self, item: &Node, tree: &Tree<'_>) -> bool {
        let Some(target) = item.text().and_then(|text| resolved(&self.at, text)) else { return true };
        let is_new = |path: &str| tree.alone.contains(path);
        let is_told = if tree.paths.contains(&*target) {
            is_read(&target) && is_new(&target)
        } else {
            NAMES.iter().any(|name| is_new(&join(&target, name)))
        };
        !is_told && self.leads_to_roles(item, tree, &mut BTreeSet::new())
    }

    /// Whether an item leads to a role or a binding. What is not in the tree may hold any.
    fn leads_to_roles(&self, item: &Node, tree: &Tree<'_>, seen: &mut BTreeSet<String>) -> bool {
        let Some(target) = item.text().and_then(|text| resolved(&self.at, text)) else { return true };
        if let Some(bytes) = tree.bytes(&target) {
            return may_hold_a_role(&bytes);
        }
        if !seen.insert(target.clone()) {
            return false;
        }
        Self::of(&target, tree).is_none_or(|inner| inner.reaches(tree, seen))
    }

    fn reaches(&self, tree: &Tree<'_>, seen: &mut BTreeSet<String>) -> bool {
        let has_charts = self.node.get("helmCharts").is_some() || self.node.get("generators").is_some();
        has_charts || LISTS.iter().flat_map(|key| self.items(key)).any(|item| self.leads_to_roles(item, tree, seen))
    }

    fn patches_roles(&self, item: &Node, tree: &Tree<'_>) -> bool {
        patch::may_be_of_a_role(item, &|path| tree.bytes(&resolved(&self.at, path)?))
    }

    /// Whether it writes into roles or bindings what stands in other objects, or a component does, which works on what it has.
    fn replaces(&self, tree: &Tree<'_>) -> bool {
        let is_one = |kustomization: &Self| {
            kustomization.node.get("vars").is_some()
                || kustomization.items("replacements").any(|item| item_replaces(&kustomization.at, item, tree))
                || kustomization.transforms_by("ReplacementTransformer", tree)
        };
        is_one(self) || self.components(tree).iter().any(is_one)
    }

    /// Whether a transformer of it, in a file or in the kustomization itself, has a word in its text.
    fn transforms_by(&self, word: &str, tree: &Tree<'_>) -> bool {
        let Some(transformers) = self.node.get("transformers") else { return false };
        let mut found = Vec::new();
        texts(transformers, &mut found);
        let in_files = self.named(transformers, tree).into_iter().filter_map(|path| tree.text(&path)).any(|text| text.contains(word));
        in_files || found.iter().any(|text| text.contains(word))
    }
}

/// Whether a file that holds patches is read by itself and says all that they do.
fn is_told(path: &str, tree: &Tree<'_>) -> bool {
    // What looks like a whole object says nothing of what it leaves as it was, and takes away with `null` and `$patch`.
    is_read(path) && tree.documents(path).is_ok_and(|documents| documents.iter().all(is_patch))
}

fn names(at: &str, part: &Node) -> BTreeSet<String> {
    let mut found = Vec::new();
    texts(part, &mut found);
    let paths = found.into_iter().filter(|text| !text.contains('\n'));
    paths
        .flat_map(|text| [Some(text), text.split_once('=').map(|(_, path)| path)])
        .flatten()
        .filter_map(|text| resolved(at, text))
        .collect()
}

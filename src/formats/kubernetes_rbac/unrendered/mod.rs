//! Directories from which a tool makes manifests, and what in them decides about roles and bindings: charts of Helm
//! (<https://helm.sh/docs/topics/charts/>) and kustomizations (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>).
//!
//! What a tool would make is not worked out. It is only found which of its input could change a role or a binding, so that a change of
//! the rest says nothing, and a change of that is undecided.

mod chart;
mod kustomization;
mod template;

use super::GROUP;
use crate::document::{Bounds, Node, Syntax, parse};
use memchr::memmem;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The files of one side.
pub struct Tree<'t> {
    /// Their paths.
    pub paths: &'t BTreeSet<Arc<str>>,
    /// What is in one of them; `None` if it is not there or cannot be read.
    pub read: &'t dyn Fn(&str) -> Option<Vec<u8>>,
    /// The paths that differ between the sides. What stands in them for itself is told by itself.
    pub changed: &'t BTreeSet<Arc<str>>,
    /// How large a file may be.
    pub bounds: Bounds,
}

/// A directory from which a tool makes manifests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A chart of Helm.
    Chart(Arc<str>),
    /// A kustomization: the directory, and the path of its file.
    Kustomization(Arc<str>, Arc<str>),
}

impl Source {
    /// The sources of which a changed file may be an input; charts by the outermost one.
    pub fn touched(changed: &BTreeSet<Arc<str>>, paths: &BTreeSet<Arc<str>>) -> BTreeSet<Self> {
        let charts = changed.iter().filter(|path| chart::may_be_input(path)).filter_map(|path| chart::around(path, paths));
        let kustomizations = changed.iter().filter(|path| paths.contains(*path) && kustomization::is_one(path));
        let of = |path: &Arc<str>| Self::Kustomization(directory(path).into(), Arc::clone(path));
        charts.map(|chart| Self::Chart(chart.into())).chain(kustomizations.map(of)).collect()
    }

    /// Whether a changed path may be the input of some source, by its name alone.
    pub fn may_be_touched(path: &str) -> bool {
        chart::may_be_input(path) || kustomization::is_one(path)
    }

    /// The directory.
    pub fn directory(&self) -> &Arc<str> {
        let (Self::Chart(directory) | Self::Kustomization(directory, _)) = self;
        directory
    }

    /// The file that makes it one.
    pub fn file(&self) -> Arc<str> {
        match self {
            Self::Chart(directory) => join(directory, "Chart.yaml").into(),
            Self::Kustomization(_, path) => Arc::clone(path),
        }
    }

    /// What decides about the roles and bindings that are made, as far as no other file says it for itself; nothing if none are made.
    pub fn decides(&self, tree: &Tree<'_>) -> BTreeSet<String> {
        match self {
            Self::Chart(directory) => chart::decides(directory, tree),
            Self::Kustomization(directory, path) => kustomization::decides(directory, path, tree),
        }
    }

    /// The command that shows what is made.
    pub fn command(&self) -> String {
        let directory = match &**self.directory() {
            "" => ".",
            directory => directory,
        };
        match self {
            Self::Chart(_) => format!("helm template {directory}"),
            Self::Kustomization(..) => format!("kustomize build {directory}"),
        }
    }

    /// What it is.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Chart(_) => "chart",
            Self::Kustomization(..) => "kustomization",
        }
    }
}

/// Whether a text may make a role or a binding.
fn speaks_of_roles(bytes: &[u8]) -> bool {
    let words: [&[u8]; 5] = [GROUP.as_bytes(), b"roleRef", b"nonResourceURLs", b"clusterRoleSelectors", b"kind: ClusterRole"];
    words.iter().any(|word| memmem::find(bytes, word).is_some()) || super::is_template_of_ours(bytes)
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

impl Tree<'_> {
    fn text(&self, path: &str) -> Option<String> {
        self.paths.contains(path).then(|| (self.read)(path)).flatten().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The one document of a file. `Err` if it is there and is not one document.
    fn document(&self, path: &str) -> Result<Option<Node>, String> {
        let Some(bytes) = self.paths.contains(path).then(|| (self.read)(path)).flatten() else { return Ok(None) };
        let parsed = parse(path, &bytes, Syntax::Yaml, &self.bounds);
        match parsed.map(|file| file.documents) {
            Ok(mut documents) if documents.len() < 2 => Ok(documents.pop()),
            _ => Err(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
}

/// `key` and all that is below it, a line a value, each by its path with dots.
fn leaves(node: &Node, path: &str, into: &mut Vec<(String, String)>) {
    match node.entries() {
        Some(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                let key = key.scalar().map_or_else(|| key.canonical(), |scalar| scalar.text.to_string());
                leaves(value, &if path.is_empty() { key } else { format!("{path}.{key}") }, into);
            }
        }
        _ => into.push((path.to_owned(), node.canonical())),
    }
}

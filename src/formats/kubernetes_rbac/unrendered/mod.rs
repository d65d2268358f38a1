//! Directories from which a tool makes manifests, and what in them decides about roles and bindings: charts of Helm
//! (<https://helm.sh/docs/topics/charts/>) and kustomizations (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>).
//!
//! What a tool would make is not worked out. It is only found which of its input could change a role or a binding, so that a change of
//! the rest says nothing, and a change of that is undecided.

mod action;
mod chart;
mod kustomization;
mod relevance;
mod replacement;
mod template;
mod tree;

pub(super) use kustomization::is_one as is_kustomization;
use std::collections::BTreeSet;
use std::sync::Arc;
pub use tree::Tree;

/// A directory from which a tool makes manifests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A chart of Helm.
    Chart(Arc<str>),
    /// A kustomization: the directory, and the path of its file.
    Kustomization(Arc<str>, Arc<str>),
}

impl Source {
    /// The sources of one side of which a changed file may be an input; charts by the outermost one.
    pub fn touched(tree: &Tree<'_>) -> BTreeSet<Self> {
        let charts = tree.changed.iter().filter_map(|path| chart::around(path, tree.paths));
        let of = |path: Arc<str>| Self::Kustomization(directory(&path).into(), path);
        charts.map(|chart| Self::Chart(chart.into())).chain(kustomization::touched(tree).into_iter().map(of)).collect()
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
            Self::Kustomization(_, path) => kustomization::decides(path, tree),
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

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

/// Whether a file is read by itself, as one of YAML or JSON.
fn is_read(path: &str) -> bool {
    matches!(extension(path), "yaml" | "yml" | "json")
}

/// The end of a file's name behind the last dot.
fn extension(path: &str) -> &str {
    path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, extension)| extension)
}

//! What in a chart decides about roles and bindings: the templates that make some, what these call, and the values that they read.

use super::template::{Template, related};
use super::{Tree, directory, join, leaves, speaks_of_roles};
use crate::document::Node;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether a path may be that of an input, by its name alone.
pub(super) fn may_be_input(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_values = name.starts_with("values") || (name.contains("values") && ends(name, &["yaml", "yml"]));
    let is_own = is_values || ends(name, &["tpl", "tgz"]) || matches!(name, "Chart.yaml" | "Chart.lock" | "requirements.yaml");
    is_own || directory(path).split('/').any(|part| matches!(part, "templates" | "charts" | "files"))
}

fn ends(name: &str, extensions: &[&str]) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
}

/// The outermost chart that a path lies in.
pub(super) fn around<'p>(path: &'p str, paths: &BTreeSet<Arc<str>>) -> Option<&'p str> {
    let ends = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at));
    ends.filter_map(|end| path.get(..end)).find(|directory| paths.contains(&*join(directory, "Chart.yaml")))
}

/// The inputs that decide, each in words of its own.
pub(super) fn decides(chart: &str, tree: &Tree<'_>) -> BTreeSet<String> {
    Chart::read(chart, tree).decides(tree)
}

struct Chart {
    directory: String,
    /// Those that make roles or bindings, and what they call.
    relevant: Vec<Template>,
    /// All that its templates and those of the charts inside it define.
    defines: BTreeSet<String>,
    manifest: Option<Node>,
    inner: Vec<Chart>,
}

impl Chart {
    fn read(chart: &str, tree: &Tree<'_>) -> Self {
        let below = format!("{}/", join(chart, "templates"));
        let templates = tree.paths.range(Arc::from(&*below)..).take_while(|path| path.starts_with(&*below));
        let templates: Vec<Template> = templates.flat_map(|path| Template::parts(path, &tree.text(path).unwrap_or_default())).collect();
        let charts = format!("{}/", join(chart, "charts"));
        let inner: BTreeSet<String> = tree
            .paths
            .range(Arc::from(&*charts)..)
            .map_while(|path| path.strip_prefix(&*charts))
            .filter_map(|rest| rest.strip_suffix("/Chart.yaml").filter(|name| !name.contains('/')))
            .map(|name| format!("{charts}{name}"))
            .collect();
        let inner: Vec<Self> = inner.iter().map(|chart| Self::read(chart, tree)).collect();
        let from_inside = inner.iter().flat_map(|chart| &chart.defines);
        let defines = templates.iter().flat_map(|template| &template.defines).chain(from_inside).cloned().collect();
        Self {
            directory: chart.to_owned(),
            relevant: relevant(templates, &inner, &defines),
            manifest: tree.document(&join(chart, "Chart.yaml")).unwrap_or_default(),
            inner,
            defines,
        }
    }

    fn decides(&self, tree: &Tree<'_>) -> BTreeSet<String> {
        let mut said = self.templates();
        let values = self.values(tree);
        if said.is_empty() && values.is_empty() {
            return BTreeSet::new();
        }
        let named = |key: &str| self.manifest.as_ref().and_then(|manifest| manifest.get(key)).map_or_else(String::new, Node::canonical);
        said.insert(format!("name {}", named("name")));
        let missing = self.missing(tree);
        if !missing.is_empty() {
            said.insert(format!("lock {:?}", tree.text(&join(&self.directory, "Chart.lock"))));
        }
        said.extend(missing.into_iter().map(|(_, said)| format!("dependency {said}")));
        for path in self.value_files(tree) {
            match tree.document(&path) {
                Ok(node) => {
                    let mut found = Vec::new();
                    if let Some(node) = &node {
                        leaves(node, "", &mut found);
                    }
                    let read = found.into_iter().filter(|(key, _)| values.iter().any(|value| related(key, value)));
                    said.extend(read.map(|(key, value)| format!("value {path} {key} {value}")));
                }
                Err(whole) => {
                    said.insert(format!("values {path} {whole}"));
                }
            }
        }
        if self.relevant.iter().any(Template::reads_files) {
            let below = join(&self.directory, "");
            let others = tree.paths.range(Arc::from(&*below)..).take_while(|path| path.starts_with(&*below));
            let others = others.filter(|path| !path.contains("/templates/") && !path.contains("/charts/"));
            said.extend(others.filter_map(|path| Some(format!("file {path} {}", tree.text(path)?))));
        }
        said
    }

    /// The relevant templates of this chart and those inside, but for those that are told of by themselves.
    fn templates(&self) -> BTreeSet<String> {
        let said = |template: &Template| {
            let text = if is_told_by_itself(template) { "" } else { &template.text };
            format!("template {} {text}", template.path)
        };
        self.relevant.iter().map(said).chain(self.inner.iter().flat_map(Self::templates)).collect()
    }

    /// The paths of the values that matter, as this chart names them.
    fn values(&self, tree: &Tree<'_>) -> BTreeSet<String> {
        let mut values: BTreeSet<String> = self.relevant.iter().flat_map(Template::values).collect();
        values.extend(self.missing(tree).into_iter().flat_map(|(names, _)| names));
        for inner in &self.inner {
            let (name, own) = (inner.directory.rsplit('/').next().unwrap_or_default(), inner.values(tree));
            if own.is_empty() && inner.relevant.is_empty() {
                continue;
            }
            values.extend([format!("{name}.enabled"), "global".to_owned(), "tags".to_owned()]);
            let names = self.dependencies().into_iter().filter(|(own, _)| own.iter().any(|own| own == name)).flat_map(|(names, _)| names);
            for name in names.chain([name.to_owned()]) {
                values.extend(own.iter().map(|path| if path.is_empty() { name.clone() } else { format!("{name}.{path}") }));
            }
        }
        values
    }

    /// What the chart takes in: the names of each, and all that is said of it.
    fn dependencies(&self) -> Vec<(Vec<String>, String)> {
        let list = self.manifest.as_ref().and_then(|manifest| manifest.get("dependencies")).and_then(Node::items).unwrap_or_default();
        let texts = |node: &Node| ["name", "alias"].iter().filter_map(|key| node.get(key)?.text().map(str::to_owned)).collect();
        list.iter().map(|node| (texts(node), node.canonical())).collect()
    }

    /// Dependencies whose templates are not in the tree as files: nobody can tell what they make.
    fn missing(&self, tree: &Tree<'_>) -> Vec<(Vec<String>, String)> {
        let is_here =
            |names: &[String]| names.iter().any(|name| tree.paths.contains(&*join(&self.directory, &format!("charts/{name}/Chart.yaml"))));
        self.dependencies().into_iter().filter(|(names, _)| !is_here(names)).collect()
    }

    /// The files of values that stand in the chart, and those of the charts inside it, which are their defaults.
    fn value_files(&self, tree: &Tree<'_>) -> Vec<String> {
        let below = if self.directory.is_empty() { String::new() } else { format!("{}/", self.directory) };
        let names = tree.paths.range(Arc::from(&*below)..).map_while(|path| path.strip_prefix(&*below));
        let is_values = |name: &&str| !name.contains('/') && name.contains("values") && ends(name, &["yaml", "yml"]);
        names.filter(is_values).map(|name| format!("{below}{name}")).collect()
    }
}

/// A template that speaks of roles in a file that is read as a manifest is undecided there.
fn is_told_by_itself(template: &Template) -> bool {
    let name = template.path.rsplit('/').next().unwrap_or_default();
    let is_read = ends(name, &["yaml", "yml", "json"]);
    is_read && speaks_of_roles(template.text.as_bytes())
}

/// The templates that speak of roles, those that call one which does, and all that any of them calls. One that makes nothing by itself
/// and calls what is not here may make anything.
fn relevant(templates: Vec<Template>, inner: &[Chart], defined: &BTreeSet<String>) -> Vec<Template> {
    let inside: BTreeSet<&String> = inner.iter().flat_map(|chart| &chart.relevant).flat_map(|template| &template.defines).collect();
    let makes_something = |template: &Template| template.text.contains("kind:") || !template.defines.is_empty();
    let starts = |template: &Template| {
        speaks_of_roles(template.text.as_bytes())
            || template.calls.iter().any(|name| inside.contains(name))
            || (!makes_something(template) && !template.calls.is_subset(defined))
    };
    let mut is_relevant: Vec<bool> = templates.iter().map(starts).collect();
    let calls = |one: &Template, other: &Template| !one.calls.is_disjoint(&other.defines);
    grow(&templates, &mut is_relevant, &|template, other| calls(template, other));
    grow(&templates, &mut is_relevant, &|template, other| calls(other, template));
    templates.into_iter().zip(is_relevant).filter(|(_, is)| *is).map(|(template, _)| template).collect()
}

/// Marks what belongs to a marked one, until nothing more does.
fn grow(templates: &[Template], marked: &mut Vec<bool>, belongs: &dyn Fn(&Template, &Template) -> bool) {
    loop {
        let by_some = |template: &Template| templates.iter().zip(&*marked).any(|(other, is)| *is && belongs(template, other));
        let more: Vec<bool> = templates.iter().zip(&*marked).map(|(template, is)| *is || by_some(template)).collect();
        if more == *marked {
            return;
        }
        *marked = more;
    }
}

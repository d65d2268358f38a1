//! What in a chart decides about roles and bindings: the templates that make some, what these call, and the values that they read.

use super::super::may_be::has_some;
use super::super::{GROUP, claims, is_template_of_ours};
use super::relevance::Relevant;
use super::template::{Template, related};
use super::tree::{Tree, leaves, texts};
use super::{extension, is_read, join};
use crate::document::Node;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// What is no file of a chart to its templates.
const OWN: [&str; 6] = ["Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.yaml", "values.schema.json"];

/// The outermost chart that a path lies in.
pub(super) fn around<'p>(path: &'p str, paths: &BTreeSet<Arc<str>>) -> Option<&'p str> {
    let ends = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at));
    ends.filter_map(|end| path.get(..end)).find(|directory| paths.contains(&*join(directory, "Chart.yaml")))
}

/// The inputs that decide, each in words of its own.
pub(super) fn decides(chart: &str, tree: &Tree<'_>) -> BTreeSet<String> {
    let mut templates = Vec::new();
    let chart = Chart::read(chart, tree, &mut templates);
    if templates.iter().any(Template::applies) {
        let applied = chart.applied(&templates);
        templates.extend(applied);
    }
    chart.decides(&Relevant::of(templates))
}

struct Chart<'t> {
    tree: &'t Tree<'t>,
    directory: String,
    manifest: Option<Node>,
    dependencies: Vec<Node>,
    /// Where its templates stand among all.
    templates: Range<usize>,
    inner: Vec<Self>,
}

impl<'t> Chart<'t> {
    fn read(directory: &str, tree: &'t Tree<'t>, templates: &mut Vec<Template>) -> Self {
        let start = templates.len();
        templates.extend(tree.below(&join(directory, "templates")).flat_map(|path| parts(path, tree)));
        let own = start..templates.len();
        let charts = join(directory, "charts");
        let manifests = tree.below(&charts).filter_map(|path| path.strip_suffix("/Chart.yaml"));
        let inner: Vec<&str> = manifests.filter(|inner| inner.rsplit_once('/').is_some_and(|(above, _)| above == charts)).collect();
        let document = |name: &str| tree.document(&join(directory, name)).unwrap_or_default();
        let manifest = document("Chart.yaml");
        let older = document("requirements.yaml");
        let listed = |node: &Option<Node>| node.as_ref().and_then(|node| node.get("dependencies")?.items()).unwrap_or_default().to_vec();
        Self {
            tree,
            directory: directory.to_owned(),
            dependencies: [listed(&manifest), listed(&older)].concat(),
            manifest,
            templates: own,
            inner: inner.into_iter().map(|inner| Self::read(inner, tree, templates)).collect(),
        }
    }

    /// What `tpl` may be handed, in this chart and in those inside it: texts among the values, and files. Values of a chart inside may stand
    /// in any chart around it.
    fn applied(&self, templates: &[Template]) -> Vec<Template> {
        let own = templates.get(self.templates.clone()).unwrap_or_default();
        let starts: BTreeSet<String> = own.iter().filter(|template| template.applies_files()).flat_map(Template::files).collect();
        let mut found: Vec<Template> = self.inner.iter().flat_map(|inner| inner.applied(templates)).collect();
        for path in self.files() {
            let documents = if is_read(path) { self.tree.documents(path).unwrap_or_default() } else { Vec::new() };
            let mut all = Vec::new();
            for document in &documents {
                texts(document, &mut all);
            }
            found.extend(all.into_iter().filter(|text| text.contains("{{")).map(|text| Template::applied(path, text)));
            if starts.iter().any(|start| self.within(path).starts_with(&**start)) {
                found.extend(self.tree.text(path).filter(|text| text.contains("{{")).map(|text| Template::applied(path, &text)));
            }
        }
        found
    }

    /// The path of a file within the chart.
    fn within<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(&*self.directory).unwrap_or(path).trim_start_matches('/')
    }

    fn name(&self) -> &str {
        self.directory.rsplit('/').next().unwrap_or_default()
    }

    /// Whether it makes roles or bindings, or may do so for all that is known.
    fn makes(&self, relevant: &Relevant) -> bool {
        let own = || !relevant.own(&self.templates).is_empty() || self.missing().next().is_some() || self.archives().next().is_some();
        own() || self.inner.iter().any(|inner| inner.makes(relevant))
    }

    fn decides(&self, relevant: &Relevant) -> BTreeSet<String> {
        if !self.makes(relevant) {
            return BTreeSet::new();
        }
        let mut said: BTreeSet<String> = self.inner.iter().flat_map(|inner| inner.decides(relevant)).collect();
        said.extend(relevant.own(&self.templates).into_iter().map(|template| format!("template {} {}", template.path, template.said)));
        said.extend(self.manifest(relevant));
        said.extend(self.ignored().map(|line| format!("ignored {} {line}", self.directory)));
        said.extend(self.deciding_dependencies(relevant).map(|node| format!("dependency {}", node.canonical())));
        said.extend(self.archives().map(|path| self.tree.said(path)));
        if self.missing().next().is_some() {
            let locks = ["Chart.lock", "requirements.lock"].map(|name| self.tree.text(&join(&self.directory, name)));
            said.insert(format!("lock {locks:?}"));
        }
        let values = self.values(relevant);
        said.extend(self.values_that_are_read(&values));
        said.extend(self.defaults_that_are_read(&values));
        said.extend(self.files_that_are_read(relevant));
        said
    }

    /// What `Chart.yaml` says of the chart itself, and what of it is read. What looks like a version is one: with each release it changes,
    /// and no role is named by it.
    fn manifest(&self, relevant: &Relevant) -> Vec<String> {
        let read: BTreeSet<String> = relevant.read_by(&self.templates).into_iter().flat_map(Template::chart).collect();
        let is_read = |key: &str| read.iter().any(|name| name.is_empty() || name.eq_ignore_ascii_case(key));
        let is_own = |key: &str| matches!(key, "name" | "type" | "apiVersion");
        let mut found = Vec::new();
        self.manifest.iter().for_each(|manifest| leaves(manifest, "", &mut found));
        let first = |key: &str| key.split('.').next().unwrap_or_default().to_owned();
        let found = found.into_iter().filter(|(key, value)| is_own(&first(key)) || (is_read(&first(key)) && !is_version(value)));
        found
            .filter(|(key, _)| first(key) != "dependencies")
            .map(|(key, value)| format!("chart {} {key} {value}", self.directory))
            .collect()
    }

    /// The patterns of files that are none of the chart's.
    fn ignored(&self) -> impl Iterator<Item = String> {
        let text = self.tree.text(&join(&self.directory, ".helmignore")).unwrap_or_default();
        let lines: Vec<String> =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
        lines.into_iter()
    }

    /// The values that matter, in whichever file of the chart they stand: any may be handed in.
    fn values_that_are_read(&self, values: &BTreeSet<String>) -> BTreeSet<String> {
        let files = self.files().filter(|path| is_read(path) && !path.ends_with("values.schema.json"));
        files.flat_map(|path| self.values_in(path, values)).collect()
    }

    /// What charts inside it have by themselves of the values that matter here: Helm puts it below their names, and where this one imports
    /// it anywhere.
    fn defaults_that_are_read(&self, values: &BTreeSet<String>) -> BTreeSet<String> {
        let mut said = BTreeSet::new();
        for inner in &self.inner {
            let names = self.names_of(inner);
            let below = |path: &String| names.iter().find_map(|name| within(path, name));
            let mut own: BTreeSet<String> = values.iter().filter_map(below).collect();
            if self.listing(inner).any(|dependency| dependency.get("import-values").is_some()) {
                own.insert(String::new());
            }
            if own.is_empty() {
                continue;
            }
            said.extend(inner.values_in(&join(&inner.directory, "values.yaml"), &own));
            said.extend(inner.defaults_that_are_read(&own));
        }
        said
    }

    /// The values that matter in one file.
    fn values_in(&self, path: &str, values: &BTreeSet<String>) -> BTreeSet<String> {
        match self.tree.documents(path) {
            Ok(documents) => {
                let mut found = Vec::new();
                documents.iter().filter(|node| node.entries().is_some()).for_each(|node| leaves(node, "", &mut found));
                let read = found.into_iter().filter(|(key, _)| values.iter().any(|value| related(key, value)));
                read.map(|(key, value)| format!("value {path} {key} {value}")).collect()
            }
            Err(whole) if path.rsplit('/').next().unwrap_or_default().contains("values") => {
                BTreeSet::from([format!("values {path} {whole}")])
            }
            // A file that cannot be parsed is told by itself.
            Err(_) => BTreeSet::new(),
        }
    }

    /// Other files whose text the templates take.
    fn files_that_are_read(&self, relevant: &Relevant) -> BTreeSet<String> {
        let starts: BTreeSet<String> = relevant.read_by(&self.templates).into_iter().flat_map(Template::files).collect();
        let is_taken = |path: &&Arc<str>| {
            let own = self.within(path);
            !OWN.contains(&own) && starts.iter().any(|start| own.starts_with(&**start))
        };
        self.files().filter(is_taken).map(|path| self.tree.said(path)).collect()
    }

    /// The files beside its templates and the charts inside it. What is in `crds` is no template and is applied as it is.
    fn files(&self) -> impl Iterator<Item = &'t Arc<str>> {
        let others: Vec<String> = ["templates", "charts", "crds"].map(|name| format!("{}/", join(&self.directory, name))).into();
        let manifest = join(&self.directory, "Chart.yaml");
        self.tree.below(&self.directory).filter(move |path| ***path != *manifest && !others.iter().any(|other| path.starts_with(&**other)))
    }

    /// The paths of the values that matter, as this chart names them.
    fn values(&self, relevant: &Relevant) -> BTreeSet<String> {
        let mut values: BTreeSet<String> = relevant.read_by(&self.templates).into_iter().flat_map(Template::values).collect();
        values.extend(self.missing().flat_map(names));
        values.extend(self.archives().map(|path| named_by(path)));
        for dependency in self.deciding_dependencies(relevant) {
            let condition = dependency.get("condition").and_then(Node::text).unwrap_or_default();
            values.extend(condition.split(',').map(|path| path.trim().to_owned()).filter(|path| !path.is_empty()));
        }
        if self.makes(relevant) && !(self.inner.is_empty() && self.dependencies.is_empty()) {
            values.extend(["global".to_owned(), "tags".to_owned()]);
        }
        for inner in self.inner.iter().filter(|inner| inner.makes(relevant)) {
            let own = inner.values(relevant);
            for name in self.names_of(inner) {
                values.insert(format!("{name}.enabled"));
                values.extend(own.iter().map(|path| if path.is_empty() { name.clone() } else { format!("{name}.{path}") }));
            }
        }
        values
    }

    /// The dependencies that are a chart inside it.
    fn listing<'s>(&'s self, inner: &'s Self) -> impl Iterator<Item = &'s Node> {
        self.dependencies.iter().filter(|node| names(node).iter().any(|name| name == inner.name() || Some(&**name) == inner.own_name()))
    }

    /// What a chart inside it may be called here: as its directory, as it calls itself, and as this one calls it.
    fn names_of(&self, inner: &Self) -> BTreeSet<String> {
        let own = [Some(inner.name()), inner.own_name()].into_iter().flatten().map(str::to_owned);
        self.listing(inner).flat_map(names).chain(own).collect()
    }

    fn own_name(&self) -> Option<&str> {
        self.manifest.as_ref()?.get("name")?.text()
    }

    /// Dependencies of which roles or bindings may come.
    fn deciding_dependencies<'s>(&'s self, relevant: &'s Relevant) -> impl Iterator<Item = &'s Node> {
        self.dependencies.iter().filter(|node| {
            let names = names(node);
            let mut inner = self.inner.iter().filter(|inner| names.iter().any(|name| name == inner.name())).peekable();
            inner.peek().is_none() || inner.any(|inner| inner.makes(relevant))
        })
    }

    /// Dependencies whose templates are not in the tree as files: nobody can tell what they make.
    fn missing(&self) -> impl Iterator<Item = &Node> {
        self.dependencies.iter().filter(|node| !names(node).iter().any(|name| self.inner.iter().any(|inner| inner.name() == name)))
    }

    /// Charts inside it that are packed; whether or not it lists them, all are loaded.
    fn archives(&self) -> impl Iterator<Item = &'t Arc<str>> {
        let charts = join(&self.directory, "charts");
        self.tree
            .below(&charts)
            .filter(move |path| path.rsplit_once('/').is_some_and(|(above, name)| above == charts && extension(name) == "tgz"))
    }
}

/// A path as it goes on below a name; the path of all values, or of all below the name, is the empty one there.
fn within(path: &str, name: &str) -> Option<String> {
    let rest = if path.is_empty() { "" } else { path.strip_prefix(name)? };
    rest.is_empty().then(String::new).or_else(|| rest.strip_prefix('.').map(str::to_owned))
}

/// What a dependency is called here.
fn names(dependency: &Node) -> Vec<String> {
    ["name", "alias"].iter().filter_map(|key| dependency.get(key)?.text().map(str::to_owned)).collect()
}

/// `sub` of `charts/sub-1.0.0.tgz`.
fn named_by(archive: &str) -> String {
    let name = archive.rsplit('/').next().unwrap_or_default();
    let version = name
        .match_indices('-')
        .find(|(at, _)| name.get(at + 1..).is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit())));
    version.and_then(|(at, _)| name.get(..at)).unwrap_or(name).to_owned()
}

fn is_version(value: &str) -> bool {
    let value = value.trim_matches('"');
    let value = value.strip_prefix('v').unwrap_or(value);
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '+');
    value.starts_with(|digit: char| digit.is_ascii_digit()) && value.chars().all(is_part)
}

/// The templates of a file, with what of them no reader of manifests tells.
fn parts(path: &str, tree: &Tree<'_>) -> Vec<Template> {
    let text = tree.text(path).unwrap_or_default();
    let mut parts = Template::parts(path, &text);
    let untold = untold(path, &text, tree);
    for part in &mut parts {
        part.said = untold.clone().unwrap_or_else(|| part.text.clone());
    }
    parts
}

/// What of a file does not stand in a manifest that is undecided by itself; `None` if that is all of it.
fn untold(path: &str, text: &str, tree: &Tree<'_>) -> Option<String> {
    if !is_read(path) {
        return None;
    }
    match tree.parsed(path, text.as_bytes()) {
        Some(documents) => Some(documents.iter().filter(|document| !claims(document)).map(Node::canonical).collect::<Vec<_>>().join("\n")),
        None if has_some(text.as_bytes(), &[GROUP]) || is_template_of_ours(text.as_bytes()) => Some(String::new()),
        None => None,
    }
}

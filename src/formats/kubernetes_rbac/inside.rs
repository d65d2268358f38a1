//! What stands inside of an object of another kind and may make a role or a binding, or change one: a whole object, the text of a
//! manifest, as tools that apply what a `ConfigMap` holds take it, and patches, as Argo CD and Flux hand them to kustomize.

use super::unrendered::is_kustomization;
use super::{GROUP, KINDS, is_not_read, is_ours, is_template_of_ours, makers, may_hold, patch, scalar};
use crate::document::{Bounds, Node, Span, Syntax, parse};

/// One such part.
pub(super) struct Part {
    /// What is made, or the object in which that stands.
    pub(super) holder: String,
    /// What it says, in words that are the same as long as that is.
    pub(super) says: String,
    pub(super) span: Span,
    pub(super) what: What,
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A role or a binding as it stands there.
    Object,
    /// What makes or changes one.
    Text,
    /// What an object of this kind says of access, by which another program makes some.
    Maker(&'static str),
}

/// A text in a text is looked into so often; what is deeper is taken as it stands.
pub(super) const LEVELS: usize = 4;

/// All of them, in order, in a file of that path. What stands in a text or a patch of a kustomization is judged with what that names, and
/// not here.
pub(super) fn parts(document: &Node, path: &str) -> Vec<Part> {
    parts_within(document, path, LEVELS)
}

/// The same, for a document below which texts are looked into so many levels deep.
pub(super) fn parts_within(document: &Node, path: &str, levels: usize) -> Vec<Part> {
    let looks_into_texts = !(is_kustomization(path) && is_of_kustomize(document));
    let (mut found, mut open) = (Vec::new(), vec![document]);
    while let Some(node) = open.pop() {
        if makes_roles(node) {
            found.push(Part { holder: name_of(document), says: node.canonical(), span: node.span, what: What::Text });
            continue;
        }
        if is_whole(node) {
            found.push(Part { holder: name_of(node), says: with_parameters(node, document), span: node.span, what: What::Object });
            continue;
        }
        if let Some(makers::Said { kind, says, span }) = makers::said(node) {
            found.push(Part { holder: makers::without_version(&name_of(node)).to_owned(), says, span, what: What::Maker(kind) });
        }
        let of_outer = |says: String| Part { holder: name_of(document), says, span: node.span, what: What::Text };
        if looks_into_texts {
            found.extend(node.text().and_then(|text| manifest(text, levels)).map(of_outer));
            found.extend(patches(node).into_iter().map(of_outer));
        }
        open.extend(node.items().unwrap_or_default().iter().rev());
        let is_told = |(key, value): &&(Node, Node)| looks_into_texts && is_list_of_patches(key, value);
        let values = node.entries().unwrap_or_default().iter().filter(|entry| !is_told(entry));
        open.extend(values.map(|(_, value)| value).rev());
    }
    found
}

/// Whether this is a rule of Kyverno that makes or changes roles or bindings. For what, when and from what is as much as what it makes:
/// <https://kyverno.io/docs/policy-types/cluster-policy/generate/>, <https://kyverno.io/docs/policy-types/cluster-policy/mutate/>.
fn makes_roles(node: &Node) -> bool {
    let acts = |key: &str| node.get(key).map(Node::canonical).filter(|_| node.get("match").is_some());
    let names_one = |says: String| says.contains(GROUP) || KINDS.iter().any(|kind| says.contains(kind));
    let is_of = |(group, kind): &(&str, &str)| {
        let is_kind = || scalar(node, "kind").is_some_and(|own| kind.is_empty() || own == *kind);
        scalar(node, "apiVersion").and_then(|version| version.strip_prefix(group)).is_some_and(|rest| rest.starts_with('/')) && is_kind()
    };
    acts("generate").is_some_and(names_one)
        || acts("mutate").is_some_and(|_| names_one(node.canonical()))
        || (MAKES_ANYTHING.iter().any(is_of) && names_one(node.canonical()))
}

/// Groups, and kinds of these, of which an object makes or changes whatever stands in a part of it that is no manifest: compositions of
/// Crossplane (<https://docs.crossplane.io/latest/composition/compositions/>), policies of Kyverno in CEL
/// (<https://kyverno.io/docs/policy-types/generating-policy/>), mutations of Gatekeeper
/// (<https://open-policy-agent.github.io/gatekeeper/website/docs/mutation/>).
const MAKES_ANYTHING: [(&str, &str); 6] = [
    ("apiextensions.crossplane.io", "Composition"),
    ("policies.kyverno.io", "GeneratingPolicy"),
    ("policies.kyverno.io", "NamespacedGeneratingPolicy"),
    ("policies.kyverno.io", "MutatingPolicy"),
    ("policies.kyverno.io", "NamespacedMutatingPolicy"),
    ("mutations.gatekeeper.sh", ""),
];

/// Whether there may be an object in these bytes that makes roles or bindings of something that names no group.
pub(super) fn may_make(has: impl Fn(&&str) -> bool) -> bool {
    (has(&"kyverno.io") || MAKES_ANYTHING.iter().any(|(group, _)| has(group))) && KINDS.iter().any(has)
}

/// A role or a binding. An object that is only referred to has no `metadata`; a rule of Kyverno by which one is generated has `data`, or
/// says what is cloned: <https://kyverno.io/docs/policy-types/cluster-policy/generate/>.
fn is_whole(node: &Node) -> bool {
    let has = |key: &str| node.get(key).is_some_and(|part| part.entries().is_some());
    (is_ours(node) || is_not_read(node)) && ["metadata", "data", "clone"].into_iter().any(has)
}

/// An object in a template of `OpenShift`, with the parameters that are filled in there:
/// <https://docs.redhat.com/en/documentation/openshift_container_platform/4.16/html/images/using-templates>.
fn with_parameters(object: &Node, document: &Node) -> String {
    let mut says = object.canonical();
    let parameters = document.get("parameters").and_then(Node::items).unwrap_or_default();
    for parameter in parameters.iter().filter(|_| document.get("objects").is_some()) {
        let Some(name) = scalar(parameter, "name") else { continue };
        if [format!("${{{name}}}"), format!("${{{{{name}}}}}")].iter().any(|reference| says.contains(reference)) {
            let value = ["value", "generate", "from"].map(|key| parameter.get(key).map(Node::canonical).unwrap_or_default());
            says = format!("{says}\n{name} {}", value.join(" "));
        }
    }
    says
}

/// The kind and the name of an object.
pub(super) fn name_of(node: &Node) -> String {
    let name = node.get("metadata").and_then(|metadata| scalar(metadata, "name")).or_else(|| scalar(node, "name")).unwrap_or_default();
    format!("{}/{name}", scalar(node, "kind").unwrap_or_default().to_ascii_lowercase())
}

/// Other files may have such keys as well: the values of nearly every chart have `resources`.
fn is_of_kustomize(document: &Node) -> bool {
    const OWN: [&str; 7] = ["resources", "bases", "components", "generators", "transformers", "helmCharts", "replacements"];
    let is_kind = scalar(document, "kind").is_none_or(|kind| matches!(kind, "Kustomization" | "Component"));
    is_kind && document.get("spec").is_none() && OWN.iter().chain(&patch::LISTS).any(|key| document.get(key).is_some())
}

/// What a text says that is a manifest with a role or a binding, or a patch of one.
fn manifest(text: &str, levels: usize) -> Option<String> {
    if !text.contains(['\n', '{', '[']) || !may_hold(text.as_bytes()) {
        return None;
    }
    let Some(levels) = levels.checked_sub(1) else { return Some(text.to_owned()) };
    if let Ok(file) = parse("", text.as_bytes(), Syntax::Yaml, &Bounds::default()) {
        // Prose is a document that is a text, which is the same text again.
        let is_claimed = |document: &&Node| document.text() != Some(text) && super::claims_within("", document, levels);
        let claimed: Vec<String> = file.documents.iter().filter(is_claimed).map(Node::canonical).collect();
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

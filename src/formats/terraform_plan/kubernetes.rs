//! What one side of a plan says about Kubernetes: objects in blocks, and manifests.

use super::context::{Context, Which};
use super::kind::Means;
use super::plan::Resource;
use super::statement::{list, map, text};
use super::view::{Told, View};
use crate::diagnostic::Diagnostic;
use crate::document::{Bounds, File, Node, Syntax, parse};
use crate::formats::{Reading, Setting, by_id};
use crate::systems::{Opaque, content_digest};
use std::sync::Arc;

/// What the provider writes in the place of a field that is named among `sensitive_fields`:
/// <https://registry.terraform.io/providers/alekc/kubectl/latest/docs/resources/kubectl_manifest>.
const MASK: &str = "(sensitive value)";

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn read(context: &Context<'_>, which: Which, reading: &mut Reading) {
    let mut reader = Reader { context, which, reading };
    for (resource, view) in context.views(which) {
        match &resource.kind.means {
            Means::Object(kind) => reader.object(kind, resource, view),
            Means::Manifest(attributes) => reader.manifests(attributes, resource, view),
            _ => {}
        }
    }
}

struct Reader<'r, 'p> {
    context: &'r Context<'p>,
    which: Which,
    reading: &'r mut Reading,
}

/// What one block becomes; `None` if some of it is not known or may not be shown.
fn block(view: View<'_>, fields: &[(&'static str, &'static str)]) -> Option<Node> {
    let is_clear = fields.iter().all(|(attribute, _)| !matches!(view.get(attribute).told(), Told::Unknown | Told::Sensitive));
    let entry = |(attribute, key): &(&'static str, &'static str)| {
        let value = view.get(attribute).bare()?;
        let is_empty = value.text() == Some("") || value.items().is_some_and(<[Node]>::is_empty);
        (!is_empty).then(|| (*key, value.clone()))
    };
    is_clear.then(|| map(fields.iter().filter_map(entry)))
}

const RULE: &[(&str, &str)] = &[
    ("api_groups", "apiGroups"),
    ("resources", "resources"),
    ("resource_names", "resourceNames"),
    ("non_resource_urls", "nonResourceURLs"),
    ("verbs", "verbs"),
];

impl<'p> Reader<'_, 'p> {
    fn object(&mut self, kind: &'static str, resource: &'p Resource, view: View<'p>) {
        let metadata = view.block("metadata");
        let name = metadata.get("name").text().map(|name| holder(kind, name, metadata.get("namespace").text()));
        let name = name.unwrap_or_else(|| resource.address.to_string());
        let (whole, is_clear) = if kind.ends_with("Binding") { binding(view) } else { role(view) };
        let fields = [("name", "name"), ("namespace", "namespace"), ("labels", "labels")];
        let Some(metadata) = block(metadata, &fields).filter(|metadata| metadata.get("name").is_some()) else {
            return self.opaque(&name, resource, view);
        };
        if !is_clear {
            self.opaque(&name, resource, view);
        }
        let Some(whole) = whole else { return };
        let head = [("apiVersion", text(&format!("{GROUP}/v1"))), ("kind", text(kind)), ("metadata", metadata)];
        self.give(resource, map(head.into_iter().chain(whole)), true);
    }

    fn manifests(&mut self, attributes: &[&'static str], resource: &'p Resource, view: View<'p>) {
        let mut values = attributes.iter().map(|attribute| view.get(attribute));
        // One of them may be a copy of the other that leaves out what is secret.
        let clear = values.clone().find(|value| matches!(value.told(), Told::Known(_)));
        let Some(value) = clear.or_else(|| values.find(|value| !matches!(value.told(), Told::Nothing))) else { return };
        match value.told() {
            Told::Known(node) => self.manifest(resource, node, view),
            Told::Nothing => {}
            Told::Unknown | Told::Sensitive => {
                let version = value.get("apiVersion").text();
                let is_other = version.is_some_and(|version| !version.starts_with(GROUP)) && value.get("items").bare().is_none();
                if !is_other {
                    self.opaque(&resource.address, resource, view);
                }
            }
        }
    }

    fn manifest(&mut self, resource: &'p Resource, node: &Node, view: View<'p>) {
        let Some(yaml) = node.text() else { return self.give(resource, node.clone(), false) };
        match parse(Arc::clone(&self.context.path), yaml.as_bytes(), Syntax::Yaml, &Bounds::default()) {
            Ok(file) => {
                for document in file.documents {
                    if self.hides_access(&document) {
                        self.opaque_if(&resource.address, resource, view, true);
                    }
                    self.give(resource, document, false);
                }
            }
            Err((problem, _)) => {
                self.opaque(&resource.address, resource, view);
                self.reading.diagnostics.push(Diagnostic::from_problem(problem, self.context.place(resource)));
            }
        }
    }

    /// Whether a copy without what is secret leaves out something of what is about access, or of what tells whether it is.
    fn hides_access(&self, document: &Node) -> bool {
        let is_masked = |node: Option<&Node>| node.is_none_or(|node| node.canonical().contains(MASK));
        let kind = document.get("kind");
        let tells_nothing = is_masked(document.get("apiVersion")) || is_masked(kind);
        let is_list = || kind.and_then(Node::text).is_some_and(|kind| kind.ends_with("List"));
        let is_access = || by_id("kubernetes-rbac").is_some_and(|format| (format.claims)(&self.context.path, document));
        is_masked(Some(document)) && (tells_nothing || is_list() || is_access())
    }

    /// Hands an object to the format that reads manifests.
    fn give(&mut self, resource: &Resource, document: Node, is_ours: bool) {
        let Some(format) = by_id("kubernetes-rbac") else { return };
        if is_ours || (format.claims)(&self.context.path, &document) {
            let realm = self.context.cluster(resource).or_else(|| self.context.setting.realm.clone());
            let setting = Setting { realm, forced: is_ours, ..Setting::default() };
            let file = File::part(Arc::clone(&self.context.path), Arc::clone(&resource.address), document);
            self.reading.join((format.read)(&file, &setting));
        }
    }

    /// An object of which not everything is known, or may be shown.
    fn opaque(&mut self, holder: &str, resource: &Resource, view: View<'p>) {
        self.opaque_if(holder, resource, view, view.has_sensitive());
    }

    fn opaque_if(&mut self, holder: &str, resource: &Resource, view: View<'p>, is_secret: bool) {
        let side = if is_secret && !is_same(resource) { format!("{:?}", self.which) } else { String::new() };
        let salt = self.context.salt.unwrap_or_default();
        let (what, why) = if is_secret {
            (String::new(), "some of this object is marked as sensitive, and not shown")
        } else {
            (view.known(), "some of this object will be known only after the apply")
        };
        self.reading.access.kubernetes.add_opaque(Opaque {
            holder: holder.into(),
            realm: self.context.cluster(resource).unwrap_or_else(|| self.context.setting.realm_of(&self.context.path)),
            digest: content_digest(&["kubernetes", &resource.configured, &what, &side, salt]),
            why: why.to_owned(),
            place: self.context.place(resource),
        });
    }
}

/// Whether nothing of it changes, secrets included.
fn is_same(resource: &Resource) -> bool {
    let bare = |view: Option<View<'_>>| view.and_then(View::bare).map(Node::canonical);
    resource.before().is_some() && bare(resource.before()) == bare(resource.after())
}

fn holder(kind: &str, name: &str, namespace: Option<&str>) -> String {
    let kind = kind.to_lowercase();
    if kind.starts_with("cluster") { format!("{kind}/{name}") } else { format!("{kind}/{}/{name}", namespace.unwrap_or_default()) }
}

type Entries = Vec<(&'static str, Node)>;

/// The rules that are known, and whether all are.
fn role(view: View<'_>) -> (Option<Entries>, bool) {
    let rules = view.get("rule").items();
    let known: Vec<Node> = rules.iter().filter_map(|rule| block(*rule, RULE)).collect();
    let mut is_clear = known.len() == rules.len() && !view.get("rule").is_unknown();
    let mut entries = vec![("rules", list(known))];
    let aggregation = view.get("aggregation_rule");
    match aggregation.told() {
        Told::Nothing => {}
        Told::Known(_) => entries.extend(aggregation_rule(aggregation).map(|rule| ("aggregationRule", rule))),
        Told::Unknown | Told::Sensitive => {
            is_clear = false;
            return (None, is_clear);
        }
    }
    (Some(entries), is_clear)
}

fn aggregation_rule(blocks: View<'_>) -> Option<Node> {
    let rule = blocks.items().into_iter().next()?;
    let selectors = rule.get("cluster_role_selectors").items().into_iter().map(|selector| {
        let labels = selector.get("match_labels").bare().filter(|labels| labels.entries().is_some_and(|labels| !labels.is_empty()));
        let expressions = selector.get("match_expressions").items();
        let expressions: Vec<Node> = expressions
            .into_iter()
            .filter_map(|one| block(one, &[("key", "key"), ("operator", "operator"), ("values", "values")]))
            .collect();
        let expressions = Some(expressions).filter(|expressions| !expressions.is_empty()).map(list);
        map(labels.cloned().map(|labels| ("matchLabels", labels)).into_iter().chain(expressions.map(|list| ("matchExpressions", list))))
    });
    Some(map([("clusterRoleSelectors", list(selectors.collect()))]))
}

/// The subjects that are known, and whether all are and the role is.
fn binding(view: View<'_>) -> (Option<Entries>, bool) {
    let Some(role) = block(view.block("role_ref"), &[("api_group", "apiGroup"), ("kind", "kind"), ("name", "name")]) else {
        return (None, false);
    };
    let subjects = view.get("subject").items();
    let known: Vec<Node> = subjects.iter().filter_map(|one| subject(*one)).collect();
    let is_clear = known.len() == subjects.len() && !view.get("subject").is_unknown();
    (Some(vec![("roleRef", role), ("subjects", list(known))]), is_clear)
}

/// The provider writes a namespace and a group for every subject, and Kubernetes looks at them where they mean something.
fn subject(view: View<'_>) -> Option<Node> {
    match view.get("kind").text()? {
        "ServiceAccount" => block(view, &[("kind", "kind"), ("name", "name"), ("namespace", "namespace")]),
        _ => block(view, &[("kind", "kind"), ("name", "name")]),
    }
}

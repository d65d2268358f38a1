//! Kubernetes RBAC manifests: <https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/>, alone, in `List`s,
//! many in a file.
//!
//! What the API server refuses is an error, and the whole object cannot be told; what it takes with a warning is a warning.

mod aws_auth;
mod binding;
mod fields;
mod inside;
mod joins;
mod makers;
mod may_be;
mod openshift;
mod patch;
mod readers;
mod role;
mod tags;
mod template_text;
pub mod unrendered;

use super::{Format, Reading, Setting, may_be_escaped};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{File, Node, Span};
use crate::systems::kubernetes::{ForAnybody, Realm, Rules};
use crate::systems::{Opaque, content_digest};
use fields::Fields;
use inside::{Part, What};
use memchr::memmem;
use std::borrow::Cow;
use std::sync::Arc;
pub use template_text::is_template_of_ours;

/// Roles and bindings in manifests.
pub const FORMAT: Format = Format { id: "kubernetes-rbac", at: |_| false, syntax: None, claims: claims_at, may_hold, read };

const GROUP: &str = "rbac.authorization.k8s.io";

const KINDS: [&str; 4] = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];

/// Where a document stands in no file, so that it is no kustomization.
fn claims(document: &Node) -> bool {
    claims_at("", document)
}

fn claims_at(path: &str, document: &Node) -> bool {
    claims_within(path, document, inside::LEVELS)
}

/// The same, for a document below which texts are looked into so many levels deep.
fn claims_within(path: &str, document: &Node, levels: usize) -> bool {
    let document = &*tags::without(document);
    is_one(document) || is_encoded(document) || in_list(document, levels) || !inside::parts_within(document, path, levels).is_empty()
}

fn in_list(document: &Node, levels: usize) -> bool {
    items_of(document).any(|item| claims_within("", item, levels))
}

/// Whether it is read by itself, and not for what stands inside of it.
fn is_one(document: &Node) -> bool {
    is_ours(document) || is_not_read(document) || is_patch(document)
}

/// Whether it says who has access in a way that is not read.
fn is_not_read(document: &Node) -> bool {
    openshift::is_one(document) || aws_auth::is_one(document)
}

/// The group may be spelt with an escape or in base64; then the file has to be read to know.
fn may_hold(bytes: &[u8]) -> bool {
    let tags = || bytes.windows(3).any(|start| matches!(start, [b'!', b'<', _] | b"!!b" | b"!!%" | b"%TA"));
    let has = |word: &&str| memmem::find(bytes, word.as_bytes()).is_some();
    let words = [GROUP, aws_auth::NAME].iter().chain(patched()).chain(&openshift::WORDS).chain(&patch::LISTS).any(has);
    words || makers::may_be_in(has) || inside::may_make(has) || may_be_escaped(bytes) || tags() || is_template_of_ours(bytes)
}

/// Where a JSON patch (RFC 6902) changes what only roles and bindings have at their root.
const PATCHED: [&str; 4] = ["/rules", "/roleRef", "/subjects", "/aggregationRule"];

fn patched() -> impl Iterator<Item = &'static &'static str> {
    PATCHED.iter().chain(&aws_auth::PATCHED)
}

/// Whether this is a patch of a role or a binding, which a kustomization applies.
fn is_patch(node: &Node) -> bool {
    let is_ours = |operation: &Node| {
        let path = scalar(operation, "path").filter(|_| scalar(operation, "op").is_some()).unwrap_or_default();
        patched().any(|field| path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    };
    node.items().is_some_and(|operations| operations.iter().any(is_ours))
}

/// Whether the text under a tag is written in base64, which the API server's tools decode: a tag may itself be spelt with escapes.
fn is_base64(tag: &str) -> bool {
    tag.ends_with("binary") || tag.contains('%')
}

/// Whether what would tell that an object is ours is in base64.
fn is_encoded(node: &Node) -> bool {
    let entries = node.entries().unwrap_or_default();
    let is_decoded = |node: &Node| node.tag().is_some_and(is_base64);
    entries.iter().any(|(key, _)| is_decoded(key)) || node.get("apiVersion").is_some_and(is_decoded)
}

/// A group that a template fills in may be ours if the kind is, or may be.
fn is_ours(node: &Node) -> bool {
    let may_be_kind = || scalar(node, "kind").is_some_and(|kind| KINDS.contains(&kind)) || node.get("kind").is_some_and(is_filled_in);
    node.get("apiVersion").is_some_and(|version| match version.scalar().and_then(|scalar| scalar.text.strip_prefix(GROUP)) {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => (version.scalar().is_none() || is_filled_in(version)) && may_be_kind(),
    })
}

/// Whether a template fills a value in, which YAML takes for a mapping with a mapping for its key, unless it is quoted.
fn is_filled_in(node: &Node) -> bool {
    let has_no_name = |entries: &[(Node, Node)]| entries.iter().any(|(key, _)| key.entries().is_some());
    node.scalar().is_some_and(|scalar| scalar.text.contains("{{")) || node.entries().is_some_and(has_no_name)
}

/// Annotations by which tools leave an object out, or apply it only at some moment: of kustomize
/// (<https://kubectl.docs.kubernetes.io/references/kustomize/glossary/>), Helm (<https://helm.sh/docs/topics/charts_hooks/>), Argo CD
/// (<https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/>) and Flux
/// (<https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources>).
const LEAVES_OUT: [&str; 5] = [
    "argocd.argoproj.io/hook",
    "config.kubernetes.io/local-config",
    "helm.sh/hook",
    "kustomize.toolkit.fluxcd.io/reconcile",
    "kustomize.toolkit.fluxcd.io/ssa",
];

/// Labels that the Operator Lifecycle Manager gives to roles that it makes
/// (<https://olm.operatorframework.io/docs/advanced-tasks/operator-scoping-with-operatorgroups/>): of whatever selects them, no file tells.
const MADE_LABELS: [&str; 2] = ["olm.opgroup.permissions/", "olm.owner"];

fn left_out(node: &Node) -> impl Iterator<Item = (&'static str, &Node)> {
    let annotations = node.get("metadata").and_then(|metadata| metadata.get("annotations"));
    LEAVES_OUT.iter().filter_map(move |name| Some((*name, annotations?.get(name)?)))
}

/// Whether some key or value is one that a template fills in.
fn is_templated(node: &Node) -> bool {
    let of_text = || node.scalar().is_some_and(|scalar| ["{{", "${"].iter().any(|action| scalar.text.contains(action)));
    let of_items = || node.items().is_some_and(|items| items.iter().any(is_templated));
    let is_note = |key: &Node| key.scalar().is_some_and(|scalar| &*scalar.text == "annotations");
    let in_entry = |(key, value): &(Node, Node)| !is_note(key) && (is_templated(key) || is_templated(value));
    let of_entries = || node.entries().is_some_and(|entries| entries.iter().any(in_entry));
    of_text() || of_items() || of_entries()
}

/// The items of a list of anything: whatever has `items` is taken apart by `kubectl`, of any kind and group; its older releases do not
/// look at the case of the key, and so there may be several.
fn items_of(node: &Node) -> impl Iterator<Item = &Node> {
    items(node).filter_map(Node::items).flatten()
}

fn items(node: &Node) -> impl Iterator<Item = &Node> {
    let is_items = |key: &Node| key.scalar().is_some_and(|scalar| scalar.text.eq_ignore_ascii_case("items"));
    node.entries().unwrap_or_default().iter().filter(move |(key, _)| is_items(key)).map(|(_, value)| value)
}

fn scalar<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key)?.scalar().map(|scalar| &*scalar.text)
}

fn read(file: &File, setting: &Setting) -> Reading {
    let realm = Realm { name: setting.realm_of(&file.path), assumed: setting.realm.is_none() };
    let mut reader = Reader { file, realm, reading: Reading::default() };
    let is_claimed = || file.documents.iter().any(|document| claims_at(&file.path, document));
    if let Some(diagnostic) = is_claimed().then(|| readers::disagree(file)).flatten() {
        reader.refuse_all(diagnostic);
        return reader.reading;
    }
    for document in &file.documents {
        if claims_at(&file.path, document) {
            reader.document(document);
        } else if setting.forced {
            let diagnostic = Diagnostic::error("not-rbac", file.place(document.span), format!("this is not an object of `{GROUP}`"));
            reader.refuse(document, None, vec![diagnostic]);
        }
    }
    reader.reading
}

struct Reader<'r> {
    file: &'r File,
    realm: Realm,
    reading: Reading,
}

impl Reader<'_> {
    fn document(&mut self, document: &Node) {
        let plain = tags::without(document);
        let hangs_on_tags = matches!(plain, Cow::Owned(_)) && (is_one(&plain) || in_list(&plain, inside::LEVELS));
        if hangs_on_tags || is_encoded(&plain) {
            let message = "readers disagree about what these tags make of the object";
            let diagnostic = Diagnostic::error("tagged-object", self.file.place(document.span), message).help("write it without tags");
            return self.refuse(document, None, vec![diagnostic]);
        }
        let document = &*plain;
        let place = self.file.place(document.span);
        if is_patch(document) {
            let message = "this patches a role, a binding or `aws-auth`, and what comes of it cannot be told";
            let diagnostic = Diagnostic::error("unrendered-patch", self.file.place(document.span), message)
                .help("hand in what `kustomize build` prints for both sides, with `--rendered`");
            return self.refuse(document, None, vec![diagnostic]);
        }
        if openshift::is_one(document) {
            let message = "what OpenShift allows by this object is not read, and is undecided where it differs";
            let help = "write roles and bindings of `rbac.authorization.k8s.io`, and let them `use` security context constraints";
            let says = document.canonical();
            return self.not_read(document, &[&says], Diagnostic::warning("openshift-not-read", place, message).help(help));
        }
        if aws_auth::is_one(document) {
            let message = "whom of AWS this lets into the cluster is not read, and is undecided where it differs";
            let help = "write access entries of EKS, and bind roles to the groups that they name";
            let says = [&*self.file.path, &aws_auth::says(document)];
            return self.not_read(document, &says, Diagnostic::warning("aws-auth-not-read", place, message).help(help));
        }
        if in_list(document, inside::LEVELS) && !is_ours(document) {
            return items_of(document).filter(|item| claims(item)).for_each(|item| self.document(item));
        }
        if !is_ours(document) {
            return self.inside(document);
        }
        let kind = scalar(document, "kind").unwrap_or_default();
        match kind.strip_suffix("List") {
            Some(kind) => self.list(document, kind),
            None => self.object(document, kind),
        }
    }

    /// Each role inside of another object is undecided by itself, so that a change of the rest says nothing.
    fn inside(&mut self, document: &Node) {
        let outer = scalar(document, "kind").unwrap_or("another object");
        let why = format!("it stands inside of `{outer}`, and where and whether that makes it cannot be told");
        let parts = inside::parts(document, &self.file.path);
        let (makers, parts): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| matches!(part.what, What::Maker(_)));
        if let Some(first) = parts.first() {
            let are_objects = parts.iter().all(|part| part.what == What::Object);
            let message = match (parts.len(), are_objects) {
                (1, true) => format!("a role or binding stands inside of `{outer}`, and is undecided where it differs"),
                (1, false) => {
                    format!("a part that makes or changes roles or bindings stands inside of `{outer}`, and is undecided where it differs")
                }
                (many, true) => format!("{many} roles and bindings stand inside of `{outer}`, and are undecided where they differ"),
                (many, false) => {
                    format!(
                        "{many} parts that make or change roles or bindings stand inside of `{outer}`, and are undecided where they differ"
                    )
                }
            };
            let help = "compare what it makes of them: hand that in for both sides with `--rendered`";
            self.reading.diagnostics.push(Diagnostic::warning("inside-another-object", self.file.place(first.span), message).help(help));
        }
        // What stands in one of several files and goes to another is something else there.
        let namespace = document.get("metadata").and_then(|metadata| scalar(metadata, "namespace")).unwrap_or_default();
        let stands = [&*self.file.path, namespace, &inside::name_of(document)].join(" ");
        for part in makers {
            self.maker(part, namespace);
        }
        for part in parts {
            self.undecided(part.holder, &[&stands, &part.says], &why, part.span);
        }
    }

    /// By what this says, another program lets somebody do something.
    fn maker(&mut self, part: Part, namespace: &str) {
        let What::Maker(kind) = part.what else { return };
        let message = format!("what a `{kind}` says of access is not read, and is undecided where it differs");
        let place = self.file.place(part.span);
        self.undecided(part.holder, &[namespace, &part.says], &message, part.span);
        let help = "review it by hand: who may do what hangs on it as well";
        self.reading.diagnostics.push(Diagnostic::warning("access-not-read", place, message).help(help));
    }

    /// What is there, and of which nobody can tell what it allows.
    fn undecided(&mut self, holder: String, says: &[&str], why: &str, span: Span) {
        self.reading.access.kubernetes.add_opaque(Opaque {
            holder: holder.into(),
            realm: Arc::clone(&self.realm.name),
            digest: content_digest(says),
            why: why.to_owned(),
            place: self.file.place(span),
        });
    }

    fn not_read(&mut self, object: &Node, says: &[&str], warning: Diagnostic) {
        self.undecided(inside::name_of(object), says, &warning.message, object.span);
        self.reading.diagnostics.push(warning);
    }

    /// The items of a `RoleList` need not say what they are.
    fn list(&mut self, list: &Node, kind: &str) {
        items_of(list).for_each(|item| self.object(item, scalar(item, "kind").unwrap_or(kind)));
        if items(list).any(|items| items.items().is_none()) {
            let diagnostic = Diagnostic::error("wrong-type", self.file.place(list.span), "the items of this list are not a list");
            self.refuse(list, None, vec![diagnostic]);
        }
    }

    fn object(&mut self, node: &Node, kind: &str) {
        let mut fields = Fields::new(self.file);
        let version = scalar(node, "apiVersion").and_then(|version| version.split_once('/')).map_or("v1", |(_, version)| version);
        if !matches!(version, "v1" | "v1beta1") {
            fields.error(node.get("apiVersion").unwrap_or(node), "unknown-version", format!("`{version}` is not a version of `{GROUP}`"));
        }
        if is_templated(node) {
            let help = "hand in what `helm template` or its like prints for both sides, with `--rendered`";
            fields.error_with(
                node,
                "unrendered-template",
                "this is a template that is not rendered, so what it allows cannot be told",
                help,
            );
        }
        let selectors = node.get("aggregationRule").map(Node::canonical).unwrap_or_default();
        if MADE_LABELS.iter().any(|label| selectors.contains(label)) {
            let why = "it takes in roles that operators make in the cluster, which are not in these files";
            self.undecided(inside::name_of(node), &[&selectors], why, node.span);
        }
        for left_out in left_out(node) {
            let why = format!("`{}` says when a tool leaves this out", left_out.0);
            self.undecided(inside::name_of(node), &[&self.file.path, left_out.0, &left_out.1.canonical()], &why, left_out.1.span);
        }
        if let Some(items) = items(node).next() {
            let help = "take the items out: `kubectl` applies them and not the object";
            fields.error_with(items, "object-or-list", "an object with `items` is a list for some readers and none for others", help);
        }
        let holder = match kind {
            "Role" | "ClusterRole" => self.role(node, kind, &mut fields),
            "RoleBinding" | "ClusterRoleBinding" => self.binding(node, kind, &mut fields),
            // A template may fill the kind in.
            _ if !fields.is_sound() => None,
            _ => {
                let help = "known are Role, ClusterRole, RoleBinding and ClusterRoleBinding";
                fields.error_with(node.get("kind").unwrap_or(node), "unknown-kind", format!("`{kind}` is not a kind of `{GROUP}`"), help);
                None
            }
        };
        if fields.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            self.refuse(node, holder, fields.diagnostics);
        } else {
            self.reading.diagnostics.extend(fields.diagnostics);
        }
    }

    /// Reads a role and says how it is called. It is added only if nothing is wrong with it.
    fn role(&mut self, node: &Node, kind: &str, fields: &mut Fields<'_>) -> Option<String> {
        let role = role::read(node, kind, &self.realm, fields)?;
        let holder = role.name.to_string();
        if fields.is_sound() {
            joins::of_role(&role, &mut self.reading.joins);
            self.reading.access.kubernetes.add_role(role);
        }
        Some(holder)
    }

    fn binding(&mut self, node: &Node, kind: &str, fields: &mut Fields<'_>) -> Option<String> {
        let (name, binding) = binding::read(node, kind, &self.realm, fields)?;
        if let Some(binding) = binding.filter(|_| fields.is_sound()) {
            joins::of_binding(&binding, &mut self.reading.joins);
            self.reading.access.kubernetes.add_binding(binding);
        }
        Some(name.to_string())
    }

    /// A file of which nobody can say what its readers take out of it.
    fn refuse_all(&mut self, diagnostic: Diagnostic) {
        self.reading.access.kubernetes.add_opaque(Opaque {
            holder: Arc::clone(&self.file.path),
            realm: Arc::clone(&self.realm.name),
            digest: content_digest(&[self.file.text()]),
            why: diagnostic.message.clone(),
            place: diagnostic.place.clone(),
        });
        self.reading.diagnostics.push(diagnostic);
    }

    /// An object that the API server would not take, or of which nobody knows what it would make.
    fn refuse(&mut self, node: &Node, holder: Option<String>, diagnostics: Vec<Diagnostic>) {
        let first = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
        let why = first.map_or_else(|| "it cannot be read".to_owned(), |diagnostic| diagnostic.message.clone());
        self.reading.access.kubernetes.add_opaque(Opaque {
            holder: holder.map_or_else(|| Arc::clone(&self.file.path), Into::into),
            realm: Arc::clone(&self.realm.name),
            digest: content_digest(&[&node.canonical()]),
            why,
            place: self.file.place(node.span),
        });
        self.reading.diagnostics.extend(diagnostics);
    }
}

/// A role's ceiling in the policy file: a list of rules, each with `namespaces` where it holds only there.
pub fn ceiling(file: &File, list: &Node) -> Result<Rules, Vec<Diagnostic>> {
    let mut fields = Fields::new(file);
    let mut rules = Rules::default();
    for node in list.items().unwrap_or_default() {
        let namespaces = node.get("namespaces").map(|_| fields.texts(node, "namespaces"));
        let policy = role::ceiling_rule(node, &mut fields);
        if let Some(policy) = policy {
            rules.add_for_anybody(ForAnybody { namespaces, policy });
        }
    }
    if fields.is_sound() { Ok(rules) } else { Err(fields.diagnostics) }
}

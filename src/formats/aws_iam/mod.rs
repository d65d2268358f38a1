//! AWS IAM policy documents: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>, bare or in what
//! `aws … get-*` prints and `aws … put-*` takes.

mod account;
mod inside;
mod misspelt;
pub mod narrower;
mod open_type;
mod said;
mod statement;

pub use inside::looks_like_template;

use super::{Format, Reading, Setting, may_be_escaped};
use crate::diagnostic::{Diagnostic, known_names};
use crate::document::{Bounds, File, Node, Place, Span, parse_embedded};
use crate::systems::aws::{Attachment, Grant, Rules, Slot, Sole, Statement};
use crate::systems::{Opaque, content_digest};
use memchr::{memchr2_iter, memmem};
use statement::Dialect;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Policies of every slot, and the wrappers of the AWS CLI.
pub const FORMAT: Format = Format { id: "aws-iam", at: |_| false, syntax: None, claims: |_, document| claims(document), may_hold, read };

/// Keys under which the AWS CLI prints or takes one policy, and the slot that it has there; `None`: a policy with principals is a
/// resource's, one without is an identity's.
const WRAPPED: &[(&[&str], Option<Slot>)] = &[
    (&["PolicyVersion", "Document"], Some(Slot::Identity)),
    (&["PolicyDocument"], None),
    (&["AssumeRolePolicyDocument"], Some(Slot::Trust)),
    (&["Role", "AssumeRolePolicyDocument"], Some(Slot::Trust)),
    (&["InlinePolicy"], Some(Slot::Identity)),
    (&["Policy", "Content"], None),
    (&["Policy"], None),
    (&["Attributes", "Policy"], Some(Slot::Resource)),
    (&["ResourcePolicy"], Some(Slot::Resource)),
    (&["policyText"], Some(Slot::Resource)),
    (&["PolicyInJson"], Some(Slot::Resource)),
    (&["AccessPolicies"], Some(Slot::Resource)),
    (&["AttributeValue"], Some(Slot::Resource)),
    (&["policyDocument"], None),
    (&["Content"], None),
];

fn claims(document: &Node) -> bool {
    is_policy(document)
        || account::claims(document)
        || WRAPPED.iter().any(|(path, _)| at(document, path).is_some_and(holds_policy))
        || is_put(document)
        || document.items().is_some_and(|items| items.iter().any(claims))
        || inside::claims(document)
}

/// Whether it gives a policy its name, whatever that says: <https://docs.aws.amazon.com/cli/latest/reference/iam/put-role-policy.html>.
fn is_put(document: &Node) -> bool {
    PUT.iter().all(|key| document.get(key).is_some())
}

const PUT: [&str; 2] = ["PolicyName", "PolicyDocument"];

fn holds_policy(node: &Node) -> bool {
    is_policy(node) || node.text().is_some_and(may_be_policy)
}

/// A word may be spelt with an escape; then the file has to be read to know.
fn may_hold(bytes: &[u8]) -> bool {
    // The `m` is the rarest of its letters.
    let around = |m: usize| bytes.get(m.checked_sub(4)?..m + 4);
    let is_word = |m| around(m).is_some_and(|word| word.eq_ignore_ascii_case(b"tatement"));
    let is_put = || PUT.iter().all(|key| memmem::find(bytes, key.as_bytes()).is_some());
    memchr2_iter(b'm', b'M', bytes).any(is_word) || is_put() || may_be_escaped(bytes) || account::may_hold(bytes) || inside::may_hold(bytes)
}

/// Written with a capital or not: a `statement` that AWS refuses is told, not passed over.
fn is_policy(node: &Node) -> bool {
    let is_statement = |key: &Node| key.scalar().is_some_and(|scalar| scalar.text.eq_ignore_ascii_case("Statement"));
    let is_effect = |key: &Node| key.scalar().is_some_and(|scalar| scalar.text.eq_ignore_ascii_case("Effect"));
    let says_effect = |item: &Node| item.entries().unwrap_or_default().iter().any(|(key, _)| is_effect(key));
    let has_effect = |value: &Node| [value].into_iter().chain(value.items().unwrap_or_default()).any(says_effect);
    node.entries().unwrap_or_default().iter().any(|(key, value)| {
        is_statement(key) && (node.get("Version").is_some() || has_effect(value) || value.items().is_some_and(<[Node]>::is_empty))
    })
}

/// The word may be spelt with an escape here as well; then the text has to be read to know.
fn may_be_policy(text: &str) -> bool {
    match text.trim_start().as_bytes().first() {
        Some(b'{') => text.contains("tatement") || text.contains('\\'),
        // A text in a text.
        Some(b'"') => text.contains("tatement") && text.contains('{'),
        first => first == Some(&b'%'),
    }
}

fn at<'n>(document: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(document, |node, key| node.get(key))
}

fn read(file: &File, setting: &Setting) -> Reading {
    let mut reader = Reader { file, setting, item: None, part: None, reading: Reading::default() };
    let is_one_of_several = file.documents.iter().filter(|document| claims(document)).count() > 1;
    for (number, document) in (1..).zip(&file.documents) {
        if claims(document) {
            reader.item = is_one_of_several.then(|| format!("document {number}"));
            reader.document(document);
            reader.item = None;
        } else if setting.forced {
            let name = reader.named(None, None);
            reader.cannot_tell(&name, document, "not-a-policy", "this is not an IAM policy: it has no `Statement`");
        }
    }
    let holders = reader.reading.access.aws.documents.iter().filter_map(|document| document.holder.clone());
    let own_path = Arc::clone(&file.path);
    let names: Vec<String> = holders.filter(|holder| *holder != own_path).map(|holder| format!("aws:holder:{holder}")).collect();
    reader.reading.joins.provides.extend(names.iter().cloned());
    reader.reading.joins.needs.extend(names);
    reader.reading
}

/// A role's ceiling in the policy file: a list of statements. Anybody may have what they allow, and no more.
pub fn ceiling(file: &File, list: &Node) -> Result<Rules, Vec<Diagnostic>> {
    let attachment = Attachment { realm: Arc::from(""), holder: None, slot: Slot::Identity };
    let mut rules = Rules { documents: [attachment.clone()].into(), ..Rules::default() };
    let mut refused = Vec::new();
    for node in list.items().unwrap_or_default() {
        match statement::read(node, Dialect { slot: Slot::Identity, variables: true }) {
            Ok(statements) => {
                let place = || file.place(node.span);
                let grant = |statement: Statement| Grant { attachment: attachment.clone(), statement: statement.into(), origin: place() };
                rules.grants.extend(statements.into_iter().map(grant));
            }
            Err(refusal) => refused.push(refusal.diagnostic(file)),
        }
    }
    if refused.is_empty() { Ok(rules) } else { Err(refused) }
}

/// Whose policy it is, and where it holds.
#[derive(Clone, Debug)]
struct Name {
    realm: Arc<str>,
    holder: Arc<str>,
    /// Which of the holder's policies it is, where it has a name that no other one has.
    policy: Option<String>,
}

struct Reader<'r> {
    file: &'r File,
    setting: &'r Setting,
    /// Which of several policies of one file this is. Where nothing names their holders nothing says that they have one, and one may be
    /// there to hide another.
    item: Option<String>,
    /// Under which of several keys of one wrapper it stands, whoever has it.
    part: Option<String>,
    reading: Reading,
}

impl Reader<'_> {
    fn document(&mut self, document: &Node) {
        if is_policy(document) {
            let name = self.named(None, None);
            return self.policy(document, &name, None);
        }
        if let Some(items) = document.items() {
            let claimed: Vec<&Node> = items.iter().filter(|item| claims(item)).collect();
            for (number, item) in (1..).zip(items).filter(|(_, item)| claims(item)) {
                let outer = self.item.clone();
                if claimed.len() > 1 {
                    self.item = Some(outer.iter().cloned().chain([format!("item {number}")]).collect::<Vec<_>>().join(", "));
                }
                self.document(item);
                self.item = outer;
            }
            return inside::read(self, document, &claimed);
        }
        let mut known: Vec<&Node> = Vec::new();
        // A trust policy hides nothing of another one.
        let mut slots = BTreeSet::new();
        let is_account = account::claims(document);
        if is_account {
            known.extend(account::read(self, document));
        }
        // What reads the file may take any of them, so each counts by itself; a `Role` has been read with the account's. What is called
        // a document has to be a policy.
        for (path, slot) in WRAPPED.iter().filter(|(path, _)| !(is_account && path.first() == Some(&"Role"))) {
            let is_meant = |node: &&Node| holds_policy(node) || path.last().is_some_and(|key| key.ends_with("Document"));
            if let Some(node) = at(document, path).filter(is_meant) {
                let slot = if *path == ["Content"] { organisation_slot(document).or(*slot) } else { *slot };
                let outer = self.part.clone();
                if !slots.insert(slot == Some(Slot::Trust)) {
                    self.part = Some(path.join("."));
                }
                self.wrapped(document, node, slot);
                self.part = outer;
                known.push(node);
                known.extend(document.get("Role").unwrap_or(document).get("PermissionsBoundary"));
            }
        }
        inside::read(self, document, &known);
    }

    /// One policy in a wrapper: the names beside it tell whose it is, and which boundary stays the most that they can have.
    fn wrapped(&mut self, document: &Node, node: &Node, slot: Option<Slot>) {
        let beside = document.get("Role").unwrap_or(document);
        let arn = ["Arn", "ARN", "TopicArn", "QueueArn", "PermissionSetArn"].iter().find_map(|key| {
            let nested = [beside, document.get("Attributes").unwrap_or(beside)];
            nested.into_iter().find_map(|node| node.get(key)?.text())
        });
        let named = identity_of(beside).or_else(|| Some(format!("policy/{}", beside.get("PolicyName")?.text()?)));
        let summary = at(document, &["Policy", "PolicySummary"]);
        let mut name = match summary {
            Some(summary) => self.named(summary.get("Id").and_then(Node::text).map(|id| format!("organisation-policy/{id}")), None),
            None => self.named(named.or_else(|| arn.map(ToOwned::to_owned)), arn),
        };
        // One that has a name is one, and so is the policy of an organisation or of a permission set.
        let called = beside.get("PolicyName").and_then(Node::text).map(|policy| format!("its policy `{policy}`"));
        name.policy = called.or_else(|| (summary.is_some() || arn.is_some()).then(|| "this policy".to_owned()));
        let slot = summary.map_or(slot, |summary| organisation_slot(summary).or(slot));
        if let Some(boundary) = beside.get("PermissionsBoundary") {
            let what = format!("Boundary {}", boundary.canonical());
            self.opaque_text(&name, &what, self.file.place(boundary.span), "what this permissions boundary says is not in the file");
            self.sole(&name, "which permissions boundary it has", boundary.span, &[&boundary_of(boundary)]);
        }
        self.value(node, &name, slot);
    }

    /// A policy, or a string that holds one.
    fn value(&mut self, node: &Node, name: &Name, slot: Option<Slot>) {
        let Some(text) = node.text() else { return self.policy(node, name, slot) };
        match parse_embedded(text, node.span, &Bounds::default()) {
            Ok(policy) => self.policy(&policy, name, slot),
            Err(_) if text.starts_with('%') => {
                let help = "decode it first, as the AWS CLI does";
                self.cannot_tell_with(name, node, "encoded-policy", "this policy is URL-encoded", help);
            }
            Err(problem) => {
                self.cannot_tell(name, node, problem.code, &format!("the policy in this string cannot be read: {}", problem.message));
            }
        }
    }

    fn policy(&mut self, policy: &Node, name: &Name, slot: Option<Slot>) {
        let statements = match policy.get("Statement") {
            Some(node) => node.items().unwrap_or(std::slice::from_ref(node)),
            None => return self.cannot_tell(name, policy, "not-a-policy", "this policy has no `Statement`"),
        };
        for (key, value) in policy.entries().unwrap_or_default() {
            let text = key.scalar().map_or("", |scalar| &*scalar.text);
            if !matches!(text, "Version" | "Id" | "Statement") {
                self.cannot_tell_with(
                    name,
                    value,
                    "unknown-key",
                    &format!("`{text}` is not an element of a policy"),
                    &known_names(text, &["Version", "Id", "Statement"]),
                );
            }
        }
        let slot = slot.or(self.setting.slot).unwrap_or_else(|| statement::slot_of(statements));
        let attachment = Attachment { realm: Arc::clone(&name.realm), holder: Some(Arc::clone(&name.holder)), slot };
        let what = match slot {
            Slot::Resource => Some("the policy of this resource"),
            Slot::Trust => Some("its trust policy"),
            Slot::Boundary => Some("its permissions boundary"),
            _ => name.policy.as_deref(),
        };
        if let Some(what) = what {
            self.sole(name, what, policy.span, &[&policy.canonical()]);
        }
        let dialect = Dialect { slot, variables: self.version(policy, name) };
        self.reading.access.aws.documents.insert(attachment.clone());
        for node in statements {
            match said::read(node, dialect, self.file) {
                Ok(said) => {
                    self.reading.diagnostics.extend(said.remarks);
                    let origin = self.file.place(node.span);
                    let grant = |statement: &Arc<_>| Grant {
                        attachment: attachment.clone(),
                        statement: Arc::clone(statement),
                        origin: origin.clone(),
                    };
                    self.reading.access.aws.grants.extend(said.statements.iter().map(grant));
                }
                Err(refused) => {
                    let diagnostic = refused.diagnostic(self.file);
                    self.opaque(name, node, &diagnostic.message);
                    self.reading.diagnostics.push(diagnostic);
                }
            }
        }
    }

    /// Policy variables came with version 2012-10-17; a policy without a version is of the older one.
    fn version(&mut self, policy: &Node, name: &Name) -> bool {
        match policy.get("Version") {
            None => false,
            Some(node) => match node.scalar().map(|scalar| &*scalar.text) {
                Some("2012-10-17") => true,
                Some("2008-10-17") => false,
                _ => {
                    self.cannot_tell_with(
                        name,
                        node,
                        "unknown-version",
                        "this is not a version of the policy language",
                        "known are 2012-10-17 and 2008-10-17",
                    );
                    true
                }
            },
        }
    }

    /// Whose: the content comes first, so that no setting makes two identities of a file one; then the policy file, then the path.
    /// Where: the policy file, then the content, then the directory.
    fn named(&self, holder: Option<String>, arn: Option<&str>) -> Name {
        let account = arn.and_then(|arn| arn.split(':').nth(4)).filter(|account| !account.is_empty());
        let realm = match (&self.setting.realm, account) {
            (None, Some(account)) => account.into(),
            _ => self.setting.realm_of(&self.file.path),
        };
        let item = self.item.as_deref().filter(|_| holder.is_none());
        let parts: Vec<&str> = item.into_iter().chain(self.part.as_deref()).collect();
        let holder = holder.map(Into::into).or_else(|| self.setting.holder.clone()).unwrap_or_else(|| own_name(&self.file.path));
        let holder = if parts.is_empty() { holder } else { format!("{holder} ({})", parts.join(", ")).into() };
        Name { realm, holder, policy: None }
    }

    /// What holds once alone: wherever else it is said, the same has to be.
    fn sole(&mut self, name: &Name, what: &str, span: Span, text: &[&str]) {
        let sole = Sole { realm: Arc::clone(&name.realm), holder: Arc::clone(&name.holder), what: what.to_owned() };
        let place = self.file.place(span);
        self.reading.access.aws.soles.entry(sole).or_default().entry(content_digest(text)).or_insert(place);
    }

    fn cannot_tell(&mut self, name: &Name, node: &Node, code: &'static str, why: &str) {
        self.opaque(name, node, why);
        self.reading.diagnostics.push(Diagnostic::error(code, self.file.place(node.span), why));
    }

    fn cannot_tell_with(&mut self, name: &Name, node: &Node, code: &'static str, why: &str, help: &str) {
        self.opaque(name, node, why);
        self.reading.diagnostics.push(Diagnostic::error(code, self.file.place(node.span), why).help(help));
    }

    fn opaque(&mut self, name: &Name, node: &Node, why: &str) {
        self.opaque_text(name, &node.canonical(), self.file.place(node.span), why);
    }

    fn opaque_text(&mut self, name: &Name, content: &str, place: Place, why: &str) {
        let part = Opaque {
            holder: Arc::clone(&name.holder),
            realm: Arc::clone(&name.realm),
            digest: content_digest(&[content]),
            why: why.to_owned(),
            place,
        };
        self.reading.access.aws.opaque.insert(part);
    }

    fn place(&self, span: Span) -> Place {
        self.file.place(span)
    }
}

/// `role/NAME`, `user/NAME` or `group/NAME`, if the mapping names one.
fn identity_of(node: &Node) -> Option<String> {
    [("RoleName", "role"), ("UserName", "user"), ("GroupName", "group")]
        .iter()
        .find_map(|(key, kind)| Some(format!("{kind}/{}", node.get(key)?.text()?)))
}

/// Which policy is the boundary, in what AWS takes or in what it prints.
fn boundary_of(node: &Node) -> String {
    let arn = node.get("PermissionsBoundaryArn").unwrap_or(node);
    arn.text().map_or_else(|| node.canonical(), ToOwned::to_owned)
}

/// The name of a policy of which only the path is known. A path must not pass for an identity: a file `role/deploy` is not the role.
fn own_name(path: &Arc<str>) -> Arc<str> {
    let is_identity = ["role/", "user/", "group/", "policy/", "organisation-policy/"].iter().any(|kind| path.starts_with(kind));
    if is_identity { format!("./{path}").into() } else { Arc::clone(path) }
}

fn organisation_slot(summary: &Node) -> Option<Slot> {
    match summary.get("Type")?.text()? {
        "SERVICE_CONTROL_POLICY" => Some(Slot::ServiceControl),
        "RESOURCE_CONTROL_POLICY" => Some(Slot::ResourceControl),
        _ => None,
    }
}

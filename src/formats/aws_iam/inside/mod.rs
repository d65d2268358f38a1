//! Policies inside of documents that are about something else: a manifest of a controller, a file of a framework, what a tool keeps.
//!
//! What is made of them cannot be told, so each is undecided by itself where it differs, together with the names around it.

mod template;

pub use template::looks_like_one as looks_like_template;

use super::super::is_read_whole;
use super::{Reader, is_policy, may_be_policy, own_name};
use crate::document::{Bounds, Node, Span, Value, parse_embedded};
use crate::systems::{Opaque, content_digest};
use memchr::memmem;
use std::collections::HashSet;
use std::sync::Arc;

/// What is about access in a document.
#[derive(Debug)]
struct Part {
    span: Span,
    /// What it says, and on what it hangs.
    says: String,
    /// Stands for that, and for the names around it.
    digest: String,
    why: &'static str,
}

const POLICY: &str = "this policy stands inside of something else, and what that makes of it cannot be told";
const STATEMENT: &str = "this statement stands in no policy, and what it becomes a part of cannot be told";
const UNREAD: &str = "this text speaks of a policy and cannot be read";
const NAMED: &str = "a policy is named here that is not in the file, and who gets it cannot be told";

/// Whether something inside of the document is about access.
pub(super) fn claims(document: &Node) -> bool {
    !parts(document, &[]).is_empty()
}

/// A policy by its name, a statement or a template; every other policy has a word that is looked for already.
pub(super) fn may_hold(bytes: &[u8]) -> bool {
    [&b":policy/"[..], b"Effect", b"AWS::", b"AWSTemplateFormatVersion", b"::MODULE"].iter().any(|word| memmem::find(bytes, word).is_some())
}

/// What stands inside of the document, but for what has been read there.
pub(super) fn read(reader: &mut Reader<'_>, document: &Node, known: &[&Node]) {
    let parts = parts(document, known);
    let realm = reader.setting.realm_of(&reader.file.path);
    let holder = reader.setting.holder.clone().unwrap_or_else(|| own_name(&reader.file.path));
    for part in parts {
        reader.reading.access.aws.opaque.insert(Opaque {
            holder: Arc::clone(&holder),
            realm: Arc::clone(&realm),
            digest: part.digest,
            why: part.why.to_owned(),
            place: reader.file.place(part.span),
        });
    }
}

fn parts(document: &Node, known: &[&Node]) -> Vec<Part> {
    let known = known.iter().map(|node| std::ptr::from_ref(*node)).collect();
    let mut walk = Walk { known, found: Vec::new(), around: String::new(), condition: None };
    if is_read_whole(document) {
        return Vec::new();
    }
    if template::is_one(document) {
        template::read(&mut walk, document);
    } else {
        walk.node(document);
    }
    walk.found
}

/// A way through a document.
struct Walk {
    /// Where in memory stands what has been read already.
    known: HashSet<*const Node>,
    found: Vec<Part>,
    /// Stands for the keys on the way, and for what names the things that it leads through.
    around: String,
    /// Within a resource of a template, whose properties have names that tell: under which condition there is one.
    condition: Option<String>,
}

impl Walk {
    fn node(&mut self, node: &Node) {
        if self.is_known(node) {
            return;
        }
        if is_policy(node) {
            return self.add(node, POLICY);
        }
        if is_statement(node) {
            return self.add(node, STATEMENT);
        }
        match bare(&node.value) {
            Value::Mapping(entries) => self.mapping(node, entries),
            Value::Sequence(items) if items.iter().any(names_policy) => self.add(node, NAMED),
            Value::Sequence(items) => items.iter().for_each(|item| self.node(item)),
            Value::Scalar(scalar) => self.text(node, &scalar.text),
            Value::Tagged(_) => {}
        }
    }

    fn mapping(&mut self, node: &Node, entries: &[(Node, Node)]) {
        let told = entries.iter().map(|(key, value)| (text_of(key), value, self.told(text_of(key), value)));
        let told: Vec<(&str, &Node, Option<&'static str>)> = told.collect();
        let names_policies =
            |value: &Node| names_policy(value) || matches!(bare(&value.value), Value::Sequence(items) if items.iter().any(names_policy));
        if told
            .iter()
            .any(|(key, value, told)| told.is_none() && !self.is_known(value) && !key.eq_ignore_ascii_case("arn") && names_policies(value))
        {
            return self.add(node, NAMED);
        }
        self.within(entries, |walk| {
            for (key, value, told) in told {
                walk.under(key, |walk| match told {
                    Some(why) => walk.add(value, why),
                    None => walk.node(value),
                });
            }
        });
    }

    /// Why what stands under a key is about access, if the key tells.
    fn told(&self, key: &str, value: &Node) -> Option<&'static str> {
        if holds_statements(key, value) { Some(POLICY) } else { template::told(key).filter(|_| self.condition.is_some()) }
    }

    /// A text that holds a document which holds a policy.
    fn text(&mut self, node: &Node, text: &str) {
        let begins_list = || text.trim_start().starts_with('[') && text.contains("tatement");
        if !may_be_policy(text) && !begins_list() {
            return;
        }
        match parse_embedded(text, node.span, &Bounds::default()) {
            Ok(document) => self.node(&document),
            Err(_) if text.contains("tatement") => self.add(node, UNREAD),
            Err(_) => {}
        }
    }

    fn is_known(&self, node: &Node) -> bool {
        self.known.contains(&std::ptr::from_ref(node))
    }

    fn add(&mut self, node: &Node, why: &'static str) {
        let says = format!("{}\u{1f}{}", node.canonical(), self.condition.as_deref().unwrap_or_default());
        let digest = content_digest(&[&self.around, &says]);
        self.found.push(Part { span: node.span, says, digest, why });
    }

    fn under(&mut self, name: &str, then: impl FnOnce(&mut Self)) {
        let around = content_digest(&[&self.around, name]);
        let before = std::mem::replace(&mut self.around, around);
        then(self);
        self.around = before;
    }

    /// With what a mapping says of what it is about: who or what has a policy may stand beside it.
    fn within(&mut self, entries: &[(Node, Node)], then: impl FnOnce(&mut Self)) {
        let mut names: Vec<String> = Vec::new();
        for (key, value) in entries {
            let key = text_of(key);
            if key == "metadata" {
                names.extend(["name", "namespace"].iter().filter_map(|name| value.get(name)).map(Node::canonical));
            } else if value.scalar().is_some() && is_name(key) {
                names.push(format!("{key}\u{1f}{}", value.canonical()));
            }
        }
        names.sort();
        self.under(&names.join("\u{1f}"), then);
    }
}

/// What stands under a tag, such as `!If`, is what the tag chooses from.
fn bare(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => bare(&tagged.value),
        value => value,
    }
}

fn text_of(node: &Node) -> &str {
    node.scalar().map_or("", |scalar| &scalar.text)
}

/// Whether a key names what the mapping is about.
fn is_name(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let words = ["name", "role", "user", "group", "arn", "account", "id", "kind", "principal", "target", "type"];
    words.iter().any(|word| key.ends_with(word))
}

/// Whether a text is the ARN of a managed policy, in which the partition may be filled in.
fn names_policy(node: &Node) -> bool {
    let text = text_of(node);
    text.contains(":iam::") && text.contains(":policy/") && !text.contains(char::is_whitespace) && !text.starts_with(['{', '['])
}

/// Whether it says what a statement says, as files do of which somebody puts policies together.
fn is_statement(node: &Node) -> bool {
    let effect = node.get("Effect").and_then(Node::text);
    effect.is_some_and(|effect| ["Allow", "Deny"].contains(&effect)) && ["Action", "NotAction"].iter().any(|key| node.get(key).is_some())
}

/// Whether the value is a list of statements, under a key that says so: `statements`, `iamRoleStatements`.
fn holds_statements(key: &str, value: &Node) -> bool {
    let says_effect = |item: &Node| item.entries().unwrap_or_default().iter().any(|(key, _)| text_of(key).eq_ignore_ascii_case("Effect"));
    key.to_ascii_lowercase().contains("statement") && (says_effect(value) || value.items().unwrap_or_default().iter().any(says_effect))
}

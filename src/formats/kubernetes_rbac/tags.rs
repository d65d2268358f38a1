//! Tags that YAML does not know, as in `items: !x`: `kubectl`, Helm and kustomize read what stands under one as if it were not there.

use super::is_base64;
use crate::document::{Node, Scalar, Value};
use std::borrow::Cow;

const KNOWN: &str = "tag:yaml.org,2002:";

/// The document as these tools read it; a copy of it if it has such a tag.
pub(super) fn without(document: &Node) -> Cow<'_, Node> {
    if has_one(document) { Cow::Owned(copy(document)) } else { Cow::Borrowed(document) }
}

/// Whether such a tag stands at a node or anywhere below it.
fn has_one(node: &Node) -> bool {
    match &node.value {
        Value::Tagged(_) => true,
        Value::Scalar(scalar) => is_under_one(scalar),
        Value::Sequence(items) => items.iter().any(has_one),
        Value::Mapping(entries) => entries.iter().any(|(key, value)| has_one(key) || has_one(value)),
    }
}

/// A tag by which a scalar is decoded is kept.
fn is_under_one(scalar: &Scalar) -> bool {
    scalar.tag.as_deref().is_some_and(|tag| !tag.starts_with(KNOWN) && !is_base64(tag))
}

fn copy(node: &Node) -> Node {
    Node { value: copy_of(&node.value), span: node.span }
}

fn copy_of(value: &Value) -> Value {
    match value {
        Value::Tagged(tagged) => copy_of(&tagged.value),
        // Such a scalar is a string, whatever it looks like.
        Value::Scalar(scalar) if is_under_one(scalar) => {
            Value::Scalar(Scalar { tag: Some([KNOWN, "str"].concat().into()), ..scalar.clone() })
        }
        Value::Scalar(scalar) => Value::Scalar(scalar.clone()),
        Value::Sequence(items) => Value::Sequence(items.iter().map(copy).collect()),
        Value::Mapping(entries) => Value::Mapping(entries.iter().map(|(key, value)| (copy(key), copy(value))).collect()),
    }
}

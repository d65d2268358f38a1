//! When two keys of a mapping are the same.

use super::{Node, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;

/// Up to this many keys, comparing each with each costs less than hashing them.
const FEW: usize = 12;

/// What makes keys the same: the text, however it is quoted, since a key is looked up by its text; of a collection, its structure.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Identity<'k> {
    Text(Cow<'k, str>),
    Structure(String),
}

impl Identity<'_> {
    pub(super) fn of(key: &Node) -> Identity<'_> {
        match &key.value {
            Value::Scalar(scalar) => Identity::Text(Cow::Borrowed(&scalar.text)),
            value => {
                let mut structure = String::new();
                describe(value, &mut structure);
                Identity::Structure(structure)
            }
        }
    }

    pub(super) fn into_owned(self) -> Identity<'static> {
        match self {
            Identity::Text(text) => Identity::Text(Cow::Owned(text.into_owned())),
            Identity::Structure(structure) => Identity::Structure(structure),
        }
    }
}

/// The first key that is written twice: where first, and where again.
pub(super) fn duplicate(entries: &[(Node, Node)]) -> Option<(&Node, &Node)> {
    if entries.len() > FEW {
        let mut seen = HashMap::with_capacity(entries.len());
        return entries.iter().find_map(|(key, _)| Some((seen.insert(Identity::of(key), key)?, key)));
    }
    let mut keys = entries.iter().map(|(key, _)| key).enumerate();
    keys.find_map(|(position, key)| {
        let first = entries.iter().take(position).map(|(earlier, _)| earlier).find(|earlier| same(earlier, key))?;
        Some((first, key))
    })
}

fn same(one: &Node, other: &Node) -> bool {
    match (one.scalar(), other.scalar()) {
        (Some(one), Some(other)) => one.text == other.text,
        (None, None) => Identity::of(one) == Identity::of(other),
        _ => false,
    }
}

/// Writes a structure so that two are equal exactly if their descriptions are; lengths stand before texts, so nothing needs escaping.
fn describe(value: &Value, out: &mut String) {
    match value {
        Value::Scalar(scalar) => {
            let _ = write!(out, "{}:{}", scalar.text.len(), scalar.text);
        }
        Value::Sequence(items) => {
            out.push('[');
            for item in items {
                describe(&item.value, out);
            }
            out.push(']');
        }
        Value::Mapping(entries) => {
            out.push('{');
            for (key, value) in entries {
                describe(&key.value, out);
                describe(&value.value, out);
            }
            out.push('}');
        }
        Value::Tagged(tagged) => {
            let _ = write!(out, "!{}:{}", tagged.tag.len(), tagged.tag);
            describe(&tagged.value, out);
        }
    }
}

//! Merge keys, and keys that are written twice.

use crate::document::keys::{self, Identity};
use crate::document::{Node, Problem, Style, Value, lines};
use std::collections::HashSet;

const MERGE: &str = "tag:yaml.org,2002:merge";

/// The entries of a mapping with its merge key resolved; a key that is written twice is refused.
///
/// What is written in the mapping wins over what is merged into it, and of a list of merged mappings the earlier wins. For readers who
/// take entries as they come, such as `kubectl`'s, the later wins: where that is another value, nobody can tell.
pub(super) fn unique(mut entries: Vec<(Node, Node)>, text: &str) -> Result<Vec<(Node, Node)>, Problem> {
    refuse_duplicates(&entries, text)?;
    let Some(at) = entries.iter().position(|(key, _)| is_merge(key)) else { return Ok(entries) };
    let (_, sources) = entries.remove(at);
    // `!!merge` can make merge keys out of keys of other names.
    if let Some((second, _)) = entries.iter().find(|(key, _)| is_merge(key)) {
        let message = "a mapping has two merge keys";
        return Err(Problem::new("yaml-merge", second.span, message).help("write one, with a list: `<<: [*first, *second]`"));
    }
    let inherited = inherited(sources)?;
    let before = entries.get(..at).unwrap_or_default();
    if let Some((own, _)) = before.iter().find(|(key, value)| is_other(&inherited, key, value)) {
        let message = "what is written before the merge key wins for some readers, and what it merges in for others";
        return Err(Problem::new("yaml-merge", own.span, message).help("write the merge key first, or the key only once"));
    }
    Ok(join(entries, inherited))
}

fn join(mut own: Vec<(Node, Node)>, inherited: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
    let mut seen: HashSet<Identity<'static>> = own.iter().map(|(key, _)| Identity::of(key).into_owned()).collect();
    own.extend(inherited.into_iter().filter(|(key, _)| seen.insert(Identity::of(key).into_owned())));
    own
}

/// Whether the key comes with another value in some merged mapping.
fn is_other(inherited: &[(Node, Node)], key: &Node, value: &Node) -> bool {
    let mut same = inherited.iter().filter(|(other, _)| Identity::of(other) == Identity::of(key));
    same.any(|(_, other)| other.canonical() != value.canonical())
}

/// Every entry of the merged mappings, earlier mappings first.
fn inherited(sources: Node) -> Result<Vec<(Node, Node)>, Problem> {
    match sources.value {
        Value::Mapping(entries) => Ok(entries),
        Value::Sequence(items) => items.into_iter().try_fold(Vec::new(), |mut all, item| match item.value {
            Value::Mapping(entries) => {
                all.extend(entries);
                Ok(all)
            }
            _ => Err(not_mergeable(&item)),
        }),
        _ => Err(not_mergeable(&sources)),
    }
}

fn not_mergeable(node: &Node) -> Problem {
    let message = format!("the merge key `<<` needs a mapping or a list of mappings, found {}", node.kind());
    Problem::new("yaml-merge", node.span, message).help("refer to a mapping, as in `<<: *defaults`; an ordinary key is written `\"<<\"`")
}

/// A plain `<<` without a tag, or whatever is tagged `!!merge`.
fn is_merge(key: &Node) -> bool {
    key.scalar().is_some_and(|scalar| match scalar.tag.as_deref() {
        Some(tag) => tag == MERGE,
        None => scalar.style == Style::Plain && &*scalar.text == "<<",
    })
}

fn refuse_duplicates(entries: &[(Node, Node)], text: &str) -> Result<(), Problem> {
    let Some((first, second)) = keys::duplicate(entries) else { return Ok(()) };
    let place = lines::locate(text, first.span.start);
    let key = second.scalar().map_or("? …", |scalar| &scalar.text);
    Err(Problem::duplicate_key(key, second.span, Some(place)))
}

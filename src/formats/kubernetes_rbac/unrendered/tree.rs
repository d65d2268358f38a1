//! The files of one side, as charts and kustomizations look into them.

use super::super::tags;
use crate::document::{Bounds, Node, Syntax, parse};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The files of one side.
pub struct Tree<'t> {
    /// Their paths.
    pub paths: &'t BTreeSet<Arc<str>>,
    /// What is in one of them; `None` if it is not there or cannot be read.
    pub read: &'t dyn Fn(&str) -> Option<Vec<u8>>,
    /// What identifies that, whether or not it can be read.
    pub id: &'t dyn Fn(&str) -> String,
    /// The paths that differ between the sides.
    pub changed: &'t BTreeSet<Arc<str>>,
    /// Those of them that only one side has. What stands there for itself is told by itself, and all of it.
    pub alone: &'t BTreeSet<Arc<str>>,
    /// How large a file may be.
    pub bounds: Bounds,
}

impl<'t> Tree<'t> {
    /// What is in a file of this side that can be read.
    pub(super) fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        self.paths.contains(path).then(|| (self.read)(path)).flatten()
    }

    pub(super) fn text(&self, path: &str) -> Option<String> {
        self.bytes(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A file in words that differ when it does.
    pub(super) fn said(&self, path: &str) -> String {
        format!("file {path} {}", (self.id)(path))
    }

    /// The paths below a directory.
    pub(super) fn below(&self, directory: &str) -> impl Iterator<Item = &'t Arc<str>> + use<'t> {
        let below = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        self.paths.range(Arc::from(&*below)..).take_while(move |path| path.starts_with(&*below))
    }

    /// The documents of a file; none if it is not there. `Err` with its text if it cannot be parsed.
    pub(super) fn documents(&self, path: &str) -> Result<Vec<Node>, String> {
        let Some(bytes) = self.bytes(path) else { return Ok(Vec::new()) };
        self.parsed(path, &bytes).ok_or_else(|| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The one document of a file. `Err` if it is there and is not one document.
    pub(super) fn document(&self, path: &str) -> Result<Option<Node>, String> {
        let mut documents = self.documents(path)?;
        if documents.len() > 1 { Err(self.text(path).unwrap_or_default()) } else { Ok(documents.pop()) }
    }

    /// The documents of a text, as whoever renders them reads it; `None` if it cannot be parsed.
    pub(super) fn parsed(&self, path: &str, bytes: &[u8]) -> Option<Vec<Node>> {
        let syntax = if super::extension(path) == "json" { Syntax::Json } else { Syntax::Yaml };
        let documents = parse(path, bytes, syntax, &self.bounds).ok()?.documents;
        Some(documents.iter().map(|document| tags::without(document).into_owned()).collect())
    }
}

/// `key` and all that is below it, a line a value, each by its path with dots.
pub(super) fn leaves(node: &Node, path: &str, into: &mut Vec<(String, String)>) {
    match node.entries() {
        Some(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                let key = key.scalar().map_or_else(|| key.canonical(), |scalar| scalar.text.to_string());
                leaves(value, &if path.is_empty() { key } else { format!("{path}.{key}") }, into);
            }
        }
        _ => into.push((path.to_owned(), node.canonical())),
    }
}

/// Every text that stands somewhere in a node.
pub(super) fn texts<'n>(node: &'n Node, into: &mut Vec<&'n str>) {
    into.extend(node.text());
    node.items().unwrap_or_default().iter().for_each(|item| texts(item, into));
    node.entries().unwrap_or_default().iter().for_each(|(_, value)| texts(value, into));
}

/// The path that a relative one means; `None` for what is not in the tree.
pub(super) fn resolved(at: &str, text: &str) -> Option<String> {
    if text.contains("://")
        || text.contains("?ref=")
        || text.starts_with("git@")
        || text.starts_with("github.com/")
        || text.starts_with('/')
    {
        return None;
    }
    let mut parts: Vec<&str> = if at.is_empty() { Vec::new() } else { at.split('/').collect() };
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

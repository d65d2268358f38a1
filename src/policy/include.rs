//! A policy that is made of several files: what a file includes, and all of them as one document.
//!
//! Lists are joined, what is included first; names are joined, and none is written twice. So the files mean what one file would mean in
//! which everything stood, and what is wrong is told where it stands.

use super::check::version;
use super::file::PolicyFile;
use super::packs::{self, PACKS, Pack};
use crate::diagnostic::{self, Diagnostic, only_document};
use crate::document::{File, Node, Place, Value, from_node_fully, nearest};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// Before the path of a file of a policy repository, so that nobody takes it for a file of the repository that is judged.
pub const POLICY_REPOSITORY: &str = "policy:";

/// An entry of `include:`.
#[derive(Clone, Debug)]
pub struct Include {
    /// A path from the root of the repository, or `pack:` and the name of a pack.
    pub name: Arc<str>,
    /// Where it is written.
    pub place: Place,
}

impl Include {
    /// The pack, if it is one.
    pub fn pack(&self) -> Option<&'static Pack> {
        packs::named(&self.name)
    }
}

/// A file that a policy is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Part {
    /// Its path: after `pack:` the name of a pack, after `policy:` a file of a policy repository.
    pub path: Arc<str>,
    /// SHA-256 of its bytes.
    pub digest: String,
}

/// What a file includes, in its order, or what is wrong with the names.
pub fn includes(file: &File) -> Result<Vec<Include>, Vec<Diagnostic>> {
    let entries = file.documents.first().and_then(|document| document.get("include")).and_then(Node::items).unwrap_or_default();
    // What is no text is told when the file is read as a policy.
    let named = entries.iter().filter_map(|entry| Some((&*entry.scalar()?.text, file.place(entry.span))));
    let (sound, wrong): (Vec<_>, Vec<_>) = named.map(|(name, place)| include(name, place)).partition(Result::is_ok);
    if wrong.is_empty() { Ok(sound.into_iter().flatten().collect()) } else { Err(wrong.into_iter().filter_map(Result::err).collect()) }
}

fn include(name: &str, place: Place) -> Result<Include, Diagnostic> {
    if name.starts_with(packs::PREFIX) && packs::named(name).is_none() {
        let known: Vec<String> = PACKS.iter().map(|pack| format!("{}{}", packs::PREFIX, pack.name)).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let near = nearest(name, &known).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let help = format!("{near}known here: `{}`", known.join("`, `"));
        return Err(Diagnostic::error("unknown-name", place, format!("`{name}` is no pack here")).help(help));
    }
    if packs::named(name).is_none() && !is_path(name) {
        let help = "write a path from the root of the repository, such as `.countersign/people.yml`, or `pack:` and the name of a pack";
        return Err(Diagnostic::error("include-path", place, format!("`{name}` names no file of the repository")).help(help));
    }
    Ok(Include { name: name.into(), place })
}

/// Whether a text is the one way to write a path of a file in a repository.
pub(super) fn is_path(text: &str) -> bool {
    let is_name = |name: &str| !matches!(name, "" | "." | ".." | ".git") && name.trim() == name;
    text.split('/').all(is_name) && !text.contains(['\\', ':']) && !text.chars().any(char::is_control)
}

/// What lets changes pass without the rules stands where whoever reads the policy looks first; and what to do where it does not.
const OF_THE_ROOT: [(&str, &str); 2] =
    [("mode", "remove it here"), ("break-glass", "move it there, so that whoever reads the policy sees what may pass without its rules")];

/// What is wrong with a file by itself that is included.
pub fn problems(file: &File) -> Vec<Diagnostic> {
    let document = match only_document(file, "policy file", "version: 1") {
        Ok(document) => document,
        Err(diagnostic) => return vec![diagnostic],
    };
    if let Some(diagnostic) = version(file, document) {
        return vec![diagnostic];
    }
    let mut wrong: Vec<Diagnostic> = Vec::new();
    for (name, help) in OF_THE_ROOT {
        if let Some((key, _)) = document.entry(name) {
            let message = format!("a file that is included says `{name}`, which is for the policy itself to say");
            wrong.push(Diagnostic::error("misplaced-key", file.place(key.span), message).help(help));
        }
    }
    if let Err(problems) = from_node_fully::<PolicyFile>(document) {
        wrong.extend(problems.into_iter().map(|problem| Diagnostic::in_file(problem, file)));
    }
    wrong.sort();
    wrong
}

/// A policy file and those that it includes as one file with one document, or the names that are written twice.
pub fn join(mut root: File, included: Vec<File>) -> Result<File, Vec<Diagnostic>> {
    if included.is_empty() {
        return Ok(root);
    }
    let mut joined: Vec<(Node, Node)> = Vec::new();
    let mut twice = Vec::new();
    for file in included {
        for document in root.append(file) {
            let Value::Mapping(mut entries) = document.value else { continue };
            entries.retain(|(key, _)| !is_key(key, "version") && !is_key(key, "include"));
            merge(&mut joined, entries, Level::Top, &mut twice);
        }
    }
    let Some(Node { value: Value::Mapping(own), .. }) = root.documents.first_mut() else { return Ok(root) };
    merge(&mut joined, std::mem::take(own), Level::Top, &mut twice);
    *own = joined;
    let told = |(first, again, name): Twice| {
        let message = format!("`{name}` is written at {} as well", root.place(first.span));
        Diagnostic::error("duplicate-name", root.place(again.span), message).help("keep one of the two")
    };
    let mut twice: Vec<Diagnostic> = twice.into_iter().map(told).collect();
    diagnostic::quote(&mut twice, &root);
    if twice.is_empty() { Ok(root) } else { Err(twice) }
}

fn is_key(node: &Node, key: &str) -> bool {
    node.scalar().is_some_and(|scalar| &*scalar.text == key)
}

/// How far names are joined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// The keys of the policy.
    Top,
    /// The keys of `people:`.
    People,
    /// Names that the user gives.
    Names,
}

/// The key where it was first, where it is again, and what it is.
type Twice = (Node, Node, String);

fn merge(into: &mut Vec<(Node, Node)>, from: Vec<(Node, Node)>, level: Level, twice: &mut Vec<Twice>) {
    for (key, value) in from {
        let name = key.scalar().map(|scalar| scalar.text.to_string()).unwrap_or_default();
        let Some((first, known)) = into.iter_mut().find(|(known, _)| is_key(known, &name)) else {
            into.push((key, value));
            continue;
        };
        let below = if level == Level::Top && name == "people" { Level::People } else { Level::Names };
        match (&mut known.value, value.value) {
            (Value::Sequence(known), Value::Sequence(more)) if level == Level::Top => known.extend(more),
            (Value::Mapping(known), Value::Mapping(more)) if level != Level::Names => merge(known, more, below, twice),
            // One person in two files is no contradiction.
            (Value::Scalar(known), Value::Scalar(again)) if level == Level::Names && known.text == again.text => {}
            _ => twice.push((first.clone(), key, name)),
        }
    }
}

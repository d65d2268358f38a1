//! Notes at the lines that give access, each with a narrower line to take instead where one is known.

use super::Gate;
use super::hunks::Hunks;
use crate::change::{Entry, short_id};
use crate::report::markdown::{self, MARKER};
use crate::systems::{Kind, content_digest};
use std::cmp::Reverse;
use std::sync::Arc;

/// Past so many notes people no longer read them; the comment has the rest.
pub const MOST: usize = 10;

/// What there is to say at one of several places.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The part of the change.
    pub entry: Entry,
    /// Lines to take instead, if some are known that give less.
    pub suggestion: Option<Suggestion>,
}

/// Lines that give less than those that they replace: it was tried.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suggestion {
    /// The file.
    pub path: Arc<str>,
    /// The line that is replaced, 1-based.
    pub line: u32,
    /// What to write instead.
    pub text: String,
    /// What it changes, in a sentence without its end.
    pub what: String,
}

/// A note at a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The file.
    pub path: Arc<str>,
    /// 1-based, after the change.
    pub line: u32,
    /// What it says.
    pub body: String,
}

/// What is gained or cannot be told, the most severe first.
pub(super) fn drafts(entries: &[Entry]) -> Vec<Draft> {
    let mut drafts: Vec<Draft> =
        entries.iter().filter(|entry| entry.kind != Kind::Lost).map(|entry| Draft { entry: entry.clone(), suggestion: None }).collect();
    drafts.sort_by(|one, other| {
        let severity = |draft: &Draft| Reverse(draft.entry.region.severity);
        severity(one).cmp(&severity(other)).then_with(|| one.entry.cmp(&other.entry))
    });
    drafts
}

/// One note for each line that the diff shows, the most severe first. What stands at no such line is in the comment.
pub fn notes(drafts: &[Draft], hunks: &Hunks, gate: &Gate) -> Vec<Note> {
    let mut lines: Vec<(Arc<str>, u32, Vec<&Draft>)> = Vec::new();
    for draft in drafts {
        let Some((path, line)) = shown(draft, hunks) else { continue };
        match lines.iter_mut().find(|(other, at, _)| (&**other, *at) == (&*path, line)) {
            Some((_, _, here)) => here.push(draft),
            None => lines.push((path, line, vec![draft])),
        }
    }
    lines.into_iter().take(MOST).map(|(path, line, here)| Note { body: body(&here, &path, line, gate), path, line }).collect()
}

/// The first line of a draft that the diff shows.
fn shown(draft: &Draft, hunks: &Hunks) -> Option<(Arc<str>, u32)> {
    let suggested = draft.suggestion.iter().map(|suggestion| (&suggestion.path, suggestion.line));
    let origins = draft.entry.region.origins.head.iter().filter(|place| place.address.is_none()).map(|place| (&place.path, place.line));
    let found = suggested.chain(origins).find(|(path, line)| hunks.show(path, *line))?;
    Some((Arc::clone(found.0), found.1))
}

fn body(drafts: &[&Draft], path: &Arc<str>, line: u32, gate: &Gate) -> String {
    let entries: Vec<&Entry> = drafts.iter().map(|draft| &draft.entry).collect();
    let mut ids: Vec<String> = entries.iter().map(|entry| short_id(entry)).collect();
    ids.sort();
    let mut key = vec!["note", path];
    key.extend(ids.iter().map(String::as_str));
    let mut body = format!("{MARKER}\n{}{} -->\n{}", start(gate), content_digest(&key), markdown::at_a_line(&entries));
    let suggestion = drafts.iter().filter_map(|draft| draft.suggestion.as_ref()).find(|one| (&one.path, one.line) == (path, line));
    if let Some(suggestion) = suggestion {
        body.push_str(&markdown::suggestion(&suggestion.what, &suggestion.text));
    }
    body
}

/// How the second line of a note begins.
fn start(gate: &Gate) -> String {
    format!("<!-- countersign gate {} note ", gate.id())
}

/// What a note of this gate is about; `None` if the text is no such note. Two notes about the same have one name.
pub(super) fn key<'b>(body: &'b str, gate: &Gate) -> Option<&'b str> {
    let mut lines = body.lines().map(str::trim_end);
    let line = lines.next().filter(|first| *first == MARKER).and(lines.next())?;
    line.strip_prefix(&start(gate))?.strip_suffix(" -->")
}

/// What replaces a note that somebody answered, when what it says is gone: their answers stay readable.
pub(super) fn gone(gate: &Gate) -> String {
    format!("{MARKER}\n{}gone -->\n✅ This line gives nothing more that it did not give before.\n", start(gate))
}

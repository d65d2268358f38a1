//! What stands at a change request already, and the fewest steps to what is to stand there. What somebody else wrote is never touched,
//! whatever marker it has.

use super::note::{self, Note};
use super::{Comment, Gate};
use std::collections::BTreeSet;

/// A comment that stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The forge's id; a younger one has a greater.
    pub id: u64,
    /// Whether we wrote it, by the forge's immutable id of the author.
    pub is_ours: bool,
    /// Its text.
    pub body: String,
}

/// A note that stands at a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The note.
    pub note: Standing,
    /// Whether its line is still shown.
    pub is_shown: bool,
    /// Whether somebody answered.
    pub is_answered: bool,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<Posted> {
    /// To write anew.
    Post(Posted),
    /// To write over.
    Edit(u64, String),
    /// To take away.
    Delete(u64),
}

/// What a list says that stands there, and what was `posted` and it does not have yet.
pub fn with<T: Clone, K: PartialEq>(listed: impl Iterator<Item = T>, posted: &[T], key: impl Fn(&T) -> K) -> Vec<T> {
    let mut there: Vec<T> = listed.collect();
    let missing: Vec<T> = posted.iter().filter(|one| there.iter().all(|other| key(other) != key(one))).cloned().collect();
    there.extend(missing);
    there
}

/// The steps to one comment of this gate. Of two the older stays, whoever finds both; what a younger run wrote is left as it is.
pub fn comment(wanted: &Comment, gate: &Gate, there: &[Standing]) -> Vec<Step<String>> {
    let mut own: Vec<&Standing> = there.iter().filter(|one| one.is_ours && gate.wrote(&one.body).is_some()).collect();
    own.sort_by_key(|one| one.id);
    let Some((first, doubled)) = own.split_first() else {
        return match wanted {
            Comment::Open(text) => vec![Step::Post(text.clone())],
            Comment::Closed(_) => Vec::new(),
        };
    };
    let is_older = own.iter().all(|one| gate.wrote(&one.body).is_none_or(|at| at <= gate.at));
    // A younger run may have written the one that goes.
    let youngest = own.iter().max_by_key(|one| (gate.wrote(&one.body), one.id)).map_or("", |one| &*one.body);
    let text = if is_older { wanted.text() } else { youngest };
    let edit = (!is_same(&first.body, text)).then(|| Step::Edit(first.id, text.to_owned()));
    edit.into_iter().chain(doubled.iter().map(|one| Step::Delete(one.id))).collect()
}

/// The steps to these notes and no others of this gate.
pub fn notes(wanted: &[Note], gate: &Gate, there: &[Thread]) -> Vec<Step<Note>> {
    let mut own: Vec<&Thread> = there.iter().filter(|one| one.note.is_ours && note::key(&one.note.body, gate).is_some()).collect();
    own.sort_by_key(|one| one.note.id);
    let mut kept: BTreeSet<u64> = BTreeSet::new();
    let mut steps = Vec::new();
    for wanted in wanted {
        let is_it = |one: &&&Thread| {
            one.is_shown && !kept.contains(&one.note.id) && note::key(&one.note.body, gate) == note::key(&wanted.body, gate)
        };
        let Some(stands) = own.iter().find(is_it) else {
            steps.push(Step::Post(wanted.clone()));
            continue;
        };
        kept.insert(stands.note.id);
        if !is_same(&stands.note.body, &wanted.body) {
            steps.push(Step::Edit(stands.note.id, wanted.body.clone()));
        }
    }
    let gone = note::gone(gate);
    for one in own.iter().filter(|one| !kept.contains(&one.note.id)) {
        match one.is_answered {
            false => steps.push(Step::Delete(one.note.id)),
            true if is_same(&one.note.body, &gone) => {}
            true => steps.push(Step::Edit(one.note.id, gone.clone())),
        }
    }
    steps
}

/// Forges keep the ends of lines, and the end of the text, as they like.
fn is_same(one: &str, other: &str) -> bool {
    one.trim_end().lines().map(str::trim_end).eq(other.trim_end().lines().map(str::trim_end))
}

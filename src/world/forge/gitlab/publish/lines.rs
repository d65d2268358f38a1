//! Discussions at lines of a merge request. What no longer holds is resolved, and what holds again is said anew.

use super::{Account, NO_MERGE_REQUEST, Publishing, Refs, diff};
use crate::report::publication::hunks::Hunks;
use crate::report::publication::note::{self, Note};
use crate::report::publication::standing::{self, Standing, Step, Thread};
use crate::world::forge::Error;
use crate::world::forge::board::{self, Board};
use crate::world::forge::client::Keyed;
use crate::world::forge::publish::NotPublished;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Deserialize)]
struct Discussion {
    id: String,
    notes: Vec<Said>,
}

#[derive(Clone, Debug, Deserialize)]
struct Said {
    id: u64,
    author: Account,
    body: String,
    #[serde(default)]
    resolved: bool,
    /// None of a note at no line.
    position: Option<Value>,
}

impl Keyed for Discussion {
    fn key(&self) -> Option<u64> {
        self.notes.first().map(|note| note.id)
    }
}

#[derive(Debug, Deserialize)]
struct File {
    old_path: String,
    new_path: String,
    diff: String,
}

impl Keyed for File {
    fn key(&self) -> Option<u64> {
        None
    }
}

/// What the merge request shows.
#[derive(Default)]
struct Shown {
    hunks: Hunks,
    /// The path before, and the lines that stay, by the path after.
    files: BTreeMap<String, (String, BTreeMap<u32, Option<u32>>)>,
}

/// What stands there open, and the discussion of each note.
#[derive(Default)]
struct There {
    threads: Vec<Thread>,
    discussions: BTreeMap<u64, String>,
}

impl Publishing<'_> {
    /// Sees to it that each note stands at its line once.
    pub(super) async fn lines(&self) -> Result<String, NotPublished> {
        let Some((number, refs)) = self.current().await? else { return Ok(NO_MERGE_REQUEST.to_owned()) };
        let own = self.own_id().await?;
        let shown = if self.publication.notes.is_empty() { Shown::default() } else { self.shown(number).await? };
        let wanted = note::notes(&self.publication.notes, &shown.hunks, &self.publication.gate);
        let lines = Lines { at: self, number, own, refs, shown, wanted };
        Ok(board::settle(&lines).await?.of(lines.wanted.len()))
    }

    async fn shown(&self, number: u64) -> Result<Shown, Error> {
        let mut shown = Shown::default();
        for File { old_path, new_path, diff } in self.client.list(&self.path(number, "/diffs")).await? {
            shown.hunks.add(&new_path, &diff);
            shown.files.insert(new_path, (old_path, diff::lines(&diff)));
        }
        Ok(shown)
    }
}

/// All discussions of a merge request.
struct Lines<'p> {
    at: &'p Publishing<'p>,
    number: u64,
    /// Our own immutable id.
    own: u64,
    refs: Refs,
    shown: Shown,
    wanted: Vec<Note>,
}

impl Lines<'_> {
    fn path(&self, rest: &str) -> String {
        self.at.path(self.number, &format!("/discussions{rest}"))
    }
}

impl Board for Lines<'_> {
    type Wanted = Note;
    type Posted = Discussion;
    type There = There;

    const NAME: &'static str = "the discussions of the merge request";

    /// The discussions that are open; what is resolved says nothing more.
    async fn there(&self, posted: &[Discussion]) -> Result<There, Error> {
        let listed: Vec<Discussion> = self.at.client.list(&self.path("")).await?;
        let mut there = There::default();
        for Discussion { id, notes } in standing::with(listed.into_iter(), posted, |one| one.id.clone()) {
            let Some(first) = notes.into_iter().next().filter(|first| first.position.is_some() && !first.resolved) else { continue };
            there.discussions.insert(first.id, id);
            let note = Standing { id: first.id, is_ours: first.author.id == self.own, body: first.body };
            // Where its line is gone, GitLab shows it with the version that it was of. One that was answered is resolved like any other.
            there.threads.push(Thread { note, is_shown: true, is_answered: false });
        }
        Ok(there)
    }

    fn steps(&self, there: &There) -> Vec<Step<Note>> {
        standing::notes(&self.wanted, &self.at.publication.gate, &there.threads)
    }

    async fn take(&self, there: &There, step: &Step<Note>) -> Result<Option<Discussion>, Error> {
        let client = self.at.client;
        let discussion = |id: &u64| there.discussions.get(id).map(String::as_str).unwrap_or_default();
        match step {
            Step::Post(note) => {
                let body = json!({ "body": note.body, "position": self.shown.position(&self.refs, note) });
                client.write(Method::POST, &self.path(""), &body).await.map(Some)
            }
            Step::Edit(id, text) => {
                let path = self.path(&format!("/{}/notes/{id}", discussion(id)));
                client.write::<Said>(Method::PUT, &path, &json!({ "body": text })).await.map(|_| None)
            }
            // What people answered stays readable.
            Step::Delete(id) => {
                let path = self.path(&format!("/{}", discussion(id)));
                client.write::<Discussion>(Method::PUT, &path, &json!({ "resolved": true })).await.map(|_| None)
            }
        }
    }
}

impl Shown {
    fn position(&self, refs: &Refs, note: &Note) -> Value {
        let (old_path, lines) =
            self.files.get(&*note.path).map_or((&*note.path, None), |(old, lines)| (old.as_str(), lines.get(&note.line)));
        let mut position = json!({
            "position_type": "text", "base_sha": refs.base, "start_sha": refs.start, "head_sha": refs.head,
            "old_path": old_path, "new_path": &*note.path, "new_line": note.line,
        });
        if let (Some(Some(old)), Some(position)) = (lines, position.as_object_mut()) {
            position.insert("old_line".to_owned(), Value::from(*old));
        }
        position
    }
}

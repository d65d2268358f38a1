//! Discussions at lines of a merge request. What no longer holds is resolved, and what holds again is said anew.

use super::{Account, NO_MERGE_REQUEST, Publishing, Refs, diff, is_gone, is_lost};
use crate::report::publication::hunks::Hunks;
use crate::report::publication::note::{self, Note};
use crate::report::publication::standing::{self, Standing, Step, Thread};
use crate::world::forge::Error;
use crate::world::forge::client::Keyed;
use crate::world::forge::publish::NotPublished;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How often it is looked whether all is as it should be.
const MOST_ROUNDS: usize = 4;

#[derive(Debug, Deserialize)]
struct Discussion {
    id: String,
    notes: Vec<Said>,
}

#[derive(Debug, Deserialize)]
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
    /// Looks what stands there, does what is missing, and looks again after anything was added.
    pub(super) async fn lines(&self) -> Result<String, NotPublished> {
        let Some((number, refs)) = self.current().await? else { return Ok(NO_MERGE_REQUEST.to_owned()) };
        let own = self.own_id().await?;
        let gate = &self.publication.gate;
        let shown = if self.publication.notes.is_empty() { Shown::default() } else { self.shown(number).await? };
        let wanted = note::notes(&self.publication.notes, &shown.hunks, gate);
        let (mut written, mut changed) = (Vec::new(), 0);
        for _ in 0..MOST_ROUNDS {
            let there = self.there(number, own, &written).await?;
            let mut looks_again = false;
            for step in standing::notes(&wanted, gate, &there.threads) {
                match self.discuss(number, (&refs, &shown), &there, &step).await {
                    Ok(posted) => {
                        looks_again |= posted.is_some();
                        written.extend(posted);
                    }
                    Err(error) if is_gone(&error) && matches!(step, Step::Delete(_)) => {}
                    Err(error) if is_lost(&error) => looks_again = true,
                    Err(error) => return Err(error.into()),
                }
                changed += 1;
            }
            if !looks_again {
                return Ok(if changed == 0 { "as they were".to_owned() } else { format!("{changed} changed, {} there", wanted.len()) });
            }
        }
        Err(Error::Changing { what: "the discussions of the merge request".to_owned() }.into())
    }

    async fn discuss(
        &self,
        number: u64,
        (refs, shown): (&Refs, &Shown),
        there: &There,
        step: &Step<Note>,
    ) -> Result<Option<Discussion>, Error> {
        let discussion = |id: &u64| there.discussions.get(id).map(String::as_str).unwrap_or_default();
        match step {
            Step::Post(note) => {
                let body = json!({ "body": note.body, "position": shown.position(refs, note) });
                self.client.write(Method::POST, &self.path(number, "/discussions"), &body).await.map(Some)
            }
            Step::Edit(id, text) => {
                let path = self.path(number, &format!("/discussions/{}/notes/{id}", discussion(id)));
                self.client.write::<Said>(Method::PUT, &path, &json!({ "body": text })).await.map(|_| None)
            }
            // What people answered stays readable.
            Step::Delete(id) => {
                let path = self.path(number, &format!("/discussions/{}", discussion(id)));
                self.client.write::<Discussion>(Method::PUT, &path, &json!({ "resolved": true })).await.map(|_| None)
            }
        }
    }

    async fn shown(&self, number: u64) -> Result<Shown, Error> {
        let mut shown = Shown::default();
        for File { old_path, new_path, diff } in self.client.list(&self.path(number, "/diffs")).await? {
            shown.hunks.add(&new_path, &diff);
            shown.files.insert(new_path, (old_path, diff::lines(&diff)));
        }
        Ok(shown)
    }

    /// The discussions that are open; what is resolved says nothing more. A list that does not have yet what we wrote gets it.
    async fn there(&self, number: u64, own: u64, written: &[Discussion]) -> Result<There, Error> {
        let listed: Vec<Discussion> = self.client.list(&self.path(number, "/discussions")).await?;
        let known: BTreeSet<&str> = listed.iter().map(|discussion| discussion.id.as_str()).collect();
        let missing = written.iter().filter(|discussion| !known.contains(discussion.id.as_str()));
        let mut there = There::default();
        for Discussion { id, notes } in listed.iter().chain(missing) {
            let Some(first) = notes.first().filter(|first| first.position.is_some() && !first.resolved) else { continue };
            there.discussions.insert(first.id, id.clone());
            let note = Standing { id: first.id, is_ours: first.author.id == own, body: first.body.clone() };
            // Where its line is gone, GitLab shows it with the version that it was of. One that was answered is resolved like any other.
            there.threads.push(Thread { note, is_shown: true, is_answered: false });
        }
        Ok(there)
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

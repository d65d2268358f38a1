//! Notes at lines of a pull request. What no longer holds is taken away, and not resolved: to resolve it, a job would need to be allowed to
//! write the code.

use super::{Account, NO_PULL_REQUEST, Publishing, is_gone, is_lost};
use crate::report::publication::hunks::Hunks;
use crate::report::publication::note::{self, Note};
use crate::report::publication::standing::{self, Standing, Step, Thread};
use crate::world::forge::Error;
use crate::world::forge::client::Keyed;
use crate::world::forge::publish::NotPublished;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;

/// How often it is looked whether all is as it should be.
const MOST_ROUNDS: usize = 4;

#[derive(Debug, Deserialize)]
struct ReviewComment {
    id: u64,
    /// Nobody, if the account is gone.
    user: Option<Account>,
    body: String,
    /// None once its line is no longer shown.
    line: Option<u32>,
    in_reply_to_id: Option<u64>,
}

impl Keyed for ReviewComment {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

#[derive(Debug, Deserialize)]
struct File {
    filename: String,
    /// None for a file that is too large or binary.
    patch: Option<String>,
}

impl Keyed for File {
    fn key(&self) -> Option<u64> {
        None
    }
}

impl Publishing<'_> {
    /// Looks what stands there, does what is missing, and looks again after anything was added.
    pub(super) async fn lines(&self) -> Result<String, NotPublished> {
        let Some(number) = self.current().await? else { return Ok(NO_PULL_REQUEST.to_owned()) };
        let own = self.own_id().await?;
        let gate = &self.publication.gate;
        let hunks = if self.publication.notes.is_empty() { Hunks::default() } else { self.hunks(number).await? };
        let wanted = note::notes(&self.publication.notes, &hunks, gate);
        let mut written: Vec<Thread> = Vec::new();
        let mut changed = 0;
        for _ in 0..MOST_ROUNDS {
            let there = self.threads(number, own, &written).await?;
            let mut looks_again = false;
            for step in standing::notes(&wanted, gate, &there) {
                match self.note(number, &step).await {
                    Ok(posted) => {
                        looks_again |= posted.is_some();
                        written.extend(posted.map(|comment| comment.thread(own, &BTreeSet::new())));
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
        Err(Error::Changing { what: "the notes of the pull request".to_owned() }.into())
    }

    async fn note(&self, number: u64, step: &Step<Note>) -> Result<Option<ReviewComment>, Error> {
        let comment = |id: &u64| self.path(&format!("pulls/comments/{id}"));
        match step {
            Step::Post(Note { path, line, body }) => {
                let note = json!({ "body": body, "commit_id": self.target.head, "path": &**path, "line": line, "side": "RIGHT" });
                self.client.write(Method::POST, &self.path(&format!("pulls/{number}/comments")), &note).await.map(Some)
            }
            Step::Edit(id, text) => {
                self.client.write::<ReviewComment>(Method::PATCH, &comment(id), &json!({ "body": text })).await.map(|_| None)
            }
            Step::Delete(id) => self.client.delete(&comment(id)).await.map(|()| None),
        }
    }

    async fn hunks(&self, number: u64) -> Result<Hunks, Error> {
        let files: Vec<File> = self.client.list(&self.path(&format!("pulls/{number}/files"))).await?;
        let mut hunks = Hunks::default();
        for File { filename, patch } in files {
            hunks.add(&filename, &patch.unwrap_or_default());
        }
        Ok(hunks)
    }

    async fn threads(&self, number: u64, own: u64, written: &[Thread]) -> Result<Vec<Thread>, Error> {
        let listed: Vec<ReviewComment> = self.client.list(&self.path(&format!("pulls/{number}/comments"))).await?;
        let answered: BTreeSet<u64> = listed.iter().filter_map(|comment| comment.in_reply_to_id).collect();
        let mut there: Vec<Thread> = listed.into_iter().map(|comment| comment.thread(own, &answered)).collect();
        let missing = |one: &&Thread| there.iter().all(|other| other.note.id != one.note.id);
        let missing: Vec<Thread> = written.iter().filter(missing).cloned().collect();
        there.extend(missing);
        Ok(there)
    }
}

impl ReviewComment {
    fn thread(self, own: u64, answered: &BTreeSet<u64>) -> Thread {
        Thread {
            is_shown: self.line.is_some(),
            is_answered: answered.contains(&self.id),
            note: Standing { id: self.id, is_ours: self.user.is_some_and(|user| user.id == own), body: self.body },
        }
    }
}

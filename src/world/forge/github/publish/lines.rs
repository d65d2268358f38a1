//! Notes at lines of a pull request. What no longer holds is taken away, and not resolved: to resolve it, a job would need to be allowed to
//! write the code.

use super::{Account, NO_PULL_REQUEST, Publishing};
use crate::report::publication::hunks::Hunks;
use crate::report::publication::note::{self, Note};
use crate::report::publication::standing::{self, Standing, Step, Thread};
use crate::world::forge::Error;
use crate::world::forge::board::{self, Board};
use crate::world::forge::client::Keyed;
use crate::world::forge::publish::NotPublished;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;

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
    /// Sees to it that each note stands at its line once.
    pub(super) async fn lines(&self) -> Result<String, NotPublished> {
        let Some(number) = self.current().await? else { return Ok(NO_PULL_REQUEST.to_owned()) };
        let own = self.own_id().await?;
        let hunks = if self.publication.notes.is_empty() { Hunks::default() } else { self.hunks(number).await? };
        let wanted = note::notes(&self.publication.notes, &hunks, &self.publication.gate);
        let lines = Lines { at: self, number, own, wanted };
        Ok(board::settle(&lines).await?.of(lines.wanted.len()))
    }

    async fn hunks(&self, number: u64) -> Result<Hunks, Error> {
        let files: Vec<File> = self.client.list(&self.path(&format!("pulls/{number}/files"))).await?;
        let mut hunks = Hunks::default();
        for File { filename, patch } in files {
            hunks.add(&filename, &patch.unwrap_or_default());
        }
        Ok(hunks)
    }
}

/// All notes at lines of a pull request.
struct Lines<'p> {
    at: &'p Publishing<'p>,
    number: u64,
    /// Our own immutable id.
    own: u64,
    wanted: Vec<Note>,
}

impl Lines<'_> {
    fn path(&self) -> String {
        self.at.path(&format!("pulls/{}/comments", self.number))
    }
}

impl Board for Lines<'_> {
    type Wanted = Note;
    type Posted = Thread;
    type There = Vec<Thread>;

    const NAME: &'static str = "the notes of the pull request";

    async fn there(&self, posted: &[Thread]) -> Result<Vec<Thread>, Error> {
        let listed: Vec<ReviewComment> = self.at.client.list(&self.path()).await?;
        let answered: BTreeSet<u64> = listed.iter().filter_map(|comment| comment.in_reply_to_id).collect();
        Ok(standing::with(listed.into_iter().map(|comment| comment.thread(self.own, &answered)), posted, |one| one.note.id))
    }

    fn steps(&self, there: &Vec<Thread>) -> Vec<Step<Note>> {
        standing::notes(&self.wanted, &self.at.publication.gate, there)
    }

    async fn take(&self, _: &Vec<Thread>, step: &Step<Note>) -> Result<Option<Thread>, Error> {
        let client = self.at.client;
        let comment = |id: &u64| self.at.path(&format!("pulls/comments/{id}"));
        match step {
            Step::Post(Note { path, line, body }) => {
                let note = json!({ "body": body, "commit_id": self.at.target.head, "path": &**path, "line": line, "side": "RIGHT" });
                let posted: ReviewComment = client.write(Method::POST, &self.path(), &note).await?;
                Ok(Some(posted.thread(self.own, &BTreeSet::new())))
            }
            Step::Edit(id, text) => {
                client.write::<ReviewComment>(Method::PATCH, &comment(id), &json!({ "body": text })).await.map(|_| None)
            }
            Step::Delete(id) => client.delete(&comment(id)).await.map(|()| None),
        }
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

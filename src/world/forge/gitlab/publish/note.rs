//! The note of a merge request: one for each gate, whatever happens.

use super::{Account, NO_MERGE_REQUEST, Publishing};
use crate::report::publication::standing::{self, Standing, Step};
use crate::world::forge::Error;
use crate::world::forge::board::{self, Board};
use crate::world::forge::client::Keyed;
use crate::world::forge::publish::NotPublished;
use http::Method;
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
struct Note {
    id: u64,
    author: Account,
    body: String,
    system: bool,
}

impl Keyed for Note {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

impl Publishing<'_> {
    /// Sees to it that there is one, and that it says what is to be said.
    pub(super) async fn note(&self) -> Result<String, NotPublished> {
        let Some((number, _)) = self.current().await? else { return Ok(NO_MERGE_REQUEST.to_owned()) };
        let notes = Notes { at: self, number, own: self.own_id().await? };
        Ok(board::settle(&notes).await?.word())
    }
}

/// All notes of a merge request.
struct Notes<'p> {
    at: &'p Publishing<'p>,
    number: u64,
    /// Our own immutable id.
    own: u64,
}

impl Notes<'_> {
    fn path(&self, rest: &str) -> String {
        self.at.path(self.number, &format!("/notes{rest}"))
    }
}

impl Board for Notes<'_> {
    type Wanted = String;
    type Posted = Standing;
    type There = Vec<Standing>;

    const NAME: &'static str = "the note of the merge request";

    async fn there(&self, posted: &[Standing]) -> Result<Vec<Standing>, Error> {
        let listed: Vec<Note> = self.at.client.list(&self.path("?order_by=created_at&sort=asc")).await?;
        let by_people = listed.into_iter().filter(|note| !note.system);
        Ok(standing::with(by_people.map(|note| note.standing(self.own)), posted, |one| one.id))
    }

    fn steps(&self, there: &Vec<Standing>) -> Vec<Step<String>> {
        standing::comment(&self.at.publication.comment, &self.at.publication.gate, there)
    }

    async fn take(&self, _: &Vec<Standing>, step: &Step<String>) -> Result<Option<Standing>, Error> {
        let client = self.at.client;
        let note = |id: &u64| self.path(&format!("/{id}"));
        match step {
            Step::Post(text) => {
                let posted: Note = client.write(Method::POST, &self.path(""), &json!({ "body": text })).await?;
                Ok(Some(posted.standing(self.own)))
            }
            Step::Edit(id, text) => client.write::<Note>(Method::PUT, &note(id), &json!({ "body": text })).await.map(|_| None),
            Step::Delete(id) => client.delete(&note(id)).await.map(|()| None),
        }
    }
}

impl Note {
    fn standing(self, own: u64) -> Standing {
        Standing { id: self.id, is_ours: self.author.id == own, body: self.body }
    }
}

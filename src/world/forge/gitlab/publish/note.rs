//! The note of a merge request: one for each gate, whatever happens.

use super::{Account, NO_MERGE_REQUEST, Publishing, is_gone, is_lost};
use crate::report::publication::standing::{self, Standing, Step};
use crate::world::forge::Error;
use crate::world::forge::client::Keyed;
use crate::world::forge::publish::NotPublished;
use http::Method;
use serde::Deserialize;
use serde_json::json;

/// How often it is looked whether all is as it should be.
const MOST_ROUNDS: usize = 4;

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
    /// Looks what stands there, does what is missing, and looks again after anything was added: another run may have added it as well.
    pub(super) async fn note(&self) -> Result<String, NotPublished> {
        let Some((number, _)) = self.current().await? else { return Ok(NO_MERGE_REQUEST.to_owned()) };
        let own = self.own_id().await?;
        let mut written: Vec<Standing> = Vec::new();
        let mut done = "as it was";
        for _ in 0..MOST_ROUNDS {
            let there = self.notes(number, own, &written).await?;
            let steps = standing::comment(&self.publication.comment, &self.publication.gate, &there);
            let mut looks_again = false;
            for step in &steps {
                match self.step(number, step).await {
                    Ok(posted) => {
                        looks_again |= posted.is_some();
                        written.extend(posted.map(|note| note.standing(own)));
                    }
                    Err(error) if is_gone(&error) && matches!(step, Step::Delete(_)) => {}
                    // Whether it arrived stands there.
                    Err(error) if is_lost(&error) => looks_again = true,
                    Err(error) => return Err(error.into()),
                }
                done = if matches!(step, Step::Post(_)) { "written" } else { "edited" };
            }
            if !looks_again {
                return Ok(done.to_owned());
            }
        }
        Err(Error::Changing { what: "the note of the merge request".to_owned() }.into())
    }

    async fn step(&self, number: u64, step: &Step<String>) -> Result<Option<Note>, Error> {
        let note = |id: &u64| self.path(number, &format!("/notes/{id}"));
        match step {
            Step::Post(text) => self.client.write(Method::POST, &self.path(number, "/notes"), &json!({ "body": text })).await.map(Some),
            Step::Edit(id, text) => self.client.write::<Note>(Method::PUT, &note(id), &json!({ "body": text })).await.map(|_| None),
            Step::Delete(id) => self.client.delete(&note(id)).await.map(|()| None),
        }
    }

    /// All notes; a list that does not have yet what we wrote gets it.
    async fn notes(&self, number: u64, own: u64, written: &[Standing]) -> Result<Vec<Standing>, Error> {
        let listed: Vec<Note> = self.client.list(&self.path(number, "/notes?order_by=created_at&sort=asc")).await?;
        let mut there: Vec<Standing> = listed.into_iter().filter(|note| !note.system).map(|note| note.standing(own)).collect();
        let missing: Vec<Standing> = written.iter().filter(|one| there.iter().all(|other| other.id != one.id)).cloned().collect();
        there.extend(missing);
        Ok(there)
    }
}

impl Note {
    fn standing(self, own: u64) -> Standing {
        Standing { id: self.id, is_ours: self.author.id == own, body: self.body }
    }
}

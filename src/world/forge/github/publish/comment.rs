//! The comment of a pull request: one for each gate, whatever happens.

use super::{Account, NO_PULL_REQUEST, Publishing};
use crate::report::publication::standing::{self, Standing, Step};
use crate::world::forge::Error;
use crate::world::forge::board::{self, Board};
use crate::world::forge::client::Keyed;
use crate::world::forge::publish::NotPublished;
use http::Method;
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
struct Comment {
    id: u64,
    /// Nobody, if the account is gone.
    user: Option<Account>,
    body: Option<String>,
}

impl Keyed for Comment {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

impl Publishing<'_> {
    /// Sees to it that there is one, and that it says what is to be said.
    pub(super) async fn comment(&self) -> Result<String, NotPublished> {
        let Some(number) = self.current().await? else { return Ok(NO_PULL_REQUEST.to_owned()) };
        let comments = Comments { at: self, number, own: self.own_id().await? };
        Ok(board::settle(&comments).await?.word())
    }
}

/// All comments of a pull request.
struct Comments<'p> {
    at: &'p Publishing<'p>,
    number: u64,
    /// Our own immutable id.
    own: u64,
}

impl Comments<'_> {
    fn path(&self) -> String {
        self.at.path(&format!("issues/{}/comments", self.number))
    }
}

impl Board for Comments<'_> {
    type Wanted = String;
    type Posted = Standing;
    type There = Vec<Standing>;

    const NAME: &'static str = "the comment of the pull request";

    async fn there(&self, posted: &[Standing]) -> Result<Vec<Standing>, Error> {
        let listed: Vec<Comment> = self.at.client.list(&self.path()).await?;
        Ok(standing::with(listed.into_iter().map(|comment| comment.standing(self.own)), posted, |one| one.id))
    }

    fn steps(&self, there: &Vec<Standing>) -> Vec<Step<String>> {
        standing::comment(&self.at.publication.comment, &self.at.publication.gate, there)
    }

    async fn take(&self, _: &Vec<Standing>, step: &Step<String>) -> Result<Option<Standing>, Error> {
        let client = self.at.client;
        let comment = |id: &u64| self.at.path(&format!("issues/comments/{id}"));
        match step {
            Step::Post(text) => {
                let posted: Comment = client.write(Method::POST, &self.path(), &json!({ "body": text })).await?;
                Ok(Some(posted.standing(self.own)))
            }
            Step::Edit(id, text) => client.write::<Comment>(Method::PATCH, &comment(id), &json!({ "body": text })).await.map(|_| None),
            Step::Delete(id) => client.delete(&comment(id)).await.map(|()| None),
        }
    }
}

impl Comment {
    fn standing(self, own: u64) -> Standing {
        Standing { id: self.id, is_ours: self.user.is_some_and(|user| user.id == own), body: self.body.unwrap_or_default() }
    }
}

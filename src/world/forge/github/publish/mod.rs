//! A report at a pull request of GitHub's. Reads are repeated, writes are not: when the answer to one is lost, what stands there is read
//! before anything is written again.

mod check;
mod comment;
mod lines;
mod scanning;

use crate::report::publication::Publication;
use crate::world::forge::Error;
use crate::world::forge::client::Client;
use crate::world::forge::publish::{Channel, NotPublished, Published, Target};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What becomes of what belongs to one where there is none, such as in a merge queue.
const NO_PULL_REQUEST: &str = "no pull request";

/// What is written, and where.
pub(in crate::world::forge) struct Publishing<'p> {
    pub(in crate::world::forge) client: &'p Client,
    pub(in crate::world::forge) target: &'p Target,
    pub(in crate::world::forge) publication: &'p Publication,
    /// SARIF, for code scanning.
    pub(in crate::world::forge) sarif: &'p str,
}

/// An account.
#[derive(Debug, Deserialize)]
struct Account {
    id: u64,
}

impl Publishing<'_> {
    /// Writes each part; what becomes of one is nothing to the others.
    pub(in crate::world::forge) async fn publish(&self, channels: &BTreeSet<Channel>) -> Vec<Published> {
        let mut all = Vec::new();
        for channel in channels {
            let outcome = match channel {
                Channel::Comment => self.comment().await,
                Channel::Lines => self.lines().await,
                Channel::Check => self.check().await,
                Channel::CodeScanning => self.code_scanning().await,
            };
            let outcome = outcome.map_err(|error| explained(error, *channel));
            all.push(Published { channel: *channel, outcome });
        }
        all
    }

    /// The pull request, if there is one, and what was judged is still what it proposes.
    async fn current(&self) -> Result<Option<u64>, NotPublished> {
        #[derive(Deserialize)]
        struct Pull {
            head: Head,
        }
        #[derive(Deserialize)]
        struct Head {
            sha: String,
        }
        let Some(number) = self.target.change_request else { return Ok(None) };
        let pull: Pull = self.client.get(&self.path(&format!("pulls/{number}"))).await?;
        if pull.head.sha == self.target.head {
            return Ok(Some(number));
        }
        Err(self.target.overtaken_by(&pull.head.sha))
    }

    fn path(&self, rest: &str) -> String {
        format!("/repos/{}/{rest}", self.target.repository)
    }

    /// Our own immutable id. The token of an App, which that of a job is, may not ask for its user otherwise.
    async fn own_id(&self) -> Result<u64, Error> {
        let query = json!({ "query": "query { viewer { databaseId } }" });
        let answer: Value = self.client.ask(&query).await?;
        let id = answer.pointer("/data/viewer/databaseId").and_then(Value::as_u64);
        id.ok_or_else(|| Error::Unusable {
            request: "POST /graphql".to_owned(),
            why: "it does not say whose the token is, so nobody knows which comments are ours".to_owned(),
        })
    }
}

/// Says what is missing where the forge forbids.
fn explained(error: NotPublished, channel: Channel) -> NotPublished {
    match error {
        // It hides what it forbids.
        NotPublished::Other(error @ Error::Refused { status: 401 | 403 | 404, .. }) => {
            NotPublished::Forbidden { error, permission: channel.permission() }
        }
        other => other,
    }
}

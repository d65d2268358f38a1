//! A report at a merge request of GitLab's. Reads are repeated, writes are not: when the answer to one is lost, what stands there is read
//! before anything is written again.

mod check;
mod diff;
mod lines;
mod note;

use crate::report::publication::Publication;
use crate::world::forge::Error;
use crate::world::forge::client::{Client, encoded};
use crate::world::forge::publish::{Channel, NotPublished, Published, Target};
use serde::Deserialize;
use std::collections::BTreeSet;

/// What becomes of what belongs to one where there is none, such as at a deployment.
const NO_MERGE_REQUEST: &str = "no merge request";

/// What is written, and where.
pub(in crate::world::forge) struct Publishing<'p> {
    pub(in crate::world::forge) client: &'p Client,
    pub(in crate::world::forge) target: &'p Target,
    pub(in crate::world::forge) publication: &'p Publication,
}

/// An account.
#[derive(Clone, Debug, Deserialize)]
struct Account {
    id: u64,
}

/// What a merge request compares.
#[derive(Debug, Deserialize)]
struct Refs {
    #[serde(rename = "base_sha")]
    base: String,
    #[serde(rename = "head_sha")]
    head: String,
    #[serde(rename = "start_sha")]
    start: String,
}

impl Publishing<'_> {
    /// Writes each part; what becomes of one is nothing to the others.
    pub(in crate::world::forge) async fn publish(&self, channels: &BTreeSet<Channel>) -> Vec<Published> {
        let mut all = Vec::new();
        for channel in channels {
            let outcome = match channel {
                Channel::Comment => self.note().await,
                Channel::Lines => self.lines().await,
                Channel::Check => self.check().await,
                Channel::CodeScanning => Err(NotPublished::Elsewhere(
                    "GitLab takes no SARIF; hand it `--format gitlab-codequality` as a report of the job, `artifacts:reports:codequality`",
                )),
            };
            all.push(Published { channel: *channel, outcome: outcome.map_err(explained) });
        }
        all
    }

    /// The merge request, if there is one, and what was judged is still what it proposes.
    async fn current(&self) -> Result<Option<(u64, Refs)>, NotPublished> {
        #[derive(Deserialize)]
        struct MergeRequest {
            diff_refs: Option<Refs>,
        }
        let Some(number) = self.target.change_request else { return Ok(None) };
        let request: MergeRequest = self.client.get(&self.path(number, "")).await?;
        let refs = request.diff_refs.ok_or_else(|| Error::Unusable {
            request: "the merge request".to_owned(),
            why: "GitLab has not worked out yet what it changes".to_owned(),
        })?;
        if refs.head == self.target.head {
            return Ok(Some((number, refs)));
        }
        Err(self.target.overtaken_by(&refs.head))
    }

    fn path(&self, number: u64, rest: &str) -> String {
        format!("/v4/projects/{}/merge_requests/{number}{rest}", encoded(&self.target.repository))
    }

    /// Our own immutable id.
    async fn own_id(&self) -> Result<u64, Error> {
        Ok(self.client.get::<Account>("/v4/user").await?.id)
    }
}

/// Says what is missing where the forge forbids. It hides what it forbids.
fn explained(error: NotPublished) -> NotPublished {
    match error {
        NotPublished::Other(error @ Error::Refused { status: 401 | 403 | 404, .. }) => NotPublished::NeedsScope(error),
        other => other,
    }
}

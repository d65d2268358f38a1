//! What has landed, and where; and what is still proposed.

use super::wire::{Deployment, Landed, Proposed, Status};
use super::{Client, Error};
use crate::world::forge::client::encoded;
use crate::world::forge::listed::{Landing, Listed};

/// As many deployments are looked at, the newest first.
const MOST_DEPLOYMENTS: usize = 100;

/// The commit that was last deployed to an environment, if one ever was. A deployment that is under way, or that failed, is none.
pub(in crate::world::forge) async fn last_deployed(client: &Client, repository: &str, environment: &str) -> Result<Option<String>, Error> {
    let environment = encoded(environment);
    let path = format!("/repos/{repository}/deployments?environment={environment}&per_page={MOST_DEPLOYMENTS}");
    let deployments: Vec<Deployment> = client.get(&path).await?;
    let is_whole = deployments.len() < MOST_DEPLOYMENTS;
    for deployment in deployments {
        let statuses: Vec<Status> = client.list(&format!("/repos/{repository}/deployments/{}/statuses", deployment.id)).await?;
        // What was replaced later is inactive, and succeeded before that.
        if statuses.iter().any(|status| status.state == "success") {
            return Ok(Some(deployment.sha));
        }
    }
    let why = format!("none of the last {MOST_DEPLOYMENTS} deployments succeeded");
    if is_whole { Ok(None) } else { Err(Error::Unusable { request: format!("GET {path}"), why }) }
}

/// The pull requests that were merged and have to do with a commit.
pub(in crate::world::forge) async fn landings(client: &Client, repository: &str, commit: &str) -> Result<Vec<Landing>, Error> {
    let pulls: Vec<Landed> = client.list(&format!("/repos/{repository}/commits/{commit}/pulls")).await?;
    let merged = pulls.into_iter().filter(|pull| pull.merged_at.is_some());
    Ok(merged.map(|pull| Landing { number: pull.number, is_by_it: pull.merge_commit_sha.as_deref() == Some(commit) }).collect())
}

/// All pull requests that are open.
pub(in crate::world::forge) async fn open_requests(client: &Client, repository: &str) -> Result<Vec<Listed>, Error> {
    let pulls: Vec<Proposed> = client.list(&format!("/repos/{repository}/pulls?state=open")).await?;
    Ok(pulls.into_iter().map(Proposed::listed).collect())
}

/// One pull request.
pub(in crate::world::forge) async fn request(client: &Client, repository: &str, number: u64) -> Result<Listed, Error> {
    Ok(client.get::<Proposed>(&format!("/repos/{repository}/pulls/{number}")).await?.listed())
}

impl Proposed {
    fn listed(self) -> Listed {
        Listed { number: self.number, head: Some(self.head.sha), target: self.base.branch, is_open: self.state == "open" }
    }
}

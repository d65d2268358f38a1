//! What has landed, and where.

use super::wire::{Deployment, Landed, Status};
use super::{Client, Error};
use crate::world::forge::client::encoded;

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

/// The pull requests by which a commit landed, by number.
pub(in crate::world::forge) async fn merged_by(client: &Client, repository: &str, commit: &str) -> Result<Vec<u64>, Error> {
    let pulls: Vec<Landed> = client.list(&format!("/repos/{repository}/commits/{commit}/pulls")).await?;
    Ok(pulls.into_iter().filter(|pull| pull.merged_at.is_some()).map(|pull| pull.number).collect())
}

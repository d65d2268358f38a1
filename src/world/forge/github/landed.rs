//! What has landed, and where; and what is still proposed.

use super::wire::{Deployment, Landed, Proposed, Status};
use super::{Client, Error};
use crate::world::forge::client::encoded;
use crate::world::forge::deployed::{Deployed, MOST_DEPLOYMENTS, PlaceOf, looked_at};
use crate::world::forge::listed::{Landing, Listed};

/// What may be deployed to an environment. A deployment that is under way, or that failed, is none.
pub(in crate::world::forge) async fn deployed(
    client: &Client,
    repository: &str,
    environment: &str,
    place: &PlaceOf<'_>,
) -> Result<Deployed, Error> {
    let environment = encoded(environment);
    let path = format!("/repos/{repository}/deployments?environment={environment}&per_page={MOST_DEPLOYMENTS}");
    let (ids, commits): (Vec<u64>, Vec<String>) =
        client.get::<Vec<Deployment>>(&path).await?.into_iter().map(|deployment| (deployment.id, deployment.sha)).unzip();
    let succeeded = async |index: usize| {
        let Some(id) = ids.get(index) else { return Ok(false) };
        let statuses: Vec<Status> = client.list(&format!("/repos/{repository}/deployments/{id}/statuses")).await?;
        // What was replaced later is inactive, and succeeded before that.
        Ok(statuses.iter().any(|status| status.state == "success"))
    };
    looked_at(&path, &commits, place, succeeded).await
}

/// The pull requests of a repository that were merged and have to do with a commit. Those of its forks have to do with it as well.
pub(in crate::world::forge) async fn landings(client: &Client, repository: &str, commit: &str) -> Result<Vec<Landing>, Error> {
    let pulls: Vec<Landed> = client.list(&format!("/repos/{repository}/commits/{commit}/pulls")).await?;
    let is_here = |pull: &Landed| pull.base.repo.as_ref().is_some_and(|own| own.full_name.eq_ignore_ascii_case(repository));
    let merged = pulls.into_iter().filter(|pull| pull.merged_at.is_some() && is_here(pull));
    let landing = |pull: Landed| {
        let is_by_it = pull.merge_commit_sha.as_deref() == Some(commit);
        Landing { number: pull.number, target: pull.base.branch, is_by_it }
    };
    Ok(merged.map(landing).collect())
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

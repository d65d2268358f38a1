//! What has landed, and where; and what is still proposed.

use super::wire::{self, Landed, Proposed};
use super::{Client, Error, has_name};
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
    has_name(client)?;
    let (project, environment) = (encoded(repository), encoded(environment));
    let query = format!("environment={environment}&status=success&order_by=id&sort=desc&per_page={MOST_DEPLOYMENTS}");
    let path = format!("/v4/projects/{project}/deployments?{query}");
    let commits: Vec<String> = client.get::<Vec<wire::Deployment>>(&path).await?.into_iter().map(|deployment| deployment.sha).collect();
    looked_at(&path, &commits, place, async |_| Ok(true)).await
}

/// The merge requests that were merged and have to do with a commit. GitLab names those alone that go to this project.
pub(in crate::world::forge) async fn landings(client: &Client, repository: &str, commit: &str) -> Result<Vec<Landing>, Error> {
    has_name(client)?;
    let path = format!("/v4/projects/{}/repository/commits/{commit}/merge_requests", encoded(repository));
    let requests: Vec<Landed> = client.list(&path).await?;
    let merged = requests.into_iter().filter(|request| request.state == "merged");
    let landing = |request: Landed| Landing { number: request.iid, is_by_it: request.is_by(commit), target: request.target_branch };
    Ok(merged.map(landing).collect())
}

/// All merge requests that are open.
pub(in crate::world::forge) async fn open_requests(client: &Client, repository: &str) -> Result<Vec<Listed>, Error> {
    has_name(client)?;
    let requests: Vec<Proposed> = client.list(&format!("/v4/projects/{}/merge_requests?state=opened", encoded(repository))).await?;
    Ok(requests.into_iter().map(Proposed::listed).collect())
}

/// One merge request.
pub(in crate::world::forge) async fn request(client: &Client, repository: &str, number: u64) -> Result<Listed, Error> {
    has_name(client)?;
    Ok(client.get::<Proposed>(&format!("/v4/projects/{}/merge_requests/{number}", encoded(repository))).await?.listed())
}

impl Landed {
    /// Whether a commit is the one that merged it.
    fn is_by(&self, commit: &str) -> bool {
        let merged_by = [&self.merge_commit_sha, &self.squash_commit_sha];
        // Without either, the branch was moved to it.
        merged_by.into_iter().flatten().any(|id| id == commit)
            || (self.merge_commit_sha.is_none() && self.squash_commit_sha.is_none() && self.sha.as_deref() == Some(commit))
    }
}

impl Proposed {
    fn listed(self) -> Listed {
        Listed { number: self.iid, head: self.sha, target: self.target_branch, is_open: self.state == "opened" }
    }
}

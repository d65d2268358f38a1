//! What has landed, and where; and what is still proposed.

use super::wire::{Deployment, Landed, Proposed};
use super::{Client, Error, has_name};
use crate::world::forge::client::encoded;
use crate::world::forge::listed::{Landing, Listed};

/// The commit that was last deployed to an environment, if one ever was. A deployment that is under way, or that failed, is none.
pub(in crate::world::forge) async fn last_deployed(client: &Client, repository: &str, environment: &str) -> Result<Option<String>, Error> {
    has_name(client)?;
    let (project, environment) = (encoded(repository), encoded(environment));
    let query = format!("environment={environment}&status=success&order_by=id&sort=desc&per_page=1");
    let deployments: Vec<Deployment> = client.get(&format!("/v4/projects/{project}/deployments?{query}")).await?;
    Ok(deployments.into_iter().next().map(|deployment| deployment.sha))
}

/// The merge requests that were merged and have to do with a commit.
pub(in crate::world::forge) async fn landings(client: &Client, repository: &str, commit: &str) -> Result<Vec<Landing>, Error> {
    has_name(client)?;
    let path = format!("/v4/projects/{}/repository/commits/{commit}/merge_requests", encoded(repository));
    let requests: Vec<Landed> = client.list(&path).await?;
    let merged = requests.into_iter().filter(|request| request.state == "merged");
    Ok(merged.map(|request| Landing { number: request.iid, is_by_it: request.is_by(commit) }).collect())
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

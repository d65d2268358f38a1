//! What has landed, and where.

use super::wire::{Deployment, Landed};
use super::{Client, Error, has_name};
use crate::world::forge::client::encoded;

/// The commit that was last deployed to an environment, if one ever was. A deployment that is under way, or that failed, is none.
pub(in crate::world::forge) async fn last_deployed(client: &Client, repository: &str, environment: &str) -> Result<Option<String>, Error> {
    has_name(client)?;
    let (project, environment) = (encoded(repository), encoded(environment));
    let query = format!("environment={environment}&status=success&order_by=id&sort=desc&per_page=1");
    let deployments: Vec<Deployment> = client.get(&format!("/v4/projects/{project}/deployments?{query}")).await?;
    Ok(deployments.into_iter().next().map(|deployment| deployment.sha))
}

/// The merge requests by which a commit landed, by number.
pub(in crate::world::forge) async fn merged_by(client: &Client, repository: &str, commit: &str) -> Result<Vec<u64>, Error> {
    has_name(client)?;
    let path = format!("/v4/projects/{}/repository/commits/{commit}/merge_requests", encoded(repository));
    let requests: Vec<Landed> = client.list(&path).await?;
    Ok(requests.into_iter().filter(|request| request.state == "merged").map(|request| request.iid).collect())
}

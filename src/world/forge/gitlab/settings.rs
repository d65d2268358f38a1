//! What stands in the way of a change that goes round the gate, as far as a token sees it:
//! <https://docs.gitlab.com/api/projects/>, <https://docs.gitlab.com/api/merge_request_approval_settings/>,
//! <https://docs.gitlab.com/api/personal_access_tokens/>, <https://docs.gitlab.com/api/protected_environments/> and <https://docs.gitlab.com/user/application_security/policies/pipeline_execution_policies/>.

use super::freezes::freezes;
use super::{Client, Error, has_name};
use crate::world::forge::client::{Keyed, encoded};
use crate::world::forge::graphql::Said;
use crate::world::forge::settings::{Approvals, PipelinePolicy, ProjectSettings, ProtectedEnvironment, TokenSettings};
use chrono::NaiveDate;
use futures_util::future::{try_join, try_join4};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use std::collections::BTreeSet;

/// Those of the project, and of every group above it.
const POLICIES: &str = "query($project: ID!) { project(fullPath: $project) { \
     pipelineExecutionPolicies(relationship: INHERITED, first: 100) { pageInfo { hasNextPage } nodes { name enabled yaml } } } }";

/// A fact, or why the token does not see it.
type Seen<T> = Result<T, String>;

#[derive(Deserialize)]
struct Project {
    #[serde(default)]
    only_allow_merge_if_pipeline_succeeds: bool,
    /// GitLab says nothing where nobody ever chose.
    #[serde(default)]
    allow_merge_on_skipped_pipeline: Option<bool>,
}

#[derive(Deserialize)]
struct ApprovalSettings {
    reset_approvals_on_push: bool,
    merge_requests_author_approval: bool,
    merge_requests_disable_committers_approval: bool,
}

#[derive(Deserialize)]
struct Itself {
    scopes: BTreeSet<String>,
    expires_at: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct Environment {
    name: String,
    deploy_access_levels: Vec<Deployers>,
    #[serde(default)]
    required_approval_count: u64,
    #[serde(default)]
    approval_rules: Vec<ApprovalRule>,
}

#[derive(Deserialize)]
struct Deployers {
    access_level_description: String,
}

#[derive(Deserialize)]
struct ApprovalRule {
    required_approvals: u64,
}

impl Keyed for Environment {
    /// They are told apart by their names.
    fn key(&self) -> Option<u64> {
        None
    }
}

impl Environment {
    fn protected(self) -> ProtectedEnvironment {
        let by_rules = self.approval_rules.iter().map(|rule| rule.required_approvals).sum::<u64>();
        let deployers = self.deploy_access_levels.into_iter().map(|level| level.access_level_description).collect();
        ProtectedEnvironment { name: self.name, deployers, approvals: by_rules.max(self.required_approval_count) }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    project: Option<Governed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Governed {
    pipeline_execution_policies: Option<Policies>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policies {
    page_info: PageInfo,
    nodes: Vec<Policy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
}

#[derive(Deserialize)]
struct Policy {
    name: String,
    enabled: bool,
    yaml: String,
}

/// What holds for the project.
pub(in crate::world::forge) async fn settings(client: &Client, repository: &str) -> Result<ProjectSettings, Error> {
    has_name(client)?;
    let name = encoded(repository);
    let path = format!("/v4/projects/{name}");
    let project = async { client.get::<Project>(&path).await };
    let (project, policies, approvals, token) =
        try_join4(project, policies(client, repository), approvals(client, &path), token(client)).await?;
    let (freezes, environments) = try_join(freezes(client, &name, false), environments(client, &path)).await?;
    Ok(ProjectSettings {
        needs_pipeline: project.only_allow_merge_if_pipeline_succeeds,
        takes_skipped_pipeline: project.allow_merge_on_skipped_pipeline.unwrap_or(false),
        policies,
        approvals,
        token,
        freezes,
        environments,
    })
}

async fn policies(client: &Client, repository: &str) -> Result<Seen<Vec<PipelinePolicy>>, Error> {
    let said: Said<Data> = client.ask(&json!({ "query": POLICIES, "variables": { "project": repository } })).await?;
    let hidden = "the token does not see the pipeline execution policies of the project, or GitLab has none below Ultimate";
    let data = match said.data() {
        Ok(data) => data,
        Err(why) => return Ok(Err(format!("{hidden}: {why}"))),
    };
    let Some(Policies { page_info, nodes }) = data.project.and_then(|project| project.pipeline_execution_policies) else {
        return Ok(Err(hidden.to_owned()));
    };
    if page_info.has_next_page {
        return Ok(Err("the project has more than 100 pipeline execution policies, and we read no more".to_owned()));
    }
    Ok(Ok(nodes.into_iter().map(|Policy { name, enabled, yaml }| PipelinePolicy { name, is_enabled: enabled, content: yaml }).collect()))
}

async fn approvals(client: &Client, project: &str) -> Result<Seen<Approvals>, Error> {
    let settings = client.get::<ApprovalSettings>(&format!("{project}/approvals")).await;
    Ok(seen(settings, "what becomes of approvals")?.map(|settings| Approvals {
        resets_on_push: settings.reset_approvals_on_push,
        by_author: settings.merge_requests_author_approval,
        by_committers: !settings.merge_requests_disable_committers_approval,
    }))
}

async fn token(client: &Client) -> Result<Seen<TokenSettings>, Error> {
    let itself = client.get::<Itself>("/v4/personal_access_tokens/self").await;
    Ok(seen(itself, "what itself may")?.map(|Itself { scopes, expires_at }| TokenSettings { scopes, expires: expires_at }))
}

/// What is below Premium is protected nowhere, and then GitLab answers that there is no such thing.
async fn environments(client: &Client, project: &str) -> Result<Seen<Vec<ProtectedEnvironment>>, Error> {
    let listed = client.list::<Environment>(&format!("{project}/protected_environments")).await;
    Ok(seen(listed, "which environments are protected")?.map(|all| all.into_iter().map(Environment::protected).collect()))
}

/// What is forbidden, or not there, is not seen; anything else that goes wrong is an error.
fn seen<T>(answer: Result<T, Error>, what: &str) -> Result<Seen<T>, Error> {
    match answer {
        Ok(value) => Ok(Ok(value)),
        Err(Error::Refused { status: status @ (403 | 404), .. }) => {
            Ok(Err(format!("the token does not see {what}: GitLab answers {status}")))
        }
        Err(error) => Err(error),
    }
}

/// Whether the token sees who is in a group, `group/subgroup`.
pub(in crate::world::forge) async fn sees_group(client: &Client, group: &str) -> Result<(), Error> {
    has_name(client)?;
    client.get::<Vec<IgnoredAny>>(&format!("/v4/groups/{}/members?per_page=1", encoded(group))).await.map(|_| ())
}

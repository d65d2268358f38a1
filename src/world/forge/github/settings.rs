//! What stands in the way of a change that goes round the gate, as far as a token sees it:
//! <https://docs.github.com/en/rest/repos/rules> and <https://docs.github.com/en/rest/branches/branch-protection>.

use crate::world::forge::Error;
use crate::world::forge::client::{Client, Keyed, encoded};
use crate::world::forge::settings::{BranchSettings, RequiredWorkflow};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Repository {
    default_branch: String,
}

/// One rule of a branch, whichever ruleset it comes from.
#[derive(Debug, Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Parameters,
}

/// What any kind of rule says, as far as we read it.
#[derive(Debug, Default, Deserialize)]
struct Parameters {
    #[serde(default)]
    workflows: Vec<Workflow>,
    #[serde(default)]
    required_status_checks: Vec<Check>,
    #[serde(default)]
    dismiss_stale_reviews_on_push: bool,
}

#[derive(Debug, Deserialize)]
struct Workflow {
    path: String,
    #[serde(rename = "ref")]
    reference: Option<String>,
    repository_id: u64,
}

#[derive(Debug, Deserialize)]
struct Check {
    context: String,
}

impl Keyed for Rule {
    fn key(&self) -> Option<u64> {
        None
    }
}

/// What any token reads of a branch.
#[derive(Debug, Deserialize)]
struct Branch {
    protection: Option<Protection>,
}

#[derive(Debug, Deserialize)]
struct Protection {
    #[serde(default)]
    enabled: bool,
    required_status_checks: Option<Contexts>,
}

#[derive(Debug, Deserialize)]
struct Contexts {
    #[serde(default)]
    contexts: Vec<String>,
}

/// What only a token reads that may administer.
#[derive(Debug, Deserialize)]
struct Administered {
    required_pull_request_reviews: Option<Reviews>,
}

#[derive(Debug, Deserialize)]
struct Reviews {
    #[serde(default)]
    dismiss_stale_reviews: bool,
}

/// What holds for the default branch.
pub(in crate::world::forge) async fn settings(client: &Client, repository: &str) -> Result<BranchSettings, Error> {
    let branch = client.get::<Repository>(&format!("/repos/{repository}")).await?.default_branch;
    let name = encoded(&branch);
    let rules: Vec<Rule> = client.list(&format!("/repos/{repository}/rules/branches/{name}")).await?;
    let classic: Branch = client.get(&format!("/repos/{repository}/branches/{name}")).await?;
    let protection = client.get::<Administered>(&format!("/repos/{repository}/branches/{name}/protection")).await;
    let has_protection = classic.protection.as_ref().is_some_and(|protection| protection.enabled);
    let dismisses_by_rule = rules.iter().any(|rule| rule.kind == "pull_request" && rule.parameters.dismiss_stale_reviews_on_push);
    let dismisses_by_protection = match protection {
        Ok(protection) => Some(protection.required_pull_request_reviews.is_some_and(|reviews| reviews.dismiss_stale_reviews)),
        // There is none, or the token may not see it.
        Err(Error::Refused { status: 401 | 403 | 404, .. }) if has_protection => None,
        Err(Error::Refused { status: 404, .. }) => Some(false),
        Err(Error::Refused { status: 401 | 403, .. }) => None,
        Err(error) => return Err(error),
    };
    let contexts = classic.protection.and_then(|protection| protection.required_status_checks).map(|checks| checks.contexts);
    let mut checks: BTreeSet<String> = contexts.unwrap_or_default().into_iter().collect();
    checks.extend(rules.iter().flat_map(|rule| rule.parameters.required_status_checks.iter().map(|check| check.context.clone())));
    let workflows = rules.iter().flat_map(|rule| &rule.parameters.workflows).map(|workflow| RequiredWorkflow {
        path: workflow.path.clone(),
        reference: workflow.reference.clone(),
        repository: workflow.repository_id,
    });
    Ok(BranchSettings {
        branch,
        workflows: workflows.collect(),
        checks,
        dismisses_stale_reviews: if dismisses_by_rule { Some(true) } else { dismisses_by_protection },
        has_merge_queue: rules.iter().any(|rule| rule.kind == "merge_queue"),
    })
}

/// Whether the token sees who is in a team, `organisation/slug`.
pub(in crate::world::forge) async fn sees_team(client: &Client, team: &str) -> Result<(), Error> {
    let (organisation, slug) = team.split_once('/').unwrap_or(("", team));
    client.get::<Vec<IgnoredAny>>(&format!("/orgs/{organisation}/teams/{slug}/members?per_page=1")).await.map(|_| ())
}

//! GitHub Actions: <https://docs.github.com/en/actions/reference/workflows-and-actions/variables> and
//! <https://docs.github.com/en/webhooks/webhook-events-and-payloads>.

use super::{About, DEADLINE, Error, Job, PAUSE, Runner, Sink, Variables, commit, full, is_nothing};
use crate::world::files;
use crate::world::forge::{Connection, Provider, Token};
use serde::Deserialize;
use std::path::Path;

/// GitHub's own limit of a payload.
const MOST_BYTES: usize = 25 << 20;

pub(super) fn job(variables: &Variables) -> Result<Job, Error> {
    let (name, path) = (variables.need("GITHUB_EVENT_NAME")?, Path::new(variables.need("GITHUB_EVENT_PATH")?));
    let bytes = files::read(path, MOST_BYTES).map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
    let event: Event =
        serde_json::from_slice(&bytes).map_err(|source| Error::NotThatEvent { event: name.to_owned(), path: path.to_owned(), source })?;
    Ok(Job {
        runner: Runner::GitHub,
        repository: variables.get("GITHUB_REPOSITORY").map(str::to_owned),
        default_branch: event.repository.as_ref().and_then(|repository| repository.default_branch.clone()),
        about: event.about(name, variables)?,
        is_frozen: false,
        connection: connection(variables),
        sink: Sink::of(Runner::GitHub, variables),
    })
}

/// Without a token nobody is asked: what everybody may see is not what decides.
pub(super) fn connection(variables: &Variables) -> Option<Connection> {
    let token = variables.get("GITHUB_TOKEN").or_else(|| variables.get("INPUT_TOKEN")).and_then(Token::new)?;
    let api = variables.get("GITHUB_API_URL").unwrap_or("https://api.github.com").to_owned();
    Some(Connection { provider: Provider::GitHub, api, token: Some(token), deadline: DEADLINE, pause: PAUSE })
}

/// What we read of any payload.
#[derive(Debug, Deserialize)]
struct Event {
    repository: Option<Repository>,
    pull_request: Option<PullRequest>,
    merge_group: Option<MergeGroup>,
    deployment: Option<Deployment>,
    release: Option<Release>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Repository {
    default_branch: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PullRequest {
    number: u64,
    head: End,
    base: End,
}

/// One end of a pull request.
#[derive(Debug, Deserialize)]
struct End {
    #[serde(rename = "ref")]
    branch: String,
    sha: String,
}

#[derive(Debug, Deserialize)]
struct MergeGroup {
    base_ref: String,
    base_sha: String,
    head_ref: String,
    head_sha: String,
}

#[derive(Debug, Deserialize)]
struct Deployment {
    environment: String,
    sha: String,
}

#[derive(Debug, Deserialize)]
struct Release {
    tag_name: String,
}

impl Event {
    fn about(self, name: &str, variables: &Variables) -> Result<About, Error> {
        let unlike = || Error::OtherEvent { event: name.to_owned() };
        match name {
            // Of `pull_request_target` we read the same: nothing of the change is ever executed.
            "pull_request" | "pull_request_target" | "pull_request_review" => self.pull_request.ok_or_else(unlike)?.about(),
            "merge_group" => self.merge_group.ok_or_else(unlike)?.about(),
            "push" => self.pushed(unlike),
            "deployment" => {
                let Deployment { environment, sha } = self.deployment.ok_or_else(unlike)?;
                Ok(About::Deployment { environment, head: full("the deployment", &sha)? })
            }
            "release" => {
                let tag = self.release.ok_or_else(unlike)?.tag_name;
                Ok(About::Release { tag, head: current(variables)? })
            }
            "workflow_dispatch" | "schedule" => Ok(About::State { head: current(variables)?, by_clock: name == "schedule" }),
            _ => Err(unlike()),
        }
    }

    fn pushed(self, unlike: impl Fn() -> Error) -> Result<About, Error> {
        let reference = self.reference.ok_or_else(&unlike)?;
        let (before, after) = self.before.zip(self.after).ok_or_else(&unlike)?;
        let name = reference.split_once('/').and_then(|(_, rest)| rest.split_once('/')).map_or(&*reference, |(_, name)| name).to_owned();
        if is_nothing(&after) {
            return Err(Error::Deleted { name });
        }
        let after = full("the push", &after)?;
        if !reference.starts_with("refs/heads/") {
            return Ok(About::Release { tag: name, head: after });
        }
        let before = if is_nothing(&before) { None } else { Some(full("the state before the push", &before)?) };
        Ok(About::Pushed { before, after, branch: name })
    }
}

impl PullRequest {
    fn about(self) -> Result<About, Error> {
        let head = full("the pull request", &self.head.sha)?;
        Ok(About::Request { number: self.number, head, target: self.base.branch })
    }
}

impl MergeGroup {
    fn about(self) -> Result<About, Error> {
        let (base, head) = (full("the base of the merge group", &self.base_sha)?, full("the merge group", &self.head_sha)?);
        Ok(About::Queued { number: queued(&self.head_ref), base, head, target: branch(&self.base_ref) })
    }
}

/// The number in `refs/heads/gh-readonly-queue/main/pr-104-929f8209d40f77f4abc622a499c93a83babdbe64`.
fn queued(reference: &str) -> Option<u64> {
    let name = branch(reference);
    let (number, id) = name.strip_prefix("gh-readonly-queue/")?.rsplit_once("/pr-")?.1.split_once('-')?;
    commit(id).and_then(|_| number.parse().ok())
}

fn branch(reference: &str) -> String {
    reference.strip_prefix("refs/heads/").unwrap_or(reference).to_owned()
}

/// The commit that the workflow runs on.
fn current(variables: &Variables) -> Result<String, Error> {
    full("`GITHUB_SHA`", variables.need("GITHUB_SHA")?)
}

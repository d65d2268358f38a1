//! GitLab CI: <https://docs.gitlab.com/ci/variables/predefined_variables/>.

use super::{About, DEADLINE, Error, Job, PAUSE, Runner, Sink, Variables, full, is_nothing};
use crate::world::forge::{Connection, Provider, Token};

pub(super) fn job(variables: &Variables) -> Result<Job, Error> {
    Ok(Job {
        runner: Runner::GitLab,
        repository: variables.get("CI_PROJECT_PATH").map(str::to_owned),
        default_branch: variables.get("CI_DEFAULT_BRANCH").map(str::to_owned),
        about: about(variables)?,
        is_frozen: is_frozen(variables),
        connection: connection(variables),
        sink: Sink::of(Runner::GitLab, variables),
    })
}

/// Whether GitLab says that a deploy freeze is on; it says nothing else there.
pub(super) fn is_frozen(variables: &Variables) -> bool {
    variables.get("CI_DEPLOY_FREEZE").is_some()
}

/// The token of the job is never sent: GitLab shows approvals to none. Without another one, whoever is asked says which is needed.
pub(super) fn connection(variables: &Variables) -> Option<Connection> {
    let (api, token) = (variables.get("CI_API_V4_URL")?.to_owned(), variables.get("GITLAB_TOKEN").and_then(Token::new));
    Some(Connection { provider: Provider::GitLab, api, token, deadline: DEADLINE, pause: PAUSE })
}

fn about(variables: &Variables) -> Result<About, Error> {
    let source = variables.need("CI_PIPELINE_SOURCE")?;
    let current = full("`CI_COMMIT_SHA`", variables.need("CI_COMMIT_SHA")?)?;
    // A job with `environment:` is a deployment, whatever started it.
    if let Some(environment) = variables.get("CI_ENVIRONMENT_NAME") {
        return Ok(About::Deployment { environment: environment.to_owned(), head: current });
    }
    match (source, variables.get("CI_COMMIT_TAG")) {
        ("merge_request_event", _) => request(variables, current),
        (_, Some(tag)) => Ok(About::Release { tag: tag.to_owned(), head: current }),
        ("push", None) => pushed(variables, current),
        ("web" | "schedule" | "api" | "trigger" | "pipeline", None) => Ok(About::State { head: current, by_clock: source == "schedule" }),
        _ => Err(Error::OtherPipeline { source_name: source.to_owned() }),
    }
}

fn request(variables: &Variables, current: String) -> Result<About, Error> {
    let number = variables.need("CI_MERGE_REQUEST_IID")?;
    let number = number.parse().map_err(|_| Error::NoVariable { name: "CI_MERGE_REQUEST_IID" })?;
    let target = variables.need("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")?.to_owned();
    if variables.get("CI_MERGE_REQUEST_EVENT_TYPE") == Some("merge_train") {
        let base = full("the base of the merge train", variables.need("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")?)?;
        return Ok(About::Queued { number: Some(number), base, head: current, target });
    }
    // In a pipeline of the merged result the job runs on a commit that nobody has written.
    let head = variables.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").map_or(Ok(current), |id| full("the merge request", id))?;
    Ok(About::Request { number, head, target })
}

fn pushed(variables: &Variables, after: String) -> Result<About, Error> {
    let branch = variables.need("CI_COMMIT_BRANCH")?.to_owned();
    let before = variables.need("CI_COMMIT_BEFORE_SHA")?;
    let before = if is_nothing(before) { None } else { Some(full("the state before the push", before)?) };
    Ok(About::Pushed { before, after, branch })
}

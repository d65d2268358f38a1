//! The job of a pipeline that we run in: what it is about, and where it takes what there is to say.
//!
//! What a forge tells a job is data. The environment is read here, once; what it means is worked out from values alone.

mod error;
mod github;
mod gitlab;
mod home;
mod release;
mod sink;

pub use error::Error;
pub use home::{Home, asked, forge, home};
pub use release::release;
pub use sink::Sink;

use super::forge::Connection;
use std::collections::BTreeMap;
use std::time::Duration;

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Who runs it.
    pub runner: Runner,
    /// The repository, as the forge calls it: `acme/infrastructure`.
    pub repository: Option<String>,
    /// Its default branch, whose policy holds for what is deployed.
    pub default_branch: Option<String>,
    /// What is known of what it is about.
    pub about: About,
    /// Whether its forge says that nothing is deployed now.
    pub is_frozen: bool,
    /// How its forge is reached; `None` where nothing says who asks, or nobody can be asked.
    pub connection: Option<Connection>,
    /// Where it takes what there is to say.
    pub sink: Sink,
}

/// Who runs jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
}

/// What a job is about. Commits are full ids, branches go without `refs/heads/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A change request.
    Request {
        /// Its number.
        number: u64,
        /// Its newest commit.
        head: String,
        /// The branch that it goes to.
        target: String,
    },
    /// What a merge queue is about to put onto a branch.
    Queued {
        /// The change request that comes last in it, if its name says so.
        number: Option<u64>,
        /// What it is put onto: the branch, or what comes before it in the queue.
        base: String,
        /// The state that the branch would have.
        head: String,
        /// The branch.
        target: String,
    },
    /// What landed on a branch.
    Pushed {
        /// The state before; `None` if the branch is new.
        before: Option<String>,
        /// The state after.
        after: String,
        /// The branch.
        branch: String,
    },
    /// A deployment.
    Deployment {
        /// Where it goes to.
        environment: String,
        /// What is deployed.
        head: String,
    },
    /// A release, or a tag that may become one.
    Release {
        /// Its tag.
        tag: String,
        /// What is released.
        head: String,
    },
    /// The branch as it is: somebody started the job, or its time had come.
    State {
        /// What it stands at.
        head: String,
        /// Whether a clock started it. Whoever may write can start any other.
        by_clock: bool,
    },
}

/// How long everything that a forge is asked may take together.
const DEADLINE: Duration = Duration::from_mins(3);

/// How long to wait before a read is repeated for the first time.
const PAUSE: Duration = Duration::from_secs(1);

/// The variables of an environment. One that is empty is not there.
#[derive(Debug, Default)]
pub(super) struct Variables(BTreeMap<String, String>);

impl Variables {
    fn of_this_process() -> Self {
        // What is not Unicode is no variable that a runner sets.
        Self::of(std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))))
    }

    fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(variables.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn need(&self, name: &'static str) -> Result<&str, Error> {
        self.get(name).ok_or(Error::NoVariable { name })
    }
}

/// The job that we run in; `None` where no forge runs us.
pub fn job() -> Result<Option<Job>, Error> {
    of(&Variables::of_this_process())
}

/// The job that has these variables; `None` where they are of none.
pub fn job_with(variables: impl IntoIterator<Item = (String, String)>) -> Result<Option<Job>, Error> {
    of(&Variables::of(variables))
}

fn of(variables: &Variables) -> Result<Option<Job>, Error> {
    match runner(variables) {
        Some(Runner::GitHub) => github::job(variables).map(Some),
        Some(Runner::GitLab) => gitlab::job(variables).map(Some),
        None => Ok(None),
    }
}

fn runner(variables: &Variables) -> Option<Runner> {
    let is_set = |name| variables.get(name) == Some("true");
    if is_set("GITHUB_ACTIONS") { Some(Runner::GitHub) } else { is_set("GITLAB_CI").then_some(Runner::GitLab) }
}

/// Where the job that we run in takes what there is to say; `None` where no forge runs us.
pub fn sink() -> Option<Sink> {
    let variables = Variables::of_this_process();
    runner(&variables).map(|runner| Sink::of(runner, &variables))
}

/// A commit, by its full id.
fn commit(id: &str) -> Option<String> {
    let is_full = matches!(id.len(), 40 | 64) && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (is_full && !is_nothing(id)).then(|| id.to_owned())
}

/// The same, of something that has to have one.
fn full(what: &'static str, id: &str) -> Result<String, Error> {
    commit(id).ok_or_else(|| Error::NoCommit { what, id: id.to_owned() })
}

/// What a forge writes for a state that is none: the branch was not there before, or is not there any more.
fn is_nothing(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

//! The forge that runs the job, as far as the job was told how to reach it.

use super::{About, Error, Job, Runner, Sink, Variables, github, gitlab, job, runner};
use crate::world::forge::{Connection, Provider, Target};

/// The forge of the job.
#[derive(Clone, Debug)]
pub struct Home {
    /// How it is reached.
    pub connection: Connection,
    /// The repository there.
    pub repository: String,
    /// An address under which people see the job.
    pub details: Option<String>,
}

impl Home {
    /// A job that would be about this, on the same forge.
    pub fn job(&self, about: About) -> Job {
        let runner = match self.connection.provider {
            Provider::GitHub => Runner::GitHub,
            Provider::GitLab => Runner::GitLab,
        };
        let variables = Variables::of_this_process();
        Job {
            runner,
            repository: Some(self.repository.clone()),
            default_branch: None,
            about,
            is_frozen: runner == Runner::GitLab && gitlab::is_frozen(&variables),
            connection: Some(self.connection.clone()),
            sink: Sink::of(runner, &variables),
        }
    }
}

/// The forge of the job that we run in, and what the job is about there.
pub fn home() -> Result<Option<(Home, Target)>, Error> {
    let variables = Variables::of_this_process();
    let Some(home) = of(&variables)? else { return Ok(None) };
    let Some(job) = job()? else { return Ok(None) };
    let (change_request, branch, head) = match job.about {
        About::Request { number, head, target } => (Some(number), Some(target), head),
        // Its commit is one of the queue's, and no pull request proposes it.
        About::Queued { head, target, .. } => (None, Some(target), head),
        About::Deployment { head, .. } | About::Release { head, .. } | About::State { head, .. } => (None, None, head),
        About::Pushed { after, .. } => (None, None, after),
    };
    let reference =
        change_request.map(|number| format!("refs/pull/{number}/head")).or_else(|| variables.get("GITHUB_REF").map(str::to_owned));
    let target = Target { repository: home.repository.clone(), change_request, branch, head, reference };
    Ok(Some((home, target)))
}

/// The forge of the job that we run in, whatever the job is about.
pub fn asked() -> Result<Option<Home>, Error> {
    of(&Variables::of_this_process())
}

/// `None` where no forge runs the job, and without a token.
pub(super) fn of(variables: &Variables) -> Result<Option<Home>, Error> {
    let (connection, repository, details) = match runner(variables) {
        Some(Runner::GitHub) => {
            let repository = variables.need("GITHUB_REPOSITORY")?;
            let run = variables.get("GITHUB_SERVER_URL").zip(variables.get("GITHUB_RUN_ID"));
            (github::connection(variables), repository, run.map(|(server, run)| format!("{server}/{repository}/actions/runs/{run}")))
        }
        Some(Runner::GitLab) => {
            (gitlab::connection(variables), variables.need("CI_PROJECT_PATH")?, variables.get("CI_JOB_URL").map(str::to_owned))
        }
        None => return Ok(None),
    };
    let connection = connection.filter(|connection| connection.token.is_some());
    Ok(connection.map(|connection| Home { connection, repository: repository.to_owned(), details }))
}

/// The same where nothing is known of what a job is about, or nobody runs one: for whoever looks at the forge alone.
pub fn forge() -> Result<Option<Home>, Error> {
    of(&Variables::of_this_process())
}

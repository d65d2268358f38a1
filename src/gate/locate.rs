//! What a job of a pipeline is about → two commits of the clone, and the branch whose policy holds.

use super::{Error, OnForge, Stage};
use crate::proposal::is_environment;
use crate::world::ci::{self, About, Job};
use crate::world::forge::{Asked, Forge};
use crate::world::repository::Repository;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::path::Path;

/// What the user says of it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The state before, if it is not to be found.
    pub base: Option<String>,
    /// Where the change stands.
    pub stage: Option<Stage>,
    /// Where it is deployed to.
    pub environment: Option<String>,
    /// Whether it is said elsewhere which policy holds, or none is asked.
    pub has_policy: bool,
    /// Whether a file has the facts, and the forge is not asked for them.
    pub has_facts: bool,
}

impl Wanted {
    /// Whether what is said makes a deployment of whatever the job is about.
    pub(super) fn is_deployment(&self) -> bool {
        self.environment.is_some() && self.stage != Some(Stage::Merge)
    }
}

/// Where the two states are.
#[derive(Clone, Debug)]
pub struct Located {
    /// The state before: a full id, or what the user named.
    pub base: String,
    /// What else may be deployed, as somebody says.
    pub beside: Vec<String>,
    /// The state after: a full id.
    pub head: String,
    /// The reference that has today's policy; `None` if that is the base.
    pub policy_from: Option<String>,
    /// Where the change stands.
    pub stage: Stage,
    /// Where it is deployed to.
    pub environment: Option<String>,
    /// Who proposed and approved it, as far as somebody can be asked.
    pub forge: Option<OnForge>,
}

impl Located {
    /// Where somebody named both states, nothing was found.
    pub fn named(stage: Stage) -> Self {
        let (base, head) = (String::new(), String::new());
        Self { base, beside: Vec::new(), head, policy_from: None, stage, environment: None, forge: None }
    }
}

/// Finds what the job is about. What is not known is an error, and never an empty change.
pub fn locate(job: &Job, repo: &Path, wanted: &Wanted) -> Result<Located, Error> {
    goes_there_still(job, wanted)?;
    found(job, repo, wanted)
}

/// Whether a change request goes to the branch that its job was told. One that is aimed at another branch keeps its commits, and forges
/// show what was decided at those; a job that is repeated is told what it was told before.
fn goes_there_still(job: &Job, wanted: &Wanted) -> Result<(), Error> {
    let About::Request { number, target, .. } = &job.about else { return Ok(()) };
    // A deployment is judged by the default branch, and a file of facts is for where nobody is to be asked.
    if wanted.is_deployment() || wanted.has_facts {
        return Ok(());
    }
    let Some((connection, repository)) = job.connection.as_ref().zip(job.repository.as_ref()) else { return Ok(()) };
    if connection.token.is_none() {
        return Ok(());
    }
    let now = Forge::connect(connection)?.request(repository, *number)?.target;
    if now == *target { Ok(()) } else { Err(Error::AimedElsewhere { number: *number, then: target.clone(), now }) }
}

/// The same of a job that was told just now.
pub(super) fn found(job: &Job, repo: &Path, wanted: &Wanted) -> Result<Located, Error> {
    let told = if let About::Deployment { environment, .. } = &job.about { Some(environment) } else { None };
    if let Some(name) = wanted.environment.as_ref().or(told).filter(|name| !is_environment(name)) {
        return Err(Error::NoEnvironmentOfThatName { name: name.clone() });
    }
    let repository = Repository::open(repo)?;
    let place = Place { job, repository: &repository, wanted };
    let located = match &job.about {
        _ if wanted.is_deployment() => place.deployment()?,
        About::Request { number, head, target } => {
            place.there("the state after", head)?;
            let target = place.branch(target)?;
            let base = repository.merge_base(head, &target)?;
            let forge = place.on_forge(Some(*number), None);
            Located { forge, policy_from: Some(target), ..place.between(base, head, Stage::Merge) }
        }
        About::Queued { number, base, head, target } => {
            let target = place.branch(target)?;
            // The commits are the queue's own, and approvals count by their content.
            let forge = place.on_forge(*number, None).filter(|_| number.is_some()).map(|on| OnForge { is_exact: false, ..on });
            Located { forge, policy_from: Some(target), ..place.between(base.clone(), head, Stage::Merge) }
        }
        // Its own policy would be that of what landed.
        About::Pushed { before, after, branch } => {
            let before = wanted.base.as_ref().or(before.as_ref()).ok_or_else(|| ci::Error::NewBranch { branch: branch.clone() })?;
            let forge = place.on_forge(None, Some(branch));
            Located { forge, ..place.between(before.clone(), after, Stage::Deploy) }
        }
        About::Deployment { .. } | About::Release { .. } | About::State { .. } => place.deployment()?,
    };
    let policy_from = located.policy_from.filter(|_| !wanted.has_policy);
    let located = Located { base: wanted.base.clone().unwrap_or(located.base), policy_from, ..located };
    place.there("the state before", &located.base)?;
    place.there("the state after", &located.head)?;
    Ok(located)
}

struct Place<'p> {
    job: &'p Job,
    repository: &'p Repository,
    wanted: &'p Wanted,
}

impl Place<'_> {
    fn between(&self, base: String, head: &str, stage: Stage) -> Located {
        Located {
            base,
            beside: Vec::new(),
            head: head.to_owned(),
            policy_from: None,
            stage: self.wanted.stage.unwrap_or(stage),
            environment: self.wanted.environment.clone(),
            forge: None,
        }
    }

    /// The change request on its forge; without a number those by which it landed on a branch, whichever they are.
    fn on_forge(&self, change_request: Option<u64>, branch: Option<&str>) -> Option<OnForge> {
        let (connection, repository) = self.job.connection.clone().zip(self.job.repository.clone())?;
        let asked = Asked { repository, change_request, environment: self.wanted.environment.clone(), is_frozen: self.job.is_frozen };
        Some(OnForge { connection, asked, branch: branch.map(str::to_owned), is_exact: true, nobody: None })
    }

    /// What is deployed is compared with what was deployed last: a rollback can give access again. The policy is today's, because what
    /// was deployed last may be old, and what is deployed does not decide about itself.
    fn deployment(&self) -> Result<Located, Error> {
        let (head, environment) = match &self.job.about {
            About::Deployment { environment, head } => (head, Some(environment)),
            About::Release { head, .. } | About::State { head, .. } | About::Request { head, .. } | About::Queued { head, .. } => {
                (head, None)
            }
            About::Pushed { after, .. } => (after, None),
        };
        let environment = self.wanted.environment.as_ref().or(environment).cloned();
        let (base, beside) = match (&self.wanted.base, &environment) {
            (Some(base), _) => (base.clone(), Vec::new()),
            (None, Some(environment)) => self.last_deployed(environment)?,
            (None, None) => return Err(Error::NoEnvironment),
        };
        let policy_from = if self.wanted.has_policy { None } else { Some(self.default_branch()?) };
        let forge = self.on_forge(None, self.job.default_branch.as_deref()).map(|on| OnForge {
            // A rule may be for one environment, whoever named it.
            asked: Asked { environment: environment.clone(), ..on.asked },
            ..on
        });
        Ok(Located { beside, policy_from, environment, forge, ..self.between(base, head, Stage::Deploy) })
    }

    /// What was deployed there last of what the default branch was at, and what else may be deployed there.
    fn last_deployed(&self, environment: &str) -> Result<(String, Vec<String>), Error> {
        let unknown = || Error::LastDeployed { environment: environment.to_owned(), asked: self.job.connection.is_some() };
        let (connection, repository) = self.job.connection.as_ref().zip(self.job.repository.as_ref()).ok_or_else(unknown)?;
        let line = self.repository.line(&self.default_branch()?, DateTime::<Utc>::MIN_UTC)?;
        let line: HashMap<&str, usize> = line.steps.iter().enumerate().map(|(after, step)| (&*step.commit, after)).collect();
        let deployed = Forge::connect(connection)?.deployed(repository, environment, &|commit| line.get(commit).copied())?;
        match (deployed.last, deployed.others.first()) {
            (Some(last), _) => Ok((last, deployed.others)),
            (None, None) => Err(unknown()),
            (None, Some(commit)) => Err(Error::DeployedElsewhere {
                environment: environment.to_owned(),
                commit: commit.clone(),
                branch: self.job.default_branch.clone().unwrap_or_default(),
            }),
        }
    }

    fn default_branch(&self) -> Result<String, Error> {
        self.branch(self.job.default_branch.as_deref().ok_or(Error::NoDefaultBranch)?)
    }

    /// The branch as the forge had it when the clone was made.
    fn branch(&self, branch: &str) -> Result<String, Error> {
        let reference = format!("refs/remotes/origin/{branch}");
        match self.repository.commit(&reference) {
            Ok(_) => Ok(reference),
            Err(_) => Err(Error::NoBranch { branch: branch.to_owned() }),
        }
    }

    /// A commit that the forge names has to be here. What the user names is looked up later, and may be anything.
    fn there(&self, what: &'static str, commit: &str) -> Result<(), Error> {
        let is_named = self.wanted.base.as_deref() == Some(commit);
        if is_named || self.repository.contains(commit) { Ok(()) } else { Err(Error::NotFetched { what, commit: commit.to_owned() }) }
    }
}

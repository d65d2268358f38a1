//! What is judged, and by what: two sides, a policy, where the facts come from, and when.

use super::Error;
use super::diff::{Joined, Request, read};
use super::policies::{Loaded, PolicyRepository, Revision, load_from};
use super::read::Watch;
use super::rendered::Rendered;
use crate::policy::Stage;
use crate::world::forge::{Asked, Connection, Forge};
use crate::world::repository::{Side, Sides};
use chrono::{DateTime, Utc};
use std::path::PathBuf;

/// What to judge.
#[derive(Clone)]
pub struct Judged {
    /// What to compare.
    pub request: Request,
    /// The policy, if it is not on the base side.
    pub policy: Option<PathBuf>,
    /// The revision that has the policy and its people, if that is not the base: the branch that the change goes to.
    pub policy_from: Option<String>,
    /// A repository that has the policy, and the revision of it.
    pub policy_repository: Option<PolicyRepository>,
    /// The facts of the change request.
    pub facts: Option<PathBuf>,
    /// The forge that has the facts of the change request, if no file has them.
    pub forge: Option<OnForge>,
    /// The instant of the decision.
    pub now: DateTime<Utc>,
    /// Where the change stands.
    pub stage: Stage,
    /// The state that is deployed, where what is judged is only a part of it.
    pub deployed: Option<String>,
    /// What landed before and has no record, in a half-sentence each; nothing where nobody looked.
    pub missing: Vec<String>,
}

/// A change request on a forge.
#[derive(Clone, Debug)]
pub struct OnForge {
    /// How the forge is reached.
    pub connection: Connection,
    /// Which change request it is.
    pub asked: Asked,
    /// The branch that what is judged came onto; `None` before it lands.
    pub branch: Option<String>,
    /// Whether what is judged are the very commits of the change request. A merge queue makes others of them, and each review is held to
    /// what those do.
    pub is_exact: bool,
    /// Why there is no change request to ask about, where somebody can say it, as a part of a sentence.
    pub nobody: Option<&'static str>,
}

impl OnForge {
    /// The same forge, asked about another change request, of whose commits others were made.
    pub(super) fn about(&self, change_request: u64) -> Self {
        let asked = Asked { change_request: Some(change_request), ..self.asked.clone() };
        Self { asked, is_exact: false, ..self.clone() }
    }

    /// The change request by which each of these commits landed, as far as one is known.
    pub(super) fn landed_by(&self, commits: &[String]) -> Result<Vec<Option<u64>>, Error> {
        let branch = self.branch.as_deref().ok_or(Error::NoDefaultBranch)?;
        Ok(Forge::connect(&self.connection)?.landed_by(&self.asked.repository, branch, commits)?)
    }

    /// The same forge, and nothing to ask it about.
    pub(super) fn nobody(&self, why: &'static str) -> Self {
        Self { asked: Asked { change_request: None, ..self.asked.clone() }, nobody: Some(why), ..self.clone() }
    }
}

impl Judged {
    /// Judges by the policy on the base side, without facts.
    pub fn new(request: Request, now: DateTime<Utc>) -> Self {
        let (stage, missing) = (Stage::default(), Vec::new());
        Self {
            request,
            policy: None,
            policy_from: None,
            policy_repository: None,
            facts: None,
            forge: None,
            now,
            stage,
            deployed: None,
            missing,
        }
    }

    /// The sides that have the policy at their base, where those that are judged do not. Like [`Judged::policy`] it resolves a name,
    /// once for the whole decision.
    pub(super) fn target(&self) -> Result<Option<Sides>, Error> {
        let limits = self.request.limits();
        Ok(self.policy_from.as_deref().map(|target| Sides::between(target, target, &self.request.repo, limits)).transpose()?)
    }

    /// The policy without those of directories, and which revision that is.
    pub(super) fn policy(&self, own: &Side) -> Result<Loaded, Error> {
        let policy = load_from(own, self.policy.as_deref(), self.policy_repository.as_ref(), self.request.limits())?;
        let revision = self.policy_from.as_ref().map(|name| Revision { name: name.clone(), commit: own.commit() });
        Ok(if self.policy_repository.is_some() { policy } else { policy.of(revision) })
    }
}

/// Both sides as the policy has them read.
pub(super) fn joined(request: &Request, sides: &Sides, policy: &Loaded, rendered: &[Rendered], plans: &[PathBuf]) -> Result<Joined, Error> {
    let setting = |path: &str| policy.setting(path);
    let format = |path: &str| request.format.or_else(|| policy.format(path));
    // Without the plan, nothing says what becomes of its files.
    let planned: &[String] = if plans.is_empty() { &[] } else { &request.planned };
    let watch = Watch {
        settings: &setting,
        format: &format,
        bounds: request.bounds,
        is_rendered: &|path| request.is_rendered(path),
        plans,
        planned,
    };
    read(sides, &request.paths, &watch, rendered, request.cache.as_deref())
}

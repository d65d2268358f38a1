//! `countersign check`: change → needs → decide.

use super::diff::{Change, Joined, Request, change, read};
use super::gather::Whence;
use super::own::Named;
use super::policies::{Loaded, PolicyRepository, Revision, load_from, standing};
use super::read::Watch;
use super::rendered::Rendered;
use super::today::Today;
use super::{Error, itself, own};
use crate::diagnostic::{self, Diagnostic};
use crate::document::{Syntax, parse};
use crate::policy::{Both, Decision, Evidence, Needs, Over, Question, Stage, evaluate, needs};
use crate::proposal::{CommitId, Proposal, ReviewedContent};
use crate::world::forge::{Asked, Connection, Forge};
use crate::world::repository::{Side, Sides};
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// A decision, and everything it was made from.
#[derive(Debug)]
pub struct Verdict {
    /// What changed.
    pub change: Change,
    /// What was asked of it.
    pub policy: Loaded,
    /// What had to be known.
    pub needs: Needs,
    /// What was known.
    pub proposal: Option<Proposal>,
    /// How the content of each review compares with today's.
    pub reviewed: Vec<ReviewedContent>,
    /// What the holders of roles gain over their ceilings.
    pub over: Vec<Over>,
    /// What gives holders something of two roles that a rule keeps apart.
    pub both: Vec<Both>,
    /// The gate's own files that the change edits.
    pub edited: Vec<Arc<str>>,
    /// The commits that were compared, as far as they are commits.
    pub commits: (Option<String>, Option<String>),
    /// The only paths that were judged; empty for all.
    pub paths: Vec<String>,
    /// The instant of the decision.
    pub now: DateTime<Utc>,
    /// What becomes of the change.
    pub decision: Decision,
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

/// The gate.
pub fn check(judged: &Judged) -> Result<Verdict, Error> {
    let verdict = by_its_policy(judged)?;
    match judged.stage {
        Stage::Merge => itself::leaves_one(judged, &verdict).map(|()| verdict),
        Stage::Deploy if judged.policy_from.is_some() => itself::also_by_the_others(judged, verdict),
        Stage::Deploy => Ok(verdict),
    }
}

/// By the one policy that is named, and by no other.
pub(super) fn by_its_policy(judged: &Judged) -> Result<Verdict, Error> {
    let sides = judged.request.open()?;
    let target = judged.target()?;
    let own = target.as_ref().unwrap_or(&sides).base();
    let policy = judged.policy(own)?;
    decide(judged, &sides, own, policy, |_, needs| facts(judged, &sides, needs))
}

/// Whether the change has a policy itself. Where none holds yet, there is nothing to judge it by.
pub fn brings_policy(request: &Request) -> Result<bool, Error> {
    match standing(Whence::base(request.open()?.head())) {
        Ok(_) => Ok(true),
        Err(Error::NoPolicy | Error::MisnamedPolicy(_) | Error::TwoPolicies) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The decision about two sides by a policy, and by those of directories, which stand on a side of their `own`. `facts` are asked for
/// once the change is known.
pub(super) fn decide(
    judged: &Judged,
    sides: &Sides,
    own: &Side,
    policy: Loaded,
    facts: impl FnOnce(&Loaded, &Needs) -> Result<Option<Proposal>, Error>,
) -> Result<Verdict, Error> {
    let joined = joined(&judged.request, sides, &policy, &judged.request.rendered, &judged.request.plans)?;
    let (policy, edited) = with_directories(policy, own, sides, &joined)?;
    let change = change(&joined, policy.policy.filters());
    let (over, both) = (policy.over(&joined), policy.both(&joined, &change.entries));
    let needs = needs(&Question { policy: &policy.policy, change: &change.entries, over: &over, both: &both, edited: &edited });
    let proposal = facts(&policy, &needs)?;
    let policy = policy.with_facts(proposal.as_ref(), judged.now);
    let question = Question { policy: &policy.policy, change: &change.entries, over: &over, both: &both, edited: &edited };
    let reviews = proposal.iter().flat_map(|proposal| proposal.reviews.iter().flatten());
    let today = Today { judged, sides, joined: &joined, policy: &policy, edited: &edited, proposal: proposal.as_ref() };
    let reviewed: Vec<ReviewedContent> = if needs.reviews { reviews.map(|review| today.reviewed(review)).collect() } else { Vec::new() };
    let landed = (judged.stage == Stage::Deploy).then(|| today.landed()).flatten();
    let Judged { now, stage, .. } = *judged;
    let evidence = Evidence {
        question,
        proposal: proposal.as_ref(),
        reviewed: &reviewed,
        now,
        stage,
        landed: landed.as_ref(),
        missing: &judged.missing,
    };
    let decision = evaluate(&evidence);
    let commits = (sides.base().commit(), sides.head().commit());
    let paths = judged.request.paths.clone();
    Ok(Verdict { change, policy, needs, proposal, reviewed, over, both, edited, commits, paths, now, decision })
}

/// The policy with those of the directories that the change is about, which stand on a side of their `own`, and the gate's own files that
/// the change edits.
pub(super) fn with_directories(policy: Loaded, own: &Side, sides: &Sides, joined: &Joined) -> Result<(Loaded, Vec<Arc<str>>), Error> {
    let edited = own::edited(sides, &policy.policy)?;
    let policy = policy.with_nested(own, joined.paths().chain(edited.iter().map(|path| &**path)))?;
    // A rule of a directory may be about more files.
    let edited = if policy.policy.has_nested() { own::edited(sides, &policy.policy)? } else { edited };
    Ok((policy, edited))
}

/// Both sides as the policy has them read.
pub(super) fn joined(request: &Request, sides: &Sides, policy: &Loaded, rendered: &[Rendered], plans: &[PathBuf]) -> Result<Joined, Error> {
    let setting = |path: &str| policy.setting(path);
    let format = |path: &str| request.format.or_else(|| policy.format(path));
    // Without the plan, nothing says what becomes of its files.
    let planned: &[String] = if plans.is_empty() { &[] } else { &request.planned };
    let watch = Watch { settings: &setting, format: &format, bounds: request.bounds, rendered: &request.rendered, plans, planned };
    read(sides, &request.paths, &watch, rendered, request.cache.as_deref())
}

/// The commit that is judged, if it is one.
pub(super) fn head_of(sides: &Sides) -> Option<CommitId> {
    sides.head().commit().and_then(|commit| CommitId::try_from(commit).ok())
}

/// The facts of a file or of the forge. Before a merge they have to be about the commits that are judged; afterwards what landed is
/// compared with theirs.
pub(super) fn facts(judged: &Judged, sides: &Sides, needs: &Needs) -> Result<Option<Proposal>, Error> {
    let proposal = match (&judged.facts, &judged.forge) {
        (Some(path), _) => from_file(judged, path)?,
        // A change that no rule asks anything about makes no request. What landed is compared with what was authorized whatever rules ask.
        (None, Some(forge)) if needs.proposal() || judged.stage == Stage::Deploy => match from_forge(forge, sides, needs)? {
            Some(proposal) => proposal,
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let pairs = [("base", &proposal.base, sides.base().commit()), ("head", &proposal.head, sides.head().commit())];
    let is_exact = judged.facts.is_some() || judged.forge.as_ref().is_none_or(|forge| forge.is_exact);
    for (side, facts, commit) in pairs.into_iter().filter(|_| judged.stage == Stage::Merge && is_exact) {
        if let (Some(facts), Some(commit)) = (facts, commit)
            && facts.to_string() != commit
        {
            return Err(Error::OtherCommit { side, facts: facts.to_string(), commit });
        }
    }
    Ok(Some(proposal))
}

/// Without a number it is the one change request by which the head landed, unless it is known that there is none to ask about.
fn from_forge(on: &OnForge, sides: &Sides, needs: &Needs) -> Result<Option<Proposal>, Error> {
    let mut asked = on.asked.clone();
    if let (None, None, Some(head)) = (asked.change_request, on.nobody, sides.head().commit()) {
        asked.change_request = on.landed_by(&[head])?.into_iter().flatten().next();
    }
    if asked.change_request.is_none() { Ok(None) } else { Ok(Some(Forge::connect(&on.connection)?.proposal(&asked, needs)?)) }
}

fn from_file(judged: &Judged, path: &Path) -> Result<Proposal, Error> {
    let bytes = Named { what: "facts file", option: "--facts", path }.read(judged.request.bounds.bytes)?;
    let parsed = parse(path.to_string_lossy(), &bytes, Syntax::Yaml, &judged.request.bounds);
    let file = parsed.map_err(|(problem, place)| Error::Facts(vec![Diagnostic::unreadable(problem, place, &bytes)]))?;
    Proposal::read(&file, judged.now).map_err(|mut diagnostics| {
        diagnostic::quote(&mut diagnostics, &file);
        Error::Facts(diagnostics)
    })
}

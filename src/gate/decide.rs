//! The decision about a change by one policy: change → needs → decide.

use super::diff::{Change, Joined, change};
use super::judged::{Judged, OnForge, joined};
use super::ours::Named;
use super::policies::Loaded;
use super::today::Today;
use super::{Error, own};
use crate::diagnostic::{self, Diagnostic};
use crate::document::{Syntax, parse};
use crate::policy::{Both, Decision, Evidence, Needs, Over, Question, Stage, evaluate, needs};
use crate::proposal::{CommitId, Proposal, ReviewedContent};
use crate::world::forge::Forge;
use crate::world::repository::{Side, Sides};
use chrono::{DateTime, Utc};
use std::path::Path;
use std::sync::Arc;

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

/// By the one policy that is named, and by no other.
pub(super) fn by_its_policy(judged: &Judged) -> Result<Verdict, Error> {
    let sides = judged.request.open()?;
    let target = judged.target()?;
    let own = target.as_ref().unwrap_or(&sides).base();
    let policy = judged.policy(own)?;
    decide(judged, &sides, own, policy, |_, needs| facts(judged, &sides, needs))
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

//! One commit of the past, through the gate's own decision: as nobody knows who approved it, what it would have needed.

use super::super::decide::{decide, head_of};
use super::super::policies::{Loaded, load};
use super::super::{Error, Judged, Request, Verdict, one_line};
use crate::change::Entry;
use crate::policy::suppose::Supposed;
use crate::policy::{Decision, Mode, Outcome, RuleVerdict};
use crate::systems::Kind;
use crate::world::repository::{Side, Sides, Step};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Nothing, as a revision.
const NOTHING: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// Of more parts than this that cannot be told, why they cannot is not kept.
const MOST_WHYS: usize = 3;

/// Of a longer reason nobody reads the rest.
const LONGEST_REASON: usize = 400;

/// What is known of a commit once it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Record {
    /// It changes neither access nor the gate's own files.
    Nothing,
    /// What the policy says.
    Change(Box<Change>),
}

/// What a policy says of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    pub(super) outcome: String,
    pub(super) level: Level,
    pub(super) is_deadlocked: bool,
    /// Why some part of it cannot be told.
    pub(super) undecided: BTreeSet<String>,
    /// What the deciding rules say.
    pub(super) reasons: Vec<String>,
    /// Rules that are about it.
    pub(super) rules: BTreeSet<String>,
    /// Approvals of each group.
    pub(super) needed: BTreeMap<String, usize>,
    /// Who could give them.
    pub(super) could: BTreeSet<String>,
    /// Those of them whom some rule cannot do without.
    pub(super) indispensable: BTreeSet<String>,
    /// What the policy of the time said.
    pub(super) then: Then,
}

/// The policy of the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Then {
    /// There was none, and nothing was asked.
    None,
    /// There was one.
    Said { headline: String, level: Level },
    /// There was one that is none to us.
    Unreadable(String),
}

impl Then {
    /// How hard it was to pass; `None` if nobody can tell.
    pub(super) fn level(&self) -> Option<Level> {
        match self {
            Self::None => Some(Level::Free),
            Self::Said { level, .. } => Some(*level),
            Self::Unreadable(_) => None,
        }
    }
}

/// How hard it is for a change to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Level {
    /// Nothing is asked.
    Free,
    /// What is asked can be given.
    Asked,
    /// No approval helps.
    Blocked,
}

impl Level {
    fn of(decision: &Decision) -> Self {
        match decision.outcome {
            Outcome::Authorized => Self::Free,
            Outcome::Waiting { .. } if !is_deadlocked(decision) => Self::Asked,
            _ => Self::Blocked,
        }
    }
}

fn is_deadlocked(decision: &Decision) -> bool {
    decision.requirements.iter().any(|verdict| !verdict.deadlock.is_empty())
}

/// By what commits are judged.
pub(super) struct Judge<'j> {
    pub(super) repo: &'j Path,
    /// With those of all directories.
    pub(super) policy: &'j Loaded,
    /// What that policy stands in.
    pub(super) today: &'j Side,
    /// Where the index of unchanged files is kept.
    pub(super) cache: Option<PathBuf>,
}

impl Judge<'_> {
    pub(super) fn judge(&self, step: &Step) -> Result<Record, Error> {
        let base = step.parent.clone().unwrap_or_else(|| NOTHING.to_owned());
        let request = Request::between(base, step.commit.clone(), self.repo.to_owned());
        let sides = Sides::between(&request.base, &request.head, self.repo, request.limits())?;
        let judged = Judged::new(Request { cache: self.cache.clone(), ..request }, step.committed);
        let verdict = needed(&judged, &sides, self.today, self.policy.clone())?;
        let (then, says_something) = then(&judged, &sides)?;
        if !says_something && !is_about_something(&verdict) {
            return Ok(Record::Nothing);
        }
        Ok(Record::Change(Box::new(change(&verdict, then))))
    }
}

/// What the policy on the base side said, and whether it had anything to say.
fn then(judged: &Judged, sides: &Sides) -> Result<(Then, bool), Error> {
    let policy = match load(sides.base(), None) {
        Ok(policy) => policy,
        Err(Error::NoPolicy | Error::MisnamedPolicy(_)) => return Ok((Then::None, false)),
        Err(error @ (Error::Policy(_) | Error::TwoPolicies | Error::Unreadable { .. })) => {
            return Ok((Then::Unreadable(one_line(&error)), false));
        }
        Err(error) => return Err(error),
    };
    let verdict = needed(judged, sides, sides.base(), policy)?;
    let decision = &verdict.decision;
    // What is only observed stops nothing.
    let level = if decision.mode == Mode::Observe { Level::Free } else { Level::of(decision) };
    Ok((Then::Said { headline: decision.headline(), level }, is_about_something(&verdict)))
}

/// The decision, if somebody in no group had opened the change and nobody had reviewed it yet.
fn needed(judged: &Judged, sides: &Sides, own: &Side, policy: Loaded) -> Result<Verdict, Error> {
    decide(judged, sides, own, policy, |_, _| Ok(Some(Supposed::default().with(None, head_of(sides), judged.now))))
}

fn is_about_something(verdict: &Verdict) -> bool {
    !(verdict.change.entries.is_empty() && verdict.edited.is_empty())
}

fn change(verdict: &Verdict, then: Then) -> Change {
    let decision = &verdict.decision;
    let mut needed = BTreeMap::new();
    for (group, count) in decision.requirements.iter().flat_map(|verdict| &verdict.needed) {
        *needed.entry(group.to_string()).or_default() += count;
    }
    let waiting = || decision.requirements.iter().filter(|verdict| verdict.missing > 0);
    let logins = |verdict: &RuleVerdict| verdict.could.iter().map(|person| person.login.clone()).collect::<Vec<_>>();
    Change {
        outcome: decision.outcome.word().to_owned(),
        level: Level::of(decision),
        is_deadlocked: is_deadlocked(decision),
        undecided: undecided(verdict),
        reasons: decision.deciding().map(reason).collect(),
        rules: decision.requirements.iter().filter_map(|verdict| verdict.rule.as_ref()).map(ToString::to_string).collect(),
        needed,
        could: waiting().flat_map(logins).collect(),
        indispensable: waiting().filter(|verdict| verdict.could.len() <= verdict.missing).flat_map(logins).collect(),
        then,
    }
}

/// Why parts of a change cannot be told, the first few.
fn undecided(verdict: &Verdict) -> BTreeSet<String> {
    let parts = verdict.change.entries.iter().filter(|entry| entry.kind == Kind::Undecided);
    let why = |entry: &Entry| {
        let why = entry.region.provided.as_deref().unwrap_or("nobody can tell");
        short(&format!("{}: {why}", entry.region.holder))
    };
    parts.map(why).take(MOST_WHYS).collect()
}

fn reason(verdict: &RuleVerdict) -> String {
    let name = verdict.rule.as_deref().unwrap_or("whatever the policy says");
    short(&format!("{name}: {}", verdict.reason))
}

fn short(whole: &str) -> String {
    let mut short: String = whole.chars().take(LONGEST_REASON).collect();
    if short.len() < whole.len() {
        short.push('…');
    }
    short
}

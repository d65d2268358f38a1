//! `countersign gaps`: every change of access that landed between two states, each with the record that settles it, or named as missing.

use super::check::joined;
use super::diff::{Request, not_contained};
use super::policies::{Loaded, load};
use super::sources::{Looked, Sources};
use super::verify::{Verify, one};
use super::{Error, baseline, change, diff, one_line, own};
use crate::attestation::authorization::v1::Authorization;
use crate::audit::{Fit, Landing, Standing, fit};
use crate::report::gaps::{self, Landed, Population, Refused, Start};
use crate::report::json;
use crate::systems::{Kind, Severity};
use crate::world::repository::{LineEnd, Repository, Sides, Step};
use chrono::DateTime;
use std::path::PathBuf;
use std::sync::Arc;

/// Which stretch of history, and where its records are.
pub struct Gaps {
    /// The repository.
    pub repo: PathBuf,
    /// The state that it begins at, exclusive; without one that of the baseline.
    pub from: Option<String>,
    /// A bundle that says where the population begins.
    pub baseline: Option<PathBuf>,
    /// The state that it ends at.
    pub to: String,
    /// Who may have signed. What it looks at, and what it is about, are not looked at.
    pub verify: Verify,
    /// Where the records are.
    pub sources: Sources,
    /// Where the index is kept between runs.
    pub cache: Option<PathBuf>,
}

/// What became of everything that landed.
#[derive(Debug)]
pub struct Settled(Population);

impl Settled {
    /// Whether every change of access has its record.
    pub fn is_complete(&self) -> bool {
        self.gaps().next().is_none()
    }

    /// What has none, in a half-sentence each.
    pub fn gaps(&self) -> impl Iterator<Item = String> + '_ {
        self.0.landed.iter().filter(|landed| landed.standing.is_gap()).map(gaps::sentence)
    }

    /// For people.
    pub fn text(&self) -> String {
        gaps::text(&self.0)
    }

    /// For machines.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        json::written(&gaps::json(&self.0))
    }
}

/// A record whose signature holds, and where it was found.
struct Found {
    found_in: String,
    record: Authorization,
}

/// Walks the line of first parents, and looks for the record of each change of access on it.
pub fn gaps(asked: &Gaps) -> Result<Settled, Error> {
    let (found, refused, looked) = records(asked)?;
    let repository = Repository::open(&asked.repo)?;
    let to = repository.commit(&asked.to)?;
    let (from, is_baseline) = match (&asked.from, &asked.baseline) {
        (Some(from), _) => (repository.commit(from)?, false),
        (None, Some(baseline)) => (baseline::of_file(&asked.verify, baseline)?.state.commit.to_string(), true),
        (None, None) => return Err(Error::NoBaseline),
    };
    let steps = line(&repository, &from, &to)?;
    let landings: Vec<Landing> = steps.iter().filter_map(landing).collect();
    let mut landed = Vec::new();
    for (index, (step, landing)) in steps.iter().zip(&landings).enumerate() {
        landed.extend(Walk { asked, found: &found, landings: &landings }.landed(step, landing, index));
    }
    let commits = steps.len();
    Ok(Settled(Population { from: Start { commit: from, is_baseline }, to, commits, landed, refused, looked }))
}

/// What was found, what of it is not taken, and where it was looked.
type Records = (Vec<Found>, Vec<Refused>, Vec<Looked>);

/// Every record whose signature holds, and what was refused.
fn records(asked: &Gaps) -> Result<Records, Error> {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    let looked = asked.sources.each(&mut |held| {
        if baseline::is_one(&held.bundle) {
            return Ok(false);
        }
        let number = held.sequence.map(|number| format!(" {number}")).unwrap_or_default();
        let verification = one(&asked.verify, format!("{}{number}", held.found_in), &held.bundle)?;
        let found_in = verification.bundle;
        match (verification.authorization, verification.refusals.first()) {
            (_, Some(refusal)) => refused.push(Refused { found_in, why: refusal.to_string() }),
            (Some(record), None) => {
                found.push(Found { found_in, record });
                return Ok(true);
            }
            // A summary says nothing of its own.
            (None, None) => {}
        }
        Ok(false)
    })?;
    Ok((found, refused, looked))
}

/// The line from one state to another, the oldest first.
fn line(repository: &Repository, from: &str, to: &str) -> Result<Vec<Step>, Error> {
    let line = repository.line(to, DateTime::UNIX_EPOCH)?;
    let behind = line.steps.iter().position(|step| step.commit == from);
    let is_first = || line.steps.last().is_some_and(|step| step.parent.as_deref() == Some(from));
    let count = match behind {
        Some(behind) => behind,
        None if is_first() => line.steps.len(),
        None => return Err(Error::NotOnTheLine { from: from.to_owned(), to: to.to_owned(), is_shallow: line.end == LineEnd::Shallow }),
    };
    Ok(line.steps.into_iter().take(count).rev().collect())
}

fn landing(step: &Step) -> Option<Landing> {
    Some(Landing { before: step.parent.clone()?, commit: step.commit.clone(), merged: step.merged.clone() })
}

/// What a commit changes.
struct Changed {
    gained: usize,
    lost: usize,
    undecided: usize,
    severity: Option<Severity>,
    edited: Vec<Arc<str>>,
}

struct Walk<'w> {
    asked: &'w Gaps,
    found: &'w [Found],
    landings: &'w [Landing],
}

impl Walk<'_> {
    /// What is said of a commit; nothing if it changes neither access nor the gate's own files.
    fn landed(&self, step: &Step, landing: &Landing, index: usize) -> Option<Landed> {
        let mut landed = Landed {
            commit: step.commit.clone(),
            subject: step.subject.clone(),
            gained: 0,
            lost: 0,
            undecided: 0,
            severity: None,
            edited: Vec::new(),
            standing: Standing::Missing,
            found_in: None,
            approvers: Vec::new(),
        };
        let changed = match self.changed(landing) {
            Ok(changed) => changed,
            Err(error) => {
                landed.standing = Standing::Unknown(one_line(&error));
                return Some(landed);
            }
        };
        (landed.gained, landed.lost, landed.undecided, landed.severity) =
            (changed.gained, changed.lost, changed.undecided, changed.severity);
        landed.edited = changed.edited.iter().map(ToString::to_string).collect();
        let (widens, narrows) = (changed.gained + changed.undecided + changed.edited.len() > 0, changed.lost > 0);
        if !widens && !narrows {
            return None;
        }
        match self.settled(landing, index, &changed.edited) {
            Ok(Some(found)) => {
                landed.standing = Standing::of(found.record.record);
                landed.found_in = Some(found.found_in.clone());
                landed.approvers =
                    found.record.approvals.iter().map(|approval| format!("{} ({})", approval.login, approval.actor_id)).collect();
            }
            Ok(None) if !widens => landed.standing = Standing::Narrows,
            Ok(None) => {}
            Err(error) => landed.standing = Standing::Unknown(one_line(&error)),
        }
        Some(landed)
    }

    /// The record that settles it. One that was given before it landed is taken before one that was given afterwards.
    fn settled(&self, landing: &Landing, index: usize, edited: &[Arc<str>]) -> Result<Option<&Found>, Error> {
        let mut settled: Option<&Found> = None;
        for found in self.found {
            let fits = match fit(&found.record, self.landings, index) {
                Some(Fit::Itself) => true,
                Some(Fit::Part) => self.is_contained(landing, &found.record, edited)?,
                None => false,
            };
            if fits && settled.is_none_or(|known| Standing::of(known.record.record) == Standing::Exception) {
                settled = Some(found);
            }
        }
        Ok(settled)
    }

    fn changed(&self, landing: &Landing) -> Result<Changed, Error> {
        let request = self.request(&landing.before, &landing.commit);
        let sides = request.open()?;
        let (change, edited) = match policy(&sides)? {
            None => (diff(&request)?, Vec::new()),
            Some(policy) => {
                let joined = joined(&request, &sides, &policy, &[], &[])?;
                let edited = own::edited(&sides, &policy.policy)?;
                let policy = policy.with_nested(sides.base(), joined.paths().chain(edited.iter().map(|path| &**path)))?;
                (change(&joined, policy.policy.filters()), own::edited(&sides, &policy.policy)?)
            }
        };
        let count = |kind| change.entries.iter().filter(|entry| entry.kind == kind).count();
        let severity = change.entries.iter().filter(|entry| entry.kind != Kind::Lost).map(|entry| entry.region.severity).max();
        Ok(Changed { gained: count(Kind::Gained), lost: count(Kind::Lost), undecided: count(Kind::Undecided), severity, edited })
    }

    /// Whether no more landed than was authorized: by a merge than on its branch, by one of several commits than by all together.
    fn is_contained(&self, landing: &Landing, record: &Authorization, edited: &[Arc<str>]) -> Result<bool, Error> {
        let both = [self.request(&landing.before, &landing.commit), self.request(record.base.commit.as_str(), record.head.commit.as_str())];
        let [landed, authorized] = &both;
        let sides = [landed.open()?, authorized.open()?];
        let policy = policy(&sides[0])?;
        let read = |request: &Request, sides: &Sides| match &policy {
            Some(policy) => joined(request, sides, policy, &[], &[]),
            None => request.joined(sides),
        };
        let [landed, authorized] = [read(landed, &sides[0])?, read(authorized, &sides[1])?];
        Ok(own::differing(edited, sides[0].head(), sides[1].head())?.is_empty() && not_contained(&landed, &authorized).is_empty())
    }

    fn request(&self, base: &str, head: &str) -> Request {
        Request { cache: self.asked.cache.clone(), ..Request::between(base.to_owned(), head.to_owned(), self.asked.repo.clone()) }
    }
}

/// The policy of the time; none where nobody had written one yet, or where it is in another repository.
fn policy(sides: &Sides) -> Result<Option<Loaded>, Error> {
    match load(sides.base(), None) {
        Err(Error::NoPolicy | Error::MisnamedPolicy(_)) => Ok(None),
        policy => policy.map(Some),
    }
}

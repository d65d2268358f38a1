//! `countersign gaps`: every change of access that landed between two states, each with the record that settles it, or named as missing.

use super::decide::with_directories;
use super::diff::{Request, not_contained};
use super::judged::joined;
use super::policies::{Loaded, PolicyRepository, load_from};
use super::sources::{Looked, Sources};
use super::verify::{Verify, is_baseline, one};
use super::{Error, baseline, change, one_line, own};
use crate::attestation::authorization::v1::{self, Authorization, File};
use crate::audit::{Fit, Landing, Standing, fit};
use crate::policy::include::POLICY_REPOSITORY;
use crate::policy::packs;
use crate::report::gaps::{self, Landed, Population, Refused, Start};
use crate::report::json;
use crate::systems::{Kind, Severity, sha256};
use crate::world::repository::{Limits, LineEnd, Reading, Repository, Side, Sides, Step};
use chrono::DateTime;
use std::path::{Path, PathBuf};
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
    /// The policy, if it is not in the state before each change.
    pub policy: Option<PathBuf>,
    /// A repository that has the policy, and the revision of it.
    pub policy_repository: Option<PolicyRepository>,
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
        if is_baseline(&held.bundle) {
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

impl Changed {
    /// Whether a record says that there is such a change: one of nothing settles no gain, and one of other files no edit.
    fn is_stated(&self, record: &Authorization) -> bool {
        let stated = &record.change;
        let gains = self.gained + self.undecided == 0 || stated.gained + stated.undecided > 0;
        gains && self.edited.iter().all(|path| stated.edited.iter().any(|edited| **edited == **path))
    }
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
        match self.settled(landing, index, &changed) {
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
    fn settled(&self, landing: &Landing, index: usize, changed: &Changed) -> Result<Option<&Found>, Error> {
        let mut settled: Option<&Found> = None;
        for found in self.found.iter().filter(|found| changed.is_stated(&found.record)) {
            let fits = match fit(&found.record, self.landings, index) {
                Some(Fit::Itself) => true,
                Some(Fit::Part) => self.is_contained(landing, &found.record, &changed.edited)?,
                Some(Fit::Merge) => {
                    self.is_merged_first(landing, &found.record)? && self.is_contained(landing, &found.record, &changed.edited)?
                }
                None => false,
            };
            if fits
                && self.is_by_a_policy_that_holds(landing, &found.record)?
                && settled.is_none_or(|known| Standing::of(known.record.record) == Standing::Exception)
            {
                settled = Some(found);
            }
        }
        Ok(settled)
    }

    fn changed(&self, landing: &Landing) -> Result<Changed, Error> {
        let request = self.request(&landing.before, &landing.commit);
        let sides = request.open()?;
        // Without the policy nobody knows which files are the gate's own, and what holds where.
        let policy = self.policy(sides.base())?;
        let joined = joined(&request, &sides, &policy, &[], &[])?;
        let (policy, edited) = with_directories(policy, sides.base(), &sides, &joined)?;
        let change = change(&joined, policy.policy.filters());
        let count = |kind| change.entries.iter().filter(|entry| entry.kind == kind).count();
        let severity = change.entries.iter().filter(|entry| entry.kind != Kind::Lost).map(|entry| entry.region.severity).max();
        Ok(Changed { gained: count(Kind::Gained), lost: count(Kind::Lost), undecided: count(Kind::Undecided), severity, edited })
    }

    /// Whether no more landed than was authorized: by a merge than on its branch, by one of several commits than by all together.
    fn is_contained(&self, landing: &Landing, record: &Authorization, edited: &[Arc<str>]) -> Result<bool, Error> {
        let both = [self.request(&landing.before, &landing.commit), self.request(record.base.commit.as_str(), record.head.commit.as_str())];
        let [landed, authorized] = &both;
        let sides = [landed.open()?, authorized.open()?];
        let policy = self.policy(sides[0].base())?;
        let read = |request: &Request, sides: &Sides| joined(request, sides, &policy, &[], &[]);
        let [landed, authorized] = [read(landed, &sides[0])?, read(authorized, &sides[1])?];
        let is_same = own::unlike(edited, sides[0].head(), &sides[1], &policy.policy)?.is_none();
        Ok(is_same && not_contained(&landed, &authorized).is_empty())
    }

    /// Whether what a record is about had not landed before. Who merges it again puts it there a second time.
    fn is_merged_first(&self, landing: &Landing, record: &Authorization) -> Result<bool, Error> {
        let head = record.head.commit.as_str();
        Ok(Repository::open(&self.asked.repo)?.merge_base(head, &landing.before)? != head)
    }

    /// The policy at the time of a change.
    fn policy(&self, base: &Side) -> Result<Loaded, Error> {
        let Gaps { policy, policy_repository, .. } = self.asked;
        load_from(base, policy.as_deref(), policy_repository.as_ref(), Limits::default())
    }

    /// Whether a record was decided by a policy that had landed, or by the one that somebody names: not by one that a branch brought along,
    /// nor by a file of whoever ran the gate. Where the digest is said, it may be from anywhere; what it is made of besides may not.
    fn is_by_a_policy_that_holds(&self, landing: &Landing, record: &Authorization) -> Result<bool, Error> {
        let Gaps { repo, policy, policy_repository, verify, .. } = self.asked;
        if verify.expected.policy_digest.is_some() {
            return self.is_made_of_what_had_landed(landing, record);
        }
        let (clone, tip, commit) = match policy_repository {
            Some(from) => (&from.clone, &from.revision, record.policy.commit.as_deref()),
            None => (repo, &landing.before, Some(record.policy.commit.as_deref().unwrap_or(record.base.commit.as_str()))),
        };
        let Some(commit) = commit else { return Ok(false) };
        let sides = Sides::between(commit, commit, clone, Limits::default());
        let (Ok(sides), Ok(Some(_))) = (sides, Repository::open(clone)?.after(commit, tip)) else { return Ok(false) };
        let at = policy_repository.as_ref().map(|from| PolicyRepository { revision: commit.to_owned(), ..from.clone() });
        let read = load_from(sides.base(), policy.as_deref(), at.as_ref(), Limits::default());
        Ok(read.is_ok_and(|policy| format!("sha256:{}", policy.digest) == record.policy.digest))
    }

    /// Whether the people, the calendars and what else a policy includes are files that had landed: as they stand before the change, or as
    /// they stood where the policy was read. The digest of a policy is that of its root alone. A pack comes with the program, and what a
    /// policy repository has is held against it where it is named.
    fn is_made_of_what_had_landed(&self, landing: &Landing, record: &Authorization) -> Result<bool, Error> {
        let v1::Policy { uri, commit, files, .. } = &record.policy;
        let read_from = commit.as_deref().unwrap_or(record.base.commit.as_str());
        let had_landed = |clone: &Path, commit: &str, tip: &str| -> Result<Option<Sides>, Error> {
            let repository = Repository::open(clone)?;
            let is_known = repository.contains(commit) && repository.after(commit, tip)?.is_some();
            Ok(if is_known { Some(Sides::between(commit, commit, clone, Limits::default())?) } else { None })
        };
        let (mut here, mut there) = (vec![Sides::between(&landing.before, &landing.before, &self.asked.repo, Limits::default())?], None);
        match &self.asked.policy_repository {
            Some(from) => there = Some(had_landed(&from.clone, read_from, &from.revision)?),
            None => here.extend(had_landed(&self.asked.repo, read_from, &landing.before)?),
        }
        let has = |sides: &Sides, path: &str, digest: &str| -> Result<bool, Error> {
            let reading = sides.base().read(path)?;
            Ok(matches!(reading, Reading::Content(content) if format!("sha256:{}", sha256(&content.bytes)) == *digest))
        };
        for File { path, digest } in files.iter().filter(|file| file.path != *uri && !file.path.starts_with(packs::PREFIX)) {
            let is_same = match (path.strip_prefix(POLICY_REPOSITORY), &there) {
                (Some(path), Some(there)) => there.as_ref().map_or(Ok(false), |there| has(there, path, digest))?,
                (Some(_), None) => true,
                (None, _) => here.iter().map(|sides| has(sides, path, digest)).collect::<Result<Vec<_>, _>>()?.contains(&true),
            };
            if !is_same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn request(&self, base: &str, head: &str) -> Request {
        Request { cache: self.asked.cache.clone(), ..Request::between(base.to_owned(), head.to_owned(), self.asked.repo.clone()) }
    }
}

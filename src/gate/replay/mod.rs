//! `countersign policy replay`: a policy over the changes that there were.

mod judge;
mod state;

use super::policies::Loaded;
use super::policy_check::open;
use super::{Asked, Error, PolicyRepository, one_line};
use crate::report::json::written;
use crate::report::replay::{Failed, GroupNeed, History, Outcomes, PersonNeed, ReplayReport, Replayed, RuleUse, text};
use crate::world::clock::Stopwatch;
use crate::world::repository::{Limits, LineEnd, Repository, Sides, Step, root_of};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use judge::{Change, Judge, Level, Record, Then};
use state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// How often what is known is written down.
const BETWEEN_SAVES: u128 = 2_000;

/// Which changes, by which policy.
pub struct Replay {
    /// The repository.
    pub repo: PathBuf,
    /// The newest commit.
    pub tip: String,
    /// The oldest date.
    pub since: DateTime<Utc>,
    /// At most so many changes of access.
    pub limit: usize,
    /// The policy; else the one of the work tree.
    pub policy: Option<PathBuf>,
    /// The repository that has the policy, if that is not the work tree.
    pub policy_repository: Option<PolicyRepository>,
    /// Where the index, and what is known of commits, is kept between runs.
    pub cache: Option<PathBuf>,
    /// The present instant.
    pub now: DateTime<Utc>,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Commits that were judged.
    pub done: usize,
    /// Commits that there are.
    pub of: usize,
    /// Changes of access among them.
    pub changes: usize,
}

/// What came of it.
#[derive(Debug)]
pub struct ReplayOutcome {
    report: ReplayReport,
    /// What went wrong besides, a sentence each.
    pub notes: Vec<String>,
}

impl ReplayOutcome {
    /// The report for people.
    pub fn text(&self) -> String {
        text(&self.report)
    }

    /// The same for machines.
    pub fn json(&self) -> Result<String, Error> {
        Ok(written(&self.report)?)
    }
}

/// An instant that a number of days (`90d`), weeks (`13w`) or a date says, such as `2026-08-24`; or how to write one.
pub fn since(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let form = || "write days or weeks such as `90d` or `13w`, or a date such as `2026-08-24`".to_owned();
    let days_of = |(unit, days): (char, i64)| Some(i64::from(text.strip_suffix(unit)?.parse::<u32>().ok()?) * days);
    if let Some(days) = [('d', 1), ('w', 7)].into_iter().find_map(days_of) {
        return now.checked_sub_signed(TimeDelta::days(days)).ok_or_else(form);
    }
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|date| date.and_hms_opt(0, 0, 0));
    date.map(|midnight| midnight.and_utc()).or_else(|| crate::policy::window::instant(text).ok()).ok_or_else(form)
}

/// Judges the commits, the newest first, and goes on where an earlier run was interrupted.
pub fn replay(asked: &Replay, progress: &mut dyn FnMut(Progress)) -> Result<ReplayOutcome, Error> {
    let (today, policy) = asked.proposed()?;
    let repository = Repository::open(&asked.repo)?;
    let line = repository.line(&asked.tip, asked.since)?;
    let (state, damaged) = State::open(asked.cache.as_deref(), repository.directory(), state::key(&policy));
    let judge = Judge { repo: &asked.repo, policy: &policy, today: today.base(), cache: asked.cache.clone() };
    let mut run = Run { state, seen: Vec::new(), failed: Vec::new(), resumed: 0, commits: 0, notes: damaged.into_iter().collect() };
    let since_saved = &mut Stopwatch::start();
    for step in &line.steps {
        if run.seen.len() >= asked.limit {
            break;
        }
        run.judge(step, &judge);
        progress(Progress { done: run.commits, of: line.steps.len(), changes: run.seen.len() });
        if since_saved.milliseconds() > BETWEEN_SAVES {
            run.save();
            *since_saved = Stopwatch::start();
        }
    }
    run.save();
    let end = match line.end {
        _ if run.commits < line.steps.len() => "limit",
        LineEnd::Since => "since",
        LineEnd::Root => "root",
        LineEnd::Shallow => "shallow",
    };
    let tip = repository.commit(&asked.tip)?;
    let notes = std::mem::take(&mut run.notes);
    let judged = line.steps.get(..run.commits).unwrap_or_default();
    Ok(ReplayOutcome { report: run.report(&policy, tip, judged, end), notes })
}

impl Replay {
    /// The policy, with those of all directories of the work tree, in which these stand.
    fn proposed(&self) -> Result<(Sides, Loaded), Error> {
        let Some(repository) = &self.policy_repository else {
            let file = self.policy.clone();
            return Asked { file, repo: Some(self.repo.clone()), base: None, now: self.now }.load_whole("--policy");
        };
        let today = open(&root_of(&self.repo).unwrap_or_else(|| self.repo.clone()))?;
        let policy = repository.load(self.policy.as_deref(), Limits::default())?.with_every_nested(today.base())?;
        Ok((today, policy))
    }
}

/// What is known so far.
struct Run {
    state: State,
    /// Changes of access.
    seen: Vec<(Step, Change)>,
    failed: Vec<Failed>,
    resumed: usize,
    commits: usize,
    notes: Vec<String>,
}

impl Run {
    fn judge(&mut self, step: &Step, judge: &Judge<'_>) {
        self.commits += 1;
        let record = match self.state.get(&step.commit).cloned() {
            Some(known) => {
                self.resumed += 1;
                Ok(known)
            }
            None => judge.judge(step).inspect(|record| self.state.add(&step.commit, record.clone())),
        };
        match record {
            Ok(Record::Nothing) => {}
            Ok(Record::Change(change)) => self.seen.push((step.clone(), *change)),
            // It may be another time: an object that is missing can be fetched.
            Err(error) => self.failed.push(Failed { commit: step.commit.clone(), why: one_line(&error) }),
        }
    }

    /// Without it a run that is interrupted starts again, and that is all.
    fn save(&mut self) {
        if let Err(error) = self.state.save() {
            let note = format!("what was found out cannot be kept for the next run: {}", one_line(&error));
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    fn report(self, policy: &Loaded, tip: String, steps: &[Step], end: &'static str) -> ReplayReport {
        let seen = &self.seen;
        let which = |is: &dyn Fn(&Change) -> bool| -> Vec<usize> {
            seen.iter().enumerate().filter(|(_, (_, change))| is(change)).map(|(index, _)| index).collect()
        };
        let went = |from: &dyn Fn(Level) -> bool, to: &dyn Fn(Level) -> bool| {
            which(&|change| change.then.level().is_some_and(from) && to(change.level))
        };
        let blocked = |level: Level| level == Level::Blocked;
        ReplayReport {
            schema: "countersign/policy-replay/v1",
            policy: policy.path.to_string(),
            policy_digest: format!("sha256:{}", policy.digest),
            tip,
            history: self.history(steps, end),
            outcomes: outcomes(seen),
            newly_blocked: went(&|then| !blocked(then), &blocked),
            newly_allowed: went(&blocked, &|now| !blocked(now)),
            newly_asked: went(&|then| then == Level::Free, &|now| now == Level::Asked),
            no_longer_asked: went(&|then| then == Level::Asked, &|now| now == Level::Free),
            deadlocks: which(&|change| change.is_deadlocked),
            undecided: which(&|change| !change.undecided.is_empty()),
            groups: groups(seen),
            people: people(seen),
            rules: rules(policy, seen),
            changes: seen.iter().map(|(step, change)| replayed(step, change)).collect(),
            failed: self.failed,
            assumed: assumed(policy),
        }
    }

    fn history(&self, steps: &[Step], end: &'static str) -> History {
        let date = |step: &Step| time(step.committed);
        let with_policy = self.seen.iter().filter(|(_, change)| change.then != Then::None).count();
        History {
            commits: self.commits,
            resumed: self.resumed,
            changes: self.seen.len(),
            with_policy,
            oldest: steps.last().map(date),
            newest: steps.first().map(date),
            end,
        }
    }
}

/// What history does not say.
const ASSUMED: [&str; 5] = [
    "Each commit on the line of first parents is one change, against its first parent.",
    "Nobody knows who approved: every change is held to be opened by somebody in no group and not yet reviewed or labelled, by a \
     request that says nothing yet, so what is told is what it would need.",
    "Windows are asked at the committer's date, for which nobody vouches; no approval is ever taken from a commit.",
    "The policy is held to be enforced, with today's people and today's files of its own; a policy of the time that only observed \
     stopped nothing.",
    "What a plan or a template makes of the files is not in the history, and is undecided here.",
];

/// What a policy repository asked at the time is nowhere in the history that is judged.
const ELSEWHERE: &str =
    "The policy of the time is the one that stood in this repository; what a policy repository asked then is not known.";

fn assumed(policy: &Loaded) -> Vec<String> {
    let elsewhere = policy.revision.as_ref().map(|_| ELSEWHERE);
    ASSUMED.into_iter().chain(elsewhere).map(ToOwned::to_owned).collect()
}

fn time(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn replayed(step: &Step, change: &Change) -> Replayed {
    let then = match &change.then {
        Then::None => None,
        Then::Said { headline, .. } => Some(headline.clone()),
        Then::Unreadable(why) => Some(format!("not told: {why}")),
    };
    Replayed {
        commit: step.commit.clone(),
        committed: time(step.committed),
        subject: step.subject.clone(),
        outcome: change.outcome.clone(),
        then,
        reasons: change.reasons.clone(),
        undecided: change.undecided.iter().cloned().collect(),
    }
}

fn outcomes(seen: &[(Step, Change)]) -> Outcomes {
    let count = |word: &str| seen.iter().filter(|(_, change)| change.outcome == word).count();
    Outcomes {
        authorized: count("authorized"),
        waiting_for_approval: count("waiting for approval"),
        waiting_for_window: count("waiting for the window"),
        denied: count("denied"),
        undecidable: count("undecidable"),
    }
}

fn groups(seen: &[(Step, Change)]) -> Vec<GroupNeed> {
    let mut groups: BTreeMap<&String, (usize, usize)> = BTreeMap::new();
    for (group, approvals) in seen.iter().flat_map(|(_, change)| &change.needed) {
        let (sum, changes) = groups.entry(group).or_default();
        (*sum, *changes) = (*sum + approvals, *changes + 1);
    }
    groups.into_iter().map(|(group, (approvals, changes))| GroupNeed { group: group.clone(), approvals, changes }).collect()
}

fn people(seen: &[(Step, Change)]) -> Vec<PersonNeed> {
    let everybody: BTreeSet<&String> = seen.iter().flat_map(|(_, change)| &change.could).collect();
    let times = |of: &dyn Fn(&Change) -> bool| seen.iter().filter(|(_, change)| of(change)).count();
    let need = |login: &String| PersonNeed {
        login: login.clone(),
        could: times(&|change| change.could.contains(login)),
        needed: times(&|change| change.indispensable.contains(login)),
    };
    everybody.into_iter().map(need).collect()
}

fn rules(policy: &Loaded, seen: &[(Step, Change)]) -> Vec<RuleUse> {
    let changes = |name: &str| seen.iter().filter(|(_, change)| change.rules.contains(name)).count();
    let outline = policy.policy.outline().into_iter();
    outline.map(|rule| RuleUse { changes: changes(&rule.name), rule: rule.name.to_string(), place: rule.place.to_string() }).collect()
}

//! The verdicts of the rules that require something. One assignment of distinct people serves them all.

use super::approval::{self, Bench};
use super::decision::{Exclusion, Outcome, RuleVerdict};
use super::quorum::{self, May};
use super::select::Parts;
use super::window::State;
use super::{Evidence, Requirement, Rule, words};
use crate::document::Place;
use crate::proposal::Person;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A requirement that applies.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    rule: Option<Arc<str>>,
    place: Option<Place>,
    applies: Parts,
    requirement: Requirement,
}

impl Ask {
    pub(super) fn new(rule: &Rule, requirement: &Requirement, applies: Parts) -> Self {
        Self { rule: Some(Arc::clone(&rule.name)), place: Some(rule.place.clone()), applies, requirement: requirement.clone() }
    }

    /// What nobody knows may be one of those who approved: with one more from each group, all rules hold without any one of them.
    fn for_unknown_author(asks: &[Self]) -> Option<Self> {
        let approvals: BTreeMap<Arc<str>, usize> = groups(asks).into_iter().map(|group| (group, 1)).collect();
        let mut applies = Parts::default();
        asks.iter().filter(|ask| !ask.requirement.approvals.is_empty()).for_each(|ask| applies.join(ask.applies.clone()));
        (!approvals.is_empty()).then(|| Self {
            rule: None,
            place: None,
            applies,
            requirement: Requirement { approvals, ..Requirement::default() },
        })
    }

    pub(super) fn applies(&self) -> &Parts {
        &self.applies
    }

    /// `Authorized`, until something is found to be missing.
    fn verdict(&self) -> RuleVerdict {
        RuleVerdict {
            needed: self.requirement.approvals.iter().map(|(group, count)| (Arc::clone(group), *count)).collect(),
            ..super::decide::verdict(self.rule.clone(), self.place.clone(), self.applies.clone())
        }
    }
}

/// The groups that are asked.
pub(super) fn groups(asks: &[Ask]) -> BTreeSet<Arc<str>> {
    asks.iter().flat_map(|ask| ask.requirement.approvals.keys().cloned()).collect()
}

/// The windows that are asked for.
pub(super) fn windows(asks: &[Ask]) -> BTreeSet<Arc<str>> {
    asks.iter().flat_map(|ask| ask.requirement.windows.iter().cloned()).collect()
}

/// The labels that are asked for.
pub(super) fn labels(asks: &[Ask]) -> BTreeSet<String> {
    asks.iter().flat_map(|ask| ask.requirement.labels.iter().cloned()).collect()
}

/// A verdict for each, and who is not counted.
pub(super) fn verdicts(mut asks: Vec<Ask>, evidence: &Evidence<'_>) -> (Vec<RuleVerdict>, Vec<Exclusion>) {
    if evidence.proposal.is_some_and(approval::has_unknown_author) {
        asks.extend(Ask::for_unknown_author(&asks));
    }
    let groups = groups(&asks);
    let bench = evidence.proposal.map(|proposal| approval::bench(evidence, proposal, &groups)).unwrap_or_default();
    let table = Table::new(&asks, &bench);
    let verdicts = asks.iter().enumerate().map(|(index, ask)| {
        let mut verdict = ask.verdict();
        let approvals = table.judge(index, ask, evidence, &mut verdict);
        let labels = judge_labels(ask, evidence, &mut verdict);
        let windows = ask.requirement.windows.iter().map(|name| judge_window(name, evidence, &mut verdict));
        let windows: Vec<String> = windows.collect();
        let reasons: Vec<String> = [approvals, labels].into_iter().flatten().chain(windows).collect();
        verdict.reason = reasons.join("; ");
        verdict
    });
    let verdicts = verdicts.collect();
    (verdicts, if groups.is_empty() { Vec::new() } else { bench.exclusions })
}

/// All seats of all rules, and who sits in them.
struct Table<'t> {
    bench: &'t Bench,
    /// Which ask each seat is of, and which group's.
    seats: Vec<(usize, Arc<str>)>,
    approved: Vec<May<'t>>,
    eligible: Vec<May<'t>>,
    assigned: Vec<Option<u64>>,
    /// Seats for which there are too few people, whoever approves.
    deadlocked: BTreeSet<usize>,
}

static NOBODY: BTreeSet<u64> = BTreeSet::new();

impl<'t> Table<'t> {
    fn new(asks: &[Ask], bench: &'t Bench) -> Self {
        let seats_of = |(index, ask): (usize, &Ask)| -> Vec<(usize, Arc<str>)> {
            let lines = ask.requirement.approvals.iter();
            lines.flat_map(|(group, count)| std::iter::repeat_n((index, Arc::clone(group)), *count)).collect()
        };
        let seats: Vec<(usize, Arc<str>)> = asks.iter().enumerate().flat_map(seats_of).collect();
        let people = |of: &'t BTreeMap<Arc<str>, BTreeSet<u64>>| -> Vec<May<'t>> {
            seats.iter().map(|(_, group)| of.get(group).unwrap_or(&NOBODY)).collect()
        };
        let (approved, eligible) = (people(&bench.approved), people(&bench.eligible));
        let (assigned, deadlocked) = (quorum::assign(&approved), quorum::too_few(&eligible));
        Self { bench, seats, approved, eligible, assigned, deadlocked }
    }

    fn judge(&self, index: usize, ask: &Ask, evidence: &Evidence<'_>, verdict: &mut RuleVerdict) -> Option<String> {
        if ask.requirement.approvals.is_empty() {
            return None;
        }
        let missing = approval::missing_facts(evidence, ask.requirement.approvals.keys());
        if !missing.is_empty() {
            verdict.outcome = verdict.outcome.and(Outcome::Undecidable);
            verdict.missing = ask.requirement.approvals.values().sum();
            return Some(format!("it is not known {}", words::list(missing, "and")));
        }
        let own = || self.seats.iter().enumerate().filter(move |(_, (of, _))| *of == index).map(|(seat, _)| seat);
        let (taken, empty): (Vec<usize>, Vec<usize>) = own().partition(|seat| self.sitting(*seat).is_some());
        verdict.satisfied_by = self.people(taken.into_iter().filter_map(|seat| self.sitting(seat)));
        verdict.missing = empty.len();
        if empty.is_empty() {
            return Some(format!("approved by {}", words::people(&verdict.satisfied_by, "and")));
        }
        verdict.outcome = verdict.outcome.and(Outcome::Waiting { for_approval: true, until: None });
        let reached = quorum::reach(&self.approved, &self.assigned, empty.iter().copied());
        let anybody: BTreeSet<u64> = reached.iter().filter_map(|seat| self.eligible.get(*seat)).copied().flatten().copied().collect();
        let seen: BTreeSet<u64> = self.bench.approved.values().flatten().copied().collect();
        verdict.could = self.people(anybody.difference(&seen).copied());
        if own().any(|seat| self.deadlocked.contains(&seat)) {
            let groups: BTreeSet<Arc<str>> =
                self.deadlocked.iter().filter_map(|seat| self.seats.get(*seat)).map(|(_, group)| Arc::clone(group)).collect();
            verdict.deadlock = groups.into_iter().collect();
        }
        Some(self.waiting(ask, verdict))
    }

    fn sitting(&self, seat: usize) -> Option<u64> {
        self.assigned.get(seat).copied().flatten()
    }

    fn people(&self, ids: impl IntoIterator<Item = u64>) -> Vec<Person> {
        let mut people: Vec<Person> = ids.into_iter().filter_map(|id| self.bench.members.get(&id).cloned()).collect();
        people.sort();
        people
    }

    fn waiting(&self, ask: &Ask, verdict: &RuleVerdict) -> String {
        let lines = ask.requirement.approvals.iter().map(|(group, number)| format!("{} from `{group}`", words::count(*number, "approval")));
        let needed = words::list(lines, "and");
        let why = if ask.rule.is_none() { " because nobody knows who asked the bot for the change" } else { "" };
        let given = if verdict.satisfied_by.is_empty() {
            String::new()
        } else {
            format!(", of which {} gave one", words::people(&verdict.satisfied_by, "and"))
        };
        format!("{needed} needed{why}{given}; {} missing: {}", verdict.missing, self.whence(verdict))
    }

    /// Where the missing approvals can come from.
    fn whence(&self, verdict: &RuleVerdict) -> String {
        if verdict.deadlock.is_empty() {
            return format!("{} could approve", words::people(&verdict.could, "or"));
        }
        let people: BTreeSet<u64> =
            self.deadlocked.iter().filter_map(|seat| self.eligible.get(*seat)).copied().flatten().copied().collect();
        format!(
            "a deadlock, for {} have to come from {} and {} in there may approve",
            words::count(self.deadlocked.len(), "approval"),
            words::quoted(&verdict.deadlock, "and"),
            if people.len() == 1 { "only 1 person".to_owned() } else { format!("only {} people", people.len()) },
        )
    }
}

fn judge_labels(ask: &Ask, evidence: &Evidence<'_>, verdict: &mut RuleVerdict) -> Option<String> {
    if ask.requirement.labels.is_empty() {
        return None;
    }
    let Some(labels) = evidence.proposal.and_then(|proposal| proposal.labels.as_ref()) else {
        verdict.outcome = verdict.outcome.and(Outcome::Undecidable);
        return Some("it is not known which labels the change request carries".to_owned());
    };
    verdict.missing_labels = ask.requirement.labels.iter().filter(|label| !labels.contains(label)).cloned().collect();
    if verdict.missing_labels.is_empty() {
        return Some(format!("labelled {}", words::quoted(&ask.requirement.labels, "and")));
    }
    verdict.outcome = verdict.outcome.and(Outcome::Waiting { for_approval: true, until: None });
    Some(format!("not labelled {}", words::quoted(&verdict.missing_labels, "and")))
}

fn judge_window(name: &Arc<str>, evidence: &Evidence<'_>, verdict: &mut RuleVerdict) -> String {
    let Some(window) = evidence.question.policy.windows.get(name) else {
        verdict.outcome = verdict.outcome.and(Outcome::Undecidable);
        return format!("it is not known when `{name}` is open");
    };
    let state = window.at(evidence.now);
    let text = match &state {
        State::Open { closes: Some(closes), .. } => format!("`{name}` is open until {}", window.render(*closes)),
        State::Open { closes: None, .. } => format!("`{name}` is open"),
        State::Closed { freeze, opens } => {
            verdict.outcome = verdict.outcome.and(Outcome::Waiting { for_approval: false, until: *opens });
            let why = freeze.as_ref().map_or_else(String::new, |reason| format!(" for `{reason}`"));
            let until = opens.map_or_else(|| "and does not open".to_owned(), |opens| format!("until {}", window.render(opens)));
            format!("`{name}` is closed{why} {until}")
        }
    };
    verdict.windows.push((Arc::clone(name), state));
    text
}

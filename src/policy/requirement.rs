//! The verdicts of the rules that require something. One assignment of distinct people serves them all.

use super::approval::{self, Bench, Kinds, Seat};
use super::decision::{Exclusion, Outcome, RuleVerdict, Seated, Wanted};
use super::file::Length;
use super::quorum::{self, May, Seats};
use super::select::Parts;
use super::ticket::Ticket;
use super::window::State;
use super::{Evidence, Rule, content, words};
use crate::document::Place;
use crate::proposal::Person;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// What a rule requires.
#[derive(Clone, Debug, Default)]
pub(super) struct Requirement {
    /// How many people.
    pub(super) approvals: BTreeMap<Seat, usize>,
    /// All of which have to be open.
    pub(super) windows: BTreeSet<Arc<str>>,
    pub(super) labels: BTreeSet<String>,
    pub(super) max_duration: Option<Length>,
    pub(super) ticket: Option<Ticket>,
    pub(super) reason: bool,
}

/// A requirement that applies.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    rule: Option<Arc<str>>,
    place: Option<Place>,
    applies: Arc<Parts>,
    requirement: Requirement,
}

impl Ask {
    pub(super) fn new(rule: &Rule, requirement: &Requirement, applies: Parts) -> Self {
        Self {
            rule: Some(Arc::clone(&rule.name)),
            place: Some(rule.place.clone()),
            applies: applies.into(),
            requirement: requirement.clone(),
        }
    }

    /// What break-glass asks instead of the rules that it lifts.
    pub(super) fn of_glass(name: &Arc<str>, place: &Place, approvals: BTreeMap<Seat, usize>, applies: Parts) -> Self {
        let requirement = Requirement { approvals, ..Requirement::default() };
        Self { rule: Some(Arc::clone(name)), place: Some(place.clone()), applies: applies.into(), requirement }
    }

    /// Whom nobody knows may be one of those who approved: with one more of each kind, all rules hold without any one of them.
    fn for_unknown_author(asks: &[Self]) -> Option<Self> {
        let approvals: BTreeMap<Seat, usize> = seats(asks).into_iter().map(|seat| (seat, 1)).collect();
        let mut applies = Parts::default();
        asks.iter().filter(|ask| !ask.requirement.approvals.is_empty()).for_each(|ask| applies.join(&ask.applies));
        (!approvals.is_empty()).then(|| Self {
            rule: None,
            place: None,
            applies: applies.into(),
            requirement: Requirement { approvals, ..Requirement::default() },
        })
    }

    pub(super) fn applies(&self) -> &Parts {
        &self.applies
    }

    /// How many of which group.
    fn needed(&self) -> BTreeMap<Arc<str>, usize> {
        let mut needed: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for (seat, count) in &self.requirement.approvals {
            *needed.entry(Arc::clone(&seat.group)).or_default() += count;
        }
        needed
    }

    /// `Authorized`, until something is found to be missing.
    fn verdict(&self) -> RuleVerdict {
        RuleVerdict {
            needed: self.needed().into_iter().collect(),
            ..RuleVerdict::new(self.rule.clone(), self.place.clone(), Arc::clone(&self.applies))
        }
    }
}

/// The seats that are to be taken.
fn seats(asks: &[Ask]) -> BTreeSet<Seat> {
    asks.iter().flat_map(|ask| ask.requirement.approvals.keys().cloned()).collect()
}

/// The groups whose members have to be known.
pub(super) fn groups(asks: &[Ask]) -> BTreeSet<Arc<str>> {
    asks.iter().flat_map(|ask| ask.requirement.approvals.keys().flat_map(Seat::groups)).cloned().collect()
}

/// Whether somebody has to know what the change request says.
pub(super) fn ask_for_words(asks: &[Ask]) -> bool {
    asks.iter().any(|ask| ask.requirement.ticket.is_some() || ask.requirement.reason)
}

/// The windows that are asked for.
pub(super) fn windows(asks: &[Ask]) -> BTreeSet<Arc<str>> {
    asks.iter().flat_map(|ask| ask.requirement.windows.iter().cloned()).collect()
}

/// The labels that are asked for.
pub(super) fn labels(asks: &[Ask]) -> BTreeSet<String> {
    asks.iter().flat_map(|ask| ask.requirement.labels.iter().cloned()).collect()
}

/// What comes of all that is asked.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// One for each ask.
    pub(super) verdicts: Vec<RuleVerdict>,
    /// Who is not counted.
    pub(super) exclusions: Vec<Exclusion>,
    /// The fewest people who still have to approve.
    pub(super) wanted: Vec<Wanted>,
}

/// A verdict for each, who is not counted, and who still has to approve.
pub(super) fn judged(mut asks: Vec<Ask>, evidence: &Evidence<'_>) -> Judged {
    if evidence.proposal.is_some_and(approval::has_unknown_author) {
        asks.extend(Ask::for_unknown_author(&asks));
    }
    let seats = seats(&asks);
    let bench = evidence.proposal.map(|proposal| approval::bench(evidence, proposal, &seats)).unwrap_or_default();
    let table = Table::new(&asks, &bench);
    let verdicts: Vec<RuleVerdict> = asks.iter().enumerate().map(|(index, ask)| table.verdict(index, ask, evidence)).collect();
    let is_known = verdicts.iter().all(|verdict| verdict.outcome != Outcome::Undecidable);
    let wanted = if is_known { table.wanted() } else { Vec::new() };
    Judged { verdicts, wanted, exclusions: if seats.is_empty() { Vec::new() } else { bench.exclusions } }
}

/// All seats of all rules, and who sits in them.
struct Table<'t> {
    bench: &'t Bench,
    seats: Vec<Seat>,
    /// Which of them are of each ask.
    of: Vec<Range<usize>>,
    kinds: Kinds<'t>,
    assigned: Vec<Option<u64>>,
    deadlock: Deadlock,
    /// Whose approval would help to fill an empty seat of each kind.
    could: BTreeMap<Seat, BTreeSet<u64>>,
}

/// Seats for which there are too few people, whoever approves.
struct Deadlock {
    seats: BTreeSet<usize>,
    /// The groups that are asked there.
    groups: BTreeSet<Arc<str>>,
    /// How many people may sit there.
    people: usize,
}

impl Deadlock {
    fn of(all: &[Seat], eligible: Seats<'_>) -> Self {
        let seats = quorum::too_few(eligible);
        let kinds: BTreeMap<&Seat, May<'_>> = seats.iter().filter_map(|seat| Some((all.get(*seat)?, eligible.people(*seat)))).collect();
        let groups = kinds.keys().map(|seat| Arc::clone(&seat.group)).collect();
        let people = kinds.into_values().flatten().collect::<BTreeSet<_>>().len();
        Self { seats, groups, people }
    }
}

impl<'t> Table<'t> {
    fn new(asks: &[Ask], bench: &'t Bench) -> Self {
        let (mut seats, mut of) = (Vec::new(), Vec::new());
        for ask in asks {
            let first = seats.len();
            seats.extend(ask.requirement.approvals.iter().flat_map(|(seat, count)| std::iter::repeat_n(seat.clone(), *count)));
            of.push(first..seats.len());
        }
        let kinds = Kinds::of(&seats, bench);
        let (approved, eligible) = (kinds.approved(), kinds.eligible());
        let (assigned, deadlock) = (quorum::assign(approved), Deadlock::of(&seats, eligible));
        let (mut could, free) = (BTreeMap::new(), quorum::with_successor(approved, &assigned));
        for (number, (seat, _)) in seats.iter().zip(&assigned).enumerate().filter(|(_, (_, person))| person.is_none()) {
            could.entry(seat.clone()).or_insert_with(|| quorum::helpers(approved, eligible, &assigned, &free, [number]));
        }
        Self { bench, seats, of, kinds, assigned, deadlock, could }
    }

    fn verdict(&self, index: usize, ask: &Ask, evidence: &Evidence<'_>) -> RuleVerdict {
        let mut verdict = ask.verdict();
        let reasons = [
            self.judge(index, ask, evidence, &mut verdict),
            self.judge_objections(index, evidence, &mut verdict),
            judge_labels(ask, evidence, &mut verdict),
            content::judge_ticket(ask.requirement.ticket.as_ref(), evidence, &mut verdict),
            content::judge_reason(ask.requirement.reason, evidence, &mut verdict),
            content::judge_duration(ask.requirement.max_duration, evidence, &mut verdict),
        ];
        let windows: Vec<String> = ask.requirement.windows.iter().map(|name| judge_window(name, evidence, &mut verdict)).collect();
        verdict.reason = reasons.into_iter().flatten().chain(windows).collect::<Vec<String>>().join("; ");
        verdict
    }

    fn judge(&self, index: usize, ask: &Ask, evidence: &Evidence<'_>, verdict: &mut RuleVerdict) -> Option<String> {
        if ask.requirement.approvals.is_empty() {
            return None;
        }
        verdict.seats = self.of(index).map(|(seat, asked)| self.seated(seat, asked)).collect();
        let missing = approval::missing_facts(evidence, ask.requirement.approvals.keys().flat_map(Seat::groups));
        if !missing.is_empty() {
            verdict.outcome = verdict.outcome.and(Outcome::Undecidable);
            verdict.missing = ask.requirement.approvals.values().sum();
            return Some(format!("it is not known {}", words::list(missing, "and")));
        }
        let empty: Vec<usize> = self.of(index).map(|(seat, _)| seat).filter(|seat| self.sitting(*seat).is_none()).collect();
        verdict.satisfied_by = self.people(self.of(index).filter_map(|(seat, _)| self.sitting(seat)));
        verdict.missing = empty.len();
        if empty.is_empty() {
            return Some(format!("approved by {}", words::people(&verdict.satisfied_by, "and")));
        }
        verdict.outcome = verdict.outcome.and(Outcome::Waiting { for_approval: true, until: None });
        let kinds: BTreeSet<&Seat> = empty.iter().filter_map(|seat| self.seats.get(*seat)).collect();
        let could: BTreeSet<u64> = kinds.into_iter().filter_map(|seat| self.could.get(seat)).flatten().copied().collect();
        verdict.could = self.people(could);
        if self.of(index).any(|(seat, _)| self.deadlock.seats.contains(&seat)) {
            verdict.deadlock = self.deadlock.groups.iter().cloned().collect();
        }
        Some(self.waiting(index, ask, verdict))
    }

    /// Whoever is asked and asks for changes instead is not outvoted, nor silenced by a part in the change that others may have made up.
    fn judge_objections(&self, index: usize, evidence: &Evidence<'_>, verdict: &mut RuleVerdict) -> Option<String> {
        if self.bench.objecting.is_empty() {
            return None;
        }
        let groups = &evidence.question.policy.groups;
        let asked = self.of(index).filter_map(|(_, seat)| groups.get(&seat.group)).flatten().map(|person| person.id);
        let asked: BTreeSet<u64> = asked.collect();
        verdict.objections = self.people(asked.intersection(&self.bench.objecting).copied());
        if verdict.objections.is_empty() {
            return None;
        }
        verdict.outcome = verdict.outcome.and(Outcome::Waiting { for_approval: true, until: None });
        let asks = if verdict.objections.len() == 1 { "asks" } else { "ask" };
        Some(format!("{} {asks} for changes", words::people(&verdict.objections, "and")))
    }

    fn of(&self, index: usize) -> impl Iterator<Item = (usize, &Seat)> {
        let own = self.of.get(index).cloned().unwrap_or_default();
        own.filter_map(|number| Some((number, self.seats.get(number)?)))
    }

    fn seated(&self, seat: usize, asked: &Seat) -> Seated {
        Seated {
            group: Arc::clone(&asked.group),
            max_age: asked.max_age,
            not_written_by: asked.not_written_by.iter().cloned().collect(),
            person: self.sitting(seat).and_then(|id| self.bench.members.get(&id).cloned()),
        }
    }

    fn wanted(&self) -> Vec<Wanted> {
        let needed = quorum::fewest(self.kinds.approved(), self.kinds.eligible(), &self.assigned);
        let wanted = needed.into_iter().filter_map(|needed| {
            Some(Wanted { person: self.bench.members.get(&needed.person)?.clone(), instead: self.people(needed.instead) })
        });
        wanted.collect()
    }

    fn sitting(&self, seat: usize) -> Option<u64> {
        self.assigned.get(seat).copied().flatten()
    }

    fn people(&self, ids: impl IntoIterator<Item = u64>) -> Vec<Person> {
        let mut people: Vec<Person> = ids.into_iter().filter_map(|id| self.bench.members.get(&id).cloned()).collect();
        people.sort();
        people
    }

    fn waiting(&self, index: usize, ask: &Ask, verdict: &RuleVerdict) -> String {
        let lines = verdict.needed.iter().map(|(group, number)| format!("{} from `{group}`", words::count(*number, "approval")));
        let needed = words::list(lines, "and");
        let why = if ask.rule.is_none() { " because nobody knows who asked the bot for the change" } else { "" };
        let given = if verdict.satisfied_by.is_empty() {
            String::new()
        } else {
            format!(", of which {} gave one", words::people(&verdict.satisfied_by, "and"))
        };
        let old = self.too_old(index);
        format!("{needed} needed{why}{given}; {} missing: {}{old}", verdict.missing, self.whence(index, verdict))
    }

    /// Whose approval would count here if it were younger.
    fn too_old(&self, index: usize) -> String {
        let old = |seat: &Seat| self.bench.too_old.get(seat).into_iter().flatten().copied();
        let sits = |id: &u64| self.of(index).any(|(seat, _)| self.sitting(seat) == Some(*id));
        let ages: BTreeMap<Option<Length>, BTreeSet<u64>> =
            self.of(index).map(|(_, seat)| (seat.max_age, old(seat).filter(|id| !sits(id)).collect())).collect();
        let told = ages
            .into_iter()
            .filter(|(_, people)| !people.is_empty())
            .filter_map(|(age, people)| Some(format!("; {} approved more than {} ago", words::people(&self.people(people), "and"), age?)));
        told.collect()
    }

    /// Where the missing approvals can come from.
    fn whence(&self, index: usize, verdict: &RuleVerdict) -> String {
        if verdict.deadlock.is_empty() && verdict.could.is_empty() {
            // Somebody sits in the only seat that their approval is young enough for, and another would have to take it.
            let eligible = self.kinds.eligible();
            let empty = self.of(index).map(|(seat, _)| seat).filter(|seat| self.sitting(*seat).is_none());
            let moving = quorum::reach(eligible, &self.assigned, empty);
            let may_move = |id: u64| moving.iter().any(|seat| eligible.people(*seat).contains(&id));
            let wanted = self.wanted().into_iter().map(|wanted| wanted.person).filter(|person| may_move(person.id));
            return format!("{} would have to approve", words::people(&wanted.collect::<Vec<_>>(), "and"));
        }
        if verdict.deadlock.is_empty() {
            return format!("{} could approve", words::people(&verdict.could, "or"));
        }
        format!(
            "a deadlock, for {} have to come from {} and {} in there may approve",
            words::count(self.deadlock.seats.len(), "approval"),
            words::quoted(&verdict.deadlock, "and"),
            if self.deadlock.people == 1 { "only 1 person".to_owned() } else { format!("only {} people", self.deadlock.people) },
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
    if let Some(why) = window.unknown_freezes() {
        verdict.outcome = verdict.outcome.and(Outcome::Undecidable);
        return format!("it is not known whether a deploy freeze of the project closes `{name}`: {why}");
    }
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

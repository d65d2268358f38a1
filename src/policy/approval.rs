//! Whose approval counts. Everybody who is not counted is named, with the reason.
//!
//! An approval is a review, never a comment, by a human who is a member of a group that is asked, who had no part in the change, who
//! did not take it back, and who saw everything that the change does today. People are told apart by id alone.

use super::decision::Exclusion;
use super::file::Length;
use super::quorum::{May, NOBODY, Seats};
use super::{Evidence, words};
use crate::proposal::{AccountKind, Content, Person, Proposal, Review, ReviewState};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whom a rule asks for an approval.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seat {
    /// A member of this group.
    pub(super) group: Arc<str>,
    /// Whose approval is no older.
    pub(super) max_age: Option<Length>,
    /// Who is in none of these groups, if somebody of it had a part in the change.
    pub(super) not_written_by: BTreeSet<Arc<str>>,
    /// Whose approval was given then or later.
    pub(super) since: Option<DateTime<Utc>>,
}

impl Seat {
    /// The groups whose members have to be known: who is asked, and who is kept apart.
    pub(super) fn groups(&self) -> impl Iterator<Item = &Arc<str>> {
        self.not_written_by.iter().chain([&self.group])
    }
}

/// Who may sit in a seat, and who has taken a stand.
#[derive(Debug, Default)]
pub(super) struct Bench {
    /// Those whose approval counts for each kind of seat, by id.
    pub(super) approved: BTreeMap<Seat, BTreeSet<u64>>,
    /// Those who may approve, whether they have or not.
    pub(super) eligible: BTreeMap<Seat, BTreeSet<u64>>,
    /// Those who would count if their approval were not too old.
    pub(super) too_old: BTreeMap<Seat, BTreeSet<u64>>,
    /// Who asks for changes, has not taken that back, and may stop what they did not propose themselves.
    pub(super) objecting: BTreeSet<u64>,
    /// Members by id.
    pub(super) members: BTreeMap<u64, Person>,
    /// Who is not counted.
    pub(super) exclusions: Vec<Exclusion>,
}

/// Who has approved and who may, of seats many of which are of one kind.
pub(super) struct Kinds<'b> {
    /// The kind of each seat.
    of_seats: Vec<usize>,
    approved: Vec<May<'b>>,
    eligible: Vec<May<'b>>,
}

impl<'b> Kinds<'b> {
    pub(super) fn of(seats: &[Seat], bench: &'b Bench) -> Self {
        let all: BTreeSet<&Seat> = seats.iter().collect();
        let may = |of: &'b BTreeMap<Seat, BTreeSet<u64>>| all.iter().map(|seat| of.get(*seat).unwrap_or(&NOBODY)).collect();
        let (approved, eligible) = (may(&bench.approved), may(&bench.eligible));
        let numbers: BTreeMap<&Seat, usize> = all.into_iter().zip(0..).collect();
        Self { of_seats: seats.iter().filter_map(|seat| numbers.get(seat).copied()).collect(), approved, eligible }
    }

    pub(super) fn approved(&self) -> Seats<'_> {
        Seats { kinds: &self.of_seats, may: &self.approved }
    }

    pub(super) fn eligible(&self) -> Seats<'_> {
        Seats { kinds: &self.of_seats, may: &self.eligible }
    }
}

/// What is not known although approvals are asked of these groups, each a part of a sentence.
pub(super) fn missing_facts<'g>(evidence: &Evidence<'_>, groups: impl IntoIterator<Item = &'g Arc<str>>) -> Vec<String> {
    let mut missing = Vec::new();
    match evidence.proposal {
        None => missing.push("who proposed and who approved the change".to_owned()),
        Some(proposal) => {
            if proposal.contributors.is_none() {
                let why = proposal.unknown.contributors.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
                missing.push(format!("who contributed to the change{why}"));
            }
            if proposal.reviews.is_none() {
                missing.push("who reviewed the change".to_owned());
            }
        }
    }
    let known = &evidence.question.policy.groups;
    let is_unknown = |group: &&Arc<str>| known.get(*group).is_none_or(BTreeSet::is_empty);
    let unknown: BTreeSet<&Arc<str>> = groups.into_iter().filter(is_unknown).collect();
    missing.extend(unknown.into_iter().map(|group| match hidden(evidence, group) {
        Some(why) => format!("who is in `{group}` ({why})"),
        None => format!("who is in `{group}`"),
    }));
    missing
}

/// Why nobody knows who is in a group that is a team.
fn hidden<'e>(evidence: &Evidence<'e>, group: &str) -> Option<&'e str> {
    let team = evidence.question.policy.teams.get(group)?;
    Some(evidence.proposal?.unknown.teams.get(&**team)?)
}

/// Whether somebody unknown stands behind a change that a machine opened.
pub(super) fn has_unknown_author(proposal: &Proposal) -> bool {
    let asker = proposal.asked_by.as_ref().filter(|person| person.id != proposal.author.id);
    proposal.author_kind != AccountKind::User && asker.is_none()
}

/// Who counts for these seats.
pub(super) fn bench(evidence: &Evidence<'_>, proposal: &Proposal, seats: &BTreeSet<Seat>) -> Bench {
    let groups = &evidence.question.policy.groups;
    let members_of = |group: &Arc<str>| groups.get(group).into_iter().flatten();
    let barred = barred(proposal);
    let reviews = by_person(proposal);
    let mut bench = Bench { objecting: objecting(&reviews, proposal), ..Bench::default() };
    for seat in seats {
        let writers = seat.not_written_by.iter().filter(|group| wrote(proposal, members_of(group)));
        let apart: BTreeSet<u64> = writers.flat_map(members_of).map(|person| person.id).collect();
        let may = |id: &u64| !barred.contains_key(id) && !apart.contains(id);
        let eligible: BTreeSet<u64> = members_of(&seat.group).map(|person| person.id).filter(may).collect();
        let since = seat.max_age.map(|age| age.before(evidence.now)).max(seat.since);
        let counts = |id: &u64, since| reviews.get(id).is_some_and(|(_, reviews)| standing(reviews, evidence, since).is_ok());
        let any_age: BTreeSet<u64> = eligible.iter().filter(|id| counts(id, None)).copied().collect();
        let (approved, too_old) = any_age.into_iter().partition(|id| counts(id, since));
        bench.approved.insert(seat.clone(), approved);
        bench.too_old.insert(seat.clone(), too_old);
        bench.eligible.insert(seat.clone(), eligible);
        bench.members.extend(members_of(&seat.group).map(|person| (person.id, person.clone())));
    }
    bench.exclusions = exclusions(&bench, &barred, &reviews, evidence);
    bench
}

type Reviews<'r> = BTreeMap<u64, (&'r Person, Vec<&'r Review>)>;

/// Who is counted nowhere, each with the first reason why.
fn exclusions(bench: &Bench, barred: &BTreeMap<u64, &'static str>, reviews: &Reviews<'_>, evidence: &Evidence<'_>) -> Vec<Exclusion> {
    let counted: BTreeSet<u64> = bench.approved.values().flatten().copied().collect();
    let reviewers = reviews.iter().map(|(id, (person, _))| (*id, *person));
    let everybody: BTreeMap<u64, &Person> = bench.members.iter().map(|(id, person)| (*id, person)).chain(reviewers).collect();
    let reason = |id: u64| -> Option<String> {
        if let Some(reason) = barred.get(&id) {
            return Some((*reason).to_owned());
        }
        let (_, reviews) = reviews.get(&id)?;
        if !bench.members.contains_key(&id) {
            let groups: BTreeSet<&Arc<str>> = bench.eligible.keys().map(|seat| &seat.group).collect();
            return Some(format!("is not in {}", words::quoted(groups, "or")));
        }
        standing(reviews, evidence, None).err().or_else(|| {
            let old: BTreeSet<&Seat> = bench.too_old.iter().filter(|(_, people)| people.contains(&id)).map(|(seat, _)| seat).collect();
            Some(match old.iter().map(|seat| seat.max_age).max() {
                Some(Some(age)) => format!("approved more than {age} ago"),
                Some(None) => "approved before somebody asked to break the glass, and not for that".to_owned(),
                None => "is in a group of which somebody had a part in the change".to_owned(),
            })
        })
    };
    let uncounted = everybody.into_iter().filter(|(id, _)| !counted.contains(id));
    uncounted.filter_map(|(id, person)| Some(Exclusion { person: person.clone(), reason: reason(id)? })).collect()
}

/// Whether one of these people had a part in the change, or may have had one.
fn wrote<'p>(proposal: &Proposal, mut people: impl Iterator<Item = &'p Person>) -> bool {
    has_unknown_author(proposal) || {
        let involved = involved(proposal);
        people.any(|person| involved.contains_key(&person.id))
    }
}

/// Who approves nothing, whatever they say, and why.
fn barred(proposal: &Proposal) -> BTreeMap<u64, &'static str> {
    let departed = proposal.departed.iter().flatten().map(|person| (person.id, "is gone"));
    let machines = machines(proposal).into_iter().map(|id| (id, "is no human, and only people approve"));
    let asker = proposal.break_glass.iter().map(|request| (request.requested_by.id, "asked to break the glass"));
    // Of several reasons, the last holds.
    departed.chain(machines).chain(asker).chain(involved(proposal)).collect()
}

/// Who had a part in the change, and which.
fn involved(proposal: &Proposal) -> BTreeMap<u64, &'static str> {
    let contributors = proposal.contributors.iter().flatten().map(|person| (person.id, "wrote commits that alter what is gained or lost"));
    let asker = proposal.asked_by.iter().map(|person| (person.id, "asked for the change"));
    let author = (proposal.author.id, "opened the change");
    contributors.chain(asker).chain([author]).collect()
}

/// Accounts of which the forge says, anywhere, that they are no human's.
fn machines(proposal: &Proposal) -> BTreeSet<u64> {
    let reviews = proposal.reviews.iter().flatten();
    reviews.filter(|review| review.kind != AccountKind::User).map(|review| review.author.id).collect()
}

/// Whose last word, comments aside, asks for changes. Whoever proposed it takes it back themselves; machines and those who are gone
/// stop nothing.
fn objecting(reviews: &Reviews<'_>, proposal: &Proposal) -> BTreeSet<u64> {
    let proposers = [Some(&proposal.author), proposal.asked_by.as_ref(), proposal.break_glass.as_ref().map(|glass| &glass.requested_by)];
    let gone = proposal.departed.iter().flatten();
    let without: BTreeSet<u64> = proposers.into_iter().flatten().chain(gone).map(|person| person.id).chain(machines(proposal)).collect();
    let last = |reviews: &[&Review]| reviews.iter().rev().map(|review| review.state).find(|state| *state != ReviewState::Commented);
    let objects = |(id, (_, reviews)): &(&u64, &(&Person, Vec<&Review>))| {
        !without.contains(id) && last(reviews) == Some(ReviewState::ChangesRequested)
    };
    reviews.iter().filter(objects).map(|(id, _)| *id).collect()
}

/// Everybody's reviews in their order. Of two at one instant the one that approves comes first, so that it is never the one that wins.
fn by_person(proposal: &Proposal) -> Reviews<'_> {
    let mut reviews: Vec<&Review> = proposal.reviews.iter().flatten().filter(|review| review.state != ReviewState::Pending).collect();
    reviews.sort_by_key(|review| (review.submitted_at, review.state != ReviewState::Approved, review.id));
    let mut people = Reviews::new();
    for review in reviews {
        people.entry(review.author.id).or_insert_with(|| (&review.author, Vec::new())).1.push(review);
    }
    people
}

/// Whether one person's reviews, in their order, are an approval of today's change that was given then or later; if not, why not.
fn standing(reviews: &[&Review], evidence: &Evidence<'_>, given: Option<DateTime<Utc>>) -> Result<(), String> {
    let takes_back = |review: &&&Review| matches!(review.state, ReviewState::ChangesRequested | ReviewState::Dismissed);
    let since = reviews.iter().rposition(|review| takes_back(&review)).unwrap_or(0);
    let approvals: Vec<&Review> = reviews
        .iter()
        .skip(since)
        .copied()
        .filter(|review| review.state == ReviewState::Approved && review.submitted_at <= evidence.now)
        .filter(|review| given.is_none_or(|given| review.submitted_at >= given))
        .collect();
    let retargeted_at = evidence.proposal.and_then(|proposal| proposal.retargeted_at);
    let answer = |review: &&Review| match retargeted_at {
        // The same commit is another change there.
        Some(at) if review.submitted_at <= at => Err("approved before the change request was aimed at another branch".to_owned()),
        _ => content(review, evidence),
    };
    let answers: Vec<Result<(), String>> = approvals.iter().map(answer).collect();
    if answers.iter().any(Result::is_ok) {
        return Ok(());
    }
    // The last approval is the one that its author has in mind.
    answers.into_iter().next_back().unwrap_or_else(|| Err(no_approval(reviews.last().map(|review| review.state)).to_owned()))
}

fn no_approval(last: Option<ReviewState>) -> &'static str {
    match last {
        Some(ReviewState::ChangesRequested) => "asks for changes",
        Some(ReviewState::Dismissed) => "approved, and the approval was dismissed",
        Some(ReviewState::Approved) => "approved at a time that has not come yet",
        _ => "has only commented, and a comment approves nothing",
    }
}

/// Whether what was reviewed holds everything that the change does today.
fn content(review: &Review, evidence: &Evidence<'_>) -> Result<(), String> {
    let commit = review.commit.short();
    let mut compared =
        evidence.reviewed.iter().filter(|reviewed| reviewed.review == review.id).map(|reviewed| &reviewed.content).peekable();
    if compared.peek().is_none() {
        return Err(format!("approved `{commit}`, and nobody compared that with what the change does today"));
    }
    match compared.find(|content| !content.counts()) {
        Some(Content::NotContained(entries)) => {
            Err(format!("approved `{commit}`, since when the change does more: {}", words::entries(entries)))
        }
        Some(Content::Unknown(why)) => Err(format!("approved `{commit}`, which cannot be compared with today's change: {why}")),
        _ => Ok(()),
    }
}

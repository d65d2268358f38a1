//! Whose approval counts. Everybody who is not counted is named, with the reason.
//!
//! An approval is a review, never a comment, by a human who is a member of a group that is asked, who had no part in the change, who
//! did not take it back, and who saw everything that the change does today. People are told apart by id alone.

use super::decision::Exclusion;
use super::{Evidence, words};
use crate::proposal::{AccountKind, Content, Person, Proposal, Review, ReviewState};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who may sit in a group's seats, and who has taken a stand.
#[derive(Debug, Default)]
pub(super) struct Bench {
    /// Members of each group whose approval counts, by id.
    pub(super) approved: BTreeMap<Arc<str>, BTreeSet<u64>>,
    /// Members of each group who may approve, whether they have or not.
    pub(super) eligible: BTreeMap<Arc<str>, BTreeSet<u64>>,
    /// Members by id.
    pub(super) members: BTreeMap<u64, Person>,
    /// Who is not counted.
    pub(super) exclusions: Vec<Exclusion>,
}

/// What is not known although approvals are asked of these groups, each a part of a sentence.
pub(super) fn missing_facts<'g>(evidence: &Evidence<'_>, groups: impl IntoIterator<Item = &'g Arc<str>>) -> Vec<String> {
    let mut missing = Vec::new();
    match evidence.proposal {
        None => missing.push("who proposed and who approved the change".to_owned()),
        Some(proposal) => {
            if proposal.contributors.is_none() {
                missing.push("who contributed to the change".to_owned());
            }
            if proposal.reviews.is_none() {
                missing.push("who reviewed the change".to_owned());
            }
        }
    }
    let known = &evidence.question.policy.groups;
    let is_unknown = |group: &&Arc<str>| known.get(*group).is_none_or(BTreeSet::is_empty);
    let unknown: BTreeSet<&Arc<str>> = groups.into_iter().filter(is_unknown).collect();
    missing.extend(unknown.into_iter().map(|group| format!("who is in `{group}`")));
    missing
}

/// Whether somebody unknown stands behind a change that a machine opened.
pub(super) fn has_unknown_author(proposal: &Proposal) -> bool {
    let asker = proposal.asked_by.as_ref().filter(|person| person.id != proposal.author.id);
    proposal.author_kind != AccountKind::User && asker.is_none()
}

/// Who counts for these groups.
pub(super) fn bench(evidence: &Evidence<'_>, proposal: &Proposal, groups: &BTreeSet<Arc<str>>) -> Bench {
    let mut bench = Bench::default();
    let involved = involved(proposal);
    let machines = machines(proposal);
    let reviews = by_person(proposal);
    let may = |person: &&Person| !involved.contains_key(&person.id) && !machines.contains(&person.id);
    let standing: BTreeMap<u64, Result<(), String>> = reviews.iter().map(|(id, (_, reviews))| (*id, standing(reviews, evidence))).collect();
    for group in groups {
        let members = evidence.question.policy.groups.get(group).into_iter().flatten();
        let eligible: BTreeSet<u64> = members.clone().filter(may).map(|person| person.id).collect();
        let approved = eligible.iter().filter(|id| matches!(standing.get(*id), Some(Ok(())))).copied().collect();
        bench.approved.insert(Arc::clone(group), approved);
        bench.eligible.insert(Arc::clone(group), eligible);
        bench.members.extend(members.map(|person| (person.id, person.clone())));
    }
    let reviewers = reviews.into_iter().map(|(id, (person, _))| (id, person));
    let everybody: BTreeMap<u64, &Person> = bench.members.iter().map(|(id, person)| (*id, person)).chain(reviewers).collect();
    let mut exclusions = Vec::new();
    for (id, person) in everybody {
        let reason = involved.get(&id).map(|reason| (*reason).to_owned()).or_else(|| {
            let standing = standing.get(&id)?;
            if machines.contains(&id) {
                return Some("is no human, and only people approve".to_owned());
            }
            if !bench.members.contains_key(&id) {
                return Some(format!("is not in {}", words::quoted(groups, "or")));
            }
            standing.clone().err()
        });
        exclusions.extend(reason.map(|reason| Exclusion { person: person.clone(), reason }));
    }
    bench.exclusions = exclusions;
    bench
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

/// Everybody's reviews in their order. Of two at one instant the one that approves comes first, so that it is never the one that wins.
fn by_person(proposal: &Proposal) -> BTreeMap<u64, (&Person, Vec<&Review>)> {
    let mut reviews: Vec<&Review> = proposal.reviews.iter().flatten().filter(|review| review.state != ReviewState::Pending).collect();
    reviews.sort_by_key(|review| (review.submitted_at, review.state != ReviewState::Approved, review.id));
    let mut people: BTreeMap<u64, (&Person, Vec<&Review>)> = BTreeMap::new();
    for review in reviews {
        people.entry(review.author.id).or_insert_with(|| (&review.author, Vec::new())).1.push(review);
    }
    people
}

/// Whether one person's reviews, in their order, are an approval of today's change; if not, why not.
fn standing(reviews: &[&Review], evidence: &Evidence<'_>) -> Result<(), String> {
    let takes_back = |review: &&&Review| matches!(review.state, ReviewState::ChangesRequested | ReviewState::Dismissed);
    let since = reviews.iter().rposition(|review| takes_back(&review)).map_or(0, |at| at + 1);
    let approvals: Vec<&Review> = reviews
        .iter()
        .skip(since)
        .copied()
        .filter(|review| review.state == ReviewState::Approved && review.submitted_at <= evidence.now)
        .collect();
    let answers: Vec<Result<(), String>> = approvals.iter().map(|review| content(review, evidence)).collect();
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

//! Access and the facts of a change request → the predicate.

use super::super::authorization::v1::{GateRun, Repository, State, TimeSource};
use super::super::made::{approval, facts, newest, part, pins, request};
use super::super::{Moment, Seen};
use super::v1::{APPROVERS, Access, Baseline};
use crate::change::Entry;
use crate::proposal::{AccountKind, Person, Proposal, ReviewState};
use crate::systems::Kind;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What is noted, and what it is known from.
#[derive(Debug)]
pub struct Noted<'n> {
    /// The access, as a change from nothing.
    pub entries: &'n [Entry],
    /// Its digest.
    pub digest: &'n str,
    /// The state.
    pub state: State,
    /// The facts of the change request in which it was approved.
    pub proposal: &'n Proposal,
    /// The instant.
    pub now: DateTime<Utc>,
    /// Who says so.
    pub time_source: TimeSource,
    /// Whose access it is.
    pub repository: Repository,
    /// The run.
    pub gate_run: GateRun,
}

/// Why nothing can be noted.
#[derive(Debug, thiserror::Error)]
pub enum TooFew {
    /// Not enough people have approved it.
    #[error(
        "a baseline needs the approval of {APPROVERS} people who did not write it, of exactly commit {}, and {} approved: {}; ask for more",
        commit.get(..12).unwrap_or(commit),
        if people.len() == 1 { "1 has" } else { "so many have" },
        if people.is_empty() { "nobody".to_owned() } else { people.join(", ") }
    )]
    Approvers {
        /// What they would have to approve.
        commit: String,
        /// Who did, by login.
        people: Vec<String>,
    },
    /// Nobody knows whose approval counts.
    #[error("it is not known who wrote what is noted, so nobody's approval counts: name `contributors` in the facts")]
    Contributors,
    /// Nobody knows who approved.
    #[error("it is not known who reviewed it: name `reviews` in the facts")]
    Reviews,
    /// It cannot be written.
    #[error("the baseline cannot be written as text")]
    Text(#[from] serde_json::Error),
}

/// The predicate.
pub fn baseline(noted: Noted<'_>) -> Result<Baseline, TooFew> {
    let Noted { entries, digest, state, proposal, now, time_source, repository, gate_run } = noted;
    let people = approvers(proposal, state.commit.as_str())?;
    if people.len() < APPROVERS {
        let people = people.into_values().map(|person| person.login).collect();
        return Err(TooFew::Approvers { commit: state.commit.to_string(), people });
    }
    let newest = people.keys().filter_map(|id| newest(proposal, *id));
    let seen: Vec<Seen> =
        newest.clone().map(|review| Seen { review: review.id, tree: Some(state.tree.clone()), delta_digest: None }).collect();
    Ok(Baseline {
        repository,
        change_request: proposal.change_request.as_ref().map(request),
        access: Access {
            digest: digest.to_owned(),
            parts: entries.len(),
            undecided: entries.iter().filter(|entry| entry.kind == Kind::Undecided).count(),
            inventory: entries.iter().map(part).collect(),
        },
        approvals: newest.map(|review| approval(review, BTreeSet::new(), proposal.source, &seen)).collect(),
        facts: facts(proposal)?,
        noted_at: Moment(now),
        time_source,
        pins: pins(),
        gate_run,
        state,
    })
}

/// Who has approved exactly this commit, and says so still, by id: people, none of whom wrote it.
fn approvers(proposal: &Proposal, commit: &str) -> Result<BTreeMap<u64, Person>, TooFew> {
    let reviews = proposal.reviews.as_ref().ok_or(TooFew::Reviews)?;
    let contributors = proposal.contributors.as_ref().ok_or(TooFew::Contributors)?;
    let authors: BTreeSet<u64> = contributors.iter().chain([&proposal.author]).chain(&proposal.asked_by).map(|person| person.id).collect();
    let mut latest = BTreeMap::new();
    // A comment takes nothing back.
    for review in reviews.iter().filter(|review| !matches!(review.state, ReviewState::Commented | ReviewState::Pending)) {
        let known = latest.entry(review.author.id).or_insert(review);
        if (review.submitted_at, review.id) > (known.submitted_at, known.id) {
            *known = review;
        }
    }
    let counts = |(id, review): &(u64, &crate::proposal::Review)| {
        review.state == ReviewState::Approved
            && review.kind == AccountKind::User
            && review.commit.as_str() == commit
            && !authors.contains(id)
            && !proposal.unknown.reviews.contains_key(&review.id)
    };
    Ok(latest.into_iter().filter(counts).map(|(id, review)| (id, review.author.clone())).collect())
}

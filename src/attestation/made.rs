//! A decision → what is said of it as evidence. Nothing is worked out here: everything stands in the decision, or is handed in.

use super::authorization::v1;
use super::{Moment, value_digest};
use crate::change::{Entry, short_id};
use crate::policy::include::Part;
use crate::policy::window::{State, Window};
use crate::policy::{self, Decision, Mode, Outcome, Policy, RuleVerdict};
use crate::proposal::{ChangeRequest, Person, Proposal, Review, ReviewState, Source};
use crate::systems::{Kind, Witness, knowledge};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A decision, and what it was made from.
#[derive(Debug)]
pub struct Made<'m> {
    /// The change.
    pub entries: &'m [Entry],
    /// Its digest.
    pub digest: &'m str,
    /// The gate's own files that it edits.
    pub edited: &'m [Arc<str>],
    /// What was decided.
    pub decision: &'m Decision,
    /// By which policy.
    pub policy: &'m Policy,
    /// Where that stands.
    pub policy_path: &'m str,
    /// SHA-256 of it, in hexadecimal.
    pub policy_digest: &'m str,
    /// What it is made of.
    pub policy_files: &'m [Part],
    /// The revision by which it was asked for, and which commit that was.
    pub policy_revision: Option<(&'m str, Option<&'m str>)>,
    /// Before and after the change.
    pub states: [v1::State; 2],
    /// The only paths that were judged.
    pub paths: &'m [String],
    /// The facts.
    pub proposal: Option<&'m Proposal>,
    /// What the reviewers saw, as far as it was there to be looked at.
    pub seen: &'m [Seen],
    /// The instant.
    pub now: DateTime<Utc>,
    /// Who says so.
    pub time_source: v1::TimeSource,
    /// Whose change it is.
    pub repository: v1::Repository,
    /// The run of the gate.
    pub gate_run: v1::GateRun,
}

/// What a review was about.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The forge's id of the review.
    pub review: u64,
    /// The tree of the reviewed commit.
    pub tree: Option<String>,
    /// The digest of the change that it made.
    pub delta_digest: Option<String>,
}

/// The predicate. `None` where there is nothing to attest: the change waits, is denied, or nobody can tell.
pub fn authorization(made: Made<'_>) -> Result<Option<v1::Authorization>, serde_json::Error> {
    let Some(record) = record(made.decision) else { return Ok(None) };
    let facts = made.proposal.map(facts).transpose()?;
    let approvals = approvals(&made);
    let [base, head] = made.states;
    Ok(Some(v1::Authorization {
        record,
        repository: made.repository,
        change_request: made.proposal.and_then(|proposal| proposal.change_request.as_ref()).map(request),
        stage: if made.decision.stage == policy::Stage::Deploy { v1::Stage::Deploy } else { v1::Stage::Merge },
        base,
        head,
        paths: made.paths.to_vec(),
        change: change(made.entries, made.digest, made.edited),
        policy: v1::Policy {
            uri: made.policy_path.to_owned(),
            digest: format!("sha256:{}", made.policy_digest),
            revision: made.policy_revision.map(|(name, _)| name.to_owned()),
            commit: made.policy_revision.and_then(|(_, commit)| commit).map(ToOwned::to_owned),
            files: made.policy_files.iter().map(|part| v1::File { path: part.path.to_string(), digest: part.digest.clone() }).collect(),
        },
        decision: v1::Decision {
            outcome: outcome(made.decision.outcome),
            mode: if made.decision.mode == Mode::Enforce { v1::Mode::Enforce } else { v1::Mode::Observe },
            decided_at: Moment(made.now),
            time_source: made.time_source,
        },
        requirements: made.decision.requirements.iter().map(requirement).collect(),
        approvals,
        exclusions: made.decision.exclusions.iter().map(exclusion).collect(),
        windows: windows(made.decision, made.policy, made.now),
        exception: made.decision.exception.as_ref().map(exception),
        expiries: made.entries.iter().filter_map(expiry).collect(),
        facts,
        pins: pins(),
        gate_run: made.gate_run,
    }))
}

pub(super) fn request(request: &ChangeRequest) -> String {
    match request {
        ChangeRequest::Number(number) => number.to_string(),
        ChangeRequest::Url(url) => url.clone(),
    }
}

fn record(decision: &Decision) -> Option<v1::Record> {
    match (decision.mode, decision.outcome) {
        (Mode::Observe, _) => Some(v1::Record::Observed),
        (Mode::Enforce, Outcome::Authorized) if decision.is_authorization() => Some(v1::Record::Authorization),
        (Mode::Enforce, Outcome::Authorized) => Some(v1::Record::Retroactive),
        (Mode::Enforce, _) => None,
    }
}

fn outcome(outcome: Outcome) -> v1::Outcome {
    match outcome {
        Outcome::Authorized => v1::Outcome::Authorized,
        Outcome::Waiting { for_approval: true, .. } => v1::Outcome::WaitingForApproval,
        Outcome::Waiting { for_approval: false, .. } => v1::Outcome::WaitingForWindow,
        Outcome::Denied => v1::Outcome::Denied,
        Outcome::Undecidable => v1::Outcome::Undecidable,
    }
}

fn change(entries: &[Entry], digest: &str, edited: &[Arc<str>]) -> v1::Change {
    let count = |kind| entries.iter().filter(|entry| entry.kind == kind).count();
    v1::Change {
        digest: digest.to_owned(),
        gained: count(Kind::Gained),
        lost: count(Kind::Lost),
        undecided: count(Kind::Undecided),
        severity: entries.iter().map(|entry| entry.region.severity).max(),
        edited: edited.iter().map(ToString::to_string).collect(),
        parts: entries.iter().map(part).collect(),
    }
}

pub(super) fn part(entry: &Entry) -> v1::Part {
    let region = &entry.region;
    v1::Part {
        id: short_id(entry),
        kind: entry.kind,
        system: entry.system.map(ToOwned::to_owned),
        format: entry.format.map(ToOwned::to_owned),
        holder: region.holder.to_string(),
        realm: region.realm.to_string(),
        principals: region.principals.clone(),
        except_principals: region.except_principals.clone(),
        actions: region.actions.clone(),
        except_actions: region.except_actions.clone(),
        resources: region.resources.clone(),
        except_resources: region.except_resources.clone(),
        condition: region.condition.clone(),
        provided: region.provided.clone(),
        severity: region.severity,
        reasons: region.reasons.iter().map(ToString::to_string).collect(),
        witness: region.witness.as_ref().map(witness),
        opaque_digest: entry.opaque.as_ref().map(|part| part.digest.clone()),
    }
}

fn witness(witness: &Witness) -> v1::Witness {
    let Witness { principal, action, resource, context, facts } = witness.clone();
    v1::Witness { principal, action, resource, context, facts }
}

fn expiry(entry: &Entry) -> Option<v1::Expiry> {
    entry.region.expires.as_ref().map(|expires| v1::Expiry { part: short_id(entry), expires: expires.clone() })
}

fn requirement(verdict: &RuleVerdict) -> v1::Requirement {
    v1::Requirement {
        rule: verdict.rule.as_ref().map(ToString::to_string),
        outcome: outcome(verdict.outcome),
        reason: verdict.reason.clone(),
        needed: verdict.needed.iter().map(|(group, count)| v1::Needed { group: group.to_string(), count: *count }).collect(),
        satisfied_by: verdict.satisfied_by.iter().map(actor).collect(),
        windows: verdict.windows.iter().map(|(name, _)| name.to_string()).collect(),
        lifted: verdict.lifted,
    }
}

fn actor(person: &Person) -> v1::Actor {
    v1::Actor { actor_id: person.id, login: person.login.clone() }
}

fn exclusion(exclusion: &policy::Exclusion) -> v1::Exclusion {
    let policy::Exclusion { person, reason } = exclusion;
    v1::Exclusion { actor_id: person.id, login: person.login.clone(), reason: reason.clone() }
}

/// Of everybody who was counted, the newest approval, and for which groups.
fn approvals(made: &Made<'_>) -> Vec<v1::Approval> {
    let mut roles: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    let seats = made.decision.requirements.iter().flat_map(|verdict| &verdict.seats);
    for (group, person) in seats.filter_map(|seat| Some((&seat.group, seat.person.as_ref()?))) {
        roles.entry(person.id).or_default().insert(group.to_string());
    }
    let agreed = made.decision.exception.iter().flat_map(|exception| match exception {
        policy::Exception::BreakGlass(lifted) => lifted.approved_by.as_slice(),
        policy::Exception::Retroactive { .. } => &[],
    });
    for person in agreed {
        roles.entry(person.id).or_default();
    }
    let proposal = made.proposal;
    roles.into_iter().filter_map(|(id, roles)| Some(approval(newest(proposal?, id)?, roles, proposal?.source, made.seen))).collect()
}

pub(super) fn newest(proposal: &Proposal, id: u64) -> Option<&Review> {
    let given = proposal.reviews.iter().flatten().filter(|review| review.author.id == id && review.state == ReviewState::Approved);
    given.max_by_key(|review| (review.submitted_at, review.id))
}

pub(super) fn approval(review: &Review, roles: BTreeSet<String>, source: Source, seen: &[Seen]) -> v1::Approval {
    let seen = seen.iter().find(|seen| seen.review == review.id);
    v1::Approval {
        actor_id: review.author.id,
        login: review.author.login.clone(),
        kind: review.kind,
        roles: roles.into_iter().collect(),
        review_id: review.id,
        reviewed_commit: review.commit.clone(),
        reviewed_tree: seen.and_then(|seen| seen.tree.clone()),
        delta_digest_at_approval: seen.and_then(|seen| seen.delta_digest.clone()),
        approved_at: Moment(review.submitted_at),
        source: if source.is_verified() { v1::TimeSource::Forge } else { v1::TimeSource::FactsFile },
    }
}

fn windows(decision: &Decision, policy: &Policy, now: DateTime<Utc>) -> Vec<v1::Window> {
    let asked = decision.requirements.iter().flat_map(|verdict| &verdict.windows);
    let said: BTreeMap<&str, &State> = asked.map(|(name, state)| (&**name, state)).collect();
    let zones: BTreeMap<&str, &Window> = policy.windows().collect();
    let window = |(name, state): (&str, &State)| {
        let (open, opens, closes) = match state {
            State::Open { closes, .. } => (true, None, *closes),
            State::Closed { opens, .. } => (false, *opens, None),
        };
        v1::Window {
            id: name.to_owned(),
            zone: zones.get(name).map(|window| window.zone().to_string()).unwrap_or_default(),
            tzdb: Window::tzdb_version().to_owned(),
            evaluated_at: Moment(now),
            open,
            opens_at: opens.map(Moment),
            closes_at: closes.map(Moment),
        }
    };
    said.into_iter().map(window).collect()
}

fn exception(exception: &policy::Exception) -> v1::Override {
    match exception {
        policy::Exception::BreakGlass(lifted) => v1::Override::BreakGlass {
            requested_by: actor(&lifted.requested_by),
            reason: lifted.reason.clone(),
            ticket: lifted.ticket.clone(),
            until: Moment(lifted.until),
            approved_by: lifted.approved_by.iter().map(actor).collect(),
            review_from: lifted.review_from.to_string(),
            review_due: Moment(lifted.review_due),
        },
        policy::Exception::Retroactive { landed_at } => v1::Override::Retroactive { landed_at: Moment(*landed_at) },
    }
}

pub(super) fn facts(proposal: &Proposal) -> Result<v1::Facts, serde_json::Error> {
    let content = serde_json::to_value(proposal)?;
    Ok(v1::Facts { verified: proposal.source.is_verified(), digest: value_digest(&content), content })
}

pub(super) fn pins() -> v1::Pins {
    let known = knowledge();
    let edition = |known: &crate::systems::Knowledge| v1::Knowledge {
        name: known.name.into(),
        edition: known.edition.into(),
        digest: known.digest.into(),
    };
    v1::Pins {
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        knowledge: known.iter().map(edition).collect(),
        tzdb: Window::tzdb_version().to_owned(),
    }
}

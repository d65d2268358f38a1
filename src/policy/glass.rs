//! Break-glass: what passes although it is not all there that is asked, and the reviews that are owed for it.
//!
//! It stands above what waits and what is denied, within its scope. It stands above no fact that is missing, no error, no edit of the
//! gate's own files, and no review that is overdue.

use super::approval::Seat;
use super::circumstances::Around;
use super::decision::{Exception, Lifted, Outcome, RuleVerdict};
use super::file::Length;
use super::fit::Fit;
use super::found::Found;
use super::requirement::{self, Ask, Judged};
use super::select::{Parts, Selector};
use super::{Evidence, Question, words};
use crate::change::Entry;
use crate::document::Place;
use crate::proposal::{AccountKind, GlassRequest, Override, Person, Proposal, Settlement};
use crate::systems::Kind;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What stands for the name of a rule. No rule may be called so.
pub(super) const NAME: &str = "break-glass";

/// A checked [`BreakGlass`](super::file::BreakGlass).
#[derive(Clone, Debug)]
pub(super) struct BreakGlass {
    pub(super) place: Place,
    pub(super) requested_by: BTreeSet<Arc<str>>,
    pub(super) approvals: BTreeMap<Seat, usize>,
    pub(super) scope: Selector,
    pub(super) longest: Length,
    pub(super) review_from: Arc<str>,
    pub(super) review_within: Length,
}

/// What a request to break the glass makes of a decision.
pub(super) enum Broken {
    /// It holds: this is found instead.
    Holds(Box<Found>, Lifted),
    /// It does not hold, for this reason.
    Refused(String),
}

/// What a request makes of what was found without it; nothing if nobody asks, or nothing has to be lifted.
pub(super) fn broken(found: &Found, asks: &[Ask], evidence: &Evidence<'_>, around: &Around<'_>) -> Option<Broken> {
    let proposal = evidence.proposal?;
    let request = proposal.break_glass.as_ref()?;
    if found.outcome() == Outcome::Authorized {
        return None;
    }
    let Some(glass) = &evidence.question.policy.break_glass else {
        return Some(Broken::Refused("the policy has no `break-glass`".to_owned()));
    };
    if let Some(refusal) = glass.refusal(request, proposal, evidence) {
        return Some(Broken::Refused(refusal));
    }
    let is_in_scope = |verdict: &RuleVerdict| glass.covers(&verdict.applies, &evidence.question, around);
    let is_lifted = |verdict: &RuleVerdict| verdict.outcome.rank() < Outcome::Undecidable.rank() && is_in_scope(verdict);
    let is_in_the_way = |verdict: &&RuleVerdict| is_lifted(verdict) && !verdict.is_satisfied();
    let mut applies = Parts::default();
    found.verdicts().filter(is_in_the_way).for_each(|verdict| applies.join(&verdict.applies));
    if applies.is_empty() {
        return Some(Broken::Refused("nothing that is in the way is in its scope".to_owned()));
    }
    let kept = asks.iter().zip(&found.required.verdicts).filter(|(_, verdict)| !is_lifted(verdict)).map(|(ask, _)| ask.clone());
    let mut kept: Vec<Ask> = kept.collect();
    let own = kept.len();
    // Who approved the change before anybody asked has not agreed to this.
    let since = |(seat, count): (&Seat, &usize)| (Seat { since: Some(request.requested_at), ..seat.clone() }, *count);
    let approvals = glass.approvals.iter().map(since).collect();
    kept.push(Ask::of_glass(&NAME.into(), &glass.place, approvals, applies));
    let windows = requirement::windows(&kept);
    let mut required: Judged = requirement::judged(kept, evidence);
    let lifted = |verdict: &RuleVerdict| {
        let reason = format!("not asked because of {NAME}: {}", verdict.reason);
        RuleVerdict { lifted: true, reason, satisfied_by: Vec::new(), seats: Vec::new(), ..verdict.clone() }
    };
    let named = found.required.verdicts.iter().filter(|verdict| verdict.rule.is_some());
    let others = found.others.iter().map(|verdict| if is_lifted(verdict) { lifted(verdict) } else { verdict.clone() });
    let others = named.filter(|verdict| is_lifted(verdict)).map(lifted).chain(others).collect();
    let due = glass.review_within.after(evidence.now);
    let verdict = required.verdicts.get_mut(own)?;
    let approved_by = verdict.satisfied_by.clone();
    verdict.reason = glass.told(request, verdict, due);
    let lifted = Lifted {
        requested_by: request.requested_by.clone(),
        reason: request.reason.clone(),
        ticket: request.ticket.clone(),
        until: request.until,
        approved_by,
        review_from: Arc::clone(&glass.review_from),
        review_due: due,
    };
    Some(Broken::Holds(Box::new(Found { required, others, windows }), lifted))
}

impl BreakGlass {
    /// The groups whose members have to be known: who may ask, who has to agree, and who reviews it afterwards.
    pub(super) fn groups(&self) -> impl Iterator<Item = &Arc<str>> {
        self.requested_by.iter().chain(self.approvals.keys().flat_map(Seat::groups)).chain([&self.review_from])
    }

    /// Whether all of these parts are gains in the scope.
    fn covers(&self, parts: &Parts, question: &Question<'_>, around: &Around<'_>) -> bool {
        let Question { policy, change, over, both, .. } = question;
        let is_in_scope = |entry: &Entry| entry.kind == Kind::Gained && self.scope.fit(entry, policy, around) == Fit::Wholly;
        let own = parts.entries.iter().filter_map(|index| change.get(*index));
        let over = over.iter().filter(|over| parts.over_ceiling.contains(&over.role)).flat_map(|over| &over.entries);
        let both = both.iter().filter(|both| parts.both.contains(&both.pair)).flat_map(|both| &both.entries);
        !parts.is_empty() && parts.edits.is_empty() && own.chain(over).chain(both).all(is_in_scope)
    }

    /// Why a request does not hold, if it does not.
    fn refusal(&self, request: &GlassRequest, proposal: &Proposal, evidence: &Evidence<'_>) -> Option<String> {
        let groups = &evidence.question.policy.groups;
        let is_in = |group: &Arc<str>| groups.get(group).into_iter().flatten().any(|person| person.id == request.requested_by.id);
        let last = self.longest.after(request.requested_at);
        let refusals = [
            (request.kind != AccountKind::User, "only people ask to break the glass".to_owned()),
            (is_gone(&request.requested_by, proposal), "whoever asked is gone".to_owned()),
            (!self.requested_by.iter().any(is_in), format!("whoever asked is not in {}", words::quoted(&self.requested_by, "or"))),
            (proposal.landed_at.is_some(), "the change had landed already".to_owned()),
            (proposal.head.as_ref() != Some(&request.commit), "it was asked for another commit".to_owned()),
            (request.requested_at > evidence.now, "it was asked for at a time that has not come yet".to_owned()),
            (request.until > last, format!("it is to hold for longer than {}", self.longest)),
            (request.until <= evidence.now, format!("it held until {}", words::minute(request.until))),
        ];
        refusals.into_iter().find(|(is_so, _)| *is_so).map(|(_, why)| why)
    }

    fn told(&self, request: &GlassRequest, verdict: &RuleVerdict, due: DateTime<Utc>) -> String {
        let GlassRequest { requested_by, reason, ticket, until, .. } = request;
        let approvals = &verdict.reason;
        let asked = format!("asked for by {requested_by} because of `{reason}`, ticket `{ticket}`, until {}", words::minute(*until));
        if verdict.is_satisfied() {
            format!("{asked}; {approvals}; `{}` owes a review by {}", self.review_from, words::minute(due))
        } else {
            format!("{asked}; {approvals}")
        }
    }

    /// What is to be said of a change that passed without everything that was asked: that its review is owed, or overdue.
    fn debt(&self, passed: &Override, evidence: &Evidence<'_>) -> Option<RuleVerdict> {
        let why = match passed.review.as_ref().map(|review| self.unsettled(review, passed, evidence)) {
            Some(None) => return None,
            Some(Some(why)) => format!(", and the review by {} does not count: {why}", passed.review.as_ref()?.author),
            None => String::new(),
        };
        let due = self.review_within.after(passed.passed_at);
        let is_overdue = due < evidence.now;
        let tense = if is_overdue { "was" } else { "is" };
        let reason = format!("{} {}; its review {tense} due by {}{why}", passed.change, passed.kind.words(), words::minute(due));
        let mut verdict = self.verdict(if is_overdue { Outcome::Denied } else { Outcome::Authorized }, reason);
        if is_overdue {
            let could = self.reviewers(passed, evidence);
            verdict.to_do.push(format!("have {} review {}, and say so in the facts", words::people(&could, "or"), passed.change));
            verdict.could = could;
        }
        Some(verdict)
    }

    /// Who may review it.
    fn reviewers(&self, passed: &Override, evidence: &Evidence<'_>) -> Vec<Person> {
        let members = evidence.question.policy.groups.get(&self.review_from).into_iter().flatten();
        let had_a_part = |person: &&Person| passed.people.iter().any(|other| other.id == person.id);
        let is_gone = |person: &&Person| evidence.proposal.is_some_and(|proposal| is_gone(person, proposal));
        members.filter(|person| !had_a_part(person) && !is_gone(person)).cloned().collect()
    }

    /// Why a review settles nothing, if it does not.
    fn unsettled(&self, review: &Settlement, passed: &Override, evidence: &Evidence<'_>) -> Option<String> {
        let is_reviewer = self.reviewers(passed, evidence).iter().any(|person| person.id == review.author.id);
        if review.kind != AccountKind::User {
            Some("only people review".to_owned())
        } else if passed.people.iter().any(|person| person.id == review.author.id) {
            Some("they had a part in it".to_owned())
        } else if !is_reviewer {
            Some(format!("they are not in `{}`", self.review_from))
        } else if review.submitted_at < passed.passed_at {
            Some("it was submitted before the change passed".to_owned())
        } else if review.submitted_at > evidence.now {
            Some("it was submitted at a time that has not come yet".to_owned())
        } else {
            None
        }
    }

    fn verdict(&self, outcome: Outcome, reason: String) -> RuleVerdict {
        let verdict = RuleVerdict::new(Some(NAME.into()), Some(self.place.clone()), Parts::default());
        RuleVerdict { outcome, reason, ..verdict }
    }
}

fn is_gone(person: &Person, proposal: &Proposal) -> bool {
    proposal.departed.iter().flatten().any(|gone| gone.id == person.id)
}

/// The reviews that are owed. While one is overdue, or while nobody knows, no change passes that gives access or edits the gate.
pub(super) fn debts(evidence: &Evidence<'_>) -> Vec<RuleVerdict> {
    let Some(glass) = &evidence.question.policy.break_glass else { return Vec::new() };
    let Some(overrides) = evidence.proposal.and_then(|proposal| proposal.overrides.as_ref()) else {
        let reason = "it is not known which changes passed by break-glass or went round the gate, and whether their reviews are owed";
        return vec![glass.verdict(Outcome::Undecidable, reason.to_owned())];
    };
    overrides.iter().filter_map(|passed| glass.debt(passed, evidence)).collect()
}

/// How a change passes that passes.
pub(super) fn exception(lifted: Option<Lifted>, evidence: &Evidence<'_>) -> Option<Exception> {
    let landed = evidence.proposal.and_then(|proposal| proposal.landed_at);
    lifted.map(Exception::BreakGlass).or_else(|| landed.map(|landed_at| Exception::Retroactive { landed_at }))
}

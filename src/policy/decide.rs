//! The decision: the verdicts of all rules, and what holds whatever the policy says.
//!
//! A rule that denies wins. Everything that is required is required together. A gain, a part that cannot be told, access over a ceiling
//! or an edit of the gate's own files that no rule is about is denied. Losing access needs nothing unless a rule says so.

use super::circumstances::Around;
use super::decision::{Decision, Exclusion, Outcome, RuleVerdict, Silent};
use super::fit::Fit;
use super::found::Found;
use super::glass::{self, Broken};
use super::needs::{asks, widens};
use super::next_step::next_step;
use super::overview::Overview;
use super::requirement::{self, Ask, Judged};
use super::select::{self, Parts, parts};
use super::window::{HORIZON, Window};
use super::{Asks, Evidence, Pair, Question, Rule, Stage, words};
use crate::change::Entry;
use crate::document::Place;
use crate::proposal::Content;
use crate::systems::Kind;
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The decision. It depends on the evidence alone, and not on the order of anything in it.
pub fn evaluate(evidence: &Evidence<'_>) -> Decision {
    let overview = Overview::of(&evidence.question);
    let around = Around::of(evidence, &overview);
    let asks = asks(&evidence.question, &around);
    let ordinary = found(asks.clone(), evidence, &around);
    let before = ordinary.outcome().rank();
    let (found, lifted, refusal) = match glass::broken(&ordinary, &asks, evidence, &around) {
        Some(Broken::Holds(broken, lifted)) if broken.outcome().rank() <= before => (*broken, Some(lifted), None),
        Some(Broken::Refused(why)) => (ordinary, None, Some(why)),
        _ => (ordinary, None, None),
    };
    let outcome = match found.outcome() {
        Outcome::Waiting { for_approval, until } => Outcome::Waiting { for_approval, until: until.and(opening(&found.windows, evidence)) },
        outcome => outcome,
    };
    let Judged { verdicts: mut requirements, mut exclusions, wanted } = found.required;
    requirements.extend(found.others);
    requirements.sort_by(|a, b| {
        (a.lifted, Reverse(a.outcome.rank()), &a.rule, &a.reason).cmp(&(b.lifted, Reverse(b.outcome.rank()), &b.rule, &b.reason))
    });
    let asker = evidence.proposal.and_then(|proposal| proposal.break_glass.as_ref()).map(|request| request.requested_by.clone());
    if let (Some(why), Some(person)) = (&refusal, asker) {
        exclusions.retain(|exclusion| exclusion.person.id != person.id);
        exclusions.push(Exclusion { person, reason: format!("asked to break the glass, and that does not count: {why}") });
        exclusions.sort();
    }
    let is_asked = !requirements.is_empty();
    let exception = glass::exception(lifted, evidence).filter(|_| outcome == Outcome::Authorized && is_asked);
    let mode = evidence.question.policy.mode;
    let silent = silent(&requirements, evidence, &around);
    let stage = evidence.stage;
    let decided = Decision { outcome, mode, requirements, stage, exclusions, silent, wanted, exception, next_step: String::new() };
    Decision { next_step: next_step(&decided, refusal.as_deref(), evidence), ..decided }
}

/// The rules of which there is no verdict.
fn silent(verdicts: &[RuleVerdict], evidence: &Evidence<'_>, around: &Around<'_>) -> Vec<Silent> {
    // Rules of two directories may have one name.
    let spoke: BTreeSet<&Place> = verdicts.iter().filter_map(|verdict| verdict.place.as_ref()).collect();
    let rules = evidence.question.policy.rules.iter().filter(|rule| !spoke.contains(&rule.place));
    let told = rules.map(|rule| {
        let is_allowed = matches!(rule.asks, Asks::Nothing);
        let reason = match rule.circumstances.fit(around) {
            Fit::No => "the change is not proposed as its `if` says".to_owned(),
            Fit::Perhaps if is_allowed => match rule.circumstances.unknown(around) {
                unknown if unknown.is_empty() => "the change is only perhaps proposed as its `if` says".to_owned(),
                unknown => not_known(unknown),
            },
            _ if is_allowed => "no part of the change is wholly what it is about".to_owned(),
            _ => "no part of the change is what it is about".to_owned(),
        };
        Silent { rule: Arc::clone(&rule.name), reason }
    });
    told.collect()
}

/// What all rules say, and what holds whatever they say.
fn found(asks: Vec<Ask>, evidence: &Evidence<'_>, around: &Around<'_>) -> Found {
    let question = &evidence.question;
    let rules = &question.policy.rules;
    let windows = requirement::windows(&asks);
    let mut others: Vec<RuleVerdict> = rules.iter().filter_map(|rule| denial(rule, question, around)).collect();
    others.extend(rules.iter().filter_map(|rule| permission(rule, question, around)));
    others.extend(uncovered(question, around));
    others.extend(unknown_ceilings(question));
    others.extend(unknown_pairs(question));
    if widens(question) {
        others.extend(landed(evidence));
        others.extend(missing(evidence));
        others.extend(glass::debts(evidence));
    }
    Found { required: requirement::judged(asks, evidence), others, windows }
}

/// What landed before without an authorization would be deployed along with this. Access that is only taken away is not held up by it.
fn missing(evidence: &Evidence<'_>) -> Option<RuleVerdict> {
    if evidence.missing.is_empty() {
        return None;
    }
    let reason = format!("what landed before is not settled: {}; a retroactive record settles it", evidence.missing.join("; "));
    Some(RuleVerdict { outcome: Outcome::Denied, reason, ..RuleVerdict::new(None, None, Parts::default()) })
}

/// A rule that perhaps denies, because a fact is missing, denies nothing: it leaves the decision open.
fn denial(rule: &Rule, question: &Question<'_>, around: &Around<'_>) -> Option<RuleVerdict> {
    let Asks::Deny(message) = &rule.asks else { return None };
    let applies = parts(rule, question, around, Fit::Perhaps);
    let unknown = rule.circumstances.unknown(around);
    let about = describe(&applies, question);
    if unknown.is_empty() {
        return judged(rule, applies, Outcome::Denied, format!("{message}: {about}"));
    }
    judged(rule, applies, Outcome::Undecidable, format!("{}, and by that this may be denied: {about}", not_known(unknown)))
}

fn permission(rule: &Rule, question: &Question<'_>, around: &Around<'_>) -> Option<RuleVerdict> {
    let Asks::Nothing = &rule.asks else { return None };
    judged(rule, parts(rule, question, around, Fit::Wholly), Outcome::Authorized, "allowed".to_owned())
}

fn judged(rule: &Rule, applies: Parts, outcome: Outcome, reason: String) -> Option<RuleVerdict> {
    let verdict = RuleVerdict::new(Some(Arc::clone(&rule.name)), Some(rule.place.clone()), applies);
    (!verdict.applies.is_empty()).then_some(RuleVerdict { outcome, reason, ..verdict })
}

fn not_known(what: impl IntoIterator<Item = &'static str>) -> String {
    format!("it is not known {}", words::list(what.into_iter().map(ToOwned::to_owned), "and"))
}

/// What no rule is about, each kind of it in one verdict. Where a rule would be about it, if only somebody knew how the change is
/// proposed, the facts are missing and not the rule.
fn uncovered(question: &Question<'_>, around: &Around<'_>) -> Vec<RuleVerdict> {
    let rules = &question.policy.rules;
    let unknown: BTreeSet<&str> = rules.iter().flat_map(|rule| rule.circumstances.unknown(around)).collect();
    let sure = open(question, around);
    let hoped = if unknown.is_empty() { sure.clone() } else { open(question, &Around { hopes: true, ..*around }) };
    let kinds = sure.into_iter().zip(hoped).zip(OPEN);
    let verdicts = kinds.filter(|((sure, _), _)| !sure.is_empty()).map(|((sure, hoped), (what, key))| {
        let (outcome, reason) = if hoped.is_empty() {
            let reason = format!("{}, and without that {what}: {}", not_known(unknown.iter().copied()), describe(&sure, question));
            (Outcome::Undecidable, reason)
        } else {
            (Outcome::Denied, format!("{what}: {} (a rule with `when: {{ {key}: … }}` would be)", describe(&sure, question)))
        };
        RuleVerdict { outcome, reason, ..RuleVerdict::new(None, None, sure) }
    });
    verdicts.collect()
}

/// What is said of the kinds of what is open, and the trigger of a rule that would be about it.
const OPEN: [(&str, &str); 4] = [
    ("no rule is about this gain", "gains"),
    ("no rule is about what cannot be told", "undecided"),
    ("no rule is about access over a role's ceiling", "over-ceiling"),
    ("no rule is about edits of the gate's own files", "edits"),
];

/// What no rule is surely about: gains, what cannot be told, what is over ceilings, edits.
fn open(question: &Question<'_>, around: &Around<'_>) -> [Parts; 4] {
    let rules = &question.policy.rules;
    let mut covered = Parts::default();
    for rule in rules {
        covered.join(&select::parts_besides_access(rule, question, around, Fit::Wholly));
    }
    let sure: Vec<&Rule> = rules.iter().filter(|rule| rule.circumstances.fit(around) == Fit::Wholly).collect();
    let is_open = |entry: &Entry| !select::is_covered(entry, &sure, question.policy, around);
    let of_kind = |kind: Kind| -> Parts {
        let open = question.change.iter().enumerate().filter(|(_, entry)| entry.kind == kind && is_open(entry));
        Parts { entries: open.map(|(index, _)| index).collect(), ..Parts::default() }
    };
    let over = question.over.iter().filter(|over| !over.entries.is_empty()).map(|over| Arc::clone(&over.role));
    let over = Parts { over_ceiling: over.filter(|role| !covered.over_ceiling.contains(role)).collect(), ..Parts::default() };
    let edits = question.edited.iter().filter(|path| !covered.edits.contains(*path)).cloned();
    let edits = Parts { edits: edits.collect(), ..Parts::default() };
    [of_kind(Kind::Gained), of_kind(Kind::Undecided), over, edits]
}

/// Roles whose holders may gain something, and of which nobody worked out whether that is over the ceiling.
fn unknown_ceilings(question: &Question<'_>) -> Vec<RuleVerdict> {
    let known: BTreeSet<&Arc<str>> = question.over.iter().map(|over| &over.role).collect();
    let open = question.policy.ceilings.iter().filter(|ceiling| !known.contains(&ceiling.role)).filter_map(|ceiling| {
        let own = gains(question).filter(|(_, entry)| ceiling.holds(&entry.region.holder, &entry.region.realm));
        let parts = Parts { entries: own.map(|(index, _)| index).collect(), ..Parts::default() };
        let reason = format!("it is not known whether this is over the ceiling of `{}`", ceiling.role);
        let verdict = RuleVerdict { outcome: Outcome::Undecidable, reason, ..RuleVerdict::new(None, Some(ceiling.place.clone()), parts) };
        (!verdict.applies.is_empty()).then_some(verdict)
    });
    open.collect()
}

/// Pairs of roles of which nobody worked out whether somebody comes to have both.
fn unknown_pairs(question: &Question<'_>) -> Vec<RuleVerdict> {
    let known: BTreeSet<&Pair> = question.both.iter().map(|both| &both.pair).collect();
    let parts = Parts { entries: gains(question).map(|(index, _)| index).collect(), ..Parts::default() };
    let open = question.policy.pairs().into_iter().filter(|pair| !known.contains(pair) && !parts.is_empty()).map(|pair| {
        let reason = format!("it is not known whether somebody comes to have something of both {pair}");
        RuleVerdict { outcome: Outcome::Undecidable, reason, ..RuleVerdict::new(None, None, parts.clone()) }
    });
    open.collect()
}

fn gains<'q>(question: &Question<'q>) -> impl Iterator<Item = (usize, &'q Entry)> {
    question.change.iter().enumerate().filter(|(_, entry)| entry.kind != Kind::Lost)
}

/// Before a deployment, whether no more landed than was authorized.
fn landed(evidence: &Evidence<'_>) -> Option<RuleVerdict> {
    if evidence.stage != Stage::Deploy {
        return None;
    }
    let (outcome, reason) = match evidence.landed {
        Some(Content::SameCommit | Content::Contained) => (Outcome::Authorized, "no more landed than was authorized".to_owned()),
        Some(Content::NotContained(more)) => (Outcome::Denied, format!("more landed than was authorized: {}", words::entries(more))),
        Some(Content::Unknown(why)) => (Outcome::Undecidable, format!("what landed cannot be compared with what was authorized: {why}")),
        None => (Outcome::Undecidable, "it is not known what was authorized, and whether more landed".to_owned()),
    };
    Some(RuleVerdict { outcome, reason, ..RuleVerdict::new(None, None, Parts::default()) })
}

/// The parts in words: exactly what is gained, and exactly what of it is over a ceiling.
fn describe(parts: &Parts, question: &Question<'_>) -> String {
    let mut texts = Vec::new();
    if !parts.entries.is_empty() {
        texts.push(words::entries(parts.entries.iter().filter_map(|index| question.change.get(*index))));
    }
    for over in question.over.iter().filter(|over| parts.over_ceiling.contains(&over.role)) {
        texts.push(format!("over the ceiling of `{}` is {}", over.role, words::entries(&over.entries)));
    }
    for both in question.both.iter().filter(|both| parts.both.contains(&both.pair)) {
        texts.push(format!("to somebody who then has something of both {} goes {}", both.pair, words::entries(&both.entries)));
    }
    if !parts.edits.is_empty() {
        texts.push(words::quoted(&parts.edits, "and"));
    }
    texts.sort();
    texts.join("; ")
}

/// The first instant from now on at which all of these windows are open.
fn opening(names: &BTreeSet<Arc<str>>, evidence: &Evidence<'_>) -> Option<DateTime<Utc>> {
    const MOST_STEPS: usize = 10_000;
    let windows: Vec<&Window> = names.iter().filter_map(|name| evidence.question.policy.windows.get(name)).collect();
    let mut instant = evidence.now;
    for _ in 0..MOST_STEPS {
        let next = windows.iter().try_fold(instant, |instant, window| window.next_opening(instant))?;
        if next == instant {
            return Some(instant);
        }
        if next.signed_duration_since(evidence.now) > HORIZON {
            return None;
        }
        instant = next;
    }
    None
}

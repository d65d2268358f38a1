//! The decision: the verdicts of all rules, and what holds whatever the policy says.
//!
//! A rule that denies wins. Everything that is required is required together. A gain, a part that cannot be told, access over a ceiling
//! or an edit of the gate's own files that no rule is about is denied. Losing access needs nothing unless a rule says so.

use super::decision::{Decision, Outcome, RuleVerdict};
use super::requirement::{self, Ask};
use super::select::{self, Fit, Parts, parts};
use super::window::{HORIZON, State, Window};
use super::{Asks, Evidence, Mode, Question, Rule, words};
use crate::change::Entry;
use crate::document::Place;
use crate::systems::Kind;
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The facts that the rules will ask about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Who wrote the change, and who reviewed it.
    pub reviews: bool,
    /// Whose members are asked.
    pub groups: BTreeSet<Arc<str>>,
    /// Which labels are asked for.
    pub labels: BTreeSet<String>,
    /// Which windows are looked at.
    pub windows: BTreeSet<Arc<str>>,
    /// The environments that the parts of the change come from, as far as a rule applies to them.
    pub environments: BTreeSet<Arc<str>>,
}

impl Needs {
    /// Whether the forge has to be asked.
    pub fn proposal(&self) -> bool {
        self.reviews || !self.labels.is_empty()
    }
}

/// What has to be known before [`evaluate`]; of a change that no rule requires anything of, nothing.
pub fn needs(question: &Question<'_>) -> Needs {
    let asks = asks(question);
    let groups = requirement::groups(&asks);
    let entries: BTreeSet<usize> = asks.iter().flat_map(|ask| ask.applies().entries.iter().copied()).collect();
    let regions = entries.into_iter().filter_map(|index| question.change.get(index)).map(|entry| &entry.region.origins);
    let places = regions.flat_map(|origins| origins.base.iter().chain(&origins.head));
    Needs {
        reviews: !groups.is_empty(),
        groups,
        labels: requirement::labels(&asks),
        windows: requirement::windows(&asks),
        environments: places.filter_map(|place| question.policy.site_of(&place.path).environment).collect(),
    }
}

/// The decision. It depends on the evidence alone, and not on the order of anything in it.
pub fn evaluate(evidence: &Evidence<'_>) -> Decision {
    let question = &evidence.question;
    let asks = asks(question);
    let windows: BTreeSet<Arc<str>> = requirement::windows(&asks);
    let (mut verdicts, exclusions) = requirement::verdicts(asks, evidence);
    verdicts.extend(question.policy.rules.iter().filter_map(|rule| denial(rule, question)));
    verdicts.extend(question.policy.rules.iter().filter_map(|rule| permission(rule, question)));
    verdicts.extend(uncovered(question));
    verdicts.extend(unknown_ceilings(question));
    verdicts.sort_by(|a, b| (Reverse(a.outcome.rank()), &a.rule, &a.reason).cmp(&(Reverse(b.outcome.rank()), &b.rule, &b.reason)));
    let outcome = verdicts.iter().fold(Outcome::Authorized, |outcome, verdict| outcome.and(verdict.outcome));
    let outcome = match outcome {
        Outcome::Waiting { for_approval, until } => Outcome::Waiting { for_approval, until: until.and(opening(&windows, evidence)) },
        outcome => outcome,
    };
    let mode = question.policy.mode;
    let next_step = next_step(outcome, mode, &verdicts, evidence);
    Decision { outcome, mode, requirements: verdicts, exclusions, next_step }
}

/// A verdict to which nothing has been said yet.
pub(super) fn verdict(rule: Option<Arc<str>>, place: Option<Place>, applies: Parts) -> RuleVerdict {
    RuleVerdict {
        rule,
        place,
        applies,
        outcome: Outcome::Authorized,
        needed: Vec::new(),
        satisfied_by: Vec::new(),
        could: Vec::new(),
        missing: 0,
        deadlock: Vec::new(),
        missing_labels: Vec::new(),
        window: None,
        reason: String::new(),
    }
}

/// Everything that is required of this change, by the names of the rules.
fn asks(question: &Question<'_>) -> Vec<Ask> {
    let asked = question.policy.rules.iter().filter_map(|rule| match &rule.asks {
        Asks::Require(requirement) => Some(Ask::new(rule, requirement, parts(rule, question, Fit::Perhaps))),
        _ => None,
    });
    asked.filter(|ask| !ask.applies().is_empty()).collect()
}

fn denial(rule: &Rule, question: &Question<'_>) -> Option<RuleVerdict> {
    let Asks::Deny(message) = &rule.asks else { return None };
    let applies = parts(rule, question, Fit::Perhaps);
    let reason = format!("{message}: {}", describe(&applies, question));
    judged(rule, applies, Outcome::Denied, reason)
}

fn permission(rule: &Rule, question: &Question<'_>) -> Option<RuleVerdict> {
    let Asks::Nothing = &rule.asks else { return None };
    judged(rule, parts(rule, question, Fit::Wholly), Outcome::Authorized, "allowed".to_owned())
}

fn judged(rule: &Rule, applies: Parts, outcome: Outcome, reason: String) -> Option<RuleVerdict> {
    let verdict = verdict(Some(Arc::clone(&rule.name)), Some(rule.place.clone()), applies);
    (!verdict.applies.is_empty()).then_some(RuleVerdict { outcome, reason, ..verdict })
}

/// What no rule is about, each kind of it in one verdict.
fn uncovered(question: &Question<'_>) -> Vec<RuleVerdict> {
    let rules = &question.policy.rules;
    let mut covered = Parts::default();
    for rule in rules {
        covered.join(parts(rule, question, Fit::Wholly));
    }
    let is_open = |entry: &Entry| !select::is_covered(entry, rules, question.policy);
    let of_kind = |kind: Kind| -> Parts {
        let open = question.change.iter().enumerate().filter(|(_, entry)| entry.kind == kind && is_open(entry));
        Parts { entries: open.map(|(index, _)| index).collect(), ..Parts::default() }
    };
    let over = question.over.iter().filter(|over| !over.entries.is_empty()).map(|over| Arc::clone(&over.role));
    let over = Parts { over_ceiling: over.filter(|role| !covered.over_ceiling.contains(role)).collect(), ..Parts::default() };
    let edits = question.edited.iter().filter(|path| !covered.edits.contains(*path)).cloned();
    let edits = Parts { edits: edits.collect(), ..Parts::default() };
    let kinds = [
        (of_kind(Kind::Gained), "no rule is about this gain", "gains"),
        (of_kind(Kind::Undecided), "no rule is about what cannot be told", "undecided"),
        (over, "no rule is about access over a role's ceiling", "over-ceiling"),
        (edits, "no rule is about edits of the gate's own files", "edits"),
    ];
    let verdicts = kinds.into_iter().filter(|(parts, ..)| !parts.is_empty()).map(|(parts, what, key)| {
        let reason = format!("{what}: {} (a rule with `when: {{ {key}: … }}` would be)", describe(&parts, question));
        RuleVerdict { outcome: Outcome::Denied, reason, ..verdict(None, None, parts) }
    });
    verdicts.collect()
}

/// Roles whose holders may gain something, and of which nobody worked out whether that is over the ceiling.
fn unknown_ceilings(question: &Question<'_>) -> Vec<RuleVerdict> {
    let known: BTreeSet<&Arc<str>> = question.over.iter().map(|over| &over.role).collect();
    let gains = || question.change.iter().enumerate().filter(|(_, entry)| entry.kind != Kind::Lost);
    let open = question.policy.ceilings.iter().filter(|ceiling| !known.contains(&ceiling.role)).filter_map(|ceiling| {
        let own = gains().filter(|(_, entry)| ceiling.holds(&entry.region.holder, &entry.region.realm));
        let parts = Parts { entries: own.map(|(index, _)| index).collect(), ..Parts::default() };
        let reason = format!("it is not known whether this is over the ceiling of `{}`", ceiling.role);
        let verdict = RuleVerdict { outcome: Outcome::Undecidable, reason, ..verdict(None, Some(ceiling.place.clone()), parts) };
        (!verdict.applies.is_empty()).then_some(verdict)
    });
    open.collect()
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

fn next_step(outcome: Outcome, mode: Mode, verdicts: &[RuleVerdict], evidence: &Evidence<'_>) -> String {
    let step = match (outcome, verdicts.first()) {
        (Outcome::Authorized, None) => "nothing has to be done".to_owned(),
        (Outcome::Authorized, Some(_)) => "go ahead: everything that is asked is there".to_owned(),
        (Outcome::Waiting { for_approval: true, .. }, _) => step_to_approval(verdicts),
        (Outcome::Waiting { until, .. }, _) => step_to_window(until, verdicts, evidence),
        (Outcome::Denied, first) => step_from_denial(first),
        (Outcome::Undecidable, _) => step_to_facts(verdicts, evidence),
    };
    match mode {
        Mode::Enforce => sentence(&step),
        Mode::Observe if outcome == Outcome::Authorized => sentence(&step),
        Mode::Observe => {
            sentence(&format!("nothing is stopped in observe mode; enforced, this would be {}, and then: {step}", outcome.word()))
        }
    }
}

fn step_to_facts(verdicts: &[RuleVerdict], evidence: &Evidence<'_>) -> String {
    let groups: BTreeSet<&Arc<str>> = verdicts.iter().flat_map(|verdict| &verdict.needed).map(|(group, _)| group).collect();
    let is_empty = |group: &&Arc<str>| evidence.question.policy.groups.get(*group).is_none_or(BTreeSet::is_empty);
    let empty: Vec<&Arc<str>> = groups.into_iter().filter(is_empty).collect();
    let mut steps = Vec::new();
    if !empty.is_empty() {
        steps.push(format!("name the members of {} in the policy", words::quoted(empty, "and")));
    }
    if evidence.proposal.is_none() && needs(&evidence.question).proposal() {
        steps.push("say with `--facts` who proposed and who approved the change".to_owned());
    }
    if steps.is_empty() {
        let reason = verdicts.first().map_or("", |verdict| verdict.reason.as_str());
        steps.push(format!("find out what is missing and ask again: {reason}"));
    }
    words::list(steps, "and")
}

fn step_to_approval(verdicts: &[RuleVerdict]) -> String {
    let mut waiting = verdicts.iter().filter(|verdict| verdict.missing > 0);
    if let Some(verdict) = waiting.clone().find(|verdict| !verdict.deadlock.is_empty()) {
        return format!(
            "add somebody who may approve to {}: as it is, nobody can give all approvals",
            words::quoted(&verdict.deadlock, "or")
        );
    }
    if let Some(verdict) = waiting.next() {
        return format!("ask {} to approve", words::people(&verdict.could, "or"));
    }
    let labels: BTreeSet<&String> = verdicts.iter().flat_map(|verdict| &verdict.missing_labels).collect();
    format!("label the change request {}", words::quoted(labels, "and"))
}

fn step_to_window(until: Option<DateTime<Utc>>, verdicts: &[RuleVerdict], evidence: &Evidence<'_>) -> String {
    let closed = verdicts.iter().filter_map(|verdict| verdict.window.as_ref()).find(|(_, state)| matches!(state, State::Closed { .. }));
    let window = closed.and_then(|(name, _)| Some((name, evidence.question.policy.windows.get(name)?)));
    match (until, window) {
        (Some(until), Some((name, window))) => format!("wait for `{name}`, until {}", window.render(until)),
        (_, Some((name, _))) => {
            format!("have the hours of `{name}` changed: the windows that are asked for are not open together in the next five years")
        }
        (_, None) => "wait for the window".to_owned(),
    }
}

fn step_from_denial(first: Option<&RuleVerdict>) -> String {
    match first.and_then(|verdict| verdict.rule.as_ref()) {
        Some(rule) => format!("take out of the change what `{rule}` denies, or do what it says instead"),
        None => "take it out of the change, or first add a rule about it to the policy in a change of its own".to_owned(),
    }
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

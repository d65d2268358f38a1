//! What to do next, in one sentence.

use super::decision::{Decision, Exception, Outcome, RuleVerdict, Wanted};
use super::needs::needs;
use super::window::State;
use super::{Evidence, Mode, words};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The step. `refusal` is why a request to break the glass does not count.
pub(super) fn next_step(decision: &Decision, refusal: Option<&str>, evidence: &Evidence<'_>) -> String {
    let verdicts: Vec<&RuleVerdict> = decision.requirements.iter().filter(|verdict| !verdict.lifted).collect();
    let mut step = match (decision.outcome, verdicts.first()) {
        (Outcome::Authorized, None) => "nothing has to be done".to_owned(),
        (Outcome::Authorized, Some(_)) => step_onward(decision),
        (Outcome::Waiting { for_approval: true, .. }, _) => step_to_approval(&verdicts, &decision.wanted),
        (Outcome::Waiting { until, .. }, _) => step_to_window(until, &verdicts, evidence),
        (Outcome::Denied, first) => step_from_denial(first.copied()),
        (Outcome::Undecidable, _) => step_to_facts(&verdicts, evidence),
    };
    if let Some(why) = refusal {
        step = format!("{step}; the request to break the glass does not count: {why}");
    }
    match decision.mode {
        Mode::Enforce => sentence(&step),
        Mode::Observe if decision.outcome == Outcome::Authorized => sentence(&step),
        Mode::Observe => {
            sentence(&format!("nothing is stopped in observe mode; enforced, this would be {}, and then: {step}", decision.outcome.word()))
        }
    }
}

/// What passes by an exception leaves something to be done.
fn step_onward(decision: &Decision) -> String {
    match &decision.exception {
        None => "go ahead: everything that is asked is there".to_owned(),
        Some(Exception::BreakGlass(lifted)) => format!(
            "go ahead, until {}, and have somebody from `{}` review it by {}: until then nothing is settled, and afterwards nothing else passes",
            words::minute(lifted.until),
            lifted.review_from,
            words::minute(lifted.review_due)
        ),
        Some(Exception::Retroactive { .. }) => {
            "keep this with the change, which stays an exception: it landed before it was authorized".to_owned()
        }
    }
}

fn step_to_facts(verdicts: &[&RuleVerdict], evidence: &Evidence<'_>) -> String {
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

fn step_to_approval(verdicts: &[&RuleVerdict], wanted: &[Wanted]) -> String {
    if let Some(verdict) = verdicts.iter().find(|verdict| !verdict.deadlock.is_empty()) {
        return format!(
            "add somebody who may approve to {}: as it is, nobody can give all approvals",
            words::quoted(&verdict.deadlock, "or")
        );
    }
    let mut steps = Vec::new();
    if !wanted.is_empty() {
        steps.push(format!("ask {} to approve", words::list(wanted.iter().map(one_of), "and")));
    }
    let objecting: BTreeSet<_> = verdicts.iter().flat_map(|verdict| &verdict.objections).collect();
    if !objecting.is_empty() {
        steps.push(format!("do what {} asked for, or have it taken back", words::people(objecting, "and")));
    }
    let labels: BTreeSet<&String> = verdicts.iter().flat_map(|verdict| &verdict.missing_labels).collect();
    if !labels.is_empty() {
        steps.push(format!("label the change request {}", words::quoted(labels, "and")));
    }
    steps.extend(verdicts.iter().flat_map(|verdict| verdict.to_do.iter().cloned()).collect::<BTreeSet<_>>());
    steps.join("; ")
}

/// `bob`, `bob or carol`
fn one_of(wanted: &Wanted) -> String {
    let mut people: Vec<_> = std::iter::once(&wanted.person).chain(&wanted.instead).collect();
    people.sort();
    words::people(people, "or")
}

fn step_to_window(until: Option<DateTime<Utc>>, verdicts: &[&RuleVerdict], evidence: &Evidence<'_>) -> String {
    let closed = verdicts.iter().flat_map(|verdict| &verdict.windows).find(|(_, state)| matches!(state, State::Closed { .. }));
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
    match first.map(|verdict| (&verdict.rule, verdict.to_do.as_slice())) {
        Some((_, to_do @ [_, ..])) => words::list(to_do.iter().cloned(), "and"),
        Some((Some(rule), _)) => format!("take out of the change what `{rule}` denies, or do what it says instead"),
        Some((None, _)) | None => "take it out of the change, or first add a rule about it to the policy in a change of its own".to_owned(),
    }
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

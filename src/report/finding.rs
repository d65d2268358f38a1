//! A change and a decision as findings: what SARIF and code quality reports are made of. Each has a rule, a weight, one message, places, and
//! a fingerprint that stays when lines move.
//!
//! What is gained or cannot be told is a finding until it is authorized. What is lost is none: it is what one would wish for.

use super::decided::Decided;
use super::reasons::{self, Reason};
use super::shown::shown;
use super::words::{self, Voice};
use crate::change::{Entry, delta_digest};
use crate::diagnostic::{Diagnostic, Severity as Remark};
use crate::document::Place;
use crate::policy::{Mode, Outcome, RuleVerdict};
use crate::systems::{Kind, Origins, Region, Severity, content_digest};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Note,
    Low,
    Medium,
    High,
    Critical,
}

/// What a finding is an instance of. Two findings with one id have one rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// `reads-secrets/high`, `policy/denied`, `file/unknown-key`.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) meaning: String,
    pub(super) advice: String,
    pub(super) weight: Weight,
    /// Whether it is about access, and not about files or the policy.
    pub(super) is_access: bool,
}

/// One finding.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) rule: Rule,
    /// One line.
    pub(super) message: String,
    pub(super) place: Place,
    /// Other places that have to do with it.
    pub(super) related: BTreeSet<Place>,
    /// SHA-256 in hexadecimal. No two findings of a report have the same.
    pub(super) fingerprint: String,
}

/// Past this many bytes a name is cut.
const MOST_BYTES: usize = 400;

/// Past this many bytes a message is cut.
const MOST_MESSAGE: usize = 4_000;

const VOICE: Voice = Voice { name, title: name, sentence };

/// What stands nowhere is put where somebody looks for it.
const NOWHERE: &str = "countersign.yml";

/// The findings of a change, the worst first.
pub(super) fn of_change(entries: &[Entry], diagnostics: &[Diagnostic]) -> Vec<Finding> {
    let parts = entries.iter().filter(|entry| entry.kind != Kind::Lost).map(part);
    sorted(parts.chain(diagnostics.iter().map(remark)).collect())
}

/// The findings of a decision, the worst first.
pub(super) fn of_decision(decided: &Decided<'_>) -> Vec<Finding> {
    let decision = decided.decision;
    let is_open = decision.outcome != Outcome::Authorized;
    let parts = decided.entries.iter().filter(|entry| is_open && entry.kind != Kind::Lost).map(part);
    let open = decision.requirements.iter().filter(|verdict| !verdict.is_satisfied() && !verdict.lifted);
    let verdicts = open.map(|verdict| judged(verdict, decided)).chain(exception(decided));
    sorted(verdicts.chain(parts).chain(decided.diagnostics.iter().map(remark)).collect())
}

/// The worst first; equal ones are told apart by their number.
fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| Reverse(finding.rule.weight));
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in &mut findings {
        finding.place = relative(&finding.place);
        finding.message = cut(std::mem::take(&mut finding.message), MOST_MESSAGE);
        let number = seen.entry(finding.fingerprint.clone()).or_default();
        *number += 1;
        if *number > 1 {
            finding.fingerprint = content_digest(&[&finding.fingerprint, &number.to_string()]);
        }
    }
    findings
}

/// The policy may be named as `./countersign.yml`, which forges do not take for the file of the repository.
fn relative(place: &Place) -> Place {
    let mut path = &*place.path;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    Place { path: if path.is_empty() { NOWHERE } else { path }.into(), ..place.clone() }
}

fn part(entry: &Entry) -> Finding {
    let Region { origins, severity, reasons, .. } = &entry.region;
    let reason = if entry.kind == Kind::Undecided { reasons::undecided() } else { reasons::most_telling(reasons) };
    let place = self::origins(&entry.region).next().cloned().unwrap_or_else(|| Place::file(NOWHERE));
    Finding {
        rule: access_rule(reason, *severity),
        message: message(entry),
        related: related([origins], &place),
        place,
        fingerprint: delta_digest(std::slice::from_ref(entry)).trim_start_matches("sha256:").to_owned(),
    }
}

/// The other places, each once.
fn related<'o>(origins: impl IntoIterator<Item = &'o Origins>, place: &Place) -> BTreeSet<Place> {
    let places = origins.into_iter().flat_map(|origins| origins.head.iter().chain(&origins.base));
    places.filter(|other| *other != place).cloned().collect()
}

/// A rule has one severity, because forges know it of the rule alone; so there is one for each that a reason occurs with.
fn access_rule(reason: &Reason, severity: Severity) -> Rule {
    let text = severity.word();
    Rule {
        id: format!("{}/{text}", reason.id),
        title: format!("{} ({text})", reason.id.replace('-', " ")),
        meaning: reason.meaning.to_owned(),
        advice: reason.advice.to_owned(),
        weight: match severity {
            Severity::Low => Weight::Low,
            Severity::Medium => Weight::Medium,
            Severity::High => Weight::High,
            Severity::Critical => Weight::Critical,
        },
        is_access: true,
    }
}

fn message(entry: &Entry) -> String {
    let region = &entry.region;
    let others = words::others(region, VOICE).map_or_else(String::new, |others| format!(": {others}"));
    let details = words::details(entry, VOICE).into_iter().filter(|(label, _)| *label != "at");
    let part = origins(region).find_map(|place| place.address.as_ref()).map(|address| format!("at: {}", name(address)));
    let details: Vec<String> = details.map(|(label, value)| format!("{label}: {value}")).chain(part).collect();
    let details = if details.is_empty() { String::new() } else { format!("; {}", details.join("; ")) };
    format!("{}{others} {} {}{details}", holder(region), words::verb(entry.kind), words::access(region, VOICE))
}

/// Where it stands, the head first.
fn origins(region: &Region) -> impl Iterator<Item = &Place> {
    region.origins.head.iter().chain(&region.origins.base)
}

fn holder(region: &Region) -> String {
    let realm = if region.realm.is_empty() { String::new() } else { format!(" in {}", name(&region.realm)) };
    format!("{}{realm}", name(&region.holder))
}

fn judged(verdict: &RuleVerdict, decided: &Decided<'_>) -> Finding {
    let rule = verdict.rule.as_deref();
    let place = verdict.place.clone().unwrap_or_else(|| Place::file(decided.policy_path));
    let about = verdict.applies.entries.iter().filter_map(|index| decided.entries.get(*index)).map(|entry| &entry.region.origins);
    Finding {
        rule: policy_rule(verdict.outcome, decided.decision.mode),
        message: format!("{}: {}", rule.map_or_else(|| words::NO_RULE.to_owned(), name), sentence(&verdict.reason)),
        related: related(about, &place),
        place,
        // Who is still missing changes with every approval; the rule stays.
        fingerprint: content_digest(&["policy", verdict.outcome.word(), rule.unwrap_or(&verdict.reason)]),
    }
}

/// What passes by an exception never passes in silence.
fn exception(decided: &Decided<'_>) -> Option<Finding> {
    let decision = decided.decision;
    decision.exception.as_ref()?;
    let rule = Rule {
        id: "policy/exception".to_owned(),
        title: "the change passes by an exception".to_owned(),
        meaning: "The change passes by break-glass, or had landed before it was authorized.".to_owned(),
        advice: "Review it, by the time that the message names.".to_owned(),
        weight: if decision.mode == Mode::Observe { Weight::Note } else { Weight::High },
        is_access: false,
    };
    Some(Finding {
        rule,
        message: sentence(&format!("{}: {}", decision.headline(), decision.next_step)),
        place: Place::file(decided.policy_path),
        related: BTreeSet::new(),
        fingerprint: content_digest(&["policy", "exception", &decision.headline()]),
    })
}

fn policy_rule(outcome: Outcome, mode: Mode) -> Rule {
    let (id, title, meaning, advice) = match outcome {
        Outcome::Authorized => ("authorized", "a rule is satisfied", "A rule has everything that it asks.", "Nothing has to be done."),
        Outcome::Waiting { .. } => {
            ("waiting", "a rule waits", "A rule asks for something that is not there yet.", "Have it approved, or wait for the window.")
        }
        Outcome::Denied => (
            "denied",
            "the change is denied",
            "A rule denies the change, or no rule is about it.",
            "Take it out of the change, or change the policy first.",
        ),
        Outcome::Undecidable => {
            ("undecidable", "a fact is missing", "A fact is missing that a rule asks for.", "Find out what is missing, and ask again.")
        }
    };
    let weight = match (mode, outcome) {
        (Mode::Observe, _) | (_, Outcome::Authorized) => Weight::Note,
        (Mode::Enforce, Outcome::Waiting { .. }) => Weight::Medium,
        (Mode::Enforce, Outcome::Denied | Outcome::Undecidable) => Weight::Critical,
    };
    let observed = if mode == Mode::Observe { "observed-" } else { "" };
    Rule {
        id: format!("policy/{observed}{id}"),
        title: title.to_owned(),
        meaning: meaning.to_owned(),
        advice: advice.to_owned(),
        weight,
        is_access: false,
    }
}

fn remark(diagnostic: &Diagnostic) -> Finding {
    let Diagnostic { code, message, place, help, .. } = diagnostic;
    let help = help.as_ref().map_or_else(String::new, |help| format!("; help: {}", sentence(help)));
    let part = place.address.as_ref().map_or_else(String::new, |address| format!("; at: {}", name(address)));
    Finding {
        rule: file_rule(code, diagnostic.severity),
        message: format!("{}{help}{part}", sentence(message)),
        place: place.clone(),
        related: BTreeSet::new(),
        fingerprint: match &place.address {
            Some(address) => content_digest(&["file", code, &place.path, message, address]),
            None => content_digest(&["file", code, &place.path, message]),
        },
    }
}

fn file_rule(code: &str, severity: Remark) -> Rule {
    let (id, weight, meaning) = match severity {
        Remark::Error => ("error", Weight::High, "Something could not be read or understood. What depends on it is undecided."),
        Remark::Warning => ("warning", Weight::Medium, "Something is probably not what its author meant."),
        Remark::Note => ("note", Weight::Note, "Good to know; nothing has to be done."),
    };
    Rule {
        id: format!("file/{code}/{id}"),
        title: format!("{} ({id})", code.replace('-', " ")),
        meaning: meaning.to_owned(),
        advice: "The message says what to do.".to_owned(),
        weight,
        is_access: false,
    }
}

fn name(text: &str) -> String {
    format!("`{}`", sentence(text))
}

fn sentence(text: &str) -> String {
    cut(shown(text), MOST_BYTES)
}

/// The text, or its start and how much is missing.
pub(super) fn cut(text: String, most: usize) -> String {
    match text.get(..text.floor_char_boundary(most)) {
        Some(start) if start.len() < text.len() => format!("{start}… ({} bytes more)", text.len() - start.len()),
        _ => text,
    }
}

//! `countersign check --format json`.

use super::decided::Decided;
use super::json::{DiffReport, diff, schema_of};
use crate::policy::include::Part;
use crate::policy::window::{State, Window};
use crate::policy::{Decision, Exclusion, Mode, Outcome, RuleVerdict};
use crate::proposal::Person;
use crate::systems::{Knowledge, knowledge};
use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Serialize;

/// What [`Outcome::word`] says, for the schema.
const OUTCOMES: [&str; 5] = ["authorized", "waiting for approval", "waiting for the window", "denied", "undecidable"];

/// What `countersign check --format json` prints: the change, what the policy makes of it, and what that was decided from.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    /// Always `countersign/check/v1`.
    #[schemars(extend("const" = "countersign/check/v1"))]
    pub schema: &'static str,
    /// Whether everything that is asked is there, in enforce mode. The only field that lets a change pass.
    pub authorized: bool,
    /// `authorized`, `waiting for approval`, `waiting for the window`, `denied` or `undecidable`.
    #[schemars(extend("enum" = OUTCOMES))]
    pub outcome: &'static str,
    /// `enforce` or `observe`: in observe mode the outcome is what would have happened.
    #[schemars(extend("enum" = ["enforce", "observe"]))]
    pub mode: &'static str,
    /// The exit code of the same run.
    pub exit_code: u8,
    /// When all windows that are asked for are open, if that is what it waits for.
    pub until: Option<String>,
    /// What to do next, in one sentence.
    pub next_step: String,
    /// A verdict for each rule that applies, the worst first.
    pub requirements: Vec<Requirement>,
    /// Whose approval does not count, and why.
    pub exclusions: Vec<Excluded>,
    /// The gate's own files that the change edits.
    pub edited: Vec<String>,
    /// The change, as `countersign diff` has it, cut where the policy's rules cut it.
    pub change: DiffReport,
    /// What the decision was made from and by.
    pub evidence: Pins,
}

/// What one rule says.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Requirement {
    /// The name of the rule; null for what holds whatever the policy says.
    pub rule: Option<String>,
    /// Where the rule is written: `path:line:column`.
    pub place: Option<String>,
    /// What the rule alone makes of the change, in the words of the whole.
    #[schemars(extend("enum" = OUTCOMES))]
    pub outcome: &'static str,
    /// Whether the rule has everything that it asks.
    pub satisfied: bool,
    /// Why, on one line.
    pub reason: String,
    /// Parts of the change that it applies to: indices into `change.changes`.
    pub applies_to: Vec<usize>,
    /// Roles over whose ceiling somebody gains, as far as the rule is about them.
    pub over_ceiling: Vec<String>,
    /// Files of the gate that are edited, as far as the rule is about them.
    pub edits: Vec<String>,
    /// How many approvals of which group it needs.
    pub needed: Vec<Needed>,
    /// Whose approvals it has. Nobody is in two requirements.
    pub satisfied_by: Vec<Person>,
    /// Who could give an approval that is missing.
    pub could: Vec<Person>,
    /// How many approvals are missing.
    pub missing: usize,
    /// Groups that together have too few people who may approve.
    pub deadlock: Vec<String>,
    /// Labels that are missing.
    pub missing_labels: Vec<String>,
    /// Its window, and what that says now.
    pub window: Option<WindowState>,
}

/// Approvals of a group.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Needed {
    /// The group.
    pub group: String,
    /// How many of its people.
    pub count: usize,
}

/// What a window says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WindowState {
    /// The window's name.
    pub name: String,
    /// Whether a deployment may start.
    pub open: bool,
    /// The reason of the freeze that closes it.
    pub freeze: Option<String>,
    /// When it opens next, if it is closed.
    pub opens: Option<String>,
    /// When it closes, if it is open.
    pub closes: Option<String>,
}

/// Somebody who is not counted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Excluded {
    /// Who.
    pub person: Person,
    /// Why, on one line.
    pub reason: String,
}

/// What the decision was made from and by.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pins {
    /// The version of Countersign.
    pub engine: &'static str,
    /// What was known besides the files, and in which edition.
    pub knowledge: Vec<Knowledge>,
    /// The version of the tz database.
    pub tzdb: &'static str,
    /// The instant of the decision, RFC 3339 in UTC.
    pub now: String,
    /// Where the policy stands.
    pub policy: String,
    /// SHA-256 of the policy file.
    pub policy_digest: String,
    /// Every file that the policy is made of: itself, what it includes, its people, and the policies of directories.
    pub policy_files: Vec<Part>,
    /// Where the policy does not come from the base: the revision that it was asked for by, such as a protected branch.
    pub policy_ref: Option<String>,
    /// The commit that this was. It was looked up once, and everything was read from it.
    pub policy_commit: Option<String>,
    /// The commit before the change.
    pub base: Option<String>,
    /// The commit after the change.
    pub head: Option<String>,
    /// The only paths that were judged; empty for all. What changed elsewhere was not looked at.
    pub paths: Vec<String>,
    /// Whether somebody else than their writer vouches for the facts; null without facts. Facts of a file are not verified.
    pub facts_verified: Option<bool>,
    /// Groups that the policy asked about.
    pub needed_groups: Vec<String>,
}

/// The JSON Schema of the report of a decision.
pub fn schema() -> schemars::Schema {
    schema_of::<CheckReport>()
}

/// The report of a decision.
pub fn check(decided: &Decided<'_>) -> CheckReport {
    let decision = decided.decision;
    CheckReport {
        schema: "countersign/check/v1",
        authorized: decision.is_authorization(),
        outcome: decision.outcome.word(),
        mode: match decision.mode {
            Mode::Enforce => "enforce",
            Mode::Observe => "observe",
        },
        exit_code: decision.exit_code(),
        until: until(decision).map(time),
        next_step: decision.next_step.clone(),
        requirements: decision.requirements.iter().map(requirement).collect(),
        exclusions: decision
            .exclusions
            .iter()
            .map(|Exclusion { person, reason }| Excluded { person: person.clone(), reason: reason.clone() })
            .collect(),
        edited: decided.edited.iter().map(ToString::to_string).collect(),
        change: diff(decided.entries, decided.vacuous, decided.digest, decided.diagnostics),
        evidence: pins(decided),
    }
}

fn until(decision: &Decision) -> Option<DateTime<Utc>> {
    match decision.outcome {
        Outcome::Waiting { until, .. } => until,
        _ => None,
    }
}

fn time(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn requirement(verdict: &RuleVerdict) -> Requirement {
    let texts = |names: &[std::sync::Arc<str>]| names.iter().map(ToString::to_string).collect();
    Requirement {
        rule: verdict.rule.as_ref().map(ToString::to_string),
        place: verdict.place.as_ref().map(ToString::to_string),
        outcome: verdict.outcome.word(),
        satisfied: verdict.is_satisfied(),
        reason: verdict.reason.clone(),
        applies_to: verdict.applies.entries.iter().copied().collect(),
        over_ceiling: verdict.applies.over_ceiling.iter().map(ToString::to_string).collect(),
        edits: verdict.applies.edits.iter().map(ToString::to_string).collect(),
        needed: verdict.needed.iter().map(|(group, count)| Needed { group: group.to_string(), count: *count }).collect(),
        satisfied_by: verdict.satisfied_by.clone(),
        could: verdict.could.clone(),
        missing: verdict.missing,
        deadlock: texts(&verdict.deadlock),
        missing_labels: verdict.missing_labels.clone(),
        window: verdict.window.as_ref().map(|(name, state)| window(name, state)),
    }
}

fn window(name: &str, state: &State) -> WindowState {
    let name = name.to_owned();
    match state {
        State::Open { closes, .. } => WindowState { name, open: true, freeze: None, opens: None, closes: closes.map(time) },
        State::Closed { freeze, opens } => WindowState { name, open: false, freeze: freeze.clone(), opens: opens.map(time), closes: None },
    }
}

fn pins(decided: &Decided<'_>) -> Pins {
    Pins {
        engine: env!("CARGO_PKG_VERSION"),
        knowledge: knowledge().to_vec(),
        tzdb: Window::tzdb_version(),
        now: time(decided.now),
        policy: decided.policy_path.to_owned(),
        policy_digest: format!("sha256:{}", decided.policy_digest),
        policy_files: decided.policy_files.to_vec(),
        policy_ref: decided.policy_revision.map(|(name, _)| name.to_owned()),
        policy_commit: decided.policy_revision.and_then(|(_, commit)| commit).map(ToOwned::to_owned),
        base: decided.commits.0.map(ToOwned::to_owned),
        head: decided.commits.1.map(ToOwned::to_owned),
        paths: decided.paths.to_vec(),
        facts_verified: decided.source.map(crate::proposal::Source::is_verified),
        needed_groups: decided.needs.groups.iter().map(ToString::to_string).collect(),
    }
}

//! `countersign check --format json`.

use super::decided::Decided;
use super::json::{DiffReport, diff, schema_of};
use crate::policy::include::Part;
use crate::policy::window::{State, Window};
use crate::policy::{self, Decision, Exclusion, Mode, Outcome, RuleVerdict, Seated};
use crate::proposal::Person;
use crate::systems::{Knowledge, knowledge};
use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Reverse;

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
    /// `merge` or `deploy`: where the change stood.
    #[schemars(extend("enum" = ["merge", "deploy"]))]
    pub stage: &'static str,
    /// That the change passes otherwise than by everything that was asked before it landed; null if it does not. It stays an exception
    /// for ever.
    pub exception: Option<Exception>,
    /// When all windows that are asked for are open, if that is what it waits for.
    pub until: Option<String>,
    /// What to do next, in one sentence.
    pub next_step: String,
    /// A verdict for each rule that applies, the worst first.
    pub requirements: Vec<Requirement>,
    /// The fewest people who still have to approve.
    pub wanted: Vec<Wanted>,
    /// Whose approval does not count, and why.
    pub exclusions: Vec<Excluded>,
    /// The rules that are not about the change, and why.
    pub silent: Vec<Silent>,
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
    /// Pairs of roles of which somebody comes to have something of both, as far as the rule is about them.
    pub holds_both: Vec<[String; 2]>,
    /// Files of the gate that are edited, as far as the rule is about them.
    pub edits: Vec<String>,
    /// How many approvals of which group it needs.
    pub needed: Vec<Needed>,
    /// Every approval that it needs, and whose it has.
    pub seats: Vec<Seat>,
    /// Whose approvals it has. Nobody is in two requirements.
    pub satisfied_by: Vec<Person>,
    /// Who could give an approval that is missing, alone; none where it takes several.
    pub could: Vec<Person>,
    /// How many approvals are missing.
    pub missing: usize,
    /// Groups that together have too few people who may approve.
    pub deadlock: Vec<String>,
    /// Who might approve, and asks for changes instead.
    pub objections: Vec<Person>,
    /// Labels that are missing.
    pub missing_labels: Vec<String>,
    /// What else whoever proposes the change can do about it.
    pub to_do: Vec<String>,
    /// Whether it is not asked because somebody broke the glass. Then its outcome is not part of the whole.
    pub lifted: bool,
    /// Its window, and what that says now; of several the one that it waits for longest, or else the one that closes first.
    pub window: Option<WindowState>,
    /// All its windows, each of which has to be open, and what each says now; by name.
    pub windows: Vec<WindowState>,
}

/// Approvals of a group.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Needed {
    /// The group.
    pub group: String,
    /// How many of its people.
    pub count: usize,
}

/// One approval.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Seat {
    /// The group.
    pub group: String,
    /// How old it may be, such as `7 days`; null if that does not matter.
    pub max_age: Option<String>,
    /// Groups whose people do not count if somebody of theirs had a part in the change.
    pub not_written_by: Vec<String>,
    /// Who gave it; null if nobody has.
    pub person: Option<Person>,
}

/// Somebody who still has to approve.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Wanted {
    /// Who, for example.
    pub person: Person,
    /// Who would do as well, while the others stay.
    pub instead: Vec<Person>,
}

/// A rule that is not about the change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Silent {
    /// Its name.
    pub rule: String,
    /// Why, on one line.
    pub reason: String,
}

/// How a change passes otherwise than by everything that was asked before it landed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Exception {
    /// Somebody broke the glass.
    BreakGlass {
        /// Who asked.
        requested_by: Person,
        /// Why it could not wait.
        reason: String,
        /// The ticket of the incident.
        ticket: String,
        /// Until when it holds.
        until: String,
        /// Who agreed.
        approved_by: Vec<Person>,
        /// The group that owes the review.
        review_from: String,
        /// When the review is due. From then on no change passes that gives access.
        review_due: String,
    },
    /// It had landed before anybody asked. `authorized` is false: it is no prior approval.
    Retroactive {
        /// When it landed.
        landed_at: String,
    },
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
    /// Every file that the policy is made of: itself, what it includes, its people, its calendars, and the policies of directories.
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
        stage: decision.stage.word(),
        exception: decision.exception.as_ref().map(exception),
        until: until(decision).map(time),
        next_step: decision.next_step.clone(),
        requirements: decision.requirements.iter().map(requirement).collect(),
        wanted: decision.wanted.iter().map(|wanted| Wanted { person: wanted.person.clone(), instead: wanted.instead.clone() }).collect(),
        silent: decision.silent.iter().map(|silent| Silent { rule: silent.rule.to_string(), reason: silent.reason.clone() }).collect(),
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

fn exception(exception: &policy::Exception) -> Exception {
    match exception {
        policy::Exception::BreakGlass(lifted) => Exception::BreakGlass {
            requested_by: lifted.requested_by.clone(),
            reason: lifted.reason.clone(),
            ticket: lifted.ticket.clone(),
            until: time(lifted.until),
            approved_by: lifted.approved_by.clone(),
            review_from: lifted.review_from.to_string(),
            review_due: time(lifted.review_due),
        },
        policy::Exception::Retroactive { landed_at } => Exception::Retroactive { landed_at: time(*landed_at) },
    }
}

fn seat(seat: &Seated) -> Seat {
    Seat {
        group: seat.group.to_string(),
        max_age: seat.max_age.map(|age| age.to_string()),
        not_written_by: seat.not_written_by.iter().map(ToString::to_string).collect(),
        person: seat.person.clone(),
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
        holds_both: verdict.applies.both.iter().map(|pair| pair.0.each_ref().map(ToString::to_string)).collect(),
        edits: verdict.applies.edits.iter().map(ToString::to_string).collect(),
        needed: verdict.needed.iter().map(|(group, count)| Needed { group: group.to_string(), count: *count }).collect(),
        seats: verdict.seats.iter().map(seat).collect(),
        satisfied_by: verdict.satisfied_by.clone(),
        could: verdict.could.clone(),
        missing: verdict.missing,
        deadlock: texts(&verdict.deadlock),
        objections: verdict.objections.clone(),
        missing_labels: verdict.missing_labels.clone(),
        to_do: verdict.to_do.clone(),
        lifted: verdict.lifted,
        window: verdict.windows.iter().max_by_key(|(_, state)| waits(state)).map(|(name, state)| window(name, state)),
        windows: verdict.windows.iter().map(|(name, state)| window(name, state)).collect(),
    }
}

/// How much a window has to say beside others: what never opens most, then what opens last; of open ones what closes first.
fn waits(state: &State) -> impl Ord + use<> {
    match state {
        State::Closed { opens, .. } => (true, opens.is_none(), None, *opens),
        State::Open { closes, .. } => (false, false, closes.map(Reverse), None),
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

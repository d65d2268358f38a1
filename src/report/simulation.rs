//! `countersign policy simulate`: a decision as it stands and as it would be, side by side.

use super::json::schema_of;
use super::shown::shown;
use super::terminal::{FAINT, GAINED, HOLDER, LOST, UNDECIDED, line};
use super::words;
use crate::policy::{Decision, Outcome};
use anstyle::Style;
use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// What `countersign policy simulate --format json` prints. Nothing in it is a decision that lets anything pass.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SimulationReport {
    /// Always `countersign/policy-simulate/v1`.
    #[schemars(extend("const" = "countersign/policy-simulate/v1"))]
    pub schema: &'static str,
    /// What is supposed, a sentence each.
    pub supposed: Vec<String>,
    /// What is assumed on both sides because nobody knows it, a sentence each.
    pub assumed: Vec<String>,
    /// The decision as it stands; null if there is no policy yet.
    pub before: Option<Situation>,
    /// The decision as it would be.
    pub after: Situation,
    /// Whether what is supposed makes any difference.
    pub differs: bool,
    /// Every rule that applies before or after, by name.
    pub rules: Vec<RuleRow>,
}

/// A decision in a few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Situation {
    /// `authorized`, `waiting for approval`, `waiting for the window`, `denied` or `undecidable`.
    pub outcome: &'static str,
    /// `denied`, `observed: would be denied`.
    pub headline: String,
    /// The instant of the decision, RFC 3339 in UTC.
    pub at: String,
    /// When all windows that are asked for are open, if that is what it waits for.
    pub until: Option<String>,
    /// Where the policy stands.
    pub policy: String,
    /// SHA-256 of the policy file, as `sha256:…`.
    pub policy_digest: String,
    /// Whose approval does not count, and why.
    pub not_counted: Vec<String>,
    /// What to do next.
    pub next_step: String,
    #[serde(skip)]
    rules: Vec<(Option<String>, RuleSays)>,
}

/// What a rule says before and after.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleRow {
    /// The name of the rule; null for what holds whatever the policy says.
    pub rule: Option<String>,
    /// As it stands; null if the rule does not apply.
    pub before: Option<RuleSays>,
    /// As it would be; null if the rule does not apply.
    pub after: Option<RuleSays>,
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleSays {
    /// What the rule alone makes of the change.
    pub outcome: &'static str,
    /// Why, on one line.
    pub reason: String,
}

/// The JSON Schema of the report.
pub fn schema() -> schemars::Schema {
    schema_of::<SimulationReport>()
}

impl Situation {
    /// A decision by a policy at an instant.
    pub fn of(decision: &Decision, policy: &str, digest: &str, now: DateTime<Utc>) -> Self {
        let time = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let until = if let Outcome::Waiting { until, .. } = decision.outcome { until } else { None };
        let rules = decision.requirements.iter().map(|verdict| {
            let says = RuleSays { outcome: verdict.outcome.word(), reason: verdict.reason.clone() };
            (verdict.rule.as_ref().map(ToString::to_string), says)
        });
        Self {
            outcome: decision.outcome.word(),
            headline: decision.headline(),
            at: time(now),
            until: until.map(time),
            policy: policy.to_owned(),
            policy_digest: format!("sha256:{digest}"),
            not_counted: decision.exclusions.iter().map(|one| format!("{} ({})", one.person.login, one.reason)).collect(),
            next_step: decision.next_step.clone(),
            rules: rules.collect(),
        }
    }
}

/// Both situations in one report.
pub fn report(supposed: Vec<String>, assumed: Vec<String>, before: Option<Situation>, after: Situation) -> SimulationReport {
    let rules = rows(before.as_ref(), &after);
    let same = |before: &Situation| before.headline == after.headline && rules.iter().all(|row| row.before == row.after);
    let differs = !before.as_ref().is_some_and(same);
    SimulationReport { schema: "countersign/policy-simulate/v1", supposed, assumed, before, after, differs, rules }
}

/// What holds whatever the policy says may come several times; each keeps its own row.
fn rows(before: Option<&Situation>, after: &Situation) -> Vec<RuleRow> {
    let of = |situation: Option<&Situation>, name: &Option<String>| -> Vec<RuleSays> {
        let own = situation.into_iter().flat_map(|situation| &situation.rules).filter(|(rule, _)| rule == name);
        own.map(|(_, says)| says.clone()).collect()
    };
    let names: BTreeSet<Option<String>> =
        before.into_iter().chain([after]).flat_map(|situation| &situation.rules).map(|(rule, _)| rule.clone()).collect();
    let mut rows = Vec::new();
    for rule in names {
        let (mut before, mut after) = (of(before, &rule).into_iter(), of(Some(after), &rule).into_iter());
        loop {
            let row = RuleRow { rule: rule.clone(), before: before.next(), after: after.next() };
            if row.before.is_none() && row.after.is_none() {
                break;
            }
            rows.push(row);
        }
    }
    rows
}

/// The widest outcome, and a space between two columns.
const COLUMN: usize = "waiting for the window".len() + 2;

/// The report for people: two columns, and the reasons of what differs.
pub fn text(report: &SimulationReport) -> String {
    let mut text = String::new();
    for (label, sentences) in [("Supposed:", &report.supposed), ("Assumed:", &report.assumed)] {
        for sentence in sentences {
            line(&mut text, format_args!("{HOLDER}{label}{HOLDER:#} {}", shown(sentence)));
        }
    }
    line(&mut text, format_args!("\n{FAINT}{:COLUMN$}as supposed{FAINT:#}", "as it stands"));
    let before = report.before.as_ref().map(|situation| situation.outcome);
    row(before, Some(report.after.outcome), &format!("{HOLDER}the decision{HOLDER:#}"), &mut text);
    for one in &report.rules {
        row(one.before.as_ref().map(|says| says.outcome), one.after.as_ref().map(|says| says.outcome), &name(one), &mut text);
    }
    reasons(report, &mut text);
    if report.before.is_none() {
        line(&mut text, format_args!("As it stands there is no policy, and nothing is asked of anybody."));
    }
    if !report.differs {
        line(&mut text, format_args!("What is supposed makes no difference."));
    }
    if report.after.headline != report.after.outcome {
        line(&mut text, format_args!("As supposed the policy only observes: every change passes."));
    }
    for excluded in &report.after.not_counted {
        line(&mut text, format_args!("{FAINT}not counted, as supposed:{FAINT:#} {}", shown(excluded)));
    }
    line(&mut text, format_args!("{HOLDER}Next, as supposed:{HOLDER:#} {}", shown(&report.after.next_step)));
    text
}

fn row(before: Option<&str>, after: Option<&str>, what: &str, text: &mut String) {
    let cell = |outcome: Option<&str>| {
        let style = outcome.map_or(FAINT, style);
        format!("{style}{:COLUMN$}{style:#}", outcome.unwrap_or("–"))
    };
    line(text, format_args!("{}{}{what}", cell(before), cell(after)));
}

fn style(outcome: &str) -> Style {
    match outcome {
        "authorized" => GAINED,
        "denied" | "undecidable" => LOST.bold(),
        _ => UNDECIDED,
    }
}

fn name(row: &RuleRow) -> String {
    row.rule.as_deref().map_or_else(|| words::NO_RULE.to_owned(), shown)
}

fn reasons(report: &SimulationReport, text: &mut String) {
    text.push('\n');
    for row in report.rules.iter().filter(|row| row.before != row.after) {
        line(text, format_args!("{}", name(row)));
        for (label, says) in [("as it stands:", &row.before), ("as supposed: ", &row.after)] {
            let reason = says.as_ref().map_or_else(|| "it does not apply".to_owned(), |says| shown(&says.reason));
            line(text, format_args!("    {FAINT}{label}{FAINT:#} {reason}"));
        }
    }
}

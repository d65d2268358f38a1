//! `countersign policy test`: what a policy was expected to say of each case, and what it says.

use super::json::schema_of;
use super::shown::shown;
use super::terminal::{FAINT, GAINED, HOLDER, LOST, UNDECIDED, line};
use super::words::count;
use schemars::JsonSchema;
use serde::Serialize;

/// What `countersign policy test --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestReport {
    /// Always `countersign/policy-test/v1`.
    #[schemars(extend("const" = "countersign/policy-test/v1"))]
    pub schema: &'static str,
    /// Whether the policies say of every case what was expected.
    pub passed: bool,
    /// The exit code of the same run.
    pub exit_code: u8,
    /// The files of cases, in the order in which they were named.
    pub files: Vec<TestedFile>,
}

/// A file of cases.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestedFile {
    /// Where it is.
    pub path: String,
    /// The policy that it is about.
    pub policy: String,
    /// SHA-256 of the policy file, as `sha256:…`.
    pub policy_digest: String,
    /// The cases that were asked for, in their order.
    pub cases: Vec<TestedCase>,
    /// What no case decides; null if nobody asked.
    pub uncovered: Option<Vec<Uncovered>>,
}

/// One case.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestedCase {
    /// Its sentence.
    pub name: String,
    /// Where it is written: `path:line:column`.
    pub place: String,
    /// Whether the policy says what was expected.
    pub passed: bool,
    /// What was expected; null is anything.
    pub expected: Says,
    /// What the policy says.
    pub got: Says,
    /// What the expected rules say instead, a sentence each.
    pub instead: Vec<String>,
    /// The whole decision, for people.
    #[serde(skip)]
    pub derivation: String,
}

/// What a policy says of a change.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Says {
    /// `authorized`, `waiting for approval`, `waiting for the window`, `denied` or `undecidable`.
    pub outcome: &'static str,
    /// The rules that decide it.
    pub because: Option<Vec<String>>,
    /// Who could give an approval that is missing, alone; none where it takes several.
    pub ask: Option<Vec<String>>,
}

/// A rule that no case decides, by some of the keys of its `when`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Uncovered {
    /// Its name.
    pub rule: String,
    /// Where it is written: `path:line:column`.
    pub place: String,
    /// The keys by which no case decides it.
    pub triggers: Vec<&'static str>,
    /// Whether no case decides it by any.
    pub wholly: bool,
}

/// The JSON Schema of the report.
pub fn schema() -> schemars::Schema {
    schema_of::<TestReport>()
}

/// The report for people: a line a case, and for one that fails how the decision came about.
pub fn text(report: &TestReport) -> String {
    let mut text = String::new();
    for file in &report.files {
        line(&mut text, format_args!("{HOLDER}{}{HOLDER:#}  {FAINT}of {}{FAINT:#}", shown(&file.path), shown(&file.policy)));
        for case in &file.cases {
            tested(case, &mut text);
        }
        uncovered(file, &mut text);
    }
    let cases = || report.files.iter().flat_map(|file| &file.cases);
    let failed = cases().filter(|case| !case.passed).count();
    let style = if failed == 0 { GAINED } else { LOST.bold() };
    line(&mut text, format_args!("{style}{} passed, {failed} failed.{style:#}", count(cases().count() - failed, "case")));
    text
}

fn tested(case: &TestedCase, text: &mut String) {
    if case.passed {
        return line(text, format_args!("  {GAINED}✓{GAINED:#} {}", shown(&case.name)));
    }
    let red = LOST.bold();
    line(text, format_args!("  {red}✗{red:#} {}  {FAINT}{}{FAINT:#}", shown(&case.name), shown(&case.place)));
    line(text, format_args!("      {FAINT}expected:{FAINT:#} {}", said(&case.expected)));
    line(text, format_args!("      {FAINT}got:{FAINT:#}      {}", said(&case.got)));
    for instead in &case.instead {
        line(text, format_args!("      {}", shown(instead)));
    }
    for derived in case.derivation.lines() {
        line(text, format_args!("{}", format!("      {FAINT}│{FAINT:#} {derived}").trim_end()));
    }
}

fn said(says: &Says) -> String {
    let quoted = |names: &[String]| names.iter().map(|name| format!("`{}`", shown(name))).collect::<Vec<_>>().join(" and ");
    let because = says.because.as_deref().map(|rules| match rules {
        [] => ", whatever the policy says".to_owned(),
        rules => format!(", because {}", quoted(rules)),
    });
    let ask = says.ask.as_deref().map(|people| match people {
        [] => "; nobody is left to ask".to_owned(),
        people => format!("; to ask: {}", people.iter().map(|login| shown(login)).collect::<Vec<_>>().join(", ")),
    });
    format!("{}{}{}", says.outcome, because.unwrap_or_default(), ask.unwrap_or_default())
}

fn uncovered(file: &TestedFile, text: &mut String) {
    match file.uncovered.as_deref() {
        None => {}
        Some([]) => line(text, format_args!("  {GAINED}Every rule decides a case, by each of its triggers.{GAINED:#}")),
        Some(rules) => {
            line(text, format_args!("  {UNDECIDED}No case decides{UNDECIDED:#}"));
            for rule in rules {
                let by = if rule.wholly { String::new() } else { format!(" by `{}`", rule.triggers.join("` or by `")) };
                line(text, format_args!("      {}{by}  {FAINT}{}{FAINT:#}", shown(&rule.rule), shown(&rule.place)));
            }
        }
    }
}

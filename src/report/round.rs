//! Several decisions in one report, each under a heading of its own.

use super::decision_json::CheckReport;
use super::json::schema_of;
use super::terminal::{HOLDER, line};
use schemars::JsonSchema;
use serde::Serialize;

/// What is said where there is none.
const NOTHING: &str = "No change request is open.";

/// What `countersign check --format json` prints where it decides about several change requests.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoundReport {
    /// Always `countersign/round/v1`.
    #[schemars(extend("const" = "countersign/round/v1"))]
    pub schema: &'static str,
    /// The exit code of the same run: that of the worst decision, and 1 if one could not be made.
    pub exit_code: u8,
    /// A decision for each change request.
    pub parts: Vec<PartReport>,
}

/// One decision.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartReport {
    /// The number of the change request; null for what landed by none that is known.
    pub change_request: Option<u64>,
    /// The commit before it.
    pub base: Option<String>,
    /// The commit after it.
    pub head: Option<String>,
    /// Why there is no decision; null if there is one.
    pub error: Option<String>,
    /// The decision; null if there is none.
    pub report: Option<CheckReport>,
}

/// The JSON Schema of the report.
pub fn schema() -> schemars::Schema {
    schema_of::<RoundReport>()
}

/// The report for machines.
pub fn report(exit_code: u8, parts: Vec<PartReport>) -> RoundReport {
    RoundReport { schema: "countersign/round/v1", exit_code, parts }
}

/// What is said of each, under its title.
pub fn text(parts: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (title, said) in parts {
        line(&mut text, format_args!("{HOLDER}== {title} =={HOLDER:#}"));
        text.push_str(said);
        text.push('\n');
    }
    if parts.is_empty() {
        line(&mut text, format_args!("{NOTHING}"));
    }
    text
}

/// The same in Markdown.
pub fn markdown(parts: &[(&str, String)]) -> String {
    if parts.is_empty() {
        return format!("{NOTHING}\n");
    }
    let parts = parts.iter().map(|(title, said)| format!("## {title}\n\n{said}\n"));
    parts.collect::<Vec<_>>().concat()
}

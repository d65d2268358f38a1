//! Answers to a question: as a table, for machines, and for spreadsheets.

use super::json::schema_of;
use super::shown::shown;
use super::terminal::line;
use crate::audit::Row;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// What `countersign lookup --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LookupReport {
    /// Always `countersign/lookup/v1`.
    #[schemars(extend("const" = "countersign/lookup/v1"))]
    pub schema: &'static str,
    /// The records that answer the question, by time. No signature was looked at.
    pub records: Vec<Row>,
    /// Everywhere that was looked at.
    pub looked: Vec<Looked>,
}

/// A place that was looked at.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Looked {
    /// What it is called.
    pub place: String,
    /// How many records are there.
    pub records: usize,
}

/// The JSON Schema of the report.
pub fn schema() -> schemars::Schema {
    schema_of::<LookupReport>()
}

/// For machines.
pub fn json(rows: &[Row], looked: &[(String, usize)]) -> LookupReport {
    let looked = looked.iter().map(|(place, records)| Looked { place: place.clone(), records: *records }).collect();
    LookupReport { schema: "countersign/lookup/v1", records: rows.to_vec(), looked }
}

/// For people.
pub fn text(rows: &[Row], looked: &[(String, usize)]) -> String {
    let mut text = String::new();
    if !rows.is_empty() {
        table(rows, &mut text);
    }
    let places: Vec<String> = looked.iter().map(|(place, records)| format!("{} ({records})", shown(place))).collect();
    let found = match rows.len() {
        0 => "No record".to_owned(),
        1 => "1 record".to_owned(),
        many => format!("{many} records"),
    };
    line(&mut text, format_args!("{found}; looked at {}.", places.join(", ")));
    line(&mut text, format_args!("No signature was looked at: that is what `verify` and `ledger verify` are for."));
    text
}

const COLUMNS: [&str; 8] = ["decided", "record", "commit", "request", "change", "authors", "approvers", "found in"];

fn table(rows: &[Row], text: &mut String) {
    let cells: Vec<Vec<String>> = std::iter::once(COLUMNS.map(str::to_owned).to_vec()).chain(rows.iter().map(cells)).collect();
    let width = |column: usize| cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..COLUMNS.len()).map(width).collect();
    for row in &cells {
        let padded: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        line(text, format_args!("{}", padded.join("  ").trim_end()));
    }
}

fn cells(row: &Row) -> Vec<String> {
    let place = row.sequence.map_or_else(|| row.found_in.clone(), |sequence| format!("{} {sequence}", row.found_in));
    let record = word(&row.record);
    let record = row.exception.map_or_else(|| record.clone(), |exception| format!("{record} ({exception})"));
    let commit = row.commit.chars().take(10).collect();
    let change = format!("+{} -{} ?{}", row.gained, row.lost, row.undecided);
    let request = row.change_request.clone().unwrap_or_default();
    [row.decided_at.clone(), record, commit, request, change, row.authors.join(", "), row.approvers.join(", "), place]
        .iter()
        .map(|cell| shown(cell))
        .collect()
}

/// As JSON spells it.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

const KEYS: [&str; 14] = [
    "foundIn",
    "sequence",
    "record",
    "repository",
    "commit",
    "changeRequest",
    "decidedAt",
    "authors",
    "approvers",
    "gained",
    "lost",
    "undecided",
    "severity",
    "override",
];

/// For spreadsheets: RFC 4180, with a line of names.
pub fn csv(rows: &[Row]) -> String {
    let mut text = format!("{}\r\n", KEYS.join(","));
    for row in rows {
        let value = serde_json::to_value(row).unwrap_or_default();
        let fields: Vec<String> = KEYS.iter().map(|key| field(value.get(key).unwrap_or(&Value::Null))).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A field that no spreadsheet takes for a formula.
fn field(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    };
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

//! Every change of access that landed, and what settles it: for people and for machines.

use super::json::schema_of;
use super::shown::shown;
use super::terminal::{GAINED, LOST, line};
use crate::audit::Standing;
use crate::systems::Severity;
use schemars::JsonSchema;
use serde::Serialize;

/// A stretch of history.
#[derive(Debug)]
pub struct Population {
    /// Where it begins, exclusive.
    pub from: Start,
    /// The full id of the commit that it ends at.
    pub to: String,
    /// How many commits of the line are in it.
    pub commits: usize,
    /// What landed and changes access or the gate's own files, the oldest first.
    pub landed: Vec<Landed>,
    /// What was found and is not taken.
    pub refused: Vec<Refused>,
    /// Everywhere that was looked at, and how many records were taken from there.
    pub looked: Vec<(String, usize)>,
}

/// Where a stretch of history begins.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// The full id of the commit.
    pub commit: String,
    /// Whether a signed baseline says what access there was.
    pub is_baseline: bool,
}

/// Something that landed.
#[derive(Debug)]
pub struct Landed {
    /// The full id of the commit.
    pub commit: String,
    /// The first line of its message.
    pub subject: String,
    /// How many parts are gained.
    pub gained: usize,
    /// How many parts are lost.
    pub lost: usize,
    /// How many parts cannot be told.
    pub undecided: usize,
    /// The worst of what is gained or cannot be told.
    pub severity: Option<Severity>,
    /// The gate's own files that it edits.
    pub edited: Vec<String>,
    /// What became of it.
    pub standing: Standing,
    /// Where the record that settles it was found.
    pub found_in: Option<String>,
    /// Whose approvals counted, as `login (id)`.
    pub approvers: Vec<String>,
}

/// A bundle that is not taken.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// Where it was found.
    pub found_in: String,
    /// The first link that broke, and why.
    pub why: String,
}

/// What `countersign gaps --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GapsReport<'p> {
    /// Always `countersign/gaps/v1`.
    #[schemars(extend("const" = "countersign/gaps/v1"))]
    pub schema: &'static str,
    /// Whether every change of access has its record. The only field to rely on.
    pub complete: bool,
    /// Where the stretch of history begins, exclusive.
    pub from: &'p Start,
    /// The full id of the commit that it ends at.
    pub to: &'p str,
    /// How many commits of the line of first parents are in it.
    pub commits: usize,
    /// Those that change access or the gate's own files, the oldest first.
    pub changes: Vec<ChangeReport<'p>>,
    /// What was found and is not taken.
    pub refused: &'p [Refused],
}

/// A commit that changes access.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeReport<'p> {
    /// The full id of the commit.
    pub commit: &'p str,
    /// The first line of its message.
    pub subject: &'p str,
    /// How many parts are gained.
    pub gained: usize,
    /// How many parts are lost.
    pub lost: usize,
    /// How many parts cannot be told.
    pub undecided: usize,
    /// The worst of what is gained or cannot be told.
    pub severity: Option<Severity>,
    /// The gate's own files that it edits.
    pub edited: &'p [String],
    /// `authorized`; `exception`, settled afterwards; `narrows`, which nobody has to agree to; `missing`; `unknown`.
    pub standing: &'static str,
    /// Why nobody can tell, where that is so.
    pub why: Option<&'p str>,
    /// Where the record that settles it was found.
    pub found_in: Option<&'p str>,
    /// Whose approvals counted, as `login (id)`.
    pub approvers: &'p [String],
}

/// The JSON Schema of the report.
pub fn schema() -> schemars::Schema {
    schema_of::<GapsReport<'_>>()
}

/// For machines.
pub fn json(population: &Population) -> GapsReport<'_> {
    GapsReport {
        schema: "countersign/gaps/v1",
        complete: population.landed.iter().all(|landed| !landed.standing.is_gap()),
        from: &population.from,
        to: &population.to,
        commits: population.commits,
        changes: population.landed.iter().map(change).collect(),
        refused: &population.refused,
    }
}

fn change(landed: &Landed) -> ChangeReport<'_> {
    ChangeReport {
        commit: &landed.commit,
        subject: &landed.subject,
        gained: landed.gained,
        lost: landed.lost,
        undecided: landed.undecided,
        severity: landed.severity,
        edited: &landed.edited,
        standing: landed.standing.word(),
        why: if let Standing::Unknown(why) = &landed.standing { Some(why) } else { None },
        found_in: landed.found_in.as_deref(),
        approvers: &landed.approvers,
    }
}

/// For people.
pub fn text(population: &Population) -> String {
    let mut text = String::new();
    let missing = population.landed.iter().filter(|landed| landed.standing.is_gap()).count();
    let all = population.landed.len();
    let of = format!("{} of {}", many(all, "change"), many(population.commits, "commit"));
    if missing == 0 {
        line(&mut text, format_args!("{GAINED}Nothing is missing:{GAINED:#} {of} after {}.", start(population)));
    } else {
        line(&mut text, format_args!("{LOST}Missing: {}{LOST:#} of {of} after {}.", many(missing, "record"), start(population)));
    }
    for landed in &population.landed {
        let mark = if landed.standing.is_gap() { "✗" } else { "✓" };
        line(&mut text, format_args!("  {mark} {} {}: {}", short(&landed.commit), landed.standing.word(), shown(&described(landed))));
        if let Some(found_in) = &landed.found_in {
            let by = if landed.approvers.is_empty() {
                "no approval was needed".to_owned()
            } else {
                format!("approved by {}", landed.approvers.join(", "))
            };
            line(&mut text, format_args!("      {}; {}", shown(&by), shown(found_in)));
        }
    }
    for refused in &population.refused {
        line(&mut text, format_args!("  not taken: {}: {}", shown(&refused.found_in), shown(&refused.why)));
    }
    let places: Vec<String> = population.looked.iter().map(|(place, records)| format!("{} ({records})", shown(place))).collect();
    line(&mut text, format_args!("Looked at {}.", places.join(", ")));
    text
}

/// What is missing, in a half-sentence.
pub fn sentence(landed: &Landed) -> String {
    let what = if landed.standing == Standing::Missing { "has no authorization" } else { "cannot be told" };
    format!("commit {} {what}: {}", short(&landed.commit), described(landed))
}

fn described(landed: &Landed) -> String {
    if let Standing::Unknown(why) = &landed.standing {
        return why.clone();
    }
    let mut parts: Vec<String> = [(landed.gained, "gained"), (landed.lost, "lost"), (landed.undecided, "undecided")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    parts.extend(landed.severity.map(|severity| severity.word().to_owned()));
    parts.extend((!landed.edited.is_empty()).then(|| format!("edits {}", landed.edited.join(", "))));
    format!("{} ({})", landed.subject, parts.join(", "))
}

fn start(population: &Population) -> String {
    let what = if population.from.is_baseline { "baseline " } else { "" };
    format!("{what}{} up to {}", short(&population.from.commit), short(&population.to))
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

fn many(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

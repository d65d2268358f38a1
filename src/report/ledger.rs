//! What was found in a ledger.

use super::json::schema_of;
use super::shown::shown;
use super::terminal::{GAINED, LOST, line};
use super::verification::BrokenLink;
use crate::attestation::Refusal;
use schemars::JsonSchema;
use serde::Serialize;

/// What was found in a ledger.
#[derive(Debug, Default)]
pub struct LedgerCheck {
    /// How many entries are a chain.
    pub entries: u64,
    /// The digest of the last of them.
    pub tip: Option<String>,
    /// Whether the end that somebody noted elsewhere is one of them.
    pub is_anchored: bool,
    /// Why an entry is not taken, by its number.
    pub refusals: Vec<(u64, Refusal)>,
}

/// What a chain cannot tell.
const TRUNCATED: &str = "a chain proves that nothing in it was altered, not that nothing was left off its end: \
                         hold it against a digest that was noted elsewhere, with `--anchor`";

/// What `countersign ledger verify --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LedgerReport {
    /// Always `countersign/ledger-verify/v1`.
    #[schemars(extend("const" = "countersign/ledger-verify/v1"))]
    pub schema: &'static str,
    /// Whether every entry holds, and the end that was noted elsewhere is there.
    pub verified: bool,
    /// How many entries are a chain.
    pub entries: u64,
    /// The digest of the last of them, to be noted elsewhere; null for an empty ledger.
    pub tip: Option<String>,
    /// Whether an end that was noted elsewhere is one of them. Without one, what was left off the end does not show.
    pub anchored: bool,
    /// Why an entry is not taken.
    pub refusals: Vec<BrokenEntry>,
}

/// An entry that is not taken.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BrokenEntry {
    /// Its number.
    pub sequence: u64,
    /// Why.
    #[serde(flatten)]
    pub broken: BrokenLink,
}

/// The JSON Schema of the report.
pub fn schema() -> schemars::Schema {
    schema_of::<LedgerReport>()
}

/// For machines.
pub fn json(check: &LedgerCheck) -> LedgerReport {
    let broken = |(sequence, refusal): &(u64, Refusal)| BrokenEntry {
        sequence: *sequence,
        broken: BrokenLink { link: refusal.link.word(), why: refusal.why.clone() },
    };
    LedgerReport {
        schema: "countersign/ledger-verify/v1",
        verified: check.refusals.is_empty(),
        entries: check.entries,
        tip: check.tip.clone(),
        anchored: check.is_anchored,
        refusals: check.refusals.iter().map(broken).collect(),
    }
}

/// For people.
pub fn text(check: &LedgerCheck) -> String {
    let mut text = String::new();
    let entries = if check.entries == 1 { "1 entry".to_owned() } else { format!("{} entries", check.entries) };
    let tip = check.tip.as_deref().map(|tip| format!(", the last of which is {tip}")).unwrap_or_default();
    if check.refusals.is_empty() {
        line(&mut text, format_args!("{GAINED}The ledger is verified:{GAINED:#} {entries}{tip}."));
    } else {
        let are = if check.entries == 1 { "is" } else { "are" };
        line(&mut text, format_args!("{LOST}The ledger is refused:{LOST:#} {entries} {are} a chain{tip}."));
    }
    for (sequence, refusal) in &check.refusals {
        line(&mut text, format_args!("  entry {sequence}: {}: {}", refusal.link.word(), shown(&refusal.why)));
    }
    if !check.is_anchored {
        line(&mut text, format_args!("  note: {TRUNCATED}"));
    }
    text
}

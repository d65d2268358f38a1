//! What machines read of parts of a change that they ask about.

use super::explained::{Explained, Explanation, Listed, Statement, sentence};
use super::json::{Part, Remark, part, remark, schema_of};
use super::reasons;
use super::words::Voice;
use schemars::JsonSchema;
use serde::Serialize;

/// Nothing is escaped twice: whoever writes the JSON makes everything visible.
const VOICE: Voice = Voice { name: str::to_owned, title: str::to_owned, sentence: str::to_owned };

/// What `countersign explain --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainReport {
    /// Always `countersign/explain/v1`.
    #[schemars(extend("const" = "countersign/explain/v1"))]
    pub schema: &'static str,
    /// `sha256:…` over the whole change in its canonical form, as in `countersign/diff/v1`.
    pub delta_digest: String,
    /// Every part of the change.
    pub parts: Vec<ListedPart>,
    /// Those that were asked about; none where nobody said which and there are many.
    pub explained: Vec<ExplainedPart>,
    /// Remarks about the files.
    pub diagnostics: Vec<Remark>,
}

/// A part of the change that can be asked about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedPart {
    /// From 1 on, in the order of the text that `diff` prints.
    pub number: usize,
    /// Its name, which stays as long as the access is the same.
    pub id: String,
    /// Who can, can no longer or may now do what.
    pub sentence: String,
}

/// A part of the change, and why it is one.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedPart {
    /// From 1 on, in the order of the text that `diff` prints.
    pub number: usize,
    /// Who can, can no longer or may now do what.
    pub sentence: String,
    /// The part, as `diff` prints it.
    pub part: Part,
    /// What the difference hangs on, in sentences without their ends.
    pub decides: Vec<String>,
    /// The statements of the base that have to do with it.
    pub base: Vec<StatementReport>,
    /// The statements of the head that have to do with it.
    pub head: Vec<StatementReport>,
    /// The witness, judged again by the plain reading of the system; null where it could not be.
    pub check: Option<Check>,
    /// The same in a sentence without its end.
    pub checked: String,
    /// Why it matters as much as it does.
    pub reasons: Vec<ReasonReport>,
    /// What to do about something that cannot be told.
    pub next: Vec<String>,
}

/// A statement that has to do with a part of a change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatementReport {
    /// The path as the repository or directory spells it.
    pub path: String,
    /// 1-based; 0 for the whole file.
    pub line: u32,
    /// 1-based, in characters; 0 for the whole file.
    pub column: u32,
    /// The address of a resource in a plan, whose lines tell nothing; not there for any other file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What it has to do with it, such as `an Allow, but its condition is not met`.
    pub says: String,
    /// What is written there from `line` on, cut where it is long; null where no line is known, and for
    /// what is never quoted: plans, and what was rendered.
    pub source: Option<Vec<String>>,
}

/// What each side says of the witness.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Check {
    /// Whether the base allows it.
    pub base: bool,
    /// Whether the head allows it.
    pub head: bool,
    /// Whether this is the difference that the part tells.
    pub confirmed: bool,
}

/// A reason of a severity.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReasonReport {
    /// The stable name.
    pub id: &'static str,
    /// What is so.
    pub meaning: &'static str,
    /// What to do instead, or to look at.
    pub advice: &'static str,
}

/// The JSON Schema of the report of an explanation.
pub fn schema() -> schemars::Schema {
    schema_of::<ExplainReport>()
}

/// The report of an explanation.
pub fn explain(explanation: &Explanation<'_>) -> ExplainReport {
    let listed = |Listed { number, id, entry }: &Listed| ListedPart { number: *number, id: id.clone(), sentence: sentence(entry, VOICE) };
    ExplainReport {
        schema: "countersign/explain/v1",
        delta_digest: explanation.digest.to_owned(),
        parts: explanation.listed.iter().map(listed).collect(),
        explained: explanation.explained.iter().map(one).collect(),
        diagnostics: explanation.diagnostics.iter().map(remark).collect(),
    }
}

fn one(explained: &Explained) -> ExplainedPart {
    let Listed { number, entry, .. } = &explained.listed;
    let statement = |side: usize| {
        move |statement: &Statement| StatementReport {
            path: statement.place.path.to_string(),
            line: statement.place.line,
            column: statement.place.column,
            address: statement.place.address.as_ref().map(ToString::to_string),
            says: explained.says(side, statement),
            source: statement.passage.as_ref().map(|passage| passage.lines.clone()),
        }
    };
    let [base, head] = &explained.statements;
    let known = entry.region.reasons.iter().filter_map(|id| reasons::known(id));
    ExplainedPart {
        number: *number,
        sentence: sentence(entry, VOICE),
        part: part(entry),
        decides: explained.decides(VOICE),
        base: base.iter().map(statement(0)).collect(),
        head: head.iter().map(statement(1)).collect(),
        check: explained.judged.as_ref().map(|judged| {
            let [base, head] = judged.allowed;
            Check { base, head, confirmed: judged.confirms(entry.kind) }
        }),
        checked: explained.checked(),
        reasons: known.map(|reason| ReasonReport { id: reason.id, meaning: reason.meaning, advice: reason.advice }).collect(),
        next: explained.next(),
    }
}

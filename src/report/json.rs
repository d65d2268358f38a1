//! What machines read: versioned, with a schema under `docs/schemas/`.

use crate::change::{Entry, short_id};
use crate::diagnostic::{self, Diagnostic};
use crate::document::Place;
use crate::systems::{Completes, Kind, Knowledge, Severity, Witness, knowledge};
use schemars::JsonSchema;
use serde::Serialize;

/// What `countersign diff --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "four questions that a machine asks, each answered by its own name")]
pub struct DiffReport {
    /// Always `countersign/diff/v1`.
    #[schemars(extend("const" = "countersign/diff/v1"))]
    pub schema: &'static str,
    /// Whether something is allowed that was not before.
    pub widens: bool,
    /// Whether something is no longer allowed.
    pub narrows: bool,
    /// Whether some part of the change cannot be told.
    pub undecided: bool,
    /// Whether nothing changed: neither widened, narrowed nor undecided. What is `vacuous` is no change.
    pub equal: bool,
    /// `sha256:…` over the change in its canonical form.
    pub delta_digest: String,
    /// The parts of the change.
    pub changes: Vec<Part>,
    /// What only the rules differ in: by the knowledge below, no request can be about it. It is no part of the change.
    pub vacuous: Vec<Part>,
    /// What was known besides the files, and in which edition.
    pub knowledge: Vec<Knowledge>,
    /// Remarks about the files.
    pub diagnostics: Vec<Remark>,
}

/// One part of a change.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// A short name, which stays as long as the access is the same, and by which `countersign explain` finds it: 12 hexadecimal digits. Two
    /// parts that say the same in two places have one name.
    pub id: String,
    /// Gained, lost or undecided.
    pub kind: Kind,
    /// The system: `aws`, `codeowners`, `github`, `kubernetes`; null for what could not be read, and for what not even that can be told of.
    pub system: Option<&'static str>,
    /// The format of the file that makes the difference.
    pub format: Option<&'static str>,
    /// Who the grant gives access to.
    pub holder: String,
    /// The world in which it holds.
    pub realm: String,
    /// Who may act.
    pub principals: Vec<String>,
    /// Patterns that are not meant although `principals` match them.
    pub except_principals: Vec<String>,
    /// What may be done: patterns in the system's notation.
    pub actions: Vec<String>,
    /// Patterns that are not meant although `actions` match them.
    pub except_actions: Vec<String>,
    /// On what: patterns in the system's notation.
    pub resources: Vec<String>,
    /// Patterns that are not meant although `resources` match them.
    pub except_resources: Vec<String>,
    /// What may be done and on what in plain words, where people have words for it; null otherwise.
    pub summary: Option<String>,
    /// When; null for always.
    pub condition: Option<String>,
    /// Until when, if something enforces it.
    pub expires: Option<String>,
    /// What else has to be true, in a sentence; for an undecided part, why it cannot be told.
    pub provided: Option<String>,
    /// How much it matters.
    pub severity: Severity,
    /// Why, as stable names.
    pub reasons: Vec<&'static str>,
    /// Known ways to more access that the part completes, those that win most first.
    pub completes: Vec<Method>,
    /// Where the rules stand that make the difference.
    pub origins: Vec<Origin>,
    /// One concrete request; null where nothing concrete can be told.
    pub witness: Option<Witness>,
    /// Digest of the part that cannot be told, to which an approval of it binds.
    pub opaque_digest: Option<String>,
}

/// A known way to turn permissions into more than they say.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Method {
    /// A stable name.
    pub method: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// An address where it is described.
    pub source: &'static str,
    /// Where the rules stand that give the rest of it; empty where the part gives all of it.
    pub with: Vec<Origin>,
}

/// A place on one of the sides.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Origin {
    /// `base` or `head`.
    #[schemars(extend("enum" = ["base", "head"]))]
    pub side: &'static str,
    /// The path as the repository or directory spells it.
    pub path: String,
    /// 1-based; 0 for the whole file.
    pub line: u32,
    /// 1-based, in characters; 0 for the whole file.
    pub column: u32,
    /// The address of a resource in a plan, whose lines tell nothing; not there for any other file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A remark about one place in the files.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Remark {
    /// A stable name.
    pub code: &'static str,
    /// How much it matters.
    pub severity: diagnostic::Severity,
    /// One sentence.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
    /// The path as the repository or directory spells it.
    pub path: String,
    /// 1-based; 0 for the whole file.
    pub line: u32,
    /// 1-based, in characters; 0 for the whole file.
    pub column: u32,
    /// The address of a resource in a plan, whose lines tell nothing; not there for any other file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// The JSON Schema of the report of a change.
pub fn schema() -> schemars::Schema {
    schema_of::<DiffReport>()
}

/// The schema of what is written: every key is always there, also those that are null.
pub(super) fn schema_of<T: JsonSchema>() -> schemars::Schema {
    schemars::generate::SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>()
}

/// A report as it is printed.
pub fn written(report: &impl Serialize) -> Result<String, serde_json::Error> {
    super::shown::json(report)
}

/// The report of a change.
pub fn diff(entries: &[Entry], vacuous: &[Entry], digest: &str, diagnostics: &[Diagnostic]) -> DiffReport {
    let has = |kind| entries.iter().any(|entry| entry.kind == kind);
    DiffReport {
        schema: "countersign/diff/v1",
        widens: has(Kind::Gained),
        narrows: has(Kind::Lost),
        undecided: has(Kind::Undecided),
        equal: entries.is_empty(),
        delta_digest: digest.to_owned(),
        changes: entries.iter().map(part).collect(),
        vacuous: vacuous.iter().map(part).collect(),
        knowledge: knowledge().to_vec(),
        diagnostics: diagnostics.iter().map(remark).collect(),
    }
}

/// One part of a change.
pub fn part(entry: &Entry) -> Part {
    let region = &entry.region;
    let origin = |side: &'static str| move |place: &Place| origin(side, place);
    let (base, head) = (region.origins.base.iter().map(origin("base")), region.origins.head.iter().map(origin("head")));
    let head_first = entry.kind != Kind::Lost;
    Part {
        id: short_id(entry),
        kind: entry.kind,
        system: entry.system,
        format: entry.format,
        holder: region.holder.to_string(),
        realm: region.realm.to_string(),
        principals: region.principals.clone(),
        except_principals: region.except_principals.clone(),
        actions: region.actions.clone(),
        except_actions: region.except_actions.clone(),
        resources: region.resources.clone(),
        except_resources: region.except_resources.clone(),
        summary: region.summary.clone(),
        condition: region.condition.clone(),
        expires: region.expires.clone(),
        provided: region.provided.clone(),
        severity: region.severity,
        reasons: region.reasons.iter().copied().collect(),
        completes: region.completes.iter().map(completes).collect(),
        origins: if head_first { head.chain(base).collect() } else { base.chain(head).collect() },
        witness: region.witness.clone(),
        opaque_digest: entry.opaque.as_ref().map(|part| part.digest.clone()),
    }
}

fn completes(completes: &Completes) -> Method {
    let Completes { method, name, source, with } = completes;
    Method { method, name, source, with: with.iter().map(|place| origin("head", place)).collect() }
}

fn origin(side: &'static str, place: &Place) -> Origin {
    Origin { side, path: place.path.to_string(), line: place.line, column: place.column, address: address(place) }
}

fn address(place: &Place) -> Option<String> {
    place.address.as_ref().map(ToString::to_string)
}

/// One remark.
pub fn remark(diagnostic: &Diagnostic) -> Remark {
    Remark {
        code: diagnostic.code,
        severity: diagnostic.severity,
        message: diagnostic.message.clone(),
        help: diagnostic.help.clone(),
        path: diagnostic.place.path.to_string(),
        line: diagnostic.place.line,
        column: diagnostic.place.column,
        address: address(&diagnostic.place),
    }
}

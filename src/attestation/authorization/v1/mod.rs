//! `https://countersign.dev/authorization/v1`. Specified in `docs/predicates/authorization-v1.md`.
//!
//! Every text that decides is an id or a digest; names are for people. A key that nobody knows is refused, so that nothing can be said
//! beside what is said here.

mod change;
mod decided;

pub use change::{Change, Expiry, Part, Witness};
pub use decided::{Actor, Approval, Decision, Exclusion, Mode, Needed, Outcome, Override, Requirement, TimeSource, Window};

use crate::proposal::CommitId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The type of the predicate.
pub const TYPE: &str = "https://countersign.dev/authorization/v1";

/// That a change was authorized, or observed, and everything that this was decided from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(title = "Predicate of an authorization")]
pub struct Authorization {
    /// What this is. Only `authorization` lets anything pass.
    pub record: Record,
    /// Whose change it is.
    pub repository: Repository,
    /// The change request: its number, or its address.
    pub change_request: Option<String>,
    /// Where the change stood.
    pub stage: Stage,
    /// Before the change.
    pub base: State,
    /// After the change.
    pub head: State,
    /// The only paths that were judged; empty for all.
    pub paths: Vec<String>,
    /// What changed.
    pub change: Change,
    /// The policy that decided.
    pub policy: Policy,
    /// What was decided, and when.
    pub decision: Decision,
    /// A verdict for each rule that applies, the worst first.
    pub requirements: Vec<Requirement>,
    /// The approvals that counted, each with what it was given to.
    pub approvals: Vec<Approval>,
    /// Whose approval did not count, and why.
    pub exclusions: Vec<Exclusion>,
    /// The windows that were asked about, by name.
    pub windows: Vec<Window>,
    /// That it passed otherwise than by everything that was asked before it landed; an exception for ever.
    #[serde(rename = "override")]
    pub exception: Option<Override>,
    /// Parts of the change that end, and when.
    pub expiries: Vec<Expiry>,
    /// The facts of the change request that the decision was made from.
    pub facts: Option<Facts>,
    /// What else the decision depends on.
    pub pins: Pins,
    /// The run of the gate.
    pub gate_run: GateRun,
}

/// What a record is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// The change was authorized before it landed.
    Authorization,
    /// The change had landed; this settles a gap, and is never a prior approval.
    Retroactive,
    /// The gate only looked on. Never an authorization.
    Observed,
}

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Repository {
    /// The forge's immutable id.
    pub id: Option<String>,
    /// Its name, such as `acme/infrastructure`; it can change.
    pub name: Option<String>,
}

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Before its merge.
    Merge,
    /// Before its deployment.
    Deploy,
}

/// A state of the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct State {
    /// The full id of the commit.
    pub commit: CommitId,
    /// The full id of its tree.
    pub tree: String,
}

/// The policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Policy {
    /// Where it stands: a path on the base side, or after `policy:` one of a policy repository.
    pub uri: String,
    /// `sha256:…` of its bytes.
    pub digest: String,
    /// The revision by which it was asked for, where it is not the base.
    pub revision: Option<String>,
    /// The commit that it was read from.
    pub commit: Option<String>,
    /// Every file that it is made of.
    pub files: Vec<File>,
}

/// A file, by digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its path.
    pub path: String,
    /// `sha256:…` of its bytes.
    pub digest: String,
}

/// Facts, and who vouches for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Facts {
    /// Whether somebody else than their writer vouches for them. Facts of a file are not verified.
    pub verified: bool,
    /// `sha256:…` of the content as JSON without spaces, the keys of every object in the order of their bytes.
    pub digest: String,
    /// As a facts file spells them; `docs/schemas/facts-v1.json`.
    pub content: Value,
}

/// What a decision depends on besides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pins {
    /// The version of Countersign.
    pub engine: String,
    /// What was known besides the files.
    pub knowledge: Vec<Knowledge>,
    /// The version of the tz database.
    pub tzdb: String,
}

/// Built-in knowledge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Knowledge {
    /// The system.
    pub name: String,
    /// When its source was as it says.
    pub edition: String,
    /// `sha256:…` over it.
    pub digest: String,
}

/// The run of the gate. What the signature does not say as well is the signer's word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GateRun {
    /// The workflow that ran, at its ref.
    pub workflow: Option<String>,
    /// Whether it came from outside the change.
    pub placement: Placement,
    /// The run, as the forge calls it.
    pub run: Option<String>,
    /// The number of the record in its ledger, from 1; null without a ledger.
    pub sequence: Option<u64>,
    /// `sha256:…` of the entry before it; null for the first, and without a ledger.
    pub previous: Option<String>,
}

/// Whether a change could have altered the run that judged it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// The run was defined outside the change.
    Outside,
    /// Nobody showed that it was.
    #[default]
    Advisory,
}

/// The JSON Schema of what is written: every key is there, also those that are null.
pub fn schema() -> schemars::Schema {
    schemars::generate::SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<Authorization>()
}

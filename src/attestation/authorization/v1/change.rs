//! What changed, part by part.

use crate::systems::{Kind, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Change {
    /// `sha256:…` over the change in its canonical form.
    pub digest: String,
    /// How many parts are gained.
    pub gained: usize,
    /// How many parts are lost.
    pub lost: usize,
    /// How many parts cannot be told.
    pub undecided: usize,
    /// The worst of them; null for no change.
    pub severity: Option<Severity>,
    /// Files of the gate's own that the change edits.
    pub edited: Vec<String>,
    /// The parts.
    pub parts: Vec<Part>,
}

/// A part of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Part {
    /// A short name, which stays as long as the access is the same.
    pub id: String,
    /// Gained, lost or undecided.
    pub kind: Kind,
    /// The system: `aws`, `kubernetes`, …; null for what could not be read.
    pub system: Option<String>,
    /// The format of the file that makes the difference.
    pub format: Option<String>,
    /// Who the grant gives access to.
    pub holder: String,
    /// The world in which it holds.
    pub realm: String,
    /// Who may act.
    pub principals: Vec<String>,
    /// Patterns that are not meant although `principals` match them.
    pub except_principals: Vec<String>,
    /// What may be done.
    pub actions: Vec<String>,
    /// Patterns that are not meant although `actions` match them.
    pub except_actions: Vec<String>,
    /// On what.
    pub resources: Vec<String>,
    /// Patterns that are not meant although `resources` match them.
    pub except_resources: Vec<String>,
    /// When; null for always.
    pub condition: Option<String>,
    /// What else has to be true; for an undecided part, why it cannot be told.
    pub provided: Option<String>,
    /// How much it matters.
    pub severity: Severity,
    /// Why.
    pub reasons: Vec<String>,
    /// One concrete request in it.
    pub witness: Option<Witness>,
    /// Digest of what cannot be told.
    pub opaque_digest: Option<String>,
}

/// One concrete request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Who acts.
    pub principal: String,
    /// What is done.
    pub action: String,
    /// On what.
    pub resource: String,
    /// What has to be sent with it: values by condition key.
    pub context: BTreeMap<String, Vec<String>>,
    /// What has to be true besides, and whether it is.
    pub facts: BTreeMap<String, bool>,
}

/// A part of the change that ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Expiry {
    /// The id of the part.
    pub part: String,
    /// When it ends, as the file that enforces it spells it.
    pub expires: String,
}

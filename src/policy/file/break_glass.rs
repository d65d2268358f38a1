//! `break-glass`: how a change passes that cannot wait.

use super::{Approvals, Length, Select};
use schemars::JsonSchema;
use serde::Deserialize;

/// How a gain passes that cannot wait: without what the rules require, in a closed window, and although a rule denies it. A review is owed
/// afterwards, and while one is overdue no change passes that gives access.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BreakGlass {
    /// The groups whose people may ask for it.
    #[schemars(length(min = 1))]
    #[schemars(example = ["on-call"])]
    pub requested_by: Vec<String>,
    /// Who has to agree. Whoever asks is nobody who agrees.
    #[schemars(length(min = 1))]
    pub approvals: Vec<Approvals>,
    /// Which gains may pass so. Losses, edits of the gate's own files, and what cannot be told never do.
    #[schemars(example = serde_json::json!({"environment": "production"}))]
    pub scope: Select,
    /// How long after it was asked for it holds at most.
    #[schemars(example = &"4h")]
    pub longest: Length,
    /// The review that is owed for it.
    pub review: OwedReview,
}

/// The review that is owed for a change that passed by break-glass or went round the gate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OwedReview {
    /// The name of the group that reviews. Whoever had a part in the change does not.
    #[schemars(example = &"security")]
    pub from: String,
    /// How long after the change it is due.
    #[schemars(example = &"3d")]
    pub within: Length,
}

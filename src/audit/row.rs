//! An answer: a record on one line.

use super::gist::authors;
use crate::attestation::authorization::v1::{Authorization, Override, Record};
use crate::systems::Severity;
use schemars::JsonSchema;
use serde::Serialize;

/// A record on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Where the record was found.
    pub found_in: String,
    /// Its number in the ledger; null elsewhere.
    pub sequence: Option<u64>,
    /// What it is worth.
    pub record: Record,
    /// The repository.
    pub repository: Option<String>,
    /// The commit after the change.
    pub commit: String,
    /// The change request.
    pub change_request: Option<String>,
    /// For which instant it was decided.
    pub decided_at: String,
    /// Who wrote it, as `login (id)`.
    pub authors: Vec<String>,
    /// Whose approvals counted, as `login (id)`.
    pub approvers: Vec<String>,
    /// How many parts are gained, lost and undecided.
    pub gained: usize,
    /// How many parts are lost.
    pub lost: usize,
    /// How many parts cannot be told.
    pub undecided: usize,
    /// The worst of them.
    pub severity: Option<Severity>,
    /// `break-glass` or `retroactive`, if it passed otherwise than by everything that was asked.
    #[serde(rename = "override")]
    pub exception: Option<&'static str>,
}

impl Row {
    /// Of a record that was found there.
    pub fn of(found_in: String, sequence: Option<u64>, record: &Authorization) -> Self {
        Self {
            found_in,
            sequence,
            record: record.record,
            repository: record.repository.name.clone(),
            commit: record.head.commit.to_string(),
            change_request: record.change_request.clone(),
            decided_at: record.decision.decided_at.to_string(),
            authors: authors(record).iter().map(|(login, id)| format!("{login} ({id})")).collect(),
            approvers: record.approvals.iter().map(|approval| format!("{} ({})", approval.login, approval.actor_id)).collect(),
            gained: record.change.gained,
            lost: record.change.lost,
            undecided: record.change.undecided,
            severity: record.change.severity,
            exception: record.exception.as_ref().map(|exception| match exception {
                Override::BreakGlass { .. } => "break-glass",
                Override::Retroactive { .. } => "retroactive",
            }),
        }
    }
}

//! What did not go the ordinary way: a request to break the glass, and the exceptions that a review is owed for.

use super::{AccountKind, ChangeRequest, CommitId, Person, scalars};
use crate::document::present;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request that the change may pass by break-glass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GlassRequest {
    /// Who asks.
    pub requested_by: Person,
    /// What kind of account they have.
    #[schemars(example = &"user")]
    pub kind: AccountKind,
    /// When the forge received the request, in UTC.
    #[serde(deserialize_with = "scalars::utc")]
    #[schemars(schema_with = "scalars::utc_schema", example = &"2026-11-24T10:12:00Z")]
    pub requested_at: DateTime<Utc>,
    /// Until when it holds, in UTC.
    #[serde(deserialize_with = "scalars::utc")]
    #[schemars(schema_with = "scalars::utc_schema", example = &"2026-11-24T14:00:00Z")]
    pub until: DateTime<Utc>,
    /// The commit that it is asked for: the `head` of these facts. For another one somebody has to ask again.
    #[schemars(example = &"2222222222222222222222222222222222222222")]
    pub commit: CommitId,
    /// Why it cannot wait.
    #[schemars(length(min = 1))]
    #[schemars(example = &"the payment queue is stuck")]
    pub reason: String,
    /// The ticket of the incident.
    #[schemars(length(min = 1))]
    #[schemars(example = &"INC-7")]
    pub ticket: String,
}

/// A change that passed without everything that was asked. It stays an exception for ever, also when the review is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Override {
    /// The number or the address of its change request, or its commit where it had none.
    #[schemars(example = 41)]
    pub change: ChangeId,
    /// How it passed.
    #[schemars(example = &"break-glass")]
    pub kind: OverrideKind,
    /// When it passed, in UTC.
    #[serde(deserialize_with = "scalars::utc")]
    #[schemars(schema_with = "scalars::utc_schema", example = &"2026-11-20T08:00:00Z")]
    pub passed_at: DateTime<Utc>,
    /// Everybody who had a part in it: wrote it, asked for it, agreed to it, or put it there.
    pub people: Vec<Person>,
    /// The review that was owed for it. Without this key it is owed still.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub review: Option<Settlement>,
}

/// A change by its request or its commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ChangeId {
    /// The commit.
    Commit(CommitId),
    /// The change request.
    Request(ChangeRequest),
}

impl std::fmt::Display for ChangeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Commit(commit) => write!(f, "commit {}", commit.short()),
            Self::Request(ChangeRequest::Number(number)) => write!(f, "change request {number}"),
            Self::Request(ChangeRequest::Url(url)) => f.write_str(url),
        }
    }
}

/// How a change passed without everything that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OverrideKind {
    /// Somebody was let through because it could not wait.
    BreakGlass,
    /// It went round the gate, and was found afterwards.
    WentRound,
}

impl OverrideKind {
    /// In a sentence: `change request 41 …`.
    pub fn words(self) -> &'static str {
        match self {
            Self::BreakGlass => "passed by break-glass",
            Self::WentRound => "went round the gate",
        }
    }
}

/// The review of an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settlement {
    /// Who reviewed.
    pub author: Person,
    /// What kind of account they have.
    #[schemars(example = &"user")]
    pub kind: AccountKind,
    /// When the forge received the review, in UTC.
    #[serde(deserialize_with = "scalars::utc")]
    #[schemars(schema_with = "scalars::utc_schema", example = &"2026-11-21T09:00:00Z")]
    pub submitted_at: DateTime<Utc>,
}

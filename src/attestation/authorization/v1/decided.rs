//! What was decided, for which instant, and by whose approvals.

use super::super::super::Moment;
use crate::proposal::{AccountKind, CommitId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Decision {
    /// What became of the change; in observe mode, what would have.
    pub outcome: Outcome,
    /// Whether the policy closes the gate.
    pub mode: Mode,
    /// The instant for which it was decided.
    pub decided_at: Moment,
    /// Who says what time it was.
    pub time_source: TimeSource,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything that is asked is there.
    Authorized,
    /// Approvals or labels are missing.
    WaitingForApproval,
    /// A window is closed.
    WaitingForWindow,
    /// A rule denies it, or none is about it.
    Denied,
    /// Facts are missing.
    Undecidable,
}

/// Whether a policy closes the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It does.
    Enforce,
    /// It only looks on.
    Observe,
}

/// Who says what time it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TimeSource {
    /// The clock of the machine that the gate ran on.
    GateClock,
    /// Whoever called the gate.
    Given,
    /// A forge.
    Forge,
    /// A facts file, for which nobody vouches.
    FactsFile,
}

/// What one rule says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Requirement {
    /// The name of the rule; null for what holds whatever the policy says.
    pub rule: Option<String>,
    /// What the rule alone makes of the change.
    pub outcome: Outcome,
    /// Why, on one line.
    pub reason: String,
    /// How many approvals of which group it needs.
    pub needed: Vec<Needed>,
    /// Whose approvals it has. Nobody is in two requirements.
    pub satisfied_by: Vec<Actor>,
    /// Its windows, by name.
    pub windows: Vec<String>,
    /// Whether it was not asked because somebody broke the glass.
    pub lifted: bool,
}

/// Approvals of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Needed {
    /// The group.
    pub group: String,
    /// How many of its people.
    pub count: usize,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Actor {
    /// The forge's immutable user id.
    pub actor_id: u64,
    /// The name that people knew them by.
    pub login: String,
}

/// An approval that counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Approval {
    /// The forge's immutable user id of whoever approved.
    pub actor_id: u64,
    /// The name that people knew them by.
    pub login: String,
    /// What kind of account that is.
    pub kind: AccountKind,
    /// The groups for which they were counted.
    pub roles: Vec<String>,
    /// The forge's id of the review.
    pub review_id: u64,
    /// The commit that they saw.
    pub reviewed_commit: CommitId,
    /// Its tree; null where the commit was not there to be looked at.
    pub reviewed_tree: Option<String>,
    /// The digest of the change that they saw, against where it left today's target branch.
    pub delta_digest_at_approval: Option<String>,
    /// When the approval was received.
    pub approved_at: Moment,
    /// Who says so.
    pub source: TimeSource,
}

/// Somebody who is not counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Exclusion {
    /// The forge's immutable user id.
    pub actor_id: u64,
    /// The name that people knew them by.
    pub login: String,
    /// Why, on one line.
    pub reason: String,
}

/// What a window said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Window {
    /// Its name in the policy.
    pub id: String,
    /// Its IANA time zone.
    pub zone: String,
    /// The version of the tz database.
    pub tzdb: String,
    /// The instant that was asked about.
    pub evaluated_at: Moment,
    /// Whether a deployment might start then.
    pub open: bool,
    /// When it opens next, if it was closed.
    pub opens_at: Option<Moment>,
    /// When it closes, if it was open.
    pub closes_at: Option<Moment>,
}

/// How a change passed otherwise than by everything that was asked before it landed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Override {
    /// Somebody broke the glass.
    BreakGlass {
        /// Who asked.
        requested_by: Actor,
        /// Why it could not wait.
        reason: String,
        /// The ticket of the incident.
        ticket: String,
        /// Until when it holds.
        until: Moment,
        /// Who agreed.
        approved_by: Vec<Actor>,
        /// The group that owes the review.
        review_from: String,
        /// When the review is due.
        review_due: Moment,
    },
    /// It had landed before anybody asked.
    Retroactive {
        /// When it landed.
        landed_at: Moment,
    },
}

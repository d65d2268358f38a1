//! The change request as facts: who wrote it, who approved which content and when. No fact is ever guessed: what is not known is
//! `None`, and closes the gate where a rule asks for it.
//!
//! Identity is the forge's immutable id; a login is only shown. A facts file (YAML or JSON) tells the same facts offline:
//!
//! ```yaml
//! repository: acme/infrastructure
//! change-request: 42
//! base: 1111111111111111111111111111111111111111
//! head: 2222222222222222222222222222222222222222
//! author: { id: 1001, login: alice }
//! author-kind: user
//! contributors:
//!   - { id: 1001, login: alice }
//! reviews:
//!   - id: 7001
//!     author: { id: 1002, login: bob }
//!     kind: user
//!     state: approved
//!     commit: 2222222222222222222222222222222222222222
//!     submitted-at: 2026-11-24T10:12:00Z
//! labels: [access]
//! environment: production
//! ```

mod content;
mod exception;
mod facts;
mod freeze;
mod scalars;
#[cfg(test)]
mod tests;

pub use content::{Content, ReviewedContent};
pub use exception::{ChangeId, GlassRequest, Override, OverrideKind, Settlement};
pub(crate) use facts::is_environment;
pub use facts::schema;
pub use freeze::{Freeze, Freezes};
pub use scalars::{CommitId, utc, utc_schema};

use crate::document::present;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The facts of a change request.
// Written, they are spelt as they are read, and what nobody knows is not written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "Facts of a change request")]
pub struct Proposal {
    /// The repository that the change is proposed to, such as `acme/infrastructure`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"acme/infrastructure")]
    pub repository: Option<String>,
    /// The number of the pull or merge request, or its address.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(example = 42)]
    pub change_request: Option<ChangeRequest>,
    /// The commit that the change starts from.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"1111111111111111111111111111111111111111")]
    pub base: Option<CommitId>,
    /// The commit that is proposed.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"2222222222222222222222222222222222222222")]
    pub head: Option<CommitId>,
    /// Who opened the change request.
    pub author: Person,
    /// What kind of account the author has.
    #[schemars(example = &"user")]
    pub author_kind: AccountKind,
    /// Everybody whose commits alter what is gained, lost or undecided: authors, committers, co-authors, pushers. Without this key it
    /// is not known who they are, and nobody's approval counts; `[]` says that there is nobody besides the author.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub contributors: Option<Vec<Person>>,
    /// All reviews that were ever submitted, also dismissed ones. Without this key it is not known whether there are any; `[]` says
    /// that there are none.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub reviews: Option<Vec<Review>>,
    /// The labels of the change request. Without this key they are not known.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["access-reviewed"])]
    pub labels: Option<Vec<String>>,
    /// The environment that a deployment goes to.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"production")]
    pub environment: Option<String>,
    /// What the change request is called. Without this key it is not known.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"OPS-7: let the job read artifacts")]
    pub title: Option<String>,
    /// What the change request says of itself. Without this key it is not known; an empty text says that it says nothing.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"The nightly job compares them.")]
    pub description: Option<String>,
    /// The deploy freezes that the forge has for the project. Without this key they are not known.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub freezes: Option<Freezes>,
    /// How often the access that the change gives was prolonged before; 0 for access that is new. Without this key nobody knows.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0)]
    pub renewals: Option<u64>,
    /// People who are gone, whatever group still names them: accounts that are closed, or no longer belong to the organisation. Their
    /// approvals do not count.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub departed: Option<Vec<Person>>,
    /// The request that the change may pass by break-glass, if somebody asks.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<GlassRequest>,
    /// Every change that ever passed by break-glass, or went round the gate. Without this key it is not known whether a review is owed;
    /// `[]` says that there was none.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Vec<Override>>,
    /// When the change landed, in UTC, if it is judged after the fact because it went round the gate. No approval is a prior one then.
    #[serde(default, deserialize_with = "scalars::present_utc", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "scalars::utc_schema", example = &"2026-11-24T10:30:00Z")]
    pub landed_at: Option<DateTime<Utc>>,
    /// When the change request was last aimed at another branch, in UTC, if it ever was. An approval that is older was given to another
    /// change and does not count.
    #[serde(default, deserialize_with = "scalars::present_utc", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "scalars::utc_schema", example = &"2026-11-24T10:30:00Z")]
    pub retargeted_at: Option<DateTime<Utc>>,
    /// The human who asked for a change that a bot opened. Without this key nobody knows, and one approver more is needed.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Person>,
    /// Who is in which team, by `organisation/team`, as the forge has it. A team that is not here is one of which nobody knows who is in
    /// it.
    #[serde(default)]
    #[schemars(example = serde_json::json!({"acme/security": [{"id": 1002, "login": "bob"}]}))]
    pub teams: BTreeMap<String, Vec<Person>>,
    /// Why something is not known; no part of the file.
    #[serde(skip)]
    pub unknown: Unknown,
    /// Who vouches for these facts; no part of the file.
    #[serde(skip)]
    pub source: Source,
}

/// Why something is not known, where somebody can say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unknown {
    /// Why not who contributed to the change.
    pub contributors: Option<String>,
    /// Why not who is in a team, by the team.
    pub teams: BTreeMap<String, String>,
    /// Why not when the forge deploys nothing.
    pub freezes: Option<String>,
    /// Why not which commit was reviewed, by the review. Such a review names the commit that is proposed now, and does not count.
    pub reviews: BTreeMap<u64, String>,
}

impl Proposal {
    /// A change of which nothing is known but who opened it.
    pub fn by(author: Person, author_kind: AccountKind) -> Self {
        Self {
            repository: None,
            change_request: None,
            base: None,
            head: None,
            author,
            author_kind,
            contributors: None,
            reviews: None,
            labels: None,
            environment: None,
            title: None,
            description: None,
            freezes: None,
            renewals: None,
            departed: None,
            break_glass: None,
            overrides: None,
            landed_at: None,
            retargeted_at: None,
            asked_by: None,
            teams: BTreeMap::new(),
            unknown: Unknown::default(),
            source: Source::default(),
        }
    }
}

/// An account, by its immutable id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Person {
    /// The forge's immutable user id; it alone says who somebody is.
    #[schemars(range(min = 1))]
    #[schemars(example = 1001)]
    pub id: u64,
    /// The name under which people know them. It can change and decides nothing.
    #[schemars(length(min = 1))]
    #[schemars(example = &"alice")]
    pub login: String,
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.login)
    }
}

/// One review.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Review {
    /// When the forge received it, in UTC: `2026-11-24T10:12:00Z`.
    #[serde(deserialize_with = "scalars::utc")]
    #[schemars(schema_with = "scalars::utc_schema", example = &"2026-11-24T10:12:00Z")]
    pub submitted_at: DateTime<Utc>,
    /// The forge's id of the review.
    #[schemars(example = 7001)]
    pub id: u64,
    /// Who reviewed.
    pub author: Person,
    /// What kind of account they have.
    #[schemars(example = &"user")]
    pub kind: AccountKind,
    /// What the review says now.
    #[schemars(example = &"approved")]
    pub state: ReviewState,
    /// The commit that was reviewed, in full.
    #[schemars(example = &"2222222222222222222222222222222222222222")]
    pub commit: CommitId,
}

/// What kind of account somebody has, as the forge says. A name never tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccountKind {
    /// A human's.
    User,
    /// A machine's.
    Bot,
    /// An application's.
    App,
}

/// What a review says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewState {
    /// Yes.
    Approved,
    /// No.
    ChangesRequested,
    /// Neither; a comment never approves.
    Commented,
    /// It was taken back, by its author or by somebody else.
    Dismissed,
    /// Not submitted yet.
    Pending,
}

/// The change request's number or address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ChangeRequest {
    /// Its number in the repository.
    Number(u64),
    /// Its address: `https://…`.
    Url(
        #[schemars(regex(pattern = "^https://"))]
        String,
    ),
}

/// Who vouches for the facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Nobody: a file that anybody can write.
    #[default]
    FactsFile,
    /// A forge that was asked.
    Forge,
}

impl Source {
    /// Whether somebody else than the writer of the facts vouches for them.
    pub fn is_verified(self) -> bool {
        self == Self::Forge
    }
}

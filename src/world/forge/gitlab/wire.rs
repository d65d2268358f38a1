//! What GitLab answers, as far as we read it. Field by field as its documentation has it: <https://docs.gitlab.com/api/rest/>.

use crate::proposal::{AccountKind, Person};
use crate::world::forge::client::Keyed;
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// An account, as it stands in other things.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) username: String,
}

impl User {
    pub(super) fn person(&self) -> Person {
        Person { id: self.id, login: self.username.clone() }
    }
}

/// An account by itself, which alone says what kind it is.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Account {
    #[serde(flatten)]
    pub(super) user: User,
    state: String,
    /// Also of the tokens of a project or a group, and of service accounts.
    bot: bool,
}

impl Account {
    pub(super) fn kind(&self) -> AccountKind {
        if self.bot { AccountKind::Bot } else { AccountKind::User }
    }

    /// Whether nobody can sign in any more.
    pub(super) fn is_closed(&self) -> bool {
        self.state != ACTIVE
    }
}

/// Neither blocked nor deactivated, and not waiting to be let in.
const ACTIVE: &str = "active";

/// Somebody in a group.
#[derive(Debug, Deserialize)]
pub(super) struct Member {
    #[serde(flatten)]
    pub(super) user: User,
    state: String,
    /// Only where seats are counted.
    membership_state: Option<String>,
}

impl Member {
    pub(super) fn is_active(&self) -> bool {
        self.state == ACTIVE && self.membership_state.as_deref().is_none_or(|state| state == ACTIVE)
    }
}

impl Keyed for Member {
    fn key(&self) -> Option<u64> {
        Some(self.user.id)
    }
}

/// A merge request.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct MergeRequest {
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) labels: Vec<String>,
    pub(super) author: User,
    /// The commit that is proposed; none before GitLab has looked at the branch.
    pub(super) sha: Option<String>,
    /// None before GitLab has compared.
    pub(super) diff_refs: Option<DiffRefs>,
    pub(super) source_branch: String,
    /// None once the fork is gone.
    pub(super) source_project_id: Option<u64>,
    pub(super) target_project_id: u64,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) references: References,
}

/// What is compared.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct DiffRefs {
    /// Where the change left its branch.
    #[serde(rename = "base_sha")]
    pub(super) base: String,
    #[serde(rename = "head_sha")]
    pub(super) head: String,
    /// What its branch was then.
    #[serde(rename = "start_sha")]
    pub(super) start: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct References {
    /// `acme/infrastructure!42`.
    full: String,
}

impl References {
    /// `acme/infrastructure`.
    pub(super) fn project(&self) -> &str {
        self.full.split('!').next().unwrap_or_default()
    }
}

/// What a merge request proposed from some instant on.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Version {
    pub(super) id: u64,
    /// None if there was nothing to compare.
    pub(super) head_commit_sha: Option<String>,
    pub(super) created_at: DateTime<Utc>,
}

impl Keyed for Version {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

/// Who approves.
#[derive(Debug, Deserialize)]
pub(super) struct Approvals {
    pub(super) approved_by: Vec<Approval>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Approval {
    pub(super) user: User,
    /// None before GitLab 18.5.
    pub(super) approved_at: Option<DateTime<Utc>>,
}

/// Somebody who was asked to review.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Reviewer {
    pub(super) user: User,
    pub(super) state: String,
}

impl Keyed for Reviewer {
    fn key(&self) -> Option<u64> {
        Some(self.user.id)
    }
}

/// Something that somebody wrote at a merge request, or that GitLab did of what somebody did.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Note {
    pub(super) id: u64,
    pub(super) author: User,
    pub(super) body: String,
    pub(super) system: bool,
    pub(super) created_at: DateTime<Utc>,
}

impl Keyed for Note {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

/// A commit as git has it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Commit {
    pub(super) id: String,
    pub(super) author_email: String,
    pub(super) committer_email: String,
    pub(super) message: String,
}

impl Keyed for Commit {
    /// Commits are told apart by their names; a list of them is compared with another.
    fn key(&self) -> Option<u64> {
        None
    }
}

/// Whether a signature is of whom it seems to be.
#[derive(Debug, Deserialize)]
pub(super) struct Signature {
    pub(super) verification_status: String,
}

/// A push.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub(super) author: User,
    pub(super) created_at: DateTime<Utc>,
    pub(super) push_data: Option<Push>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Push {
    /// `created`, `pushed`, `removed`.
    pub(super) action: String,
    pub(super) ref_type: String,
    /// None of a push of many branches at once.
    #[serde(rename = "ref")]
    pub(super) branch: Option<String>,
    /// What the branch was then. None of one that was taken away, and of many at once.
    pub(super) commit_to: Option<String>,
}

/// A deployment that succeeded.
#[derive(Debug, Deserialize)]
pub(super) struct Deployment {
    pub(super) sha: String,
}

/// A time in which nothing is deployed, in the notation of a crontab.
#[derive(Debug, Deserialize)]
pub(super) struct FreezePeriod {
    id: u64,
    pub(super) freeze_start: String,
    pub(super) freeze_end: String,
    pub(super) cron_timezone: String,
}

impl Keyed for FreezePeriod {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

/// A merge request that a commit belongs to.
#[derive(Debug, Deserialize)]
pub(super) struct Landed {
    pub(super) iid: u64,
    pub(super) state: String,
    /// Its newest commit.
    pub(super) sha: Option<String>,
    pub(super) merge_commit_sha: Option<String>,
    pub(super) squash_commit_sha: Option<String>,
    pub(super) target_branch: String,
}

/// A merge request in a list.
#[derive(Debug, Deserialize)]
pub(super) struct Proposed {
    pub(super) iid: u64,
    pub(super) state: String,
    /// None, if its branch is gone.
    pub(super) sha: Option<String>,
    pub(super) target_branch: String,
}

impl Keyed for Proposed {
    fn key(&self) -> Option<u64> {
        Some(self.iid)
    }
}

impl Keyed for Landed {
    fn key(&self) -> Option<u64> {
        Some(self.iid)
    }
}

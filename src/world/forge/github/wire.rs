//! What GitHub answers, as far as we read it. Field by field as its description has it: <https://docs.github.com/rest>.

use crate::proposal::{AccountKind, Person};
use crate::world::forge::client::Keyed;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) login: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
}

impl User {
    /// GitHub's own account, to which it gives what accounts did that are gone.
    pub(super) fn ghost() -> Self {
        Self { id: 10137, login: "ghost".to_owned(), kind: "User".to_owned() }
    }

    /// Whether this stands for an account that is gone. An Enterprise Server has a `ghost` with another id.
    fn is_ghost(&self) -> bool {
        self.id == 10137 || self.login == "ghost"
    }

    pub(super) fn person(&self) -> Person {
        Person { id: self.id, login: self.login.clone() }
    }

    /// Whatever is not called a user's is no human's.
    pub(super) fn kind(&self) -> AccountKind {
        match self.kind.as_str() {
            "User" => AccountKind::User,
            "Bot" => AccountKind::Bot,
            _ => AccountKind::App,
        }
    }
}

impl Keyed for User {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

/// A pull request.
#[derive(Debug, Deserialize)]
pub(super) struct Pull {
    pub(super) title: String,
    pub(super) body: Option<String>,
    pub(super) labels: Vec<Label>,
    /// Nobody, if the account is gone.
    #[serde(default, deserialize_with = "somebody")]
    pub(super) user: Option<User>,
    pub(super) base: Side,
    pub(super) head: Side,
}

#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
}

/// One of the two branches of a pull request.
#[derive(Debug, Deserialize)]
pub(super) struct Side {
    pub(super) sha: String,
    #[serde(rename = "ref")]
    pub(super) branch: String,
    /// None, if it was deleted.
    pub(super) repo: Option<Repository>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Repository {
    pub(super) full_name: String,
}

/// A review.
#[derive(Debug, Deserialize)]
pub(super) struct Review {
    pub(super) id: u64,
    /// Nobody, if the account is gone.
    #[serde(default, deserialize_with = "somebody")]
    pub(super) user: Option<User>,
    pub(super) state: String,
    pub(super) commit_id: Option<String>,
    /// None, as long as it is not submitted.
    pub(super) submitted_at: Option<DateTime<Utc>>,
}

impl Keyed for Review {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

/// What one commit has that another has not.
#[derive(Debug, Deserialize)]
pub(super) struct Comparison {
    pub(super) merge_base_commit: Id,
    pub(super) total_commits: usize,
    pub(super) commits: Vec<Commit>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Id {
    pub(super) sha: String,
}

/// A commit, with the accounts that its addresses belong to.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Commit {
    pub(super) sha: String,
    #[serde(default, deserialize_with = "somebody")]
    pub(super) author: Option<User>,
    #[serde(default, deserialize_with = "somebody")]
    pub(super) committer: Option<User>,
    #[serde(rename = "commit")]
    pub(super) written: Written,
}

/// A commit as git has it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Written {
    pub(super) message: String,
    pub(super) author: Option<Signature>,
    pub(super) committer: Option<Signature>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Signature {
    pub(super) email: Option<String>,
}

/// An account, or nothing, or an empty object: GitHub says all three. An account that is gone is anybody's, and so nobody's that we know.
fn somebody<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<User>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Said {
        Somebody(User),
        Nobody(Empty),
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Empty {}
    Ok(match Option::<Said>::deserialize(deserializer)? {
        Some(Said::Somebody(user)) => Some(user).filter(|user| !user.is_ghost()),
        Some(Said::Nobody(Empty {})) | None => None,
    })
}

/// Something that happened to a pull request.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    #[serde(rename = "event")]
    pub(super) kind: Option<String>,
    #[serde(default, deserialize_with = "somebody")]
    pub(super) actor: Option<User>,
    #[serde(default)]
    pub(super) created_at: Option<DateTime<Utc>>,
}

impl Keyed for Event {
    /// Not every event has an id.
    fn key(&self) -> Option<u64> {
        None
    }
}

/// Something that happened to a branch.
#[derive(Debug, Deserialize)]
pub(super) struct Activity {
    #[serde(default, deserialize_with = "somebody")]
    pub(super) actor: Option<User>,
}

/// A deployment of a commit.
#[derive(Debug, Deserialize)]
pub(super) struct Deployment {
    pub(super) id: u64,
    pub(super) sha: String,
}

/// What became of a deployment.
#[derive(Debug, Deserialize)]
pub(super) struct Status {
    id: u64,
    pub(super) state: String,
}

impl Keyed for Status {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

/// A pull request that a commit belongs to.
#[derive(Debug, Deserialize)]
pub(super) struct Landed {
    pub(super) number: u64,
    pub(super) merged_at: Option<DateTime<Utc>>,
    /// The merge, the squashed commit, or the last of those that were rebased.
    pub(super) merge_commit_sha: Option<String>,
    pub(super) base: Side,
}

impl Keyed for Landed {
    fn key(&self) -> Option<u64> {
        Some(self.number)
    }
}

/// A pull request in a list.
#[derive(Debug, Deserialize)]
pub(super) struct Proposed {
    pub(super) number: u64,
    pub(super) state: String,
    pub(super) head: Side,
    pub(super) base: Side,
}

impl Keyed for Proposed {
    fn key(&self) -> Option<u64> {
        Some(self.number)
    }
}

//! What is written to a forge: which part of a report goes where, and what became of each. That a part is refused never changes a decision.

use super::Error;
use crate::report::publication::Publication;

/// A place for a part of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// One comment on the change request.
    Comment,
    /// Notes at the lines that give access.
    Lines,
    /// A check of the commit.
    Check,
    /// Alerts of code scanning.
    CodeScanning,
}

impl Channel {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Lines => "lines",
            Self::Check => "check",
            Self::CodeScanning => "code-scanning",
        }
    }

    /// What a job needs for it, as it is written under `permissions:` of a workflow.
    pub(super) fn permission(self) -> &'static str {
        match self {
            Self::Comment | Self::Lines => "pull-requests: write",
            Self::Check => "checks: write",
            Self::CodeScanning => "security-events: write",
        }
    }
}

/// What a report is about, as the forge calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The repository: `acme/infrastructure`.
    pub repository: String,
    /// The number of the pull or merge request, if it is one.
    pub change_request: Option<u64>,
    /// The branch that it goes to, if it goes to one.
    pub branch: Option<String>,
    /// The commit that was judged.
    pub head: String,
    /// The reference that the commit was reached by: `refs/pull/42/merge`, `refs/heads/main`.
    pub reference: Option<String>,
}

impl Target {
    /// Why nothing is written of a commit that something newer took the place of.
    pub(super) fn overtaken_by(&self, newer: &str) -> NotPublished {
        let short = |commit: &str| commit.get(..12).unwrap_or(commit).to_owned();
        NotPublished::Overtaken { judged: short(&self.head), now: short(newer) }
    }
}

/// What is written.
#[derive(Clone, Copy, Debug)]
pub struct Report<'r> {
    /// What it is about.
    pub target: &'r Target,
    /// What is to stand there.
    pub publication: &'r Publication,
    /// SARIF, for code scanning.
    pub sarif: &'r str,
}

/// What became of one part.
#[derive(Debug)]
pub struct Published {
    /// Which.
    pub channel: Channel,
    /// What was done, in words: `written`, `as it was`; or why it is not there.
    pub outcome: Result<String, NotPublished>,
}

/// Why a part is not where it should be.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    /// The token may not.
    #[error("{error}; the job needs `permissions: {{ {permission} }}`, which no token has on a pull request from a fork")]
    Forbidden {
        /// What the forge said.
        error: Error,
        /// What is missing.
        permission: &'static str,
    },
    /// The token of a GitLab may not.
    #[error("{0}; the token needs the role Reporter and the scope `api`")]
    NeedsScope(Error),
    /// The project asks for no such check.
    #[error(
        "the project has no external status check `{0}`; whoever maintains it adds one under Settings → Merge requests (with Ultimate), and \
         without one the job itself is the check"
    )]
    NoStatusCheck(String),
    /// The forge has no such place.
    #[error("{0}")]
    Elsewhere(&'static str),
    /// Something else.
    #[error(transparent)]
    Other(#[from] Error),
    /// What was judged is no longer what is proposed.
    #[error("commit {judged} was judged, and commit {now} is proposed now: its own run says what there is to say")]
    Overtaken {
        /// The one.
        judged: String,
        /// The other.
        now: String,
    },
    /// Nothing tells which reference the commit is of.
    #[error("it is not known which branch the commit is of")]
    NoReference,
}

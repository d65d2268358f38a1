//! Why it cannot be told from the job what is to be judged. The gate is closed then: what is not known is never an empty change.

use std::path::PathBuf;

/// What is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Every job of that runner has it.
    #[error("`{name}` is not set, though this runs in a job of a pipeline: hand it on to this step, or name `--base` and `--head`")]
    NoVariable {
        /// The variable.
        name: &'static str,
    },
    /// The payload is not there.
    #[error("the event of this job cannot be read from `{}`", path.display())]
    Unreadable {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The payload is none.
    #[error("`{}` is no event `{event}` of GitHub: name `--base` and `--head`", path.display())]
    NotThatEvent {
        /// What it should be.
        event: String,
        /// Where it is.
        path: PathBuf,
        /// What does not fit.
        source: serde_json::Error,
    },
    /// What should be a full id is none.
    #[error("{what} of this job is `{id}`, which is no full id of a commit: name `--base` and `--head`")]
    NoCommit {
        /// What it is of.
        what: &'static str,
        /// What is there.
        id: String,
    },
    /// A branch that was not there before.
    #[error("branch `{branch}` is new, so nothing says what it is to be compared with: name the state before it with `--base`")]
    NewBranch {
        /// Its name.
        branch: String,
    },
    /// What is judged is gone.
    #[error("`{name}` was deleted, so there is nothing to judge: do not run the gate on a deletion")]
    Deleted {
        /// The branch or the tag.
        name: String,
    },
    /// Nothing happened to the code.
    #[error(
        "`{event}` is not about a change: name `--base` and `--head`, or run on pull_request, pull_request_target, pull_request_review, \
         merge_group, push, deployment, release, workflow_dispatch or schedule"
    )]
    OtherEvent {
        /// Its name.
        event: String,
    },
    /// A pipeline of GitLab that does not say what it is about.
    #[error(
        "a pipeline that runs for `{source_name}` is not about a change: name `--base` and `--head`, or run for merge requests, pushes or deployments"
    )]
    OtherPipeline {
        /// What it runs for.
        source_name: String,
    },
    /// Nobody knows where a release is.
    #[error(
        "`{named}` is no address of a release, and this is no job of its repository that has a token: name the release by its address, such as \
         https://github.com/OWNER/NAME/releases/tag/v1.4.0, or run in a job of GitHub Actions that hands its token in as `GITHUB_TOKEN`"
    )]
    NoRelease {
        /// What was named.
        named: String,
    },
}

//! What can go wrong between us and a forge. None of it is ever an approval, and none of it shows a token.

use chrono::{DateTime, Utc};

/// Why a forge gave no answer, or none that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection cannot be made at all.
    #[error("cannot get ready to ask the forge: {0}")]
    Start(String),
    /// The address of the API is none.
    #[error(
        "`{api}` is not the address of an API; write one such as `https://github.example.com/api/v3` or `https://gitlab.example.com/api/v4`"
    )]
    Address {
        /// As it was given.
        api: String,
    },
    /// A token would go over a wire that anybody can read.
    #[error("`{api}` is not `https`, and a token is sent unencrypted to this machine alone; write `https://`")]
    Unencrypted {
        /// As it was given.
        api: String,
    },
    /// The token has characters that no header may have.
    #[error("the token has spaces, line ends or letters that no token has; check the secret that it comes from")]
    Token,
    /// The forge says no.
    #[error("the forge refused `{request}` with {status}{}; {help}", saying(said))]
    Refused {
        /// The method and the path.
        request: String,
        /// The status of its answer.
        status: u16,
        /// What it said, in its own words.
        said: String,
        /// What to do.
        help: String,
    },
    /// The forge does not answer, or answers that it cannot.
    #[error("the forge did not answer `{request}`, asked {tries}: {why}; run the job again, and see whether the forge has an incident")]
    Unavailable {
        /// The method and the path.
        request: String,
        /// Once, or how many times.
        tries: String,
        /// What happened the last time.
        why: String,
    },
    /// The token has asked too often.
    #[error(
        "the forge takes no more requests of this token{}: it refused `{request}`; run the job again then, or use a token of its own",
        not_before(*until)
    )]
    Limited {
        /// The method and the path.
        request: String,
        /// When it takes requests again, as far as it said.
        until: Option<DateTime<Utc>>,
    },
    /// Everything together took too long.
    #[error("the forge took too long: `{request}` was not answered within the {seconds} seconds for all requests; run the job again")]
    Deadline {
        /// The method and the path.
        request: String,
        /// The limit.
        seconds: u64,
    },
    /// An answer that is not what the forge documents.
    #[error("the answer to `{request}` cannot be used: {why}; nothing is decided by a part of an answer")]
    Unusable {
        /// The method and the path.
        request: String,
        /// What is wrong with it.
        why: String,
    },
    /// The forge points to another host, to which no token goes.
    #[error("the forge sends `{request}` to `{host}`, which is another host: nothing is sent there; correct the address of the API")]
    Elsewhere {
        /// The method and the path.
        request: String,
        /// Where it points.
        host: String,
    },
    /// What is asked about changes while it is read.
    #[error("{what} changed while it was read, more than once; run the job again when nobody pushes")]
    Changing {
        /// What changes.
        what: String,
    },
    /// GitLab shows what is asked to nobody without a name.
    #[error(
        "GitLab shows approvals to no job token: hand in a project or group access token with the role Reporter and the scope `read_api` as \
         the variable `GITLAB_TOKEN`, masked and hidden"
    )]
    NoToken,
    /// Something else is attached by that name.
    #[error(
        "`{name}` is attached to the release already, with another content, and nothing that is there is replaced: look at it, and remove it if it does not belong there"
    )]
    Occupied {
        /// Its name.
        name: String,
    },
    /// GitLab keeps no attestations.
    #[error("GitLab has no store of attestations of its own: attach the bundles to a release, by `--release`")]
    NoStore,
    /// What was sent is not what arrived.
    #[error("`{name}` was sent, and the release has not all of it: run it again, which finishes it")]
    Half {
        /// Its name.
        name: String,
    },
    /// Nobody knows which change request is meant.
    #[error("nobody said which change request this is about; run the gate where the forge says it, or name it")]
    NoNumber,
}

fn saying(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(", saying `{said}`") }
}

fn not_before(until: Option<DateTime<Utc>>) -> String {
    until.map_or_else(String::new, |until| format!(" until {}", until.format("%Y-%m-%dT%H:%M:%SZ")))
}

//! The forge: who proposed, wrote and reviewed a change, and who is in a team, as GitHub has it.
//!
//! Blocking outside, asynchronous within: a [`Forge`] owns the runtime on which its requests run side by side. What it hands inward are
//! plain values. Whatever it cannot see whole is an error or a fact that is not known, never fewer facts than there are.

mod attachments;
mod board;
mod client;
mod deployed;
mod error;
mod fetch;
mod github;
mod gitlab;
mod graphql;
mod listed;
mod publish;
mod release;
mod settings;
mod token;
mod trailers;

pub use attachments::{Attached, Attachment};
pub use deployed::{Deployed, PlaceOf};
pub use error::Error;
pub use listed::Listed;
pub use publish::{Channel, NotPublished, Published, Report, Target};
pub use release::ReleaseAddress;
pub use settings::{
    Approvals, BranchSettings, PipelinePolicy, ProjectSettings, ProtectedEnvironment, RequiredWorkflow, Settings, TokenSettings,
};
pub use token::Token;

use crate::policy::Needs;
use crate::proposal::Proposal;
use client::Client;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How many commits are asked about at once.
const AT_ONCE: usize = 8;

/// How to reach a forge.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Which forge.
    pub provider: Provider,
    /// Where its API is: `https://api.github.com`, `https://github.example.com/api/v3`, `https://gitlab.com/api/v4`.
    pub api: String,
    /// Who asks.
    pub token: Option<Token>,
    /// How long everything that is asked may take together.
    pub deadline: Duration,
    /// How long to wait before a read is repeated for the first time; from then on it is longer.
    pub pause: Duration,
}

/// Which forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// GitHub, or GitHub Enterprise Server.
    GitHub,
    /// GitLab.
    GitLab,
}

/// What is judged, as the forge calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The repository: `acme/infrastructure`.
    pub repository: String,
    /// The number of the pull or merge request, if it is known.
    pub change_request: Option<u64>,
    /// The environment that a deployment goes to.
    pub environment: Option<String>,
    /// Whether the forge said to the job that it deploys nothing now.
    pub is_frozen: bool,
}

/// A connection to a forge.
#[derive(Debug)]
pub struct Forge {
    runtime: Runtime,
    client: Client,
    connection: Connection,
}

impl Forge {
    /// Makes a connection. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// If the address is none, or is no `https` one (`http` is for this machine alone), or the token cannot be sent.
    pub fn connect(connection: &Connection) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|source| Error::Start(source.to_string()))?;
        let client = {
            // What sends the requests waits on the runtime.
            let _entered = runtime.enter();
            Client::new(connection)?
        };
        Ok(Self { runtime, client, connection: connection.clone() })
    }

    /// The facts of a change request, as far as they are needed.
    ///
    /// # Errors
    ///
    /// If the forge does not answer, or what it answers cannot be used. What it does not show is not known, and no error.
    pub fn proposal(&self, asked: &Asked, needs: &Needs) -> Result<Proposal, Error> {
        self.runtime.block_on(async {
            match self.client.provider() {
                Provider::GitHub => github::proposal(&self.client, asked, needs).await,
                Provider::GitLab => gitlab::proposal(&self.client, asked, needs).await,
            }
        })
    }

    /// What may be deployed to an environment, by where commits stand on the line of the branch that is deployed.
    ///
    /// # Errors
    ///
    /// If the forge does not answer, or not whole.
    pub fn deployed(&self, repository: &str, environment: &str, place: &PlaceOf<'_>) -> Result<Deployed, Error> {
        self.runtime.block_on(async {
            match self.client.provider() {
                Provider::GitHub => github::deployed(&self.client, repository, environment, place).await,
                Provider::GitLab => gitlab::deployed(&self.client, repository, environment, place).await,
            }
        })
    }

    /// The number of the change request by which each of these commits landed on a branch; `None` where there is none, or more than one
    /// may be it. One that went to another branch, or is another repository's, brought nothing here.
    ///
    /// # Errors
    ///
    /// If the forge does not answer, or not whole.
    pub fn landed_by(&self, repository: &str, branch: &str, commits: &[String]) -> Result<Vec<Option<u64>>, Error> {
        let landed = |commit: String| async move {
            let landings = match self.client.provider() {
                Provider::GitHub => github::landings(&self.client, repository, &commit).await,
                Provider::GitLab => gitlab::landings(&self.client, repository, &commit).await,
            }?;
            Ok(listed::of(&landings, branch))
        };
        self.runtime.block_on(stream::iter(commits.to_vec()).map(landed).buffered(AT_ONCE).try_collect())
    }

    /// All change requests that are open.
    ///
    /// # Errors
    ///
    /// If the forge does not answer, or not whole.
    pub fn open_requests(&self, repository: &str) -> Result<Vec<Listed>, Error> {
        self.runtime.block_on(async {
            match self.client.provider() {
                Provider::GitHub => github::open_requests(&self.client, repository).await,
                Provider::GitLab => gitlab::open_requests(&self.client, repository).await,
            }
        })
    }

    /// What a change request proposes now.
    ///
    /// # Errors
    ///
    /// If the forge does not answer, or there is no such change request.
    pub fn request(&self, repository: &str, number: u64) -> Result<Listed, Error> {
        self.runtime.block_on(async {
            match self.client.provider() {
                Provider::GitHub => github::request(&self.client, repository, number).await,
                Provider::GitLab => gitlab::request(&self.client, repository, number).await,
            }
        })
    }

    /// Writes a report, each part to where it belongs; what becomes of one is nothing to the others.
    pub fn publish(&self, report: &Report<'_>, channels: &BTreeSet<Channel>) -> Vec<Published> {
        let Report { target, publication, sarif } = *report;
        self.runtime.block_on(async {
            match self.client.provider() {
                Provider::GitHub => github::Publishing { client: &self.client, target, publication, sarif }.publish(channels).await,
                Provider::GitLab => gitlab::Publishing { client: &self.client, target, publication }.publish(channels).await,
            }
        })
    }

    /// The files of a release, by its tag, whose names are wanted.
    ///
    /// # Errors
    ///
    /// If there is no such release, or the forge does not answer, or not whole.
    pub fn attachments(&self, repository: &str, tag: &str, is_wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Attachment>, Error> {
        self.runtime.block_on(async {
            match self.client.provider() {
                Provider::GitHub => github::attachments(&self.client, repository, tag, is_wanted).await,
                Provider::GitLab => gitlab::attachments(&self.client, &self.connection, repository, tag, is_wanted).await,
            }
        })
    }

    /// Attaches files to a release, in this order. What is there already is as it was, what an interrupted upload has left is finished.
    ///
    /// # Errors
    ///
    /// If something else has the name of a file, or the forge does not take it. The files before it are attached then.
    pub fn attach(&self, repository: &str, tag: &str, files: &[Attachment]) -> Result<Vec<Attached>, Error> {
        self.runtime.block_on(async {
            match self.client.provider() {
                Provider::GitHub => github::attach(&self.client, &self.connection, repository, tag, files).await,
                Provider::GitLab => gitlab::attach(&self.client, &self.connection, repository, tag, files).await,
            }
        })
    }

    /// Every bundle that the forge's own store of attestations has about what has this SHA-256.
    ///
    /// # Errors
    ///
    /// If the forge does not answer, or not whole.
    pub fn attestations(&self, repository: &str, sha256: &str) -> Result<Vec<Value>, Error> {
        self.runtime.block_on(async {
            match self.client.provider() {
                Provider::GitHub => github::attestations(&self.client, repository, sha256).await,
                Provider::GitLab => Err(Error::NoStore),
            }
        })
    }

    /// Hands a bundle to the forge's own store of attestations.
    ///
    /// # Errors
    ///
    /// If the forge does not take it, such as on a plan without that store.
    pub fn keep(&self, repository: &str, bundle: &Value) -> Result<(), Error> {
        self.runtime.block_on(async {
            match self.client.provider() {
                Provider::GitHub => github::keep(&self.client, repository, bundle).await,
                Provider::GitLab => Err(Error::NoStore),
            }
        })
    }

    /// How a repository is protected, as far as the token sees it.
    pub fn settings(&self, repository: &str) -> Result<Settings, Error> {
        self.runtime.block_on(async {
            match self.client.provider() {
                Provider::GitHub => github::settings(&self.client, repository).await.map(Settings::GitHub),
                Provider::GitLab => gitlab::settings(&self.client, repository).await.map(Settings::GitLab),
            }
        })
    }

    /// Whether the token sees who is in a team, `organisation/slug`, or in a group, `group/subgroup`.
    pub fn sees_team(&self, team: &str) -> Result<(), Error> {
        self.runtime.block_on(async {
            match self.client.provider() {
                Provider::GitHub => github::sees_team(&self.client, team).await,
                Provider::GitLab => gitlab::sees_group(&self.client, team).await,
            }
        })
    }
}

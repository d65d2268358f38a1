//! Requests to a forge, and what becomes of an answer.
//!
//! A read is repeated when that may help, a write never: nobody knows whether it arrived. Everything together has one time limit, a
//! redirection is followed on the same host alone, and what is sent and read has a size.

mod address;
mod answer;
mod file;
mod link;
mod list;
mod pace;
mod send;

pub(super) use address::{encoded, takes_uploads};
pub(super) use list::Keyed;

use super::{Connection, Error, Provider};
use address::Address;
use answer::Answer;
use http::Method;
use octocrab::{Octocrab, OctocrabBuilder};
use pace::Pace;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long it may take until somebody is there; the rest is up to the time limit of everything.
const CONNECT: Duration = Duration::from_secs(10);

/// The version of GitHub's API whose description the tests hold every request to.
const API_VERSION: &str = "2022-11-28";

/// Sends requests, one connection for all.
#[derive(Debug)]
pub(super) struct Client {
    crab: Octocrab,
    /// Asks what the forge points to elsewhere, without saying who asks.
    elsewhere: reqwest::Client,
    provider: Provider,
    has_token: bool,
    /// Whether the API is on this machine.
    is_here: bool,
    /// The host and port that requests go to, and no other.
    authority: String,
    /// What the path of every request begins with.
    root: String,
    limit: Duration,
    /// When everything has to be there, from the first request on.
    deadline: Cell<Option<Instant>>,
    pace: Pace,
    /// What was read, by path.
    known: RefCell<BTreeMap<String, Answer>>,
}

impl Client {
    /// A client of one API. It has to be made where a runtime is.
    pub(super) fn new(connection: &Connection) -> Result<Self, Error> {
        let Address { origin, authority, root, is_here } = match connection.provider {
            Provider::GitHub => address::checked(&connection.api)?,
            // What it answers without a version stands beside that of its versions.
            Provider::GitLab => address::checked(address::without_version(&connection.api)?)?,
        };
        let started = |error: &dyn std::error::Error| Error::Start(send::cause(error));
        let idle = connection.deadline / 4;
        let sender = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).connect_timeout(CONNECT).read_timeout(idle);
        // A proxy is for what is far away.
        let sender = if is_here { sender.no_proxy() } else { sender };
        let sender = sender.build().map_err(|error| started(&error))?;
        let builder = OctocrabBuilder::new().base_uri(origin).map_err(|error| started(&error))?;
        let builder = match &connection.token {
            Some(token) => builder.personal_token(token.for_header().ok_or(Error::Token)?.to_owned()),
            None => builder,
        };
        let crab = builder.build_with_reqwest(sender.clone()).map_err(|error| started(&error))?;
        let pace = Pace { first: connection.pause, ..Pace::default() };
        let (provider, has_token) = (connection.provider, connection.token.is_some());
        Ok(Self {
            crab,
            elsewhere: sender,
            provider,
            has_token,
            is_here,
            authority,
            root,
            limit: connection.deadline,
            deadline: Cell::new(None),
            pace,
            known: RefCell::default(),
        })
    }

    /// What a read of this path answers.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.read(path).await?.json(path)
    }

    /// What a question in GraphQL answers, which is posted and changes nothing. Like a read it is repeated where that may help.
    pub(super) async fn ask<T: DeserializeOwned>(&self, question: &impl Serialize) -> Result<T, Error> {
        const PATH: &str = "/graphql";
        let body = serde_json::to_vec(question).map_err(|error| Error::Start(error.to_string()))?;
        // An Enterprise Server has it beside its API, not in it.
        let root = self.root.strip_suffix("/v3").unwrap_or(&self.root);
        self.ask_patiently(PATH, &format!("{root}{PATH}"), &body).await?.json(PATH)
    }

    /// Whether it says who asks.
    pub(super) fn has_token(&self) -> bool {
        self.has_token
    }

    /// The host and port that requests go to.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// Whose API it is.
    pub(super) fn provider(&self) -> Provider {
        self.provider
    }

    /// Takes something away, as a write.
    pub(super) async fn delete(&self, path: &str) -> Result<(), Error> {
        self.write_once(Method::DELETE, path, Vec::new()).await.map(|_| ())
    }

    /// What a write answers. It is sent once, whatever happens: nobody knows whether it arrived.
    pub(super) async fn write<T: DeserializeOwned>(&self, method: Method, path: &str, body: &impl Serialize) -> Result<T, Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::Start(error.to_string()))?;
        self.write_once(method, path, body).await?.json(path)
    }
}

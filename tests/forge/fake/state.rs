//! What the forge remembers.

use super::http::{Request, Response};
use super::releases::Released;
use super::routes;
pub use super::server::User;
use super::server::{Common, Remembers};
use super::written::Written;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;

/// Everything that the forge knows.
#[derive(Debug)]
pub struct State {
    common: Common<Self>,
    /// By `owner/name`.
    pub repositories: BTreeMap<String, Repository>,
    /// By `organisation/slug`.
    pub teams: BTreeMap<String, Team>,
    /// Whose the token is: a login.
    pub writer: String,
    /// Whether the token only reads.
    pub forbids_writes: bool,
    /// Whether it is an Enterprise Server, whose API is below a path.
    pub is_enterprise: bool,
}

impl Deref for State {
    type Target = Common<Self>;

    fn deref(&self) -> &Common<Self> {
        &self.common
    }
}

impl DerefMut for State {
    fn deref_mut(&mut self) -> &mut Common<Self> {
        &mut self.common
    }
}

impl Remembers for State {
    fn common(&mut self) -> &mut Common<Self> {
        &mut self.common
    }

    fn answer(&mut self, request: &Request) -> Response {
        let path = match request.path.strip_prefix("/api/v3") {
            _ if !self.is_enterprise => &request.path,
            None if request.path == "/api/graphql" => "/graphql",
            None if request.path.contains(".git/") => &request.path,
            Some(path) if path.starts_with('/') && !path.ends_with("/graphql") => path,
            _ => return routes::refused(self, request, "an Enterprise Server has its API below `/api/v3`"),
        };
        let (path, below) = (path.to_owned(), if self.is_enterprise { "/api/v3" } else { "" }.to_owned());
        routes::answer(self, &Request { path, below, ..request.clone() })
    }
}

#[derive(Debug, Default)]
pub struct Repository {
    pub id: u64,
    /// The repository that has its commits.
    pub git: PathBuf,
    pub pulls: BTreeMap<u64, Pull>,
    pub pushes: Vec<Push>,
    /// In the order in which they were made.
    pub deployments: Vec<Deployment>,
    pub written: Written,
    pub released: Released,
}

/// A commit that went somewhere.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub id: u64,
    pub environment: String,
    pub commit: String,
    /// What became of it, the newest last: `in_progress`, `success`, `failure`, `inactive`.
    pub states: Vec<&'static str>,
}

#[derive(Debug)]
pub struct Team {
    pub id: u64,
    /// Logins.
    pub members: Vec<String>,
}

/// What somebody did: the id that it has, who that was, and when.
pub type Done = (u64, String, DateTime<Utc>);

#[derive(Debug)]
pub struct Pull {
    pub id: u64,
    /// A login.
    pub author: String,
    pub title: String,
    pub body: Option<String>,
    pub labels: Vec<String>,
    /// Branches.
    pub base: String,
    pub head: String,
    pub base_sha: String,
    pub head_sha: String,
    pub is_open: bool,
    /// The repository of its branch, where that is another one.
    pub fork: Option<String>,
    /// The commit by which it landed.
    pub merged: Option<String>,
    /// Commits that it brought onto its branch before that one, as a rebase does.
    pub brought: Vec<String>,
    pub reviews: Vec<Review>,
    /// Who forced pushes, and when.
    pub forced: Vec<Done>,
    /// Who aimed it at another branch, and when; by which event that is told.
    pub aimed: Vec<(&'static str, Done)>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub struct Review {
    pub id: u64,
    /// A login; an account that is gone has none.
    pub author: Option<String>,
    /// As GitHub writes it: `APPROVED`.
    pub state: &'static str,
    pub commit: String,
    pub submitted_at: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub struct Push {
    pub id: u64,
    pub branch: String,
    pub before: String,
    pub after: String,
    pub kind: &'static str,
    pub actor: String,
    pub at: DateTime<Utc>,
}

impl State {
    pub fn new() -> Self {
        let common = Common::new("2026-01-05T09:00:00Z", 5_000_000_000);
        let (repositories, teams, forbids_writes, is_enterprise) = Default::default();
        Self { common, repositories, teams, writer: "github-actions[bot]".to_owned(), forbids_writes, is_enterprise }
    }

    /// The repositories, to be changed, and the people.
    pub fn parts(&mut self) -> (&mut BTreeMap<String, Repository>, &BTreeMap<String, User>) {
        (&mut self.repositories, &self.common.users)
    }
}

//! What the forge remembers.

use super::http::{Request, Response};
use super::releases::Released;
use super::written::Written;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: u64,
    pub login: String,
    /// `User`, `Bot`, `Organization`.
    pub kind: &'static str,
    /// The address by which commits are theirs.
    pub email: String,
}

/// Everything that the forge knows.
#[derive(Debug)]
pub struct State {
    /// By login.
    pub users: BTreeMap<String, User>,
    /// By `owner/name`.
    pub repositories: BTreeMap<String, Repository>,
    /// By `organisation/slug`.
    pub teams: BTreeMap<String, Team>,
    /// Every request, with the status of its answer.
    pub log: Vec<Exchange>,
    /// Requests that GitHub would not take, and answers that it would not give.
    pub mistakes: Vec<String>,
    /// What becomes of answers.
    pub trouble: Option<Trouble>,
    /// What time it is there.
    pub clock: DateTime<Utc>,
    pub next_id: u64,
    /// Whose the token is: a login.
    pub writer: String,
    /// Whether the token only reads.
    pub forbids_writes: bool,
    /// A write whose answer does not arrive, once.
    pub lost: Option<Lost>,
}

/// A write whose answer does not arrive.
#[derive(Clone, Copy, Debug)]
pub struct Lost {
    pub method: &'static str,
    /// What its path holds.
    pub path: &'static str,
    /// Whether it was done nevertheless.
    pub was_done: bool,
}

/// What an answer becomes on its way.
pub struct Trouble(pub Box<Spoils>);

type Spoils = dyn FnMut(&Request, Response) -> Response + Send;

impl std::fmt::Debug for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trouble")
    }
}

/// A request and what became of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub request: Request,
    pub status: u16,
    /// How many requests, this one included, came one after the other's answer.
    pub depth: usize,
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
    pub reviews: Vec<Review>,
    /// Who forced pushes, and when.
    pub forced: Vec<(u64, String, DateTime<Utc>)>,
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
        let clock = "2026-01-05T09:00:00Z".parse().unwrap();
        let (users, repositories, teams) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (writer, forbids_writes, lost, trouble) = ("github-actions[bot]".to_owned(), false, None, None);
        let (log, mistakes, next_id) = (Vec::new(), Vec::new(), 5_000_000_000);
        Self { users, repositories, teams, log, mistakes, trouble, clock, next_id, writer, forbids_writes, lost }
    }

    /// A number that no other thing has.
    pub fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// The time of something that happens now; the next thing happens later.
    pub fn tick(&mut self) -> DateTime<Utc> {
        self.clock += TimeDelta::minutes(1);
        self.clock
    }
}

//! What the forge remembers.

use crate::fake::http::{Request, Response};
use crate::fake::state::User;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Everything that the forge knows.
#[derive(Debug)]
pub struct State {
    /// By login.
    pub users: BTreeMap<String, User>,
    /// Logins of accounts that are blocked.
    pub blocked: BTreeSet<String>,
    /// Logins, by the path of the group.
    pub groups: BTreeMap<String, Vec<String>>,
    /// By path.
    pub projects: BTreeMap<String, Project>,
    /// Whether it says of an approval when it was given, as from 18.5 on.
    pub dates_approvals: bool,
    /// Whose the token is: a login.
    pub whose: String,
    /// Commits that the forge made and signed itself.
    pub signed: BTreeSet<String>,
    /// Every request, with the status of its answer.
    pub log: Vec<Exchange>,
    /// Requests that GitLab would not take, and answers that it would not give.
    pub mistakes: Vec<String>,
    pub trouble: Option<Trouble>,
    pub clock: DateTime<Utc>,
    next_id: u64,
}

/// What an answer becomes on its way.
pub struct Trouble(pub Box<Spoil>);

type Spoil = dyn FnMut(&mut State, &Request, Response) -> Response + Send;

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
}

#[derive(Debug, Default)]
pub struct Project {
    pub id: u64,
    /// The repository that has its commits.
    pub git: PathBuf,
    pub requests: BTreeMap<u64, MergeRequest>,
    /// Oldest first.
    pub events: Vec<Event>,
    /// Environments and commits, oldest first.
    pub deployments: Vec<Deployment>,
}

#[derive(Debug)]
pub struct Deployment {
    pub id: u64,
    pub environment: String,
    pub sha: String,
    /// As GitLab writes it: `success`.
    pub status: &'static str,
    pub at: DateTime<Utc>,
}

#[derive(Debug)]
pub struct MergeRequest {
    pub id: u64,
    /// A login.
    pub author: String,
    pub title: String,
    pub labels: Vec<String>,
    /// The branch.
    pub source: String,
    /// Oldest first.
    pub versions: Vec<Version>,
    /// Logins, with when.
    pub approvals: Vec<(String, DateTime<Utc>)>,
    /// Logins, with what they say.
    pub reviewers: Vec<(String, &'static str)>,
    pub notes: Vec<Note>,
    pub discussions: Vec<Discussion>,
    pub is_merged: bool,
    pub updated_at: DateTime<Utc>,
}

/// Notes at a line.
#[derive(Clone, Debug)]
pub struct Discussion {
    /// 40 hexadecimal digits.
    pub id: String,
    pub notes: Vec<Note>,
    pub position: Value,
    pub is_resolved: bool,
}

impl MergeRequest {
    pub fn of(id: u64, author: &str, source: &str, updated_at: DateTime<Utc>) -> Self {
        let (author, title, source) = (author.to_owned(), "change".to_owned(), source.to_owned());
        let (labels, versions, approvals, reviewers, notes, discussions) = Default::default();
        Self { id, author, title, labels, source, versions, approvals, reviewers, notes, discussions, is_merged: false, updated_at }
    }
}

#[derive(Debug)]
pub struct Version {
    pub id: u64,
    pub head: String,
    pub base: String,
    pub start: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub struct Note {
    pub id: u64,
    /// A login.
    pub author: String,
    pub body: String,
    pub is_system: bool,
    pub at: DateTime<Utc>,
}

/// A push.
#[derive(Debug)]
pub struct Event {
    pub id: u64,
    /// A login.
    pub author: String,
    /// None of a push of many branches at once.
    pub branch: Option<String>,
    /// `created`, `pushed`.
    pub action: &'static str,
    pub at: DateTime<Utc>,
}

impl State {
    pub fn new() -> Self {
        Self {
            users: BTreeMap::new(),
            blocked: BTreeSet::new(),
            groups: BTreeMap::new(),
            projects: BTreeMap::new(),
            dates_approvals: true,
            whose: "gate".to_owned(),
            signed: BTreeSet::new(),
            log: Vec::new(),
            mistakes: Vec::new(),
            trouble: None,
            clock: "2026-01-05T09:00:00.250Z".parse().unwrap(),
            next_id: 7_000_000_000,
        }
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

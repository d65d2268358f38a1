//! What the forge remembers.

use super::releases::Released;
use super::shapes;
use crate::fake::http::{Request, Response};
use crate::fake::server::{Common, Remembers};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;

/// Everything that the forge knows.
#[derive(Debug)]
pub struct State {
    common: Common<Self>,
    /// Logins of accounts that are blocked.
    pub blocked: BTreeSet<String>,
    /// Logins, by the path of the group.
    pub groups: BTreeMap<String, Vec<String>>,
    /// By path.
    pub projects: BTreeMap<String, Project>,
    /// Whether it says of an approval when it was given, as from 18.5 on.
    pub dates_approvals: bool,
    /// Whether what may be read is read without a name as well.
    pub is_public: bool,
    /// Whose the token is: a login.
    pub whose: String,
    /// What the token may, and until when.
    pub scopes: Vec<&'static str>,
    pub expires: Option<&'static str>,
    /// Commits that the forge made and signed itself.
    pub signed: BTreeSet<String>,
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
        shapes::answer(self, request)
    }
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
    pub settings: Settings,
    pub released: Released,
    /// Environments that are protected, who may deploy there, and how many approvals that takes; none where GitLab has no such thing.
    pub protected: Option<Vec<(&'static str, &'static str, u64)>>,
    /// Starts, ends, zone; none where the token may not see them.
    pub freezes: Option<Vec<[&'static str; 3]>>,
}

/// How a project is set up.
#[derive(Debug, Default)]
pub struct Settings {
    pub needs_pipeline: bool,
    pub takes_skipped: Option<bool>,
    /// Name, whether it is enabled, what stands in it; none where GitLab has no such thing.
    pub policies: Option<Vec<(&'static str, bool, &'static str)>>,
    /// Whether a push removes approvals, and that of the author and of a committer counts; none where GitLab has no such thing.
    pub approvals: Option<(bool, bool, bool)>,
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

/// An external status check: its name, and what was answered for which commit.
pub type Asked = (String, Option<(String, String)>);

#[derive(Debug)]
pub struct MergeRequest {
    pub id: u64,
    /// A login.
    pub author: String,
    pub title: String,
    pub labels: Vec<String>,
    /// The branch.
    pub source: String,
    /// The branch that it goes to.
    pub target: String,
    /// The project that has the branch; none once that is gone.
    pub source_project: Option<u64>,
    /// Oldest first.
    pub versions: Vec<Version>,
    /// Logins, with when.
    pub approvals: Vec<(String, DateTime<Utc>)>,
    /// Logins, with what they say.
    pub reviewers: Vec<(String, &'static str)>,
    pub notes: Vec<Note>,
    /// External status checks.
    pub checks: Vec<Asked>,
    pub discussions: Vec<Discussion>,
    pub is_merged: bool,
    /// The commit by which it landed, if the branch was not moved to its own.
    pub merged: Option<String>,
    pub created_at: DateTime<Utc>,
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
    pub fn of(id: u64, author: &str, source: &str, created_at: DateTime<Utc>) -> Self {
        let (author, title, source, target) = (author.to_owned(), "change".to_owned(), source.to_owned(), "main".to_owned());
        let (labels, versions, approvals, reviewers, notes, checks, discussions) = Default::default();
        Self {
            id,
            author,
            title,
            labels,
            source,
            target,
            source_project: None,
            versions,
            approvals,
            reviewers,
            notes,
            checks,
            discussions,
            is_merged: false,
            merged: None,
            created_at,
            updated_at: created_at,
        }
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
#[derive(Clone, Debug)]
pub struct Event {
    pub id: u64,
    /// A login.
    pub author: String,
    /// None of a push of many branches at once.
    pub branch: Option<String>,
    /// `created`, `pushed`, `removed`.
    pub action: &'static str,
    /// What the branch was then.
    pub to: Option<String>,
    pub at: DateTime<Utc>,
}

impl State {
    pub fn new() -> Self {
        let common = Common::new("2026-01-05T09:00:00.250Z", 7_000_000_000);
        let (blocked, groups, projects, signed) = Default::default();
        let (scopes, expires, whose) = (vec!["read_api"], Some("2027-11-01"), "gate".to_owned());
        Self { common, blocked, groups, projects, dates_approvals: true, is_public: false, whose, scopes, expires, signed }
    }
}

//! A GitLab on a loopback port, below a path as many self-managed ones are: it remembers what happens to it, takes no request that GitLab's
//! documentation does not have, and goes wrong on demand.
//!
//! The shapes of requests and answers in `shapes.json`, and the types of GraphQL in `graphql.rs`, are ours, written from GitLab's
//! documentation (<https://docs.gitlab.com/api/rest/>, <https://docs.gitlab.com/api/graphql/reference/>). Its official description is under
//! a licence that does not fit this repository.
//!
//! ```text
//! let forge = GitLab::start();
//! let (alice, bob) = (forge.user("alice", 1001), forge.user("bob", 1002));
//! let request = forge.project("acme/infrastructure", &git).merge_request(42, &alice, "feature");
//! request.approved(&bob);
//! ```

mod answers;
mod discussions;
mod graphql;
mod releases;
mod shapes;
mod state;

use crate::fake::git;
use crate::fake::server::{Server, User};
pub use releases::File;
use state::Deployment;
pub use state::{Asked, Discussion, Event, MergeRequest, Note, Project, Settings, State, Version};
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

/// The token that it takes.
pub const TOKEN: &str = "glpat-marked";

/// The path below which it is.
const BELOW: &str = "/gitlab/api";

/// A forge that goes away with the test.
#[derive(Clone)]
pub struct GitLab(Server<State>);

impl Deref for GitLab {
    type Target = Server<State>;

    fn deref(&self) -> &Server<State> {
        &self.0
    }
}

impl GitLab {
    pub fn start() -> Self {
        Self::start_with(Duration::ZERO)
    }

    /// A forge that takes so long to answer anything.
    pub fn start_with(latency: Duration) -> Self {
        Self(Server::start(State::new(), latency))
    }

    /// The address of its API.
    pub fn api(&self) -> String {
        format!("{}{BELOW}/v4", self.origin())
    }

    /// A group by its path, with exactly these members from now on.
    pub fn group(&self, path: &str, members: &[&User]) {
        let members = members.iter().map(|user| user.login.clone()).collect();
        self.state().groups.insert(path.to_owned(), members);
    }

    /// A project whose commits are in a git repository on this disk.
    pub fn project(&self, path: &str, git: &Path) -> At {
        let mut state = self.state();
        let id = state.id();
        state.projects.insert(path.to_owned(), Project { id, git: git.to_owned(), freezes: Some(Vec::new()), ..Project::default() });
        drop(state);
        self.at(path)
    }

    /// A project that is there already.
    pub fn at(&self, path: &str) -> At {
        At { forge: self.clone(), project: path.to_owned() }
    }
}

/// A project of the forge.
#[derive(Clone)]
pub struct At {
    forge: GitLab,
    project: String,
}

impl At {
    /// A merge request of a branch to `main`, as it is opened by whoever pushed the branch.
    pub fn merge_request(&self, number: u64, author: &User, branch: &str) -> Opened {
        let opened = Opened { at: self.clone(), number };
        self.pushed_event(author, branch, "created");
        self.change(|state, project| {
            let (id, now) = (state.id(), state.tick());
            let request = MergeRequest { source_project: Some(project.id), ..MergeRequest::of(id, &author.login, branch, now) };
            project.requests.insert(number, request);
        });
        opened.looked_at();
        opened
    }

    /// A push that the activity of the project shows.
    pub fn pushed_event(&self, by: &User, branch: &str, action: &'static str) {
        self.change(|state, project| {
            let (id, at, to) = (state.id(), state.tick(), git::found(&project.git, branch));
            project.events.push(Event { id, author: by.login.clone(), branch: Some(branch.to_owned()), action, to, at });
        });
    }

    /// A deployment of a commit, and how it ended.
    pub fn deployed(&self, environment: &str, sha: &str, status: &'static str) {
        self.change(|state, project| {
            let (id, at) = (state.id(), state.tick());
            project.deployments.push(Deployment { id, environment: environment.to_owned(), sha: sha.to_owned(), status, at });
        });
    }

    pub fn change<T>(&self, change: impl FnOnce(&mut State, &mut Project) -> T) -> T {
        let mut state = self.forge.state();
        let mut project = state.projects.remove(&self.project).unwrap();
        let done = change(&mut state, &mut project);
        state.projects.insert(self.project.clone(), project);
        done
    }
}

/// A merge request of the forge.
#[derive(Clone)]
pub struct Opened {
    at: At,
    pub number: u64,
}

impl Opened {
    pub fn change<T>(&self, change: impl FnOnce(&mut State, &mut MergeRequest) -> T) -> T {
        self.at.change(|state, project| {
            let mut request = project.requests.remove(&self.number).unwrap();
            request.updated_at = state.tick();
            let done = change(state, &mut request);
            project.requests.insert(self.number, request);
            done
        })
    }

    /// The commit that is proposed now.
    pub fn head(&self) -> String {
        self.change(|_, request| request.versions.last().unwrap().head.clone())
    }

    /// The forge notices that the branch, or the one that it goes to, has moved.
    fn looked_at(&self) {
        self.at.change(|state, project| {
            let (id, created_at) = (state.id(), state.tick());
            let request = project.requests.get_mut(&self.number).unwrap();
            let (start, head) = (git::tip(&project.git, "main"), git::tip(&project.git, &request.source));
            let base = git::merge_base(&project.git, &start, &head).unwrap();
            request.versions.push(Version { id, head, base, start, created_at });
        });
    }

    /// The tip of the branch in git was pushed.
    pub fn pushed(&self, by: &User) {
        let branch = self.change(|_, request| request.source.clone());
        self.at.pushed_event(by, &branch, "pushed");
        self.looked_at();
        self.noted(by, "added 1 commit\n\n<ul><li>0123abcd - more</li></ul>", true);
    }

    /// Somebody approves what is proposed now.
    pub fn approved(&self, by: &User) {
        self.change(|state, request| {
            let at = state.tick();
            request.approvals.retain(|(login, _)| *login != by.login);
            request.approvals.push((by.login.clone(), at));
        });
        self.noted(by, "approved this merge request", true);
    }

    /// Somebody approves no more.
    pub fn unapproved(&self, by: &User) {
        self.change(|_, request| request.approvals.retain(|(login, _)| *login != by.login));
        self.noted(by, "unapproved this merge request", true);
    }

    /// Somebody asks for changes.
    pub fn objected(&self, by: &User) {
        self.change(|_, request| request.reviewers.push((by.login.clone(), "requested_changes")));
        self.noted(by, "requested changes", true);
    }

    /// A note, by somebody or by the forge about what somebody did.
    pub fn noted(&self, by: &User, body: &str, is_system: bool) -> u64 {
        self.change(|state, request| {
            let (id, at) = (state.id(), state.tick());
            request.notes.push(Note { id, author: by.login.clone(), body: body.to_owned(), is_system, at });
            id
        })
    }

    /// It has exactly these labels from now on.
    pub fn labelled(&self, labels: &[&str]) {
        self.change(|_, request| request.labels = labels.iter().map(|label| (*label).to_owned()).collect());
    }
}

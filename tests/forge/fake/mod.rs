//! A GitHub on a loopback port: it remembers what happens to it, takes no request that GitHub's own description does not have, and goes
//! wrong on demand.
//!
//! ```text
//! let forge = Forge::start();
//! let (alice, bob) = (forge.user("alice", 1001), forge.user("bob", 1002));
//! let pull = forge.repository("acme/infrastructure", &git).pull_request(42, &alice, "feature");
//! pull.reviewed(&bob, "APPROVED");
//! ```

mod description;
pub mod git;
pub mod git_http;
pub mod graphql;
pub mod http;
mod paging;
mod pulls;
pub mod releases;
mod routes;
pub mod server;
pub mod state;
mod teams;
pub mod written;

use server::Server;
use state::{Deployment, Pull, Push, Repository, Review, State, Team, User};
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

/// A forge that goes away with the test.
#[derive(Clone)]
pub struct Forge(Server<State>);

impl Deref for Forge {
    type Target = Server<State>;

    fn deref(&self) -> &Server<State> {
        &self.0
    }
}

impl Forge {
    /// A forge with nothing in it, which answers at once.
    pub fn start() -> Self {
        Self::start_with(Duration::ZERO)
    }

    /// A forge that takes so long to answer anything.
    pub fn start_with(latency: Duration) -> Self {
        Self(Server::start(State::new(), latency))
    }

    /// The address of its API.
    pub fn api(&self) -> String {
        if self.state().is_enterprise { format!("{}/api/v3", self.origin()) } else { self.origin() }
    }

    /// A team by `organisation/slug`, with exactly these members from now on.
    pub fn team(&self, name: &str, members: &[&User]) {
        let mut state = self.state();
        let id = state.id();
        let members: Vec<String> = members.iter().map(|user| user.login.clone()).collect();
        state.teams.entry(name.to_owned()).or_insert(Team { id, members: Vec::new() }).members = members;
    }

    /// A repository whose commits are in a git repository on this disk.
    pub fn repository(&self, name: &str, git: &Path) -> At {
        let mut state = self.state();
        let id = state.id();
        let repository = Repository { id, git: git.to_owned(), ..Repository::default() };
        state.repositories.insert(name.to_owned(), repository);
        drop(state);
        self.at(name)
    }

    /// A repository that is there already.
    pub fn at(&self, name: &str) -> At {
        At { forge: self.clone(), repository: name.to_owned() }
    }
}

/// A repository of the forge.
#[derive(Clone)]
pub struct At {
    forge: Forge,
    repository: String,
}

impl At {
    /// A pull request of a branch to `main`, as it is opened.
    pub fn pull_request(&self, number: u64, author: &User, branch: &str) -> PullRequest {
        let pull = PullRequest { at: self.clone(), number };
        self.change(|state, repository| {
            let (id, now) = (state.id(), state.tick());
            let (base_sha, head_sha) = (git::tip(&repository.git, "main"), git::tip(&repository.git, branch));
            let (title, author) = (format!("change {number}"), author.login.clone());
            let (base, head) = ("main".to_owned(), branch.to_owned());
            let (labels, reviews, forced, body) = (Vec::new(), Vec::new(), Vec::new(), Some("why".to_owned()));
            let (is_open, merged) = (true, None);
            repository.pulls.insert(
                number,
                Pull {
                    id,
                    author,
                    title,
                    body,
                    labels,
                    base,
                    head,
                    base_sha,
                    head_sha,
                    is_open,
                    fork: None,
                    merged,
                    brought: Vec::new(),
                    reviews,
                    forced,
                    aimed: Vec::new(),
                    updated_at: now,
                },
            );
        });
        let creation = "0".repeat(40);
        pull.pushed_as(author, creation, "branch_creation");
        pull
    }

    /// A commit went to an environment, and this became of it.
    pub fn deployed(&self, environment: &str, commit: &str, states: &[&'static str]) {
        self.change(|state, repository| {
            let (environment, commit, states) = (environment.to_owned(), commit.to_owned(), states.to_vec());
            repository.deployments.push(Deployment { id: state.id(), environment, commit, states });
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut State, &mut Repository) -> T) -> T {
        let mut state = self.forge.state();
        let mut repository = state.repositories.remove(&self.repository).unwrap();
        let done = change(&mut state, &mut repository);
        state.repositories.insert(self.repository.clone(), repository);
        done
    }
}

/// A pull request of the forge.
#[derive(Clone)]
pub struct PullRequest {
    at: At,
    pub number: u64,
}

impl PullRequest {
    /// Changes what the forge remembers of it.
    pub fn change<T>(&self, change: impl FnOnce(&mut State, &mut Pull) -> T) -> T {
        self.at.change(|state, repository| {
            let mut pull = repository.pulls.remove(&self.number).unwrap();
            pull.updated_at = state.tick();
            let done = change(state, &mut pull);
            repository.pulls.insert(self.number, pull);
            done
        })
    }

    /// The commit that is proposed now.
    pub fn head(&self) -> String {
        self.change(|_, pull| pull.head_sha.clone())
    }

    /// The tip of the branch in git was pushed.
    pub fn pushed(&self, by: &User) {
        let before = self.head();
        let (git, branch) = self.at.change(|_, repository| (repository.git.clone(), repository.pulls[&self.number].head.clone()));
        let is_forced = !git::is_ancestor(&git, &before, &git::tip(&git, &branch));
        self.pushed_as(by, before, if is_forced { "force_push" } else { "push" });
    }

    /// The branch that it goes to has moved, and it with it.
    pub fn retargeted(&self) {
        self.at.change(|_, repository| {
            let tip = git::tip(&repository.git, "main");
            repository.pulls.get_mut(&self.number).unwrap().base_sha = tip;
        });
    }

    /// Somebody aimed it at another branch, and at `main` again: `base_ref_changed`; or GitHub did: `automatic_base_change_succeeded`.
    pub fn aimed(&self, by: &User, event: &'static str) {
        self.at.change(|state, repository| {
            let (id, at) = (state.id(), state.tick());
            repository.pulls.get_mut(&self.number).unwrap().aimed.push((event, (id, by.login.clone(), at)));
        });
    }

    fn pushed_as(&self, by: &User, before: String, kind: &'static str) {
        self.at.change(|state, repository| {
            let (id, at) = (state.id(), state.tick());
            let pull = repository.pulls.get_mut(&self.number).unwrap();
            let after = git::tip(&repository.git, &pull.head);
            pull.head_sha.clone_from(&after);
            pull.updated_at = at;
            if kind == "force_push" {
                pull.forced.push((id, by.login.clone(), at));
            }
            repository.pushes.push(Push { id, branch: pull.head.clone(), before, after, kind, actor: by.login.clone(), at });
        });
    }

    /// Somebody reviewed what is proposed now, and says so: `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`.
    pub fn reviewed(&self, by: &User, says: &'static str) -> u64 {
        let commit = self.head();
        self.reviewed_at(by, says, &commit)
    }

    /// Somebody reviewed that commit.
    pub fn reviewed_at(&self, by: &User, says: &'static str, commit: &str) -> u64 {
        self.change(|state, pull| {
            let (id, submitted_at) = (state.id(), state.tick());
            pull.reviews.push(Review { id, author: Some(by.login.clone()), state: says, commit: commit.to_owned(), submitted_at });
            id
        })
    }

    /// It landed by this commit.
    pub fn merged(&self, commit: &str) {
        self.change(|_, pull| (pull.is_open, pull.merged) = (false, Some(commit.to_owned())));
    }

    /// A review was dismissed.
    pub fn dismissed(&self, review: u64) {
        self.change(|_, pull| {
            let review = pull.reviews.iter_mut().find(|known| known.id == review).unwrap();
            review.state = "DISMISSED";
        });
    }

    /// It has exactly these labels from now on.
    pub fn labelled(&self, labels: &[&str]) {
        self.change(|_, pull| pull.labels = labels.iter().map(|label| (*label).to_owned()).collect());
    }
}

//! What every forge is to the people who work with it, so that one story is told of each.

use crate::desk::{self, Desk, Office, Ran};
use crate::fake::server::{Remembers, Server};
use crate::fake::state::User;
use crate::fake::{self, Forge, PullRequest};
use crate::gitlab_fake::{self, GitLab, Opened};
use crate::place::Place;
use assert_cmd::Command;
use countersign::world::forge::{Channel, Connection, Provider, Token};
use serde_json::json;
use std::collections::BTreeSet;
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

pub const REPOSITORY: &str = "acme/infrastructure";

/// What a job is about.
pub enum Job<'j> {
    /// A change request, by its number and its newest commit.
    Request { number: u64, head: &'j str },
    /// A commit that goes to production.
    Deployment { commit: &'j str },
    /// What landed.
    Push { before: &'j str, after: &'j str },
    /// Nothing: its time had come.
    Schedule,
}

/// A forge with one repository.
pub trait House: Sized + Deref<Target = Server<Self::State>> {
    type State: Remembers;
    type Request: Proposed;
    /// What was written at a change request.
    type There: Clone;

    /// What an address of the repository has in it.
    const AT: &'static str;

    /// With the machine that writes reports, and nobody else.
    fn open() -> Self;

    fn person(&self, login: &str, id: u64) -> User;

    /// The repository whose commits are there.
    fn holds(&self, git: &Path);

    /// Who is in a group, from now on.
    fn group(&self, path: &str, members: &[&User]);

    fn deployed(&self, commit: &str);

    fn proposed(&self, number: u64, by: &User, branch: &str) -> Self::Request;

    /// How it is reached with a token that may all that is needed.
    fn connection(&self) -> Connection;

    /// The texts of what the machine wrote at a change request, apart from lines.
    fn comments(&self, number: u64) -> Vec<String>;

    /// Where a report can be written.
    fn channels(&self) -> BTreeSet<Channel>;

    fn there(&self) -> Self::There;

    /// What was written is this, and nothing else.
    fn restore(&self, there: &Self::There);

    /// What the machine wrote: the comments, the notes at lines, and how many checks it answered.
    fn seen(&self) -> (Vec<String>, Vec<String>, usize);

    /// Runs the gate in a job.
    fn run(office: &Office<Self>, job: &Job<'_>, at: &str, more: &[&str]) -> Ran;
}

/// A change request.
pub trait Proposed {
    fn number(&self) -> u64;

    /// The commit that is proposed now.
    fn head(&self) -> String;

    /// The tip of the branch in git was pushed.
    fn pushed(&self, by: &User);

    /// The branch that it goes to has moved.
    fn retargeted(&self);

    /// It goes to this branch from now on.
    fn aimed_at(&self, branch: &str);

    fn approved(&self, by: &User);

    /// It landed by this commit.
    fn merged(&self, commit: &str);
}

/// A connection that asks again at once.
fn connection(provider: Provider, api: String, token: &str) -> Connection {
    Connection { provider, api, token: Token::new(token), deadline: Duration::from_mins(1), pause: Duration::from_millis(1) }
}

impl House for Forge {
    type State = fake::state::State;
    type Request = PullRequest;
    type There = fake::written::Written;

    const AT: &'static str = "/repos/acme/infrastructure/";

    fn connection(&self) -> Connection {
        connection(Provider::GitHub, self.api(), desk::TOKEN)
    }

    fn channels(&self) -> BTreeSet<Channel> {
        BTreeSet::from([Channel::Comment, Channel::Lines, Channel::Check, Channel::CodeScanning])
    }

    fn there(&self) -> Self::There {
        self.state().repositories[REPOSITORY].written.clone()
    }

    fn restore(&self, there: &Self::There) {
        self.state().repositories.get_mut(REPOSITORY).unwrap().written = there.clone();
    }

    fn seen(&self) -> (Vec<String>, Vec<String>, usize) {
        let there = self.there();
        let checks: BTreeSet<String> = there.checks.iter().map(|check| format!("{} {}", check.head, check.external_id)).collect();
        let bodies = there.comments.values().map(|comment| comment.body.clone()).collect();
        (bodies, there.notes.values().map(|note| note.body.clone()).collect(), checks.len())
    }

    fn open() -> Self {
        let forge = Self::start();
        forge.bot("github-actions[bot]", 41_898_282);
        forge
    }

    fn person(&self, login: &str, id: u64) -> User {
        self.user(login, id)
    }

    fn holds(&self, git: &Path) {
        self.repository(REPOSITORY, git);
    }

    fn group(&self, path: &str, members: &[&User]) {
        self.team(path, members);
    }

    fn deployed(&self, commit: &str) {
        self.at(REPOSITORY).deployed("production", commit, &["success"]);
    }

    fn proposed(&self, number: u64, by: &User, branch: &str) -> PullRequest {
        self.at(REPOSITORY).pull_request(number, by, branch)
    }

    fn comments(&self, number: u64) -> Vec<String> {
        let state = self.state();
        let comments = state.repositories[REPOSITORY].written.comments.values();
        comments.filter(|comment| comment.number == number).map(|comment| comment.body.clone()).collect()
    }

    fn run(desk: &Desk, job: &Job<'_>, at: &str, more: &[&str]) -> Ran {
        match *job {
            Job::Request { number, head } => {
                let ends = json!({ "number": number, "head": { "ref": "change", "sha": head }, "base": { "ref": "main", "sha": head } });
                desk.run("pull_request_target", &json!({ "pull_request": ends }), &desk.main(), at, more)
            }
            Job::Deployment { commit } => {
                let deployment = json!({ "deployment": { "environment": "production", "sha": commit } });
                desk.run("deployment", &deployment, commit, at, more)
            }
            Job::Schedule => desk.scheduled(at, more),
            Job::Push { before, after } => {
                desk.run("push", &json!({ "ref": "refs/heads/main", "before": before, "after": after }), after, at, more)
            }
        }
    }
}

impl Proposed for PullRequest {
    fn number(&self) -> u64 {
        self.number
    }

    fn head(&self) -> String {
        Self::head(self)
    }

    fn pushed(&self, by: &User) {
        Self::pushed(self, by);
    }

    fn retargeted(&self) {
        Self::retargeted(self);
    }

    fn aimed_at(&self, branch: &str) {
        self.change(|_, pull| branch.clone_into(&mut pull.base));
    }

    fn approved(&self, by: &User) {
        self.reviewed(by, "APPROVED");
    }

    fn merged(&self, commit: &str) {
        Self::merged(self, commit);
    }
}

impl House for GitLab {
    type State = gitlab_fake::State;
    type Request = Opened;
    type There = (Vec<gitlab_fake::Note>, Vec<gitlab_fake::Discussion>, Vec<gitlab_fake::Asked>);

    const AT: &'static str = "/v4/projects/acme%2Finfrastructure/";

    fn connection(&self) -> Connection {
        connection(Provider::GitLab, self.api(), gitlab_fake::TOKEN)
    }

    fn channels(&self) -> BTreeSet<Channel> {
        BTreeSet::from([Channel::Comment, Channel::Lines, Channel::Check])
    }

    fn there(&self) -> Self::There {
        let state = self.state();
        let request = &state.projects[REPOSITORY].requests[&42];
        (request.notes.clone(), request.discussions.clone(), request.checks.clone())
    }

    fn restore(&self, there: &Self::There) {
        let mut state = self.state();
        let request = state.projects.get_mut(REPOSITORY).unwrap().requests.get_mut(&42).unwrap();
        (request.notes, request.discussions, request.checks) = there.clone();
    }

    fn seen(&self) -> (Vec<String>, Vec<String>, usize) {
        let (_, discussions, checks) = self.there();
        let lines = discussions.iter().map(|one| format!("{} {}", one.is_resolved, one.notes[0].body)).collect();
        (self.comments(42), lines, checks.iter().filter(|(_, answered)| answered.is_some()).count())
    }

    fn open() -> Self {
        let forge = Self::start();
        forge.bot("gate", 1900);
        forge
    }

    fn person(&self, login: &str, id: u64) -> User {
        self.user(login, id)
    }

    fn holds(&self, git: &Path) {
        self.project(REPOSITORY, git);
    }

    fn group(&self, path: &str, members: &[&User]) {
        Self::group(self, path, members);
    }

    fn deployed(&self, commit: &str) {
        self.at(REPOSITORY).deployed("production", commit, "success");
    }

    fn proposed(&self, number: u64, by: &User, branch: &str) -> Opened {
        self.at(REPOSITORY).merge_request(number, by, branch)
    }

    fn comments(&self, number: u64) -> Vec<String> {
        let state = self.state();
        let notes = &state.projects[REPOSITORY].requests[&number].notes;
        notes.iter().filter(|note| !note.is_system && note.author == "gate").map(|note| note.body.clone()).collect()
    }

    fn run(office: &Office<Self>, job: &Job<'_>, at: &str, more: &[&str]) -> Ran {
        office.runs(job, &[], at, more)
    }
}

impl Office<GitLab> {
    /// A job that is told that a freeze is on.
    pub fn deploys_in_a_freeze(&self, commit: &str, at: &str) -> Ran {
        self.runs(&Job::Deployment { commit }, &[("CI_DEPLOY_FREEZE", "true")], at, &[])
    }

    fn runs(&self, job: &Job<'_>, variables: &[(&str, &str)], at: &str, more: &[&str]) -> Ran {
        let clone = self.place.cloned(&[]);
        let mut command = self.job_of(job, &clone);
        command.envs(variables.iter().copied()).args(["check", "--no-cache", "--at", at]).args(more);
        let ran = Ran::of(&mut command).without(gitlab_fake::TOKEN).without("job-token");
        assert!(!format!("{:?}", self.forge.log()).contains("job-token"), "the token of the job is sent");
        assert_eq!(self.forge.state().mistakes, Vec::<String>::new());
        ran
    }

    /// The program in a job, which has this clone.
    pub fn job_of(&self, job: &Job<'_>, clone: &Place) -> Command {
        let directory = self.job.path();
        let mut command = Command::cargo_bin("countersign").unwrap();
        command.current_dir(clone.path()).env_clear().env("HOME", directory).env("PATH", std::env::var_os("PATH").unwrap());
        command.env("GITLAB_CI", "true").env("CI_PROJECT_ID", "7").env("CI_PROJECT_PATH", REPOSITORY).env("CI_PROJECT_DIR", directory);
        command.env("CI_DEFAULT_BRANCH", "main").env("CI_API_V4_URL", self.forge.api()).env("CI_JOB_TOKEN", "job-token");
        command.env("CI_JOB_URL", "https://gitlab.example/jobs/77").env("GITLAB_TOKEN", gitlab_fake::TOKEN);
        match *job {
            Job::Request { number, head } => {
                command.env("CI_PIPELINE_SOURCE", "merge_request_event").env("CI_COMMIT_SHA", head);
                command.env("CI_MERGE_REQUEST_IID", number.to_string()).env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main");
            }
            Job::Deployment { commit } => {
                command.env("CI_PIPELINE_SOURCE", "push").env("CI_COMMIT_BRANCH", "main").env("CI_COMMIT_SHA", commit);
                command.env("CI_ENVIRONMENT_NAME", "production");
            }
            Job::Schedule => {
                command.env("CI_PIPELINE_SOURCE", "schedule").env("CI_COMMIT_BRANCH", "main").env("CI_COMMIT_SHA", self.main());
            }
            Job::Push { before, after } => {
                command.env("CI_PIPELINE_SOURCE", "push").env("CI_COMMIT_BRANCH", "main").env("CI_COMMIT_SHA", after);
                command.env("CI_COMMIT_BEFORE_SHA", before);
            }
        }
        command
    }
}

impl Proposed for Opened {
    fn number(&self) -> u64 {
        self.number
    }

    fn head(&self) -> String {
        Self::head(self)
    }

    fn pushed(&self, by: &User) {
        Self::pushed(self, by);
    }

    /// GitLab looks at it again when the branch itself is pushed.
    fn retargeted(&self) {}

    fn aimed_at(&self, branch: &str) {
        self.change(|_, request| branch.clone_into(&mut request.target));
    }

    fn approved(&self, by: &User) {
        Self::approved(self, by);
    }

    fn merged(&self, commit: &str) {
        self.change(|_, request| (request.is_merged, request.merged) = (true, Some(commit.to_owned())));
    }
}

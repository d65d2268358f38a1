//! A repository on a forge with three people, and jobs that run the real program in a fresh clone.

use crate::fake::state::User;
use crate::fake::{At, Forge};
use crate::house::{House, Job, Proposed, REPOSITORY};
use crate::place::Place;
use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

pub const TOKEN: &str = "ghs_marked_0123456789";

/// A repository on a forge.
pub struct Office<H> {
    pub forge: H,
    pub place: Place,
    pub alice: User,
    pub bob: User,
    pub carol: User,
    pub job: TempDir,
}

/// One on GitHub.
pub type Desk = Office<Forge>;

/// What a job said.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Everything that it said; no token is in it.
    #[track_caller]
    pub fn without(self, token: &str) -> Self {
        assert!(!self.out.contains(token) && !self.err.contains(token), "the token is told: {}{}", self.out, self.err);
        self
    }
}

/// The role that a file is named after, which may do this.
pub fn role(file: &str, actions: &[&str]) -> String {
    let (name, actions) = (file.trim_end_matches(".json"), actions.join("\", \""));
    format!(
        r#"{{ "RoleName": "{name}", "PolicyName": "work", "PolicyDocument": {{ "Version": "2012-10-17", "Statement": [
  {{ "Effect": "Allow", "Action": ["{actions}"], "Resource": "*" }}
] }} }}"#
    )
}

impl<H: House> Office<H> {
    /// Two roles that may write logs, by this policy.
    pub fn new(policy: &str) -> Self {
        let (forge, place) = (H::open(), Place::new());
        let (alice, bob, carol) = (forge.person("alice", 1001), forge.person("bob", 1002), forge.person("carol", 1003));
        forge.group("acme/security", &[&bob]);
        place.write("countersign.yml", policy);
        place.write("api.json", &role("api.json", &["logs:PutLogEvents"]));
        place.write("web.json", &role("web.json", &["logs:PutLogEvents"]));
        place.commit(&alice, "begin");
        forge.holds(&place.path());
        Self { forge, place, alice, bob, carol, job: TempDir::new().unwrap() }
    }

    pub fn main(&self) -> String {
        self.place.git(&["rev-parse", "main"])
    }

    /// Alice proposes that the role in a file may do this.
    pub fn proposes(&self, number: u64, file: &str, actions: &[&str]) -> H::Request {
        let branch = format!("change-{number}");
        self.place.git(&["checkout", "--quiet", "-b", &branch, "main"]);
        self.place.write(file, &role(file, actions));
        self.place.commit(&self.alice, "let it do more");
        self.place.git(&["checkout", "--quiet", "main"]);
        self.forge.proposed(number, &self.alice, &branch)
    }

    /// It lands by a merge commit, which is the state of `main` then.
    pub fn merges(&self, request: &H::Request) -> String {
        let number = request.number();
        let (branch, message) = (format!("change-{number}"), format!("Merge change request {number}"));
        self.place.git(&["checkout", "--quiet", "main"]);
        let (name, email) = (format!("user.name={}", self.carol.login), format!("user.email={}", self.carol.email));
        self.place.git(&["-c", &name, "-c", &email, "merge", "--quiet", "--no-ff", "--message", &message, &branch]);
        request.merged(&self.main());
        self.main()
    }

    /// The job of a change request.
    pub fn pull_request(&self, request: &H::Request, at: &str, more: &[&str]) -> Ran {
        let (number, head) = (request.number(), request.head());
        H::run(self, &Job::Request { number, head: &head }, at, more)
    }

    pub fn deploys(&self, commit: &str, at: &str, more: &[&str]) -> Ran {
        H::run(self, &Job::Deployment { commit }, at, more)
    }

    pub fn pushes(&self, before: &str, after: &str, at: &str) -> Ran {
        H::run(self, &Job::Push { before, after }, at, &[])
    }

    /// The text of the only comment of a change request; none if there is none.
    #[track_caller]
    pub fn comment(&self, number: u64) -> Option<String> {
        let mut bodies = self.forge.comments(number);
        assert!(bodies.len() < 2, "it is doubled");
        bodies.pop()
    }
}

impl Desk {
    pub fn at(&self) -> At {
        self.forge.at(REPOSITORY)
    }

    /// A job that a clock started.
    pub fn scheduled(&self, at: &str, more: &[&str]) -> Ran {
        self.run("schedule", &json!({ "schedule": "7 * * * *" }), &self.main(), at, more)
    }

    pub fn run(&self, event: &str, payload: &Value, commit: &str, at: &str, more: &[&str]) -> Ran {
        let path = self.job.path().join("event.json");
        let mut payload = payload.clone();
        payload["repository"] = json!({ "default_branch": "main" });
        std::fs::write(&path, payload.to_string()).unwrap();
        let clone = self.place.cloned(&[]);
        let mut command = Command::cargo_bin("countersign").unwrap();
        command.current_dir(clone.path()).env_clear().env("HOME", self.job.path()).env("PATH", std::env::var_os("PATH").unwrap());
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", event).env("GITHUB_EVENT_PATH", path).env("GITHUB_SHA", commit);
        command.env("GITHUB_REPOSITORY", REPOSITORY).env("GITHUB_API_URL", self.forge.api()).env("GITHUB_TOKEN", TOKEN);
        command.env("GITHUB_SERVER_URL", "https://github.example").env("GITHUB_RUN_ID", "77").env("GITHUB_OUTPUT", self.output());
        command.env("GITHUB_STEP_SUMMARY", self.job.path().join("summary.md")).env("RUNNER_TEMP", self.job.path());
        let ran = Ran::of(command.args(["check", "--no-cache", "--at", at]).args(more)).without(TOKEN);
        assert_eq!(self.forge.state().mistakes, Vec::<String>::new());
        ran
    }

    fn output(&self) -> std::path::PathBuf {
        self.job.path().join("output")
    }

    /// The summary of all jobs so far.
    pub fn summary(&self) -> String {
        std::fs::read_to_string(self.job.path().join("summary.md")).unwrap_or_default()
    }

    /// How the newest check of a commit ended.
    pub fn conclusion(&self, commit: &str) -> Option<String> {
        let state = self.forge.state();
        let checks = &state.repositories[REPOSITORY].written.checks;
        checks.iter().rev().find(|check| check.head == commit).map(|check| check.conclusion.clone())
    }
}

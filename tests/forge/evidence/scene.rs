//! A repository on GitHub whose gate signs what it decides, and the job in which it does.

use super::said::Said;
use crate::fake::state::User;
use crate::fake::{Forge, PullRequest};
use crate::place::Place;
use assert_cmd::Command;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

pub const TOKEN: &str = "ghs_marked_0123456789";
pub const REPOSITORY: &str = "acme/infrastructure";
pub const POLICY: &str = "version: 1
people:
  users: { alice: 1001, bob: 1002, carol: 1003 }
  groups: { security: [bob, carol] }
rules:
  - name: somebody from security sees every gain
    when: { gains: {} }
    require: { approvals: [{ from: security }], window: always }
  - name: and every edit of the gate's own files
    when: { edits: [\"countersign.yml\"] }
    require: { approvals: [{ from: security }] }
windows:
  always: { zone: UTC, open: [{ days: [mon-sun], from: \"00:00\", to: \"24:00\" }] }
";

/// Pull request 42 of Alice's, by which a role may decrypt, and the job that judges it.
pub struct Scene {
    pub forge: Forge,
    pub place: Place,
    pub pull: PullRequest,
    pub alice: User,
    pub bob: User,
    pub carol: User,
    job: TempDir,
}

pub fn role(actions: &[&str]) -> String {
    let allow = |action: &&str| format!("    {{ \"Effect\": \"Allow\", \"Action\": \"{action}\", \"Resource\": \"*\" }}");
    let statements = actions.iter().map(allow).collect::<Vec<_>>().join(",\n");
    format!(
        "{{\n  \"RoleName\": \"api\",\n  \"PolicyName\": \"work\",\n  \"PolicyDocument\": {{ \"Version\": \"2012-10-17\", \"Statement\": [\n{statements}\n  ] }}\n}}\n"
    )
}

impl Scene {
    pub fn new() -> Self {
        let (forge, place) = (Forge::start(), Place::new());
        let [alice, bob, carol] = [("alice", 1001), ("bob", 1002), ("carol", 1003)].map(|(login, id)| forge.user(login, id));
        forge.bot("github-actions[bot]", 41_898_282);
        place.write("countersign.yml", POLICY);
        place.write("api.json", &role(&["logs:PutLogEvents"]));
        place.commit(&alice, "begin");
        place.git(&["update-ref", "refs/remotes/origin/main", "main"]);
        place.git(&["checkout", "--quiet", "-b", "feature"]);
        place.write("api.json", &role(&["logs:PutLogEvents", "kms:Decrypt"]));
        place.commit(&alice, "let the role decrypt");
        let pull = forge.repository(REPOSITORY, &place.path()).pull_request(42, &alice, "feature");
        let scene = Self { forge, place, pull, alice, bob, carol, job: TempDir::new().unwrap() };
        scene.file("key.pem", include_str!("../../attestation/key.pem"));
        scene.file("key.pub", include_str!("../../attestation/key.pub"));
        scene
    }

    /// A file of the job.
    pub fn path(&self, name: &str) -> PathBuf {
        self.job.path().join(name)
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The binary, where nobody runs a job, with the files of the job beside it.
    pub fn command(&self) -> Command {
        let mut command = Command::cargo_bin("countersign").unwrap();
        command.current_dir(self.job.path()).env_clear().env("HOME", self.job.path()).env("PATH", std::env::var_os("PATH").unwrap());
        command
    }

    /// Runs the binary where nobody runs a job.
    pub fn run(&self, arguments: &[&str]) -> Said {
        self.said(self.command().args(arguments))
    }

    /// The binary in the job of the pull request.
    pub fn job(&self) -> Command {
        let head = self.pull.head();
        self.job_of(
            "pull_request",
            &json!({ "pull_request": { "number": 42, "head": { "ref": "feature", "sha": head }, "base": { "ref": "main", "sha": head } } }),
        )
    }

    /// The binary in the job of an event.
    pub fn job_of(&self, event: &str, payload: &Value) -> Command {
        let mut payload = payload.clone();
        payload["repository"] = json!({ "default_branch": "main" });
        let mut command = self.command();
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", event);
        command.env("GITHUB_EVENT_PATH", self.file("event.json", &payload.to_string()));
        command.env("GITHUB_REPOSITORY", REPOSITORY).env("GITHUB_API_URL", self.forge.api()).env("GITHUB_TOKEN", TOKEN);
        command.env("GITHUB_SHA", self.place.git(&["rev-parse", "HEAD"]));
        command
    }

    pub fn said(&self, command: &mut Command) -> Said {
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let said = Said { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) };
        assert!(!said.out.contains(TOKEN) && !said.err.contains(TOKEN), "the token is told: {}{}", said.out, said.err);
        assert_eq!(self.forge.state().mistakes, Vec::<String>::new(), "{}{}", said.out, said.err);
        said
    }

    /// Attests in the job of the pull request, with the key of the tests.
    pub fn attest(&self, more: &[&str]) -> Said {
        let repo = self.place.path();
        let arguments = ["attest", "--no-cache", "--repo", repo.to_str().unwrap(), "--key", "key.pem"];
        self.said(self.job().args([&arguments[..], more].concat()))
    }

    /// Verifies with the key of the tests.
    pub fn verify(&self, arguments: &[&str]) -> Said {
        let repo = self.place.path();
        self.run(&[&["verify", "--repo", repo.to_str().unwrap(), "--key", "key.pub"], arguments].concat())
    }

    /// Merges the pull request into `main`, which is checked out then.
    pub fn merge(&self) {
        self.place.git(&["checkout", "--quiet", "main"]);
        self.place.git(&[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "merge",
            "--quiet",
            "--no-ff",
            "--message=merge 42",
            "feature",
        ]);
        self.pull.merged(&self.place.git(&["rev-parse", "main"]));
    }

    /// The predicate in a bundle of the job.
    pub fn predicate(&self, name: &str) -> Value {
        let bundle: Value = serde_json::from_str(&fs::read_to_string(self.path(name)).unwrap()).unwrap();
        let payload = STANDARD.decode(bundle["dsseEnvelope"]["payload"].as_str().unwrap()).unwrap();
        serde_json::from_slice::<Value>(&payload).unwrap()["predicate"].clone()
    }
}

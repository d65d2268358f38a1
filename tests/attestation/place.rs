//! A repository with a change that is approved, and the binary in it.

use crate::said::Said;
use assert_cmd::Command as Binary;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const POLICY: &str = r#"version: 1
MODEwhere: [{ paths: ["clusters/prod/**"], realm: prod }]
people:
  users: { alice: 1001, bob: 1002, carol: 1003 }
  groups: { security: [bob, carol] }
rules:
  - name: somebody from security sees every gain
    when: { gains: {} }
    require: { approvals: [{ from: security }], window: office-hours }
windows:
  office-hours: { zone: Europe/London, open: [{ days: [mon-fri], from: "09:00", to: "17:00" }] }
"#;

const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: deploy, namespace: web }
rules: [{ apiGroups: [\"\"], resources: [pods], verbs: [VERBS] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: deploy, namespace: web }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: deploy }
subjects: [{ kind: ServiceAccount, name: deploy, namespace: ci }]
";

/// When the window is open, and when it is not.
pub const OPEN: &str = "2026-11-24T10:30:00Z";
pub const SHUT: &str = "2026-11-24T22:30:00Z";

pub struct Place {
    root: TempDir,
}

impl Place {
    /// `main` is before the change, `HEAD` after it; `facts.yml` beside says that bob approves it.
    pub fn new() -> Self {
        Self::with("", &[])
    }

    /// A repository without a commit, and the key.
    pub fn bare() -> Self {
        Self::begun(&[])
    }

    fn begun(init: &[&str]) -> Self {
        let place = Self { root: TempDir::new().unwrap() };
        fs::create_dir(place.path("repo")).unwrap();
        place.git(&[&["init", "--quiet", "--initial-branch=main"], init].concat());
        for (name, text) in [("key.pem", include_str!("key.pem")), ("key.pub", include_str!("key.pub"))] {
            place.write(name, text);
        }
        place
    }

    pub fn with(mode: &str, init: &[&str]) -> Self {
        let place = Self::begun(init);
        place.write("repo/countersign.yml", &POLICY.replace("MODE", mode));
        place.state("get");
        place.git(&["switch", "--quiet", "--create", "change"]);
        place.state("get, list");
        place.facts("contributors: []\n");
        place
    }

    fn state(&self, verbs: &str) {
        self.write("repo/clusters/prod/ci.yaml", &ROLE.replace("VERBS", verbs));
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", verbs]);
    }

    /// Facts of the change, with more lines.
    pub fn facts(&self, more: &str) {
        let [base, head] = ["main", "HEAD"].map(|revision| self.git(&["rev-parse", revision]));
        let review = format!(
            "{{ id: 7, author: {{ id: 1002, login: bob }}, kind: user, state: approved, commit: {head}, submitted-at: 2026-11-24T10:12:00Z }}"
        );
        let known = format!(
            "repository: acme/infrastructure\nchange-request: 42\nbase: {base}\nhead: {head}\nauthor: {{ id: 1001, login: alice }}\nauthor-kind: user\n"
        );
        self.write("facts.yml", &format!("{known}reviews: [{review}]\n{more}"));
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.current_dir(self.path("repo")).args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]).args(arguments);
        let output = git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, &[])
    }

    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let mut binary = Binary::cargo_bin("countersign").unwrap();
        for name in ["SIGSTORE_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"] {
            binary.env_remove(name);
        }
        let output = binary.current_dir(self.root.path()).envs(environment.iter().copied()).args(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Attests the change, by the facts of the file.
    pub fn attest(&self, more: &[&str]) -> Said {
        let arguments = ["attest", "--no-cache", "--repo", "repo", "--base", "main", "--head", "HEAD", "--facts", "facts.yml"];
        self.run(&[&arguments[..], more].concat())
    }

    /// With the key of the tests, at an instant at which the window is open.
    pub fn attested(&self) -> &Self {
        let said = self.attest(&["--at", OPEN, "--key", "key.pem", "--unverified-facts"]);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        self
    }

    /// Verifies the authorization of `HEAD` that the key of the tests has signed.
    pub fn verify(&self, more: &[&str]) -> Said {
        let arguments =
            ["verify", "authorization.sigstore.json", "--repo", "repo", "--commit", "HEAD", "--key", "key.pub", "--unverified-facts"];
        self.run(&[&arguments[..], more].concat())
    }

    /// The statement in a bundle.
    pub fn statement(&self, path: &str) -> Value {
        let bundle: Value = serde_json::from_str(&self.read(path)).unwrap();
        let payload = STANDARD.decode(bundle["dsseEnvelope"]["payload"].as_str().unwrap()).unwrap();
        serde_json::from_slice(&payload).unwrap()
    }

    /// Puts another statement into the bundle, signed with the key of the tests.
    pub fn forge(&self, statement: &Value) {
        let payload = serde_json::to_vec(statement).unwrap();
        let mut signed = format!("DSSEv1 28 application/vnd.in-toto+json {} ", payload.len()).into_bytes();
        signed.extend_from_slice(&payload);
        fs::write(self.path("signed"), signed).unwrap();
        let openssl =
            Command::new("openssl").current_dir(self.root.path()).args(["dgst", "-sha256", "-sign", "key.pem", "signed"]).output().unwrap();
        assert!(openssl.status.success());
        let mut bundle: Value = serde_json::from_str(&self.read("authorization.sigstore.json")).unwrap();
        bundle["dsseEnvelope"]["payload"] = STANDARD.encode(payload).into();
        bundle["dsseEnvelope"]["signatures"][0]["sig"] = STANDARD.encode(openssl.stdout).into();
        self.write("authorization.sigstore.json", &bundle.to_string());
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }
}

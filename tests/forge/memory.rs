//! How much memory the gate takes for a large pull request: the program in a process of its own, and nothing of the forge.

use crate::desk::{Desk, TOKEN, role};
use serde_json::json;
use std::process::{Command, Stdio};
use std::time::Duration;

/// In KiB.
const MOST: u64 = 100 << 10;

const POLICY: &str = "version: 1
people: { teams: { a: acme/team-0, b: acme/team-1, c: acme/team-2, d: acme/team-3, e: acme/team-4 } }
rules:
  - name: all of them
    when: { gains: {} }
    require: { approvals: [{ from: a }, { from: b }, { from: c }, { from: d }, { from: e }] }
";

#[test]
#[cfg(target_os = "linux")]
fn a_pull_request_of_300_files_50_reviews_and_5_teams_takes_less_than_100_mb() {
    let desk = Desk::new(POLICY);
    let files: Vec<String> = (0..300).map(|number| format!("role-{number}.json")).collect();
    for file in &files {
        desk.place.write(file, &role(file, &["logs:PutLogEvents"]));
    }
    desk.place.commit(&desk.carol, "many");
    for team in 0..5 {
        let people: Vec<_> = (0..150).map(|number| desk.forge.user(&format!("member-{number}"), 5000 + number)).collect();
        desk.forge.team(&format!("acme/team-{team}"), &people.iter().collect::<Vec<_>>());
    }
    desk.place.git(&["checkout", "--quiet", "-b", "change-42"]);
    for file in &files {
        desk.place.write(file, &role(file, &["logs:PutLogEvents", "kms:Decrypt"]));
    }
    desk.place.commit(&desk.alice, "all of them");
    desk.place.git(&["checkout", "--quiet", "main"]);
    let pull = desk.at().pull_request(42, &desk.alice, "change-42");
    for number in 0..50 {
        let reviewer = desk.forge.user(&format!("member-{number}"), 5000 + number);
        pull.reviewed(&reviewer, "APPROVED");
    }
    let clone = desk.place.cloned(&[]);
    let event = clone.path().join(".git/event.json");
    let ends = json!({ "number": 42, "head": { "ref": "change-42", "sha": pull.head() }, "base": { "ref": "main", "sha": desk.main() } });
    std::fs::write(&event, json!({ "pull_request": ends }).to_string()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.current_dir(clone.path()).env_clear().env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", "pull_request");
    command.env("GITHUB_EVENT_PATH", event).env("GITHUB_REPOSITORY", "acme/infrastructure").env("GITHUB_API_URL", desk.forge.api());
    command.env("GITHUB_TOKEN", TOKEN).args(["check", "--no-cache", "--quiet", "--at", "2026-02-01T12:00:00Z"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    let status = loop {
        let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(line.unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert_eq!(status.code(), Some(0), "it is decided");
    assert!(peak > 0 && peak < MOST, "it took {} MiB", peak >> 10);
    eprintln!("at most {} MiB", peak >> 10);
}

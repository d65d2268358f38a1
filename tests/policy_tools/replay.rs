//! `countersign policy replay`.

use super::place::{Place, Said};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fs;

const POLICY: &str = r#"version: 1
people:
  users: { alice: 1001, bob: 1002, carol: 1003 }
  groups: { security: [bob, carol], owners: [alice] }
rules:
  - name: security sees every gain
    when: { gains: {} }
    require: { approvals: [{ from: security }] }
  - name: nothing is made public
    when: { gains: { reasons: [public] } }
    deny: publish it through the CDN instead
  - name: somebody owns what is severe
    when: { gains: { severity: high } }
    require: { approvals: [{ from: owners, count: 2 }] }
  - name: the gate's own files need security
    when: { edits: [countersign.yml] }
    require: { approvals: [{ from: security }] }
  - name: nobody takes anything from operations in silence
    when: { loses: { holders: ["group/operations"] } }
    require: { labels: [agreed] }
"#;

fn role(verbs: &str, resources: &str) -> String {
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{ name: deploy, namespace: web }}
rules: [{{ apiGroups: [\"\"], resources: [{resources}], verbs: [{verbs}] }}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{ name: deploy, namespace: web }}
roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: Role, name: deploy }}
subjects: [{{ kind: ServiceAccount, name: deploy, namespace: ci }}]
"
    )
}

/// A lenient policy of the time, a gain, a change of nothing, a gain that is severe, a policy that denies, a gain under it, a loss.
fn history() -> Place {
    let lenient = "version: 1\nrules: [{ name: all is well, when: { gains: {}, undecided: {}, edits: [\"**\"] }, allow: true }]\n";
    let strict = "version: 1\nrules: [{ name: nothing is well, when: { gains: {} }, deny: no }]\n";
    Place::with_history(&[
        ("Begin", &[("README.md", "hello")]),
        ("Read pods", &[("rbac.yaml", &role("get", "pods"))]),
        ("Write a readme", &[("README.md", "hello there")]),
        ("Adopt a policy", &[("countersign.yml", lenient)]),
        ("Read secrets", &[("rbac.yaml", &role("get, list", "pods, secrets"))]),
        ("Deny everything", &[("countersign.yml", strict)]),
        ("Read config maps", &[("rbac.yaml", &role("get, list", "pods, secrets, configmaps"))]),
        ("Read pods again", &[("rbac.yaml", &role("get", "pods"))]),
    ])
}

fn replayed(place: &Place, more: &[&str]) -> Said {
    place.write("proposed.yml", POLICY);
    place.run(&[&["replay", "--since", "2026-11-01", "--policy", "proposed.yml"], more].concat())
}

#[test]
fn a_proposed_policy_is_told_what_it_would_have_stopped() {
    let said = replayed(&history(), &[]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let ids = |text: &str| -> String {
        let is_id = |word: &str| word.len() == 10 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        text.split_inclusive([' ', '\n'])
            .map(|word| if is_id(word.trim()) { word.replace(word.trim(), "COMMIT") } else { word.to_owned() })
            .collect()
    };
    assert_snapshot!(ids(&said.out), @r#"
8 commits, 2026-11-20 to 2026-11-20; history begins there.
6 changes of access, 4 of them under a policy of the time.

Under proposed.yml
      1 nobody is asked
      5 waiting for approval
  Then and now: 3 newly asked for something, 0 no longer.

Newly blocked: 1
  COMMIT 2026-11-20 Read secrets
      waiting for approval (then: authorized)
      security sees every gain: 1 approval from `security` needed; 1 missing: bob or carol could approve
      somebody owns what is severe: 2 approvals from `owners` needed; 2 missing: a deadlock, for 2 approvals have to come from `owners` and only 1 person in there may approve

Newly allowed: 1
  COMMIT 2026-11-20 Read config maps
      waiting for approval (then: denied)
      security sees every gain: 1 approval from `security` needed; 1 missing: bob or carol could approve

Deadlocks: too few people may approve: 1
  COMMIT 2026-11-20 Read secrets
      waiting for approval (then: authorized)
      security sees every gain: 1 approval from `security` needed; 1 missing: bob or carol could approve
      somebody owns what is severe: 2 approvals from `owners` needed; 2 missing: a deadlock, for 2 approvals have to come from `owners` and only 1 person in there may approve

Approvals that are needed
  2 approvals of owners, in 1 change
  5 approvals of security, in 5 changes
  alice could approve 1 change, and 1 of them not without them
  bob could approve 5 changes
  carol could approve 5 changes

Rules, and how many changes they are about
  never nobody takes anything from operations in silence  proposed.yml:18:5
  never nothing is made public  proposed.yml:9:5
      3 security sees every gain  proposed.yml:6:5
      1 somebody owns what is severe  proposed.yml:12:5
      2 the gate's own files need security  proposed.yml:15:5

What replay assumes
  Each commit on the line of first parents is one change, against its first parent.
  Nobody knows who approved: every change is held to be opened by somebody in no group and not yet reviewed or labelled, by a request that says nothing yet, so what is told is what it would need.
  Windows are asked at the committer's date, for which nobody vouches; no approval is ever taken from a commit.
  The policy is held to be enforced, with today's people and today's files of its own; a policy of the time that only observed stopped nothing.
  What a plan or a template makes of the files is not in the history, and is undecided here.
"#);
}

fn subjects(report: &Value, list: &str) -> Vec<String> {
    let indices = report[list].as_array().unwrap().iter();
    let of = |index: &Value| &report["changes"][usize::try_from(index.as_u64().unwrap()).unwrap()];
    indices.map(|index| of(index)["subject"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_list_has_the_changes_that_it_is_about() {
    let report = replayed(&history(), &["--format", "json"]).json();
    let none = Vec::<String>::new();
    assert_eq!(report["history"]["commits"], 8);
    assert_eq!(report["outcomes"]["authorized"], 1, "losing access is cheap");
    assert_eq!(subjects(&report, "newlyBlocked"), ["Read secrets"]);
    assert_eq!(subjects(&report, "deadlocks"), ["Read secrets"]);
    assert_eq!(subjects(&report, "newlyAllowed"), ["Read config maps"]);
    assert_eq!(subjects(&report, "newlyAsked"), ["Deny everything", "Adopt a policy", "Read pods"]);
    assert_eq!((subjects(&report, "noLongerAsked"), subjects(&report, "undecided")), (none.clone(), none));
    let fired: Vec<(&str, u64)> = report["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| (rule["rule"].as_str().unwrap(), rule["changes"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        fired,
        [
            ("nobody takes anything from operations in silence", 0),
            ("nothing is made public", 0),
            ("security sees every gain", 3),
            ("somebody owns what is severe", 1),
            ("the gate's own files need security", 2)
        ]
    );
    assert_eq!(
        report["groups"],
        json!([{ "group": "owners", "approvals": 2, "changes": 1 }, { "group": "security", "approvals": 5, "changes": 5 }])
    );
    assert_eq!(report["failed"], json!([]));
}

#[test]
fn what_is_printed_is_what_its_schema_says() {
    let schema = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schemas/policy-replay-v1.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let report = replayed(&history(), &["--format", "json"]).json();
    assert_eq!(validator.iter_errors(&report).map(|error| error.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(report["schema"], "countersign/policy-replay/v1");
}

/// No commit says what its request said, and what every request can still say blocks nothing.
#[test]
fn a_ticket_or_a_reason_is_what_a_change_waits_for() {
    let place = history();
    let rule = "{ name: every gain has a ticket and says why, when: { gains: {}, edits: [countersign.yml] }, require: { ticket: \"OPS-#\", reason: true } }";
    place.write("words.yml", &format!("version: 1\nrules: [{rule}]\n"));
    let report = place.run(&["replay", "--since", "2026-11-01", "--policy", "words.yml", "--format", "json"]).json();
    assert_eq!((&report["outcomes"]["waitingForApproval"], &report["outcomes"]["undecidable"]), (&json!(5), &json!(0)));
    assert_eq!(report["newlyBlocked"], json!([]));
}

/// Each commit alone, by `check` with a change that nobody reviewed.
#[test]
fn it_is_the_decision_of_check() {
    let place = history();
    let report = replayed(&place, &["--format", "json"]).json();
    place.write("facts.yml", "author: { id: 9, login: eve }\nauthor-kind: user\ncontributors: []\nreviews: []\nlabels: []\n");
    for change in report["changes"].as_array().unwrap() {
        let commit = change["commit"].as_str().unwrap();
        let mut check = assert_cmd::Command::cargo_bin("countersign").unwrap();
        let sides = ["--base", &format!("{commit}^"), "--head", commit, "--policy", "proposed.yml", "--facts", "facts.yml"];
        let check = check.current_dir(place.path()).arg("check").args(sides).args(["--no-cache", "--format", "json"]).output().unwrap();
        let check: Value = serde_json::from_slice(&check.stdout).unwrap();
        assert_eq!(change["outcome"], check["outcome"], "{change}");
    }
}

fn state(place: &Place) -> std::path::PathBuf {
    let mut files = fs::read_dir(place.cache().join("countersign/replay")).unwrap().map(|entry| entry.unwrap().path());
    let file = files.next().unwrap();
    assert_eq!(files.next(), None);
    file
}

/// What a run says without how much of it was known before.
fn anew(report: &Value) -> Value {
    let mut report = report.clone();
    report["history"]["resumed"] = 0.into();
    report
}

#[test]
fn a_run_goes_on_where_another_was_interrupted_and_says_the_same() {
    let place = history();
    let part = replayed(&place, &["--limit", "2", "--format", "json"]).json();
    assert_eq!((&part["history"]["changes"], &part["history"]["end"]), (&2.into(), &"limit".into()));
    let whole = replayed(&place, &["--format", "json"]).json();
    assert_eq!(whole["history"]["resumed"], part["history"]["commits"]);
    assert_eq!(anew(&whole), replayed(&history_beside(&place), &["--format", "json", "--no-cache"]).json());
    assert_eq!(replayed(&place, &["--format", "json"]).json()["history"]["resumed"], 8);
}

/// The same history once more, with nothing kept.
fn history_beside(place: &Place) -> Place {
    let other = Place::with(&[]);
    fs::remove_dir_all(other.path()).unwrap();
    let status = std::process::Command::new("cp").arg("-r").arg(place.path()).arg(other.path()).status().unwrap();
    assert!(status.success());
    other
}

#[test]
fn what_is_damaged_is_noticed_and_thrown_away() {
    let place = history();
    let first = replayed(&place, &["--format", "json"]).json();
    let file = state(&place);
    let whole = fs::read(&file).unwrap();
    for damaged in [&whole[1..], &whole[..whole.len() - 1], b"", b"nonsense", b"\xff\xfe", &[&whole[..70], b" ", &whole[70..]].concat()] {
        fs::write(&file, damaged).unwrap();
        let said = replayed(&place, &["--format", "json"]);
        assert!(said.err.contains("is damaged and was thrown away; it all starts again"), "{said:?}");
        assert_eq!(said.json(), first);
        assert_eq!(fs::read(&file).unwrap(), whole);
    }
}

#[test]
fn what_was_found_by_another_policy_or_other_people_is_forgotten() {
    let place = history();
    replayed(&place, &[]);
    let resumed = |policy: &str| {
        place.write("proposed.yml", policy);
        place.run(&["replay", "--since", "2026-11-01", "--policy", "proposed.yml", "--format", "json"]).json()["history"]["resumed"].clone()
    };
    assert_eq!(resumed(POLICY), 8);
    assert_eq!(resumed(&POLICY.replace("deny: publish", "deny: do publish")), 0);
    let with_file = POLICY.replace(", owners: [alice]", "").replace("rules:", "people-file: people.yml\nrules:");
    place.write("people.yml", "groups: { owners: [alice] }\n");
    assert_eq!(resumed(&with_file), 0);
    assert_eq!(resumed(&with_file), 8);
    place.write("people.yml", "groups: { owners: [alice, bob] }\n");
    assert_eq!(resumed(&with_file), 0);
}

#[test]
fn without_a_cache_nothing_is_kept() {
    let place = history();
    replayed(&place, &["--no-cache"]);
    assert!(!place.cache().exists());
}

#[test]
fn a_cache_that_cannot_be_written_is_a_note_and_no_error() {
    let place = history();
    fs::write(place.cache(), "no directory").unwrap();
    let said = replayed(&place, &[]);
    assert_eq!(said.code, 0);
    assert!(said.err.starts_with("note: what was found out cannot be kept for the next run"), "{said:?}");
}

#[test]
fn a_shallow_clone_says_that_it_ends_there() {
    let place = history();
    let shallow = place.path().join("shallow");
    let from = format!("file://{}", place.path().display());
    place.git(&["clone", "--quiet", "--depth", "3", &from, shallow.to_str().unwrap()], 0);
    place.write("proposed.yml", POLICY);
    let said = place.run(&["replay", "--since", "2026-11-01", "--repo", "shallow", "--policy", "proposed.yml", "--format", "json"]).json();
    assert_eq!((&said["history"]["commits"], &said["history"]["end"]), (&2.into(), &"shallow".into()));
}

#[test]
fn a_policy_of_the_time_that_is_none_is_told() {
    let place = Place::with_history(&[
        ("Break the policy", &[("countersign.yml", "version: 1\nruls: []\n")]),
        ("Read pods", &[("rbac.yaml", &role("get", "pods"))]),
    ]);
    let report = replayed(&place, &["--format", "json"]).json();
    assert_eq!(report["changes"][0]["then"], "not told: the policy is not valid");
    assert_eq!((&report["newlyBlocked"], &report["newlyAllowed"]), (&json!([]), &json!([])));
}

#[test]
fn only_what_is_since_then_is_looked_at() {
    let place = history();
    place.write("proposed.yml", POLICY);
    for (since, commits) in [("2026-11-20T12:05:00Z", 3), ("2026-11-20", 8), ("2027-11-21", 0)] {
        let report = place.run(&["replay", "--since", since, "--policy", "proposed.yml", "--format", "json"]).json();
        assert_eq!(report["history"]["commits"], commits, "{since}");
    }
    for since in ["", "soon", "90", "-3d", "99999999999d", "4294967295w", "2026-13-01"] {
        let said = place.run(&["replay", &format!("--since={since}"), "--policy", "proposed.yml"]);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{since}");
        assert!(said.err.contains("write days or weeks such as `90d`"), "{said:?}");
    }
}

/// A name in history commands nobody's terminal.
#[test]
fn what_a_commit_says_of_itself_is_only_text() {
    let place =
        Place::with_history(&[("Begin", &[("README.md", "")]), ("\u{1b}[2J::error::x", &[("rbac.yaml", &role("get", "pods/exec"))])]);
    place.write("proposed.yml", "version: 1\nrules: [{ name: no, when: { gains: {} }, deny: no }]\n");
    let said = place.run(&["replay", "--since", "2026-11-01", "--policy", "proposed.yml"]);
    assert!(said.out.contains("\\u{1b}[2J::error::x") && !said.out.contains('\u{1b}'), "{said:?}");
}

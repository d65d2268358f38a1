//! `countersign policy simulate`.

use super::place::{Place, Said};
use insta::assert_snapshot;
use serde_json::Value;

const BASE: &str = "examples/deploy/base";

const POLICY: &str = r#"version: 1
people:
  users: { alice: 1001, bob: 1002, carol: 1003 }
  groups: { security: [bob, carol] }
rules:
  - name: security sees every gain
    when: { gains: {} }
    require: { approvals: [{ from: security }], window: office-hours, labels: [agreed] }
windows:
  office-hours: { zone: Europe/London, open: [{ days: [mon-fri], from: "09:00", to: "17:00" }] }
"#;

const GRANT: &str = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*" }] }"#;

fn place() -> Place {
    Place::with(&[("base/countersign.yml", POLICY), ("head/countersign.yml", POLICY), ("head/iam/deploy.json", GRANT)])
}

/// On a Wednesday at noon.
fn simulated(place: &Place, more: &[&str]) -> Said {
    let sides = ["simulate", "--no-cache", "--base", "base", "--head", "head", "--now", "2026-11-25T12:00:00Z"];
    place.run(&[&sides[..], more].concat())
}

fn outcomes(more: &[&str]) -> (Value, Value) {
    let report = simulated(&place(), &[more, &["--format", "json"]].concat()).json();
    (report["before"]["outcome"].clone(), report["after"]["outcome"].clone())
}

#[test]
fn the_decision_as_it_stands_is_beside_the_one_that_is_supposed() {
    let said = simulated(&place(), &["--approve", "bob", "--label", "agreed", "--at", "2026-11-27T17:05[Europe/London]"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_snapshot!(said.out, @r#"
Supposed: bob approves the change as it is
Supposed: it is labelled `agreed`
Supposed: it is Friday 2026-11-27 17:05 UTC
Assumed: there are no facts, so somebody in no group opened the change, nobody else had a part in it or reviewed it, its access is new, and no review of an exception is owed

as it stands            as supposed
waiting for approval    waiting for the window  the decision
waiting for approval    waiting for the window  security sees every gain

security sees every gain
    as it stands: 1 approval from `security` needed; 1 missing: bob or carol could approve; not labelled `agreed`; `office-hours` is open until Wednesday 2026-11-25 17:00 GMT (Europe/London)
    as supposed:  approved by bob; labelled `agreed`; `office-hours` is closed until Monday 2026-11-30 09:00 GMT (Europe/London)
Next, as supposed: Wait for `office-hours`, until Monday 2026-11-30 09:00 GMT (Europe/London).
"#);
}

#[test]
fn each_thing_that_is_supposed_makes_its_difference_alone() {
    let waiting = || Value::from("waiting for approval");
    let approved = ["--approve", "bob", "--label", "agreed"];
    assert_eq!(outcomes(&approved), (waiting(), "authorized".into()));
    assert_eq!(outcomes(&approved[..2]), (waiting(), waiting()));
    assert_eq!(outcomes(&approved[2..]), (waiting(), waiting()));
    assert_eq!(outcomes(&["--approve", "alice", "--label", "agreed"]), (waiting(), waiting()));
    assert_eq!(outcomes(&[&approved[..], &["--author", "bob"]].concat()), (waiting(), waiting()));
    assert_eq!(outcomes(&[&approved[..], &["--at", "2026-11-28T12:00:00Z"]].concat()), (waiting(), "waiting for the window".into()));
}

#[test]
fn another_policy_may_be_supposed_also_where_there_is_none() {
    let place = place();
    place.write("stricter.yml", &POLICY.replace("require: {", "deny: not today\n#"));
    let report = simulated(&place, &["--policy", "stricter.yml", "--format", "json"]).json();
    assert_eq!((&report["before"]["outcome"], &report["after"]["outcome"]), (&"waiting for approval".into(), &"denied".into()));
    std::fs::remove_file(place.path().join("base/countersign.yml")).unwrap();
    let said = simulated(&place, &["--policy", "stricter.yml"]);
    assert!(said.out.contains("As it stands there is no policy"), "{said:?}");
    assert_eq!(simulated(&place, &[]).code, 1);
}

#[test]
fn what_makes_no_difference_is_said_to_make_none() {
    assert!(simulated(&place(), &[]).out.contains("What is supposed makes no difference."));
}

#[test]
fn nobody_is_supposed_whom_the_policy_does_not_know() {
    let said = simulated(&place(), &["--approve", "bbo"]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (1, "", "error: `bbo` is no user of the policy; did you mean `bob`?\n"));
    let said = simulated(&place(), &["--at", "friday"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
}

/// What is supposed is never an answer that a pipeline could take for an authorization.
#[test]
fn no_report_of_a_simulation_says_that_anything_is_authorized_as_a_decision_does() {
    let report = simulated(&place(), &["--approve", "bob", "--label", "agreed", "--format", "json"]).json();
    assert_eq!((report.get("authorized"), report.get("exitCode")), (None, None));
    assert_eq!(report["after"]["outcome"], "authorized");
}

/// Without anything supposed it decides as `check` does with the same facts.
#[test]
fn it_is_the_decision_of_check() {
    let root = env!("CARGO_MANIFEST_DIR");
    for facts in ["facts.yml", "facts-approved.yml"] {
        let at = "2026-11-24T10:30:00Z";
        let facts = format!("{root}/examples/deploy/{facts}");
        let (base, head) = (format!("{root}/{BASE}"), format!("{root}/examples/deploy/head"));
        let sides = ["--base", &base, "--head", &head, "--facts", &facts, "--format", "json", "--no-cache"];
        let simulated = place().run(&[&["simulate", "--now", at], &sides[..]].concat()).json();
        let mut check = assert_cmd::Command::cargo_bin("countersign").unwrap();
        let check = check.args(["check", "--at", at]).args(sides).output().unwrap();
        let check: Value = serde_json::from_slice(&check.stdout).unwrap();
        assert_eq!((&simulated["before"]["outcome"], &simulated["after"]["outcome"]), (&check["outcome"], &check["outcome"]));
        assert_eq!(simulated["after"]["nextStep"], check["nextStep"]);
    }
}

//! A change request that is aimed at another branch: what was decided for the old one is no decision about the new one.

use crate::desk::{Desk, Office};
use crate::fake::Forge;
use crate::gitlab_fake::GitLab;
use crate::house::{House, Proposed};
use serde_json::json;

const POLICY: &str = "version: 1
people: { teams: { security: acme/security } }
rules:
  - { name: security sees every gain, when: { gains: {} }, require: { approvals: [{ from: security }] } }
";
const NO_POLICY: &str = "version: 1\nrules: [{ name: anything goes, when: { gains: {} }, allow: true }]\n";
const AT: &str = "2026-01-06T10:00:00Z";

/// A branch of one's own, whose policy allows everything.
fn scratch<H: House>(desk: &Office<H>) {
    desk.place.git(&["checkout", "--quiet", "-b", "scratch", "main"]);
    desk.place.write("countersign.yml", NO_POLICY);
    desk.place.commit(&desk.alice, "anything goes");
    desk.place.git(&["checkout", "--quiet", "main"]);
}

#[test]
fn a_run_that_is_repeated_does_not_judge_by_the_branch_of_before() {
    let desk = Desk::new(POLICY);
    scratch(&desk);
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    let told = |branch: &str| {
        let head = pull.head();
        let ends = json!({ "number": 42, "head": { "ref": "change-42", "sha": head }, "base": { "ref": branch, "sha": desk.main() } });
        desk.run("pull_request_target", &json!({ "pull_request": ends }), &desk.main(), AT, &[])
    };
    pull.aimed_at("scratch");
    let ran = told("scratch");
    assert_eq!(ran.code, 0, "it is allowed there: {}{}", ran.out, ran.err);
    pull.aimed_at("main");
    let ran = told("scratch");
    assert!(ran.code == 1 && ran.err.contains("change request 42 goes to `main` now, and this job was told `scratch`"), "{}", ran.err);
    assert!(ran.err.contains("start a new one"), "{}", ran.err);
    let ran = told("main");
    assert_eq!(ran.code, 11, "{}{}", ran.out, ran.err);
}

#[test]
fn a_job_that_was_told_another_branch_decides_nothing_on_github() {
    is_closed_by_another_branch::<Forge>();
}

#[test]
fn a_job_that_was_told_another_branch_decides_nothing_on_gitlab() {
    is_closed_by_another_branch::<GitLab>();
}

fn is_closed_by_another_branch<H: House>() {
    let desk = Office::<H>::new(POLICY);
    scratch(&desk);
    // What no rule asks anything about is no decision of another branch either.
    let pull = desk.proposes(42, "api.json", &["logs:PutLogEvents"]);
    assert_eq!(desk.pull_request(&pull, AT, &[]).code, 0);
    pull.aimed_at("scratch");
    let ran = desk.pull_request(&pull, AT, &[]);
    assert!(ran.code == 1 && ran.err.contains("goes to `scratch` now, and this job was told `main`"), "{}{}", ran.out, ran.err);
}

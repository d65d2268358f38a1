//! Every change of access that landed has its record, or is named as missing.

use super::said::Said;
use super::scene::{Scene, role};
use crate::fake::state::User;
use serde_json::Value;

/// What the role of the scene may do at the beginning, and after the pull request.
const LESS: [&str; 1] = ["logs:PutLogEvents"];
pub const MORE: [&str; 2] = ["logs:PutLogEvents", "kms:Decrypt"];
pub const MOST: [&str; 3] = ["logs:PutLogEvents", "kms:Decrypt", "iam:PassRole"];

/// The pull request of the scene, authorized, with its record in the ledger; `v1` is before it.
pub fn authorized() -> Scene {
    let scene = Scene::new();
    scene.place.git(&["tag", "v1", "main"]);
    scene.pull.reviewed(&scene.bob, "APPROVED");
    scene.attest(&["--ledger", "ledger"]).says(0, &[]);
    scene
}

impl Scene {
    pub fn id(&self, revision: &str) -> String {
        self.place.git(&["rev-parse", revision])
    }

    /// Commits to `main` without asking anybody.
    pub fn push(&self, actions: &[&str], by: &User, message: &str) -> String {
        self.place.git(&["checkout", "--quiet", "main"]);
        self.place.write("api.json", &role(actions));
        self.place.commit(by, message)
    }

    pub fn gaps(&self, more: &[&str]) -> Said {
        let repo = self.place.path();
        let start = if more.contains(&"--baseline") { &[][..] } else { &["--from", "v1"][..] };
        self.run(
            &[&["gaps", "--repo", repo.to_str().unwrap(), "--to", "main", "--ledger", "ledger", "--key", "key.pub"], start, more].concat(),
        )
    }

    /// Facts of a file: these people have approved a change between two states.
    pub fn facts(&self, [base, head]: [&str; 2], people: &[&User], more: &str) {
        let [base, head] = [base, head].map(|revision| self.id(revision));
        let review = |(number, person): (usize, &&User)| {
            format!(
                "  - {{ id: {number}, author: {{ id: {}, login: {} }}, kind: user, state: approved, commit: {head}, submitted-at: 2026-01-05T10:00:00Z }}\n",
                person.id, person.login
            )
        };
        let reviews: String = people.iter().enumerate().map(review).collect();
        let reviews = if reviews.is_empty() { " []\n".to_owned() } else { format!("\n{reviews}") };
        self.file(
            "facts.yml",
            &format!(
                "repository: acme/infrastructure\nbase: {base}\nhead: {head}\nauthor: {{ id: 1001, login: alice }}\nauthor-kind: user\ncontributors: []\nreviews:{reviews}{more}"
            ),
        );
    }

    pub fn with_facts(&self, verb: &[&str]) -> Said {
        let repo = self.place.path();
        self.run(&[verb, &["--no-cache", "--repo", repo.to_str().unwrap(), "--facts", "facts.yml"]].concat())
    }
}

#[test]
fn a_merge_is_settled_by_the_record_of_what_was_merged_and_a_push_past_the_gate_is_named() {
    let scene = authorized();
    scene.merge();
    scene.place.write("README.md", "nothing of access\n");
    scene.place.commit(&scene.alice, "explain");
    scene
        .gaps(&[])
        .says(0, &["Nothing is missing: 1 change of 2 commits", "authorized: merge 42 (1 gained", "approved by bob (1002); ledger 1"]);
    scene
        .gaps(&["--repository", "mallory/infrastructure"])
        .says(10, &["missing: merge 42", "not taken: ledger", "`mallory/infrastructure` is wanted"]);
    let past = scene.push(&MOST, &scene.alice, "quickly");
    let said = scene.gaps(&[]);
    said.says(10, &["Missing: 1 record of 2 changes of 3 commits", &format!("✗ {} missing: quickly (1 gained", &past[..12])]);
    let report: Value = serde_json::from_str(&scene.gaps(&["--format", "json"]).out).unwrap();
    assert_eq!((&report["complete"], &report["commits"]), (&Value::from(false), &Value::from(3)));
    let standings: Vec<&str> = report["changes"].as_array().unwrap().iter().map(|change| change["standing"].as_str().unwrap()).collect();
    assert_eq!(standings, ["authorized", "missing"]);
}

#[test]
fn what_a_merge_brings_beside_what_was_authorized_is_not_settled_by_it() {
    let scene = authorized();
    scene.place.git(&["checkout", "--quiet", "main"]);
    scene.place.git(&["-c", "user.name=a", "-c", "user.email=a@example.com", "merge", "--quiet", "--no-ff", "--no-commit", "feature"]);
    scene.place.write("api.json", &role(&MOST));
    scene.place.commit(&scene.alice, "merge 42, and a little more");
    scene.gaps(&[]).says(10, &["missing: merge 42, and a little more (1 gained"]);
}

#[test]
fn what_was_taken_back_and_lands_again_is_a_second_change() {
    let scene = authorized();
    scene.merge();
    scene.push(&LESS, &scene.alice, "take it back");
    scene.push(&MORE, &scene.alice, "and again");
    let said = scene.gaps(&[]);
    said.says(
        10,
        &["authorized: merge 42", "narrows: take it back (1 lost)", "missing: and again (1 gained", "Missing: 1 record of 3 changes"],
    );
}

#[test]
fn an_edit_of_the_gates_own_files_is_a_change_of_access() {
    let scene = authorized();
    scene.place.git(&["checkout", "--quiet", "main"]);
    let policy = std::fs::read_to_string(scene.place.path().join("countersign.yml")).unwrap();
    scene.place.write("countersign.yml", &policy.replace("[bob, carol]", "[alice]"));
    scene.place.commit(&scene.alice, "a new team");
    scene.gaps(&[]).says(10, &["missing: a new team (edits countersign.yml)"]);
}

#[test]
fn a_record_afterwards_settles_a_gap_and_stays_an_exception() {
    let scene = authorized();
    scene.merge();
    scene.push(&MOST, &scene.alice, "quickly");
    scene.facts(["main~1", "main"], &[&scene.bob], "landed-at: 2026-01-05T09:30:00Z\n");
    scene
        .with_facts(&["attest", "--base", "main~1", "--head", "main", "--key", "key.pem", "--unverified-facts", "--ledger", "ledger"])
        .says(0, &[]);
    scene.gaps(&[]).says(10, &["missing: quickly", "not taken: ledger", "it was decided from a facts file"]);
    scene.gaps(&["--unverified-facts"]).says(0, &["Nothing is missing", "authorized: merge 42", "exception: quickly"]);
}

#[test]
fn a_record_that_somebody_else_has_signed_is_not_taken_and_is_named() {
    let scene = authorized();
    scene.merge();
    let status = std::process::Command::new("sh")
        .current_dir(scene.path("."))
        .args(["-c", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out o.pem 2>/dev/null && openssl pkey -in o.pem -pubout -out key.pub"])
        .status()
        .unwrap();
    assert!(status.success());
    scene.gaps(&[]).says(10, &["missing: merge 42", "not taken: ledger", "signature: "]);
}

#[test]
fn a_deployment_is_refused_while_something_that_landed_has_no_record() {
    let scene = authorized();
    scene.merge();
    scene.push(&MOST, &scene.alice, "quickly");
    scene.facts(["v1", "main"], &[&scene.bob], "");
    let check = ["check", "--stage", "deploy", "--base", "v1", "--head", "main"];
    scene.with_facts(&check).says(0, &["authorized"]);
    let landed = [&check[..], &["--ledger", "ledger", "--since", "v1", "--key", "key.pub"]].concat();
    scene.with_facts(&landed).says(10, &["denied", "what landed before is not settled", "has no authorization: quickly"]);
    // Taking access away is not held up by it.
    scene.push(&[], &scene.alice, "nothing is left");
    scene.facts(["main~1", "main"], &[&scene.bob], "");
    let narrows =
        ["check", "--stage", "deploy", "--base", "main~1", "--head", "main", "--ledger", "ledger", "--since", "v1", "--key", "key.pub"];
    scene.with_facts(&narrows).says(0, &["authorized"]);
}

#[test]
fn where_it_begins_says_nothing_without_a_place_to_look_in() {
    let scene = authorized();
    let repo = scene.place.path();
    let check = ["check", "--repo", repo.to_str().unwrap(), "--base", "v1", "--head", "main", "--stage", "deploy"];
    scene.run(&[&check[..], &["--since", "v1"]].concat()).says(2, &["--ledger"]);
    scene.run(&[&check[..], &["--baseline", "baseline.json"]].concat()).says(2, &["--ledger"]);
}

#[test]
fn before_a_merge_nobody_believes_that_a_ledger_was_looked_at() {
    let scene = authorized();
    let check = ["check", "--base", "v1", "--head", "main", "--ledger", "ledger", "--since", "v1", "--key", "key.pub"];
    scene.with_facts(&check).says(2, &["before a deployment", "--stage deploy"]);
}

#[test]
fn a_stretch_of_history_that_is_not_on_the_line_is_an_error() {
    let scene = authorized();
    scene.merge();
    let repo = scene.place.path();
    let repo = repo.to_str().unwrap();
    let gaps = |from: &str| scene.run(&["gaps", "--repo", repo, "--from", from, "--to", "main", "--ledger", "ledger", "--key", "key.pub"]);
    gaps("feature").says(1, &["is not on the line of first parents"]);
    gaps("v1").says(0, &[]);
    gaps("main").says(0, &["0 changes of 0 commits"]);
}

#[test]
fn a_baseline_has_two_approvers_and_is_where_the_population_begins() {
    let scene = authorized();
    // Before the gate somebody has given everything; with the baseline that is known, and no gap.
    scene.merge();
    scene.push(&MOST, &scene.alice, "long ago");
    let note = ["baseline", "--commit", "main", "--key", "key.pem", "--unverified-facts", "--at", "2026-01-05T11:00:00Z"];
    let repo = scene.place.path();
    let noted = || scene.run(&[&note[..], &["--repo", repo.to_str().unwrap(), "--facts", "facts.yml"]].concat());
    scene.facts(["v1", "main"], &[], "");
    noted().says(1, &["needs the approval of 2 people", "nobody"]);
    scene.facts(["v1", "main"], &[&scene.bob], "");
    noted().says(1, &["needs the approval of 2 people", "1 has approved: bob"]);
    scene.facts(["v1", "main"], &[&scene.bob, &scene.alice], "");
    noted().says(1, &["1 has approved: bob"]);
    scene.facts(["v1", "main"], &[&scene.bob, &scene.carol], "");
    noted().says(0, &["baseline of commit", "1 part of access, approved by bob (1002), carol (1003)", "wrote ./baseline.sigstore.json"]);
    let since = ["--baseline", "baseline.sigstore.json", "--unverified-facts"];
    scene.gaps(&since).says(0, &["Nothing is missing: 0 changes of 0 commits after baseline"]);
    scene.push(&["*"], &scene.alice, "everything");
    scene.gaps(&since).says(10, &["missing: everything"]);
    scene.gaps(&["--baseline", "baseline.sigstore.json"]).says(1, &["is no baseline to begin at", "nobody vouches"]);
    scene.gaps(&["--baseline", "authorization.sigstore.json"]).says(1, &["`https://countersign.dev/baseline/v1` is wanted"]);
    let predicate = scene.predicate("baseline.sigstore.json");
    assert_eq!(predicate["access"]["inventory"][0]["actions"].as_array().unwrap().len(), 3);
    let schema = countersign::gate::SCHEMAS.iter().find(|published| published.name == "baseline").unwrap().text().unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert_eq!(validator.iter_errors(&predicate).map(|error| error.to_string()).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_squashed_branch_is_settled_by_the_record_of_its_push() {
    let scene = authorized();
    scene.place.git(&["checkout", "--quiet", "main"]);
    let before = scene.id("main");
    let after = scene.push(&MORE, &scene.alice, "squashed 42");
    scene.pull.merged(&after);
    // The record of the pull request is about commits that never came to the branch.
    scene.gaps(&[]).says(10, &["missing: squashed 42"]);
    let repo = scene.place.path();
    let attest = ["attest", "--no-cache", "--repo", repo.to_str().unwrap(), "--key", "key.pem", "--ledger", "ledger"];
    let push = serde_json::json!({ "ref": "refs/heads/main", "before": before, "after": after });
    scene.said(scene.job_of("push", &push).args(attest)).says(0, &["authorized\n"]);
    assert_eq!(scene.predicate("authorization.sigstore.json")["stage"], "deploy");
    scene.gaps(&[]).says(0, &["authorized: squashed 42", "approved by bob (1002); ledger 2"]);
}

#[test]
fn what_was_there_only_in_between_is_settled_by_no_record_of_before_and_after() {
    let scene = authorized();
    scene.merge();
    let before = scene.id("main");
    scene.push(&MOST, &scene.alice, "for a moment");
    scene.push(&["logs:PutLogEvents", "kms:Decrypt", "kms:Encrypt"], &scene.alice, "and something else");
    scene.facts([&before, "main"], &[&scene.bob], "");
    let both = ["attest", "--base", &before, "--head", "main", "--key", "key.pem", "--unverified-facts", "--ledger", "ledger"];
    scene.with_facts(&both).says(0, &["authorized"]);
    scene.gaps(&["--unverified-facts"]).says(10, &["authorized: merge 42", "missing: for a moment"]);
}

//! The workflow that `countersign init` writes, on the runner: from the empty repository to a gate that closes.

use super::act::{OnForge, Shown, action, run};
use super::download::Release;
use super::judges::peer;
use super::place::{LESS, Place, git, more};
use std::fs;
use std::process::Command;

/// A repository that has what `init` wrote on `main`.
fn adopted() -> Place {
    let place = Place::new();
    place.git(&["checkout", "--quiet", "-B", "main", "without-policy"]);
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["init", "--forge", "github"])
        .current_dir(place.origin())
        .env("XDG_CACHE_HOME", place.root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    place.commit();
    place
}

/// The change to `main` as it is now, judged by the workflow of `main`.
fn judged(place: &Place) -> Shown {
    place.git(&["checkout", "--quiet", "main"]);
    let _ = fs::remove_dir_all(place.clone_of_job());
    place.checkout("origin/main", &[]);
    let workflow = ".github/workflows/countersign.yml";
    fs::copy(place.clone_of_job().join(workflow), place.clone_of_job().join(".github/workflows/gate.yml")).unwrap();
    let release = Release::of(&format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_countersign")));
    fs::write(action(place).join("action/binaries.txt"), release.table()).unwrap();
    let more = [
        ("--env", format!("COUNTERSIGN_RELEASES={}", release.url())),
        ("--local-repository", format!("OWNER/countersign@{}={}", "0".repeat(40), action(place).display())),
    ];
    run(place, &OnForge::with(place, "change").forge, "pull_request_target", &place.pull_request(), &more).unwrap()
}

fn widen(place: &Place, from: &str) {
    place.git(&["checkout", "--quiet", "-B", "change", from]);
    place.write("rbac/role.yaml", &more());
    place.commit();
}

#[test]
fn a_change_is_judged_by_the_policy_of_its_target_and_nobody_is_stopped_until_it_enforces() {
    if peer("act").is_none() {
        return;
    }
    let place = adopted();
    // It left the branch before there was a policy.
    widen(&place, "without-policy");
    let observed = judged(&place);
    assert!(observed.succeeded, "{}", observed.log);
    assert!(observed.log.contains("a severe gain needs somebody from security as well"), "{}", observed.log);
    let policy = fs::read_to_string(place.origin().join("countersign.yml")).unwrap();
    place.write("countersign.yml", &policy.replace("mode: observe", "mode: enforce"));
    place.commit();
    let enforced = judged(&place);
    assert!(!enforced.succeeded && enforced.log.contains("undecidable"), "{}", enforced.log);
}

#[test]
fn the_change_that_brings_the_first_policy_is_shown_and_stopped_by_nothing_and_without_one_it_is_an_error() {
    if peer("act").is_none() {
        return;
    }
    let place = adopted();
    place.git(&["rm", "--quiet", "countersign.yml"]);
    place.commit();
    place.git(&["checkout", "--quiet", "-B", "change", "main"]);
    place.write("countersign.yml", "version: 1\nmode: observe\n");
    place.write("rbac/role.yaml", &more());
    place.commit();
    let first = judged(&place);
    assert!(first.succeeded && first.log.contains("1 gained") && !first.log.contains("Decision:"), "{}", first.log);
    widen(&place, "main");
    let none = judged(&place);
    assert!(!none.succeeded && none.log.contains("the base side has no policy"), "{}", none.log);
}

#[test]
fn an_edit_of_the_workflow_in_the_change_changes_nothing_of_how_it_is_judged() {
    if peer("act").is_none() {
        return;
    }
    let place = adopted();
    let policy = fs::read_to_string(place.origin().join("countersign.yml")).unwrap();
    place.write("countersign.yml", &policy.replace("mode: observe", "mode: enforce"));
    place.commit();
    place.git(&["checkout", "--quiet", "-B", "change", "main"]);
    place.write("rbac/role.yaml", LESS);
    place.write(
        ".github/workflows/countersign.yml",
        "on: pull_request_target\njobs: { check: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] } }\n",
    );
    place.write("countersign.yml", "version: 1\nmode: observe\n");
    place.commit();
    let shown = judged(&place);
    assert!(!shown.succeeded, "{}", shown.log);
    assert!(shown.log.contains("countersign.yml") && shown.log.contains("undecidable"), "{}", shown.log);
    assert_eq!(git(&place.clone_of_job(), &["rev-parse", "HEAD"]), place.id("main"));
}

//! Evidence of what the forge said.

use super::scene::Scene;
use serde_json::json;

const BUNDLE: &str = "authorization.sigstore.json";

#[test]
fn what_the_forge_says_is_signed_as_facts_for_which_somebody_vouches() {
    let scene = Scene::new();
    scene.pull.reviewed(&scene.bob, "APPROVED");
    scene.attest(&[]).says(0, &["authorized\n", "wrote ./authorization.sigstore.json"]);
    let predicate = scene.predicate(BUNDLE);
    assert_eq!(predicate["facts"]["verified"], true);
    assert_eq!(predicate["repository"]["name"], "acme/infrastructure");
    assert_eq!((&predicate["changeRequest"], &predicate["stage"]), (&json!("42"), &json!("merge")));
    assert_eq!(predicate["head"]["commit"], scene.pull.head());
    let approval = &predicate["approvals"][0];
    assert_eq!((&approval["login"], &approval["source"]), (&json!("bob"), &json!("forge")));
    assert_eq!(predicate["policy"]["revision"], "refs/remotes/origin/main");
    scene.verify(&[BUNDLE, "--commit", "feature"]).says(0, &["is verified", "approved by bob (1002) for security"]);
    scene.verify(&[BUNDLE, "--commit", "feature", "--recompute"]).says(0, &["is verified"]);
}

#[test]
fn what_nobody_has_approved_on_the_forge_is_not_signed() {
    let scene = Scene::new();
    scene.attest(&[]).says(11, &["Nothing was signed."]);
    let review = scene.pull.reviewed(&scene.bob, "APPROVED");
    scene.pull.dismissed(review);
    scene.attest(&[]).says(11, &["Nothing was signed."]);
    assert!(!scene.path(BUNDLE).exists());
}

#[test]
fn the_forge_is_asked_again_and_an_approval_that_was_taken_back_or_made_up_is_refused() {
    let scene = Scene::new();
    let review = scene.pull.reviewed(&scene.bob, "APPROVED");
    scene.attest(&[]).says(0, &[]);
    let repo = scene.place.path();
    let verify = ["verify", BUNDLE, "--commit", "feature", "--repo", repo.to_str().unwrap(), "--key", "key.pub", "--against-forge"];
    scene.run(&verify).says(2, &["`--against-forge` asks the forge of a job"]);
    let ask = || scene.said(scene.job().args(verify));
    ask().says(0, &["is verified"]);
    scene.pull.change(|_, pull| pull.reviews[0].submitted_at += chrono::TimeDelta::hours(1));
    ask().says(10, &["is refused", "forge: the approval ", "was given at "]);
    scene.pull.dismissed(review);
    ask().says(10, &["of `bob` (1002) is no approval there any more"]);
    scene.pull.change(|_, pull| pull.reviews.clear());
    ask().says(10, &["of `bob` (1002) is not there"]);
}

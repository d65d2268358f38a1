//! An auditor's day: the address of a release, the key, and a clone of the repository; no token, and nobody to ask.

use super::scene::Scene;
use std::fs;

#[test]
fn an_auditor_answers_every_question_from_a_release_a_key_and_a_clone() {
    // Whoever is audited: a pull request is approved, merged and released, with its evidence attached.
    let scene = Scene::new();
    scene.place.git(&["tag", "v1", "main"]);
    scene.pull.reviewed(&scene.bob, "APPROVED");
    scene.pull.reviewed(&scene.alice, "APPROVED");
    let at = scene.forge.at("acme/infrastructure");
    at.released("v2");
    scene.attest(&["--release", "v2", "--ledger", "ledger"]).says(0, &["authorized\n"]);
    scene.merge();
    scene.place.git(&["tag", "v2", "main"]);

    // The auditor has a clone of their own, and sees no secret of anybody.
    let clone = scene.place.cloned(&["main", "feature"]);
    clone.git(&["fetch", "--quiet", "--tags", "origin"]);
    let repo = clone.path();
    let repo = repo.to_str().unwrap();
    let release = format!("{}/acme/infrastructure/releases/tag/v2", scene.forge.api());
    let ask = |arguments: &[&str]| scene.run(&[arguments, &["--repo", repo]].concat());
    scene.forge.forget();

    // What went into it, who approved each, and is anything missing?
    let gaps = ["gaps", "--from", "v1", "--to", "v2", "--release", &release, "--key", "key.pub"];
    ask(&gaps).says(0, &["Nothing is missing: 1 change of 1 commit", "authorized: merge 42 (1 gained", "approved by bob (1002)"]);
    // What was it exactly?
    ask(&["lookup", "--release", &release, "--action", "kms:Decrypt"]).says(0, &["1 record"]);
    ask(&["lookup", "--release", &release, "--action", "iam:PassRole"]).says(0, &["No record"]);
    ask(&["diff", "--base", "v1", "--head", "v2", "--no-cache"]).says(0, &["(kms:Decrypt on *)"]);
    // Was each approver independent, in the team then, and the window open? Worked out again from the policy as it stood.
    let verify = ["verify", "--release", &release, "--commit", "refs/heads/feature", "--key", "key.pub", "--recompute"];
    ask(&verify).says(
        0,
        &[
            "is verified: an authorization of commit",
            "approved by bob (1002) for security",
            "written by alice (1001)",
            "not counted: alice (1001): ",
            "window always (UTC) was open at ",
        ],
    );
    // Nobody was asked with a token, and nothing was written.
    assert!(scene.forge.log().iter().all(|one| one.request.method == "GET" && one.request.header("authorization").is_none()));

    // Is the record unaltered? One letter of what was signed, and it is refused by name.
    at.rereleased(|released| {
        for asset in &mut released.releases.get_mut("v2").unwrap().assets {
            asset.bytes = String::from_utf8(asset.bytes.clone()).unwrap().replace("\"sig\":\"M", "\"sig\":\"N").into_bytes();
        }
    });
    ask(&verify).says(10, &["is refused", "signature: "]);
    ask(&gaps).says(10, &["Missing: 1 record", "missing: merge 42", "not taken: release v2: authorization-"]);
    // And a commit that went past the gate is named.
    fs::write(scene.place.path().join("api.json"), super::scene::role(&["*"])).unwrap();
    let past = scene.place.commit(&scene.alice, "quickly");
    clone.git(&["fetch", "--quiet", "origin", "main:refs/heads/later"]);
    ask(&["gaps", "--from", "v2", "--to", "later", "--release", &release, "--key", "key.pub"])
        .says(10, &[&format!("{} missing: quickly (1 gained", &past[..12])]);
}

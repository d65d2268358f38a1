//! Bundles on a release: attached once, finished by the next run, never replaced; and read from there.

use super::said::Said;
use super::scene::Scene;
use crate::fake::At;
use crate::fake::releases::Asset;
use crate::fake::server::Lost;
use std::collections::BTreeMap;

const LINES: &str = "countersign.intoto.jsonl";

/// An approved change and a release without files.
fn released() -> (Scene, At) {
    let scene = Scene::new();
    scene.pull.reviewed(&scene.bob, "APPROVED");
    let at = scene.forge.at("acme/infrastructure");
    at.released("v1");
    (scene, at)
}

fn attach(scene: &Scene, more: &[&str]) -> Said {
    scene.attest(&[&["--release", "v1"], more].concat())
}

fn contents(assets: &BTreeMap<String, Asset>) -> Vec<(&str, u64, &[u8], bool)> {
    assets.values().map(|asset| (asset.name.as_str(), asset.id, asset.bytes.as_slice(), asset.is_whole)).collect()
}

#[test]
fn every_bundle_is_a_file_of_the_release_and_all_are_lines_of_another() {
    let (scene, at) = released();
    attach(&scene, &[]).says(0, &["authorization-", "summary-", "countersign.intoto.jsonl: attached"]);
    let assets = at.assets("v1");
    let names: Vec<&str> = assets.keys().map(String::as_str).collect();
    let short = &scene.pull.head()[..12];
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names[0].starts_with(&format!("authorization-{short}-")) && names[2].starts_with(&format!("summary-{short}-")), "{names:?}");
    let lines = [&assets[names[0]].bytes[..], &assets[names[2]].bytes[..]].concat();
    assert_eq!(assets[LINES].bytes, lines);
    assert_eq!(assets[names[0]].bytes, std::fs::read(scene.path("authorization.sigstore.json")).unwrap());
}

#[test]
fn a_second_run_replaces_nothing_and_adds_nothing() {
    let (scene, at) = released();
    attach(&scene, &[]).says(0, &[]);
    let before = at.assets("v1");
    scene.forge.forget();
    attach(&scene, &[]).says(0, &["was attached already"]);
    assert_eq!(contents(&at.assets("v1")), contents(&before));
    let writes: Vec<String> = scene
        .forge
        .log()
        .iter()
        .filter(|one| one.request.method != "GET" && one.request.path != "/graphql")
        .map(|one| one.request.path.clone())
        .collect();
    assert_eq!(writes, Vec::<String>::new());
    // What it has written again is what it has signed before.
    assert_eq!(std::fs::read(scene.path("authorization.sigstore.json")).unwrap(), before.values().next().unwrap().bytes);
}

#[test]
fn another_authorization_joins_the_first_and_takes_nothing_from_it() {
    let (scene, at) = released();
    attach(&scene, &[]).says(0, &[]);
    let first = at.assets("v1");
    scene.place.write("api.json", &super::scene::role(&["logs:PutLogEvents", "kms:Decrypt", "iam:PassRole"]));
    scene.place.commit(&scene.alice, "more");
    scene.pull.pushed(&scene.alice);
    scene.pull.reviewed(&scene.carol, "APPROVED");
    attach(&scene, &[]).says(0, &[]);
    let assets = at.assets("v1");
    assert_eq!(assets.len(), 5);
    for (name, asset) in first.iter().filter(|(name, _)| *name != LINES) {
        assert_eq!((assets[name].id, &assets[name].bytes), (asset.id, &asset.bytes));
    }
    assert_eq!(assets[LINES].bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), 4);
}

#[test]
fn an_interrupted_upload_is_finished_by_the_next_run() {
    let (scene, at) = released();
    // The answer to the first file is lost: it was there, or it was not, or half of it.
    for (was_done, halves) in [(true, false), (false, false), (false, true)] {
        at.rereleased(|released| {
            released.releases.get_mut("v1").unwrap().assets.clear();
            released.cuts_next = halves;
        });
        if !halves {
            scene.forge.state().lost = Some(Lost { method: "POST", path: "/assets", was_done });
        }
        attach(&scene, &[]).says(0, &["authorization-"]);
        let assets = at.assets("v1");
        assert!(assets.len() == 3 && assets.values().all(|asset| asset.is_whole), "{assets:?}");
    }
    // Somebody has pulled the plug after the first file, in the middle of the second.
    let whole = at.assets("v1");
    at.rereleased(|released| {
        let assets = &mut released.releases.get_mut("v1").unwrap().assets;
        assets.retain(|asset| !asset.name.starts_with("countersign"));
        let summary = assets.iter_mut().find(|asset| asset.name.starts_with("summary")).unwrap();
        summary.bytes.truncate(10);
        summary.is_whole = false;
    });
    attach(&scene, &[]).says(0, &["was attached already", "countersign.intoto.jsonl: attached"]);
    let finished = at.assets("v1");
    assert_eq!(finished.keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>());
    let first = whole.keys().next().unwrap();
    assert_eq!((finished[first].id, &finished[first].bytes), (whole[first].id, &whole[first].bytes));
    scene.verify(&["--release", "v1", "--commit", "feature"]).says(1, &["is no address of a release"]);
}

#[test]
fn what_somebody_else_has_put_in_the_place_of_a_bundle_is_not_replaced() {
    let (scene, at) = released();
    attach(&scene, &[]).says(0, &[]);
    at.rereleased(|released| {
        let asset = &mut released.releases.get_mut("v1").unwrap().assets[0];
        asset.bytes = b"{}".to_vec();
    });
    attach(&scene, &[]).says(1, &["is attached to the release already, with another content", "nothing that is there is replaced"]);
    assert_eq!(at.assets("v1").values().next().unwrap().bytes, b"{}");
}

#[test]
fn a_release_that_is_not_there_and_a_token_that_may_not_write_are_said() {
    let (scene, _) = released();
    scene.attest(&["--release", "v2"]).says(1, &["releases/tags/v2", "404"]);
    scene.forge.state().forbids_writes = true;
    attach(&scene, &[]).says(1, &["with 403", "the token may not"]);
}

#[test]
fn files_go_to_no_host_that_is_not_the_forges_own() {
    let (scene, at) = released();
    at.rereleased(|released| released.upload_host = Some("uploads.evil.example".to_owned()));
    attach(&scene, &[]).says(1, &["uploads.evil.example", "another host"]);
}

#[test]
fn the_store_of_attestations_is_told_once_where_the_plan_has_one() {
    let (scene, at) = released();
    attach(&scene, &["--attestations"]).says(0, &["attestations of the forge: attached"]);
    attach(&scene, &["--attestations"]).says(0, &["attestations of the forge: was attached already"]);
    assert_eq!(at.rereleased(|released| released.attestations.len()), 2);
    let address = address(&scene);
    scene.verify(&["--release", &address, "--attestations", "--commit", "feature"]).says(0, &["attestations of the forge is verified"]);
    at.rereleased(|released| {
        released.attestations.clear();
        released.keeps_none = true;
    });
    attach(&scene, &["--attestations"]).says(0, &["not kept there", "403"]);
}

fn address(scene: &Scene) -> String {
    format!("{}/acme/infrastructure/releases/tag/v1", scene.forge.api())
}

#[test]
fn a_release_is_verified_and_looked_up_by_its_address_alone() {
    let (scene, at) = released();
    attach(&scene, &[]).says(0, &[]);
    let address = address(&scene);
    scene.forge.forget();
    let verified = scene.verify(&["--release", &address, "--commit", "feature", "--recompute"]);
    verified.says(0, &["release v1: authorization-", "is verified: an authorization of commit", "approved by bob (1002) for security"]);
    assert!(scene.forge.log().iter().all(|one| one.request.header("authorization").is_none()));
    scene.run(&["lookup", "--release", &address, "--approved-by", "bob"]).says(0, &["1 record; looked at the release v1 (1)"]);
    scene.run(&["lookup", "--release", &address, "--approved-by", "carol"]).says(0, &["No record; looked at the release v1 (1)"]);
    scene.verify(&["--release", &address, "--commit", "main"]).says(10, &["nothing that is kept there is about it"]);
    // A bundle that is taken away is still among the lines.
    at.rereleased(|released| released.releases.get_mut("v1").unwrap().assets.retain(|asset| asset.name == LINES));
    scene.verify(&["--release", &address, "--commit", "feature"]).says(0, &["release v1: countersign.intoto.jsonl:1 is verified"]);
    // And one that is altered is refused.
    at.rereleased(|released| {
        let asset = &mut released.releases.get_mut("v1").unwrap().assets[0];
        asset.bytes = String::from_utf8(asset.bytes.clone()).unwrap().replacen("\"sig\":\"", "\"sig\":\"AAAA", 1).into_bytes();
    });
    scene.verify(&["--release", &address, "--commit", "feature"]).says(10, &["signature: "]);
}

#[test]
fn a_ledger_keeps_one_entry_of_a_decision_whose_upload_was_interrupted() {
    let (scene, at) = released();
    scene.forge.state().forbids_writes = true;
    attach(&scene, &["--ledger", "ledger"]).says(1, &[]);
    scene.forge.state().forbids_writes = false;
    attach(&scene, &["--ledger", "ledger"]).says(0, &["countersign.intoto.jsonl: attached"]);
    attach(&scene, &["--ledger", "ledger"]).says(0, &["was attached already"]);
    scene.run(&["ledger", "verify", "--ledger", "ledger", "--key", "key.pub"]).says(0, &["1 entr"]);
    let entry = std::fs::read_to_string(scene.path("ledger/000000000/000000000001")).unwrap();
    let attached = String::from_utf8(at.assets("v1").values().next().unwrap().bytes.clone()).unwrap();
    assert_eq!(entry.lines().nth(1), attached.lines().next());
    scene.verify(&["--ledger", "ledger", "--commit", "feature"]).says(0, &["ledger 1 is verified"]);
}

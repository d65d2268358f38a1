//! A run that is ended at each of its writes while it attaches bundles to a release.

use super::scene::Scene;
use std::process::Command;

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_ended_at_any_of_its_writes_is_finished_by_the_next_and_nothing_whole_is_touched() {
    let scene = Scene::new();
    scene.pull.reviewed(&scene.bob, "APPROVED");
    let at = scene.forge.at("acme/infrastructure");
    let library = scene.path("stop.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/attestation/stop.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl").output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let repo = scene.place.path();
    let attest = ["attest", "--no-cache", "--repo", repo.to_str().unwrap(), "--key", "key.pem", "--release", "v1", "--ledger", "ledger"];
    let mut ended = 0;
    // Of so many writes every one that is not the same in each run of the loop is tried.
    for number in 1..400 {
        at.rereleased(|released| released.releases.clear());
        at.released("v1");
        let _ = std::fs::remove_dir_all(scene.path("ledger"));
        let mut command = scene.job();
        let output = command.args(attest).env("STOP_AT", number.to_string()).env("LD_PRELOAD", &library).output().unwrap();
        let before = at.assets("v1");
        scene.attest(&["--release", "v1", "--ledger", "ledger"]).says(0, &["countersign.intoto.jsonl"]);
        let after = at.assets("v1");
        assert!(after.len() == 3 && after.values().all(|asset| asset.is_whole), "write {number}: {after:?}");
        for (name, asset) in before.iter().filter(|(_, asset)| asset.is_whole) {
            assert_eq!((after[name].id, &after[name].bytes), (asset.id, &asset.bytes), "write {number}");
        }
        let entries = std::fs::read_dir(scene.path("ledger/000000000")).unwrap();
        let entries = entries.filter(|entry| !entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.')).count();
        assert_eq!(entries, 1, "write {number}: one decision has one record");
        if output.status.success() {
            break;
        }
        assert_eq!(output.status.code(), None, "write {number}: {}", String::from_utf8_lossy(&output.stderr));
        ended += 1;
    }
    assert!((10..398).contains(&ended), "{ended} writes");
}

//! `countersign demo` tells the whole story: waiting for approval, waiting for the window, authorized.

use assert_cmd::Command;

#[test]
fn the_demonstration_goes_from_waiting_to_authorized_on_files_that_it_leaves_behind() {
    let directory = tempfile::tempdir().unwrap();
    let into = directory.path().join("demo");
    let output = Command::cargo_bin("countersign").unwrap().args(["demo", "--into"]).arg(&into).output().unwrap();
    let story = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    let codes: Vec<&str> = story.lines().filter_map(|line| line.strip_prefix("(exit code ")).collect();
    assert_eq!(codes, ["11)", "12)", "0)"], "{story}");
    assert!(into.join("base/countersign.yml").is_file() && into.join("head/iam/deploy.json").is_file());
}

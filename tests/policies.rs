//! Every policy under `policies/` is one, and decides the change of the demonstration.

use assert_cmd::Command;
use std::fs;

#[test]
fn every_policy_that_we_publish_is_valid_and_observes() {
    let policies: Vec<_> = fs::read_dir("policies").unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!policies.is_empty());
    for policy in policies {
        let output = Command::cargo_bin("countersign")
            .unwrap()
            .args(["check", "--no-cache", "--base", "examples/demo/base", "--head", "examples/demo/head"])
            .args(["--facts", "examples/demo/facts/opened.yml", "--at", "2026-11-25T09:30:00Z", "--policy"])
            .arg(&policy)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}: {}", policy.display(), String::from_utf8_lossy(&output.stderr));
        assert!(text.contains("observed: would be undecidable"), "{}: nobody is named in it yet: {text}", policy.display());
    }
}

//! What is published under `policies/`: a policy to begin with, which decides the change of the demonstration, and packs to include.

use assert_cmd::Command;
use countersign::policy::packs::PACKS;
use std::collections::BTreeSet;
use std::fs;

#[test]
fn the_starter_policy_is_valid_and_observes() {
    let output = Command::cargo_bin("countersign")
        .unwrap()
        .args(["check", "--no-cache", "--base", "examples/demo/base", "--head", "examples/demo/head"])
        .args(["--facts", "examples/demo/facts/opened.yml", "--at", "2026-11-25T09:30:00Z", "--policy", "policies/starter.yml"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("observed: would be undecidable"), "nobody is named in it yet: {text}");
}

/// Everything else there is a pack, has a case that it decides, and a row in the documentation for each of its rules.
#[test]
fn every_pack_comes_with_us_is_tried_and_documented() {
    let files = fs::read_dir("policies").unwrap().map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned());
    let files: BTreeSet<String> = files.filter(|name| name != "starter").collect();
    assert_eq!(files, PACKS.iter().map(|pack| pack.name.to_owned()).collect());
    let documentation = fs::read_to_string("docs/packs.md").unwrap();
    let cases: Vec<_> =
        fs::read_dir("tests/cases/policy").unwrap().map(|entry| entry.unwrap().path().join("base/countersign.yml")).collect();
    for pack in PACKS {
        let include = format!("pack:{}", pack.name);
        assert!(cases.iter().any(|case| fs::read_to_string(case).is_ok_and(|text| text.contains(&include))), "`{include}` has no case");
        let rules = pack.text.lines().filter_map(|line| line.strip_prefix("  - name: "));
        for rule in rules {
            assert!(documentation.contains(&format!("| {rule} |")), "docs/packs.md has no row `{rule}` of `{}`", pack.name);
        }
    }
}

/// What a reader copies from the documentation is a policy.
#[test]
fn the_policies_in_the_documentation_of_packs_and_monorepos_are_valid() {
    for page in ["docs/packs.md", "docs/monorepo.md"] {
        let text = fs::read_to_string(page).unwrap();
        let mut blocks =
            text.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).filter(|block| block.contains("\npeople:"));
        let whole = blocks.next().unwrap_or_else(|| panic!("{page} shows no whole policy"));
        let directory = tempfile::TempDir::new().unwrap();
        fs::write(directory.path().join("countersign.yml"), whole).unwrap();
        let output = Command::cargo_bin("countersign").unwrap().current_dir(&directory).args(["policy", "check"]).output().unwrap();
        assert!(output.status.success(), "{page}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

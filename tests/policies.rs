//! What is published under `policies/`: a policy to begin with, which decides the change of the demonstration, and packs to include.

#![expect(clippy::unwrap_used, reason = "a policy that cannot be read fails the test")]

use assert_cmd::Command;
use countersign::policy::packs::PACKS;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

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
    let files = fs::read_dir("policies").unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let files = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
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

/// As whoever includes them would: with the groups and the window that they need, and every rule of them decides some case.
#[test]
fn every_pack_says_of_its_cases_what_they_expect() {
    // By themselves: there are policies in other directories here.
    let directory = tempfile::TempDir::new().unwrap();
    for file in fs::read_dir("policies/tests").unwrap().map(|entry| entry.unwrap().path()) {
        fs::copy(&file, directory.path().join(file.file_name().unwrap())).unwrap();
    }
    let run = ["policy", "test", "--coverage", ".", "--format", "json"];
    let output = Command::cargo_bin("countersign").unwrap().current_dir(&directory).args(run).output().unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{report}{}", String::from_utf8_lossy(&output.stderr));
    for pack in PACKS {
        assert!(report.contains(&format!("\"{}.tests.yml\"", pack.name)), "{} has no cases", pack.name);
    }
}

/// Every way round the gate that is listed is tried by a test that is there.
#[test]
fn every_test_that_the_list_of_threats_names_is_there() {
    let sources: String = sources("src").chain(sources("tests")).map(|path| fs::read_to_string(path).unwrap()).collect();
    let list = fs::read_to_string("docs/threats.md").unwrap();
    let rows: Vec<&str> = list.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| #")).collect();
    assert!(rows.len() > 15, "{}", rows.len());
    for row in rows {
        let tried = row.rsplit('|').nth(1).unwrap();
        let names: Vec<&str> = tried.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            let is_case = fs::read_dir("tests/cases").unwrap().any(|area| area.unwrap().path().join(name).is_dir());
            assert!(is_case || sources.contains(&format!("fn {name}(")), "there is no test `{name}`");
        }
    }
}

fn sources(directory: &str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<PathBuf> = entries
        .flat_map(|path| match path.is_dir() {
            true if !path.ends_with("cases") => sources(path.to_str().unwrap()).collect(),
            false if path.extension().is_some_and(|ending| ending == "rs") => vec![path],
            _ => Vec::new(),
        })
        .collect();
    found.into_iter()
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

//! What the binary prints is what its schemas say.

use super::published::schema;
use super::{Value, here, validator, wrong};
use assert_cmd::Command;
use std::fs;
use tempfile::NamedTempFile;

const BASE: &str = "examples/deploy/base";
const HEAD: &str = "examples/deploy/head";
const POLICY: &str = "examples/deploy/base/countersign.yml";
const OPEN: &str = "2026-11-24T10:30:00Z";
const SHUT: &str = "2026-11-27T10:30:00Z";

/// The JSON that a command prints; it has to end with that exit code.
fn printed(arguments: &[&str], code: i32) -> Value {
    let mut command = Command::cargo_bin("countersign").unwrap();
    let output = command.current_dir(here("")).env("XDG_CACHE_HOME", "none").args(arguments).args(["--format", "json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn agrees(name: &str, arguments: &[&str], code: i32) -> Value {
    let report = printed(arguments, code);
    assert_eq!(wrong(&validator(&schema(name)), &report), Vec::<String>::new(), "{arguments:?}");
    let (what, version) = name.rsplit_once('-').unwrap();
    assert_eq!(report["schema"], format!("countersign/{what}/{version}"));
    report
}

#[test]
fn what_diff_prints_is_what_its_schema_says() {
    let report = agrees("diff-v1", &["diff", "--base", BASE, "--head", HEAD], 0);
    assert!(report["changes"].as_array().unwrap().len() > 2);
    agrees("diff-v1", &["diff", "--base", HEAD, "--head", HEAD], 0);
    agrees("diff-v1", &["diff", "--base", "/dev/null", "--head", HEAD, "--exit-code"], 10);
    agrees("diff-v1", &["diff", "--base", HEAD, "--head", "/dev/null", "--exit-code"], 14);
    let unread = agrees("diff-v1", &["diff", "--base", "/dev/null", "--head", POLICY, "--as", "aws-iam", "--exit-code"], 13);
    assert!(unread["changes"][0]["opaqueDigest"].is_string() && unread["diagnostics"][0]["code"] == "not-a-policy");
}

#[test]
fn what_check_prints_is_what_its_schema_says() {
    let check = |facts: &[&str], at: &str, code: i32| {
        let arguments = [&["check", "--base", BASE, "--head", HEAD, "--at", at], facts].concat();
        let report = agrees("check-v1", &arguments, code);
        assert_eq!(report["exitCode"], code);
        report
    };
    let waiting = check(&["--facts", "examples/deploy/facts.yml"], OPEN, 11);
    assert_eq!(waiting["authorized"], false);
    assert_eq!(check(&["--facts", "examples/deploy/facts-approved.yml"], OPEN, 0)["authorized"], true);
    assert!(check(&["--facts", "examples/deploy/facts-approved.yml"], SHUT, 12)["until"].is_string());
    assert_eq!(check(&[], OPEN, 13)["evidence"]["factsVerified"], Value::Null);
    agrees("check-v1", &["check", "--base", BASE, "--head", BASE], 0);
    let silent = NamedTempFile::new().unwrap();
    fs::write(silent.path(), "version: 1\n").unwrap();
    agrees("check-v1", &["check", "--base", "/dev/null", "--head", HEAD, "--policy", silent.path().to_str().unwrap()], 10);
}

#[test]
fn what_explain_prints_is_what_its_schema_says() {
    let few = agrees("explain-v1", &["explain", "--base", BASE, "--head", HEAD], 0);
    let explained = few["explained"].as_array().unwrap();
    assert_eq!((explained.len(), few["parts"].as_array().unwrap().len()), (3, 3));
    for (number, part) in explained.iter().enumerate() {
        assert_eq!(part["check"]["confirmed"], true, "{part:#}");
        assert_eq!((&part["number"], &part["part"]["id"]), (&(number + 1).into(), &few["parts"][number]["id"]));
    }
    let one = agrees("explain-v1", &["explain", few["parts"][1]["id"].as_str().unwrap(), "--base", BASE, "--head", HEAD], 0);
    assert_eq!(one["explained"].as_array().unwrap(), &explained[1..2]);
    let unread = agrees("explain-v1", &["explain", "1", "--base", "/dev/null", "--head", POLICY, "--as", "aws-iam"], 0);
    assert!(unread["explained"][0]["check"].is_null() && unread["explained"][0]["part"]["opaqueDigest"].is_string());
    assert_eq!(agrees("explain-v1", &["explain", "--base", HEAD, "--head", HEAD], 0)["parts"].as_array().unwrap().len(), 0);
}

#[test]
fn what_policy_check_prints_is_what_its_schema_says() {
    let sound = agrees("policy-check-v1", &["policy", "check", POLICY], 0);
    assert_eq!((&sound["valid"], &sound["mode"], &sound["contains"]["rules"]), (&true.into(), &"enforce".into(), &3.into()));
    let unsound = agrees("policy-check-v1", &["policy", "check", "examples/deploy/facts.yml"], 1);
    assert_eq!((&unsound["valid"], &unsound["mode"], &unsound["contains"]), (&false.into(), &Value::Null, &Value::Null));
}

#[test]
fn what_policy_test_prints_is_what_its_schema_says() {
    let tested = agrees("policy-test-v1", &["policy", "test", "examples/deploy", "--coverage"], 0);
    assert_eq!((&tested["passed"], &tested["files"][0]["uncovered"]), (&true.into(), &serde_json::json!([])));
    let wrong = fs::read_to_string(here("examples/deploy/countersign.tests.yml")).unwrap();
    let wrong = wrong.replace("expect: authorized", "expect: denied").replace("{ file: ", "{ file: examples/deploy/");
    let wrong = wrong.replace("policy: base/", "policy: examples/deploy/base/");
    let file = tempfile::Builder::new().suffix(".tests.yml").tempfile_in(here("")).unwrap();
    fs::write(file.path(), wrong).unwrap();
    let failed = agrees("policy-test-v1", &["policy", "test", file.path().to_str().unwrap()], 10);
    assert_eq!((&failed["passed"], &failed["files"][0]["cases"][1]["passed"]), (&false.into(), &false.into()));
}

#[test]
fn what_policy_simulate_prints_is_what_its_schema_says() {
    let simulate = ["policy", "simulate", "--base", BASE, "--head", HEAD, "--now", OPEN];
    let same = agrees("policy-simulate-v1", &simulate, 0);
    assert_eq!((&same["differs"], same["assumed"].as_array().unwrap().len()), (&false.into(), 1));
    let more = ["--facts", "examples/deploy/facts.yml", "--approve", "dave", "--label", "x", "--at", SHUT, "--policy", POLICY];
    assert!(agrees("policy-simulate-v1", &[&simulate[..], &more].concat(), 0)["after"]["until"].is_string());
    let none = ["policy", "simulate", "--base", "/dev/null", "--head", HEAD, "--policy", POLICY];
    assert_eq!(agrees("policy-simulate-v1", &none, 0)["before"], Value::Null);
}

#[test]
fn what_window_prints_is_what_its_schemas_say() {
    let window = |verb: &str, at: &str| {
        agrees(&format!("window-{verb}-v1"), &["window", verb, "--policy", POLICY, "--at", at], 0)["windows"][0].clone()
    };
    assert_eq!(window("next", OPEN)["openings"].as_array().unwrap().len(), 3);
    assert_eq!(window("lint", OPEN)["findings"].as_array().unwrap().len(), 0);
    let (open, shut) = (window("explain", OPEN), window("explain", SHUT));
    assert_eq!((&open["open"], &open["decidedBy"][0]["written"], &open["opens"]), (&true.into(), &"open[0]".into(), &Value::Null));
    assert!(shut["open"] == false && shut["opens"].is_string() && shut["since"].is_null());
    assert_eq!(shut["week"].as_array().unwrap().len(), 7);
}

/// A schema that holds of anything would prove nothing.
#[test]
fn the_schemas_refuse_a_report_that_lacks_a_key_or_has_an_unknown_word() {
    for (name, verb) in [("diff-v1", "diff"), ("check-v1", "check")] {
        let validator = validator(&schema(name));
        let code = if verb == "diff" { 0 } else { 13 };
        let report = printed(&[verb, "--base", BASE, "--head", HEAD], code);
        for key in report.as_object().unwrap().keys() {
            let mut lacking = report.clone();
            lacking.as_object_mut().unwrap().remove(key);
            assert!(!validator.is_valid(&lacking), "{name} without `{key}`");
        }
        let mut other = report.clone();
        other["schema"] = "countersign/other/v1".into();
        assert!(!validator.is_valid(&other));
    }
}

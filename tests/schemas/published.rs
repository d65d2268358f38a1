//! The schemas under `docs/schemas`, and what the binary prints of them.

use super::{Value, hold, validator};
use assert_cmd::Command;
use countersign::gate::SCHEMAS;

/// Each with the name under which it is published.
pub fn schemas() -> impl Iterator<Item = (&'static str, Value)> {
    SCHEMAS.iter().map(|published| (published.file, serde_json::from_str(&published.text().unwrap()).unwrap()))
}

pub fn schema(name: &str) -> Value {
    schemas().find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn the_published_schemas_are_those_of_the_types_and_the_binary_prints_them() {
    for published in &SCHEMAS {
        let text = published.text().unwrap();
        hold(&format!("docs/schemas/{}.json", published.file), &text);
        let output = Command::cargo_bin("countersign").unwrap().args(["policy", "schema", published.name]).output().unwrap();
        assert!(output.status.success() && output.stdout == text.as_bytes(), "countersign policy schema {}", published.name);
    }
}

#[test]
fn without_a_name_the_schema_is_that_of_the_policy_and_an_unknown_name_is_told_the_known_ones() {
    let printed = |arguments: &[&str]| Command::cargo_bin("countersign").unwrap().args(arguments).output().unwrap();
    assert_eq!(printed(&["policy", "schema"]).stdout, printed(&["policy", "schema", "policy"]).stdout);
    let refused = printed(&["policy", "schema", "polcy"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("there are schemas of policy, people, facts, tests, diff, check, round, doctor, explain, policy-check, policy-test, policy-simulate, policy-replay"), "{said}");
}

#[test]
fn every_file_below_docs_schemas_is_a_published_schema() {
    let found = std::fs::read_dir(super::here("docs/schemas")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut found: Vec<String> = found.collect();
    let mut known: Vec<String> = SCHEMAS.iter().map(|published| format!("{}.json", published.file)).collect();
    found.sort();
    known.sort();
    assert_eq!(found, known);
}

#[test]
fn every_schema_is_one_and_describes_every_key() {
    for (name, schema) in schemas() {
        validator(&schema);
        let definitions = schema["$defs"].as_object().into_iter().flatten().map(|(name, definition)| (name.as_str(), definition));
        for (definition, part) in definitions.chain([("the whole", &schema)]) {
            for (key, property) in part["properties"].as_object().into_iter().flatten() {
                assert!(property["description"].is_string(), "{name}: `{key}` of {definition} has no description: write a doc comment");
            }
        }
    }
}

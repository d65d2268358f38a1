//! `docs/policy.md`, `docs/facts.md` and `docs/testing-policies.md`: the tables are made from the types, and what is shown is read.

use super::published::schema;
use super::reference::{keys, referred, tables};
use super::{Value, hold, text, validator, wrong};
use assert_cmd::Command;
use chrono::DateTime;
use countersign::document::{Bounds, File, Syntax, from_node, parse};
use countersign::policy::{FAMILIES, Family, REASONS};
use countersign::proposal::Proposal;
use serde_json::json;
use std::fs;
use tempfile::TempDir;

const END: &str = "<!-- end -->";

/// The document with everything between `<!-- generated: NAME -->` and `<!-- end -->` made anew.
fn regenerated(document: &str, generated: &dyn Fn(&str) -> String) -> String {
    let mut parts = document.split("<!-- generated: ");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->\n").unwrap_or_else(|| panic!("a marker that does not end"));
        let (_, after) = rest.split_once(END).unwrap_or_else(|| panic!("`generated: {name}` has no `{END}`"));
        text.extend(["<!-- generated: ", name, " -->\n\n", &generated(name), END, after]);
    }
    text
}

#[test]
fn the_tables_say_what_the_types_say() {
    let generated = |name: &str| match name {
        "policy" => tables(&schema("policy-v1"), "The policy file"),
        "tests" => tables(&without_facts(schema("tests-v1")), "The file of cases"),
        "people" => tables(&schema("people-v1"), "The people file"),
        "families" => families(),
        "facts" => tables(&schema("facts-v1"), "The facts file"),
        "reasons" => REASONS.iter().map(|reason| format!("`{reason}`")).collect::<Vec<_>>().join(", ") + "\n\n",
        other => panic!("nothing is generated under `{other}`"),
    };
    for path in ["docs/policy.md", "docs/facts.md", "docs/testing-policies.md"] {
        hold(path, &regenerated(&text(path), &generated));
    }
}

/// What `facts:` of a case takes has a page of its own.
fn without_facts(mut schema: Value) -> Value {
    let facts = &mut schema["$defs"]["Case"]["properties"]["facts"];
    *facts = json!({"type": "object", "description": facts["description"]});
    schema
}

fn families() -> String {
    let row = |family: &Family| {
        let reasons: Vec<String> = family.reasons.iter().map(|reason| format!("`{reason}`")).collect();
        format!("| `{}` | {} | {} |\n", family.name, family.meaning, reasons.join(", "))
    };
    format!("| name | meaning | stands for |\n|---|---|---|\n{}\n", FAMILIES.iter().map(row).collect::<String>())
}

/// A key whose value is not another table has an example, and the example is one.
#[test]
fn every_key_has_an_example_that_its_schema_takes() {
    for name in ["policy-v1", "people-v1", "facts-v1", "tests-v1"] {
        let schema = schema(name);
        let definitions: Vec<&Value> = schema["$defs"].as_object().into_iter().flatten().map(|(_, definition)| definition).collect();
        for part in definitions.into_iter().chain([&schema]) {
            for key in keys(part) {
                let property = &part["properties"][&key];
                let examples = property["examples"].as_array().cloned().unwrap_or_default();
                assert!(
                    !examples.is_empty() || leads_to_a_table(property, &schema),
                    "{name}: `{key}` has no example: add `#[schemars(example = …)]`"
                );
                let mut alone = property.clone();
                alone["$defs"] = schema.get("$defs").cloned().unwrap_or_else(|| json!({}));
                for example in &examples {
                    assert_eq!(wrong(&validator(&alone), example), Vec::<String>::new(), "{name}: the example of `{key}`");
                }
            }
        }
    }
}

fn leads_to_a_table(property: &Value, schema: &Value) -> bool {
    let inner = [property, &property["items"], &property["additionalProperties"]];
    inner.into_iter().filter_map(referred).any(|name| schema["$defs"][name]["properties"].is_object())
}

/// The fenced blocks of a document in a language.
fn fences<'t>(document: &'t str, language: &str) -> Vec<&'t str> {
    let open = format!("```{language}\n");
    document.split(open.as_str()).skip(1).filter_map(|part| part.split_once("```\n")).map(|(fence, _)| fence).collect()
}

fn yaml(text: &str) -> File {
    parse("example.yml", text.as_bytes(), Syntax::Yaml, &Bounds::default()).unwrap_or_else(|(problem, _)| panic!("{problem:?}\n{text}"))
}

/// A block that starts with `version:` is a whole policy, and the binary takes it; any other is a part of one.
#[test]
fn the_policies_in_the_documentation_are_policies() {
    let document = text("docs/policy.md") + &text("docs/windows.md");
    let (whole, parts): (Vec<&str>, Vec<&str>) = fences(&document, "yaml").into_iter().partition(|fence| fence.starts_with("version:"));
    assert!(!whole.is_empty() && !parts.is_empty());
    for fence in whole {
        takes(fence);
    }
    let validator = validator(&schema("policy-v1"));
    for fence in parts {
        let mut value: Value = from_node(&yaml(fence).documents[0]).unwrap();
        value["version"] = 1.into();
        assert_eq!(wrong(&validator, &value), Vec::<String>::new(), "{fence}");
    }
}

/// The binary takes the policy: nothing changed, and nothing is said about it.
#[track_caller]
fn takes(policy: &str) {
    let base = TempDir::new().unwrap();
    fs::write(base.path().join("countersign.yml"), policy).unwrap();
    fs::create_dir(base.path().join(".github")).unwrap();
    fs::write(base.path().join(".github/people.yml"), "users: { dave: 1004 }\ngroups: { platform: [dave] }\n").unwrap();
    let mut command = Command::cargo_bin("countersign").unwrap();
    let output = command.args(["check", "--no-cache", "--base"]).arg(base.path()).arg("--head").arg(base.path()).output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(output.status.success() && said.starts_with("No access changed."), "{policy}\n{said}");
}

#[test]
fn the_facts_in_the_documentation_are_facts() {
    let now = DateTime::parse_from_rfc3339("2026-11-25T00:00:00Z").unwrap().to_utc();
    let document = text("docs/facts.md");
    let found = fences(&document, "yaml");
    assert!(!found.is_empty());
    for fence in found {
        let read = Proposal::read(&yaml(fence), now);
        assert!(read.is_ok(), "{fence}\n{:#?}", read.unwrap_err());
    }
}

#[test]
fn the_cases_in_the_documentation_are_cases() {
    let document = text("docs/testing-policies.md");
    let found = fences(&document, "yaml");
    assert!(!found.is_empty());
    let validator = validator(&schema("tests-v1"));
    for fence in found {
        let value: Value = from_node(&yaml(fence).documents[0]).unwrap();
        assert_eq!(wrong(&validator, &value), Vec::<String>::new(), "{fence}");
    }
}

//! The schemas under `docs/schemas`.

use super::{Value, hold, validator};
use countersign::{policy, proposal, report};

/// Each with the name under which it is published.
pub fn schemas() -> [(&'static str, Value); 5] {
    let value = |schema: schemars::Schema| serde_json::to_value(schema).unwrap();
    [
        ("diff-v1", value(report::json::schema())),
        ("check-v1", value(report::decision_json::schema())),
        ("policy-v1", value(policy::schema())),
        ("people-v1", value(policy::people_schema())),
        ("facts-v1", value(proposal::schema())),
    ]
}

pub fn schema(name: &str) -> Value {
    schemas().into_iter().find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    for (name, schema) in schemas() {
        hold(&format!("docs/schemas/{name}.json"), &(serde_json::to_string_pretty(&schema).unwrap() + "\n"));
    }
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

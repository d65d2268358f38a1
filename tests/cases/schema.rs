//! Reports against the schemas of their types, and against the published ones where there are any.

use countersign::report::decision_json::CheckReport;
use countersign::report::json::DiffReport;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Whether a report fits the schema that it names itself by.
pub fn valid(report: &Value) -> Result<(), String> {
    let id = report["schema"].as_str().unwrap_or_default();
    let of_type = match id {
        "countersign/diff/v1" => schemars::schema_for!(DiffReport),
        "countersign/check/v1" => schemars::schema_for!(CheckReport),
        _ => return Err(format!("the report names the schema `{id}`: give `valid` in tests/cases/schema.rs the type of such a report")),
    };
    fits(report, of_type.as_value(), "of its type")?;
    match published(id)? {
        Some(schema) => fits(report, &schema, "in docs/schemas"),
        None => Ok(()),
    }
}

fn fits(report: &Value, schema: &Value, which: &str) -> Result<(), String> {
    let validator = jsonschema::validator_for(schema).map_err(|error| format!("the schema {which} is none: {error}"))?;
    let misfit = |error: jsonschema::ValidationError<'_>| {
        format!("the report does not fit the schema {which}: {error} at `{}`", error.instance_path())
    };
    validator.validate(report).map_err(misfit)
}

/// `countersign/diff/v1` is the file under `docs/schemas` that has both `diff` and `v1` in its name.
fn published(id: &str) -> Result<Option<Value>, String> {
    let Ok(entries) = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas")) else { return Ok(None) };
    let is_it = |name: &str| id.split('/').skip(1).all(|part| name.contains(part));
    let path = entries.map(|entry| entry.unwrap().path()).find(|path| is_it(&path.file_name().unwrap().to_string_lossy()));
    let path = path
        .ok_or_else(|| format!("docs/schemas has no schema for `{id}`: publish it there, with its name and version in the file's name"))?;
    let schema = serde_json::from_str(&fs::read_to_string(&path).unwrap());
    schema.map(Some).map_err(|error| format!("{} is no JSON: {error}", path.display()))
}

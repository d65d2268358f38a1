//! Whoever signs may say anything: worked out again, it has to be the same.

use crate::place::Place;
use serde_json::{Value, json};

/// What the signer alone can know, and what was asked.
const WORD_OF_THE_SIGNER: [&str; 4] =
    ["/predicate/repository/id", "/predicate/decision/timeSource", "/predicate/gateRun", "/predicate/stage"];

/// The ways to every value that holds no other.
fn leaves(value: &Value, way: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                leaves(value, &format!("{way}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, &format!("{way}/{index}"), found);
            }
        }
        _ => found.push(way.to_owned()),
    }
}

/// Another value of the same kind, which has the shape that is wanted as far as that can be had.
fn other(value: &Value) -> Value {
    match value {
        Value::Null => json!("something"),
        Value::Bool(value) => json!(!value),
        Value::Number(number) => json!(number.as_u64().unwrap() + 1),
        Value::String(text) => json!(other_text(text)),
        Value::Array(_) => json!(["something"]),
        Value::Object(_) => json!({"something": 1}),
    }
}

fn other_text(text: &str) -> String {
    let words = [
        ("authorization", "observed"),
        ("merge", "deploy"),
        ("authorized", "denied"),
        ("enforce", "observe"),
        ("user", "bot"),
        ("gained", "lost"),
        ("facts-file", "forge"),
        ("low", "high"),
        ("medium", "high"),
        ("high", "low"),
        ("approved", "dismissed"),
    ];
    if let Some((_, other)) = words.iter().find(|(word, _)| *word == text) {
        return (*other).to_owned();
    }
    // Another time, another digest, another name.
    let at = text.rfind(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let digit = text.get(at..=at).and_then(|digit| digit.parse::<u32>().ok());
    digit.map_or_else(|| format!("{text}x"), |digit| format!("{}{}{}", &text[..at], (digit + 1) % 10, &text[at + 1..]))
}

#[test]
fn evidence_is_the_same_when_it_is_worked_out_again() {
    Place::new().attested().verify(&["--recompute"]).says(0, &["is verified"]);
}

#[test]
fn every_field_that_is_changed_is_named_although_the_key_has_signed_it() {
    let place = Place::new();
    let statement = place.attested().statement("authorization.sigstore.json");
    let mut fields = Vec::new();
    leaves(&statement["predicate"], "/predicate", &mut fields);
    assert!(fields.len() > 60, "{fields:#?}");
    let mut quiet = Vec::new();
    for field in &fields {
        let mut changed = statement.clone();
        let value = changed.pointer_mut(field).unwrap();
        *value = other(value);
        place.forge(&changed);
        let said = place.verify(&["--recompute", "--format", "json"]);
        // What it is worked out from may be no commit any more, which is an error and no verification.
        if said.code == 1 {
            assert!(said.out.is_empty() && !said.err.is_empty(), "{field}");
            continue;
        }
        let report: Value = serde_json::from_str(&said.out).unwrap();
        let bundle = &report["bundles"][0];
        if said.code == 0 {
            let notes = bundle["notes"].to_string();
            let is_pin = field.starts_with("/predicate/pins/") || field.ends_with("/tzdb");
            assert!(!is_pin || notes.contains(field.rsplit('/').next().unwrap()), "{field}: {notes}");
            if !is_pin {
                quiet.push(field.clone());
            }
        } else {
            assert_eq!(said.code, 10, "{field}");
            assert!(bundle["refusals"][0]["why"].is_string(), "{field}");
        }
    }
    let unexpected: Vec<&String> = quiet.iter().filter(|field| !WORD_OF_THE_SIGNER.iter().any(|word| field.starts_with(word))).collect();
    assert!(unexpected.is_empty(), "changed, and nobody noticed: {unexpected:#?}");
}

#[test]
fn a_mismatch_has_both_values() {
    let place = Place::new();
    let mut statement = place.attested().statement("authorization.sigstore.json");
    statement["predicate"]["change"]["gained"] = json!(7);
    place.forge(&statement);
    place.verify(&[]).says(0, &["is verified"]);
    place.verify(&["--recompute"]).says(10, &["recomputed: `change.gained` says 7, and worked out again it is 1"]);
}

#[test]
fn an_approval_that_was_made_up_changes_the_decision_when_it_is_made_again() {
    let place = Place::new();
    let mut statement = place.attested().statement("authorization.sigstore.json");
    statement["predicate"]["facts"]["content"]["reviews"] = json!([]);
    let content = &statement["predicate"]["facts"]["content"];
    // The content is written with sorted keys, as the digest wants it.
    let digest = countersign::attestation::value_digest(content);
    statement["predicate"]["facts"]["digest"] = json!(digest);
    place.forge(&statement);
    place.verify(&["--recompute"]).says(10, &["recomputed: the change is waiting for approval"]);
}

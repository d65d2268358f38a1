//! What has to hold for each form of output.

use super::markdown;
use countersign::gate::Form;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;

pub const FORMS: [Form; 5] = [Form::Text, Form::Json, Form::Markdown, Form::Sarif, Form::CodeQuality];

static SARIF: LazyLock<Validator> = LazyLock::new(|| validator(include_str!("schemas/sarif-2.1.0.json")));
static CODE_QUALITY: LazyLock<Validator> = LazyLock::new(|| validator(include_str!("schemas/gitlab-code-quality.json")));

fn validator(schema: &str) -> Validator {
    jsonschema::options().should_validate_formats(true).build(&serde_json::from_str(schema).unwrap()).unwrap()
}

/// What is wrong with a report, a line each.
pub fn wrong(form: Form, report: &str) -> Vec<String> {
    let mut wrong = in_a_log(form, report);
    match form {
        Form::Text | Form::Json => {}
        Form::Markdown => wrong.extend(markdown::wrong(report)),
        Form::Sarif => wrong.extend(in_sarif(&json(report))),
        Form::CodeQuality => wrong.extend(in_code_quality(&json(report))),
    }
    wrong
}

fn json(report: &str) -> Value {
    serde_json::from_str(report).unwrap()
}

/// Whatever is printed may be printed into the log of a pipeline: a runner, a terminal and a bot read it.
fn in_a_log(form: Form, report: &str) -> Vec<String> {
    // Styles are the terminal's own; whoever prints strips them.
    let plain = anstream::adapter::strip_str(report).to_string();
    let text = if form == Form::Text { plain.as_str() } else { report };
    let mut wrong = Vec::new();
    for line in text.lines() {
        let start = line.trim_start();
        if start.starts_with("::") || (start.starts_with('/') && form == Form::Markdown) || line.contains("##[") || line.contains("##vso") {
            wrong.push(format!("a runner or a bot may obey: {line}"));
        }
    }
    let hidden = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}')
    };
    wrong.extend(text.chars().filter(hidden).map(|c| format!("{c:?} is written raw")));
    wrong
}

fn misfits(validator: &Validator, report: &Value) -> Vec<String> {
    validator.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn in_sarif(report: &Value) -> Vec<String> {
    let mut wrong = misfits(&SARIF, report);
    let run = &report["runs"][0];
    let results = run["results"].as_array().unwrap();
    for result in results {
        let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        if rule["id"] != result["ruleId"] {
            wrong.push(format!("the rule of {result} is {rule}"));
        }
        for text in [&rule["help"]["text"], &rule["help"]["markdown"], &rule["fullDescription"]["text"], &result["message"]["text"]] {
            if text.as_str().is_none_or(str::is_empty) {
                wrong.push(format!("{result} or its rule lacks a text"));
            }
        }
        let message = result["message"]["text"].as_str().unwrap();
        if message.contains("](") || has_placeholder(message) {
            wrong.push(format!("a link or a placeholder: {message}"));
        }
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
        if !uri.trim_start_matches("file:").chars().all(is_plain) {
            wrong.push(format!("{uri} is more than a path"));
        }
    }
    let fingerprints = results.iter().map(|result| result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap());
    if fingerprints.collect::<BTreeSet<_>>().len() != results.len() {
        wrong.push("two results have one fingerprint".to_owned());
    }
    wrong
}

/// A brace that is not written twice.
fn has_placeholder(message: &str) -> bool {
    message.replace("{{", "").replace("}}", "").contains(['{', '}'])
}

fn in_code_quality(report: &Value) -> Vec<String> {
    let mut wrong = misfits(&CODE_QUALITY, report);
    let issues = report.as_array().unwrap();
    if issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect::<BTreeSet<_>>().len() != issues.len() {
        wrong.push("two issues have one fingerprint".to_owned());
    }
    wrong
}

#[test]
fn the_schemas_refuse_what_their_readers_would() {
    let empty = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[]}]}"#;
    assert_eq!(misfits(&SARIF, &json(empty)), Vec::<String>::new());
    for (right, wrong) in [("2.1.0", "2.0.0"), ("\"name\"", "\"named\""), ("\"results\":[]", "\"results\":[{}]")] {
        assert_ne!(misfits(&SARIF, &json(&empty.replace(right, wrong))), Vec::<String>::new(), "{wrong}");
    }
    assert_ne!(misfits(&CODE_QUALITY, &json(r#"[{"description":"x"}]"#)), Vec::<String>::new());
    assert!(has_placeholder("a {0}") && !has_placeholder("a {{0}} {{b}} ${{c}}"));
}

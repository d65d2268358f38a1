//! SARIF 2.1.0, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, within the limits of GitHub's code scanning,
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

use super::decided::Decided;
use super::finding::{Finding, Rule, Weight, of_change, of_decision};
use super::{shown, words};
use crate::change::Entry;
use crate::diagnostic::Diagnostic;
use crate::document::Place;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Code scanning keeps this many results of a run, and refuses 25,000.
pub const MOST_RESULTS: usize = 5_000;

/// Code scanning shows this many places of a result.
pub const MOST_PLACES: usize = 100;

/// Code scanning refuses more than 10 MB compressed; what is smaller before it is compressed is smaller after.
pub const MOST_BYTES: usize = 9_000_000;

/// By so many spaces a result is indented more within a report than alone.
const DEEPER: usize = 8;

/// A change.
pub fn diff(entries: &[Entry], vacuous: &[Entry], diagnostics: &[Diagnostic]) -> Result<String, serde_json::Error> {
    log("diff", &of_change(entries, diagnostics), vacuous, &words::summary(entries))
}

/// A decision.
pub fn check(decided: &Decided<'_>) -> Result<String, serde_json::Error> {
    let summary = format!("{}: {}", decided.decision.headline(), words::summary(decided.entries));
    log("check", &of_decision(decided), decided.vacuous, &summary)
}

fn log(verb: &str, findings: &[Finding], vacuous: &[Entry], summary: &str) -> Result<String, serde_json::Error> {
    let rules: BTreeMap<&str, &Rule> = findings.iter().map(|finding| (finding.rule.id.as_str(), &finding.rule)).collect();
    let results = results(findings, &rules)?;
    let left = findings.len() - results.len();
    let driver = json!({
        "name": "Countersign",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules.values().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
    });
    let run = json!({
        "tool": { "driver": driver },
        // Two runs on one commit are two analyses, and neither replaces the other.
        "automationDetails": { "id": format!("countersign/{verb}/") },
        "columnKind": "unicodeCodePoints",
        "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notifications(left) }],
        "results": results,
        "properties": { "summary": summary, "vacuous": vacuous.len(), "knowledge": crate::systems::knowledge() },
    });
    shown::json(&json!({ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run] }))
}

/// What is left out is the least severe, and is said to be left out.
fn notifications(left: usize) -> Vec<Value> {
    let text = format!("{} left out, the least severe: `--format json` has all", words::count(left, "result"));
    if left == 0 { Vec::new() } else { vec![json!({ "level": "warning", "message": { "text": text } })] }
}

fn descriptor(rule: &Rule) -> Value {
    let mut properties = json!({ "tags": if rule.is_access { vec!["security", "access"] } else { vec!["access"] } });
    if let (true, Some(severity), Some(map)) = (rule.is_access, security_severity(rule.weight), properties.as_object_mut()) {
        map.insert("security-severity".to_owned(), severity.into());
    }
    json!({
        "id": rule.id,
        "name": rule.title,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.meaning },
        "help": { "text": format!("{}\n\n{}", rule.meaning, rule.advice), "markdown": format!("{}\n\n**What to do.** {}", rule.meaning, rule.advice) },
        "defaultConfiguration": { "level": level(rule.weight) },
        "properties": properties,
    })
}

fn level(weight: Weight) -> &'static str {
    match weight {
        Weight::Note | Weight::Low => "note",
        Weight::Medium => "warning",
        Weight::High | Weight::Critical => "error",
    }
}

/// Within the bounds by which code scanning turns a number into the same word.
fn security_severity(weight: Weight) -> Option<&'static str> {
    match weight {
        Weight::Note => None,
        Weight::Low => Some("2.0"),
        Weight::Medium => Some("5.0"),
        Weight::High => Some("8.0"),
        Weight::Critical => Some("9.5"),
    }
}

/// The worst that fit.
fn results(findings: &[Finding], rules: &BTreeMap<&str, &Rule>) -> Result<Vec<ResultObject>, serde_json::Error> {
    let (mut results, mut bytes) = (Vec::new(), 0);
    for finding in findings.iter().take(MOST_RESULTS) {
        let result = result(finding, rules);
        let written = shown::json(&result)?;
        bytes += written.len() + written.lines().count() * DEEPER;
        if bytes > MOST_BYTES {
            break;
        }
        results.push(result);
    }
    Ok(results)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Value,
    locations: [Value; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Value>,
    partial_fingerprints: Value,
}

fn result(finding: &Finding, rules: &BTreeMap<&str, &Rule>) -> ResultObject {
    let rule = &finding.rule;
    ResultObject {
        rule_id: rule.id.clone(),
        rule_index: rules.keys().take_while(|id| **id != rule.id).count(),
        level: level(rule.weight),
        message: json!({ "text": plain(&finding.message) }),
        locations: [location(&finding.place)],
        related_locations: finding.related.iter().take(MOST_PLACES).map(location).collect(),
        // Code scanning goes by the first name alone; without it, two findings on one line would be one alert.
        partial_fingerprints: json!({ "primaryLocationLineHash": finding.fingerprint, "countersign/v1": finding.fingerprint }),
    }
}

/// A message in which nothing is a link, `[text](1)`, and nothing a placeholder: a brace is written twice (sections 3.11.5 and 3.11.6).
fn plain(text: &str) -> String {
    text.replace("](", "]\\u{28}").replace('{', "{{").replace('}', "}}")
}

fn location(place: &Place) -> Value {
    let mut region = json!({ "startLine": place.line.max(1) });
    if let (1.., Some(map)) = (place.column, region.as_object_mut()) {
        map.insert("startColumn".to_owned(), place.column.into());
    }
    let mut location = json!({ "physicalLocation": { "artifactLocation": { "uri": uri(&place.path) }, "region": region } });
    if let (Some(address), Some(map)) = (&place.address, location.as_object_mut()) {
        map.insert("logicalLocations".to_owned(), json!([{ "fullyQualifiedName": shown::shown(address) }]));
    }
    location
}

/// A reference relative to the root of the repository: everything is encoded that could be more than a name.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.extend(["%", &format!("{byte:02X}")]);
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference_to_a_name_and_nothing_else() {
        assert_eq!(uri("iam/deploy role.json"), "iam/deploy%20role.json");
        assert_eq!(uri("http://a?b#c\nü"), "http%3A//a%3Fb%23c%0A%C3%BC");
        assert_eq!(uri("/etc/countersign.yml"), "file:///etc/countersign.yml");
    }

    #[test]
    fn a_message_has_neither_links_nor_placeholders() {
        assert_eq!(plain("[a](1) {0} ${aws:username} {} {x"), "[a]\\u{{28}}1) {{0}} ${{aws:username}} {{}} {{x");
    }
}

//! What is run for one case.

use super::binary::{Said, run};
use super::expected::matches;
use super::laws;
use super::layout::{Case, TELLING};
use super::schema;
use serde_json::Value;
use std::fs;

/// The instant of a decision, if the case does not say another in `at.txt`.
const NOW: &str = "2026-11-25T12:00:00Z";

/// Everything that has to hold for a case; all that does not is told together.
pub fn holds(case: &Case) -> Result<(), String> {
    let mut wrong: Vec<String> = [diff(case), check(case)].into_iter().flatten().collect();
    wrong.extend(laws::broken(case));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n\n")) }
}

fn diff(case: &Case) -> Vec<String> {
    let said = |form: &'static str| {
        let arguments = ["diff", "--base", "base", "--head", "head", "--format", form];
        run(&case.directory, &[&arguments, case.plan()].concat())
    };
    let mut wrong = collect([
        said("text").and_then(|said| matches(case, "diff.txt", &said.text)),
        said("json").and_then(|said| matches(case, "diff.json", &said.text)),
    ]);
    wrong.extend(telling(case, "diff.", said));
    let explained = |form: &'static str| run(&case.directory, &["explain", "--base", "base", "--head", "head", "--format", form]);
    wrong.extend(telling(case, "explain.", explained));
    wrong
}

/// The other forms of output, where a case asks for them.
fn telling(case: &Case, verb: &str, said: impl Fn(&'static str) -> Result<Said, String>) -> Vec<String> {
    let asked = TELLING.iter().filter(|(name, _)| name.starts_with(verb) && case.expects(name));
    asked.filter_map(|(name, form)| said(form).and_then(|said| matches(case, name, &said.text)).err()).collect()
}

fn check(case: &Case) -> Vec<String> {
    if !case.has_policy() {
        return Vec::new();
    }
    let at = fs::read_to_string(case.directory.join("at.txt")).map_or_else(|_| NOW.to_owned(), |text| text.trim().to_owned());
    let said = |form: &'static str| {
        let mut arguments = vec!["check", "--base", "base", "--head", "head", "--at", &at, "--format", form];
        arguments.extend(case.plan());
        arguments.extend(case.has_facts().then_some(["--facts", "facts.yml"]).into_iter().flatten());
        run(&case.directory, &arguments)
    };
    let in_text = said("text").and_then(|said| {
        matches(case, "check.txt", &said.text)?;
        matches(case, "exit.txt", &format!("{}\n", said.code))?;
        Ok(said.code)
    });
    let in_json = said("json").and_then(|said| {
        matches(case, "check.json", &said.text)?;
        let report: Value = serde_json::from_str(&said.text).map_err(|error| format!("the report of `check` is no JSON: {error}"))?;
        schema::valid(&report)?;
        Ok((said.code, report.get("exitCode").and_then(Value::as_i64)))
    });
    let mut wrong = match (in_text, in_json) {
        (Ok(text), Ok((json, told))) if text != json || told != Some(json.into()) => {
            vec![format!("`check` ends with {text} in text and with {json} in JSON, which says {told:?}")]
        }
        (text, json) => collect([text.map(drop), json.map(drop)]),
    };
    wrong.extend(telling(case, "check.", said));
    wrong
}

fn collect(results: [Result<(), String>; 2]) -> Vec<String> {
    results.into_iter().filter_map(Result::err).collect()
}

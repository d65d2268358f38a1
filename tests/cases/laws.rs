//! What holds for every case, whatever it is about, seen from outside.

use super::binary::{Said, run};
use super::layout::Case;
use super::schema;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The laws that the case breaks, each in a sentence.
pub fn broken(case: &Case) -> Vec<String> {
    let laws = [
        a_side_against_itself_says_nothing(case, "base"),
        a_side_against_itself_says_nothing(case, "head"),
        another_layout_changes_nothing(case, "base"),
        another_layout_changes_nothing(case, "head"),
        the_other_way_round_is_the_inverse(case),
        the_report_is_whole(case),
    ];
    laws.into_iter().filter_map(Result::err).collect()
}

fn diff(directory: &Path, base: &str, head: &str, form: &str) -> Result<Said, String> {
    run(directory, &["diff", "--base", base, "--head", head, "--format", form, "--exit-code"])
}

/// The report of a comparison, and its exit code.
fn report(directory: &Path, base: &str, head: &str) -> Result<(Value, i32), String> {
    let said = diff(directory, base, head, "json")?;
    let report = serde_json::from_str(&said.text).map_err(|error| format!("the report from `{base}` to `{head}` is no JSON: {error}"))?;
    Ok((report, said.code))
}

fn a_side_against_itself_says_nothing(case: &Case, side: &str) -> Result<(), String> {
    let text = diff(&case.directory, side, side, "text")?;
    let (report, code) = report(&case.directory, side, side)?;
    let is_nothing = text.text == "No access changed.\n" && text.code == 0 && code == 0 && is(&report, "equal");
    if is_nothing { Ok(()) } else { Err(format!("`{side}` against itself says something:\n{}", text.text)) }
}

/// A copy with other spaces, line by line or with the keys in another order, says the same. What cannot be told is bound to its bytes.
fn another_layout_changes_nothing(case: &Case, side: &str) -> Result<(), String> {
    if is(&report(&case.directory, "base", "head")?.0, "undecided") {
        return Ok(());
    }
    let place = tempfile::TempDir::new().unwrap();
    copy(&case.directory.join(side), &place.path().join("written"), &|text, _| text.to_owned());
    copy(&case.directory.join(side), &place.path().join("laid-out"), &laid_out);
    let (report, _) = report(place.path(), "written", "laid-out")?;
    if is(&report, "equal") { Ok(()) } else { Err(format!("`{side}` in another layout is another:\n{report:#}")) }
}

fn laid_out(text: &str, is_json: bool) -> String {
    // Keys are sorted on the way.
    let compact = serde_json::from_str::<Value>(text).ok().filter(|_| is_json).map(|value| value.to_string());
    compact.unwrap_or_else(|| if text.contains("{{") { text.to_owned() } else { format!("{text}\n") })
}

fn copy(from: &Path, to: &Path, change: &dyn Fn(&str, bool) -> String) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&path, &to, change);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let is_json = path.extension().is_some_and(|extension| extension == "json");
            fs::write(to, change(&text, is_json)).unwrap();
        }
    }
}

/// What is gained one way is lost the other way. What cannot be told on account of its bytes cannot be told either way; what depends
/// on something that is in no file may be gained one way, and is lost the other way.
fn the_other_way_round_is_the_inverse(case: &Case) -> Result<(), String> {
    let (there, back) = (report(&case.directory, "base", "head")?.0, report(&case.directory, "head", "base")?.0);
    for (there, back) in [(&there, &back), (&back, &there)] {
        let (gained, undecided, lost) = (parts(there, "gained"), parts(there, "undecided"), parts(back, "lost"));
        let not_lost: Vec<_> = gained.difference(&lost).collect();
        if !not_lost.is_empty() {
            return Err(format!("this is gained one way and not lost the other way: {not_lost:#?}"));
        }
        if undecided.is_empty() && gained != lost {
            return Err(format!("this is lost and not gained the other way: {:#?}", lost.difference(&gained)));
        }
        let stays = parts(back, "undecided");
        let holders: BTreeSet<&str> = lost.iter().chain(&stays).map(|part| part.holder.as_str()).collect();
        if let Some(part) = undecided.iter().find(|part| !holders.contains(part.holder.as_str())) {
            return Err(format!("this cannot be told one way, and is nothing the other way: {part:#?}"));
        }
    }
    Ok(())
}

/// One resource of one part. How the rest is grouped depends on the severity, which a loss does not have.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    holder: String,
    resource: String,
    others: Vec<String>,
}

fn parts(report: &Value, kind: &str) -> BTreeSet<Part> {
    const OTHERS: &[&str] =
        &["realm", "principals", "exceptPrincipals", "actions", "exceptActions", "exceptResources", "condition", "expires", "provided"];
    let of_kind = report["changes"].as_array().unwrap().iter().filter(|part| part["kind"] == kind);
    let each = of_kind.flat_map(|part| {
        let others: Vec<String> = OTHERS.iter().map(|key| part[*key].to_string()).collect();
        let holder = part["holder"].as_str().unwrap();
        let resources = part["resources"].as_array().unwrap().iter();
        resources.map(move |resource| Part { holder: holder.to_owned(), resource: resource.to_string(), others: others.clone() })
    });
    each.collect()
}

/// The flags, the parts, the exit code and the schema agree.
fn the_report_is_whole(case: &Case) -> Result<(), String> {
    let (report, code) = report(&case.directory, "base", "head")?;
    let has = |kind| !parts(&report, kind).is_empty();
    let (gained, lost, undecided) = (has("gained"), has("lost"), has("undecided"));
    let flags = [("widens", gained), ("narrows", lost), ("undecided", undecided), ("equal", !(gained || lost || undecided))];
    if let Some((flag, _)) = flags.iter().find(|(flag, value)| is(&report, flag) != *value) {
        return Err(format!("`{flag}` and the parts of the change do not agree"));
    }
    let expected = match (undecided, gained, lost) {
        (true, ..) => 13,
        (_, true, _) => 10,
        (_, _, true) => 14,
        _ => 0,
    };
    if code != expected {
        return Err(format!("`--exit-code` ends with {code}, the report means {expected}"));
    }
    schema::valid(&report)
}

fn is(report: &Value, flag: &str) -> bool {
    report[flag] == Value::Bool(true)
}

//! What `countersign explain` says of every case is so: the judge confirms every witness that is printed, and a part is found by each of
//! its names.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use assert_cmd::Command;
use countersign::gate::{Request, Which, explain_change};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn cases() -> Vec<PathBuf> {
    let directories = |path: &Path| -> Vec<PathBuf> {
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    };
    directories(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")).iter().flat_map(|area| directories(area)).collect()
}

/// What is printed is what is judged: nothing is taken from how the witness was found.
#[test]
fn the_judge_confirms_every_witness_of_every_case() {
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for case in cases() {
        let explained = explain_change(&Request::of_sides_in(&case), Which::All).unwrap();
        for (entry, confirmed) in explained.confirmed() {
            judged += usize::from(confirmed == Some(true));
            if confirmed != Some(true) && entry.region.witness.is_some() {
                wrong.push(format!("{}: {confirmed:?}: {:?}", case.display(), entry.region));
            }
        }
    }
    assert!(judged > 200, "{judged} witnesses were judged");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Values of a plan may be secret, and its lines tell nothing.
#[test]
fn nothing_of_a_plan_is_quoted() {
    let plans: Vec<PathBuf> = cases().into_iter().filter(|case| case.to_string_lossy().contains("/terraform-plan/")).collect();
    assert!(plans.len() > 5, "the cases are there");
    for case in plans {
        let explained = explain_change(&Request::of_sides_in(&case), Which::All).unwrap();
        let report: Value = serde_json::from_str(&explained.json().unwrap()).unwrap();
        for part in report["explained"].as_array().unwrap() {
            let statements = ["base", "head"].into_iter().flat_map(|side| part[side].as_array().unwrap());
            for statement in statements {
                assert!(statement["source"].is_null(), "{}: {statement}", case.display());
            }
        }
    }
}

/// The report of a run of the binary in a directory.
fn report(directory: &Path, part: &[&str]) -> Value {
    let mut command = Command::cargo_bin("countersign").unwrap();
    command.current_dir(directory).arg("explain").args(part).args(["--base", "base", "--head", "head", "--format", "json", "--no-cache"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{part:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn write(root: &Path, path: &str, actions: &[String]) {
    let statement = |action: &String| format!(r#"{{ "Effect": "Allow", "Action": "{action}", "Resource": "arn:aws:s3:::{action}" }}"#);
    let statements: Vec<String> = actions.iter().map(statement).collect();
    fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
    fs::write(root.join(path), format!("{{ \"Version\": \"2012-10-17\", \"Statement\": [\n{}\n] }}\n", statements.join(",\n"))).unwrap();
}

#[test]
fn of_many_parts_each_is_found_by_its_number_and_by_the_beginning_of_its_id() {
    let root = tempfile::tempdir().unwrap();
    let actions: Vec<String> = (0..5).map(|number| format!("s3:a{number}")).collect();
    write(root.path(), "base/p.json", &["s3:get".to_owned()]);
    write(root.path(), "head/p.json", &[&["s3:get".to_owned()], &actions[..]].concat());
    let all = report(root.path(), &[]);
    let (parts, explained) = (all["parts"].as_array().unwrap(), all["explained"].as_array().unwrap());
    assert_eq!((parts.len(), explained.len()), (5, 0), "many are listed and not explained");
    for part in parts {
        let (number, id) = (part["number"].to_string(), part["id"].as_str().unwrap());
        let by_number = report(root.path(), &[&number]);
        assert_eq!(by_number["explained"][0]["part"]["id"], id);
        assert_eq!(by_number["explained"].as_array().unwrap().len(), 1);
        assert_eq!(report(root.path(), &[id])["explained"], by_number["explained"]);
        assert_eq!(report(root.path(), &[&id[..8].to_uppercase()])["explained"], by_number["explained"]);
        let line = &by_number["explained"][0]["head"][0];
        let action = by_number["explained"][0]["part"]["witness"]["action"].as_str().unwrap();
        assert!(line["source"][0].as_str().unwrap().contains(action) && line["says"] == "an Allow, which allows it", "{line}");
    }
}

#[test]
fn an_id_stays_when_the_lines_move_and_changes_with_the_access() {
    let root = tempfile::tempdir().unwrap();
    let id = |actions: &[&str]| {
        write(root.path(), "base/p.json", &["s3:get".to_owned()]);
        write(root.path(), "head/p.json", &actions.iter().map(ToString::to_string).collect::<Vec<_>>());
        report(root.path(), &[])["parts"][0]["id"].as_str().unwrap().to_owned()
    };
    let first = id(&["s3:get", "s3:put"]);
    assert_eq!(first.len(), 12);
    assert_eq!(id(&["s3:put", "s3:get"]), first);
    assert_ne!(id(&["s3:get", "s3:list"]), first);
}

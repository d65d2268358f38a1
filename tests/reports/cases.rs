//! Every case, in every form.

use super::forms::{FORMS, wrong};
use countersign::gate::{self, Form, Judged, Request, Verdict};
use std::fs;
use std::path::{Path, PathBuf};

fn cases() -> Vec<PathBuf> {
    let directories = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let mut cases: Vec<PathBuf> =
        directories(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")).iter().flat_map(|area| directories(area)).collect();
    cases.sort();
    cases
}

fn has_policy(case: &Path) -> bool {
    case.join("base/countersign.yml").exists()
}

fn verdict(case: &Path) -> Verdict {
    let at = fs::read_to_string(case.join("at.txt")).unwrap_or_else(|_| "2026-11-25T12:00:00Z".to_owned());
    let facts = Some(case.join("facts.yml")).filter(|path| path.exists());
    let (request, now) = (Request::of_sides_in(case), at.trim().parse().unwrap());
    gate::check(&Judged { facts, ..Judged::new(request, now) }).unwrap()
}

/// What both verbs say of every case in that form.
pub fn reports(form: Form) -> Vec<String> {
    let changes = cases().into_iter().map(|case| gate::diff(&Request::of_sides_in(&case)).unwrap().render(form, false).unwrap());
    let decisions = cases().into_iter().filter(|case| has_policy(case)).map(|case| verdict(&case).render(form, false).unwrap());
    changes.chain(decisions).collect()
}

#[test]
fn every_change_is_valid_and_harmless_in_every_form() {
    let cases = cases();
    assert!(cases.len() > 100, "the cases are there");
    for case in cases {
        let change = gate::diff(&Request::of_sides_in(&case)).unwrap();
        for form in FORMS {
            let report = change.render(form, false).unwrap();
            assert_eq!(wrong(form, &report), Vec::<String>::new(), "{} as {form:?}:\n{report}", case.display());
        }
    }
}

#[test]
fn every_decision_is_valid_and_harmless_in_every_form() {
    let decided: Vec<PathBuf> = cases().into_iter().filter(|case| has_policy(case)).collect();
    assert!(decided.len() > 20, "the cases with a policy are there");
    for case in decided {
        let verdict = verdict(&case);
        for form in FORMS {
            let report = verdict.render(form, true).unwrap();
            assert_eq!(wrong(form, &report), Vec::<String>::new(), "{} as {form:?}:\n{report}", case.display());
        }
    }
}

/// A holder that nobody names is called by its file, and that name begins a line of the report in text.
#[test]
fn a_file_may_be_called_anything() {
    const NAMES: &[&str] = &[
        "::error::x",
        "##[group]x",
        "a\n::error::x",
        "`x`",
        "<img src=x onerror=alert(1)>",
        "@acme",
        "[a](b)",
        "\u{202e}x",
        "\u{1b}[2J",
        "a|b",
        "- [ ] a",
        "{0}",
        "-->",
        "#1",
        "%0A",
        " ",
    ];
    let place = tempfile::TempDir::new().unwrap();
    for side in ["base", "head"] {
        fs::create_dir(place.path().join(side)).unwrap();
    }
    let policy = r#"{ "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*" } }"#;
    for name in NAMES {
        fs::write(place.path().join("head").join(format!("{name}.json")), policy).unwrap();
    }
    let change = gate::diff(&Request::of_sides_in(place.path())).unwrap();
    assert_eq!(change.entries.len(), NAMES.len());
    for form in FORMS {
        let report = change.render(form, false).unwrap();
        assert_eq!(wrong(form, &report), Vec::<String>::new(), "{form:?}:\n{report}");
    }
}

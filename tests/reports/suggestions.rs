//! Lines to take instead of those that give access: only what gives less is ever held up.

use countersign::gate::{self, Judged, Request};
use countersign::report::publication::note::Suggestion;
use std::fs;
use std::path::Path;

fn suggestions(directory: &Path) -> Vec<Option<Suggestion>> {
    let facts = Some(directory.join("facts.yml")).filter(|path| path.exists());
    let judged = Judged { facts, ..Judged::new(Request::of_sides_in(directory), "2026-11-24T12:00:00Z".parse().unwrap()) };
    let verdict = gate::check(&judged).unwrap();
    let publication = verdict.publication(&judged, None, None).unwrap();
    publication.notes.into_iter().map(|draft| draft.suggestion).collect()
}

fn case(name: &str) -> Vec<Option<Suggestion>> {
    suggestions(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/policy").join(name))
}

/// A role of a policy with a ceiling, and a rule about an end; the statements of its head.
fn of(statements: &str) -> Vec<Option<Suggestion>> {
    let place = tempfile::TempDir::new().unwrap();
    let policy = "version: 1
roles:
  - name: application
    holders: [role/api]
    ceiling:
      aws: [{ Effect: Allow, Action: ['s3:GetObject', 's3:PutObject', 'ec2:*'], Resource: ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'] }]
rules:
  - { name: it ends, when: { gains: {} }, require: { max-duration: 7d } }
";
    for (side, statements) in [("base", "\n"), ("head", statements)] {
        fs::create_dir(place.path().join(side)).unwrap();
        fs::write(place.path().join(side).join("countersign.yml"), policy).unwrap();
        let role = format!(
            r#"{{ "RoleName": "api", "PolicyName": "work", "PolicyDocument": {{ "Version": "2012-10-17", "Statement": [{statements}] }} }}"#
        );
        fs::write(place.path().join(side).join("api.json"), role).unwrap();
    }
    suggestions(place.path())
}

fn texts(suggestions: Vec<Option<Suggestion>>) -> Vec<String> {
    suggestions.into_iter().flatten().map(|one| format!("{}: {}", one.line, one.text)).collect()
}

#[test]
fn what_is_over_a_ceiling_is_brought_below_it() {
    let [Some(one)] = &case("over-the-ceiling-shows-the-part-that-is-over")[..] else { panic!("one part is gained") };
    assert_eq!((one.line, one.text.as_str()), (15, r#"        "Action": "s3:GetObject","#));
    assert_eq!(one.what, "with this, it is no more than the role `application` may have");
    let wide = "\n{ \"Effect\": \"Allow\", \"Action\": [\"s3:Get*\", \"s3:*\"], \"Resource\": \"*\" }\n";
    let narrow =
        r#"{ "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"] }"#;
    assert_eq!(texts(of(wide)), [format!("2: {narrow}")]);
    let on_two_lines = wide.replace(" \"Resource\"", "\n\"Resource\"");
    let one_line_does_not_do = of(&on_two_lines);
    assert!(one_line_does_not_do.iter().flatten().all(|one| one.what.contains("the access ends at")), "{one_line_does_not_do:?}");
}

#[test]
fn what_lasts_too_long_is_given_an_end() {
    let [Some(one)] = &case("access-that-ends-too-late-is-denied")[..] else { panic!("one part is gained") };
    assert_eq!(
        (one.line, one.text.as_str()),
        (18, r#"        "Condition": { "DateLessThan": { "aws:CurrentTime": "2026-12-24T12:00:00Z" } }"#)
    );
    let lasting = "\n  {\n  \"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::a/*\" }";
    let ends = r#"2:   { "Condition": { "DateLessThan": { "aws:CurrentTime": "2026-12-01T12:00:00Z" } },"#;
    assert_eq!(texts(of(lasting)), [ends]);
}

#[test]
fn what_would_not_give_less_or_could_not_be_read_is_not_held_up() {
    // The end belongs into a Condition that is there already, a Deny would deny less, and nothing below the ceiling is below this.
    for statement in [
        r#"{ "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": { "Bool": { "aws:SecureTransport": "true" } } }"#,
        r#"{ "Effect": "Allow", "NotAction": "s3:*", "Resource": "*", "Condition": { "Bool": { "aws:SecureTransport": "true" } } }"#,
    ] {
        assert_eq!(texts(of(&format!("\n{statement}"))), Vec::<String>::new(), "{statement}");
    }
}

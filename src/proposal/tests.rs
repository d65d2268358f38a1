//! What a facts file may say.

use super::*;
use crate::diagnostic::Diagnostic;
use crate::document::{Bounds, Syntax, parse};

const FACTS: &str = "
repository: acme/infrastructure
change-request: 42
base: 1111111111111111111111111111111111111111
head: 2222222222222222222222222222222222222222
author: { id: 1001, login: alice }
author-kind: user
contributors:
  - { id: 1001, login: alice }
reviews:
  - id: 7001
    author: { id: 1002, login: bob }
    kind: user
    state: approved
    commit: 2222222222222222222222222222222222222222
    submitted-at: 2026-11-24T10:12:00Z
labels: [access]
environment: production
";

fn read(text: &str) -> Result<Proposal, Vec<Diagnostic>> {
    let file = parse("facts.yml", text.as_bytes(), Syntax::Yaml, &Bounds::default()).unwrap();
    Proposal::read(&file, "2026-11-24T12:00:00Z".parse().unwrap())
}

#[track_caller]
fn refused(from: &str, to: &str, expected: &str) {
    assert!(FACTS.contains(from), "{from}");
    let said: Vec<String> = read(&FACTS.replacen(from, to, 1))
        .unwrap_err()
        .iter()
        .map(|said| format!("{} {}: {}", said.place, said.code, said.message))
        .collect();
    assert!(said.iter().any(|line| line.contains(expected)), "`{expected}` is not in {said:#?}");
}

#[test]
fn the_example_is_read_and_vouched_for_by_nobody() {
    let facts = read(FACTS).unwrap();
    assert_eq!(facts.change_request, Some(ChangeRequest::Number(42)));
    assert_eq!(facts.reviews.as_ref().unwrap()[0].state, ReviewState::Approved);
    assert_eq!(facts.head.as_ref().map(CommitId::short), Some("2222222222"));
    assert!(!facts.source.is_verified());
}

#[test]
fn what_is_not_written_is_not_known() {
    let facts = read("author: { id: 1, login: a }\nauthor-kind: bot").unwrap();
    assert_eq!((facts.reviews, facts.contributors, facts.labels, facts.asked_by), (None, None, None, None));
    assert_eq!(read("author: { id: 1, login: a }\nauthor-kind: bot\nreviews: []").unwrap().reviews, Some(Vec::new()));
}

#[test]
fn json_tells_the_same() {
    let file =
        parse("facts.json", br#"{"author": {"id": 1, "login": "a"}, "author-kind": "user"}"#, Syntax::Json, &Bounds::default()).unwrap();
    assert!(Proposal::read(&file, "2026-11-24T12:00:00Z".parse().unwrap()).is_ok());
}

#[test]
fn every_mistake_has_its_place() {
    refused("author-kind: user", "author-knd: user", "unknown key `author-knd`");
    refused("author-kind: user", "author-kind: human", "unknown value `human`");
    refused("author-kind: user\n", "", "key `author-kind` is missing");
    refused("head: 2222", "head: 22", "facts.yml:5:7 wrong-value: `22222222222222222222222222222222222222` is not a commit");
    refused("commit: 2222222222222222222222222222222222222222", "commit: main", "`main` is not a commit");
    refused("base: 1111111111111111111111111111111111111111", &format!("base: {}", "A".repeat(40)), "is not a commit");
    refused("10:12:00Z", "10:12:00+01:00", "is not a time in UTC");
    refused("10:12:00Z", "12:12:00Z", "facts.yml:16:19 future-time: this review is from the future");
    refused("id: 1002", "id: 0", "nobody has the id 0");
    refused("id: 1002", "id: -1", "expected a whole number from 0");
    refused("change-request: 42", "change-request: forty-two", "`forty-two` is neither a number nor an address");
    refused("labels: [access]", "labels:", "expected a list");
    refused("state: approved", "state: lgtm", "unknown value `lgtm`");
    let twice = "reviews:\n  - { id: 7001, author: { id: 9, login: x }, kind: user, state: commented, commit: 2222222222222222222222222222222222222222, submitted-at: 2026-11-24T10:12:00Z }\n";
    refused("reviews:\n", twice, "two reviews have the id 7001");
}

#[test]
fn the_schema_agrees_with_the_reader() {
    let schema = jsonschema::validator_for(&serde_json::to_value(schema()).unwrap()).unwrap();
    let review = |commit: &str| serde_json::json!({"id": 1, "author": {"id": 2, "login": "b"}, "kind": "user", "state": "approved", "commit": commit, "submitted-at": "2026-11-24T10:12:00Z"});
    let facts = |commit: &str| serde_json::json!({"author": {"id": 1, "login": "a"}, "author-kind": "user", "reviews": [review(commit)]});
    assert!(schema.is_valid(&facts(&"2".repeat(40))));
    for wrong in [
        facts("main"),
        serde_json::json!({"author": {"id": 1, "login": "a"}}),
        serde_json::json!({"author": {"id": 1, "login": "a"}, "author-kind": "user", "labels": null}),
    ] {
        assert!(!schema.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn facts_that_are_written_are_spelt_as_they_are_read() {
    let more = "
break-glass:
  requested-by: { id: 1003, login: carol }
  kind: user
  requested-at: 2026-11-24T10:15:00.25Z
  until: 2026-11-24T14:00:00Z
  commit: 2222222222222222222222222222222222222222
  reason: the queue is stuck
  ticket: INC-7
overrides:
  - change: 41
    kind: went-round
    passed-at: 2026-11-20T08:00:00Z
    people: [{ id: 1001, login: alice }]
    review: { author: { id: 1002, login: bob }, kind: user, submitted-at: 2026-11-21T09:00:00Z }
landed-at: 2026-11-24T10:30:00Z
";
    for text in [FACTS.to_owned(), format!("{FACTS}{more}"), "author: { id: 1, login: a }\nauthor-kind: bot\nreviews: []".to_owned()] {
        let facts = read(&text).unwrap();
        let written = serde_json::to_string(&facts).unwrap();
        assert_eq!(read(&written).unwrap(), facts, "{written}");
        assert!(!written.contains("null"), "what nobody knows is not written: {written}");
    }
}

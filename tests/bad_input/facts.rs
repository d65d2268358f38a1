//! Bad facts. What is not a fact approves nothing.

use super::catalogue::{Catalogue, holds};
use super::judged::{bomb, nested, pointer, utf16};
use super::place::{EVERYTHING, FACTS, NOW, POLICY, Place, READ};

const COMMIT: &str = "2222222222222222222222222222222222222222";

fn review(submitted: &str) -> String {
    let review =
        format!("{{id: 1, author: {{id: 2, login: bob}}, kind: user, state: approved, commit: {COMMIT}, submitted-at: {submitted}}}");
    FACTS.replace("reviews: []", &format!("reviews:\n  - {review}"))
}

fn glass(reason: &str) -> String {
    let times = "requested-at: 2025-01-01T10:00:00Z, until: 2025-01-01T12:00:00Z";
    format!(
        "break-glass: {{requested-by: {{id: 2, login: bob}}, kind: user, {times}, commit: {COMMIT}, reason: {reason}, ticket: INC-7}}\n"
    )
}

fn passed(people: &str, kind: &str, at: &str) -> String {
    format!("{FACTS}overrides: [{{change: 41, kind: {kind}, passed-at: {at}, people: {people}}}]\n")
}

/// A sentence, and the facts.
fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let changed = |from: &str, to: &str| FACTS.replace(from, to).into_bytes();
    vec![
        ("an empty file", Vec::new()),
        ("truncated YAML", b"author: {id: 1, login: al".to_vec()),
        ("truncated JSON", b"{\"author\": {\"id\": 1, \"login\": \"al".to_vec()),
        ("a list instead of a mapping", b"- author: alice\n".to_vec()),
        ("invalid UTF-8", b"author: {id: 1, login: al\xff}\n".to_vec()),
        ("UTF-16", utf16(FACTS)),
        ("a bomb", bomb().into_bytes()),
        ("a deep nest", format!("labels: {}\n", nested(10_000)).into_bytes()),
        ("17 MiB", format!("{FACTS}#{}\n", " ".repeat(17 << 20)).into_bytes()),
        ("a key twice", format!("{FACTS}labels: [approved]\n").into_bytes()),
        ("two documents", format!("{FACTS}---\n{FACTS}").into_bytes()),
        ("a pointer of Git LFS", pointer().into_bytes()),
        ("no author", changed("author: {id: 1, login: alice}\n", "")),
        ("an author that is a name", changed("{id: 1, login: alice}", "alice")),
        ("an id in quotes", changed("id: 1", "id: \"1\"")),
        ("an id of nobody", changed("id: 1", "id: 0")),
        ("an id below zero", changed("id: 1", "id: -1")),
        ("an empty login", changed("login: alice", "login: \"\"")),
        ("an unknown kind of account", changed("author-kind: user", "author-kind: human")),
        ("an unknown key", changed("reviews:", "reviewers:")),
        ("a key that says nothing", changed("labels: []", "labels:")),
        ("a label that is a list", changed("labels: []", "labels: [[a]]")),
        ("a commit that is short", format!("{FACTS}head: 2222222\n").into_bytes()),
        ("a commit that is a branch", format!("{FACTS}head: main\n").into_bytes()),
        ("a time in the future", review("2030-01-01T00:00:00Z").into_bytes()),
        ("a time with an offset", review("2025-01-01T00:00:00+01:00").into_bytes()),
        ("a time with an unknown zone", review("2025-01-01T00:00:00 Europe/Londn").into_bytes()),
        ("a time without a zone", review("2025-01-01T00:00:00").into_bytes()),
        ("a month that is none", review("2025-13-01T00:00:00Z").into_bytes()),
        ("a review twice", review("2025-01-01T00:00:00Z").replace("  - ", "  - &r ").replace("00Z}", "00Z}\n  - *r").into_bytes()),
        ("a request to break the glass without a reason", format!("{FACTS}{}", glass("\" \"")).into_bytes()),
        ("a request to break the glass that is one word", format!("{FACTS}break-glass: now\n").into_bytes()),
        ("exceptions of nobody", passed("[]", "break-glass", "2025-01-01T10:00:00Z").into_bytes()),
        ("an exception of an unknown kind", passed("[{id: 2, login: bob}]", "luck", "2025-01-01T10:00:00Z").into_bytes()),
        ("an exception in the future", passed("[{id: 2, login: bob}]", "went-round", "2030-01-01T10:00:00Z").into_bytes()),
        ("a landing in the future", format!("{FACTS}landed-at: 2030-01-01T10:00:00Z\n").into_bytes()),
        ("a renewal below zero", format!("{FACTS}renewals: -1\n").into_bytes()),
        ("somebody who is gone and has no id", format!("{FACTS}departed: [{{login: bob}}]\n").into_bytes()),
        ("an address that is none", format!("{FACTS}change-request: \"javascript:alert(1)\"\n").into_bytes()),
    ]
}

#[test]
fn bad_facts_decide_nothing_and_say_where_and_what_to_do() {
    let mut catalogue = Catalogue::default();
    for (what, facts) in inputs() {
        let place = Place::new();
        place.write("bad.yml", facts);
        let said = place.check(&["--facts", "bad.yml"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{what}: {said:?}");
        catalogue.add(what, &said);
    }
    holds!("facts", catalogue);
}

#[test]
fn facts_about_another_commit_decide_nothing() {
    let place = Place::empty();
    place.git(".", &["init", "--quiet", "--initial-branch=main", "repo"]);
    for content in [READ, EVERYTHING] {
        place.write("repo/countersign.yml", POLICY);
        place.write("repo/a.json", content);
        place.git("repo", &["add", "--all"]);
        place.git("repo", &["commit", "--quiet", "--message=change"]);
    }
    let mut catalogue = Catalogue::default();
    for side in ["base", "head"] {
        place.write("facts.yml", format!("{FACTS}{side}: {COMMIT}\n"));
        let said = place.run(&["check", "--repo", "repo", "--base", "HEAD~1", "--head", "HEAD", "--facts", "facts.yml", "--at", NOW]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        catalogue.add(&format!("facts about another {side}"), &said);
    }
    holds!("facts-about-another-commit", catalogue);
}

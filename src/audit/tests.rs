//! Questions by meaning, on a record as somebody may have written it.

use super::*;
use crate::attestation::authorization::v1::Authorization;
use serde_json::{Value, json};

fn record(actions: &Value, except: &Value, resources: &Value) -> Authorization {
    let state = json!({"commit": "2222222222222222222222222222222222222222", "tree": "33"});
    serde_json::from_value(json!({
        "record": "authorization", "repository": {"id": "77", "name": "acme/infrastructure"}, "changeRequest": "42", "stage": "merge", "base": state, "head": state, "paths": [],
        "change": {"digest": "sha256:aa", "gained": 1, "lost": 0, "undecided": 0, "severity": "low", "edited": [], "parts": [{
            "id": "1", "kind": "gained", "system": "aws", "format": "aws-iam", "holder": "role/deploy", "realm": "prod", "principals": ["role/deploy"],
            "exceptPrincipals": [], "actions": actions, "exceptActions": except, "resources": resources, "exceptResources": [], "condition": null,
            "provided": null, "severity": "low", "reasons": [], "witness": null, "opaqueDigest": null}]},
        "policy": {"uri": "countersign.yml", "digest": "sha256:bb", "revision": null, "commit": null, "files": []},
        "decision": {"outcome": "authorized", "mode": "enforce", "decidedAt": "2026-11-24T10:30:00Z", "timeSource": "forge"},
        "requirements": [], "exclusions": [], "windows": [], "override": null, "expiries": [],
        "approvals": [{"actorId": 1002, "login": "bob", "kind": "user", "roles": ["security"], "reviewId": 7,
            "reviewedCommit": "2222222222222222222222222222222222222222", "reviewedTree": null, "deltaDigestAtApproval": null,
            "approvedAt": "2026-11-24T10:12:00Z", "source": "forge"}],
        "facts": {"verified": true, "digest": "sha256:cc", "content": {"author": {"id": 1001, "login": "alice"}, "change-request": 42}},
        "pins": {"engine": "0.1.0", "knowledge": [], "tzdb": "2026a"}, "gateRun": {"workflow": null, "placement": "outside", "run": null, "sequence": null, "previous": null}
    }))
    .unwrap()
}

fn answers(question: &Question) -> bool {
    let record = record(&json!(["iam:Pass*", "s3:GetObject"]), &json!(["iam:PassThrough"]), &json!(["arn:aws:iam::1:role/*"]));
    question.is_answered_by(&Gist::of(&record))
}

#[test]
fn an_action_is_found_in_whatever_words_it_was_granted() {
    let action = |text: &str| answers(&Question { action: Some(text.to_owned()), ..Question::default() });
    assert!(action("iam:PassRole") && action("IAM:passrole") && action("s3:GetObject") && action("iam:*") && action("*"));
    assert!(!action("iam:PassThrough") && !action("s3:PutObject") && !action("iam:Get*"));
}

#[test]
fn everything_that_is_asked_has_to_be_so_of_one_part() {
    let asked = |holder: &str, realm: &str, resource: &str| {
        let some = |text: &str| Some(text.to_owned());
        answers(&Question {
            holder: some(holder),
            realm: some(realm),
            resource: some(resource),
            action: some("iam:PassRole"),
            ..Question::default()
        })
    };
    assert!(asked("role/*", "prod", "arn:aws:iam::1:role/admin"));
    assert!(!asked("role/other", "prod", "arn:aws:iam::1:role/admin"));
    assert!(!asked("role/*", "dev", "arn:aws:iam::1:role/admin"));
    assert!(!asked("role/*", "prod", "arn:aws:iam::2:role/admin"));
}

#[test]
fn people_are_found_by_login_and_by_id_as_authors_and_as_approvers() {
    let person = |text: &str| answers(&Question { person: Some(text.to_owned()), ..Question::default() });
    let approver = |text: &str| answers(&Question { approved_by: Some(text.to_owned()), ..Question::default() });
    assert!(person("alice") && person("1001") && person("bob") && person("1002") && !person("carol"));
    assert!(approver("bob") && approver("1002") && !approver("alice"));
}

#[test]
fn commit_request_record_and_time_are_asked_exactly() {
    let question = Question::default;
    assert!(
        answers(&Question { commit: Some("2222222".into()), ..question() })
            && !answers(&Question { commit: Some("3".into()), ..question() })
    );
    assert!(!answers(&Question { commit: Some(String::new()), ..question() }), "nothing is the beginning of everything");
    assert!(
        answers(&Question { change_request: Some("42".into()), ..question() })
            && !answers(&Question { change_request: Some("4".into()), ..question() })
    );
    let at = |text: &str| Some(text.parse().unwrap());
    assert!(
        answers(&Question { since: at("2026-11-24T10:30:00Z"), ..question() })
            && !answers(&Question { until: at("2026-11-24T10:30:00Z"), ..question() })
    );
    assert!(!answers(&Question { overridden: true, ..question() }));
    assert_eq!(Row::of("x".into(), Some(1), &record(&json!([]), &json!([]), &json!([]))).authors, ["alice (1001)"]);
}

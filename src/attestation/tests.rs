//! What evidence says, and every way in which it is not what was asked for.

use super::authorization::v1::{self, Authorization};
use super::*;
use serde_json::{Value, json};

const COMMIT: &str = "2222222222222222222222222222222222222222";
const TREE: &str = "3333333333333333333333333333333333333333";

/// An authorization as somebody else might write it by hand from the specification.
fn predicate() -> Value {
    let content = json!({"author": {"id": 1001, "login": "alice"}, "author-kind": "user"});
    let digest = format!("sha256:{}", crate::systems::sha256(br#"{"author":{"id":1001,"login":"alice"},"author-kind":"user"}"#));
    json!({
        "record": "authorization",
        "repository": {"id": "77", "name": "acme/infrastructure"},
        "changeRequest": "42",
        "stage": "merge",
        "base": {"commit": "1111111111111111111111111111111111111111", "tree": TREE},
        "head": {"commit": COMMIT, "tree": TREE},
        "paths": [],
        "change": {"digest": "sha256:aa", "gained": 1, "lost": 0, "undecided": 0, "severity": "low", "edited": [], "parts": []},
        "policy": {"uri": "countersign.yml", "digest": "sha256:bb", "revision": null, "commit": null, "files": []},
        "decision": {"outcome": "authorized", "mode": "enforce", "decidedAt": "2026-11-24T10:30:00Z", "timeSource": "gate-clock"},
        "requirements": [{"rule": "r", "outcome": "authorized", "reason": "has it", "needed": [{"group": "security", "count": 1}],
            "satisfiedBy": [{"actorId": 1002, "login": "bob"}], "windows": ["w"], "lifted": false}],
        "approvals": [{"actorId": 1002, "login": "bob", "kind": "user", "roles": ["security"], "reviewId": 7, "reviewedCommit": COMMIT,
            "reviewedTree": TREE, "deltaDigestAtApproval": "sha256:aa", "approvedAt": "2026-11-24T10:12:00Z", "source": "forge"}],
        "exclusions": [{"actorId": 1001, "login": "alice", "reason": "wrote it"}],
        "windows": [{"id": "w", "zone": "UTC", "tzdb": "2026a", "evaluatedAt": "2026-11-24T10:30:00Z", "open": true, "opensAt": null,
            "closesAt": "2026-11-24T17:00:00Z"}],
        "override": null,
        "expiries": [],
        "facts": {"verified": true, "digest": digest, "content": content},
        "pins": {"engine": "0.1.0", "knowledge": [], "tzdb": "2026a"},
        "gateRun": {"workflow": null, "placement": "outside", "run": null, "sequence": null, "previous": null}
    })
}

fn statement(predicate: Value) -> Statement {
    Statement::new(commit_subjects("acme/infrastructure", [COMMIT, "ab"], [TREE, "cd"]), v1::TYPE, predicate)
}

fn refused(predicate: Value, expected: &Expected) -> Vec<String> {
    expected.refusals(&statement(predicate)).1.iter().map(ToString::to_string).collect()
}

/// The predicate with another value at a pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut predicate = predicate();
    *predicate.pointer_mut(pointer).unwrap() = value;
    predicate
}

#[test]
fn a_sound_authorization_is_read_and_written_the_same() {
    let (read, refusals) = Expected::default().refusals(&statement(predicate()));
    assert_eq!(refusals, []);
    assert_eq!(serde_json::to_value(read.unwrap()).unwrap(), predicate());
    let bytes = statement(predicate()).bytes().unwrap();
    assert_eq!(Statement::read(&bytes).unwrap().bytes().unwrap(), bytes);
}

#[test]
fn a_key_that_nobody_knows_is_refused_wherever_it_stands() {
    for pointer in
        ["", "/repository", "/head", "/change", "/decision", "/requirements/0", "/approvals/0", "/windows/0", "/facts", "/pins", "/gateRun"]
    {
        let mut more = predicate();
        more.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert("also".to_owned(), json!(1));
        let said = refused(more, &Expected::default());
        assert!(said.len() == 1 && said[0].contains("unknown field `also`"), "{pointer}: {said:?}");
    }
}

#[test]
fn a_key_that_stands_twice_is_refused_also_among_the_facts() {
    let text = String::from_utf8(statement(predicate()).bytes().unwrap()).unwrap();
    let twice = text.replace(r#""author-kind":"user""#, r#""author-kind":"bot","author-kind":"user""#);
    assert_ne!(text, twice);
    assert!(matches!(Statement::read(twice.as_bytes()), Err(Malformed::Json(_))));
    assert!(matches!(Statement::read(text.replace("Statement/v1", "Statement/v0.1").as_bytes()), Err(Malformed::Type(_))));
    assert!(matches!(Statement::read(b"{}"), Err(Malformed::Shape(_))));
}

#[test]
fn a_statement_about_something_else_is_refused_with_the_link_that_broke() {
    let expected = |change: fn(&mut Expected)| {
        let mut expected = Expected::default();
        change(&mut expected);
        refused(predicate(), &expected)
    };
    assert_eq!(expected(|e| e.subjects = vec![("gitCommit", COMMIT.to_owned())]), [""; 0]);
    assert!(
        expected(|e| e.subjects = vec![("gitCommit", TREE.to_owned())])[0].starts_with("subject: none of its subjects has the gitCommit")
    );
    assert!(expected(|e| e.repository = Some("acme/other".into()))[0].starts_with("repository: its repository is `acme/infrastructure`"));
    assert!(expected(|e| e.repository_id = Some("78".into()))[0].starts_with("repository: its repository id is `77`"));
    assert!(expected(|e| e.policy_digest = Some("sha256:cc".into()))[0].starts_with("record: its policy is `sha256:bb`"));
    let other = Statement { predicate_type: "https://slsa.dev/provenance/v1".into(), ..statement(predicate()) };
    assert!(Expected::default().refusals(&other).1[0].to_string().starts_with("statement: it is of the predicate type"));
}

#[test]
fn what_is_less_than_an_authorization_is_taken_only_by_name() {
    let observed = {
        let mut predicate = with("/record", json!("observed"));
        predicate["decision"]["mode"] = json!("observe");
        predicate
    };
    assert!(refused(observed.clone(), &Expected::default())[0].contains("never an authorization"));
    assert_eq!(refused(observed, &Expected { observed: true, ..Expected::default() }), [""; 0]);
    let mut retroactive = with("/record", json!("retroactive"));
    retroactive["override"] = json!({"kind": "retroactive", "landedAt": "2026-11-24T10:00:00Z"});
    assert!(refused(retroactive.clone(), &Expected::default())[0].contains("an exception for ever"));
    assert_eq!(refused(retroactive, &Expected { retroactive: true, ..Expected::default() }), [""; 0]);
    let told = with("/facts/verified", json!(false));
    assert!(refused(told.clone(), &Expected::default())[0].contains("nobody vouches"));
    assert_eq!(refused(told, &Expected { unverified_facts: true, ..Expected::default() }), [""; 0]);
}

#[test]
fn what_does_not_hold_together_is_refused_whoever_signed_it() {
    for (pointer, value, expected) in [
        ("/head/commit", json!(TREE), "its subjects are not commit"),
        ("/head/tree", json!(COMMIT), "its subjects are not commit"),
        ("/decision/outcome", json!("denied"), "the record is not what the decision says"),
        ("/decision/mode", json!("observe"), "the record is not what the decision says"),
        ("/record", json!("retroactive"), "the record is not what the override says"),
        ("/override", json!({"kind": "retroactive", "landedAt": "2026-11-24T10:00:00Z"}), "the record is not what the override says"),
        ("/facts/digest", json!("sha256:00"), "the digest of the facts is of other facts"),
        ("/facts/content/author/id", json!(1002), "the digest of the facts is of other facts"),
        ("/exclusions/0/actorId", json!(1002), "`alice` is excluded, and counted"),
        ("/requirements/0/needed/0/count", json!(2), "`r` needs 2 and has 1"),
        ("/requirements/0/outcome", json!("waiting-for-window"), "`r` needs 1 and has 1"),
        ("/approvals", json!([]), "no approval of theirs is there"),
        ("/requirements/0/satisfiedBy", json!([{"actorId": 1002, "login": "bob"}, {"actorId": 1002, "login": "bob"}]), "counted twice"),
        ("/windows/0/open", json!(false), "the window `w` was closed"),
    ] {
        let all = Expected { unverified_facts: true, retroactive: true, observed: true, ..Expected::default() };
        let said = refused(with(pointer, value), &all);
        assert!(said.iter().any(|line| line.starts_with("consistency: ") && line.contains(expected)), "{pointer}: {said:?}");
    }
}

#[test]
fn every_difference_is_named_with_both_values() {
    let mut other = predicate();
    other["decision"]["outcome"] = json!("denied");
    other["approvals"] = json!([]);
    other["gateRun"].as_object_mut().unwrap().remove("run");
    let said: Vec<String> = differences(&predicate(), &other).iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("`approvals[0]` says {\"actorId\":1002") && said[0].ends_with("it is nothing"));
    assert_eq!(said[1], r#"`decision.outcome` says "authorized", and worked out again it is "denied""#);
    assert_eq!(said[2], "`gateRun.run` says null, and worked out again it is nothing");
    assert_eq!(differences(&predicate(), &predicate()), []);
}

fn identity() -> Identity {
    Identity {
        issuer: Some("https://token.actions.githubusercontent.com".into()),
        subject: Some("https://github.com/acme/gate/.github/workflows/gate.yml@refs/heads/main".into()),
        repository: Some("https://github.com/acme/infrastructure".into()),
        repository_id: Some("77".into()),
        reference: Some("refs/heads/main".into()),
        workflow: Some("https://github.com/acme/infrastructure/.github/workflows/ci.yml@refs/heads/main".into()),
        run: None,
    }
}

#[test]
fn an_identity_is_taken_when_everything_that_is_asked_of_it_is_so() {
    let wanted = Identity {
        subject: Some("https://github.com/acme/gate/.github/workflows/gate.yml@refs/heads/*".into()),
        repository: Some("acme/infrastructure".into()),
        ..identity()
    };
    assert_eq!(IdentityPolicy(wanted.clone()).refusals(&identity()), []);
    assert_eq!(IdentityPolicy(Identity { repository: identity().repository, ..wanted.clone() }).refusals(&identity()), []);
    assert!(IdentityPolicy(wanted.clone()).names_somebody());
    assert!(!IdentityPolicy(Identity { issuer: None, ..wanted.clone() }).names_somebody());
    assert!(!IdentityPolicy(Identity { subject: Some("*".into()), ..wanted }).names_somebody());
}

#[test]
fn a_run_for_another_repository_does_not_sign_for_this_one() {
    let repository = |id: Option<&str>, name: Option<&str>| v1::Repository { id: id.map(str::to_owned), name: name.map(str::to_owned) };
    assert_eq!(identity().refusals(&repository(Some("77"), Some("acme/infrastructure"))), []);
    assert_eq!(identity().refusals(&repository(None, None)), []);
    let said = identity().refusals(&repository(Some("78"), Some("mallory/infrastructure")));
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(
        said[0],
        "repository: it is about the repository `mallory/infrastructure`, and a run for `acme/infrastructure` has signed it"
    );
}

#[test]
fn every_way_in_which_an_identity_is_another_is_said() {
    let one =
        |wanted: Identity| IdentityPolicy(wanted).refusals(&identity()).iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let wanted = || Some("https://elsewhere.example/*".to_owned());
    assert!(
        one(Identity { issuer: Some("https://token.actions.*".into()), ..Identity::default() })
            .contains("identity: the issuer of whoever signed is `https://token"),
        "an issuer is no pattern"
    );
    assert!(
        one(Identity { subject: wanted(), ..Identity::default() })
            .contains("the subject of whoever signed is `https://github.com/acme/gate")
    );
    assert!(one(Identity { repository: Some("acme/infra".into()), ..Identity::default() }).contains("the repository of whoever signed"));
    assert!(one(Identity { repository_id: Some("7*".into()), ..Identity::default() }).contains("the repository id of whoever signed"));
    assert!(one(Identity { reference: Some("refs/tags/*".into()), ..Identity::default() }).contains("the ref of whoever signed"));
    assert!(one(Identity { workflow: wanted(), ..Identity::default() }).contains("the workflow of whoever signed"));
    let unnamed = IdentityPolicy(Identity { repository_id: Some("77".into()), ..Identity::default() }).refusals(&Identity::default());
    assert_eq!(unnamed[0].to_string(), "identity: the certificate names no repository id; `77` is wanted");
}

#[test]
fn what_is_signed_is_what_the_specification_of_the_envelope_shows() {
    // The example of <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>.
    let signed = pae("http://example.com/HelloWorld", b"hello world");
    assert_eq!(signed, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

#[test]
fn a_summary_is_only_of_an_authorization() {
    let read = |value: Value| serde_json::from_value::<Authorization>(value).unwrap();
    let made = summary(&statement(predicate()), &read(predicate()), "cd").unwrap();
    assert_eq!(made.subject, statement(predicate()).subject);
    assert_eq!(made.predicate["verificationResult"], "PASSED");
    assert_eq!(made.predicate["inputAttestations"][0]["digest"]["sha256"], "cd");
    assert_eq!(summary(&statement(predicate()), &read(with("/record", json!("observed"))), "cd"), None);
}

//! `countersign policy test`.

use super::place::Place;
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const POLICY: &str = r#"version: 1
people:
  users: { alice: 1001, bob: 1002, carol: 1003, dave: 1004 }
  groups: { security: [bob, carol] }
rules:
  - name: security sees every gain
    when: { gains: {}, undecided: {} }
    require: { approvals: [{ from: security }], window: office-hours }
  - name: nothing is made public
    when: { gains: { reasons: [public] } }
    deny: publish it through the CDN instead
  - name: the gate's own files need two of security
    when: { edits: [countersign.yml] }
    require: { approvals: [{ from: security, count: 2 }] }
windows:
  office-hours: { zone: Europe/London, open: [{ days: [mon-fri], from: "09:00", to: "17:00" }] }
"#;

const PUT: &str = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::artifacts/*" }] }"#;

/// A case about a new policy file, with more keys.
fn case(keys: &str) -> String {
    format!("version: 1\ntests:\n  - name: a new policy waits\n    head: {{ iam/deploy.json: '{PUT}' }}\n{keys}")
}

fn tested(tests: &str) -> Place {
    Place::with(&[("countersign.yml", POLICY), ("countersign.tests.yml", tests)])
}

const WAITING: &str = "    at: 2026-11-25T12:00[Europe/London]\n    expect: waiting for approval\n    because: [security sees every gain]\n    ask: [bob, carol]\n";

#[test]
fn a_policy_that_says_what_was_expected_passes() {
    let place = tested(&case(WAITING));
    let said = place.run(&["test"]);
    assert_snapshot!(said.out, @r"
    countersign.tests.yml  of countersign.yml
      ✓ a new policy waits
    1 case passed, 0 failed.
    ");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(place.run(&["test", "countersign.tests.yml"]), said);
    assert_eq!(place.run(&["test", "--quiet"]).out, "");
}

#[test]
fn each_key_of_a_case_does_what_it_says() {
    let at = |clock: &str| format!("    at: 2026-11-27T{clock}[Europe/London]\n");
    for (keys, outcome) in [
        (at("12:00") + "    approved-by: [bob]\n", "authorized"),
        (at("17:05") + "    approved-by: [bob]\n", "waiting for the window"),
        (at("12:00") + "    approved-by: [dave]\n", "waiting for approval"),
        (at("12:00") + "    approved-by: [{ id: 77, login: mallory }]\n", "waiting for approval"),
        (at("12:00") + "    author: bob\n    approved-by: [bob]\n", "waiting for approval"),
        (at("12:00") + "    author: bob\n    approved-by: [carol]\n", "authorized"),
        (at("12:00") + "    facts: { author: { id: 5, login: eve }, author-kind: user }\n", "undecidable"),
        (
            at("12:00") + "    facts: { author: { id: 5, login: eve }, author-kind: user, contributors: [] }\n    approved-by: [carol]\n",
            "authorized",
        ),
    ] {
        for expected in ["authorized", "waiting for approval", "waiting for the window", "denied", "undecidable"] {
            let said = tested(&case(&format!("{keys}    expect: {expected}\n"))).run(&["test"]);
            assert_eq!(said.code, if expected == outcome { 0 } else { 10 }, "{keys}: {expected}\n{said:?}");
        }
    }
}

#[test]
fn a_case_that_fails_shows_what_was_expected_and_how_the_decision_came_about() {
    let wrong = WAITING.replace("waiting for approval", "denied").replace("security sees every gain", "nothing is made public");
    let said = tested(&case(&wrong)).run(&["test"]);
    assert_eq!(said.code, 10);
    assert_snapshot!(said.out, @r#"
countersign.tests.yml  of countersign.yml
  ✗ a new policy waits  countersign.tests.yml:3:5
      expected: denied, because `nothing is made public`; to ask: bob, carol
      got:      waiting for approval, because `security sees every gain`; to ask: bob, carol
      `nothing is made public` is about no part of this change
      │ iam/deploy.json  in iam
      │   + can now write objects (s3:PutObject on arn:aws:s3:::artifacts/*)
      │       severity: medium
      │       for example: iam/deploy.json s3:PutObject arn:aws:s3:::artifacts/objectname
      │       at: iam/deploy.json:1:42
      │
      │ 1 gained, 0 lost, 0 undecided; the most severe is medium.
      │
      │ Decision: waiting for approval
      │ ├─ ✗ security sees every gain  countersign.yml:6:5
      │ │  ├─ 1 approval from `security` needed; 1 missing: bob or carol could approve; `office-hours` is open until Wednesday 2026-11-25 17:00 GMT (Europe/London)
      │ │  ├─ about: gained iam/deploy.json: s3:PutObject on arn:aws:s3:::artifacts/*
      │ │  ├─ approval: nobody yet for security
      │ │  └─ could approve: bob, carol
      │ ├─ still has to approve: bob, or instead carol
      │ ├─ does not apply: nothing is made public (no part of the change is what it is about)
      │ └─ does not apply: the gate's own files need two of security (no part of the change is what it is about)
      │ Next: Ask bob or carol to approve.
      │ Known: aws as of 2026-10-27 (sha256:2e6e43ecb985).
      │ Advisory: the facts come from a file, and nobody vouches for them.
0 cases passed, 1 failed.
"#);
}

#[test]
fn whoever_is_named_has_to_be_all_that_there_are() {
    for (from, to) in [("ask: [bob, carol]", "ask: [bob]"), ("because: [security sees every gain]", "because: []")] {
        assert_eq!(tested(&case(&WAITING.replace(from, to))).run(&["test"]).code, 10, "{to}");
    }
}

#[test]
fn a_rule_that_decides_no_case_is_named_with_the_triggers_by_which_it_does_not() {
    let said = tested(&case(WAITING)).run(&["test", "--coverage"]);
    assert_eq!(said.code, 14);
    assert_snapshot!(said.out, @r#"
countersign.tests.yml  of countersign.yml
  ✓ a new policy waits
  No case decides
      nothing is made public  countersign.yml:9:5
      security sees every gain by `undecided`  countersign.yml:6:5
      the gate's own files need two of security  countersign.yml:12:5
1 case passed, 0 failed.
"#);
    let json = tested(&case(WAITING)).run(&["test", "--coverage", "--format", "json"]).json();
    assert_eq!((&json["passed"], &json["exitCode"]), (&true.into(), &14.into()));
    assert_eq!(json["files"][0]["uncovered"][1]["triggers"], json!(["undecided"]));
}

#[test]
fn what_means_nothing_is_an_error_with_the_nearest_name() {
    let keys = "    author: alic\n    at: 2026-11-25T12:00[Europe/Londn]\n    expect: waiting for approval\n    because: [security sees evry gain]\n    ask: [bbo]\n";
    let said = tested(&case(keys)).run(&["test"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert_snapshot!(said.err, @r#"
error[unknown-name]: `alic` is no user of the policy; did you mean `alice`?
 --> countersign.tests.yml:5:13
  |
5 |     author: alic
  |             ^^^^
  |
  = help: correct it, or write `{ id: …, login: … }` for somebody whom the policy does not know

error[wrong-time]: `2026-11-25T12:00[Europe/Londn]` is no instant
 --> countersign.tests.yml:6:9
  |
6 |     at: 2026-11-25T12:00[Europe/Londn]
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: no time zone is called `Europe/Londn`; did you mean `Europe/London`?

error[unknown-name]: `security sees evry gain` is no rule of the policy
 --> countersign.tests.yml:8:15
  |
8 |     because: [security sees evry gain]
  |               ^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `security sees every gain`? there is `nothing is made public`, `security sees every gain` and `the gate's own files need two of security`

error[unknown-name]: `bbo` is no user of the policy; did you mean `bob`?
 --> countersign.tests.yml:9:11
  |
9 |     ask: [bbo]
  |           ^^^
  |
  = help: name people of the policy's groups

error: the tests are not valid
"#);
    let said = tested(&case("    autor: alice\n    expect: authorised\n")).run(&["test"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert_snapshot!(said.err, @r#"
error[unknown-key]: unknown key `autor`
 --> countersign.tests.yml:5:5
  |
5 |     autor: alice
  |     ^^^^^
  |
  = help: did you mean `author`? known here: `name`, `base`, `head`, `author`, `approved-by`, `labels`, `facts`, `at`, `expect`, `because`, `ask`

error[unknown-value]: unknown value `authorised`
 --> countersign.tests.yml:6:13
  |
6 |     expect: authorised
  |             ^^^^^^^^^^
  |
  = help: did you mean `authorized`? known here: `authorized`, `waiting for approval`, `waiting for the window`, `denied`, `undecidable`

error: the tests are not valid
"#);
}

/// Every key of a case misspelt: none is passed over, which would make a case that says less and passes.
#[test]
fn no_misspelt_key_passes() {
    let whole = case(&format!("    author: alice\n    approved-by: []\n    labels: []\n    base: {{ a.json: '{{}}' }}\n{WAITING}"));
    assert_eq!(tested(&whole).run(&["test"]).code, 0);
    for key in ["version", "tests", "name", "head", "base", "author", "approved-by", "labels", "at", "expect", "because", "ask"] {
        let misspelt = whole.replacen(&format!("{key}:"), &format!("{key}x:"), 1);
        assert_eq!(tested(&misspelt).run(&["test"]).code, 1, "{key}");
    }
}

#[test]
fn a_case_that_would_try_nothing_is_an_error() {
    let files = |tests: &str| tested(tests).run(&["test"]).err;
    assert!(files("version: 1\ntests: []\n").contains("there is no case here"));
    assert!(files("version: 2\ntests: []\n").contains("version 2 of the language of tests is not known here"));
    assert!(files("version: 1\ntests: [{ name: x, expect: denied }]\n").contains("there is no file on either side"));
    let outside = "version: 1\ntests: [{ name: x, expect: denied, head: { ../x: y } }]\n";
    assert!(files(outside).contains("`../x` is no path of a file in a repository"));
    let twice = format!("{}{}", case(WAITING), case(WAITING).trim_start_matches("version: 1\ntests:\n"));
    assert!(files(&twice).contains("two cases are called `a new policy waits`"));
    let said = tested(&case(WAITING)).run(&["test", "--filter", "nothing like this"]);
    assert_eq!((said.code, said.err.contains("no case has `nothing like this` in its name")), (1, true));
    let said = Place::with(&[("countersign.yml", POLICY)]).run(&["test"]);
    assert_eq!((said.code, said.err.contains("there are no tests in `.`")), (1, true));
}

#[test]
fn a_case_that_asks_for_a_window_says_when() {
    let said = tested(&case("    expect: waiting for approval\n")).run(&["test"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("this case asks for the window `office-hours`, and does not say when"), "{said:?}");
    let losing = format!("version: 1\ntests: [{{ name: losing is free, base: {{ iam/deploy.json: '{PUT}' }}, expect: authorized }}]\n");
    assert_eq!(tested(&losing).run(&["test"]).code, 0);
}

#[test]
fn files_may_stand_beside_the_tests_and_never_elsewhere() {
    let from = |path: &str| case(WAITING).replace(&format!("'{PUT}'"), &format!("{{ file: {path} }}"));
    let place = tested(&from("fixtures/put.json"));
    place.write("fixtures/put.json", PUT);
    assert_eq!(place.run(&["test"]).code, 0);
    for outside in ["../put.json", "/etc/hostname", "fixtures/none.json", "fixtures"] {
        let said = tested(&from(outside)).run(&["test"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{outside}: {said:?}");
    }
}

/// The cases that `check` is held to, each as a case of a policy: both say the same.
#[test]
fn a_case_is_decided_as_check_decides_it() {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/policy");
    let mut tried = 0;
    for case in fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path()) {
        let Ok(facts) = fs::read_to_string(case.join("facts.yml")) else { continue };
        let report: Value = serde_json::from_str(&fs::read_to_string(case.join("expected/check.json")).unwrap()).unwrap();
        let place = Place::with(&[]);
        let [base, head] = ["base", "head"].map(|side| {
            let texts = files(&case.join(side)).into_iter().map(|(path, text)| {
                place.write(&format!("{side}/{path}"), &text);
                (path.clone(), json!({ "file": format!("{side}/{path}") }))
            });
            texts.collect::<serde_json::Map<_, _>>()
        });
        let facts: String = facts.lines().flat_map(|line| ["      ", line, "\n"]).collect();
        let (at, expect) = (&report["evidence"]["now"], &report["outcome"]);
        let sides = format!("    base: {}\n    head: {}\n", Value::from(base), Value::from(head));
        let keys = format!("    at: {at}\n    expect: {expect}\n    facts:\n{facts}");
        let tests = format!("version: 1\npolicy: base/countersign.yml\ntests:\n  - name: as it was\n{sides}{keys}");
        place.write("all.tests.yml", &tests);
        let said = place.run(&["test", "all.tests.yml"]);
        assert_eq!(said.code, 0, "{}: {}{}", case.display(), said.out, said.err);
        tried += 1;
    }
    assert!(tried > 15, "{tried}");
}

/// Every file below a directory, by its path from there.
fn files(directory: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
        } else {
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// The policy of a case is always the one that is tested, never a file of the case.
#[test]
fn an_edit_of_the_policy_is_judged_by_the_policy_under_test() {
    let tests = "version: 1\ntests:\n  - name: the policy is not its own judge\n    base: { countersign.yml: 'version: 1' }\n    head: { countersign.yml: 'version: 1 # new' }\n    approved-by: [bob]\n    expect: waiting for approval\n    ask: [carol]\n";
    let said = tested(tests).run(&["test"]);
    assert_eq!(said.code, 0, "{said:?}");
}

#[test]
fn the_name_of_the_tests_says_which_policy_they_are_about() {
    let place =
        Place::with(&[("policies/strict.yml", POLICY), ("policies/strict.tests.yml", &case(WAITING)), (".github/countersign.yml", POLICY)]);
    place.write(".github/countersign.tests.yml", &case(WAITING));
    assert!(place.run(&["test", "policies"]).out.starts_with("policies/strict.tests.yml  of policies/strict.yml"));
    assert!(place.run(&["test"]).out.starts_with(".github/countersign.tests.yml  of .github/countersign.yml"));
    place.write("cases.yml", &case(WAITING));
    assert!(place.run(&["test", "cases.yml"]).err.contains("does not say which policy it is about"));
    place.write("cases.yml", &case(WAITING).replace("tests:", "policy: policies/strict.yml\ntests:"));
    assert_eq!(place.run(&["test", "cases.yml"]).code, 0);
}

#[test]
fn below_the_root_of_a_work_tree_the_tests_are_those_of_the_root() {
    let files = [("countersign.yml", POLICY), ("countersign.tests.yml", &case(WAITING)), ("deep/down/file", "")];
    let place = Place::with_history(&[("Begin", &files)]);
    let mut command = assert_cmd::Command::cargo_bin("countersign").unwrap();
    command.current_dir(place.path().join("deep/down")).args(["policy", "test", "--quiet"]).assert().success();
}

/// A name commands nobody's terminal, and no log of a pipeline.
#[test]
fn what_a_case_says_is_only_text() {
    let tests = case(WAITING).replace("a new policy waits", "\"\\e[2J##[error]x\"").replace("ask: [bob, carol]", "ask: []");
    for form in ["text", "json"] {
        let said = tested(&tests).run(&["test", "--format", form]);
        assert!(said.code == 10 && !said.out.contains('\u{1b}') && !said.out.contains("##["), "{said:?}");
    }
}

#[test]
fn a_policy_that_is_none_is_told_and_tries_nothing() {
    let place = tested(&case(WAITING));
    place.write("countersign.yml", &POLICY.replace("from: security", "from: securty"));
    let said = place.run(&["test"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(said.err.contains("did you mean `security`?"), "{said:?}");
}

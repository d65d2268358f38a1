//! `countersign policy check` as a writer of a policy meets it: everything at once, with the line, and what to do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod meaning;
mod names;
mod repository;
mod unknown;

use assert_cmd::Command;
use insta::assert_snapshot;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A directory with these files.
fn with(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

/// What is printed, and the exit code at the end.
fn said(directory: &Path, arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("countersign").unwrap();
    let output = command.current_dir(directory).args(["policy", "check"]).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    let text = text.replace(&*directory.canonicalize().unwrap().to_string_lossy(), "DIRECTORY");
    format!("{text}exit code {}", output.status.code().unwrap())
}

fn of(policy: &str) -> String {
    said(with(&[("countersign.yml", policy)]).path(), &[])
}

fn git(directory: &Path, arguments: &[&str]) {
    let mut command = std::process::Command::new("git");
    let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"];
    assert!(command.current_dir(directory).args(who).args(arguments).output().unwrap().status.success());
}

const SOUND: &str = r"version: 1
people:
  users: { alice: 1001, bob: 1002, carol: 1003 }
  groups: { security: [alice, bob, carol] }
rules:
  - name: somebody from security sees every gain
    when: { gains: {} }
    require: { approvals: [{ from: security }] }
  - name: the gate's own files need two
    when: { edits: [countersign.yml] }
    require: { approvals: [{ from: security, count: 2 }] }
";

#[test]
fn a_sound_policy_is_told_what_it_contains() {
    assert_snapshot!(of(SOUND), @r"
countersign.yml is a valid policy: 2 rules, 0 windows, 0 roles, 3 people in 1 group.
It is enforced: a change that is not authorized does not pass.
exit code 0
");
    assert_snapshot!(of(&SOUND.replace("version: 1", "version: 1\nmode: observe")), @r"
countersign.yml is a valid policy: 2 rules, 0 windows, 0 roles, 3 people in 1 group.
It only observes: every change passes, and what would have happened is said.
exit code 0
");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let policy = r#"version: 1
people:
  users: { alice: 1001, bob: 1001 }
  groups: { security: [alice, bbo] }
rules:
  - name: gains
    when: { gain: {} }
    require: { approval: [{ from: security }] }
  - name: severe gains
    when: { gains: { severity: hihg } }
    require: { approvals: [{ form: security }] }
  - when: { gains: {} }
    deny: 3
  - name: windows
    when: { gains: {} }
    require: { window: ofice-hours, approvals: [{ from: securty }] }
windows:
  office-hours: { zone: Europe/Londn, open: [{ days: [mon-thu], from: "9:00", to: "17:00" }] }
"#;
    assert_snapshot!(of(policy), @r#"
error[duplicate-person]: `bob` and `alice` have the same id 1001
 --> countersign.yml:3:30
  |
3 |   users: { alice: 1001, bob: 1001 }
  |                              ^^^^
  |
  = help: one person has one login: keep the one that the forge shows

error[unknown-name]: `bbo` is no user here
 --> countersign.yml:4:31
  |
4 |   groups: { security: [alice, bbo] }
  |                               ^^^
  |
  = help: did you mean `bob`? known here: `alice`, `bob`

error[unknown-key]: unknown key `gain`
 --> countersign.yml:7:13
  |
7 |     when: { gain: {} }
  |             ^^^^
  |
  = help: did you mean `gains`? known here: `gains`, `loses`, `undecided`, `over-ceiling`, `holds-both`, `edits`

error[unknown-key]: unknown key `approval`
 --> countersign.yml:8:16
  |
8 |     require: { approval: [{ from: security }] }
  |                ^^^^^^^^
  |
  = help: did you mean `approvals`? known here: `approvals`, `window`, `labels`, `max-duration`, `ticket`, `reason`

error[unknown-value]: unknown value `hihg`
  --> countersign.yml:10:32
   |
10 |     when: { gains: { severity: hihg } }
   |                                ^^^^
   |
   = help: did you mean `high`? known here: `low`, `medium`, `high`, `critical`

error[unknown-key]: unknown key `form`
  --> countersign.yml:11:30
   |
11 |     require: { approvals: [{ form: security }] }
   |                              ^^^^
   |
   = help: did you mean `from`? known here: `from`, `count`, `max-age`, `not-written-by`

error[missing-key]: key `name` is missing
  --> countersign.yml:12:5
   |
12 |   - when: { gains: {} }
   |     ^^^^
   |
   = help: add `name: …`

error[unknown-name]: `ofice-hours` is no window here
  --> countersign.yml:16:24
   |
16 |     require: { window: ofice-hours, approvals: [{ from: securty }] }
   |                        ^^^^^^^^^^^
   |
   = help: did you mean `office-hours`? known here: `office-hours`

error[unknown-name]: `securty` is no group here
  --> countersign.yml:16:57
   |
16 |     require: { window: ofice-hours, approvals: [{ from: securty }] }
   |                                                         ^^^^^^^
   |
   = help: did you mean `security`? known here: `security`

error[window-zone]: `Europe/Londn` is not an IANA time zone
  --> countersign.yml:18:25
   |
18 |   office-hours: { zone: Europe/Londn, open: [{ days: [mon-thu], from: "9:00", to: "17:00" }] }
   |                         ^^^^^^^^^^^^
   |
   = help: the nearest are `Europe/London`, `Europe/Lisbon`, `Europe/Tallinn`

error[window-hours]: `9:00` is not a time of day
  --> countersign.yml:18:71
   |
18 |   office-hours: { zone: Europe/Londn, open: [{ days: [mon-thu], from: "9:00", to: "17:00" }] }
   |                                                                       ^^^^^^
   |
   = help: write `HH:MM` from `00:00` to `23:59`; `24:00` is allowed as an end

countersign.yml is not a valid policy: 11 errors.
exit code 1
"#);
}

/// Names that rules use are defined elsewhere; while those places cannot be read, nothing is said about the rules that use them.
#[test]
fn what_follows_from_something_else_that_is_wrong_is_not_told() {
    let policy = r"version: 1
people:
  users: { alice: one }
  groups: { security: [alice] }
where:
  - { path: [iam/**], environment: prod }
rules:
  - name: gains
    when: { gains: { environment: prod } }
    require: { approvals: [{ from: security }] }
";
    assert_snapshot!(of(policy), @r"
error[wrong-value]: expected a whole number, found a string
 --> countersign.yml:3:19
  |
3 |   users: { alice: one }
  |                   ^^^

error[unknown-key]: unknown key `path`
 --> countersign.yml:6:7
  |
6 |   - { path: [iam/**], environment: prod }
  |       ^^^^
  |
  = help: did you mean `paths`? known here: `paths`, `realm`, `holder`, `slot`, `default-workflow-permissions`, `format`, `environment`, `ignore`

countersign.yml is not a valid policy: 2 errors.
exit code 1
");
}

#[test]
fn errors_in_the_people_file_stand_in_the_people_file() {
    let policy = SOUND.replace("  users: { alice: 1001, bob: 1002, carol: 1003 }\n  groups", "  users: { alice: 1001 }\n  groups");
    let policy = policy.replace("people:\n", "people-file: .github/people.yml\npeople:\n").replace("[alice, bob, carol]", "[alice]");
    let people = "users: { bob: 1001 }\ngroups: { platform: [bbo], security: [bob] }\n";
    let directory = with(&[("countersign.yml", &policy), (".github/people.yml", people)]);
    assert_snapshot!(said(directory.path(), &[]), @r"
error[duplicate-person]: `bob` and `alice` have the same id 1001
 --> .github/people.yml:1:15
  |
1 | users: { bob: 1001 }
  |               ^^^^
  |
  = help: one person has one login: keep the one that the forge shows

error[unknown-name]: `bbo` is no user here
 --> .github/people.yml:2:22
  |
2 | groups: { platform: [bbo], security: [bob] }
  |                      ^^^
  |
  = help: did you mean `bob`? known here: `alice`, `bob`

error[duplicate-name]: the group `security` is written more than once
 --> .github/people.yml:2:38
  |
2 | groups: { platform: [bbo], security: [bob] }
  |                                      ^^^^^
  |
  = help: keep one of them: under `groups` or `teams`, in this file or in another

warning[approval-deadlock]: 2 people of `security` have to approve, and 1 are in it
  --> countersign.yml:12:28
   |
12 |     require: { approvals: [{ from: security, count: 2 }] }
   |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: add members, or ask for fewer approvals

countersign.yml is not a valid policy: 3 errors, 1 warning.
exit code 1
");
    fs::write(directory.path().join(".github/people.yml"), "users: { bob: 1002").unwrap();
    assert_snapshot!(said(directory.path(), &[]), @r"
error[yaml-syntax]: `{` is never closed
 --> .github/people.yml:1:8
  |
1 | users: { bob: 1002
  |        ^
  |
  = help: close it with `}`

countersign.yml is not a valid policy: 1 error.
exit code 1
");
}

#[test]
fn what_locks_somebody_out_by_oversight_is_told() {
    let policy = r#"version: 1
people-file: people.yml
people:
  users: { alice: 1001, bob: 1002 }
  groups: { security: [alice, bob], platform: [alice, bob], nobody-asks: [bob] }
rules:
  - name: three of two
    when: { loses: {} }
    require: { approvals: [{ from: security, count: 2 }, { from: platform }], window: frozen }
  - name: both
    when: { undecided: {} }
    require: { approvals: [{ from: security }, { from: platform }] }
windows:
  frozen:
    zone: UTC
    open: [{ days: [mon-sun], all-day: true }]
    freezes: [{ from: "2020-01-01", to: "2099-01-01", reason: the thaw is far }]
  spare: { zone: UTC, open: [{ days: [mon], all-day: true }] }
"#;
    let directory = with(&[("countersign.yml", policy), ("people.yml", "users: { carol: 1003 }\n")]);
    assert_snapshot!(said(directory.path(), &[]), @r"
warning[edits-denied]: no rule is about edits of this file, so every change of it is denied
--> countersign.yml
 = help: add a rule with `when: { edits: [countersign.yml] }` that says who has to approve them

warning[gains-denied]: no rule says what a gain needs, so every gain is denied
--> countersign.yml
 = help: add a rule with `when: { gains: {} }` and `require`

warning[edits-denied]: no rule is about edits of `people.yml`, so every change of it is denied
 --> countersign.yml:2:14
  |
2 | people-file: people.yml
  |              ^^^^^^^^^^
  |
  = help: add `people.yml` to a rule with `edits`

warning[unused-name]: no rule asks the group `nobody-asks`
 --> countersign.yml:5:74
  |
5 |   groups: { security: [alice, bob], platform: [alice, bob], nobody-asks: [bob] }
  |                                                                          ^^^^^
  |
  = help: name it in a rule, or remove it

warning[approval-deadlock]: these groups have too few people together, for nobody is counted twice
 --> countersign.yml:9:27
  |
9 |     require: { approvals: [{ from: security, count: 2 }, { from: platform }], window: frozen }
  |                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: add members, or ask for fewer approvals

note[approval-tight]: a change by alice or bob can never be approved, since authors do not count
  --> countersign.yml:12:27
   |
12 |     require: { approvals: [{ from: security }, { from: platform }] }
   |                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: add members, if they should be able to propose such a change

warning[window-never-opens]: `frozen` does not open in the next five years
  --> countersign.yml:15:5
   |
15 |     zone: UTC
   |     ^^^^
   |
   = help: shorten what closes it; `window explain` says what that is

warning[unused-name]: no rule asks for the window `spare`
  --> countersign.yml:18:10
   |
18 |   spare: { zone: UTC, open: [{ days: [mon], all-day: true }] }
   |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: name it in a rule, or remove it

countersign.yml is a valid policy: 2 rules, 2 windows, 0 roles, 2 people in 3 groups.
It is enforced: a change that is not authorized does not pass.
exit code 0
");
}

#[test]
fn a_file_that_is_no_yaml_is_shown_where_it_stops_being_some() {
    assert_snapshot!(of("version: 1\nrules: [{ name: x\n"), @r"
error[yaml-syntax]: `{` is never closed
 --> countersign.yml:2:9
  |
2 | rules: [{ name: x
  |         ^
  |
  = help: close it with `}`

countersign.yml is not a valid policy: 1 error.
exit code 1
");
    assert_snapshot!(of("version: 1\n\trules: []\n"), @r"
error[yaml-syntax]: a tab stands where YAML allows only spaces
 --> countersign.yml:1:10
  |
1 | version: 1
  |          ^
  |
  = help: indent with spaces

countersign.yml is not a valid policy: 1 error.
exit code 1
");
    assert_snapshot!(of(""), @r"
error[empty-file]: this policy file says nothing
--> countersign.yml
 = help: write it; it begins with `version: 1`

countersign.yml is not a valid policy: 1 error.
exit code 1
");
}

#[test]
fn what_a_terminal_would_obey_is_made_visible() {
    assert_snapshot!(of("version: 1\nmode: \"ob\u{202e}serve\u{7}\" # ::error::\u{1b}[2J\n"), @r#"
error[yaml-syntax]: `\u{7}` cannot begin a value
 --> countersign.yml:2:16
  |
2 | mode: "ob�serve␇" # ::error::␛[2J
  |                ^
  |
  = help: quote the text

countersign.yml is not a valid policy: 1 error.
exit code 1
"#);
    let directory = with(&[("a\n::error::.yml", "version: 2\n")]);
    assert_snapshot!(said(directory.path(), &["a\n::error::.yml"]), @r"
error[policy-version]: version 2 of the policy language is not known here
 --> a\u{a}::error::.yml:1:10
  |
1 | version: 2
  |          ^
  |
  = help: take a newer Countersign, or write `version: 1` and what that knows

a\u{a}::error::.yml is not a valid policy: 1 error.
exit code 1
");
}

#[test]
fn the_policy_is_found_from_anywhere_in_the_work_tree() {
    let directory = with(&[(".github/countersign.yml", SOUND), ("deep/er/file", "")]);
    git(directory.path(), &["init", "--quiet"]);
    let below = directory.path().join("deep/er");
    assert!(said(&below, &[]).contains(".github/countersign.yml is a valid policy"));
    assert!(said(&below, &["--repo", "../.."]).contains(".github/countersign.yml is a valid policy"));
}

#[test]
fn a_revision_has_a_policy_of_its_own() {
    let directory = with(&[("countersign.yml", SOUND)]);
    git(directory.path(), &["init", "--quiet"]);
    git(directory.path(), &["add", "."]);
    git(directory.path(), &["commit", "--quiet", "-m", "a policy"]);
    fs::write(directory.path().join("countersign.yml"), "version: 2\n").unwrap();
    assert!(said(directory.path(), &["--base", "main"]).ends_with("exit code 0"));
    assert!(said(directory.path(), &[]).ends_with("exit code 1"));
}

#[test]
fn the_people_of_a_named_file_are_those_beside_it() {
    let policy = SOUND.replace("people:\n", "people-file: .github/people.yml\npeople:\n");
    let people = "users: { dave: 1004 }\ngroups: { platform: [dave], nobody: [] }\n";
    let directory = with(&[("infra/.github/countersign.yml", &policy), ("infra/.github/people.yml", people)]);
    assert!(said(directory.path(), &["infra/.github/countersign.yml"]).ends_with("exit code 0"));
    assert!(said(directory.path(), &["infra/.github/countersign.yml", "--repo", "."]).contains("error[people-file]"));
}

#[test]
fn without_a_policy_it_is_said_where_one_was_looked_for() {
    let directory = with(&[("README.md", "")]);
    assert_snapshot!(said(directory.path(), &[]), @r"
error: there is no policy in `.`: put a `countersign.yml` there, or name a file
exit code 1
");
    assert_snapshot!(said(directory.path(), &["absent.yml"]), @r"
error: cannot read the policy `absent.yml`; name another with `policy check`
  because: no such file or directory
exit code 1
");
    let both = with(&[("countersign.yml", SOUND), (".github/countersign.yml", SOUND)]);
    assert_snapshot!(said(both.path(), &[]), @r"
error: `.` has both `countersign.yml` and `.github/countersign.yml`: keep one of them
exit code 1
");
}

//! A policy of several files, as the built binary reads them: from the base, from a policy repository, from what comes with it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use assert_cmd::Command as Cargo;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const PEOPLE: &str = "people:\n  users: { alice: 1001, bob: 1002 }\n  groups: { security: [alice, bob] }\n";
const RULE: &str = "rules:\n  - name: security approves\n    when: { gains: {} }\n    require: { approvals: [{ from: security }] }\n";

fn role(verbs: &str) -> String {
    let rbac = "apiVersion: rbac.authorization.k8s.io/v1";
    format!(
        "{rbac}\nkind: Role\nmetadata: {{ name: web, namespace: web }}\nrules: [{{ apiGroups: [apps], resources: [deployments], verbs: [{verbs}] }}]\n\
         ---\n{rbac}\nkind: RoleBinding\nmetadata: {{ name: web, namespace: web }}\n\
         subjects: [{{ kind: Group, name: web, apiGroup: rbac.authorization.k8s.io }}]\n\
         roleRef: {{ kind: Role, name: web, apiGroup: rbac.authorization.k8s.io }}\n"
    )
}

/// A directory with a `base` that has these files and `teams/web/role.yaml`, and a `head` in which that gives more.
fn change(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (side, verbs) in [("base", "get"), ("head", "get, list")] {
        let root = directory.path().join(side);
        for (path, text) in files {
            put(&root, path, text);
        }
        put(&root, "teams/web/role.yaml", &role(verbs));
    }
    directory
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn run(directory: &Path, arguments: &[&str]) -> Said {
    let output = Cargo::cargo_bin("countersign").unwrap().current_dir(directory).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
}

fn check(directory: &Path, more: &[&str]) -> Said {
    run(directory, &[&["check", "--no-cache", "--base", "base", "--head", "head"], more].concat())
}

/// The gate is closed, and says this.
#[track_caller]
fn closed(files: &[(&str, &str)], expected: &[&str]) {
    let Said { code, out, err } = check(change(files).path(), &[]);
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    for text in expected {
        assert!(err.contains(text), "`{text}` is not in {err}");
    }
}

fn policy(head: &str) -> String {
    format!("version: 1\n{head}\n{PEOPLE}{RULE}")
}

#[test]
fn a_file_that_is_not_there_closes_the_gate() {
    closed(
        &[("countersign.yml", &policy("include: [a.yml]"))],
        &["error[include-missing]: there is no file `a.yml`", "countersign.yml:2:11", "add it there first"],
    );
}

#[test]
fn files_that_include_each_other_close_the_gate() {
    let files = [
        ("countersign.yml", &*policy("include: [a.yml]")),
        ("a.yml", "version: 1\ninclude: [b.yml]"),
        ("b.yml", "version: 1\ninclude: [a.yml]"),
    ];
    closed(&files, &["`a.yml` includes itself: `countersign.yml` includes `a.yml` includes `b.yml` includes `a.yml`", "b.yml:2:11"]);
    closed(&[("countersign.yml", &policy("include: [countersign.yml]"))], &["`countersign.yml` includes itself"]);
}

#[test]
fn a_file_that_is_included_twice_closes_the_gate() {
    let files =
        [("countersign.yml", &*policy("include: [a.yml, b.yml]")), ("a.yml", "version: 1"), ("b.yml", "version: 1\ninclude: [a.yml]")];
    closed(&files, &["`a.yml` is included already, at countersign.yml:2:11", "b.yml:2:11"]);
}

#[test]
fn what_is_wrong_in_any_file_is_told_with_its_line_and_closes_the_gate() {
    let wrong = "version: 1\nrules:\n  - { name: r, when: { gainz: {} }, allow: true }\n";
    closed(
        &[("countersign.yml", &policy("include: [a.yml]")), ("a.yml", wrong)],
        &["a.yml:3:24", "unknown key `gainz`", "did you mean `gains`?"],
    );
    closed(&[("countersign.yml", &policy("include: [a.yml]")), ("a.yml", "version: [1\n")], &["a.yml:"]);
    closed(&[("countersign.yml", &policy("include: ['pack:sox-itcg']"))], &["did you mean `pack:sox-itgc`?"]);
    closed(
        &[("countersign.yml", &policy("")), ("teams/countersign.yml", "version: 1\nmode: observe\n")],
        &["error[misplaced-key]: `mode` is for the policy of the whole repository to say", "teams/countersign.yml:2:7"],
    );
}

/// THREATS 4: a change of that file alone would not show that the directory's policy is made of it.
#[test]
fn a_directorys_policy_includes_nothing_from_elsewhere() {
    let files = |include: &str| {
        [
            ("countersign.yml", policy("")),
            ("teams/countersign.yml", format!("version: 1\ninclude: [{include}]\n")),
            ("rules.yml", "version: 1\n".to_owned()),
            ("teams/rules.yml", "version: 1\n".to_owned()),
        ]
    };
    let of = |include: &str| {
        let files = files(include);
        check(change(&files.each_ref().map(|(path, text)| (*path, text.as_str()))).path(), &["--format", "json"])
    };
    let Said { code, err, .. } = of("rules.yml");
    assert!(code == 1 && err.contains("`rules.yml` is not in `teams`") && err.contains("teams/countersign.yml:2:11"), "{err}");
    let Said { code, out, .. } = of("teams/rules.yml");
    assert!(code == 13 && out.contains("\"path\": \"teams/rules.yml\""), "{out}");
}

/// THREATS 19: a link out of the tree.
#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    for at in ["a.yml", "teams/countersign.yml"] {
        let directory = change(&[("countersign.yml", &policy(if at == "a.yml" { "include: [a.yml]" } else { "" }))]);
        fs::write(directory.path().join("elsewhere.yml"), "version: 1\n").unwrap();
        std::os::unix::fs::symlink(directory.path().join("elsewhere.yml"), directory.path().join("base").join(at)).unwrap();
        let Said { code, err, .. } = check(directory.path(), &[]);
        assert_eq!(code, 1);
        assert!(err.contains(at) && err.contains("symbolic link"), "{err}");
    }
}

/// THREATS 4: what the change itself writes is not read, neither what is included nor the policy of a directory.
#[test]
fn only_the_base_is_read() {
    let directory = change(&[("countersign.yml", &policy("include: [a.yml]")), ("a.yml", "version: 1\n")]);
    let head = directory.path().join("head");
    put(&head, "a.yml", "version: 1\nrules: [{ name: a, when: { gains: {} }, allow: true }]\n");
    put(&head, "teams/countersign.yml", "version: 1\nrules: [{ name: free, when: { gains: {} }, allow: true }]\n");
    let Said { code, out, .. } = check(directory.path(), &["--format", "json"]);
    assert_eq!(code, 13, "{out}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["edited"], serde_json::json!(["a.yml", "teams/countersign.yml"]));
    let paths: Vec<&str> =
        report["evidence"]["policyFiles"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["countersign.yml", "a.yml"]);
}

fn git(repository: &Path, arguments: &[&str]) -> String {
    let who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").current_dir(repository).args(who).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A policy repository with a branch `main`.
fn policies(files: &[(&str, &str)]) -> TempDir {
    let repository = TempDir::new().unwrap();
    for (path, text) in files {
        put(repository.path(), path, text);
    }
    git(repository.path(), &["init", "-q"]);
    git(repository.path(), &["add", "-A"]);
    git(repository.path(), &["commit", "-qm", "policies"]);
    repository
}

#[test]
fn a_policy_repository_is_read_at_one_commit_which_the_evidence_names() {
    let repository = policies(&[
        ("countersign.yml", "version: 1\ninclude: [rules.yml]\npeople-file: people.yml\n"),
        ("rules.yml", &format!("version: 1\n{RULE}")),
        ("people.yml", "users: { alice: 1001 }\ngroups: { security: [alice] }\n"),
        ("strict/policy.yml", "version: 1\nrules: [{ name: never, when: { gains: {} }, deny: not here }]\n"),
    ]);
    let commit = git(repository.path(), &["rev-parse", "HEAD"]);
    let of = |name: &str, more: &[&str]| {
        let arguments =
            [&["--policy-repository", repository.path().to_str().unwrap(), "--policy-ref", name, "--format", "json"], more].concat();
        check(change(&[]).path(), &arguments)
    };
    for name in ["main", &commit] {
        let Said { code, out, err } = of(name, &[]);
        assert_eq!(code, 13, "{err}");
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["requirements"][0]["place"], "policy:rules.yml:3:5");
        assert_eq!((&report["evidence"]["policyRef"], &report["evidence"]["policyCommit"]), (&name.into(), &commit.as_str().into()));
        let files = report["evidence"]["policyFiles"].as_array().unwrap();
        let paths: Vec<&str> = files.iter().map(|file| file["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["policy:countersign.yml", "policy:rules.yml", "policy:people.yml"]);
    }
    assert_eq!(of("main", &["--policy", "strict/policy.yml"]).code, 10);

    let unknown = of("release", &[]);
    assert!(unknown.code == 1 && unknown.err.contains("release"), "{}", unknown.err);
    let nowhere = TempDir::new().unwrap();
    let nothing = check(change(&[]).path(), &["--policy-repository", nowhere.path().to_str().unwrap(), "--policy-ref", "main"]);
    assert!(nothing.code == 1 && nothing.err.contains("clone the policy repository there"), "{}", nothing.err);
    let missing = of("main", &["--policy", "strikt.yml"]);
    assert!(missing.code == 1 && missing.err.contains("the policy repository has no `strikt.yml`"), "{}", missing.err);
}

/// THREATS 4: a change that brings along what the job names, or makes the job go without its clone, would decide about itself.
#[test]
fn a_directory_of_the_repository_that_is_judged_is_no_policy_repository() {
    let free = "version: 1\nrules: [{ name: free, when: { gains: {} }, allow: true }]\n";
    let repository = policies(&[("policies/countersign.yml", free), ("role.yaml", &role("get"))]);
    let here = repository.path();
    put(here, "role.yaml", &role("get, list"));
    put(here, "countersign.yml", free);
    git(here, &["init", "-q", "--bare", "bare"]);
    git(here, &["commit", "-qam", "more"]);
    git(here, &["push", "-q", "./bare", "HEAD:main"]);
    for directory in ["policies", "bare", "nowhere"] {
        let arguments =
            ["check", "--no-cache", "--base", "HEAD~1", "--head", "HEAD", "--policy-repository", directory, "--policy-ref", "HEAD"];
        let Said { code, err, .. } = run(here, &arguments);
        assert!(code == 1 && err.contains(&format!("`{directory}` is no git repository of its own")), "{code} {err}");
    }
}

#[test]
fn under_a_policy_repository_a_repositorys_own_policy_only_adds() {
    let root = policy(
        "delegate: [{ path: ., to: security, ceiling: { kubernetes: [{ apiGroups: [apps], resources: [deployments], verbs: [list] }] } }]",
    );
    let plain = policies(&[("countersign.yml", &policy(""))]);
    let handed = policies(&[("countersign.yml", &root)]);
    let under = |repository: &TempDir, own: &str| {
        let directory = change(&[("countersign.yml", own)]);
        check(directory.path(), &["--policy-repository", repository.path().to_str().unwrap(), "--policy-ref", "main"])
    };
    let free = "version: 1\nrules: [{ name: free, when: { gains: {} }, allow: true }]\n";
    assert_eq!(under(&plain, free).code, 13, "the policy repository asks for an approval that nobody knows of");
    assert_eq!(under(&handed, free).code, 0, "unless it hands that to the repository");
    let never = "version: 1\nrules: [{ name: never, when: { gains: {} }, deny: not here }]\n";
    let denied = under(&plain, never);
    assert!(denied.out.contains("not here"), "{}", denied.out);
    let observing = under(&plain, "version: 1\nmode: observe\n");
    assert!(observing.code == 1 && observing.err.contains("misplaced-key"), "{}", observing.err);
}

/// What is proposed to a policy repository stands on a branch of it, with all files that it is made of.
#[test]
fn a_proposal_to_a_policy_repository_is_tried_on_a_change_and_on_history() {
    let free = "version: 1\nrules: [{ name: free, when: { gains: {} }, allow: true }]\n";
    let repository = policies(&[("countersign.yml", free)]);
    put(repository.path(), "countersign.yml", "version: 1\ninclude: [rules.yml]\n");
    put(repository.path(), "rules.yml", &format!("version: 1\n{PEOPLE}{RULE}"));
    git(repository.path(), &["checkout", "-q", "-b", "proposed"]);
    git(repository.path(), &["add", "-A"]);
    git(repository.path(), &["commit", "-qm", "security approves"]);
    let from = |name: &'static str| ["--policy-repository", repository.path().to_str().unwrap(), "--policy-ref", name].map(str::to_owned);
    let tool = |arguments: &[&str], from: [String; 4], directory: &Path| {
        let from: Vec<&str> = from.iter().map(String::as_str).collect();
        let said = run(directory, &[&["policy"], arguments, &from, &["--no-cache", "--format", "json"]].concat());
        assert_eq!(said.code, 0, "{}", said.err);
        serde_json::from_str::<Value>(&said.out).unwrap()
    };

    let change = change(&[]);
    let simulated = tool(&["simulate", "--base", "base", "--head", "head", "--suppose-ref", "proposed"], from("main"), change.path());
    assert_eq!((&simulated["before"]["outcome"], &simulated["after"]["outcome"]), (&"authorized".into(), &"waiting for approval".into()));

    let judged = policies(&[("role.yaml", &role("get"))]);
    put(judged.path(), "role.yaml", &role("get, list"));
    git(judged.path(), &["commit", "-qam", "more"]);
    for (name, outcome) in [("main", "authorized"), ("proposed", "waiting for approval")] {
        let replayed = tool(&["replay"], from(name), judged.path());
        assert_eq!(replayed["policy"], "policy:countersign.yml");
        let outcomes: Vec<&Value> = replayed["changes"].as_array().unwrap().iter().map(|change| &change["outcome"]).collect();
        assert_eq!(outcomes, [outcome, outcome], "{name}");
        assert!(replayed["assumed"].to_string().contains("what a policy repository asked then is not known"));
    }
}

#[test]
fn policy_check_looks_at_every_directory_and_says_what_has_no_effect() {
    let directory = change(&[
        ("countersign.yml", &policy("")),
        ("teams/countersign.yml", "version: 1\nrules: [{ name: free, when: { gains: {} }, allow: true }]\n"),
    ]);
    let Said { code, out, err } = run(&directory.path().join("base"), &["policy", "check"]);
    assert_eq!(code, 0, "{out}{err}");
    for text in [
        "warning[allow-without-effect]: this lifts nothing",
        "teams/countersign.yml:2:51",
        "no rule is about edits of `teams/countersign.yml`",
    ] {
        assert!(out.contains(text), "`{text}` is not in {out}");
    }
}

const WINDOWS: &str = "version: 1
windows:
  unless-holiday: { zone: UTC, otherwise: open, calendars: [{ file: holidays.ics, means: closed }] }
rules:
  - { name: production rests on holidays, when: { gains: {} }, require: { window: unless-holiday } }
";

const HOLIDAYS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261126\r\nDTEND;VALUE=DATE:20261127\r\n\
                        SUMMARY:Thanksgiving\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

const OF_WINDOWS: [(&str, &str); 3] =
    [("countersign.yml", "version: 1\ninclude: [a/windows.yml]\n"), ("a/windows.yml", WINDOWS), ("holidays.ics", HOLIDAYS)];

/// The files of which the policy is made, and the gate's own that are edited.
fn files_of(said: &Said) -> (Vec<String>, Vec<String>) {
    let report: Value = serde_json::from_str(&said.out).unwrap();
    let texts = |list: &Value| list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
    let files = report["evidence"]["policyFiles"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned());
    (files.collect(), texts(&report["edited"]))
}

/// THREATS 4, 13: the holiday is that of the base, and whoever takes it away edits the gate.
#[test]
fn a_calendar_that_an_included_file_names_closes_as_one_that_the_policy_names() {
    let directory = change(&OF_WINDOWS);
    let at = |instant: &str| check(directory.path(), &["--at", instant, "--format", "json"]);
    assert_eq!(at("2026-11-25T12:00:00Z").code, 0);
    assert_eq!(at("2026-11-26T12:00:00Z").code, 12);
    put(&directory.path().join("head"), "holidays.ics", &HOLIDAYS.replace("202611", "202511"));
    let edited = at("2026-11-26T12:00:00Z");
    assert!(edited.code == 10 && edited.out.contains("`unless-holiday` is closed for `Thanksgiving`"), "{}", edited.out);
    let (files, edits) = files_of(&edited);
    assert_eq!(
        (files, edits),
        (vec!["countersign.yml".into(), "a/windows.yml".into(), "holidays.ics".into()], vec!["holidays.ics".into()])
    );
    closed(&OF_WINDOWS[..2], &["there is no calendar `holidays.ics`", "a/windows.yml:3:"]);
    closed(&[OF_WINDOWS[0], OF_WINDOWS[1], ("holidays.ics", "BEGIN:VCALENDAR\r\n")], &["holidays.ics:1:1"]);
}

#[test]
fn the_calendars_of_a_policy_repository_are_read_there() {
    let repository = policies(&OF_WINDOWS);
    let directory = change(&[]);
    put(&directory.path().join("head"), "holidays.ics", "something else");
    let named = ["--policy-repository", repository.path().to_str().unwrap(), "--policy-ref", "main", "--format", "json"];
    let said = check(directory.path(), &[&named[..], &["--at", "2026-11-26T12:00:00Z"]].concat());
    assert_eq!(said.code, 12, "{}", said.err);
    let (files, edits) = files_of(&said);
    assert_eq!(files, ["policy:countersign.yml", "policy:a/windows.yml", "policy:holidays.ics"]);
    assert_eq!(edits, [""; 0]);
}

/// What lets changes pass without the rules, and what all rules depend on, is said where everybody looks.
#[test]
fn break_glass_and_windows_stand_where_they_are_looked_for() {
    let glass = "version: 1\nbreak-glass: { requested-by: [security], approvals: [{ from: security }], scope: {}, longest: 4h, \
                 review: { from: security, within: 3d } }\n";
    closed(
        &[("countersign.yml", &policy("include: [a.yml]")), ("a.yml", glass)],
        &["error[misplaced-key]: a file that is included says `break-glass`", "a.yml:2:1", "move it there"],
    );
    for (key, text) in [("break-glass", glass), ("windows", WINDOWS)] {
        let told = format!("error[misplaced-key]: `{key}` is for the policy of the whole repository to say");
        closed(&[("countersign.yml", &policy("")), ("teams/countersign.yml", text)], &[&told, "teams/countersign.yml:", "move it there"]);
    }
    let twin = "version: 1\nrules: [{ name: break-glass, when: { gains: {} }, allow: true }]\n";
    closed(&[("countersign.yml", &policy("")), ("teams/countersign.yml", twin)], &["`break-glass` is what the key of that name asks"]);
}

/// Whoever asks about a policy is told of the one that decides.
#[test]
fn every_tool_reads_what_check_reads() {
    let cases = "version: 1\ntests:\n  - { name: it is forbidden here, head: { teams/web/role.yaml: { file: teams/web/role.yaml } }, \
                 expect: denied, because: [never] }\n";
    let files = [
        ("countersign.yml", format!("version: 1\ninclude: [rules.yml]\n{PEOPLE}")),
        ("rules.yml", format!("version: 1\n{RULE}")),
        ("teams/countersign.yml", "version: 1\nrules: [{ name: never, when: { gains: {} }, deny: not here }]\n".to_owned()),
        ("countersign.tests.yml", cases.to_owned()),
        ("teams/web/role.yaml", role("get")),
    ];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    let directory = change(&files);
    assert!(check(directory.path(), &[]).out.contains("not here"));

    let tested = run(&directory.path().join("base"), &["policy", "test"]);
    assert_eq!(tested.code, 0, "{}{}", tested.out, tested.err);

    let simulated = ["policy", "simulate", "--no-cache", "--base", "base", "--head", "head", "--approve", "bob", "--format", "json"];
    let report: Value = serde_json::from_str(&run(directory.path(), &simulated).out).unwrap();
    assert_eq!((&report["before"]["outcome"], &report["after"]["outcome"]), (&"denied".into(), &"denied".into()));

    let repository = policies(&files);
    let replay = ["policy", "replay", "--no-cache", "--since", "2020-01-01", "--format", "json"];
    let replayed = run(repository.path(), &replay);
    let report: Value = serde_json::from_str(&replayed.out).unwrap_or_else(|_| panic!("{}", replayed.err));
    assert_eq!(report["outcomes"]["denied"], 1, "{}", replayed.out);

    let explained = run(&change(&OF_WINDOWS).path().join("base"), &["window", "explain", "--at", "2026-11-26T12:00:00Z"]);
    assert!(explained.out.contains("Thanksgiving"), "{}{}", explained.out, explained.err);
}

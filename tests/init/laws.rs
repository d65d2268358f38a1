//! What holds wherever `init` is run.

use super::fixture::{Place, run_in};
use std::fs;

const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: r, namespace: n }\nrules: []\n";

#[test]
fn in_a_directory_that_is_no_repository_it_writes_and_says_so() {
    let place = Place::directory();
    place.write("rbac/role.yaml", ROLE);
    let said = place.init(&["--forge", "github"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("as they lie there: nothing is committed"), "{}", said.out);
    assert!(place.files().contains_key("countersign.yml"));
}

#[test]
fn in_a_repository_without_a_commit_it_looks_at_what_lies_there() {
    let place = Place::unborn();
    place.write("rbac/role.yaml", ROLE);
    let said = place.init(&["--forge", "github"]);
    assert!(said.code == 0 && said.out.contains("kubernetes-rbac: 1 file"), "{}{}", said.out, said.err);
}

#[test]
fn in_an_empty_directory_it_writes_nothing_and_says_what_it_looked_for() {
    let place = Place::directory();
    let said = place.init(&[]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("no file that holds permissions") && said.out.contains("aws-iam"), "{}", said.out);
    assert!(place.files().is_empty());
    let shown = place.init(&["--dry-run"]);
    assert_eq!((shown.code, shown.out), (1, said.out), "nothing is what would be written");
    assert_eq!(place.init(&["--anyway"]).code, 0);
    assert_eq!(place.files().into_keys().collect::<Vec<_>>(), ["countersign.yml"], "nobody knows the forge");
}

#[test]
fn in_a_bare_repository_it_shows_what_it_cannot_write() {
    let (place, bare) = (Place::repository(&[("rbac/role.yaml", ROLE)]), Place::directory());
    bare.git(&["clone", "--quiet", "--bare", place.path().to_str().unwrap(), "bare.git"]);
    let before = bare.files();
    let said = bare.init(&["--repo", "bare.git", "--forge", "github"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("mode: observe") && said.out.contains("this repository is bare"), "{}", said.out);
    assert_eq!(bare.files(), before);
}

#[test]
fn below_the_root_of_a_work_tree_it_writes_at_the_root() {
    let place = Place::repository(&[("rbac/role.yaml", ROLE)]);
    let said = run_in(&place.path().join("rbac"), &["init", "--forge", "github"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(place.files().contains_key("countersign.yml") && !place.files().contains_key("rbac/countersign.yml"));
}

#[test]
fn what_is_only_shown_is_what_would_be_written() {
    let place = Place::repository(&[("rbac/role.yaml", ROLE)]);
    let shown = place.init(&["--dry-run", "--forge", "github"]);
    assert_eq!((shown.code, place.files().len()), (0, 1));
    place.init(&["--forge", "github"]);
    for path in ["countersign.yml", ".github/workflows/countersign.yml"] {
        let indented: Vec<String> = place.text(path).lines().map(|line| format!("    {line}")).collect();
        assert!(shown.out.contains(&indented.join("\n")), "{path}");
    }
}

#[test]
fn the_forge_is_told_by_files_and_else_by_the_remote() {
    for (file, remote, expected) in [
        (".github/dependabot.yml", None, Some(".github/workflows/countersign.yml")),
        (".gitlab-ci.yml", Some("git@github.com:acme/infra.git"), Some(".gitlab/countersign.yml")),
        ("README", Some("git@github.com:acme/infra.git"), Some(".github/workflows/countersign.yml")),
        ("README", Some("https://gitlab.example.com/acme/infra"), Some(".gitlab/countersign.yml")),
        ("README", Some("https://git.example.com/gitlab/infra"), None),
        ("README", None, None),
    ] {
        let place = Place::repository(&[("rbac/role.yaml", ROLE), (file, "")]);
        if let Some(url) = remote {
            place.git(&["remote", "add", "origin", url]);
        }
        let said = place.init(&[]);
        assert_eq!(said.code, 0);
        let pipeline = place.files().into_keys().find(|path| path.ends_with("/countersign.yml"));
        assert_eq!(pipeline.as_deref(), expected, "{file} {remote:?}");
        assert_eq!(said.out.contains("Name your forge"), expected.is_none(), "{}", said.out);
    }
}

#[test]
fn a_policy_in_the_other_place_is_the_policy() {
    let place = Place::repository(&[("rbac/role.yaml", ROLE), (".github/countersign.yml", "version: 1\n")]);
    let said = place.init(&[]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("Left alone, because it was there already:\n  .github/countersign.yml"), "{}", said.out);
    assert!(!place.files().contains_key("countersign.yml"), "two policies are an error");
}

#[test]
fn a_pipeline_that_runs_the_gate_already_is_the_pipeline() {
    let workflow = "on: pull_request\njobs: { x: { steps: [{ run: countersign check }] } }\n";
    let place = Place::repository(&[("rbac/role.yaml", ROLE), (".github/workflows/gate.yml", workflow)]);
    assert_eq!(place.init(&[]).code, 0);
    assert!(!place.files().contains_key(".github/workflows/countersign.yml"));
    assert!(place.text("countersign.yml").contains("\".github/workflows/gate.yml\""), "its edits are edits of the gate");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_and_nothing_is_left_behind() {
    let (place, outside) = (Place::repository(&[("rbac/role.yaml", ROLE)]), Place::directory());
    std::os::unix::fs::symlink(outside.path(), place.path().join(".github")).unwrap();
    let before = place.files();
    let said = place.init(&["--forge", "github"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("links are not followed; nothing was written"), "{}", said.err);
    assert!(outside.files().is_empty() && place.files() == before);
}

#[test]
fn names_that_are_made_to_be_read_as_something_else_reach_neither_the_policy_nor_the_terminal() {
    let evil = [
        "a\"b",
        "x: y",
        "{a,b}",
        "*",
        "[!a]",
        "# no",
        "a\nmode: enforce\n",
        "\u{1b}[2J",
        "\u{202e}x",
        "\u{85}mode: enforce",
        "'",
        "a b",
        "a\\b",
    ];
    let harmless = Place::directory();
    harmless.write("tests/x/role.yaml", ROLE);
    harmless.write("CODEOWNERS", "* @ok");
    assert_eq!(harmless.init(&["--forge", "github"]).code, 0);
    let harmless = harmless.text("countersign.yml");
    for name in evil {
        let place = Place::directory();
        for parent in ["clusters", "tests", "environments"] {
            place.write(&format!("{parent}/{name}/role.yaml"), ROLE);
            place.write(&format!("{name}/{parent}/x/role.yaml"), ROLE);
        }
        place.write("CODEOWNERS", "* @ok");
        let said = place.init(&["--forge", "github"]);
        assert_eq!(said.code, 0, "{name:?}: {}", said.err);
        assert!(!said.out.contains(['\u{1b}', '\u{202e}', '\u{85}']), "{name:?}");
        let policy = place.text("countersign.yml");
        assert_eq!(policy, harmless, "{name:?}");
        place.git(&["init", "--quiet"]);
        place.commit();
        let check = place.run(&["check", "--base", "HEAD", "--head", "HEAD"]);
        assert_eq!((check.code, check.err.as_str()), (0, ""), "{name:?}");
    }
}

#[test]
fn thousands_of_files_are_counted_and_not_listed() {
    let place = Place::directory();
    for number in 0..3_000 {
        place.write(&format!("clusters/c{}/role-{number}.yaml", number % 300), ROLE);
    }
    let said = place.init(&["--forge", "github"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("kubernetes-rbac: 3000 files") && said.out.lines().count() < 40, "{}", said.out);
    let policy = place.text("countersign.yml");
    assert!(policy.contains("200 more directories look like these") && policy.lines().count() < 300);
}

#[test]
fn a_repository_that_is_not_there_is_an_error() {
    let place = Place::directory();
    let said = place.init(&["--repo", "nowhere"]);
    assert!(said.code == 1 && said.err.contains("`nowhere` is not in a git repository"), "{}", said.err);
    assert!(fs::read_dir(place.path()).unwrap().next().is_none());
}

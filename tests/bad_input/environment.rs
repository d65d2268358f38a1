//! Surroundings that are missing, damaged or not ours to use. None of them changes an answer.

use super::place::{EVERYTHING, NOW, POLICY, Place, READ, Said, is_root};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// A role in one file and its binding in another, so that the index of what belongs together is used.
fn joined() -> Place {
    let place = Place::empty();
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules: [{apiGroups: [\"\"], resources: [pods], verbs: [VERB]}]\n";
    let binding = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}\nsubjects: [{kind: User, name: eve, apiGroup: rbac.authorization.k8s.io}]\n";
    place.git(".", &["init", "--quiet", "--initial-branch=main", "repo"]);
    for verb in ["get", "delete"] {
        place.write("repo/role.yaml", role.replace("VERB", verb));
        place.write("repo/binding.yaml", binding);
        place.git("repo", &["add", "--all"]);
        place.git("repo", &["commit", "--quiet", "--message=change"]);
    }
    place
}

const DIFF: [&str; 8] = ["diff", "--exit-code", "--repo", "repo", "--base", "HEAD~1", "--head", "HEAD"];

fn is_the_same(said: &Said, expected: &Said, when: &str) {
    assert_eq!((said.code, &said.out, said.err.as_str()), (expected.code, &expected.out, ""), "{when}");
}

#[test]
fn a_cache_that_is_damaged_or_cannot_be_kept_changes_nothing() {
    let place = joined();
    let expected = place.run(&[&DIFF[..], &["--no-cache"]].concat());
    assert_eq!(expected.code, 10);
    assert!(expected.out.contains("eve"), "{}", expected.out);
    let cache = place.path("home/.cache/countersign/join-keys");
    is_the_same(&place.run(&DIFF), &expected, "the first time");
    let whole = fs::read(&cache).unwrap();
    let mut flipped = whole.clone();
    flipped[60] ^= 1;
    let other_version = [b"countersign idx9", &whole[16..]].concat();
    let damaged: [(&str, &[u8]); 5] = [
        ("empty", b""),
        ("garbage", b"garbage"),
        ("cut off", &whole[..whole.len() / 2]),
        ("flipped", &flipped),
        ("of another version", &other_version),
    ];
    for (when, bytes) in damaged {
        fs::write(&cache, bytes).unwrap();
        is_the_same(&place.run(&DIFF), &expected, when);
        assert_eq!(fs::read(&cache).unwrap(), whole, "it is mended when it is {when}");
    }
    fs::remove_file(&cache).unwrap();
    fs::create_dir(&cache).unwrap();
    is_the_same(&place.run(&DIFF), &expected, "a directory stands there");
    fs::remove_dir(&cache).unwrap();
    place.pipe("home/.cache/countersign/join-keys");
    is_the_same(&place.run(&DIFF), &expected, "a pipe stands there");
}

#[test]
fn without_a_home_or_with_one_that_is_no_directory_nothing_changes() {
    let place = joined();
    let expected = place.run(&[&DIFF[..], &["--no-cache"]].concat());
    is_the_same(&place.finish(place.command(&DIFF).env_remove("HOME")), &expected, "no home");
    for home in ["", "relative", "/dev/null", "/proc", "/nowhere/at/all"] {
        is_the_same(&place.finish(place.command(&DIFF).env("HOME", home)), &expected, home);
        is_the_same(&place.finish(place.command(&DIFF).env("XDG_CACHE_HOME", home)), &expected, home);
    }
    is_the_same(&place.finish(place.command(&DIFF).env("XDG_CACHE_HOME", "/dev/full")), &expected, "a full disk");
    let limited = place.shell(&format!("ulimit -f 0; countersign {}", DIFF.join(" ")));
    is_the_same(&limited, &expected, "past the limit of `ulimit -f`");
}

/// Runs as somebody whom permissions stop: as nobody, if this is root.
fn as_somebody(place: &Place, arguments: &[&str]) -> Option<Said> {
    if !is_root() {
        return Some(place.run(arguments));
    }
    let binary = place.path("countersign-copy");
    // By another process: a file that this one writes may be held open by a child of another test, and then it cannot be run.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_countersign")).arg(&binary).status().unwrap();
    assert!(copied.success());
    fs::set_permissions(place.path("."), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&binary).args(arguments).current_dir(place.path("."));
    let may = Command::new("setpriv").args(["--reuid=65534", "--regid=65534", "--clear-groups", "true"]).status();
    may.is_ok_and(|status| status.success()).then(|| place.finish(&mut command))
}

fn forbid(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
}

#[test]
fn what_may_not_be_read_closes_the_gate() {
    let place = Place::empty();
    for side in ["base", "head"] {
        place.write(&format!("{side}/countersign.yml"), POLICY);
        place.write(&format!("{side}/open/a.json"), READ);
        place.write(&format!("{side}/shut/a.json"), READ);
        place.write(&format!("{side}/b.json"), READ);
    }
    place.write("head/b.json", EVERYTHING);
    place.write("facts.yml", super::place::FACTS);
    let mut catalogue = super::catalogue::Catalogue::default();
    let check = ["check", "--base", "base", "--head", "head", "--at", NOW];
    for (what, path) in [
        ("a file of the head", "head/b.json"),
        ("a directory of the head", "head/shut"),
        ("the head", "head"),
        ("the policy", "base/countersign.yml"),
        ("the facts", "facts.yml"),
    ] {
        let mode = fs::metadata(place.path(path)).unwrap().permissions();
        forbid(&place.path(path));
        let Some(said) = as_somebody(&place, &[&check[..], &["--facts", "facts.yml"]].concat()) else {
            eprintln!("skipped: root may read everything, and there is no `setpriv` to be somebody else");
            return;
        };
        assert!(matches!(said.code, 1 | 10..=13), "{what}: {said:?}");
        catalogue.add(what, &said);
        fs::set_permissions(place.path(path), mode).unwrap();
    }
    super::catalogue::holds!("forbidden", catalogue);
}

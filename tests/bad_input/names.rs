//! Names that would be taken for something else by whoever shows them.

use super::catalogue::{Catalogue, holds};
use super::place::{EVERYTHING, NOW, POLICY, Place, READ};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

const NAMES: [(&str, &[u8]); 5] = [
    ("a line break and a workflow command", b"a\n::error::b.json"),
    ("a colour and a cleared screen", b"a\x1b[2J\x1b[32m.json"),
    ("a turned reading direction", "a\u{202e}nosj.json".as_bytes()),
    ("bytes that are not UTF-8", b"caf\xe9.json"),
    ("HTML, a mention and a link", b"<img src=x>@team[x](javascript:x)`.json"),
];

#[test]
fn a_path_is_shown_so_that_it_is_taken_for_nothing_else() {
    let mut catalogue = Catalogue::default();
    for (what, name) in NAMES {
        let place = Place::empty();
        for (side, content) in [("base", READ), ("head", EVERYTHING)] {
            place.write(&format!("{side}/countersign.yml"), POLICY);
            fs::write(place.path(side).join(OsStr::from_bytes(name)), content).unwrap();
        }
        let said = place.diff("base", "head");
        assert!(matches!(said.code, 10 | 13), "{what}: {said:?}");
        catalogue.add(what, &said);
    }
    holds!("names", catalogue);
}

#[test]
fn a_revision_with_such_names_is_read_like_a_directory() {
    let place = Place::empty();
    place.git(".", &["init", "--quiet", "--initial-branch=main", "repo"]);
    for content in [READ, EVERYTHING] {
        for (_, name) in NAMES {
            fs::write(place.path("repo").join(OsStr::from_bytes(name)), content).unwrap();
        }
        place.git("repo", &["add", "--all"]);
        place.git("repo", &["commit", "--quiet", "--message=change"]);
    }
    let said = place.run(&["diff", "--exit-code", "--repo", "repo", "--base", "HEAD~1", "--head", "HEAD"]);
    assert_eq!(said.code, 13, "{said:?}");
    assert!(said.out.contains("a\\u{a}::error::b.json") && said.out.contains("a\\u{1b}[2J"), "{}", said.out);
}

#[test]
fn what_a_policy_and_facts_say_is_shown_so_that_it_is_taken_for_nothing_else() {
    let place = Place::new();
    place.write("policy.yml", POLICY.replace("from: security", "from: \"sec\\n::error::x\\e[2J\\u202e\""));
    place.write("bad.yml", "author: {id: 1, login: \"a\\n::error::x\"}\nauthor-kind: \"u\\n::error::x\\e[2J\"\n");
    let mut catalogue = Catalogue::default();
    catalogue.add("a policy", &place.check(&["--policy", "policy.yml"]));
    catalogue.add("facts", &place.check(&["--facts", "bad.yml"]));
    catalogue.add("a path", &place.check(&["--", "a\n::error::b"]));
    catalogue.add("a revision", &place.run(&["check", "--base", "a\n::error::b", "--head", "head", "--at", NOW]));
    catalogue.add("an instant", &place.run(&["check", "--base", "base", "--head", "head", "--at=a\n::error::b"]));
    holds!("names-elsewhere", catalogue);
}

//! Files that moved.

use crate::fixture::{Place, summary};
use std::fmt::Write;

fn policy(lines: usize, mark: &str) -> String {
    (0..lines).fold(String::new(), |mut text, line| {
        writeln!(text, "a line of some length, number {line} {mark}").unwrap();
        text
    })
}

fn moved(before: &[(&str, &str)], after: &[(&str, &str)], paths: &[&str]) -> Vec<String> {
    let place = Place::repository();
    for (path, text) in before {
        place.write(&format!("repo/{path}"), text);
    }
    place.commit();
    for (path, _) in before {
        place.remove(&format!("repo/{path}"));
    }
    for (path, text) in after {
        place.write(&format!("repo/{path}"), text);
    }
    place.commit();
    summary(&place.changed_in("HEAD~1", "HEAD", paths))
}

#[test]
fn a_file_that_moved_unchanged_is_one_pair() {
    let text = policy(3, "");
    assert_eq!(moved(&[("a/x.json", &text)], &[("b/y.json", &text)], &[]), ["R a/x.json > b/y.json"]);
}

#[test]
fn a_file_that_moved_and_was_edited_is_one_pair_while_half_of_it_is_the_same() {
    let text = policy(10, "");
    let edited = policy(6, "") + &policy(4, "new");
    let other = policy(4, "") + &policy(6, "new");
    assert_eq!(moved(&[("x.json", &text)], &[("y.json", &edited)], &[]), ["R x.json > y.json"]);
    assert_eq!(moved(&[("x.json", &text)], &[("y.json", &other)], &[]), ["D x.json", "A y.json"]);
}

#[test]
fn of_several_files_with_the_same_content_those_of_one_name_belong_together() {
    let text = policy(3, "");
    let before = [("a/one.json", &*text), ("a/two.json", &text)];
    let after = [("b/two.json", &*text), ("c/one.json", &text), ("c/three.json", &text)];
    assert_eq!(moved(&before, &after, &[]), ["R a/two.json > b/two.json", "R a/one.json > c/one.json", "A c/three.json"]);
}

#[test]
fn the_most_similar_files_belong_together() {
    let (text, close, far) = (policy(10, ""), policy(9, "") + "x\n", policy(6, "") + &policy(4, "far"));
    assert_eq!(moved(&[("x", &text)], &[("close", &close), ("far", &far)], &[]), ["R x > close", "A far"]);
    assert_eq!(moved(&[("close", &close), ("far", &far)], &[("x", &text)], &[]), ["D far", "R close > x"]);
}

#[test]
fn empty_files_are_nobodys_rename() {
    assert_eq!(moved(&[("a", "")], &[("b", "")], &[]), ["D a", "A b"]);
}

#[test]
fn a_copy_is_an_addition() {
    let text = policy(3, "");
    assert_eq!(moved(&[("a", &text)], &[("a", &text), ("b", &text)], &[]), ["A b"]);
}

#[test]
fn a_pair_is_in_when_either_of_its_paths_is_asked_for() {
    let (text, edited) = (policy(10, ""), policy(8, "") + "new\n");
    for after in [&text, &edited] {
        for paths in [&["iam"][..], &["elsewhere"], &["*.txt"]] {
            assert_eq!(moved(&[("iam/x.json", &text)], &[("elsewhere/x.txt", after)], paths), ["R iam/x.json > elsewhere/x.txt"]);
        }
        assert_eq!(moved(&[("iam/x.json", &text)], &[("elsewhere/x.txt", after)], &["k8s"]), [""; 0]);
    }
}

#[test]
fn what_some_paths_show_is_a_part_of_what_all_paths_show() {
    let text = policy(3, "");
    let before = [("out/a.json", &*text), ("out/b.json", &text)];
    let after = [("iam/d.json", &*text), ("out/c.json", &text)];
    assert_eq!(moved(&before, &after, &[]), ["R out/a.json > iam/d.json", "R out/b.json > out/c.json"]);
    assert_eq!(moved(&before, &after, &["iam"]), ["R out/a.json > iam/d.json"]);
}

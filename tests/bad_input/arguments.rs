//! Arguments that are mistakes. They are told before anything is read.

use super::catalogue::{Catalogue, holds};
use super::place::Place;

#[test]
fn a_mistake_in_the_arguments_is_told_with_what_was_probably_meant() {
    let mut catalogue = Catalogue::default();
    let place = Place::new();
    let sides = ["--base", "base", "--head", "head"];
    let with = |more: &[&'static str]| [&["diff"], &sides[..], more].concat();
    let lines: Vec<Vec<&str>> = vec![
        vec![],
        vec!["dif"],
        vec!["diff"],
        vec!["diff", "--base"],
        vec!["diff", "--base", "--head", "head"],
        vec!["diff", "--base", "base"],
        vec!["diff", "--bsae", "base", "--head", "head"],
        vec!["diff", "--base", "-x", "--head", "head"],
        vec!["diff", "--base=-x", "--head", "head"],
        vec!["diff", "--base", "", "--head", "head"],
        vec!["diff", "--base", "base", "--base", "base", "--head", "head"],
        vec!["diff", "base", "head"],
        with(&["--format", "xml"]),
        with(&["--as", "aws"]),
        with(&["--max-file-size", "-1"]),
        with(&["--max-depth", "many"]),
        with(&["--max-nodes", "99999999999999999999"]),
        with(&["--output"]),
        with(&["--output", ""]),
        vec!["check", "--base", "base", "--head", "head", "--at", "tomorrow"],
        vec!["check", "--base", "base", "--head", "head", "--at", "2026-11-25"],
        vec!["check", "--base", "base", "--head", "head", "--at", "2026-11-25T12:00:00"],
        vec!["check", "--base", "base", "--head", "head", "--at", "2026-02-30T12:00:00Z"],
    ];
    for line in lines {
        let said = place.run(&line);
        let is_empty = line.contains(&"") && !line.contains(&"--output");
        assert_eq!((said.code, said.out.as_str()), (if is_empty { 1 } else { 2 }, ""), "{line:?}: {said:?}");
        catalogue.add(&format!("countersign {}", line.join(" ")), &said);
    }
    holds!("arguments", catalogue);
}

#[test]
fn a_path_that_names_nothing_is_an_error_and_never_an_empty_change() {
    let mut catalogue = Catalogue::default();
    let place = Place::new();
    for path in ["nowhere.json", "../base", "/etc", "a[", "{a", ":(glob)a", ""] {
        let said = place.check(&["--", path]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{path}: {said:?}");
        catalogue.add(&format!("-- {path}"), &said);
    }
    holds!("arguments-paths", catalogue);
}

#[test]
fn the_same_side_twice_changes_nothing() {
    let place = Place::new();
    let said = place.run(&["check", "--base", "head", "--head", "head"]);
    assert_eq!((said.code, said.out.lines().next()), (0, Some("No access changed.")));
}

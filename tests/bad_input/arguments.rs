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
        vec!["explain", "1"],
        vec!["explain", "1", "2", "--base", "base", "--head", "head"],
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
fn a_part_that_is_not_there_is_told_with_those_that_are() {
    let mut catalogue = Catalogue::default();
    let place = Place::new();
    for (base, parts) in
        [("base", ["0", "2", "-1", "99999999999999999999", "abc", "ffff", "1.0", "\u{202e}1", ""].as_slice()), ("head", &["1"])]
    {
        for part in parts {
            let said = place.run(&["explain", "--base", base, "--head", "head", part]);
            assert_eq!(said.out, "", "{part}: {said:?}");
            assert_eq!(said.code, if part.starts_with('-') { 2 } else { 1 }, "{part}: {said:?}");
            catalogue.add(&format!("countersign explain {part} --base {base}"), &said);
        }
    }
    holds!("explain", catalogue);
}

#[test]
fn the_same_side_twice_changes_nothing() {
    let place = Place::new();
    let said = place.run(&["check", "--base", "head", "--head", "head"]);
    assert_eq!((said.code, said.out.lines().next()), (0, Some("No access changed.")));
}

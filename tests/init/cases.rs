//! The directories of cases, and what holds in each of them.

use super::fixture::{Place, files};
use super::pipelines::template;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const UPDATE: &str = "UPDATE_EXPECT=1 cargo test --test init";

fn cases() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/init");
    let mut cases: Vec<PathBuf> = fs::read_dir(here).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

/// The case's files in a repository of their own.
fn place(case: &Path) -> Place {
    let place = Place::unborn();
    for (path, bytes) in files(&case.join("repository")) {
        place.write(&path, std::str::from_utf8(&bytes).unwrap());
    }
    place.commit();
    place
}

fn arguments(case: &Path) -> Vec<String> {
    let text = fs::read_to_string(case.join("arguments.txt")).unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

fn init(place: &Place, case: &Path) -> (String, i32) {
    let arguments = arguments(case);
    let said = place.init(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(said.err, "", "{}", case.display());
    (said.out, said.code)
}

/// The text and the exit code, and every file that was not there before and is made for the repository.
fn said(case: &Path) -> BTreeMap<String, String> {
    let place = place(case);
    let before = place.files();
    let (text, code) = init(&place, case);
    let mut said = BTreeMap::from([("text.txt".to_owned(), format!("{text}(exit code {code})\n"))]);
    for (path, bytes) in place.files() {
        match before.get(&path) {
            Some(old) => assert_eq!(*old, bytes, "{}: {path} was there before", case.display()),
            None if path == ".gitlab-ci.yml" || path == "countersign.yml" => {
                said.insert(format!("files/{path}"), String::from_utf8(bytes).unwrap());
            }
            // The rest is the same everywhere, and read where it stands.
            None => assert!(super::pipelines::TEMPLATES.iter().any(|name| template(name).as_bytes() == bytes), "{path} is no template"),
        }
    }
    said
}

#[test]
fn what_is_written_and_said_is_what_somebody_has_read() {
    for case in cases() {
        let (expected, said) = (case.join("expected"), said(&case));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            let _ = fs::remove_dir_all(&expected);
            for (path, text) in &said {
                fs::create_dir_all(expected.join(path).parent().unwrap()).unwrap();
                fs::write(expected.join(path), text).unwrap();
            }
        }
        let read: BTreeMap<String, String> =
            files(&expected).into_iter().map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect();
        assert!(read == said, "{}: `expected/` is not what is said; if this is right, write it with `{UPDATE}`", case.display());
    }
}

#[test]
fn what_is_written_judges_the_change_that_brings_it_and_stops_nobody() {
    for case in cases().iter().filter(|case| case.join("expected/files/countersign.yml").is_file()) {
        let place = place(case);
        init(&place, case);
        place.commit();
        for arguments in
            [["--base", "HEAD~1", "--head", "HEAD", "--policy", "countersign.yml"].as_slice(), &["--base", "HEAD", "--head", "HEAD"]]
        {
            let said = place.run(&[&["check"], arguments].concat());
            assert_eq!((said.code, said.err.as_str()), (0, ""), "{}: {}", case.display(), said.out);
            assert!(said.out.contains("Decision: observed:"), "{}: {}", case.display(), said.out);
            assert!(!said.out.contains("no rule is about"), "{}: {}", case.display(), said.out);
        }
    }
}

#[test]
fn a_second_run_changes_nothing_whether_the_first_is_committed_or_not() {
    for case in cases() {
        let place = place(&case);
        let (_, code) = init(&place, &case);
        let once = place.files();
        let (_, uncommitted) = init(&place, &case);
        assert_eq!((place.files(), uncommitted), (once.clone(), code), "{}", case.display());
        place.commit();
        let (_, committed) = init(&place, &case);
        assert_eq!((place.files(), committed), (once, code), "{}", case.display());
    }
}

#[test]
fn every_file_that_is_written_ends_with_a_line_end() {
    for case in cases() {
        for (path, text) in said(&case) {
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{}: {path}", case.display());
        }
    }
}

#[test]
fn the_policy_that_we_publish_is_the_one_for_a_repository_without_files() {
    let published = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/starter.yml")).unwrap();
    let case = cases().into_iter().find(|case| case.ends_with("an-empty-repository-gets-the-policy-that-we-publish")).unwrap();
    let written = fs::read_to_string(case.join("expected/files/countersign.yml")).unwrap();
    assert_eq!(published, written, "copy {}/expected/files/countersign.yml to policies/starter.yml", case.display());
}

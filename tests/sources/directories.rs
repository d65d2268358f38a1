//! Directories, single files, and a directory beside a revision.

use crate::fixture::{Place, summary};
use countersign::world::repository::{ContentId, Limits, Reading, Sides};

fn two_directories() -> Place {
    let place = Place::new();
    place.write("before/a.json", "1");
    place.write("before/sub/same.json", "same");
    place.write("before/sub/gone.json", "gone");
    place.write("after/a.json", "2");
    place.write("after/sub/same.json", "same");
    place.write("after/b/new.json", "new");
    place
}

fn changed(place: &Place, base: &str, head: &str) -> Vec<String> {
    summary(&place.changed(&place.text(base), &place.text(head)))
}

#[test]
fn two_directories_are_compared_without_any_repository() {
    let place = two_directories();
    assert_eq!(changed(&place, "before", "after"), ["M a.json", "A b/new.json", "D sub/gone.json"]);
    assert_eq!(changed(&place, "after", "after/"), [""; 0]);
}

#[test]
fn files_of_one_size_and_many_chunks_are_compared_to_the_last_byte() {
    let place = Place::new();
    let mut bytes = vec![b'x'; 200_000];
    place.write("before/a", &bytes);
    place.write("after/a", &bytes);
    assert_eq!(changed(&place, "before", "after"), [""; 0]);
    bytes[199_999] = b'y';
    place.write("after/a", &bytes);
    assert_eq!(changed(&place, "before", "after"), ["M a"]);
}

#[test]
fn the_directory_of_git_itself_is_no_content() {
    let place = two_directories();
    place.write("after/.git/config", "[core]");
    place.write("after/b/.git", "gitdir: elsewhere");
    assert_eq!(changed(&place, "before", "after"), ["M a.json", "A b/new.json", "D sub/gone.json"]);
}

#[test]
fn paths_limit_what_is_compared_in_directories_too() {
    let place = two_directories();
    let changed = place.changed_in(&place.text("before"), &place.text("after"), &["sub", "typo"]);
    assert_eq!(summary(&changed), ["D sub/gone.json"]);
    assert_eq!(changed.unmatched, ["typo"]);
}

#[test]
fn a_directory_is_compared_with_a_revision_by_the_ids_that_git_would_give() {
    for options in [&[][..], &["--object-format=sha256"]] {
        let place = Place::repository_with(options);
        place.write("repo/a.json", "1");
        place.write("repo/sub/same.json", "same");
        place.commit();
        place.write("repo/a.json", "2");
        place.write("repo/untracked.json", "3");
        let changed = place.changed("HEAD", &place.text("repo"));
        assert_eq!(summary(&changed), ["M a.json", "A untracked.json"]);
        let id = changed.files[0].head.as_ref().unwrap().id.to_string();
        assert_eq!(id, place.git(&["hash-object", "a.json"]));
        assert_eq!(summary(&place.changed(&place.text("repo"), "HEAD")), ["M a.json", "D untracked.json"]);
    }
}

#[test]
fn a_file_that_moved_between_directories_unchanged_is_a_rename() {
    let place = two_directories();
    place.write("after/b/moved.json", "gone");
    assert_eq!(changed(&place, "before", "after"), ["M a.json", "R sub/gone.json > b/moved.json", "A b/new.json"]);
}

#[test]
fn a_file_that_turned_into_a_directory_went_and_the_new_files_came() {
    let place = Place::new();
    place.write("before/a", "1");
    place.write("after/a/b", "2");
    assert_eq!(changed(&place, "before", "after"), ["D a", "A a/b"]);
}

#[test]
fn two_single_files_are_one_file_under_the_name_it_has_now() {
    let place = Place::new();
    place.write("old.json", "1");
    place.write("new.json", "2");
    let changed = place.changed(&place.text("old.json"), &place.text("new.json"));
    assert_eq!(summary(&changed), [format!("M {}", place.text("new.json"))]);
    assert_eq!(changed.files[0].base.as_ref().unwrap().id, ContentId::of(b"1"));
    place.write("new.json", "1");
    assert_eq!(summary(&place.changed(&place.text("old.json"), &place.text("new.json"))), [""; 0]);
}

#[test]
fn a_single_file_beside_nothing_came_or_went() {
    let place = Place::new();
    place.write("new.json", "2");
    let new = place.text("new.json");
    assert_eq!(summary(&place.changed("/dev/null", &new)), [format!("A {new}")]);
    assert_eq!(summary(&place.changed(&new, "/dev/null")), [format!("D {new}")]);
}

#[test]
fn a_single_file_beside_a_directory_or_revision_is_refused() {
    let place = Place::repository();
    place.write("repo/a.json", "1");
    place.commit();
    let (file, directory) = (place.text("repo/a.json"), place.text("repo"));
    let expected = |other: &str| format!("`{file}` is a single file and `{other}` is not; compare a file with a file");
    assert_eq!(place.error("HEAD", &file), expected("HEAD"));
    assert_eq!(place.error(&file, &directory), expected(&directory));
}

#[test]
fn a_directory_lists_and_reads_its_files_by_path_and_nothing_outside() {
    let place = two_directories();
    place.write("secret", "outside");
    let sides = place.sides(&place.text("before"), &place.text("after")).unwrap();
    let entries = sides.base().list().unwrap();
    let paths: Vec<_> = entries.iter().map(|entry| &*entry.path).collect();
    assert_eq!(paths, ["a.json", "sub/gone.json", "sub/same.json"]);
    let Reading::Content(content) = sides.base().read("sub/same.json").unwrap() else { panic!("not read") };
    assert_eq!((content.bytes.as_slice(), content.id), (&b"same"[..], ContentId::of(b"same")));
    for absent in ["sub", "nothing", "", "../secret", "sub/../a.json", "/etc/passwd", "a.json/b", &place.text("secret")] {
        assert!(matches!(sides.base().read(absent).unwrap(), Reading::Absent), "{absent}");
    }
}

#[cfg(unix)]
#[test]
fn a_directory_that_is_a_link_is_not_gone_through() {
    let place = two_directories();
    place.write("outside/secret.json", "secret");
    std::os::unix::fs::symlink(place.path("outside"), place.path("before/linked")).unwrap();
    let sides = place.sides(&place.text("before"), &place.text("after")).unwrap();
    assert!(matches!(sides.base().read("linked/secret.json").unwrap(), Reading::Absent));
    assert!(sides.base().list().unwrap().iter().all(|entry| !entry.path.contains("secret")));
}

#[test]
fn more_files_than_the_bound_are_an_error() {
    let place = two_directories();
    let limits = Limits { entries: 2, ..Limits::default() };
    let sides = Sides::open(&place.text("before"), &place.text("after"), &place.path("."), limits).unwrap();
    let error = sides.changed(&[]).unwrap_err().to_string();
    assert_eq!(error, "the comparison holds more than 2 entries; limit it with paths, or raise the bound");
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    let place = two_directories();
    let missing = place.text("nowhere/");
    assert_eq!(place.error(&place.text("before"), &missing), format!("cannot read `{missing}`; check that it exists and may be read"));
}

//! Outputs that cannot be written. A decision that nobody can read is an error, and half of one is never left.

use super::catalogue::{Catalogue, holds};
use super::place::{Place, Said, is_root};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Everything in the place, to see that nothing was left behind.
fn files(place: &Place) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(place.path(".")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn write_to(place: &Place, path: &str) -> Said {
    place.run(&["diff", "--base", "base", "--head", "head", "--output", path])
}

#[test]
fn an_output_that_cannot_be_written_is_an_error_and_leaves_nothing_behind() {
    let place = Place::new();
    place.write("read-only.txt", "before");
    fs::set_permissions(place.path("read-only.txt"), fs::Permissions::from_mode(0o400)).unwrap();
    place.link("loop", "loop");
    let before = files(&place);
    let mut catalogue = Catalogue::default();
    let long = "x".repeat(300);
    for path in ["/dev/full", "nowhere/out.txt", "base", "/", "out.txt/", "facts.yml/out.txt", "read-only.txt", "..", &long] {
        let said = write_to(&place, path);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{path}: {said:?}");
        catalogue.add(&format!("--output {path}"), &said);
    }
    assert_eq!(files(&place), before);
    assert_eq!(fs::read_to_string(place.path("read-only.txt")).unwrap(), "before");
    holds!("output", catalogue);
}

#[test]
fn a_full_disk_is_an_error_and_leaves_the_file_that_was_there() {
    let place = Place::new();
    place.write("out.txt", "before");
    let before = files(&place);
    let mut catalogue = Catalogue::default();
    let check = "check --base base --head head --facts facts.yml";
    for (what, line) in [
        ("standard output on a full disk", format!("countersign {check} >/dev/full")),
        ("a file past the limit of `ulimit -f`", format!("ulimit -f 0; countersign {check} --output out.txt")),
        ("standard output past the limit of `ulimit -f`", format!("ulimit -f 0; countersign {check} >other.txt")),
    ] {
        let said = place.shell(&line);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{what}: {said:?}");
        catalogue.add(what, &said);
    }
    assert_eq!(fs::read_to_string(place.path("out.txt")).unwrap(), "before");
    fs::remove_file(place.path("other.txt")).unwrap();
    assert_eq!(files(&place), before);
    holds!("output-full", catalogue);
}

#[test]
fn a_file_system_without_room_is_an_error_and_leaves_the_file_that_was_there() {
    let place = Place::new();
    // A name space of its own, so that nothing is mounted for anybody else.
    let script = "mkdir small && mount -t tmpfs -o size=4k none small && echo before > small/out.txt && \
                  { countersign diff --base base --head head --format json --output small/out.txt; code=$?; cat small/out.txt; ls -A small; exit $code; }";
    if !is_root() || place.shell("unshare --mount true").code != 0 {
        eprintln!("skipped: only root can make a file system of its own");
        return;
    }
    let said = place.shell(&format!("export -f countersign; unshare --mount bash -c '{script}'"));
    assert_eq!((said.code, said.out.as_str()), (1, "before\nout.txt\n"), "{said:?}");
    assert_eq!(said.err, "error: cannot write `small/out.txt`: no space left on device\n");
}

#[test]
fn an_output_that_was_closed_changes_no_exit_code() {
    let place = Place::new();
    let check = "countersign check --base base --head head --facts facts.yml";
    for line in [format!("{check} >&-"), format!("{check} 2>&-"), format!("{check} >&- 2>&- <&-")] {
        assert_eq!(place.shell(&line).code, 11, "{line}");
    }
    for line in [format!("{check} | true; exit ${{PIPESTATUS[0]}}"), format!("{check} | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}")] {
        let said = place.shell(&line);
        assert_eq!((said.code, said.err.as_str()), (11, ""), "{line}");
    }
    for end in ["2>&-", "2>/dev/full", "2>&1 | true; exit ${PIPESTATUS[0]}"] {
        let line = format!("countersign check --base base --head nowhere/ {end}");
        assert_eq!(place.shell(&line).code, 1, "{line}");
    }
}

#[test]
fn an_output_replaces_a_link_and_never_writes_through_one() {
    let place = Place::new();
    place.write("secret.txt", "before");
    place.link("secret.txt", "out.txt");
    assert_eq!(write_to(&place, "out.txt").code, 0);
    assert_eq!(fs::read_to_string(place.path("secret.txt")).unwrap(), "before");
    assert!(fs::symlink_metadata(place.path("out.txt")).unwrap().is_file());
}

#[test]
fn an_output_can_be_read_by_whoever_could_read_the_one_before() {
    let place = Place::new();
    place.write("out.txt", "before");
    fs::set_permissions(place.path("out.txt"), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(write_to(&place, "out.txt").code, 0);
    assert_eq!(fs::metadata(place.path("out.txt")).unwrap().permissions().mode() & 0o777, 0o600);
}

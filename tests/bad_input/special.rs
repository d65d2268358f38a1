//! What is no file: links, directories, pipes, devices, files of the kernel; as a side, as the policy, as the facts.

use super::catalogue::{Catalogue, holds};
use super::place::{EVERYTHING, FACTS, POLICY, Place};
use std::fs;
use std::thread;

#[test]
fn what_is_no_file_is_no_policy_and_no_facts() {
    let place = Place::new();
    place.link("loop", "loop");
    place.link("nothing", "dangling");
    let mut catalogue = Catalogue::default();
    for option in ["--policy", "--facts"] {
        for path in
            ["nowhere.yml", "nowhere/x.yml", "loop", "dangling", "base", "facts.yml/x", "-", "/dev/null", "/dev/zero", "/proc/self/mem"]
        {
            let said = place.check(&[option, path]);
            assert_eq!((said.code, said.out.as_str()), (1, ""), "{path}: {said:?}");
            catalogue.add(&format!("{option} {path}"), &said);
        }
    }
    holds!("special", catalogue);
}

#[test]
fn a_link_and_standard_input_that_the_user_names_are_read() {
    let place = Place::new();
    place.write("elsewhere/policy.yml", POLICY);
    place.link("elsewhere/policy.yml", "policy.yml");
    let said = place.check(&["--policy", "policy.yml", "--facts", "facts.yml"]);
    assert_eq!(said.code, 11, "{said:?}");
    let said = place.shell("set -o pipefail; cat facts.yml | countersign check --base base --head head --facts /dev/stdin");
    assert_eq!(said.code, 11, "{said:?}");
    let said = place.shell("countersign diff --exit-code --base <(cat base/a.json) --head <(cat head/a.json)");
    assert_eq!(said.code, 10, "{said:?}");
}

#[test]
fn a_pipe_that_the_user_names_is_read_to_its_end() {
    let place = Place::new();
    place.pipe("facts.pipe");
    let pipe = place.path("facts.pipe");
    let writer = thread::spawn(move || fs::write(pipe, FACTS).unwrap());
    assert_eq!(place.check(&["--facts", "facts.pipe"]).code, 11);
    writer.join().unwrap();
}

#[test]
fn a_side_that_is_no_file_and_no_directory_is_told() {
    let place = Place::new();
    place.link("loop", "loop");
    place.link("nothing", "dangling");
    let mut catalogue = Catalogue::default();
    let paths = ["nowhere.json", "./nowhere.json", "loop", "./loop", "dangling", "-", "/dev/zero", "/proc/self/mem", "facts.yml"];
    for path in paths {
        let said = place.diff("base/a.json", path);
        assert_ne!(said.code, 10, "{path}: {said:?}");
        catalogue.add(&format!("--head {path}"), &said);
    }
    holds!("special-sides", catalogue);
}

#[test]
fn links_pipes_and_sockets_in_a_directory_are_named_and_never_followed() {
    let place = Place::new();
    place.write("outside/b.json", EVERYTHING);
    let _socket = std::os::unix::net::UnixListener::bind(place.path("head/socket.json")).unwrap();
    place.link("../outside/b.json", "head/out.json");
    place.link("../outside", "head/directory");
    place.link("loop.json", "head/loop.json");
    place.link("/etc/passwd", "head/absolute.json");
    place.pipe("head/pipe.json");
    let said = place.diff("base", "head");
    assert_eq!(said.code, 13, "{said:?}");
    let mut catalogue = Catalogue::default();
    catalogue.add("links, a pipe and a socket in the head", &said);
    holds!("special-in-a-directory", catalogue);
}

#[test]
fn a_file_that_no_format_knows_is_not_passed_over_when_it_is_named() {
    let place = Place::empty();
    place.write("a.txt", "one");
    place.write("b.txt", "two");
    let mut catalogue = Catalogue::default();
    catalogue.add("two files of an unknown kind", &place.diff("a.txt", "b.txt"));
    catalogue.add("the same twice", &place.diff("a.txt", "a.txt"));
    holds!("special-unknown", catalogue);
}

#[test]
fn directories_in_directories_without_end_are_an_error() {
    let place = Place::new();
    // From the inside out: no path could name the last one.
    fs::create_dir(place.path("deep")).unwrap();
    for _ in 0..10_000 {
        fs::create_dir(place.path("around")).unwrap();
        fs::rename(place.path("deep"), place.path("around/d")).unwrap();
        fs::rename(place.path("around"), place.path("deep")).unwrap();
    }
    let said = place.diff("base", "deep");
    let mut catalogue = Catalogue::default();
    catalogue.add("10,000 levels of directories", &said);
    assert_eq!(place.shell("rm -rf deep").code, 0);
    holds!("special-deep", catalogue);
}

//! The house keeps its walls: which room may import which, and who may touch the world.
//!
//! The tables below are ours to change, in a commit that says why.

#![expect(clippy::expect_used, reason = "a source tree that cannot be read ends the test")]

mod mentions;
mod rules;

use rules::{Reserved, Room, Rules};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms and what each may import, in an order in which a room names only rooms above it.
const ROOMS: &[Room] = &[
    Room { name: "document", imports: &[] },
    Room { name: "diagnostic", imports: &["document"] },
    Room { name: "access", imports: &[] },
    Room { name: "systems", imports: &["access", "diagnostic", "document"] },
    Room { name: "formats", imports: &["document", "diagnostic", "systems"] },
    Room { name: "change", imports: &["access", "systems", "document"] },
    Room { name: "proposal", imports: &["document", "diagnostic", "change"] },
    Room { name: "policy", imports: &["diagnostic", "document", "access", "systems", "change", "proposal"] },
    Room { name: "attestation", imports: &["document", "access", "systems", "change", "proposal", "policy"] },
    Room { name: "ledger", imports: &["attestation"] },
    Room { name: "audit", imports: &["access", "systems", "ledger", "attestation", "policy", "change"] },
    Room { name: "report", imports: ABOVE_REPORT },
    Room { name: "world", imports: MEANING },
    Room { name: "gate", imports: MEANING_AND_WORLD },
    Room { name: "cli", imports: &["gate", "world"] },
    Room { name: "main", imports: &["gate", "world", "cli"] },
    Room { name: "lib", imports: &[] },
];

/// Whatever can be told.
const ABOVE_REPORT: &[&str] =
    &["document", "diagnostic", "access", "systems", "formats", "change", "proposal", "policy", "attestation", "ledger", "audit"];

/// The rooms without IO and without a clock.
const MEANING: &[&str] =
    &["document", "diagnostic", "access", "systems", "formats", "change", "proposal", "policy", "report", "attestation", "ledger", "audit"];

const MEANING_AND_WORLD: &[&str] = &[
    "document",
    "diagnostic",
    "access",
    "systems",
    "formats",
    "change",
    "proposal",
    "policy",
    "report",
    "attestation",
    "ledger",
    "audit",
    "world",
];

/// What not everyone may name. Code under `cfg(test)` may: a test reads its own files.
const RESERVED: &[Reserved] = &[
    Reserved {
        paths: &["octocrab", "gitlab", "reqwest", "tokio", "sigstore*", "gix*"],
        only: &["world"],
        why: "the world's types stay behind its ports",
    },
    Reserved {
        paths: &["std::fs", "std::env", "std::process", "std::net", "std::os"],
        only: &["world"],
        why: "meaning is pure: what it needs is handed to it",
    },
    Reserved { paths: &["std::process::ExitCode"], only: &["world", "cli", "main"], why: "an exit code is said at the very end" },
    Reserved {
        paths: &["std::time::SystemTime", "std::time::Instant", "chrono::Utc::now", "chrono::Local", "chrono::offset"],
        only: &["world"],
        why: "time is an input: `now` is read once, and handed on",
    },
    Reserved {
        paths: &[
            ".canonicalize",
            ".exists",
            ".try_exists",
            ".is_file",
            ".is_dir",
            ".is_symlink",
            ".symlink_metadata",
            ".read_dir",
            ".read_link",
        ],
        only: &["world"],
        why: "these methods of a path look at the file system",
    },
    Reserved { paths: &["clap*"], only: &["cli", "main"], why: "arguments are read at the door" },
    Reserved { paths: &["include!", "#[path]"], only: &[], why: "where a file stands says which room it is in" },
];

/// The rooms whose files are plugged in side by side and never import each other.
const HALLS: &[&str] = &["systems", "formats"];

fn rules(files: &[&str]) -> Rules {
    Rules::new(ROOMS, RESERVED, HALLS, files.iter().copied())
}

#[test]
fn every_room_imports_only_what_its_row_says() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files: Vec<(String, String)> = rust_files(&source).iter().map(|path| read(&source, path)).collect();
    let rules = Rules::new(ROOMS, RESERVED, HALLS, files.iter().map(|(path, _)| path.as_str()));
    let violations = rules.violations(&files);
    assert!(
        violations.is_empty(),
        "{}\n\nThe tables in tests/architecture/main.rs can be changed, in a commit that says why.",
        violations.join("\n")
    );
}

#[test]
fn the_table_has_no_cycle() {
    for (index, room) in ROOMS.iter().enumerate() {
        let above = || ROOMS.iter().take(index).map(|room| room.name);
        let strangers: Vec<_> = room.imports.iter().filter(|import| !above().any(|name| name == **import)).collect();
        assert!(strangers.is_empty(), "{} imports {strangers:?}, which the table does not name above it", room.name);
    }
}

#[test]
fn the_guide_shows_the_same_table() {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("CONTRIBUTING.md")).expect("the guide is there");
    let mut above = Vec::new();
    for room in ROOMS.iter().filter(|room| room.name != "lib") {
        let start = format!("| {} | ", room.name);
        let row = guide.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default();
        let mut shown = named(row, &above);
        let mut imports = room.imports.to_vec();
        shown.sort_unstable();
        imports.sort_unstable();
        assert_eq!(shown, imports, "the row of `{}` in CONTRIBUTING.md", room.name);
        above.push(room.name);
    }
}

/// The rooms that a row of the guide names; a remark stands behind a semicolon or in brackets.
fn named<'a>(row: &'a str, above: &[&'a str]) -> Vec<&'a str> {
    let rooms = row.split([';', '(', '|']).next().unwrap_or_default().trim();
    match rooms {
        "nothing of ours" => Vec::new(),
        "every room above it" => above.to_vec(),
        _ => rooms.split(", ").collect(),
    }
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("src can be listed").map(|entry| entry.expect("src can be listed").path());
    let files = entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// A file's path below src, with `/`, and its text.
fn read(source: &Path, path: &Path) -> (String, String) {
    let below = path.strip_prefix(source).expect("a file of src").to_string_lossy().replace('\\', "/");
    (below, fs::read_to_string(path).expect("a source file is text"))
}

/// What the rules say about one file of a small house.
fn said(path: &str, text: &str) -> Vec<String> {
    let files = [path, "systems/mod.rs", "systems/aws/mod.rs", "systems/kubernetes.rs", "formats/mod.rs", "formats/gitlab.rs"];
    rules(&files).violations(&[(path.to_owned(), text.to_owned())])
}

#[track_caller]
fn fine(path: &str, text: &str) {
    assert_eq!(said(path, text), Vec::<String>::new(), "{path}: {text}");
}

#[track_caller]
fn refused(path: &str, text: &str, because: &str) {
    let said = said(path, text);
    assert!(said.iter().any(|line| line.contains(because)), "{path}: {text}\nshould be refused with `{because}`, but: {said:?}");
}

#[test]
fn an_import_that_the_row_allows_is_fine() {
    fine("policy/mod.rs", "use crate::{change::{Change, Delta}, proposal};\nfn f(p: proposal::Proposal) { crate::document::parse() }");
    fine("diagnostic.rs", "use crate::document::Place;");
    fine("gate/check.rs", "use crate::{world::Forge, policy};");
    fine("main.rs", "use clap::Parser; use countersign::{cli, gate, world}; use std::process::ExitCode;");
}

#[test]
fn a_violation_names_file_line_import_and_what_is_allowed() {
    assert_eq!(
        said("proposal.rs", "\nuse crate::policy::Rule;"),
        ["src/proposal.rs:2: `proposal` imports `crate::policy::Rule`, but it may import only `document`, `diagnostic`, `change`"]
    );
}

#[test]
fn an_import_is_found_however_it_is_written() {
    for text in [
        "use crate::gate::run;",
        "use crate::{document::Place, gate::run};",
        "use crate::{document, gate as g};",
        "pub use super::super::gate::run;",
        "fn f() { crate::gate::run() }",
        "fn f(x: crate::gate::Case) {}",
        "fn f() { use crate::gate; gate::run() }",
        "fn f() { println!(\"{}\", crate::gate::run()) }",
        "macro_rules! m { () => { $crate::gate::run() } }",
        "impl crate::gate::Trait for X {}",
        "#[derive(crate::gate::Derive)] struct X;",
        "#[serde(with = \"crate::gate::text\")] struct X;",
        "mod inner { use super::super::super::gate::run; }",
        "#[cfg(test)] mod tests { use crate::gate::run; }",
        "use countersign::gate::run;",
    ] {
        refused("policy/windows.rs", text, "crate::gate");
    }
}

#[test]
fn super_inside_the_room_is_the_room() {
    fine("policy/windows.rs", "use super::Rule; mod tests { use super::super::Rule; use super::*; }");
    fine("policy/windows/ics.rs", "use super::super::Rule;");
}

#[test]
fn the_root_of_the_crate_is_no_way_around() {
    for text in [
        "use crate as c;",
        "use crate::*;",
        "use super::super::*;",
        "use crate::{self as c};",
        "use crate::somewhere::X;",
        "fn f() { crate::VERSION }",
    ] {
        refused("policy/windows.rs", text, "no room");
    }
    fine("policy/windows.rs", "pub(crate) fn f() {} pub(in crate::policy) fn g() {}");
}

#[test]
fn systems_and_formats_never_import_each_other() {
    refused("systems/aws/mod.rs", "use crate::systems::kubernetes::Rules;", "side by side");
    refused("systems/aws/mod.rs", "use super::kubernetes;", "side by side");
    refused("systems/aws/mod.rs", "use super::*;", "side by side");
    refused("systems/aws/mod.rs", "use crate::systems; fn f() { systems::kubernetes::read() }", "side by side");
    refused("formats/plan.rs", "use crate::formats::gitlab::read;", "side by side");
    fine("systems/aws/mod.rs", "use crate::systems::System; use self::notation::parse; mod notation; mod tests { use super::*; }");
    fine("systems/mod.rs", "mod aws; mod kubernetes; pub use aws::Aws; use kubernetes::Kubernetes;");
    fine("formats/plan.rs", "use crate::systems::aws::Grant;");
}

#[test]
fn the_world_is_named_only_in_world() {
    for text in [
        "use std::fs;",
        "use std::{fmt, fs::File};",
        "use std as s; fn f() { s::fs::read(\"x\") }",
        "extern crate std as s;",
        "use std::*;",
        "use ::std::env;",
        "extern crate gix;",
        "use gix::Repository;",
        "use gix_hash::ObjectId;",
        "use sigstore_verify::Verifier;",
        "fn f() { std::env::var(\"X\") }",
        "fn f() { assert!(std::env::var(\"X\").is_ok()) }",
        "use std::time::Instant;",
        "use std::time::{Duration, SystemTime};",
        "use std::time; fn f() { time::Instant::now() }",
        "use chrono::{DateTime, Utc}; fn f() { Utc::now() }",
        "fn f() { chrono::Utc::now() }",
        "use chrono::Local;",
        "use chrono::prelude::*; fn f() { Utc::now() }",
        "use std::process::ExitCode;",
        "use clap::Parser;",
        "fn f(p: &Path) -> bool { p.exists() }",
        "fn f(p: &Path) { assert!(p.is_file()) }",
        "#[cfg(not(test))] use std::fs;",
        "#[cfg(any(test, unix))] use std::fs;",
    ] {
        refused("policy/windows.rs", text, "only");
    }
    for text in ["use std::fs; use gix::Repository; use std::time::Instant;", "fn f(p: &Path) -> bool { p.exists() }"] {
        fine("world/repository.rs", text);
    }
    fine(
        "policy/windows.rs",
        "use chrono::{DateTime, Utc}; use std::time::Duration; use std::{fmt, sync::Arc}; fn f(fs: u8, gix: u8) { g(gix, fs) }",
    );
    fine("cli/check.rs", "use clap::Args; use std::process::ExitCode;");
}

#[test]
fn a_test_may_read_its_own_files() {
    for text in [
        "#[cfg(test)] mod tests { use std::fs; fn f() { std::env::var(\"X\") } }",
        "#[cfg(all(test, unix))] mod tests { use std::fs; }",
        "#[cfg(test)] use std::fs;",
        "#[test] fn t() { std::fs::read(\"x\") }",
        "#![cfg(test)] use std::fs;",
    ] {
        fine("policy/windows.rs", text);
    }
}

#[test]
fn a_test_module_in_its_own_file_is_a_test() {
    let files =
        [("policy/mod.rs".to_owned(), "#[cfg(test)] mod tests;".to_owned()), ("policy/tests.rs".to_owned(), "use std::fs;".to_owned())];
    assert_eq!(rules(&["policy/mod.rs", "policy/tests.rs"]).violations(&files), Vec::<String>::new());
}

#[test]
fn a_module_of_ours_with_a_crates_name_is_ours() {
    fine("formats/mod.rs", "mod gitlab; pub const ALL: &[Format] = &[gitlab::FORMAT];");
}

#[test]
fn a_file_without_a_row_is_refused() {
    refused("helpers/strings.rs", "", "src/helpers/strings.rs: `helpers` is no room");
    refused("util.rs", "", "`util` is no room");
}

#[test]
fn a_file_cannot_be_brought_in_from_elsewhere() {
    refused("policy/mod.rs", "#[path = \"../gate/mod.rs\"] mod gate;", "#[path]");
    refused("policy/mod.rs", "include!(\"../gate/mod.rs\");", "include!");
    fine("policy/mod.rs", "const SCHEMA: &str = include_str!(\"schema.json\");");
}

#[test]
fn a_file_that_does_not_parse_is_refused() {
    refused("policy/mod.rs", "fn {", "src/policy/mod.rs:1: does not parse");
}

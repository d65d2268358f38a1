//! The ledger, by the binary: in a directory and in a ref, with many writers, stopped writers, and somebody who alters it.

use crate::place::{OPEN, Place};
use crate::said::Said;
use serde_json::{Value, json};
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

const LEDGERS: [&str; 2] = ["ledger", "refs/countersign/ledger"];

fn record(place: &Place, ledger: &str) -> Said {
    place.attest(&["--at", OPEN, "--key", "key.pem", "--unverified-facts", "--ledger", ledger])
}

fn verify(place: &Place, ledger: &str, more: &[&str]) -> Said {
    let arguments = ["ledger", "verify", "--repo", "repo", "--ledger", ledger, "--key", "key.pub", "--unverified-facts"];
    place.run(&[&arguments[..], more].concat())
}

/// A writer in the background, whose bundles go to a directory of its own.
fn writer(place: &Place, ledger: &str, number: usize) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.current_dir(place.root()).args([
        "attest",
        "--no-cache",
        "--repo",
        "repo",
        "--base",
        "main",
        "--head",
        "HEAD",
        "--facts",
        "facts.yml",
    ]);
    command.args(["--at", OPEN, "--key", "key.pem", "--unverified-facts", "--ledger", ledger, "--output-dir", &format!("out/{number}")]);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn records_are_a_chain_that_each_signature_names_its_place_in() {
    for ledger in LEDGERS {
        let place = Place::new();
        for _ in 0..3 {
            record(&place, ledger).says(0, &["authorized"]);
        }
        let said = verify(&place, ledger, &["--format", "json"]);
        let report: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!((said.code, &report["verified"], &report["entries"], &report["anchored"]), (0, &json!(true), &json!(3), &json!(false)));
        let tip = report["tip"].as_str().unwrap().to_owned();
        verify(&place, ledger, &["--anchor", &tip]).says(0, &["The ledger is verified: 3 entries"]);
        verify(&place, ledger, &[]).says(0, &["not that nothing was left off its end"]);
        let run = &place.statement("authorization.sigstore.json")["predicate"]["gateRun"];
        assert_eq!(run["sequence"], 3, "{ledger}");
        record(&place, ledger).says(0, &[]);
        verify(&place, ledger, &["--anchor", &tip]).says(0, &["4 entries"]);
        verify(&place, ledger, &["--anchor", "sha256:00"]).says(10, &["its end was left off, or it is another ledger"]);
        let unsigned = ["ledger", "verify", "--repo", "repo", "--ledger", ledger, "--unverified-facts"];
        place.run(&unsigned).says(10, &["entry 1: bundle: it was signed with a key"]);
    }
}

#[test]
fn where_nothing_is_kept_nothing_is_verified() {
    let place = Place::new();
    for ledger in LEDGERS {
        verify(&place, ledger, &[]).says(10, &["0 entries", "it is another place, or all of it was taken away"]);
    }
    place.write("strange/notes.txt", "mine");
    record(&place, "strange").says(1, &["is no entry of a ledger"]);
    place.git(&["update-ref", "refs/countersign/other", "HEAD"]);
    record(&place, "refs/countersign/other").says(1, &["holds no ledger: a commit of it has no `entry`"]);
}

#[test]
fn twenty_writers_at_once_make_one_chain() {
    for ledger in LEDGERS {
        let place = Place::new();
        let writers: Vec<Child> = (0..20).map(|number| writer(&place, ledger, number)).collect();
        for writer in writers {
            let output = writer.wait_with_output().unwrap();
            assert!(output.status.success(), "{ledger}: {}", String::from_utf8_lossy(&output.stderr));
        }
        verify(&place, ledger, &[]).says(0, &["The ledger is verified: 20 entries"]);
    }
}

#[test]
fn a_writer_that_is_killed_leaves_a_whole_chain_to_which_the_next_one_adds() {
    for ledger in LEDGERS {
        let place = Place::new();
        #[expect(clippy::disallowed_methods, reason = "where a writer is killed hangs on how long one takes here")]
        let start = Instant::now();
        record(&place, ledger).says(0, &["authorized"]);
        let whole = start.elapsed();
        for number in 0..30 {
            let mut killed = writer(&place, ledger, number);
            // From before anything is read until after everything is written.
            sleep(whole * u32::try_from(number).unwrap() / 20);
            killed.kill().unwrap();
            killed.wait().unwrap();
        }
        verify(&place, ledger, &[]).says(0, &["The ledger is verified"]);
        // A lock of a ref that nobody holds any more is told, and taken away by hand as any of git's.
        let _ = fs::remove_file(place.path("repo/.git/refs/countersign/ledger.lock"));
        record(&place, ledger).says(0, &["authorized"]);
        verify(&place, ledger, &[]).says(0, &["The ledger is verified"]);
    }
}

#[test]
fn what_is_altered_dropped_or_moved_is_refused_at_its_entry() {
    let place = Place::new();
    for _ in 0..3 {
        record(&place, "ledger").says(0, &[]);
    }
    let entry = |number: u64| place.path(&format!("ledger/000000000/{number:012}"));
    let whole = fs::read(entry(2)).unwrap();
    let mut altered = whole.clone();
    altered[40] ^= 1;
    fs::write(entry(2), &altered).unwrap();
    verify(&place, "ledger", &[]).says(10, &["1 entry", "entry 2: chain: "]);
    fs::remove_file(entry(2)).unwrap();
    verify(&place, "ledger", &[]).says(10, &["entry 2: chain: entry 2 is missing or was moved: number 3 stands in its place"]);
    fs::copy(entry(1), entry(2)).unwrap();
    verify(&place, "ledger", &[]).says(10, &["number 1 stands in its place"]);
    fs::write(entry(2), whole).unwrap();
    verify(&place, "ledger", &[]).says(0, &["3 entries"]);
    fs::write(entry(3), "cut off").unwrap();
    verify(&place, "ledger", &[]).says(10, &["entry 3: chain: entry 3: it is cut off"]);
    record(&place, "ledger").says(1, &["the last entry of the ledger does not hold"]);
}

#[test]
fn what_is_no_file_is_no_entry_and_is_not_waited_for() {
    let place = Place::new();
    for _ in 0..2 {
        record(&place, "ledger").says(0, &[]);
    }
    let second = place.path("ledger/000000000/000000000002");
    let whole = fs::read(&second).unwrap();
    let second_is = |make: &dyn Fn()| {
        fs::remove_file(&second).unwrap();
        make();
        for arguments in [&["ledger", "verify", "--key", "key.pub"][..], &["lookup", "--no-cache"], &["ledger", "repair"]] {
            place.run(&[arguments, &["--ledger", "ledger"]].concat()).says(1, &["000000000002` is no entry of a ledger"]);
        }
        record(&place, "ledger").says(1, &["000000000002` is no entry of a ledger"]);
    };
    second_is(&|| assert!(Command::new("mkfifo").arg(&second).status().unwrap().success()));
    second_is(&|| std::os::unix::fs::symlink("/dev/zero", &second).unwrap());
    fs::remove_file(&second).unwrap();
    // An entry that stands on another shelf, and a name that is no number.
    for name in ["ledger/000000007/000000000002", "ledger/000000000/second"] {
        place.write(name, &String::from_utf8(whole.clone()).unwrap());
        verify(&place, "ledger", &[]).says(1, &["is no entry of a ledger"]);
        fs::remove_file(place.path(name)).unwrap();
    }
    fs::write(&second, whole).unwrap();
    verify(&place, "ledger", &[]).says(0, &["2 entries"]);
}

#[test]
fn what_git_would_show_in_the_place_of_an_entry_is_not_looked_at() {
    const LEDGER: &str = "refs/countersign/ledger";
    let place = Place::new();
    for _ in 0..3 {
        record(&place, LEDGER).says(0, &[]);
    }
    let commits = place.git(&["rev-list", LEDGER]);
    let commits: Vec<&str> = commits.lines().collect();
    place.git(&["replace", "--force", commits[1], commits[2]]);
    place.write("repo/.git/info/grafts", &format!("{}\n", commits[0]));
    verify(&place, LEDGER, &[]).says(0, &["3 entries"]);
    fs::remove_file(place.path("repo/.git/info/grafts")).unwrap();
    place.write("repo/.git/shallow", &format!("{}\n", commits[0]));
    verify(&place, LEDGER, &[]).says(0, &["3 entries"]);
    // Where the rest is really not there, that is an error and no shorter ledger.
    place.git(&["replace", "--delete", commits[1]]);
    fs::remove_file(place.path(&format!("repo/.git/objects/{}/{}", &commits[1][..2], &commits[1][2..]))).unwrap();
    verify(&place, LEDGER, &[]).says(1, &["cannot read the ledger"]);
    place.git(&["symbolic-ref", "refs/countersign/other", LEDGER]);
    verify(&place, "refs/countersign/other", &[]).says(1, &["it is a name for another ref"]);
}

#[test]
fn what_was_signed_for_another_place_is_refused_where_it_stands() {
    use countersign::ledger::{Entry, Tip};
    let place = Place::new();
    record(&place, "ledger").says(0, &[]);
    let first = fs::read(place.path("ledger/000000000/000000000001")).unwrap();
    let again = Tip::of(&first).unwrap().next(Entry::read(&first).unwrap().bundle);
    fs::write(place.path("ledger/000000000/000000000002"), again.bytes().unwrap()).unwrap();
    verify(&place, "ledger", &[]).says(10, &["entry 2: chain: entry 2 was signed for another place in the chain"]);
}

#[test]
fn what_is_signed_and_no_record_holds_no_place_in_the_chain() {
    use countersign::ledger::Tip;
    let place = Place::new();
    record(&place, "ledger").says(0, &[]);
    let first = fs::read(place.path("ledger/000000000/000000000001")).unwrap();
    // Anybody may put a summary there, as often as entries are to be missed.
    let summary = place.read("summary.sigstore.json");
    let filler = Tip::of(&first).unwrap().next(summary.trim_end().to_owned());
    fs::write(place.path("ledger/000000000/000000000002"), filler.bytes().unwrap()).unwrap();
    verify(&place, "ledger", &[]).says(10, &["entry 2: chain: it is no record of a decision"]);
}

#[test]
fn records_are_found_by_meaning_and_by_people() {
    let place = Place::new();
    record(&place, "ledger").says(0, &[]);
    let lookup = |more: &[&str]| place.run(&[&["lookup", "--ledger", "ledger"], more].concat());
    lookup(&["--action", "list"])
        .says(0, &["1 record; looked at the ledger (1).", "alice (1001)", "bob (1002)", "No signature was looked at"]);
    lookup(&["--action", "delete"]).says(0, &["No record; looked at the ledger (1)."]);
    lookup(&["--person", "1001", "--realm", "prod", "--change-request", "42"]).says(0, &["1 record"]);
    lookup(&["--approved-by", "alice"]).says(0, &["No record"]);
    lookup(&["--since", "2026-11-24T10:30:00Z", "--record", "authorization", "--format", "csv"])
        .says(0, &["foundIn,sequence,record", "ledger,1,authorization,acme/infrastructure,"]);
    let report: Value = serde_json::from_str(&lookup(&["--format", "json", "--overridden"]).out).unwrap();
    assert_eq!((&report["records"], &report["looked"]), (&json!([]), &json!([{"place": "the ledger", "records": 1}])));
    place.run(&["lookup", ".", "--person", "bob"]).says(0, &["2 records; looked at . (2)."]);
    place.run(&["ledger", "show", "--ledger", "ledger"]).says(0, &["ledger 1"]);
    place.run(&["lookup", "--person", "bob"]).says(2, &["--ledger"]);
}

#[test]
fn what_no_longer_holds_is_set_aside_with_a_record_and_the_ledger_goes_on() {
    for ledger in LEDGERS {
        let place = Place::new();
        for _ in 0..3 {
            record(&place, ledger).says(0, &[]);
        }
        let repair = || place.run(&["ledger", "repair", "--repo", "repo", "--ledger", ledger]);
        repair().says(0, &["Nothing is to be repaired: 3 entries."]);
        if ledger == "ledger" {
            let second = place.path("ledger/000000000/000000000002");
            let whole = fs::read(&second).unwrap();
            fs::write(&second, &whole[..whole.len() - 1]).unwrap();
        } else {
            // Another entry stands where the second was.
            let commits = place.git(&["rev-list", "--reverse", ledger]);
            let commits: Vec<&str> = commits.lines().collect();
            let tree = |commit: &str| format!("{commit}^{{tree}}");
            let moved = place.git(&["commit-tree", &tree(commits[2]), "-p", commits[0], "-m", "moved"]);
            let after = place.git(&["commit-tree", &tree(commits[2]), "-p", &moved, "-m", "moved"]);
            place.git(&["update-ref", ledger, &after]);
        }
        verify(&place, ledger, &[]).says(10, &["entry 2: chain: "]);
        repair().says(0, &["Set aside 2 entries to ", "The ledger has 1 entry."]);
        verify(&place, ledger, &[]).says(0, &["The ledger is verified: 1 entry"]);
        record(&place, ledger).says(0, &[]);
        verify(&place, ledger, &[]).says(0, &["2 entries"]);
        let told = if ledger == "ledger" {
            let aside = fs::read_dir(place.path("ledger/.quarantine")).unwrap().next().unwrap().unwrap().path();
            let mut names: Vec<_> = fs::read_dir(&aside).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            assert_eq!(names, ["000000000002", "000000000003", "record.json"]);
            fs::read_to_string(aside.join("record.json")).unwrap()
        } else {
            let aside = place.git(&["for-each-ref", "--format=%(refname)", "refs/countersign/quarantine"]);
            place.git(&["show", &format!("{aside}:record.json")])
        };
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!((&told["kept"], told["entries"].as_array().unwrap().len()), (&json!(1), 2), "{told}");
    }
}

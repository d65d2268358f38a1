//! A process that is ended at each of its writes, a disk that is full, and two clones that have both added to one ledger.

use crate::place::{OPEN, Place};
use crate::said::Said;
use countersign::world::clock::Stopwatch;
use std::fs;
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

const LEDGERS: [&str; 2] = ["ledger", "refs/countersign/ledger"];

/// More writes than these no run makes.
const MOST_WRITES: u32 = 2000;

fn record(place: &Place, ledger: &str) -> Said {
    place.attest(&["--at", OPEN, "--key", "key.pem", "--unverified-facts", "--ledger", ledger])
}

fn entries(place: &Place, ledger: &str) -> usize {
    let said = place.run(&[
        "ledger",
        "verify",
        "--repo",
        "repo",
        "--ledger",
        ledger,
        "--key",
        "key.pub",
        "--unverified-facts",
        "--format",
        "json",
    ]);
    assert_eq!(said.code, 0, "{ledger}: {}{}", said.out, said.err);
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    usize::try_from(report["entries"].as_u64().unwrap()).unwrap()
}

/// A run that attests, through a shell that may say something first.
fn run(place: &Place, ledger: &str, before: &str, environment: &[(&str, &str)]) -> Output {
    let binary = env!("CARGO_BIN_EXE_countersign");
    let script = format!(
        "{before} exec '{binary}' attest --no-cache --repo repo --base main --head HEAD --facts facts.yml --at {OPEN} --key key.pem --unverified-facts --ledger {ledger}"
    );
    let mut shell = Command::new("bash");
    shell.current_dir(place.root()).args(["-c", &script]).envs(environment.iter().copied());
    shell.output().unwrap()
}

/// What ends a process at one of its writes; a shared library that is loaded before the others.
fn stop(place: &Place) -> PathBuf {
    let library = place.path("stop.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/attestation/stop.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl").output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    library
}

/// A writer that was stopped while it held the ref leaves its lock. So that nobody waits here, it was a minute ago.
fn age_locks(place: &Place) {
    let lock = place.path("repo/.git/refs/countersign/ledger.lock");
    if let Ok(file) = fs::File::options().write(true).open(lock) {
        let then = file.metadata().unwrap().modified().unwrap() - Duration::from_mins(2);
        file.set_modified(then).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_ended_at_any_of_its_writes_leaves_a_whole_ledger_to_which_the_next_one_adds() {
    for ledger in LEDGERS {
        let place = Place::new();
        let library = stop(&place);
        record(&place, ledger).says(0, &[]);
        let (mut known, mut added_by_ended) = (1, 0);
        let mut at = 0;
        loop {
            at += 1;
            assert!(at < MOST_WRITES);
            let before = format!("export STOP_AT={at} LD_PRELOAD='{}';", library.display());
            let output = run(&place, ledger, &before, &[]);
            let now = entries(&place, ledger);
            age_locks(&place);
            if output.status.success() {
                assert_eq!(now, known + 1, "{ledger}: a run that ends well has added its record");
                break;
            }
            assert_eq!(
                output.status.code(),
                None,
                "{ledger}, write {at}: it was killed, and said {}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(now == known || now == known + 1, "{ledger}, write {at}: {now} entries after {known}");
            added_by_ended += now - known;
            known = now;
        }
        assert!(at > 5 && added_by_ended > 0, "{ledger}: {at} writes, {added_by_ended} of the runs had added theirs");
        record(&place, ledger).says(0, &["authorized"]);
        assert_eq!(entries(&place, ledger), known + 2);
    }
}

/// The same for the same, in every run.
fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn runs_that_are_killed_at_any_time_leave_a_whole_ledger() {
    // `COUNTERSIGN_KILLS=500` is for an afternoon, `COUNTERSIGN_SEED` has the moments of an earlier run again.
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let times = number("COUNTERSIGN_KILLS").unwrap_or(12);
    let seed = number("COUNTERSIGN_SEED").unwrap_or_else(|| RandomState::new().hash_one(0) >> 32);
    println!("COUNTERSIGN_SEED={seed} COUNTERSIGN_KILLS={times}");
    for ledger in LEDGERS {
        let place = Place::new();
        let began = Stopwatch::start();
        record(&place, ledger).says(0, &[]);
        let mut until_added = Duration::from_millis(u64::try_from(began.milliseconds()).unwrap());
        let (mut known, mut added_by_killed) = (1, 0);
        for round in 0..times {
            let binary = env!("CARGO_BIN_EXE_countersign");
            let mut command = Command::new(binary);
            command.current_dir(place.root()).args(["attest", "--no-cache", "--repo", "repo", "--base", "main", "--head", "HEAD"]);
            command.args(["--facts", "facts.yml", "--at", OPEN, "--key", "key.pem", "--unverified-facts", "--ledger", ledger]);
            let mut killed = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
            // About when a record comes to be there: later where it was not yet, however fast the machine is just now.
            let thousandths = 700 + hash(&(seed, round)) % 600;
            std::thread::sleep(until_added * u32::try_from(thousandths).unwrap() / 1000);
            killed.kill().unwrap();
            let is_whole = killed.wait().unwrap().success();
            let now = entries(&place, ledger);
            added_by_killed += u64::from(now > known && !is_whole);
            until_added = if now > known { until_added * 19 / 20 } else { until_added * 20 / 19 };
            assert!(now == known || now == known + 1, "{ledger}: {now} entries after {known}");
            known = now;
            age_locks(&place);
        }
        record(&place, ledger).says(0, &[]);
        assert_eq!(entries(&place, ledger), known + 1);
        println!("{ledger}: {times} runs, {known} records, {added_by_killed} of runs that were killed", known = known - 1);
    }
}

#[test]
fn a_full_disk_is_an_error_and_leaves_a_whole_ledger() {
    for ledger in LEDGERS {
        let place = Place::new();
        record(&place, ledger).says(0, &[]);
        // No file gets larger than this many KiB; a shell that ignores the signal has the system say that there is no room.
        for limit in [0, 1, 2] {
            let output = run(&place, ledger, &format!("trap '' XFSZ; ulimit -f {limit};"), &[]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            if !output.status.success() {
                assert_eq!(output.status.code(), Some(1), "{ledger}: {said}");
                assert!(said.contains("error") && said.to_lowercase().contains("file too large"), "{ledger}: {said}");
            }
            entries(&place, ledger);
        }
        let before = entries(&place, ledger);
        record(&place, ledger).says(0, &["authorized"]);
        assert_eq!(entries(&place, ledger), before + 1);
    }
}

#[test]
fn of_two_clones_that_both_added_one_is_refused_and_adds_again_after_the_other() {
    const LEDGER: &str = "refs/countersign/ledger";
    let place = Place::new();
    let git = |arguments: &[&str]| {
        let output = Command::new("git").current_dir(place.root()).args(arguments).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert!(git(&["clone", "--quiet", "--bare", "repo", "server"]).0);
    record(&place, LEDGER).says(0, &[]);
    let push = ["-C", "repo", "push", "--quiet", "../server", "refs/countersign/ledger"];
    assert!(git(&push).0);
    // Somebody else adds to it first.
    assert!(git(&["clone", "--quiet", "repo", "other"]).0);
    assert!(git(&["-C", "other", "fetch", "--quiet", "../server", "refs/countersign/ledger:refs/countersign/ledger"]).0);
    let other = ["attest", "--no-cache", "--repo", "other", "--base", "origin/main", "--head", "HEAD", "--facts", "facts.yml"];
    place.run(&[&other[..], &["--at", OPEN, "--key", "key.pem", "--unverified-facts", "--ledger", LEDGER]].concat()).says(0, &[]);
    record(&place, LEDGER).says(0, &[]);
    assert!(git(&["-C", "other", "push", "--quiet", "../server", "refs/countersign/ledger"]).0);
    let (was_taken, said) = git(&push);
    assert!(!was_taken && said.contains("rejected"), "{said}");
    // What the server has is taken, and the record is made again for the place after it.
    assert!(git(&["-C", "repo", "fetch", "--quiet", "--force", "../server", "refs/countersign/ledger:refs/countersign/ledger"]).0);
    record(&place, LEDGER).says(0, &[]);
    assert!(git(&push).0);
    assert_eq!(entries(&place, LEDGER), 3);
}

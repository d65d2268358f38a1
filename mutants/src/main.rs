//! Which mutants of a part of the crate no test notices: `cargo xtask mutants src/policy`.
//!
//! `cargo mutants` builds the crate again for each mutant, which takes days here. The mutants are its, as it lists them; we weave them all
//! into one copy of the crate, each behind a switch, build the tests once, note which mutants each test reaches, and run for each mutant
//! the tests that reach it.

mod copy;
mod list;
mod places;
mod tests;
mod weave;

use copy::{Copy, Unwoven};
use list::{Mutant, without_place};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use tests::{Outcome, Test};

const HELP: &str = "\
    cargo xtask mutants PATH [--survivors | --sample N SEED] [--quick SECONDS] [-- what is given to `cargo nextest list`]

PATH is a file or a directory of the library. `--survivors` asks again only about the mutants that the run before left alive, `--sample`
only about so many, which the seed picks. `--quick` asks only tests that take no longer, to ask the others about what they left alive.";

/// How long a test may take, where nobody says it.
const PATIENCE: Duration = Duration::from_mins(10);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut parts = arguments.splitn(2, |argument| *argument == "--");
    let (own, which) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let asked = own.split_first().and_then(|(path, options)| Some((path, asked(options)?)));
    let outcome = match asked {
        Some((path, (asked, patience))) => run(path, asked, patience, which),
        None => Err(HELP.to_owned()),
    };
    outcome.map_or_else(
        |failure| {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

/// What the options ask; none if they are no options.
fn asked<'a>(options: &[&'a str]) -> Option<(Asked<'a>, Duration)> {
    match options {
        [] => Some((Asked::All, PATIENCE)),
        ["--survivors", rest @ ..] => Some((Asked::Survivors, asked(rest)?.1)),
        ["--sample", number, seed, rest @ ..] => Some((Asked::Sample(number.parse().ok()?, seed), asked(rest)?.1)),
        ["--quick", seconds, rest @ ..] => Some((asked(rest)?.0, Duration::from_secs(seconds.parse().ok()?))),
        _ => None,
    }
}

/// Which mutants are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked<'a> {
    All,
    /// Those that the run before left alive.
    Survivors,
    /// So many, picked by this seed.
    Sample(usize, &'a str),
}

impl Asked<'_> {
    fn pick<'m>(self, mutants: &'m [Mutant], unwoven: &Unwoven, before: &BTreeSet<&str>) -> Vec<&'m Mutant> {
        let is_woven = |mutant: &&Mutant| !unwoven.unviable.contains(&mutant.id) && !unwoven.left_out.contains(&mutant.id);
        let mut woven: Vec<&Mutant> = mutants.iter().filter(is_woven).collect();
        match self {
            Self::All => {}
            Self::Survivors => woven.retain(|mutant| before.contains(without_place(&mutant.name).as_str())),
            Self::Sample(number, seed) => {
                woven.sort_by_key(|mutant| {
                    let mut hasher = DefaultHasher::new();
                    (seed, &mutant.name).hash(&mut hasher);
                    hasher.finish()
                });
                woven.truncate(number);
            }
        }
        woven
    }
}

fn run(path: &str, asked: Asked<'_>, patience: Duration, which: &[&str]) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the program stands in the repository")?;
    let place = root.join("target/mutants");
    let copy = Copy::make(root, &place)?;
    let mutants = listed(root, path)?;
    println!("{} mutants of {path}", mutants.len());
    let unwoven = copy.weave(&mutants)?;
    let tests = recorded(&copy, tests::list(&copy, which)?, &place, patience)?;
    let survivors = place.join("survivors.txt");
    let before = fs::read_to_string(&survivors).unwrap_or_default();
    let before: BTreeSet<&str> = before.lines().collect();
    let outcomes = judged(&copy, &tests, &asked.pick(&mutants, &unwoven, &before));
    let alive = mutants.iter().filter(|mutant| matches!(outcomes.get(&mutant.id), Some(Outcome::Survived | Outcome::Unreached)));
    let names: Vec<String> = alive.map(|mutant| without_place(&mutant.name)).collect();
    fs::write(&survivors, names.join("\n")).map_err(|error| error.to_string())?;
    report(&mutants, &unwoven, &outcomes);
    Ok(())
}

fn listed(root: &Path, path: &str) -> Result<Vec<Mutant>, String> {
    let glob = if Path::new(path).extension().is_some_and(|extension| extension == "rs") {
        path.to_owned()
    } else {
        format!("{}/**", path.trim_end_matches('/'))
    };
    let output = Command::new("cargo").args(["mutants", "--list", "--json", "--file", &glob]).current_dir(root).output();
    let output = output.map_err(|error| format!("cargo could not be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("{}\n`cargo install --locked cargo-mutants` installs it", String::from_utf8_lossy(&output.stderr)));
    }
    let text_of = |file: &str| fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"));
    list::read(&String::from_utf8_lossy(&output.stdout), text_of)
}

/// The tests that pass, with what they reach. Those that fail in the copy or take too long are named, and judge nothing.
fn recorded(copy: &Copy, tests: Vec<Test>, place: &Path, patience: Duration) -> Result<Vec<Test>, String> {
    let total = tests.len();
    let waiting = Mutex::new(tests);
    let next = || waiting.lock().ok()?.pop();
    let passed: Vec<Test> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers())
            .map(|worker| {
                let notes: PathBuf = place.join(format!("reached-{worker}.txt"));
                scope.spawn(move || {
                    let mut passed = Vec::new();
                    while let Some(test) = next() {
                        let name = test.name().to_owned();
                        match test.recorded(copy, &notes, patience) {
                            Some(test) => passed.push(test),
                            None => println!("fails or takes too long without any mutant, and judges nothing: {name}"),
                        }
                    }
                    passed
                })
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    });
    println!("{} of {total} tests pass", passed.len());
    if passed.is_empty() { Err("no test passes".to_owned()) } else { Ok(passed) }
}

fn judged(copy: &Copy, tests: &[Test], mutants: &[&Mutant]) -> BTreeMap<usize, Outcome> {
    let waiting = Mutex::new(mutants.iter().rev().copied().collect::<Vec<_>>());
    let next = || waiting.lock().ok()?.pop();
    thread::scope(|scope| {
        let judge = || {
            let mut outcomes = Vec::new();
            while let Some(mutant) = next() {
                let outcome = tests::judge(copy, tests, mutant.id);
                if matches!(outcome, Outcome::Survived | Outcome::Unreached) {
                    println!("{outcome:?}: {}", mutant.name);
                }
                outcomes.push((mutant.id, outcome));
            }
            outcomes
        };
        let workers: Vec<_> = (0..workers()).map(|_| scope.spawn(judge)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    })
}

fn workers() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// A line for each file, and one for all.
fn report(mutants: &[Mutant], unwoven: &Unwoven, outcomes: &BTreeMap<usize, Outcome>) {
    println!("\n{:>8} {:>8} {:>8} {:>8} {:>8} {:>8}", "killed", "timeout", "alive", "unreach", "unviable", "no place");
    let files: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.file.as_str()).collect();
    for file in files.into_iter().map(Some).chain([None]) {
        let of: Vec<usize> = mutants.iter().filter(|mutant| file.is_none_or(|file| mutant.file == file)).map(|mutant| mutant.id).collect();
        let count = |outcome: Outcome| of.iter().filter(|id| outcomes.get(id) == Some(&outcome)).count();
        println!(
            "{:>8} {:>8} {:>8} {:>8} {:>8} {:>8}  {}",
            count(Outcome::Killed),
            count(Outcome::TimedOut),
            count(Outcome::Survived),
            count(Outcome::Unreached),
            of.iter().filter(|id| unwoven.unviable.contains(id)).count(),
            of.iter().filter(|id| unwoven.left_out.contains(id)).count(),
            file.unwrap_or("all")
        );
    }
}

#[cfg(test)]
mod asked {
    use super::*;

    #[test]
    fn options_stand_in_any_order_and_others_are_refused() {
        assert_eq!(asked(&[]), Some((Asked::All, PATIENCE)));
        assert_eq!(asked(&["--quick", "3", "--survivors"]), Some((Asked::Survivors, Duration::from_secs(3))));
        assert_eq!(asked(&["--sample", "5", "a seed", "--quick", "3"]), Some((Asked::Sample(5, "a seed"), Duration::from_secs(3))));
        assert_eq!((asked(&["--sample", "5"]), asked(&["--quick", "soon"]), asked(&["--all"])), (None, None, None));
    }
}

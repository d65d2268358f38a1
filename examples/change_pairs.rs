//! Decides many pairs of documents on one core, and says what that costs beside reading and parsing them: `change_pairs DIRECTORY`.
//!
//! The directory holds `NAME-base.json` and `NAME-head.json`. `benches/run.py history` makes one from a repository's history.

#![expect(clippy::disallowed_methods, reason = "what this measures is time")]

use countersign::change::{Effort, Entry, compare};
use countersign::document::{Bounds, File, Syntax, parse};
use countersign::formats::{Setting, by_id};
use countersign::systems::aws::{Aws, Rules};
use countersign::systems::{Access, Kind};
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    let Some(directory) = std::env::args().nth(1) else {
        eprintln!("usage: change_pairs DIRECTORY");
        return ExitCode::from(2);
    };
    match decide_all(Path::new(&directory)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How many pairs came out how.
#[derive(Default)]
struct Verdicts {
    equal: usize,
    widened: usize,
    narrowed: usize,
    both: usize,
    undecided: usize,
    unparsable: usize,
}

#[derive(Default)]
struct Times {
    parsing: Duration,
    meaning: Duration,
    change: Vec<(Duration, String)>,
    /// From reading to the end.
    whole: Vec<Duration>,
}

fn decide_all(directory: &Path) -> Result<(), Box<dyn Error>> {
    let (mut verdicts, mut times) = (Verdicts::default(), Times::default());
    for base in bases(directory)? {
        let name = base.file_name().unwrap_or_default().to_string_lossy().replace("-base.json", "");
        let first = Instant::now();
        let sides = [base.clone(), directory.join(format!("{name}-head.json"))].map(|path| read_and_parse(&path));
        times.parsing += first.elapsed();
        let [Some(base), Some(head)] = sides else {
            verdicts.unparsable += 1;
            continue;
        };
        let begun = Instant::now();
        let [base, head] = [base, head].map(|file| rules(&file));
        times.meaning += begun.elapsed();
        let begun = Instant::now();
        let entries = compare::<Aws>(&base, &head, &[], Effort::default());
        times.change.push((begun.elapsed(), name.clone()));
        times.whole.push(first.elapsed());
        if verdicts.count(&entries) {
            println!("undecided: {name}");
        }
    }
    print(&verdicts, times);
    Ok(())
}

fn bases(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
    let is_base = |path: &PathBuf| path.to_string_lossy().ends_with("-base.json");
    let mut bases: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).filter(is_base).collect();
    bases.sort();
    Ok(bases)
}

fn read_and_parse(path: &Path) -> Option<File> {
    let bytes = fs::read(path).ok()?;
    parse("policy.json", &bytes, Syntax::Json, &Bounds::default()).ok()
}

fn rules(file: &File) -> Rules {
    let reading = by_id("aws-iam").map(|format| (format.read)(file, &Setting::default()));
    let access: Access = reading.unwrap_or_default().access;
    access.aws
}

impl Verdicts {
    /// Whether something is undecided.
    fn count(&mut self, entries: &[Entry]) -> bool {
        let has = |kind| entries.iter().any(|entry| entry.kind == kind);
        let verdict = match (has(Kind::Undecided), has(Kind::Gained), has(Kind::Lost)) {
            (true, ..) => &mut self.undecided,
            (_, true, true) => &mut self.both,
            (_, true, false) => &mut self.widened,
            (_, false, true) => &mut self.narrowed,
            (_, false, false) => &mut self.equal,
        };
        *verdict += 1;
        has(Kind::Undecided)
    }
}

fn print(verdicts: &Verdicts, Times { parsing, meaning, mut change, mut whole }: Times) {
    let Verdicts { equal, widened, narrowed, both, undecided, unparsable } = verdicts;
    println!("{equal} equal, {widened} widened, {narrowed} narrowed, {both} both, {undecided} undecided, {unparsable} not parsed");
    change.sort();
    whole.sort();
    let all: Duration = change.iter().map(|(took, _)| *took).sum();
    let total = (parsing + meaning + all).as_secs_f64();
    let ratio = total / parsing.as_secs_f64();
    println!("reading and parsing {parsing:.2?}, meaning {meaning:.2?}, change {all:.2?}: {ratio:.2} times reading and parsing");
    println!("{:.1} µs a document", total * 1e6 / (2.0 * f64::from(u32::try_from(change.len()).unwrap_or(u32::MAX))));
    quantiles("change", &change.iter().map(|(took, _)| *took).collect::<Vec<_>>());
    quantiles("a pair as a whole", &whole);
    for (took, name) in change.iter().rev().take(5) {
        println!("    {:>10.1} µs  {name}", micros(*took));
    }
}

fn micros(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6
}

/// Of times in order.
fn quantiles(what: &str, times: &[Duration]) {
    let at = |part: usize| times.get(times.len().saturating_sub(1) * part / 1000).map_or(0.0, |took| micros(*took));
    println!("{what}: median {:.1} µs, p99 {:.1} µs ({:.0} times), worst {:.1} µs", at(500), at(990), at(990) / at(500), at(1000));
}

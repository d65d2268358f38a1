//! The tests: what there is, which mutants each reaches, and whether they notice one.

use crate::copy::Copy;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How much memory a test may use, in KiB: a mutant may ask for all there is.
const MEMORY: &str = "6000000";
/// How often a running test is looked at.
const GLANCE: Duration = Duration::from_millis(5);
/// How many tests of one program run together, at first and at most.
const TOGETHER: (usize, usize) = (16, 256);

/// A test that passes.
#[derive(Clone, Debug)]
pub struct Test {
    program: PathBuf,
    name: String,
    /// Whether its program runs several by their names.
    is_many: bool,
    took: Duration,
    reached: BTreeSet<usize>,
}

/// What tests said of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A test failed.
    Killed,
    /// A test did not end.
    TimedOut,
    /// All that reach it pass.
    Survived,
    /// No test reaches it.
    Unreached,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Listed {
    rust_suites: BTreeMap<String, Suite>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Suite {
    binary_path: PathBuf,
    testcases: BTreeMap<String, Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Case {
    ignored: bool,
    filter_match: FilterMatch,
}

#[derive(Deserialize)]
struct FilterMatch {
    status: String,
}

impl Case {
    fn is_asked(&self) -> bool {
        !self.ignored && self.filter_match.status == "matches"
    }
}

/// Builds the tests and lists them. `which`: what is given to `cargo nextest list`.
pub fn list(copy: &Copy, which: &[&str]) -> Result<Vec<Test>, String> {
    let arguments = ["nextest", "list", "--locked", "--message-format", "json"];
    let output = copy.cargo(&arguments).args(which).output().map_err(|error| error.to_string())?;
    // Woven code is full of what a compiler warns of.
    let told = || String::from_utf8_lossy(&output.stderr).into_owned();
    let listed: Listed =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("the tests could not be listed: {error}\n{}", told()))?;
    let mut tests = Vec::new();
    for Suite { binary_path, testcases } in listed.rust_suites.into_values() {
        let help = Command::new(&binary_path).arg("--help").output().map_err(|error| error.to_string())?.stdout;
        let is_many = String::from_utf8_lossy(&help).contains("FILTERS");
        let names = testcases.into_iter().filter(|(_, case)| case.is_asked()).map(|(name, _)| name);
        tests.extend(names.map(|name| Test {
            program: binary_path.clone(),
            name,
            is_many,
            took: Duration::ZERO,
            reached: BTreeSet::new(),
        }));
    }
    Ok(tests)
}

impl Test {
    /// Runs it by itself without a mutant, and notes how long it takes and which mutants it reaches. None if it fails, or takes
    /// longer than that.
    #[expect(clippy::disallowed_methods, reason = "how long a test takes is what is asked")]
    pub fn recorded(mut self, copy: &Copy, notes: &Path, patience: Duration) -> Option<Self> {
        let _ = fs::remove_file(notes);
        let started = Instant::now();
        let mut command = command(copy, &self.program, &[&self.name]);
        if !ends_well(command.env("MUTANTS_REACHED", notes), patience)? {
            return None;
        }
        self.took = started.elapsed();
        self.reached = fs::read_to_string(notes).unwrap_or_default().lines().filter_map(|line| line.parse().ok()).collect();
        Some(self)
    }

    /// In words.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Whether the tests that reach a mutant notice it: the quickest first, in bunches that grow.
pub fn judge(copy: &Copy, tests: &[Test], mutant: usize) -> Outcome {
    let mut reaching: Vec<&Test> = tests.iter().filter(|test| test.reached.contains(&mutant)).collect();
    if reaching.is_empty() {
        return Outcome::Unreached;
    }
    reaching.sort_by_key(|test| test.took);
    let mut most = TOGETHER.0;
    while !reaching.is_empty() {
        for bunch in bunches(reaching.drain(..most.min(reaching.len())).collect()) {
            let names: Vec<&str> = bunch.iter().map(|test| test.name.as_str()).collect();
            let Some(program) = bunch.first().map(|test| &test.program) else { continue };
            let limit = bunch.iter().map(|test| test.took).sum::<Duration>() * 5 + Duration::from_secs(20);
            match ends_well(command(copy, program, &names).env("MUTANT", mutant.to_string()), limit) {
                Some(true) => {}
                Some(false) => return Outcome::Killed,
                None => return Outcome::TimedOut,
            }
        }
        most = (most * 4).min(TOGETHER.1);
    }
    Outcome::Survived
}

/// Tests by their program, those that have to run alone by themselves.
fn bunches(tests: Vec<&Test>) -> Vec<Vec<&Test>> {
    let mut bunches: BTreeMap<(&Path, &str), Vec<&Test>> = BTreeMap::new();
    for test in tests {
        bunches.entry((&test.program, if test.is_many { "" } else { &test.name })).or_default().push(test);
    }
    bunches.into_values().collect()
}

fn command(copy: &Copy, program: &Path, names: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v \"$0\"; exec \"$@\"", MEMORY]).arg(program).arg("--exact").args(names);
    command.current_dir(&copy.root).env("CARGO_MANIFEST_DIR", &copy.root).env("RUST_BACKTRACE", "0").env("RUST_TEST_THREADS", "2");
    command.env("PROPTEST_MAX_SHRINK_ITERS", "0").env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Whether a program succeeds; none if it takes longer than that.
#[expect(clippy::disallowed_methods, reason = "a test that does not end is noticed by the time it takes")]
fn ends_well(command: &mut Command, limit: Duration) -> Option<bool> {
    let Ok(mut child) = command.spawn() else { return Some(false) };
    let started = Instant::now();
    while started.elapsed() < limit {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) => std::thread::sleep(GLANCE),
            Err(_) => return Some(false),
        }
    }
    let _ = child.kill().and_then(|()| child.wait());
    None
}

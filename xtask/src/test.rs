//! The one test command: everything that has to hold before a change lands.

use crate::command::{self, ask, cargo, run_keeping};
use crate::house::{House, in_ci};
use crate::record::Record;
use crate::tally::{Tally, closes_libtest, closes_nextest};
use crate::{audit, node, peers};
use std::path::PathBuf;

/// How much is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Everything; what CI runs.
    Full,
    /// While working: no audit, and only the peers that are there already.
    Quick,
}

const FORMAT: &[&str] = &["fmt", "--all", "--check"];
const LINTS: &[&str] = &["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
/// Fuzz targets are a workspace of their own, and would otherwise be compiled only when somebody fuzzes.
const FUZZ_TARGETS: &[&str] =
    &["clippy", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--no-default-features", "--", "-D", "warnings"];
const NEXTEST: &[&str] = &["nextest", "run", "--locked", "--workspace", "--no-fail-fast"];
const LIBTEST: &[&str] = &["test", "--locked", "--workspace", "--all-targets", "--no-fail-fast"];
const DOCUMENTATION: &[&str] = &["test", "--locked", "--doc"];

/// Runs the steps, then prints the table, whether or not they held.
pub fn run(house: &House, depth: Depth) -> Result<(), String> {
    peers::forget(house)?;
    let mut session = Session { house, record: Record::default(), tally: Tally::default() };
    let outcome = session.steps(depth);
    let ran = peers::who_ran(house);
    println!("\n{}{}\n{}", session.record.table(), ran.table(), session.tally);
    outcome.and_then(|()| if in_ci() && depth == Depth::Full { ran.complete() } else { Ok(()) })
}

/// One run of the test command.
struct Session<'a> {
    house: &'a House,
    record: Record,
    tally: Tally,
}

impl Session<'_> {
    fn steps(&mut self, depth: Depth) -> Result<(), String> {
        let python = if depth == Depth::Full { self.peers()? } else { peers::already_there(self.house) };
        self.plain("format", FORMAT)?;
        self.plain("lints", LINTS)?;
        self.plain("fuzz targets", FUZZ_TARGETS)?;
        self.tests(python)?;
        self.counted("doc tests", DOCUMENTATION, closes_libtest, None)?;
        if depth == Depth::Full { self.audit() } else { Ok(()) }
    }

    /// The peers' interpreter. Where nobody watches, peers that cannot be had are a failure; elsewhere they are missed loudly.
    fn peers(&mut self) -> Result<Option<PathBuf>, String> {
        let mut python = None;
        self.record.step("peers", "cargo xtask peers", || match peers::provision(self.house) {
            Ok(found) => {
                python = Some(found);
                Ok(String::new())
            }
            Err(failure) if in_ci() => Err(failure),
            Err(failure) => {
                eprintln!("SKIPPED: peers: {failure}");
                Ok("SKIPPED: the peers could not be provisioned".to_owned())
            }
        })?;
        Ok(python)
    }

    fn plain(&mut self, name: &'static str, arguments: &[&str]) -> Result<(), String> {
        let mut command = cargo(self.house, arguments);
        self.record.step(name, &alone(arguments), || command::run(&mut command).map(|()| String::new()))
    }

    fn tests(&mut self, python: Option<PathBuf>) -> Result<(), String> {
        if ask(&mut cargo(self.house, &["nextest", "--version"])).is_some() {
            return self.counted("tests", NEXTEST, closes_nextest, python);
        }
        eprintln!("\ncargo-nextest is not there: the tests run by `cargo test`");
        self.counted("tests", LIBTEST, closes_libtest, python)
    }

    /// A step whose tests are counted, by the closing lines of its runner.
    fn counted(&mut self, name: &'static str, arguments: &[&str], closes: fn(&str) -> bool, python: Option<PathBuf>) -> Result<(), String> {
        let mut command = cargo(self.house, arguments);
        command.env(peers::LOG_VARIABLE, peers::log(self.house)).env_remove(peers::PYTHON_VARIABLE);
        command.env(node::VARIABLE, node::place(self.house));
        command.envs(python.map(|python| (peers::PYTHON_VARIABLE, python)));
        let tally = &mut self.tally;
        self.record.step(name, &alone(arguments), || {
            let (lines, outcome) = run_keeping(&mut command, closes)?;
            let here = Tally::of(&lines);
            *tally += here;
            outcome.map(|()| here.to_string())
        })
    }

    fn audit(&mut self) -> Result<(), String> {
        let house = self.house;
        self.record.step("audit", "cargo deny check bans licenses sources", || audit::dependencies(house))?;
        self.record.step("advisories", "cargo deny check advisories", || audit::advisories(house))
    }
}

/// How a step is typed.
fn alone(arguments: &[&str]) -> String {
    format!("cargo {}", arguments.join(" "))
}

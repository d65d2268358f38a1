//! Running other programs, with failures that say what was run.

use crate::house::House;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often a program with a time limit is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// What is waited before each further try to install; a registry that is down for a moment is common.
const PAUSES: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(10)];

/// A cargo command in the repository.
pub fn cargo<S: AsRef<OsStr>>(house: &House, arguments: &[S]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(&house.root);
    if io::stderr().is_terminal() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
        // The output of the tests goes through a pipe of ours, where cargo would take off the colour.
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    cargo
}

/// Runs a command to its end; anything but success is a failure.
pub fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    succeeded(command, status)
}

/// What a command prints on standard output, or nothing when it cannot be run or fails.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
}

/// Runs a command and ends it when it takes longer than the limit.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<(), String> {
    let mut child = command.spawn().map_err(|error| not_started(command, &error))?;
    let started = Instant::now();
    while started.elapsed() < limit {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return succeeded(command, status);
        }
        thread::sleep(GLANCE);
    }
    child.kill().and_then(|()| child.wait()).map_err(|error| error.to_string())?;
    Err(format!("`{}` took longer than {} s", line(command), limit.as_secs()))
}

/// Runs a command, passes on what it prints and returns the lines that `keep` wants.
pub fn run_keeping(command: &mut Command, keep: fn(&str) -> bool) -> Result<(Vec<String>, Result<(), String>), String> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let kept = thread::scope(|scope| {
        let errors = scope.spawn(|| pass_on(err, io::stderr(), keep));
        let mut kept = pass_on(out, io::stdout(), keep);
        kept.extend(errors.join().unwrap_or_default());
        kept
    });
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok((kept, succeeded(command, status)))
}

fn pass_on(from: Option<impl Read>, mut to: impl Write, keep: fn(&str) -> bool) -> Vec<String> {
    let mut kept = Vec::new();
    let Some(from) = from else { return kept };
    let mut reader = BufReader::new(from);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
        // A reader of ours that went away does not end the tests.
        let _ = to.write_all(&bytes);
        let text = without_colour(&String::from_utf8_lossy(&bytes));
        if keep(&text) {
            kept.push(text);
        }
        bytes.clear();
    }
    kept
}

/// A line without its terminal escapes and the white space around it.
fn without_colour(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or(piece, |(_, rest)| rest));
    }
    plain.trim().to_owned()
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<(), String> {
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", line(command))) }
}

fn not_started(command: &Command, error: &io::Error) -> String {
    format!("`{}` could not be started: {error}", line(command))
}

/// The command as one would type it, without the directories of the program.
fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Tries until it works or the pauses are used up.
pub fn again(mut step: impl FnMut() -> Result<(), String>) -> Result<(), String> {
    let mut outcome = step();
    for pause in PAUSES {
        if let Err(failure) = &outcome {
            eprintln!("{failure}; trying again in {} s", pause.as_secs());
            thread::sleep(pause);
            outcome = step();
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_taken_off() {
        assert_eq!(without_colour("  \u{1b}[32;1m Summary\u{1b}[0m [ 0.1s] 2 tests\n"), "Summary [ 0.1s] 2 tests");
    }

    #[test]
    fn a_command_is_told_as_it_is_typed() {
        assert_eq!(line(Command::new("/usr/bin/cargo").args(["fmt", "--all"])), "cargo fmt --all");
    }

    #[test]
    fn a_program_that_is_not_there_is_a_failure_with_its_name() {
        let failure = run(&mut Command::new("countersign-no-such-program")).expect_err("it does not exist");
        assert!(failure.contains("`countersign-no-such-program` could not be started"), "{failure}");
    }

    #[test]
    fn what_works_is_not_tried_again() {
        let mut tries = 0;
        let outcome = again(|| {
            tries += 1;
            Ok(())
        });
        assert_eq!((outcome, tries), (Ok(()), 1));
    }
}

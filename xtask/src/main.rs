//! The project's own chores: `cargo xtask test` and its smaller sisters.
//!
//! No dependencies, so that the chores start in a second on a bare machine.

mod audit;
mod command;
mod house;
mod kubernetes;
mod node;
mod openapi;
mod oracle;
mod peers;
mod record;
mod refresh;
mod size;
mod tally;
mod test;

use house::House;
use refresh::Write;
use std::process::ExitCode;
use test::Depth;

const HELP: &str = "\
The chores of Countersign.

    cargo xtask test           everything that has to hold before a change lands: format, lints, all tests against their
                               real peers, documentation tests, the audit of the dependencies. CI runs exactly this
    cargo xtask test --quick   format, lints and tests, against the peers that are already there; no audit
    cargo xtask peers          provisions what the tests speak to, and runs nothing
    cargo xtask refresh-data   writes data/aws again, from the package that the peers' lock file pins; `--check` only compares
    cargo xtask refresh-openapi
                               writes tests/forge/openapi again: GitHub's description of what we ask of it
    cargo xtask oracle [--pairs N] [--seed S] [--requests M] [--corpus DIR] [--only PAIR]
                               holds the diff of N random pairs of AWS policies to an independent judge, by M requests each; DIR has
                               identity policies to make pairs of beside our own. A failure says how to have its pair again
    cargo xtask mutants PATH [--survivors] [--quick SECONDS] [-- TESTS]
                               which changes of a part of the library no test notices; TESTS is what `cargo nextest list` takes
    cargo xtask size           builds the release binary and prints its size in bytes, by section

A step that fails says how to run it alone.";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Chore {
    Test(Depth),
    Peers,
    Refresh(Write),
    OpenApi,
    Oracle(Vec<(&'static str, String)>),
    Mutants(Vec<String>),
    Size,
    Help,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some(chore) = chore(&arguments) else {
        eprintln!("error: `{}` is no chore of this project\n\n{HELP}", arguments.join(" "));
        return ExitCode::from(2);
    };
    match carry_out(&chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// The chore that the arguments ask for; nothing asks for help, anything else is a mistake.
fn chore(arguments: &[&str]) -> Option<Chore> {
    match arguments {
        ["test"] => Some(Chore::Test(Depth::Full)),
        ["test", "--quick"] => Some(Chore::Test(Depth::Quick)),
        ["peers"] => Some(Chore::Peers),
        ["refresh-data"] => Some(Chore::Refresh(Write::Files)),
        ["refresh-data", "--check"] => Some(Chore::Refresh(Write::Nothing)),
        ["refresh-openapi"] => Some(Chore::OpenApi),
        ["oracle", options @ ..] => oracle::options(options).map(Chore::Oracle),
        ["mutants", path, options @ ..] => {
            Some(Chore::Mutants(std::iter::once(path).chain(options).map(|word| (*word).to_owned()).collect()))
        }
        ["size"] => Some(Chore::Size),
        [] | ["help" | "--help" | "-h"] => Some(Chore::Help),
        _ => None,
    }
}

fn carry_out(chore: &Chore) -> Result<(), String> {
    match chore {
        Chore::Test(depth) => test::run(&House::find()?, *depth),
        Chore::Peers => peers::provision(&House::find()?).map(|python| println!("peers ready: {}", python.display())),
        Chore::Refresh(write) => refresh::run(&House::find()?, *write),
        Chore::OpenApi => openapi::refresh(&House::find()?),
        Chore::Oracle(options) => oracle::ask(&House::find()?, options),
        Chore::Mutants(words) => {
            let run = ["run", "--quiet", "--locked", "--package", "mutants", "--"].map(str::to_owned);
            command::run(&mut command::cargo(&House::find()?, &[run.to_vec(), words.clone()].concat()))
        }
        Chore::Size => size::run(&House::find()?),
        Chore::Help => {
            println!("{HELP}");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Chore, chore};
    use crate::test::Depth;

    #[test]
    fn the_chores_are_known_by_their_names() {
        assert_eq!(chore(&["test"]), Some(Chore::Test(Depth::Full)));
        assert_eq!(chore(&["test", "--quick"]), Some(Chore::Test(Depth::Quick)));
        assert_eq!(chore(&["refresh-data", "--check"]), Some(Chore::Refresh(super::Write::Nothing)));
        assert_eq!(chore(&[]), Some(Chore::Help));
    }

    #[test]
    fn a_word_too_many_is_a_mistake() {
        assert_eq!(chore(&["tset"]), None);
        assert_eq!(chore(&["test", "--fast"]), None);
        assert_eq!(chore(&["size", "please"]), None);
        assert_eq!(chore(&["oracle", "--pairs"]), None);
        assert_eq!(chore(&["mutants"]), None);
    }
}

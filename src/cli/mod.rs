//! The command line: arguments only, a file a verb.

mod check;
mod common;
mod completions;
mod demo;
mod diff;
mod init;
mod man;
mod policy;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

/// Works out exactly who gains and who loses which access, and says whether the change is authorized.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, about, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Demo(demo::Arguments),
    Check(check::Arguments),
    Diff(diff::Arguments),
    Init(init::Arguments),
    Policy(policy::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

impl Cli {
    /// Reads the arguments. When they are wrong, they are shown so that nothing in them can be taken for a line of our own.
    pub fn from_arguments(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, ExitCode> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        Self::try_parse_from(&arguments).map_err(|error| common::misused(error, &arguments))
    }

    /// Runs the verb. What it prints goes to standard output, what went wrong to standard error.
    pub fn run(self) -> ExitCode {
        let outcome = match self.verb {
            Verb::Demo(arguments) => demo::run(&arguments),
            Verb::Check(arguments) => check::run(&arguments),
            Verb::Diff(arguments) => diff::run(&arguments),
            Verb::Init(arguments) => init::run(&arguments),
            Verb::Policy(arguments) => policy::run(&arguments),
            Verb::Completions(arguments) => completions::run(&arguments),
            Verb::Man(arguments) => man::run(&arguments),
        };
        outcome.unwrap_or_else(|error| common::explain(&error))
    }
}

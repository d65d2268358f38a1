//! The command line: arguments only, a file a verb.

mod check;
mod common;
mod demo;
mod diff;
mod init;

use clap::{Parser, Subcommand};
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
}

impl Cli {
    /// Runs the verb. What it prints goes to standard output, what went wrong to standard error.
    pub fn run(self) -> ExitCode {
        let outcome = match self.verb {
            Verb::Demo(arguments) => demo::run(&arguments),
            Verb::Check(arguments) => check::run(&arguments),
            Verb::Diff(arguments) => diff::run(&arguments),
            Verb::Init(arguments) => init::run(&arguments),
        };
        outcome.unwrap_or_else(|error| common::explain(&error))
    }
}

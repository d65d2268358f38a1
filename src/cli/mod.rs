//! The command line: arguments only, a file a verb.

mod attest;
mod baseline;
mod check;
mod common;
mod completions;
mod console;
mod demo;
mod diff;
mod doctor;
mod explain;
mod gaps;
mod init;
mod job;
mod judging;
mod ledger;
mod lookup;
mod man;
mod policy;
mod publish;
mod verify;
mod window;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

/// A gate for changes of permissions: who gains which access, and is that authorized?
///
/// Countersign works out exactly who gains and who loses which access between two states of a
/// repository. It holds that against the repository's own policy and says whether the change is
/// authorized: who still has to approve it, and when it may be deployed.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    verbatim_doc_comment,
    arg_required_else_help = true,
    after_help = "\
Examples:
  countersign demo
  countersign diff --base HEAD~1 --head HEAD
  countersign check --base origin/main --head HEAD --facts facts.yml

Exit codes: 0 authorized, or done; 1 an error, with which the gate is closed; 2 wrong usage.
`countersign check --help` and `countersign diff --help` name the others.

`countersign VERB --help` has examples. The policy is explained in docs/policy.md of the repository
of Countersign."
)]
pub struct Cli {
    #[command(flatten)]
    console: console::Console,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Demo(demo::Arguments),
    Diff(diff::Arguments),
    Explain(explain::Arguments),
    Check(check::Arguments),
    Attest(attest::Arguments),
    Verify(verify::Arguments),
    Ledger(ledger::Arguments),
    Lookup(lookup::Arguments),
    Baseline(baseline::Arguments),
    Gaps(gaps::Arguments),
    Doctor(doctor::Arguments),
    Init(init::Arguments),
    Policy(policy::Arguments),
    Window(window::Arguments),
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
        self.console.apply();
        let outcome = match self.verb {
            Verb::Demo(arguments) => demo::run(&arguments),
            Verb::Attest(arguments) => attest::run(&arguments),
            Verb::Check(arguments) => check::run(&arguments),
            Verb::Verify(arguments) => verify::run(&arguments),
            Verb::Ledger(arguments) => ledger::run(&arguments),
            Verb::Lookup(arguments) => lookup::run(&arguments),
            Verb::Baseline(arguments) => baseline::run(&arguments),
            Verb::Gaps(arguments) => gaps::run(&arguments),
            Verb::Doctor(arguments) => doctor::run(&arguments),
            Verb::Diff(arguments) => diff::run(&arguments),
            Verb::Explain(arguments) => explain::run(&arguments),
            Verb::Init(arguments) => init::run(&arguments),
            Verb::Policy(arguments) => policy::run(&arguments),
            Verb::Window(arguments) => window::run(&arguments),
            Verb::Completions(arguments) => completions::run(&arguments),
            Verb::Man(arguments) => man::run(&arguments),
        };
        outcome.unwrap_or_else(|error| common::explain(&error))
    }
}

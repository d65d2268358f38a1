//! The `countersign` binary: parse the arguments, build the real world, run, exit.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    countersign::cli::Cli::parse().run()
}

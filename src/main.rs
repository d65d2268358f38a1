//! The `countersign` binary: parse the arguments, build the real world, run, exit.

use countersign::cli::Cli;
use countersign::world::{arguments, signals};
use std::process::ExitCode;

fn main() -> ExitCode {
    signals::outlive_the_size_limit();
    Cli::from_arguments(arguments()).map_or_else(|code| code, Cli::run)
}

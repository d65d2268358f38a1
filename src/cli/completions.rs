//! `countersign completions`.

use super::Cli;
use super::common::{Error, print};
use clap::CommandFactory;
use clap_complete::Shell;
use std::process::ExitCode;

/// Print what a shell needs to complete verbs and arguments
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign completions bash > countersign.bash
  countersign completions zsh > _countersign

Where it goes: for bash `~/.local/share/bash-completion/completions/countersign`, for zsh a directory
of `$fpath` as `_countersign`, for fish `~/.config/fish/completions/countersign.fish`, for the others
a file that the profile reads.")]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "countersign", &mut script);
    print(&String::from_utf8(script)?)?;
    Ok(ExitCode::SUCCESS)
}

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

Where it goes:
  bash   ~/.local/share/bash-completion/completions/countersign
  zsh    _countersign in a directory of $fpath
  fish   ~/.config/fish/completions/countersign.fish
  the others read it from their profile")]
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

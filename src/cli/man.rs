//! `countersign man`.

use super::Cli;
use super::common::{Error, print};
use crate::world::files;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use std::path::PathBuf;
use std::process::ExitCode;

/// Print the manual page, or write one for each verb
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign man > countersign.1
  countersign man man1

Where they go: `~/.local/share/man/man1`, or `/usr/local/share/man/man1` for everybody.")]
pub struct Arguments {
    /// Write a page for each verb into this directory, instead of printing the first one
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let mut all = Cli::command().disable_help_subcommand(true);
    all.build();
    let Some(directory) = &arguments.directory else {
        print(&page(all)?)?;
        return Ok(ExitCode::SUCCESS);
    };
    for command in with_verbs(all) {
        let path = directory.join(format!("{}.1", command.get_display_name().unwrap_or("countersign")));
        let text = page(command)?;
        files::write_below(&path, text.as_bytes()).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A command and every verb below it.
fn with_verbs(command: Command) -> Vec<Command> {
    let verbs: Vec<Command> = command.get_subcommands().cloned().flat_map(with_verbs).collect();
    [vec![command], verbs].concat()
}

fn page(command: Command) -> Result<String, Error> {
    let mut roff = Vec::new();
    Man::new(command).render(&mut roff)?;
    Ok(String::from_utf8(roff)?)
}

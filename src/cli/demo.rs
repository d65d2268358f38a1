//! `countersign demo`.

use super::common::{Error, print};
use crate::gate;
use crate::world;
use std::path::PathBuf;
use std::process::ExitCode;

/// Show the whole story on built-in files: change, approval, window, decision
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign demo
  countersign demo --into story

It needs no repository and no network. What it shows is what `countersign check` prints; its files
stay where they are, to try other commands on.")]
pub struct Arguments {
    /// Write the files of the demonstration here, not below the directory for temporary files
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let into = arguments.into.clone().unwrap_or_else(world::demo_directory);
    print(&gate::demo(&into)?)?;
    Ok(ExitCode::SUCCESS)
}

//! `countersign demo`.

use super::common::{Error, print};
use crate::gate;
use crate::world;
use std::path::PathBuf;
use std::process::ExitCode;

/// Show the whole story on built-in files: the change, who has to approve it, the window, the decision
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Write the files of the demonstration here instead of below the directory for temporary files
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let into = arguments.into.clone().unwrap_or_else(world::demo_directory);
    print(&gate::demo(&into)?)?;
    Ok(ExitCode::SUCCESS)
}

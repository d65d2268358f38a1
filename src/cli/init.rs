//! `countersign init`.

use super::common::{Error, print};
use crate::gate;
use clap::ValueEnum;
use std::path::PathBuf;
use std::process::ExitCode;

/// Write a policy to begin with, which stops nobody, and the pipeline that runs it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign init --dry-run
  countersign init
  countersign init --repo ../infra --forge gitlab

It looks at the last commit, finds the files that hold permissions, and proposes what fits them.
What is there already is left alone; a file that could not be written leaves none behind.
Exit codes: 0 everything is there now, or would be with --dry-run; 1 nothing was written;
2 wrong usage.")]
pub struct Arguments {
    /// The repository: a directory in its work tree
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// Where change requests are made; told from the files and the remote if it is not named
    #[arg(long, value_enum)]
    forge: Option<Forge>,
    /// Only show what would be written
    #[arg(long)]
    dry_run: bool,
    /// Write although no file holds permissions that can be read
    #[arg(long)]
    anyway: bool,
}

/// A forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Forge {
    /// GitHub: a workflow
    Github,
    /// GitLab: a job to include
    Gitlab,
}

impl From<Forge> for gate::Forge {
    fn from(forge: Forge) -> Self {
        match forge {
            Forge::Github => Self::GitHub,
            Forge::Gitlab => Self::GitLab,
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let started = gate::init(&gate::Start {
        repo: arguments.repo.clone(),
        forge: arguments.forge.map(Into::into),
        dry_run: arguments.dry_run,
        anyway: arguments.anyway,
    })?;
    print(&started.text)?;
    Ok(ExitCode::from(u8::from(!started.complete)))
}

//! `countersign diff`.

use super::common::{Compared, Error, Form, Output};
use crate::gate::{self, Change};
use crate::report::{json, terminal};
use crate::systems::Kind;
use std::process::ExitCode;

/// Show exactly who gains and who loses which access
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign diff --base main --head HEAD
  countersign diff --base v1.0 --head v1.1 --repo ../infra -- iam/ clusters/prod
  countersign diff --base before.json --head after.json --format json

Exit codes: 0 whatever it finds, 1 on an error.
With --exit-code: 0 nothing changed, 10 gained, 13 undecided, 14 only lost.")]
pub struct Arguments {
    #[command(flatten)]
    compared: Compared,
    #[command(flatten)]
    output: Output,
    /// Tell by the exit code what was found
    #[arg(long)]
    exit_code: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let change = gate::diff(&arguments.compared.request())?;
    let text = match arguments.output.format {
        Form::Text => terminal::diff(&change.entries, &change.diagnostics),
        Form::Json => serde_json::to_string_pretty(&json::diff(&change.entries, &change.digest, &change.diagnostics))? + "\n",
    };
    arguments.output.write(&text)?;
    Ok(ExitCode::from(if arguments.exit_code { exit_code(&change) } else { 0 }))
}

fn exit_code(change: &Change) -> u8 {
    match change {
        change if change.has(Kind::Undecided) => 13,
        change if change.has(Kind::Gained) => 10,
        change if change.has(Kind::Lost) => 14,
        _ => 0,
    }
}

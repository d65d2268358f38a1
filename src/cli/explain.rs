//! `countersign explain`.

use super::common::{Compared, Error, print};
use crate::gate::{self, Which};
use clap::ValueEnum;
use std::process::ExitCode;

/// Say why a part of a change is one: statements, what decides, a request as proof
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign explain --base main --head HEAD
  countersign explain 1 --base main --head HEAD -- clusters/prod
  countersign explain 1 --base before.json --head after.json --format json

The sides are those of `countersign diff`. A part is named by its number, in the order of the text
that `diff` prints, or by the beginning of its id, which stays the same as long as the access does:
`diff --verbose` shows it, and it stands as `id` in `diff --format json`. The request of each part
is judged once more, alone, by the plain reading of the system's documentation.
Exit codes: 0 explained, 1 on an error, also when there is no such part; 2 wrong usage.")]
pub struct Arguments {
    /// Which part: its number, or four digits of its id or more. Without it up to three parts are
    /// explained, and more are listed
    #[arg(value_name = "PART", verbatim_doc_comment)]
    part: Option<String>,
    #[command(flatten)]
    compared: Compared,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    Text,
    /// For machines; see docs/schemas
    Json,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let which = arguments.part.as_deref().map_or(Which::Few, Which::Named);
    let explained = gate::explain_change(&arguments.compared.request()?, which)?;
    print(&match arguments.format {
        Form::Text => explained.text(),
        Form::Json => explained.json()?,
    })?;
    Ok(ExitCode::SUCCESS)
}

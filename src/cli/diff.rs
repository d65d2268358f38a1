//! `countersign diff`.

use super::common::{Compared, Error, Output};
use super::job::Told;
use crate::gate::{self, Wanted};
use crate::world::clock::Stopwatch;
use std::process::ExitCode;

/// Show exactly who gains and who loses which access
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign diff --base main --head HEAD
  countersign diff --base v1.0 --head v1.1 --repo ../infra -- iam/ clusters/prod
  countersign diff --base before.json --head after.json --format json
  countersign diff --plan plan.json

The last one is a plan of Terraform or OpenTofu, which has both states:
`terraform plan -out PLAN`, then `terraform show -json PLAN > plan.json`.

With --verbose the text says the id of each part, by which `countersign explain` finds it.
Exit codes: 0 whatever it finds, 1 on an error.
With --exit-code: 0 nothing changed, 10 gained, 13 undecided, 14 only lost.")]
pub struct Arguments {
    #[command(flatten)]
    compared: Compared,
    #[command(flatten)]
    told: Told,
    #[command(flatten)]
    output: Output,
    /// Tell by the exit code what was found
    #[arg(long)]
    exit_code: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let since = Stopwatch::start();
    let wanted = Wanted { has_policy: true, ..Wanted::default() };
    let (request, located) = arguments.compared.request_in_job(wanted, arguments.compared.has_plan())?;
    let change = gate::diff(&request)?;
    arguments.output.tell(&change.read, since);
    arguments.output.write(&change.render(arguments.output.format.into(), arguments.output.verbose)?)?;
    if let Some(sink) = arguments.told.sink(located.as_ref()) {
        arguments.output.hand_over(&change.told()?, &sink)?;
    }
    Ok(ExitCode::from(if arguments.exit_code { change.exit_code() } else { 0 }))
}

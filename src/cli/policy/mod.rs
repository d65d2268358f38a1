//! `countersign policy`.

mod replay;
mod simulate;
mod test;

use super::common::{Error, print};
use crate::gate::{self, Asked, Published, SCHEMAS};
use crate::world::clock;
use chrono::{DateTime, Utc};
use clap::ValueEnum;
use std::path::PathBuf;
use std::process::ExitCode;

/// Look at a policy before any change is held against it
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Check(Check),
    Test(test::Arguments),
    Simulate(Box<simulate::Arguments>),
    Replay(replay::Arguments),
    Schema(Schema),
}

/// Say everything that is wrong with a policy, and what its writer may have overlooked
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign policy check
  countersign policy check countersign.yml --format json
  countersign policy check --base main

Without FILE it is the `countersign.yml` or `.github/countersign.yml` of the work tree. Exit codes:
0 the policy is valid, also if there are warnings; 1 it is not, or cannot be read; 2 wrong usage.")]
struct Check {
    /// The policy file; a people file that it names is looked for in the repository around it
    file: Option<PathBuf>,
    /// The repository: the one of FILE, or else the one we are in
    #[arg(long, value_name = "DIR")]
    repo: Option<PathBuf>,
    /// Read policy and people from this revision or directory instead of the work tree
    #[arg(long, value_name = "X")]
    base: Option<String>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    /// Print nothing but errors: the exit code says it
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// For people
    Text,
    /// For machines; see docs/schemas
    Json,
}

/// Print the JSON Schema of a file that you write, or of what is printed
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign policy schema > countersign.schema.json
  countersign policy schema facts

With `# yaml-language-server: $schema=countersign.schema.json` as the first line of the policy, an
editor completes its keys, explains them, and underlines what the gate would refuse.")]
struct Schema {
    /// Of what
    #[arg(value_name = "OF", default_value = "policy", value_parser = schema)]
    of: &'static Published,
}

/// An instant, with an offset or a zone.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    gate::instant(text)
}

fn schema(name: &str) -> Result<&'static Published, String> {
    SCHEMAS.iter().find(|published| published.name == name).ok_or_else(|| {
        let known: Vec<&str> = SCHEMAS.iter().map(|published| published.name).collect();
        format!("there are schemas of {}", known.join(", "))
    })
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    match &arguments.verb {
        Verb::Check(arguments) => check(arguments),
        Verb::Test(arguments) => test::run(arguments),
        Verb::Simulate(arguments) => simulate::run(arguments),
        Verb::Replay(arguments) => replay::run(arguments),
        Verb::Schema(Schema { of }) => {
            print(&of.text()?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn check(arguments: &Check) -> Result<ExitCode, Error> {
    let Check { file, repo, base, format, quiet } = arguments;
    let asked = Asked { file: file.clone(), repo: repo.clone(), base: base.clone(), now: clock::now() };
    let checked = gate::check_policy(&asked)?;
    if !quiet {
        print(&match format {
            Form::Text => checked.text(),
            Form::Json => checked.json()?,
        })?;
    }
    Ok(if checked.sound.is_some() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

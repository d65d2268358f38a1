//! `countersign window`.

use super::common::{Error, instant, print};
use crate::gate::{self, Asked, Windows};
use crate::world::clock;
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Say when the windows of a policy are open, and why
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Next(Next),
    Lint(Lint),
    Explain(Explain),
}

/// Say when windows are open next
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign window next
  countersign window next office-hours --count 10
  countersign window next --at 2026-12-24T09:00:00Z --format json

Exit codes: 0 told, also when a window never opens; 1 on an error, also when there is no such
window; 2 wrong usage.")]
struct Next {
    #[command(flatten)]
    which: Which,
    /// How many openings of each window
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    count: u32,
}

/// Say what to know of windows before it happens
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign window lint
  countersign window lint office-hours --years 10
  countersign window lint --policy countersign.yml --format json

It tells changes of the clocks that touch what opens or closes a window, calendars that run out
within a year, hours that overlap, and what never opens.
Exit codes: 0 told, also when there are warnings; 1 on an error, also when there is no such window;
2 wrong usage.")]
struct Lint {
    #[command(flatten)]
    which: Which,
    /// How far to look
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=20))]
    years: u32,
}

/// Say why windows are open or closed at an instant, and show the week around it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign window explain
  countersign window explain office-hours --at 2026-10-25T01:30:00Z

Exit codes: 0 told; 1 on an error, also when there is no such window; 2 wrong usage.")]
struct Explain {
    #[command(flatten)]
    which: Which,
}

/// Which windows, of which policy, from when on, and how to say it.
#[derive(Debug, Args)]
struct Which {
    /// The name of a window; without it all of them
    name: Option<String>,
    /// As of this instant instead of now, such as 2026-11-25T21:00:00Z
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<DateTime<Utc>>,
    /// This policy instead of the one of the work tree
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The repository: the one of the policy file, or else the one we are in
    #[arg(long, value_name = "DIR")]
    repo: Option<PathBuf>,
    /// Read policy and calendars from this revision or directory instead of the work tree
    #[arg(long, value_name = "X")]
    base: Option<String>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// For people
    Text,
    /// For machines; see docs/schemas
    Json,
}

impl Which {
    fn windows(&self) -> Result<Windows, gate::Error> {
        let Self { name, at, policy, repo, base, .. } = self;
        let asked = Asked { file: policy.clone(), repo: repo.clone(), base: base.clone(), now: at.unwrap_or_else(clock::now) };
        gate::windows(&asked, name.as_deref())
    }
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    print(&match &arguments.verb {
        Verb::Next(Next { which, count }) => match which.format {
            Form::Text => which.windows()?.next_text(*count),
            Form::Json => which.windows()?.next_json(*count)?,
        },
        Verb::Lint(Lint { which, years }) => match which.format {
            Form::Text => which.windows()?.lint_text(*years),
            Form::Json => which.windows()?.lint_json(*years)?,
        },
        Verb::Explain(Explain { which }) => match which.format {
            Form::Text => which.windows()?.explain_text(),
            Form::Json => which.windows()?.explain_json()?,
        },
    })?;
    Ok(ExitCode::SUCCESS)
}

//! `countersign policy replay`.

use super::super::common::{Error, PolicyElsewhere, print};
use super::Form;
use crate::gate::{self, Progress, Replay};
use crate::world;
use crate::world::clock::{self, Stopwatch};
use chrono::{DateTime, Utc};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Ask what a policy would have said of the changes that there were
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign policy replay
  countersign policy replay --since 2025-01-01 --policy countersign.yml
  countersign policy replay --since 13w --repo ../infra --limit 100 --format json

Every commit on the line of first parents is judged against its parent, by the policy of the work
tree or of `--policy`: what it blocks that passed, and lets pass that was blocked, by the policy of
the time; whose approvals it asks for; which rules never fire. History does not say who approved, so
what is told is what each change would have needed.

A run that is interrupted goes on where it was. What it knows is kept beside the index of unchanged
files, and forgotten when the policy or the program is another one.
Exit codes: 0 replayed, whatever it found; 1 an error; 2 wrong usage.")]
pub struct Arguments {
    /// How far back: days as 90d, weeks as 13w, or a date as 2026-08-24
    #[arg(long, value_name = "SINCE", default_value = "90d", value_parser = since)]
    since: DateTime<Utc>,
    /// The policy; without it that of the work tree. In a policy repository, a path in it
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    elsewhere: PolicyElsewhere,
    /// The repository: a work tree or a bare repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// The newest commit, such as a branch
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    head: String,
    /// Stop after so many changes of access
    #[arg(long, value_name = "CHANGES", default_value_t = 1000)]
    limit: usize,
    /// Keep nothing between runs, neither what is known of commits nor of unchanged files
    #[arg(long)]
    no_cache: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    /// Show no progress, also on a terminal
    #[arg(short, long)]
    quiet: bool,
}

fn since(text: &str) -> Result<DateTime<Utc>, String> {
    gate::since(text, clock::now())
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let asked = Replay {
        repo: arguments.repo.clone(),
        tip: arguments.head.clone(),
        since: arguments.since,
        limit: arguments.limit,
        policy: arguments.policy.clone(),
        policy_repository: arguments.elsewhere.repository(),
        cache: if arguments.no_cache { None } else { world::cache_directory() },
        now: clock::now(),
    };
    let mut bar = Bar::on_terminal(arguments.quiet);
    let replayed = gate::replay(&asked, &mut |progress| bar.show(progress));
    bar.clear();
    let replayed = replayed?;
    for note in &replayed.notes {
        // That it cannot be told is nobody's loss.
        let _ = writeln!(anstream::stderr(), "note: {}", gate::visible(note));
    }
    print(&match arguments.format {
        Form::Text => replayed.text(),
        Form::Json => replayed.json()?,
    })?;
    Ok(ExitCode::SUCCESS)
}

/// How wide a full bar is.
const WIDTH: usize = 30;

/// How often it is drawn anew, in milliseconds.
const BETWEEN: u128 = 100;

/// A line on a terminal that says how far it is.
struct Bar {
    is_shown: bool,
    drawn: Option<Stopwatch>,
}

impl Bar {
    fn on_terminal(quiet: bool) -> Self {
        Self { is_shown: !quiet && std::io::stderr().is_terminal(), drawn: None }
    }

    fn show(&mut self, Progress { done, of, changes }: Progress) {
        if !self.is_shown || self.drawn.is_some_and(|drawn| drawn.milliseconds() < BETWEEN) {
            return;
        }
        self.drawn = Some(Stopwatch::start());
        let full = WIDTH * done / of.max(1);
        let bar = "█".repeat(full) + &"░".repeat(WIDTH - full);
        let _ = write!(std::io::stderr(), "\r{bar} {done} of {of} commits, {changes} change access");
    }

    /// Takes the line away again.
    fn clear(&self) {
        if self.drawn.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

//! `countersign doctor`.

use super::common::{Error, print};
use crate::gate::{self, Asked, Examination};
use crate::world::{ci, clock};
use chrono::{DateTime, Utc};
use std::path::PathBuf;
use std::process::ExitCode;

/// Say whether the gate is one here, and what lets a change go round it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign doctor # exit 13
  countersign doctor --base origin/main --format json # exit 13

Here nobody said how to reach a forge, and without one nobody can tell what a change has to pass.
It looks at the policy, at the calendars of its windows, and at what the forge asks of a change
before it is merged: in a job of GitHub Actions that hands its token in as GITHUB_TOKEN, elsewhere
with GITHUB_ACTIONS=true and GITHUB_REPOSITORY=OWNER/NAME beside it; in one of GitLab CI that has
GITLAB_TOKEN, elsewhere with GITLAB_CI=true, CI_PROJECT_PATH and CI_API_V4_URL beside it. Nothing
is changed anywhere.
Exit codes: 0 nothing to mend; 10 something to mend; 13 something could not be looked at; 1 on an
error; 2 wrong usage.")]
pub struct Arguments {
    /// The repository: the one that we are in without it
    #[arg(long, value_name = "DIR")]
    repo: Option<PathBuf>,
    /// Read the policy from this revision or directory instead of the work tree
    #[arg(long, value_name = "X")]
    base: Option<String>,
    /// As of this instant instead of now, such as 2026-11-25T21:00:00Z
    #[arg(long, value_name = "TIME", value_parser = super::common::instant)]
    at: Option<DateTime<Utc>>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Form {
    /// For people
    Text,
    /// For machines; see docs/schemas
    Json,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let Arguments { repo, base, at, format } = arguments;
    let policy = Asked { file: None, repo: repo.clone(), base: base.clone(), now: at.unwrap_or_else(clock::now) };
    let forge = ci::forge()?.map(|home| (home.connection, home.repository));
    let examined = gate::doctor(&Examination { policy, forge })?;
    print(&match format {
        Form::Text => examined.text(),
        Form::Json => examined.json()?,
    })?;
    Ok(ExitCode::from(examined.exit_code()))
}

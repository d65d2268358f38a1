//! `countersign policy simulate`.

use super::super::common::{Compared, Error, PolicyElsewhere, print, state};
use super::{Form, instant};
use crate::gate::{self, Judged, Simulate};
use crate::world::clock;
use chrono::{DateTime, Utc};
use std::path::PathBuf;
use std::process::ExitCode;

/// Ask what if: somebody approves, on Friday at 17:05, with this label, under that policy
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign policy simulate --base main --head HEAD --approve bob
  countersign policy simulate --base main --head HEAD --facts facts.yml --label access-reviewed
  countersign policy simulate --base main --head HEAD --at '2026-11-27T17:05[Europe/London]'
  countersign policy simulate --base main --head HEAD --policy countersign.yml --format json

Where the policy stands in a repository of its own, `--policy-repository` and `--policy-ref` name it
as they do for `check`, and `--suppose-ref` another revision of it, such as a proposed branch.

It shows the decision as it stands beside the decision as it would be, and the reason of every rule
that changes its mind. Without facts, somebody in no group opened the change and nobody reviewed it.
Both decisions are those of `countersign check`, but nothing here lets a change pass: the exit code
is that of a question that was answered.
Exit codes: 0 simulated, whatever would be decided; 1 an error; 2 wrong usage.")]
pub struct Arguments {
    #[command(flatten)]
    compared: Compared,
    /// The facts of the change request, as they stand
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// As it stands, judge by the policy of this revision instead of the base
    #[arg(long, value_name = "REV", conflicts_with = "policy_repository")]
    policy_from: Option<String>,
    #[command(flatten)]
    elsewhere: PolicyElsewhere,
    /// As it stands, judge as of this instant instead of now
    #[arg(long, value_name = "TIME", value_parser = instant)]
    now: Option<DateTime<Utc>>,
    /// Suppose that this user of the policy approves the change as it is; once for each
    #[arg(long = "approve", value_name = "LOGIN")]
    approvals: Vec<String>,
    /// Suppose that this user of the policy opened it
    #[arg(long, value_name = "LOGIN")]
    author: Option<String>,
    /// Suppose that it carries this label; once for each
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// Suppose this instant: with an offset as 2026-11-27T17:05:00Z, or with a zone as
    /// 2026-11-27T17:05[Europe/London]
    #[arg(long, value_name = "TIME", value_parser = instant, verbatim_doc_comment)]
    at: Option<DateTime<Utc>>,
    /// Suppose that this is the policy
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Suppose that the policy is that of this revision of the policy repository
    #[arg(long, value_name = "REV", value_parser = state, requires = "policy_repository", conflicts_with = "policy")]
    suppose_ref: Option<String>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let now = arguments.now.unwrap_or_else(clock::now);
    let (facts, policy_from) = (arguments.facts.clone(), arguments.policy_from.clone());
    let simulated = gate::simulate(&Simulate {
        judged: Judged {
            policy_from,
            policy_repository: arguments.elsewhere.repository(),
            facts,
            ..Judged::new(arguments.compared.request()?, now)
        },
        policy: arguments.policy.clone(),
        policy_ref: arguments.suppose_ref.clone(),
        author: arguments.author.clone(),
        approvals: arguments.approvals.clone(),
        labels: arguments.labels.clone(),
        at: arguments.at,
    })?;
    print(&match arguments.format {
        Form::Text => simulated.text(),
        Form::Json => simulated.json()?,
    })?;
    Ok(ExitCode::SUCCESS)
}

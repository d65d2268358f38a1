//! `countersign check`.

use super::common::{Compared, Error, Output, instant, state};
use crate::gate::{self, Judged};
use crate::world::clock::{self, Stopwatch};
use chrono::{DateTime, Utc};
use std::path::PathBuf;
use std::process::ExitCode;

/// Say whether the change is authorized by the policy, and what is missing if it is not
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign check --base origin/main --head HEAD --facts facts.yml
  countersign check --base before/ --head after/ --policy countersign.yml --facts facts.yml
  countersign check --base HEAD~1 --head HEAD --policy-from main --facts facts.yml
  countersign check --base HEAD~1 --head HEAD --plan plan.json --planned stacks --facts facts.yml
  countersign check --stage deploy --base origin/main --head HEAD --facts facts.yml
  countersign check --base main --head HEAD --at 2026-11-25T21:00:00Z --explain # exit 13

In the last one nobody says who approved, and that is a fact the gate does not do without.

The policy is `countersign.yml` on the base side, so that no change decides about itself.
Where the base is the commit at which a change left its branch, `--policy-from` names the branch,
so that today's policy and people hold. `--policy-repository` is for one policy of many
repositories; docs/monorepo.md tells more.
Exit codes: 0 authorized, or nothing changed; 1 error, closed; 10 denied; 11 waiting for approval;
12 window closed; 13 undecidable; 2 wrong usage. In observe mode 0 whatever is decided.")]
pub struct Arguments {
    #[command(flatten)]
    compared: Compared,
    /// The facts of the change request: author, contributors, reviews, labels
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// Judge by this policy file instead of the one on the base side
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Judge by the policy of this revision, such as the branch that the change goes to
    #[arg(long, value_name = "REV", conflicts_with = "policy")]
    policy_from: Option<String>,
    /// Where the change stands: before its merge, or before its deployment
    #[arg(long, value_enum, value_name = "STAGE", default_value_t = Stage::Merge)]
    stage: Stage,
    /// Judge by the policy of another repository, a local clone; `--policy` is then a path in it
    #[arg(long, value_name = "DIR", requires = "policy_ref")]
    policy_repository: Option<PathBuf>,
    /// The revision of the policy repository: a commit, or a protected branch or tag
    #[arg(long, value_name = "REV", value_parser = state, requires = "policy_repository")]
    policy_ref: Option<String>,
    /// Judge as of this instant, such as 2026-11-25T21:00:00Z
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<DateTime<Utc>>,
    /// Show how the decision came about
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Stage {
    /// Before it is merged: the facts are about what is judged
    Merge,
    /// Before it is deployed: what landed lies within `base` to `head` of the facts
    Deploy,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let judged = Judged {
        request: arguments.compared.request(),
        policy: arguments.policy.clone(),
        policy_from: arguments.policy_from.clone(),
        policy_repository: arguments.policy_repository.clone().zip(arguments.policy_ref.clone()),
        facts: arguments.facts.clone(),
        now: arguments.at.unwrap_or_else(clock::now),
        stage: match arguments.stage {
            Stage::Merge => gate::Stage::Merge,
            Stage::Deploy => gate::Stage::Deploy,
        },
    };
    let since = Stopwatch::start();
    let verdict = gate::check(&judged)?;
    arguments.output.tell(&verdict.change.read, since);
    arguments.output.write(&verdict.render(arguments.output.format.into(), arguments.explain)?)?;
    Ok(ExitCode::from(verdict.decision.exit_code()))
}

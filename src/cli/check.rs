//! `countersign check`.

use super::common::{Error, Output};
use super::gaps::Landed;
use super::job::{self, Told};
use super::judging::Judging;
use super::publish;
use crate::gate;
use crate::world::ci::Sink;
use crate::world::clock::Stopwatch;
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

Before a deployment `--ledger` or `--release` has it look for the record of all that landed since
`--baseline` or `--since`, and denies access that would be given while one is missing.

In a job of GitHub Actions or GitLab CI, `countersign check` alone finds both sides, the policy and
the stage by itself, and hands the job its outputs, a summary and annotations: docs/github.md.

The policy is `countersign.yml` on the base side, so that no change decides about itself.
Where the base is the commit at which a change left its branch, `--policy-from` names the branch,
so that today's policy and people hold. `--policy-repository` is for one policy of many
repositories; docs/monorepo.md tells more.
Exit codes: 0 authorized, or nothing changed; 1 error, closed; 10 denied; 11 waiting for approval;
12 window closed; 13 undecidable; 2 wrong usage. In observe mode 0 whatever is decided.")]
pub struct Arguments {
    #[command(flatten)]
    judging: Judging,
    /// Show how the decision came about
    #[arg(long)]
    explain: bool,
    /// Where no policy holds yet, show the change that brings the first one, and stop nothing
    #[arg(long)]
    adopting: bool,
    #[command(flatten, next_help_heading = "What landed before")]
    landed: Landed,
    #[command(flatten)]
    told: Told,
    #[command(flatten)]
    publish: publish::Parts,
    #[command(flatten)]
    output: Output,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let is_gate = arguments.judging.compared.is_open() || arguments.told.outputs;
    judge(arguments).inspect_err(|error| {
        if is_gate {
            job::annotate(error);
        }
    })
}

fn judge(arguments: &Arguments) -> Result<ExitCode, Error> {
    let since = Stopwatch::start();
    let (mut judged, located) = arguments.judging.judged()?;
    if judged.stage == gate::Stage::Deploy {
        judged.missing = arguments.landed.missing(&judged.request.head, &judged.request.repo)?;
    }
    let sink = arguments.told.sink(located.as_ref());
    let destination = arguments.publish.destination(arguments.judging.environment.as_deref())?;
    let verdict = match gate::check(&judged) {
        Err(gate::Error::NoPolicy) if arguments.adopting && gate::brings_policy(&judged.request)? => {
            return arguments.show(&gate::diff(&judged.request)?, sink.as_ref(), since);
        }
        outcome => {
            if let Some(destination) = &destination {
                publish::publish(destination, &judged, outcome.as_ref(), arguments.output.verbose);
            }
            outcome?
        }
    };
    arguments.output.tell(&verdict.change.read, since);
    arguments.output.write(&verdict.render(arguments.output.format.into(), arguments.explain)?)?;
    if let Some(sink) = &sink {
        arguments.output.hand_over(&verdict.told()?, sink)?;
    }
    Ok(ExitCode::from(verdict.decision.exit_code()))
}

impl Arguments {
    /// There is nothing to judge by yet.
    fn show(&self, change: &gate::Change, sink: Option<&Sink>, since: Stopwatch) -> Result<ExitCode, Error> {
        self.output.tell(&change.read, since);
        self.output.write(&change.render(self.output.format.into(), false)?)?;
        if let Some(sink) = sink {
            self.output.hand_over(&change.told()?, sink)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

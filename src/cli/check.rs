//! `countersign check`.

use super::common::{Error, Misused, Output};
use super::gaps::Landed;
use super::job::{self, Told};
use super::judging::Judging;
use super::publish;
use crate::gate;
use crate::world::ci::{self, Job, Sink};
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
In a job that a clock started, or with --open, it judges every change request that is open; one
alone by --change-request, wherever the forge can be asked.

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
    /// Judge this change request, as its forge has it now
    #[arg(long, value_name = "N", conflicts_with_all = ["base", "head", "plans", "environment"])]
    change_request: Option<u64>,
    /// Judge every change request that is open, as in a job that a clock started
    #[arg(long, conflicts_with_all = ["change_request", "base", "head", "plans", "environment", "stage"])]
    open: bool,
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
    if arguments.open {
        return arguments.again(since);
    }
    let job = match arguments.change_request {
        Some(number) => Some(arguments.job_of(number)?),
        None => arguments.judging.job()?,
    };
    if job.as_ref().is_some_and(|job| gate::is_round(job, &arguments.judging.wanted())) {
        return arguments.again(since);
    }
    let (mut judged, located) = arguments.judging.judged_in(job.as_ref())?;
    match judged.stage {
        gate::Stage::Deploy => judged.missing = arguments.landed.missing(&judged)?,
        gate::Stage::Merge => arguments.landed.not_before_a_merge()?,
    }
    let sink = arguments.told.sink(located.as_ref());
    let environment = located.as_ref().and_then(|located| located.environment.as_deref()).or(arguments.judging.environment.as_deref());
    let mut destination = arguments.publish.destination(environment)?;
    if let (Some(job), Some(destination)) = (&job, &mut destination) {
        destination.take_up(&job.about);
    }
    let beside = located.as_ref().map_or(&[][..], |located| &located.beside);
    let decided = if judged.stage == gate::Stage::Deploy { gate::deployment(&judged, beside) } else { gate::single(&judged) };
    let round = match decided {
        Err(gate::Error::NoPolicy) if arguments.adopting && gate::brings_policy(&judged.request)? => {
            return arguments.show(&gate::diff(&judged.request)?, sink.as_ref(), since);
        }
        Err(error) => {
            if let Some(destination) = &destination {
                publish::publish(destination, &judged, Err(&error), arguments.output.verbose);
            }
            return Err(error.into());
        }
        Ok(round) => round,
    };
    if let (Some(destination), Some(worst)) = (&destination, round.worst()) {
        let destination = if round.alone().is_some() { destination.clone() } else { destination.of_several() };
        publish::publish(&destination, &worst.judged, worst.outcome.as_ref(), arguments.output.verbose);
    }
    let Some(verdict) = round.alone() else { return arguments.show_all(&round, sink.as_ref(), since) };
    arguments.output.tell(&verdict.change.read, since);
    arguments.output.write(&verdict.render(arguments.output.format.into(), arguments.explain)?)?;
    if let Some(sink) = &sink {
        arguments.output.hand_over(&verdict.told()?, sink)?;
    }
    Ok(ExitCode::from(verdict.decision.exit_code()))
}

impl Arguments {
    /// Judges every change request that is open.
    fn again(&self, since: Stopwatch) -> Result<ExitCode, Error> {
        self.landed.not_before_a_merge()?;
        let home = ci::forge()?.ok_or(gate::Error::NobodyToAsk)?;
        let round = gate::again(&home, &self.judging.wanted(), &self.judging.template())?;
        if let Some(destination) = self.publish.destination(None)? {
            for part in &round.parts {
                let destination = destination.about(part.target.as_ref());
                publish::publish(&destination, &part.judged, part.outcome.as_ref(), self.output.verbose);
            }
        }
        self.show_all(&round, ci::sink().as_ref(), since)
    }

    /// What the job of a change request would be, whatever runs here.
    fn job_of(&self, number: u64) -> Result<Job, Error> {
        const NO_FORGE: Misused = Misused(
            "`--change-request` asks the forge: hand a token in as `GITHUB_TOKEN`, outside of a job with GITHUB_ACTIONS=true and GITHUB_REPOSITORY=OWNER/NAME beside it, or as `GITLAB_TOKEN`, with GITLAB_CI=true, CI_PROJECT_PATH and CI_API_V4_URL beside it",
        );
        let home = ci::forge()?.ok_or(NO_FORGE)?;
        let about = gate::requested(&home, number, self.judging.compared.repo())?;
        Ok(home.job(about))
    }

    /// Several decisions.
    fn show_all(&self, round: &gate::Round, sink: Option<&Sink>, since: Stopwatch) -> Result<ExitCode, Error> {
        for verdict in round.parts.iter().filter_map(|part| part.outcome.as_ref().ok()) {
            self.output.tell(&verdict.change.read, since);
        }
        self.output.write(&round.render(self.output.format.into(), self.explain)?)?;
        if let Some(sink) = sink {
            self.output.hand_over(&round.told()?, sink)?;
        }
        Ok(ExitCode::from(round.exit_code()))
    }

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

//! `countersign policy test`.

use super::super::common::{Error, print};
use super::Form;
use crate::gate::{self, Tests};
use crate::world::clock;
use std::path::PathBuf;
use std::process::ExitCode;

/// Try a policy on the cases beside it: a change, who approves it, what should come of it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign policy test
  countersign policy test --filter security
  countersign policy test countersign.tests.yml --coverage --format json

The cases of `countersign.yml` stand beside it in `countersign.tests.yml`: files before and after a
change, who wrote and who approved it, and what the policy should say:

  version: 1
  tests:
    - name: a new member of a role waits for security
      base: { clusters/prod/ci.yaml: { file: fixtures/before.yaml } }
      head: { clusters/prod/ci.yaml: { file: fixtures/after.yaml } }
      author: alice
      expect: waiting for approval
      ask: [bob, carol]

It needs no repository, no forge and no network; docs/testing-policies.md says more.
Exit codes: 0 every policy says what was expected; 10 one does not; 14 with `--coverage`, a rule
decides no case; 1 an error, also when there is no case; 2 wrong usage.")]
pub struct Arguments {
    /// Files of cases, or directories with files that are called NAME.tests.yml; without
    /// it, those beside the policy of the work tree
    #[arg(value_name = "PATH", verbatim_doc_comment)]
    paths: Vec<PathBuf>,
    /// Try only cases in whose name this stands
    #[arg(long, value_name = "WORDS", conflicts_with = "coverage")]
    filter: Option<String>,
    /// Name the rules that decide no case, and the triggers by which they do not
    #[arg(long)]
    coverage: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    /// Print nothing but errors: the exit code says it
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let Arguments { paths, filter, coverage, format, quiet } = arguments;
    let tests = Tests { paths: paths.clone(), filter: filter.clone(), coverage: *coverage, now: clock::now() };
    let tested = gate::test_policy(&tests)?;
    if !quiet {
        print(&match format {
            Form::Text => tested.text(),
            Form::Json => tested.json()?,
        })?;
    }
    Ok(ExitCode::from(tested.exit_code()))
}

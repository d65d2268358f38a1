//! `countersign baseline`.

use super::attest::SignerArguments;
use super::common::{Error, instant, print, release, state};
use crate::gate::{self, AttestedRepository, Note, Wanted};
use crate::world::{ci, clock, files};
use chrono::{DateTime, Utc};
use std::path::PathBuf;
use std::process::ExitCode;

/// Note what access there is, and which two people approved it, and sign that
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign baseline --commit main --facts facts.yml --unverified-facts --key key.pem # exit 1

It writes `baseline.sigstore.json`: the inventory of all access at a commit, and two people or more
who have approved exactly that commit and did not write it. `countersign gaps` and `check` want a
record of every change of access since, and of none before: a baseline is where a population begins
and authorizes nothing. In the example nobody has approved.
Who signs, and what of it a log is told: as for `countersign attest`.
Exit codes: 0 signed; 1 an error, nothing written.")]
pub struct Arguments {
    /// The state: a commit that two people have approved
    #[arg(long, value_name = "REV", value_parser = state, default_value = "HEAD")]
    commit: String,
    /// The repository: a work tree or a bare repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// The facts of the change request in which they did; without it the job's forge is asked
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// Note it as of this instant, such as 2026-11-25T21:00:00Z
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<DateTime<Utc>>,
    /// The repository, such as acme/infrastructure, where neither facts nor token name it
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// The forge's immutable id of the repository, where no token names it
    #[arg(long, value_name = "ID")]
    repository_id: Option<String>,
    #[command(flatten)]
    signer: SignerArguments,
    /// Sign also what a facts file says, for which nobody vouches
    #[arg(long)]
    unverified_facts: bool,
    /// Attach it to this release: its tag, in a job of its repository, or its address
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
    /// Where to write it
    #[arg(long, value_name = "DIR", default_value = ".")]
    output_dir: PathBuf,
}

impl Arguments {
    /// The forge of the job, if no file has the facts.
    fn forge(&self) -> Result<Option<gate::OnForge>, Error> {
        if self.facts.is_some() {
            return Ok(None);
        }
        let Some(job) = ci::job()? else { return Ok(None) };
        let wanted = Wanted { has_policy: true, ..Wanted::default() };
        Ok(gate::locate(&job, &self.repo, &wanted)?.forge)
    }
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let (signer, verifier) = arguments.signer.signer()?;
    let noted = gate::note(&Note {
        repo: arguments.repo.clone(),
        commit: arguments.commit.clone(),
        facts: arguments.facts.clone(),
        forge: arguments.forge()?,
        now: arguments.at.unwrap_or_else(clock::now),
        given_time: arguments.at.is_some(),
        repository: AttestedRepository { id: arguments.repository_id.clone(), name: arguments.repository.clone() },
        signer,
        verifier,
        unverified_facts: arguments.unverified_facts,
        public_log: arguments.signer.public_log,
        release: arguments.release.as_deref().map(release).transpose()?,
    })?;
    let path = arguments.output_dir.join("baseline.sigstore.json");
    files::write_below(&path, format!("{}\n", noted.json).as_bytes())
        .map_err(|source| gate::Error::Write { path: path.clone(), source })?;
    let mut said = format!(
        "baseline of commit {}: {} of access, approved by {}\nwrote {}\n",
        noted.commit.get(..12).unwrap_or(&noted.commit),
        if noted.parts == 1 { "1 part".to_owned() } else { format!("{} parts", noted.parts) },
        gate::visible(&noted.people.join(", ")),
        gate::visible(&path.to_string_lossy()),
    );
    for (place, word) in &noted.attached {
        said.extend([&*gate::visible(place), ": ", &gate::visible(word), "\n"]);
    }
    print(&said)?;
    Ok(ExitCode::SUCCESS)
}

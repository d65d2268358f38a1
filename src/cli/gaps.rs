//! `countersign gaps`, and what of it `check` asks before a deployment.

use super::common::{Error, Misused, PolicyElsewhere, print, release, state};
use super::verify::{Form, Signers};
use crate::gate::{self, Expected, Gaps, Judged, Sources, Verify};
use crate::world;
use crate::world::store::Store;
use std::path::PathBuf;
use std::process::ExitCode;

/// Find what landed without a record: every change of access, and what settles it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign gaps --from main --to HEAD --ledger ledger --key key.pub --unverified-facts
  countersign gaps --from main --ledger ledger --key key.pub # exit 10

Each commit on the line of first parents is held against the one before it. What changes access or
the gate's own files needs a record about exactly those commits, or about the branch that was
merged there for the first time, of which no more may have landed than was authorized. It has to be
decided by a policy that had landed before, or that of `--policy`, `--policy-repository`,
`--policy-digest`. Records whose signature does not hold are not taken, and are named. What only
takes access away needs none.
It begins at `--from`, or at a signed baseline, which `countersign baseline` makes.
Exit codes: 0 nothing is missing; 10 something is; 1 an error; 2 wrong usage.")]
#[command(group = clap::ArgGroup::new("source").required(true).multiple(true).args(["paths", "ledger", "release"]))]
pub struct Arguments {
    /// Bundles, files with one on each line, and directories of them
    #[arg(value_name = "BUNDLES")]
    paths: Vec<PathBuf>,
    /// The state that it begins at, such as the tag of the release before
    #[arg(long, value_name = "REV", value_parser = state)]
    from: Option<String>,
    /// A signed baseline, which says where it begins
    #[arg(long, value_name = "BUNDLE", required_unless_present = "from", conflicts_with = "from")]
    baseline: Option<PathBuf>,
    /// The state that it ends at, such as the tag of a release
    #[arg(long, value_name = "REV", value_parser = state, default_value = "HEAD")]
    to: String,
    /// A ledger: a directory, or a ref of `--repo`, such as refs/countersign/ledger
    #[arg(long, value_name = "LEDGER")]
    ledger: Option<String>,
    /// A release: its tag, in a job of its repository, or its address
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
    /// The repository: a work tree or a bare repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// Read this policy instead of the one in the state before each change
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    elsewhere: PolicyElsewhere,
    /// The digest of the policy's file that has to have decided; without it one that had landed
    #[arg(long, value_name = "DIGEST")]
    policy_digest: Option<String>,
    #[command(flatten)]
    taken: Taken,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// Who has to have signed what landed before. Where it begins says nothing without a place to look in.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("records").multiple(true).args(["ledger", "release"]))]
pub(super) struct Landed {
    /// Before a deployment, want a record of all that landed in this ledger: a directory, a ref
    #[arg(long, value_name = "LEDGER")]
    ledger: Option<String>,
    /// The same, attached to this release: its tag, or its address
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
    /// Since this signed baseline
    #[arg(long, value_name = "BUNDLE", conflicts_with = "since", requires = "records")]
    baseline: Option<PathBuf>,
    /// Since this state
    #[arg(long, value_name = "REV", value_parser = state, requires = "records")]
    since: Option<String>,
    #[command(flatten)]
    taken: Taken,
}

/// Which records are taken.
#[derive(Debug, clap::Args)]
struct Taken {
    #[command(flatten)]
    signers: Signers,
    /// The repository that records have to be of, such as acme/infrastructure
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// The immutable id of that repository
    #[arg(long, value_name = "ID")]
    repository_id: Option<String>,
    /// Take also records from a facts file, for which nobody vouches
    #[arg(long)]
    unverified_facts: bool,
}

impl Taken {
    /// Verifies records, whatever they are about. One that settles a gap afterwards is taken, and stays an exception.
    fn verify(&self) -> Result<Verify, Error> {
        let expected = Expected {
            repository: self.repository.clone(),
            repository_id: self.repository_id.clone(),
            unverified_facts: self.unverified_facts,
            retroactive: true,
            ..Expected::default()
        };
        Ok(Verify {
            sources: Sources::default(),
            verifier: self.signers.verifier()?,
            identity: self.signers.identity(),
            expected,
            recompute: None,
            forge: None,
        })
    }
}

impl Landed {
    /// Whether somebody asks about records.
    fn is_asked(&self) -> bool {
        self.ledger.is_some() || self.release.is_some()
    }

    /// Nothing is looked for before a merge, and whoever asks for it must not believe that it was.
    pub fn not_before_a_merge(&self) -> Result<(), Error> {
        const BEFORE_A_MERGE: Misused = Misused(
            "`--ledger` and `--release` look for the records of what landed, before a deployment: say `--stage deploy`, or leave them out before a merge",
        );
        if self.is_asked() { Err(BEFORE_A_MERGE.into()) } else { Ok(()) }
    }

    /// What has no record, in a half-sentence each; nothing where nobody asks.
    pub fn missing(&self, judged: &Judged) -> Result<Vec<String>, Error> {
        let Judged { request, policy, policy_repository, .. } = judged;
        if !self.is_asked() {
            return Ok(Vec::new());
        }
        let settled = gate::gaps(&Gaps {
            repo: request.repo.clone(),
            from: self.since.clone(),
            baseline: self.baseline.clone(),
            to: request.head.clone(),
            verify: self.taken.verify()?,
            sources: Sources {
                verb: "countersign check",
                store: self.ledger.as_deref().map(|name| Store::named(name, &request.repo)),
                release: self.release.as_deref().map(release).transpose()?,
                ..Sources::default()
            },
            policy: policy.clone(),
            policy_repository: policy_repository.clone(),
            cache: world::cache_directory(),
        })?;
        Ok(settled.gaps().collect())
    }
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let mut verify = arguments.taken.verify()?;
    verify.expected.policy_digest.clone_from(&arguments.policy_digest);
    let settled = gate::gaps(&Gaps {
        repo: arguments.repo.clone(),
        from: arguments.from.clone(),
        baseline: arguments.baseline.clone(),
        to: arguments.to.clone(),
        verify,
        sources: Sources {
            verb: "countersign gaps",
            paths: arguments.paths.clone(),
            store: arguments.ledger.as_deref().map(|name| Store::named(name, &arguments.repo)),
            release: arguments.release.as_deref().map(release).transpose()?,
            ..Sources::default()
        },
        policy: arguments.policy.clone(),
        policy_repository: arguments.elsewhere.repository(),
        cache: world::cache_directory(),
    })?;
    print(&match arguments.format {
        Form::Text => settled.text(),
        Form::Json => settled.json()?,
    })?;
    Ok(ExitCode::from(if settled.is_complete() { 0 } else { 10 }))
}

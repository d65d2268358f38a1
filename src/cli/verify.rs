//! `countersign verify`.

use super::common::{Error, Misused, print, release, state};
use crate::gate::{self, Expected, Identity, IdentityPolicy, Recompute, Sources, Subject, Verify};
use crate::world::ci;
use crate::world::forge::Connection;
use crate::world::signer::Verifier;
use crate::world::store::Store;
use std::path::PathBuf;
use std::process::ExitCode;

/// Verify that evidence is an authorization of a commit or an artifact, offline
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign verify authorization.sigstore.json --commit HEAD --key key.pub --unverified-facts
  countersign verify *.jsonl --commit HEAD --key key.pub --unverified-facts --recompute
  countersign verify authorization.sigstore.json --commit main --key key.pub # exit 10

Nothing is asked of a network, unless `--release` names where the bundles are, or `--against-forge`
asks for the approvals again. What a certificate has signed is taken only from the workflow that
`--identity` names, and only if `--issuer` vouched for it. In both of them and in the other texts of
a certificate `*` stands for anything, but not in the issuer and in ids.
Every link is held: bundle, signature with certificate, log and time, identity, statement, subject,
repository, record, consistency; with `--recompute` change and decision are worked out again, and
every field that is not the same is named with both values.
Exit codes: 0 verified; 10 refused, with the link that broke; 1 an error; 2 wrong usage.")]
#[command(override_usage = "countersign verify [OPTIONS] <--commit REV|--artifact FILE|--digest SHA256> [BUNDLE]...")]
#[command(group = clap::ArgGroup::new("subject").required(true).multiple(true).args(["commit", "artifacts", "digests"]))]
#[command(group = clap::ArgGroup::new("source").required(true).multiple(true).args(["bundles", "release", "ledger"]))]
pub struct Arguments {
    /// Files with a bundle each, or, if they end with `.jsonl`, one on each line; or directories
    #[arg(value_name = "BUNDLE")]
    bundles: Vec<PathBuf>,
    /// The bundles about it at this release: its tag, in a job of its repository, or its address
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
    /// Those about the commit in the store of attestations of the release's forge as well
    #[arg(long, requires = "release", requires = "commit")]
    attestations: bool,
    /// The entries about it of this ledger: a directory, or a ref of `--repo`
    #[arg(long, value_name = "LEDGER")]
    ledger: Option<String>,
    /// The commit that it has to be about: a full id, or a revision of `--repo`
    #[arg(long, value_name = "REV", value_parser = state)]
    commit: Option<String>,
    /// A file that it has to be about
    #[arg(long = "artifact", value_name = "FILE")]
    artifacts: Vec<PathBuf>,
    /// The SHA-256 of a file that it has to be about, in hexadecimal
    #[arg(long = "digest", value_name = "SHA256", value_parser = sha256)]
    digests: Vec<String>,
    #[command(flatten)]
    signers: Signers,
    /// The repository that the evidence has to be of, such as acme/infrastructure
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// The immutable id of that repository
    #[arg(long, value_name = "ID")]
    repository_id: Option<String>,
    /// The digest of the file of the policy that has to have decided, with `sha256:` before it
    #[arg(long, value_name = "DIGEST")]
    policy_digest: Option<String>,
    #[command(flatten)]
    taken: Taken,
    /// Work change and decision out again from the repository, and compare every field
    #[arg(long)]
    recompute: bool,
    /// Ask the forge again for the approvals, in a job that has a token for it
    #[arg(long)]
    against_forge: bool,
    /// The repository: a work tree or a bare repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// A clone of the repository that has the policy, to work the decision out again
    #[arg(long, value_name = "DIR", requires = "recompute")]
    policy_repository: Option<PathBuf>,
    /// The policy file that the gate was given by name, to work the decision out again
    #[arg(long, value_name = "FILE", requires = "recompute")]
    policy: Option<PathBuf>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// Who may have signed.
#[derive(Debug, clap::Args)]
pub(super) struct Signers {
    /// The public key, of bundles that a key has signed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["identity", "issuer"])]
    key: Option<PathBuf>,
    /// What certificates, logs and timestamps are held against, instead of the public root
    #[arg(long, value_name = "FILE")]
    trusted_root: Option<PathBuf>,
    /// Who may have signed: the address of a workflow at a ref
    #[arg(long, value_name = "PATTERN", requires = "issuer")]
    identity: Option<String>,
    /// Who vouched for the identity
    #[arg(long, value_name = "URL", requires = "identity")]
    issuer: Option<String>,
    /// The repository that the certificate is for: an address, or owner/name
    #[arg(long, value_name = "PATTERN")]
    source_repository: Option<String>,
    /// The id of that repository
    #[arg(long, value_name = "ID")]
    source_repository_id: Option<String>,
    /// The ref that the certificate is for
    #[arg(long, value_name = "PATTERN")]
    source_ref: Option<String>,
    /// The workflow that the run was of
    #[arg(long, value_name = "PATTERN")]
    workflow: Option<String>,
}

/// What is taken although it is less than an authorization.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(super) struct Taken {
    /// Take also what was decided from a facts file, for which nobody vouches
    #[arg(long)]
    unverified_facts: bool,
    /// Take also a record of a change that had landed before it was asked about
    #[arg(long)]
    retroactive: bool,
    /// Take also what a gate that only looks on has said
    #[arg(long)]
    observed: bool,
    /// Take also a record about some paths only
    #[arg(long)]
    some_paths: bool,
}

impl Signers {
    pub(super) fn verifier(&self) -> Result<Verifier, Error> {
        Ok(Verifier::new(self.trusted_root.as_deref(), self.key.as_deref())?)
    }

    pub(super) fn identity(&self) -> IdentityPolicy {
        IdentityPolicy(Identity {
            issuer: self.issuer.clone(),
            subject: self.identity.clone(),
            repository: self.source_repository.clone(),
            repository_id: self.source_repository_id.clone(),
            reference: self.source_ref.clone(),
            workflow: self.workflow.clone(),
            run: None,
        })
    }
}

impl Taken {
    pub(super) fn expected(&self) -> Expected {
        let Self { unverified_facts, retroactive, observed, some_paths } = *self;
        Expected { unverified_facts, retroactive, observed, some_paths, ..Expected::default() }
    }
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Form {
    /// For people
    Text,
    /// For machines; see docs/schemas
    Json,
}

fn sha256(text: &str) -> Result<String, String> {
    let hex = text.strip_prefix("sha256:").unwrap_or(text);
    let is_digest = hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_digest { Ok(hex.to_owned()) } else { Err("write 64 lower-case hexadecimal digits, as `sha256sum` prints them".to_owned()) }
}

impl Arguments {
    fn sources(&self) -> Result<Sources, Error> {
        let commit = self.commit.as_deref().filter(|_| self.attestations);
        let content = commit.map(|commit| Subject::Commit(commit).content(&self.repo)).transpose()?;
        Ok(Sources {
            verb: "countersign verify",
            paths: self.bundles.clone(),
            store: self.ledger.as_deref().map(|name| Store::named(name, &self.repo)),
            release: self.release.as_deref().map(release).transpose()?,
            attestations: content.into_iter().collect(),
        })
    }

    fn expected(&self) -> Result<Expected, Error> {
        let commit = self.commit.iter().map(|commit| Subject::Commit(commit));
        let artifacts = self.artifacts.iter().map(|path| Subject::Artifact(path));
        let subjects = commit.chain(artifacts).map(|subject| subject.digest(&self.repo)).collect::<Result<Vec<_>, _>>()?;
        Ok(Expected {
            subjects: subjects.into_iter().chain(self.digests.iter().map(|hex| ("sha256", hex.clone()))).collect(),
            repository: self.repository.clone(),
            repository_id: self.repository_id.clone(),
            policy_digest: self.policy_digest.clone(),
            ..self.taken.expected()
        })
    }
}

fn connection() -> Result<Connection, Error> {
    let home = ci::asked()?.ok_or(Misused(
        "`--against-forge` asks the forge of a job: of GitHub Actions that hands its token in as `GITHUB_TOKEN`, or of GitLab CI that has `GITLAB_TOKEN`",
    ))?;
    Ok(home.connection)
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let verify = Verify {
        sources: arguments.sources()?,
        verifier: arguments.signers.verifier()?,
        identity: arguments.signers.identity(),
        expected: arguments.expected()?,
        recompute: arguments.recompute.then(|| Recompute {
            repo: arguments.repo.clone(),
            policy_repository: arguments.policy_repository.clone(),
            policy: arguments.policy.clone(),
        }),
        forge: if arguments.against_forge { Some(connection()?) } else { None },
    };
    let verified = gate::verify(&verify)?;
    print(&match arguments.format {
        Form::Text => verified.text(),
        Form::Json => verified.json()?,
    })?;
    Ok(ExitCode::from(if verified.holds() { 0 } else { 10 }))
}

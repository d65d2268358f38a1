//! `countersign attest`.

use super::common::{Error, print, release};
use super::judging::Judging;
use crate::gate::{self, Attest, AttestedRepository};
use crate::world::files;
use crate::world::signer::{Key, KeySigner, Keyless, Signer, Token, Verifier};
use crate::world::store::Store;
use std::path::PathBuf;
use std::process::ExitCode;

/// Judge as `check` does, and sign what was decided as evidence
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign attest --base main --head HEAD --facts facts.yml --unverified-facts --key key.pem

It writes `authorization.sigstore.json`, an in-toto statement in a Sigstore bundle; for an
authorization a summary in SLSA's words, `summary.sigstore.json`; and both, one on each line, in
`countersign.intoto.jsonl`. Everything is verified before it is written.

Without a key the run signs as itself: GitHub Actions with `id-token: write`, GitLab CI with an
`id_tokens: SIGSTORE_ID_TOKEN`, elsewhere the file of `--identity-token`. The services are those of
`--signing-config`, else the public ones, which tell everybody that the repository exists; so they
are used only where the token says that it is public, or with `--public-log`.
With `--sign-with` a command signs, such as one of a KMS:
`--public-key key.pub --sign-with openssl dgst -sha256 -sign key.pem`.
What is signed, and how it is verified: docs/predicates/authorization-v1.md and docs/auditing.md.
Exit codes: 0 signed; 1 an error, nothing written; 10 to 13 as `check`, and nothing to sign.")]
pub struct Arguments {
    #[command(flatten)]
    judging: Judging,
    /// The repository, such as acme/infrastructure, where neither facts nor token name it
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// The forge's immutable id of the repository, where no token names it
    #[arg(long, value_name = "ID")]
    repository_id: Option<String>,
    /// A file that is released from the commit; once for each
    #[arg(long = "artifact", value_name = "FILE")]
    artifacts: Vec<PathBuf>,
    #[command(flatten)]
    signer: SignerArguments,
    /// Sign also what was decided from a facts file, for which nobody vouches
    #[arg(long)]
    unverified_facts: bool,
    /// Add the record to this ledger: a directory, or a ref such as refs/countersign/ledger
    #[arg(long, value_name = "LEDGER")]
    ledger: Option<String>,
    /// Attach the bundles to this release: its tag, in a job of its repository, or its address
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
    /// Have GitHub keep them in its own store of attestations as well, where the plan has one
    #[arg(long, requires = "release")]
    attestations: bool,
    /// Where to write the bundles
    #[arg(long, value_name = "DIR", default_value = ".")]
    output_dir: PathBuf,
}

/// Who signs.
#[derive(Debug, clap::Args)]
pub(super) struct SignerArguments {
    /// Sign with this private key: P-256, PKCS#8, PEM
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sign_with", "signing_config", "identity_token", "public_log"])]
    key: Option<PathBuf>,
    /// Sign with this command, which gets what to sign on its standard input and prints an
    /// ECDSA signature in DER; everything up to a `;`
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true, value_terminator = ";", requires = "public_key", verbatim_doc_comment,
        conflicts_with_all = ["signing_config", "identity_token", "public_log"])]
    sign_with: Vec<String>,
    /// The public key of the command
    #[arg(long, value_name = "FILE", requires = "sign_with")]
    public_key: Option<PathBuf>,
    /// With a key: a timestamp authority that vouches for the time, by its address
    #[arg(long, value_name = "URL", requires = "trusted_root", conflicts_with_all = ["signing_config", "identity_token"])]
    timestamps: Option<String>,
    /// The services of a Sigstore instance to sign with, instead of the public ones
    #[arg(long, value_name = "FILE", requires = "trusted_root")]
    signing_config: Option<PathBuf>,
    /// The root that verifiers will trust, to verify before anything is written
    #[arg(long, value_name = "FILE")]
    trusted_root: Option<PathBuf>,
    /// A file with the identity token of this run
    #[arg(long, value_name = "FILE")]
    identity_token: Option<PathBuf>,
    /// Let a log that everybody can read know of a repository that is not known to be public
    #[arg(long)]
    pub(super) public_log: bool,
}

impl SignerArguments {
    /// Who signs, and what that is held against before anything is written.
    pub(super) fn signer(&self) -> Result<(Signer, Verifier), Error> {
        let root = self.trusted_root.as_deref();
        let key = match (&self.key, &self.public_key) {
            (Some(path), _) => Some(Key::read(path)?),
            (None, Some(public)) => Some(Key::command(self.sign_with.clone(), public)?),
            (None, None) => None,
        };
        if let Some(key) = key {
            let verifier = Verifier::of_key(root, &key.public_key()?)?;
            return Ok((Signer::Key(KeySigner::new(key, self.timestamps.clone())), verifier));
        }
        let token = Token::ambient(self.identity_token.as_deref())?;
        let keyless = Keyless::new(self.signing_config.as_deref(), token)?;
        Ok((Signer::Keyless(Box::new(keyless)), Verifier::new(root, None)?))
    }
}

impl Arguments {
    fn attest(&self) -> Result<Attest, Error> {
        let (signer, verifier) = self.signer.signer()?;
        let (judged, _) = self.judging.judged()?;
        let ledger = self.ledger.as_deref().map(|name| Store::named(name, &judged.request.repo));
        Ok(Attest {
            judged,
            given_time: self.judging.has_time(),
            repository: AttestedRepository { id: self.repository_id.clone(), name: self.repository.clone() },
            artifacts: self.artifacts.clone(),
            signer,
            verifier,
            unverified_facts: self.unverified_facts,
            public_log: self.signer.public_log,
            ledger,
            release: self.release.as_deref().map(release).transpose()?,
            attestations: self.attestations,
        })
    }
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let attested = gate::attest(&arguments.attest()?)?;
    let decision = &attested.verdict.decision;
    if attested.bundles.is_empty() {
        print(&format!("{}Nothing was signed.\n", attested.verdict.render_decision()))?;
        return Ok(ExitCode::from(decision.exit_code()));
    }
    let mut said = format!("{}\n", gate::visible(&decision.headline()));
    let line = |json: &String| json.clone() + "\n";
    let written = attested.bundles.iter().map(|bundle| (format!("{}.sigstore.json", bundle.name), line(&bundle.json)));
    let lines: String = attested.bundles.iter().map(|bundle| line(&bundle.json)).collect();
    for (name, text) in written.chain([("countersign.intoto.jsonl".to_owned(), lines)]) {
        let path = arguments.output_dir.join(name);
        files::write_below(&path, text.as_bytes()).map_err(|source| gate::Error::Write { path: path.clone(), source })?;
        said.extend(["wrote ", &gate::visible(&path.to_string_lossy()), "\n"]);
    }
    for (place, word) in &attested.attached {
        said.extend([&*gate::visible(place), ": ", &gate::visible(word), "\n"]);
    }
    print(&said)?;
    Ok(ExitCode::SUCCESS)
}

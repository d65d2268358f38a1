//! Why nothing was signed, and why a bundle is not taken.

use std::io;
use std::path::PathBuf;

/// What a library said.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why nothing was signed, or nothing can be verified.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read the {what} `{}`", path.display())]
    Read {
        /// What it is for.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what it is for.
    #[error("`{}` is no {what}; {help}", path.display())]
    Unusable {
        /// What it is for.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// What to do.
        help: &'static str,
        /// What is wrong with it.
        source: Cause,
    },
    /// The command that signs cannot be started, or is cut off.
    #[error("cannot run the command that signs, `{program}`")]
    Command {
        /// Which.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// The command that signs failed.
    #[error("the command that signs, `{program}`, ended with {status}: {said}")]
    CommandFailed {
        /// Which.
        program: String,
        /// How it ended.
        status: String,
        /// The end of what it said.
        said: String,
    },
    /// A signature of the command does not hold.
    #[error(
        "what the command that signs has printed is no signature of the key in `--public-key`; it has to print an ECDSA signature over SHA-256 in DER"
    )]
    NotItsSignature {
        /// Why not.
        source: Cause,
    },
    /// There is no token.
    #[error(
        "this run has no identity to sign with: in GitHub Actions give the job `permissions: {{ id-token: write }}`, in GitLab CI an `id_tokens: {{ SIGSTORE_ID_TOKEN: {{ aud: sigstore }} }}`, \
         elsewhere name a file with `--identity-token`, or sign with a key by `--key`"
    )]
    NoToken,
    /// The token service said no.
    #[error("the token of this run was refused: {0}")]
    TokenRefused(String),
    /// A token is none.
    #[error("the identity token is none: {0}")]
    NotAToken(&'static str),
    /// A service did not do what it was asked.
    #[error("{what} failed")]
    Service {
        /// What was asked.
        what: &'static str,
        /// Why.
        source: Cause,
    },
    /// The time limit of a service's configuration, or its form.
    #[error("there is no client for the services")]
    Client {
        /// Why.
        source: Cause,
    },
    /// Waiting is not possible.
    #[error("the runtime cannot be started")]
    Runtime {
        /// What the system said.
        source: io::Error,
    },
}

/// Why a bundle is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is no bundle.
    #[error("it is no Sigstore bundle of an attestation: {0}")]
    Bundle(String),
    /// It was signed by a certificate, and only a key is given, or the other way round.
    #[error("{0}")]
    Material(&'static str),
    /// The signature, the certificate, the log entry or the time does not hold.
    #[error("{0}")]
    Signature(String),
    /// Nothing in the statement can be bound.
    #[error("{0}")]
    Statement(String),
}

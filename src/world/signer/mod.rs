//! Who signs evidence, and whether a signature holds. No type of Sigstore's crates leaves this directory.
//!
//! | file | what it knows |
//! |---|---|
//! | `key` | a private key in a file, or a command that has one: P-256 |
//! | `keyless` | an identity that lasts for minutes: a token of a CI system, Fulcio, Rekor, a timestamp |
//! | `token` | the token of the run |
//! | `verifier` | a bundle → what was signed, by whom and when |

mod error;
mod key;
mod keyless;
mod token;
mod verifier;

pub use error::{Error, Refused};
pub use key::{Key, KeySigner};
pub use keyless::Keyless;
pub use token::{Claims, Token};
pub use verifier::{SignedBy, Verified, Verifier, payload};

use std::time::Duration;

/// How long one request to a service may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who signs.
#[derive(Debug)]
pub enum Signer {
    /// A key of ours.
    Key(KeySigner),
    /// The identity of the run.
    Keyless(Box<Keyless>),
}

impl Signer {
    /// A Sigstore bundle over an in-toto statement, as JSON on one line.
    ///
    /// What the services answered is not checked here: whoever takes the bundle verifies it first.
    pub fn sign(&self, statement: &[u8]) -> Result<String, Error> {
        match self {
            Self::Key(signer) => signer.sign(statement),
            Self::Keyless(signer) => signer.sign(statement),
        }
    }
}

/// Waits for what talks to a service.
fn wait<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|source| Error::Runtime { source })?.block_on(work)
}

/// The client of every request: bounded in time, and without redirects, so that no token goes where nobody sent it.
fn client() -> Result<sigstore_sign::reqwest::Client, Error> {
    let builder = sigstore_sign::reqwest::Client::builder().timeout(PATIENCE).redirect(sigstore_sign::reqwest::redirect::Policy::none());
    builder.build().map_err(|source| Error::Client { source: Box::new(source) })
}

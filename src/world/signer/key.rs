//! Signing with a key: one in a file, or one that only a command can use, such as in a KMS or an HSM.

use super::{Error, client, wait};
use crate::attestation::{PAYLOAD_TYPE, pae};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sigstore_sign::bundle::{BundleV03, VerificationMaterialV03};
use sigstore_sign::crypto::{KeyPair, SigningScheme, sha256, verify_signature};
use sigstore_sign::tsa::TimestampClient;
use sigstore_sign::types::{DerPublicKey, DsseEnvelope, DsseSignature, KeyId, PayloadBytes, SignatureBytes, SignatureContent};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// How much of what a command said is repeated.
const MOST_SAID: usize = 400;

/// A key that signs.
pub enum Key {
    /// In a file: PKCS#8, PEM.
    File(KeyPair),
    /// A command, which is given what to sign on its standard input, and prints the signature in DER.
    Command {
        /// The program and its arguments; no shell reads them.
        line: Vec<String>,
        /// The key that its signatures are of.
        public_key: DerPublicKey,
    },
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// A key that signs, and who vouches for the time if somebody does.
#[derive(Debug)]
pub struct KeySigner {
    key: Key,
    timestamps: Option<String>,
}

impl Key {
    /// The key in a PEM file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read { what: "key", path: path.to_owned(), source })?;
        let unusable = |source| Error::Unusable {
            what: "private key that can be used",
            path: path.to_owned(),
            help: "it takes a P-256 key in PKCS#8 without a passphrase: `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`",
            source,
        };
        let der = pem(&text, "PRIVATE KEY").ok_or_else(|| unusable("it has no `PRIVATE KEY` block".into()))?;
        KeyPair::from_pkcs8_der(&der).map(Self::File).map_err(|error| unusable(Box::new(error)))
    }

    /// A command that signs for the public key in a PEM file.
    pub fn command(line: Vec<String>, public_key: &Path) -> Result<Self, Error> {
        Ok(Self::Command { line, public_key: read_public(public_key)? })
    }

    /// The public key, as PEM.
    pub fn public_key(&self) -> Result<String, Error> {
        Ok(self.public()?.to_pem())
    }

    fn public(&self) -> Result<DerPublicKey, Error> {
        match self {
            Self::File(pair) => pair.public_key_der().map_err(|error| service("reading the public key", error)),
            Self::Command { public_key, .. } => Ok(public_key.clone()),
        }
    }

    fn signature(&self, signed: &[u8]) -> Result<SignatureBytes, Error> {
        match self {
            Self::File(pair) => pair.sign(signed).map_err(|error| service("signing", error)),
            Self::Command { line, public_key } => {
                let signature = SignatureBytes::new(run(line, signed)?);
                let holds = verify_signature(public_key, signed, &signature, SigningScheme::EcdsaP256Sha256);
                holds.map_err(|error| Error::NotItsSignature { source: Box::new(error) })?;
                Ok(signature)
            }
        }
    }
}

impl KeySigner {
    /// Signs with a key. `timestamps` is the address of a timestamp authority, if one vouches for the time.
    pub fn new(key: Key, timestamps: Option<String>) -> Self {
        Self { key, timestamps }
    }

    /// The public key, as PEM.
    pub fn public_key(&self) -> Result<String, Error> {
        self.key.public_key()
    }

    pub(super) fn sign(&self, statement: &[u8]) -> Result<String, Error> {
        let signature = self.key.signature(&pae(PAYLOAD_TYPE, statement))?;
        let hint = hint(&self.key.public()?);
        let signed = DsseSignature::new(signature.clone(), KeyId::new(hint.clone()));
        let envelope = DsseEnvelope::new(PAYLOAD_TYPE, PayloadBytes::from_bytes(statement), signed);
        let mut bundle = BundleV03::new(VerificationMaterialV03::PublicKey { hint }, SignatureContent::DsseEnvelope(envelope));
        if let Some(url) = &self.timestamps {
            bundle = bundle.with_rfc3161_timestamp(timestamp(url, &signature)?);
        }
        bundle.into_bundle().to_json().map_err(|error| service("writing the bundle", error))
    }
}

fn timestamp(url: &str, signature: &SignatureBytes) -> Result<sigstore_sign::types::TimestampToken, Error> {
    const WHAT: &str = "asking the timestamp authority";
    let asked = TimestampClient::builder(url).with_http_client(client()?).build().map_err(|error| service(WHAT, error))?;
    wait(async { asked.timestamp_signature(signature).await.map_err(|error| service(WHAT, error)) })
}

/// By which the key is found among others: the SHA-256 of its DER, in base64. It is not signed, and proves nothing.
pub(super) fn hint(key: &DerPublicKey) -> String {
    STANDARD.encode(sha256(key.as_bytes()).as_bytes())
}

/// The public key in a PEM file.
pub(super) fn read_public(path: &Path) -> Result<DerPublicKey, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read { what: "public key", path: path.to_owned(), source })?;
    DerPublicKey::from_pem(&text).map_err(|error| Error::Unusable {
        what: "public key that can be used",
        path: path.to_owned(),
        help: "it takes a P-256 key in PEM: `openssl pkey -in key.pem -pubout`",
        source: Box::new(error),
    })
}

pub(super) fn service(what: &'static str, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Service { what, source: Box::new(error) }
}

/// The content of the first block of that kind.
fn pem(text: &str, kind: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {kind}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {kind}-----"))?;
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(body).ok()
}

/// What a command prints about its input.
fn run(line: &[String], input: &[u8]) -> Result<Vec<u8>, Error> {
    let [program, arguments @ ..] = line else {
        return Err(Error::Command { program: String::new(), source: io::ErrorKind::InvalidInput.into() });
    };
    let failed = |source: io::Error| Error::Command { program: program.clone(), source };
    let piped = Stdio::piped;
    let mut child = Command::new(program).args(arguments).stdin(piped()).stdout(piped()).stderr(piped()).spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input) {
            // It may say why it read no further.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(failed(error)),
            _ => {}
        }
    }
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said: String = String::from_utf8_lossy(&output.stderr).trim().chars().take(MOST_SAID).collect();
    Err(Error::CommandFailed { program: program.clone(), status: output.status.to_string(), said })
}

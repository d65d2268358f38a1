//! Whether a bundle's signature holds: with a trusted root for certificates, with a public key for keys; without a network.

use super::key::read_public;
use super::{Error, Refused};
use crate::attestation::{Identity, PAYLOAD_TYPE, Statement};
use chrono::{DateTime, Utc};
use sigstore_verify::crypto::{CertificateInfo, KeyAlgorithm, verify_signature};
use sigstore_verify::trust_root::{SigstoreInstance, TrustedRoot};
use sigstore_verify::tsa::verify_timestamp_for_authority;
use sigstore_verify::types::bundle::VerificationMaterialContent;
use sigstore_verify::types::{Bundle, DerPublicKey, DsseEnvelope, Sha256Hash, SignatureContent};
use sigstore_verify::{PublicKeyVerificationPolicy, VerificationPolicy, Verifier as Certificates};
use std::path::Path;

/// What signatures are held against.
pub struct Verifier {
    root: TrustedRoot,
    /// Whether somebody named the root; the public one vouches for no key's time.
    is_named: bool,
    certificates: Certificates,
    key: Option<DerPublicKey>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("key", &self.key.is_some()).finish_non_exhaustive()
    }
}

/// A bundle whose signature holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// What was signed.
    pub bytes: Vec<u8>,
    /// What that says.
    pub statement: Statement,
    /// Who signed.
    pub by: SignedBy,
    /// When, as somebody else than the signer vouches for; none for a key without a timestamp that could be checked.
    pub at: Vec<DateTime<Utc>>,
    /// Whether a transparency log has it.
    pub logged: bool,
}

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedBy {
    /// Whoever has the key that was given.
    Key,
    /// Whoever the certificate names.
    Certificate(Box<Identity>),
}

impl Verifier {
    /// With a trusted root, by default that of the public instance as it was when this was built; and a public key, for bundles that a
    /// key has signed.
    pub fn new(trusted_root: Option<&Path>, public_key: Option<&Path>) -> Result<Self, Error> {
        let key = public_key.map(read_public).transpose()?;
        Self::of(trusted_root, key)
    }

    /// For the bundles of a key whose public half is this PEM.
    pub fn of_key(trusted_root: Option<&Path>, pem: &str) -> Result<Self, Error> {
        let key = DerPublicKey::from_pem(pem).map_err(|error| super::key::service("reading the public key", error))?;
        Self::of(trusted_root, Some(key))
    }

    fn of(trusted_root: Option<&Path>, key: Option<DerPublicKey>) -> Result<Self, Error> {
        let root = trusted_root.map_or_else(public, of_file)?;
        let certificates = Certificates::new(&root).map_err(|error| super::key::service("reading the trusted root", error))?;
        Ok(Self { root, is_named: trusted_root.is_some(), certificates, key })
    }

    /// What a bundle says, if its signature holds. Who is wanted, and what it has to be about, is for the caller to hold it against.
    pub fn verify(&self, bundle: &[u8]) -> Result<Verified, Refused> {
        let bundle = read(bundle)?;
        let SignatureContent::DsseEnvelope(envelope) = &bundle.content else {
            return Err(Refused::Bundle("it signs a file and not a statement".to_owned()));
        };
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(Refused::Bundle(format!("its payload is `{}`; `{PAYLOAD_TYPE}` is wanted", envelope.payload_type)));
        }
        match (&bundle.verification_material.content, &self.key) {
            (VerificationMaterialContent::PublicKey(_), Some(key)) => self.by_key(&bundle, envelope, key),
            (VerificationMaterialContent::PublicKey(_), None) => {
                Err(Refused::Material("it was signed with a key: name the public key with `--key`"))
            }
            (_, Some(_)) => Err(Refused::Material("it was signed by a certificate, and not with the key that `--key` names")),
            (_, None) => self.by_certificate(&bundle, envelope),
        }
    }

    fn by_certificate(&self, bundle: &Bundle, envelope: &DsseEnvelope) -> Result<Verified, Refused> {
        let (bytes, statement) = signed(envelope)?;
        let unbound = || Refused::Statement("none of its subjects has a SHA-256".to_owned());
        let digest = Sha256Hash::from_hex(statement.sha256().ok_or_else(unbound)?).map_err(|_| unbound())?;
        let (identity, at) = self.certified(bundle, digest)?;
        Ok(Verified { bytes, statement, by: SignedBy::Certificate(Box::new(identity)), at, logged: true })
    }

    /// Who signed what has this digest, and when, if certificate, log and time hold.
    fn certified(&self, bundle: &Bundle, digest: Sha256Hash) -> Result<(Identity, Vec<DateTime<Utc>>), Refused> {
        let verified = self.certificates.verify(digest, bundle, &VerificationPolicy::any_identity());
        let verified = verified.map_err(|error| Refused::Signature(causes(&error)))?;
        let times = verified.verified_timestamps();
        let holds = verified.certificate_verified() && verified.sct_verified() && verified.tlog_verified() && !times.is_empty();
        let certificate = verified.certificate().filter(|_| holds);
        let certificate = certificate.ok_or_else(|| Refused::Signature("not everything about its certificate was verified".to_owned()))?;
        Ok((identity(certificate), times.iter().filter_map(|time| DateTime::from_timestamp(time.as_second(), 0)).collect()))
    }

    /// Who signed the file with this SHA-256, in hexadecimal. No record is a bundle over a file; the official cases for Sigstore's clients
    /// mostly are, and this is how they reach what our bundles are held against.
    pub fn verify_file(&self, bundle: &[u8], sha256: &str) -> Result<SignedBy, Refused> {
        let bundle = read(bundle)?;
        let digest = Sha256Hash::from_hex(sha256).map_err(|error| Refused::Bundle(error.to_string()))?;
        match (&bundle.content, &self.key) {
            (SignatureContent::DsseEnvelope(_), _) => Err(Refused::Bundle("it signs a statement and not a file".to_owned())),
            (_, None) => Ok(SignedBy::Certificate(Box::new(self.certified(&bundle, digest)?.0))),
            (_, Some(key)) => {
                let verified = self.certificates.verify(digest, &bundle, &PublicKeyVerificationPolicy::new(key.clone()));
                verified.map(|_| SignedBy::Key).map_err(|error| Refused::Signature(causes(&error)))
            }
        }
    }

    /// The verifier of the crate wants a log entry or takes no notice of the hint; a key needs neither.
    fn by_key(&self, bundle: &Bundle, envelope: &DsseEnvelope, key: &DerPublicKey) -> Result<Verified, Refused> {
        let refused = |error: &dyn std::error::Error| Refused::Signature(causes(error));
        if !bundle.verification_material.tlog_entries.is_empty() {
            return Err(Refused::Material("it was signed with a key and has a log entry, which we never write for a key"));
        }
        let scheme = KeyAlgorithm::from_spki(key).map_err(|error| refused(&error))?.default_signing_scheme();
        verify_signature(key, &envelope.pae(), &envelope.signature.sig, scheme).map_err(|error| refused(&error))?;
        let (bytes, statement) = signed(envelope)?;
        Ok(Verified { bytes, statement, by: SignedBy::Key, at: self.times(bundle, envelope)?, logged: false })
    }

    /// Every timestamp that is there has to hold, if there is a root to hold it against.
    fn times(&self, bundle: &Bundle, envelope: &DsseEnvelope) -> Result<Vec<DateTime<Utc>>, Refused> {
        let timestamps = &bundle.verification_material.timestamp_verification_data.rfc3161_timestamps;
        if timestamps.is_empty() || !self.is_named {
            return Ok(Vec::new());
        }
        let authorities = self.root.tsa_authorities();
        let signature = &envelope.signature.sig;
        let vouched = timestamps.iter().map(|timestamp| {
            let asked =
                authorities.iter().map(|authority| verify_timestamp_for_authority(&timestamp.signed_timestamp, signature, authority));
            let mut last = "the trusted root has no timestamp authority".to_owned();
            for answer in asked {
                match answer {
                    Ok(time) => return DateTime::from_timestamp(time.as_second(), 0).ok_or(last),
                    Err(error) => last = error.to_string(),
                }
            }
            Err(last)
        });
        vouched.collect::<Result<_, _>>().map_err(|why| Refused::Signature(format!("its timestamp does not hold: {why}")))
    }
}

/// What an envelope holds, and what that says.
fn signed(envelope: &DsseEnvelope) -> Result<(Vec<u8>, Statement), Refused> {
    let bytes = envelope.payload.as_bytes().to_vec();
    let statement = Statement::read(&bytes).map_err(|error| Refused::Statement(error.to_string()))?;
    Ok((bytes, statement))
}

fn read(bundle: &[u8]) -> Result<Bundle, Refused> {
    let text = std::str::from_utf8(bundle).map_err(|error| Refused::Bundle(error.to_string()))?;
    Bundle::from_json(text).map_err(|error| Refused::Bundle(error.to_string()))
}

/// What a bundle holds, whoever signed it and whether or not that holds. For looking for something, never for relying on it.
pub fn payload(bundle: &[u8]) -> Option<Vec<u8>> {
    let bundle = read(bundle).ok()?;
    let SignatureContent::DsseEnvelope(envelope) = &bundle.content else { return None };
    (envelope.payload_type == PAYLOAD_TYPE).then(|| envelope.payload.as_bytes().to_vec())
}

fn identity(certificate: &CertificateInfo) -> Identity {
    let claims = &certificate.ci_claims;
    Identity {
        issuer: certificate.issuer.clone(),
        subject: certificate.identity.as_ref().map(ToString::to_string),
        repository: claims.source_repository_uri.clone(),
        repository_id: claims.source_repository_identifier.clone(),
        reference: claims.source_repository_ref.clone(),
        workflow: claims.build_config_uri.clone(),
        run: claims.run_invocation_uri.clone(),
    }
}

fn public() -> Result<TrustedRoot, Error> {
    TrustedRoot::from_embedded(SigstoreInstance::PublicGood).map_err(|error| super::key::service("reading the public trusted root", error))
}

fn of_file(path: &Path) -> Result<TrustedRoot, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read { what: "trusted root", path: path.to_owned(), source })?;
    TrustedRoot::from_json(&text).map_err(|error| Error::Unusable {
        what: "trusted root that can be used",
        path: path.to_owned(),
        help: "it takes a `trusted_root.json` of a Sigstore instance",
        source: Box::new(error),
    })
}

/// An error and everything behind it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = inner.source();
    }
    text
}

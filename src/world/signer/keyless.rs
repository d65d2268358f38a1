//! Signing as the run itself: a certificate for minutes, a log entry, a timestamp.

use super::key::service;
use super::{Error, Token, client, wait};
use sigstore_sign::oidc::IdentityToken;
use sigstore_sign::trust_root::SigningConfig;
use sigstore_sign::{SigningContext, SigningServices, SigstoreInstance};
use std::path::Path;

/// Whose hosts write to the log that everybody can read.
const PUBLIC: [&str; 2] = ["sigstore.dev", "sigstage.dev"];

/// Who signs as the run that it is part of.
#[derive(Debug)]
pub struct Keyless {
    services: SigningServices,
    token: Token,
}

impl Keyless {
    /// With the services of a signing configuration; without one, those of the public instance.
    pub fn new(signing_config: Option<&Path>, token: Token) -> Result<Self, Error> {
        Ok(Self { services: signing_config.map_or_else(public, of_file)?, token })
    }

    /// What the token says of the run.
    pub fn claims(&self) -> &super::Claims {
        self.token.claims()
    }

    /// Whether signing writes to a log that everybody can read, whatever the configuration calls itself.
    pub fn publishes(&self) -> bool {
        let addresses = [Some(self.services.fulcio_url()), Some(self.services.rekor_url()), self.services.tsa_url()];
        addresses.into_iter().flatten().filter_map(host).any(|host| PUBLIC.iter().any(|public| is_below(&host, public)))
    }

    pub(super) fn sign(&self, statement: &[u8]) -> Result<String, Error> {
        const WHAT: &str = "signing as this run";
        let token = IdentityToken::from_jwt(self.token.text()).map_err(|error| service("reading the identity token", error))?;
        let signer = SigningContext::new(self.services.clone()).with_http_client(client()?).signer(token);
        let bundle = wait(async { signer.sign_raw_statement(statement).await.map_err(|error| service(WHAT, error)) })?;
        bundle.to_json().map_err(|error| service("writing the bundle", error))
    }
}

fn public() -> Result<SigningServices, Error> {
    SigningServices::from_embedded(SigstoreInstance::PublicGood).map_err(|error| service("reading the public signing configuration", error))
}

fn of_file(path: &Path) -> Result<SigningServices, Error> {
    let text =
        std::fs::read_to_string(path).map_err(|source| Error::Read { what: "signing configuration", path: path.to_owned(), source })?;
    let unusable = |source| Error::Unusable {
        what: "signing configuration that can be used",
        path: path.to_owned(),
        help: "it takes a `signing_config.json` of a Sigstore instance, with a Fulcio, a Rekor and a timestamp authority that are valid now",
        source,
    };
    let config = SigningConfig::from_json(&text).map_err(|error| unusable(Box::new(error)))?;
    SigningServices::from_signing_config(&config).map_err(|error| unusable(Box::new(error)))
}

fn host(address: &str) -> Option<String> {
    let url = sigstore_sign::reqwest::Url::parse(address).ok()?;
    Some(url.host_str()?.trim_end_matches('.').to_ascii_lowercase())
}

fn is_below(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|before| before.ends_with('.'))
}

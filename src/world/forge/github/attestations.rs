//! GitHub's own store of attestations, by the digest of what they are about. Not every plan has it for every repository.

use super::super::Error;
use super::super::client::Client;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// As many are read of one subject.
const MOST: usize = 100;

#[derive(Debug, Deserialize)]
struct Attestations {
    attestations: Vec<Attestation>,
}

#[derive(Debug, Deserialize)]
struct Attestation {
    bundle: Option<Value>,
}

/// Every bundle about what has this SHA-256, as JSON.
pub(in crate::world::forge) async fn attestations(client: &Client, repository: &str, sha256: &str) -> Result<Vec<Value>, Error> {
    let path = format!("/repos/{repository}/attestations/sha256:{sha256}?per_page={MOST}");
    let found = match client.get::<Attestations>(&path).await {
        // Where nothing is, it says that nothing is there.
        Err(Error::Refused { status: 404, .. }) => return Ok(Vec::new()),
        found => found?.attestations,
    };
    let unusable = |why: String| Error::Unusable { request: format!("GET {path}"), why };
    if found.len() >= MOST {
        return Err(unusable(format!("there are {MOST} or more about one thing, and we read fewer")));
    }
    let bundles = found.into_iter().map(|attestation| attestation.bundle.filter(Value::is_object));
    bundles.map(|bundle| bundle.ok_or_else(|| unusable("an attestation comes without its bundle".to_owned()))).collect()
}

/// Hands a bundle over, once.
pub(in crate::world::forge) async fn keep(client: &Client, repository: &str, bundle: &Value) -> Result<(), Error> {
    let answer: Result<Value, Error> =
        client.write(Method::POST, &format!("/repos/{repository}/attestations"), &json!({ "bundle": bundle })).await;
    answer.map(|_| ())
}

//! The identity of a run: a token that the CI system vouches for, and what it says.

use super::{Error, client, wait};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sigstore_sign::reqwest::Url;
use std::path::Path;

/// Whom the token is for.
const AUDIENCE: &str = "sigstore";

/// A token is shorter than this.
const LARGEST: usize = 64 << 10;

/// A token of the run. Its text is printed nowhere.
pub struct Token {
    text: String,
    claims: Claims,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("claims", &self.claims).finish_non_exhaustive()
    }
}

/// What a token says. It is checked by whoever issues the certificate; here it only fills in what is said beside the signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Claims {
    /// Who vouches for it.
    pub iss: Option<String>,
    /// GitHub: `owner/name`.
    pub repository: Option<String>,
    /// GitHub: the immutable id of the repository.
    pub repository_id: Option<String>,
    /// GitHub: `public`, `private` or `internal`.
    pub repository_visibility: Option<String>,
    /// GitHub: the workflow file that the job is from, at its ref.
    pub job_workflow_ref: Option<String>,
    /// GitHub: the workflow that was started, at its ref.
    pub workflow_ref: Option<String>,
    /// GitHub: what started it.
    pub event_name: Option<String>,
    /// GitHub: the number of the run.
    pub run_id: Option<String>,
    /// GitHub: which try of it.
    pub run_attempt: Option<String>,
    /// GitLab: `group/name`.
    pub project_path: Option<String>,
    /// GitLab: the immutable id of the project.
    pub project_id: Option<String>,
    /// GitLab: `public`, `private` or `internal`.
    pub project_visibility: Option<String>,
    /// GitLab: the file that the pipeline is from, at its ref.
    pub ci_config_ref_uri: Option<String>,
    /// GitLab: what started it.
    pub pipeline_source: Option<String>,
    /// GitLab: the number of the pipeline.
    pub pipeline_id: Option<String>,
}

impl Claims {
    /// Whether the forge says that everybody may see the repository.
    pub fn is_public(&self) -> bool {
        self.repository_visibility.as_deref().or(self.project_visibility.as_deref()) == Some("public")
    }
}

impl Token {
    /// The token of this run: from a file if one is named, else from GitLab's variable, else from GitHub's service.
    pub fn ambient(file: Option<&Path>) -> Result<Self, Error> {
        if let Some(path) = file {
            let text = std::fs::read_to_string(path);
            return Self::of(&text.map_err(|source| Error::Read { what: "identity token", path: path.to_owned(), source })?);
        }
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(text) = variable("SIGSTORE_ID_TOKEN") {
            return Self::of(&text);
        }
        match (variable("ACTIONS_ID_TOKEN_REQUEST_URL"), variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN")) {
            (Some(url), Some(secret)) => Self::of(&wait(ask(url, secret))?),
            _ => Err(Error::NoToken),
        }
    }

    fn of(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.len() > LARGEST {
            return Err(Error::NotAToken("it is longer than any token"));
        }
        let [_, claims, _] = text.split('.').collect::<Vec<_>>()[..] else { return Err(Error::NotAToken("it has not three parts")) };
        let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).map_err(|_| Error::NotAToken("its claims are not base64"))?;
        let claims = serde_json::from_slice(&claims).map_err(|_| Error::NotAToken("its claims are no JSON object of texts"))?;
        Ok(Self { text: text.to_owned(), claims })
    }

    /// What it says.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

#[derive(Deserialize)]
struct Answer {
    value: String,
}

async fn ask(url: String, secret: String) -> Result<String, Error> {
    // An error of the client's names the address alone, never a header.
    let refused = |error: sigstore_sign::reqwest::Error| Error::TokenRefused(error.to_string());
    let mut url = Url::parse(&url).map_err(|_| Error::TokenRefused("ACTIONS_ID_TOKEN_REQUEST_URL is no address".to_owned()))?;
    url.query_pairs_mut().append_pair("audience", AUDIENCE);
    let response = client()?.get(url).bearer_auth(secret).send().await.map_err(refused)?;
    let status = response.status();
    if !status.is_success() {
        return Err(Error::TokenRefused(format!("the service answered {status}")));
    }
    let bytes = response.bytes().await.map_err(refused)?;
    let answer: Answer = serde_json::from_slice(&bytes).map_err(|_| Error::NotAToken("the service answered something else"))?;
    Ok(answer.value)
}

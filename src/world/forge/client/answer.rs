//! One answer of a forge, read whole.

use super::{Error, link};
use http::header::{DATE, ETAG, LINK, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The same as GitLab calls it, and how it counts pages beside its links.
const GITLAB_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const GITLAB_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const TOTAL_PAGES: HeaderName = HeaderName::from_static("x-total-pages");
const NEXT_PAGE: HeaderName = HeaderName::from_static("x-next-page");

/// Of what a forge says of itself, no more is shown.
const MOST_SAID: usize = 300;

/// A status, the headers and the whole body.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// What is wrong: a text, or with GitLab what is wrong with each parameter.
#[derive(Deserialize)]
struct Problem {
    message: Option<Value>,
    error: Option<Value>,
    error_description: Option<Value>,
}

impl Answer {
    /// The body, as what it should be.
    pub(super) fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let body: &[u8] = if self.body.is_empty() { b"null" } else { &self.body };
        serde_json::from_slice(body).map_err(|error| Error::Unusable { request: path.to_owned(), why: error.to_string() })
    }

    /// What tells this state of things from another.
    pub(super) fn tag(&self) -> Option<&str> {
        self.header(&ETAG)
    }

    /// The number of the last page, if there is more than this one.
    pub(super) fn last_page(&self) -> Option<u64> {
        self.header(&LINK).and_then(link::last_page).or_else(|| self.header(&TOTAL_PAGES)?.parse().ok())
    }

    /// Where the next page is, if there is one.
    pub(super) fn next_page(&self) -> Option<&str> {
        self.header(&LINK).and_then(link::next_page)
    }

    /// Whether it says that there is another page.
    pub(super) fn has_next_page(&self) -> bool {
        self.next_page().is_some() || self.header(&NEXT_PAGE).is_some_and(|number| !number.is_empty())
    }

    /// Where it points.
    pub(super) fn location(&self) -> Option<&str> {
        self.header(&LOCATION)
    }

    /// What the forge says is wrong, in its own words.
    pub(super) fn said(&self) -> String {
        let problem = serde_json::from_slice::<Problem>(&self.body).ok();
        let said = problem.and_then(|problem| problem.message.or(problem.error_description).or(problem.error));
        let said = said.map(|said| said.as_str().map_or_else(|| said.to_string(), str::to_owned)).unwrap_or_default();
        said.chars().filter(|letter| !letter.is_control()).take(MOST_SAID).collect()
    }

    /// Whether it says that too much was asked: of this hour, or in too short a time.
    pub(super) fn is_limit(&self) -> bool {
        let is_refusal = self.status == StatusCode::FORBIDDEN || self.status == StatusCode::TOO_MANY_REQUESTS;
        let says_so = || self.headers.contains_key(RETRY_AFTER) || self.said().to_ascii_lowercase().contains("rate limit");
        self.status == StatusCode::TOO_MANY_REQUESTS || (is_refusal && (self.remaining() == Some(0) || says_so()))
    }

    /// How many requests are left.
    pub(super) fn remaining(&self) -> Option<u64> {
        self.header(&REMAINING).or_else(|| self.header(&GITLAB_REMAINING))?.parse().ok()
    }

    /// When there are more again, in seconds since 1970.
    pub(super) fn reset(&self) -> Option<i64> {
        self.header(&RESET).or_else(|| self.header(&GITLAB_RESET))?.parse().ok()
    }

    /// How long the forge asks to wait, by its own clock.
    pub(super) fn wait(&self) -> Option<Duration> {
        let asked = self.header(&RETRY_AFTER).and_then(|text| text.parse().ok()).map(Duration::from_secs);
        asked.or_else(|| {
            let now = chrono::DateTime::parse_from_rfc2822(self.header(&DATE)?).ok()?.timestamp();
            let seconds = self.reset().filter(|_| self.remaining() == Some(0))?.saturating_sub(now);
            Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
        })
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

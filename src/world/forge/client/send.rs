//! Sending a request, once or again.

use super::{API_VERSION, Answer, Client, Error, Provider};
use chrono::{DateTime, Utc};
use http::header::{ACCEPT, CONTENT_TYPE, IF_NONE_MATCH};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// No answer that we read is larger, in bytes.
const MOST_BYTES: usize = 64 << 20;

/// How often a redirection is followed, one after the other.
const MOST_HOPS: usize = 3;

/// How long GitHub asks to wait where it says that it was too much, and not until when.
const LIMITED: Duration = Duration::from_mins(1);

/// A request, without what every one has.
#[derive(Clone)]
pub(super) struct Sent<'s> {
    pub(super) method: Method,
    /// The path, with its query.
    pub(super) at: &'s str,
    /// What was read before, of which only another state is wanted.
    pub(super) tag: Option<&'s str>,
    pub(super) body: &'s [u8],
    /// What the body is.
    pub(super) kind: &'static str,
    /// What is wanted, if that is not what the forge answers to everything.
    pub(super) accept: Option<&'static str>,
}

impl<'s> Sent<'s> {
    /// With nothing in it.
    pub(super) fn new(method: Method, at: &'s str) -> Self {
        Self { method, at, tag: None, body: &[], kind: "application/json", accept: None }
    }
}

/// Why there is no answer.
enum Trouble {
    /// Nothing arrived, or not all of it, for the reason in these words.
    Transport(String),
    /// The time for everything is over.
    Deadline,
}

impl Client {
    /// What a read answers, repeated where that may help. What was read before is asked for only if it is different now.
    pub(super) async fn read(&self, path: &str) -> Result<Answer, Error> {
        let request = format!("GET {path}");
        let known = self.known.borrow().get(path).cloned();
        let tag = known.as_ref().and_then(Answer::tag);
        let mut at = self.rooted(path);
        for _ in 0..=MOST_HOPS {
            let answer = self.patiently(&request, Sent { tag, ..Sent::new(Method::GET, &at) }).await?;
            match (answer.status, &known) {
                (StatusCode::NOT_MODIFIED, Some(known)) => return Ok(known.clone()),
                (status, _) if status.is_success() => {
                    self.known.borrow_mut().insert(path.to_owned(), answer.clone());
                    return Ok(answer);
                }
                (status, _) if status.is_redirection() => at = self.redirected(&request, &answer)?,
                _ => return Err(refused(request, &answer)),
            }
        }
        Err(Error::Unusable { request, why: "it is sent from one place to the next without an end".to_owned() })
    }

    /// The whole path of something; a page that another one names has it already.
    pub(super) fn rooted(&self, path: &str) -> String {
        let is_whole = !self.root.is_empty() && path.starts_with(&format!("{}/", self.root));
        if is_whole { path.to_owned() } else { format!("{}{path}", self.root) }
    }

    /// What a write answers.
    pub(super) async fn write_once(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Answer, Error> {
        self.write_one(Sent { body: &body, ..Sent::new(method, path) }).await
    }

    /// The same, whatever its body is.
    pub(super) async fn write_one(&self, sent: Sent<'_>) -> Result<Answer, Error> {
        let request = format!("{} {}", sent.method, sent.at);
        let at = self.rooted(sent.at);
        match self.once(Sent { at: &at, ..sent }).await {
            Ok(answer) if answer.status.is_success() => Ok(answer),
            Ok(answer) if answer.is_limit() => Err(limited(request, &answer)),
            Ok(answer) if answer.status.is_server_error() => {
                Err(Error::Unavailable { request, tries: "once".to_owned(), why: status(answer.status) })
            }
            Ok(answer) => Err(refused(request, &answer)),
            Err(Trouble::Transport(why)) => Err(Error::Unavailable { request, tries: "once".to_owned(), why }),
            Err(Trouble::Deadline) => Err(self.too_late(request)),
        }
    }

    /// What a question answers that is posted and changes nothing.
    pub(super) async fn ask_patiently(&self, path: &str, at: &str, question: &[u8]) -> Result<Answer, Error> {
        let request = format!("POST {path}");
        let answer = self.patiently(&request, Sent { body: question, ..Sent::new(Method::POST, at) }).await?;
        if answer.status.is_redirection() {
            let elsewhere = self.redirected(&request, &answer)?;
            return Err(Error::Unusable { request, why: format!("it points to `{elsewhere}`, and a question goes to one place alone") });
        }
        if answer.status.is_success() { Ok(answer) } else { Err(refused(request, &answer)) }
    }

    /// An answer that is none of trouble on the way, to a read or to a question.
    pub(super) async fn patiently(&self, request: &str, sent: Sent<'_>) -> Result<Answer, Error> {
        let mut tried = 0;
        loop {
            tried += 1;
            let (error, asked) = match self.once(sent.clone()).await {
                Ok(answer) if answer.is_limit() => (limited(request.to_owned(), &answer), answer.wait().or(Some(LIMITED))),
                Ok(answer) if is_passing(answer.status) => (unavailable(request, tried, status(answer.status)), answer.wait()),
                Ok(answer) => return Ok(answer),
                Err(Trouble::Transport(why)) => (unavailable(request, tried, why), None),
                Err(Trouble::Deadline) => return Err(self.too_late(request.to_owned())),
            };
            let wait = self.pace.wait(tried, asked);
            if tried >= self.pace.tries || !self.has_time_for(wait) {
                return Err(error);
            }
            sleep(wait).await;
        }
    }

    /// One request and its answer, within the time that is left.
    async fn once(&self, sent: Sent<'_>) -> Result<Answer, Trouble> {
        let Sent { method, at, tag, body, kind, accept } = sent;
        let mut request = Request::builder().method(method).uri(at);
        request = match self.provider {
            Provider::GitHub => {
                request.header(ACCEPT, accept.unwrap_or("application/vnd.github+json")).header("x-github-api-version", API_VERSION)
            }
            Provider::GitLab => request.header(ACCEPT, accept.unwrap_or("application/json")),
        };
        if let Some(tag) = tag {
            request = request.header(IF_NONE_MATCH, tag);
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, kind);
        }
        let request = request.body(body.to_vec()).map_err(|error| Trouble::Transport(error.to_string()))?;
        let exchange = async {
            let answer = self.crab.execute(request).await.map_err(|error| Trouble::Transport(cause(&error)))?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, MOST_BYTES).collect().await.map_err(|error| Trouble::Transport(cause(&*error)))?;
            Ok(Answer { status: head.status, headers: head.headers, body: body.to_bytes().to_vec() })
        };
        timeout_at(self.deadline(), exchange).await.unwrap_or(Err(Trouble::Deadline))
    }

    /// Where else the same is, if that is on the same host.
    fn redirected(&self, request: &str, answer: &Answer) -> Result<String, Error> {
        let nowhere = || Error::Unusable { request: request.to_owned(), why: "it points elsewhere and does not say where".to_owned() };
        let location = answer.location().ok_or_else(nowhere)?;
        self.here(request, location)
    }

    /// The path of an address on the host that we ask, and on no other.
    pub(super) fn here(&self, request: &str, address: &str) -> Result<String, Error> {
        let target: Uri = address
            .parse()
            .map_err(|_| Error::Unusable { request: request.to_owned(), why: "it points to what is no address".to_owned() })?;
        match target.authority() {
            Some(authority) if !authority.as_str().eq_ignore_ascii_case(&self.authority) => {
                Err(Error::Elsewhere { request: request.to_owned(), host: authority.host().to_owned() })
            }
            _ => Ok(target.path_and_query().map(ToString::to_string).unwrap_or_default()),
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        let deadline = self.deadline.get().unwrap_or_else(|| Instant::now() + self.limit);
        self.deadline.set(Some(deadline));
        deadline
    }

    /// How much of the time for everything is left.
    pub(in crate::world::forge) fn left(&self) -> Duration {
        self.deadline().saturating_duration_since(Instant::now())
    }

    pub(super) fn has_time_for(&self, wait: Duration) -> bool {
        Instant::now() + wait < self.deadline()
    }

    pub(super) fn too_late(&self, request: String) -> Error {
        Error::Deadline { request, seconds: self.limit.as_secs() }
    }
}

pub(super) fn unavailable(request: &str, tried: u32, why: String) -> Error {
    let how_often = if tried == 1 { "once".to_owned() } else { format!("{tried} times") };
    Error::Unavailable { request: request.to_owned(), tries: how_often, why }
}

/// What may be otherwise in a moment.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED || status == StatusCode::REQUEST_TIMEOUT
}

fn status(status: StatusCode) -> String {
    format!("it answered {status}")
}

fn limited(request: String, answer: &Answer) -> Error {
    let until: Option<DateTime<Utc>> =
        answer.reset().filter(|_| answer.remaining() == Some(0)).and_then(|reset| DateTime::from_timestamp(reset, 0));
    Error::Limited { request, until }
}

pub(super) fn refused(request: String, answer: &Answer) -> Error {
    let help = match answer.status {
        StatusCode::UNAUTHORIZED => "the token is wrong, or no longer valid: hand in another",
        StatusCode::FORBIDDEN => "the token may not see it: give it the permission",
        StatusCode::NOT_FOUND => "there is no such thing, or the token may not see it: check the name, and what the token may read",
        _ => "this is not what the forge documents: tell us",
    };
    Error::Refused { request, status: answer.status.as_u16(), said: answer.said(), help: help.to_owned() }
}

/// What lies at the bottom of an error, in its own words.
pub(super) fn cause(error: &dyn std::error::Error) -> String {
    let mut bottom = error;
    while let Some(deeper) = bottom.source() {
        bottom = deeper;
    }
    bottom.to_string()
}

//! What any forge of ours does, whatever it answers: it knows people, remembers every request, loses and spoils answers on demand, and
//! fails its test at the end if it was asked something, or answered something, that the real one would not.

use super::http::{self, Manner, Request, Response};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: u64,
    pub login: String,
    /// `User`, `Bot`, `Organization`.
    pub kind: &'static str,
    /// The address by which commits are theirs.
    pub email: String,
    /// One that only they and the forge know to be theirs.
    pub hides: Option<String>,
}

/// What a forge remembers besides what is its own.
#[derive(Debug)]
pub struct Common<S> {
    /// By login.
    pub users: BTreeMap<String, User>,
    /// Every request, with the status of its answer.
    pub log: Vec<Exchange>,
    /// Requests that the real one would not take, and answers that it would not give.
    pub mistakes: Vec<String>,
    /// What becomes of answers.
    pub trouble: Option<Trouble<S>>,
    /// What is answered without doing what was asked, where that is anything.
    pub instead: Option<Instead>,
    /// A write whose answer does not arrive, once.
    pub lost: Option<Lost>,
    /// What time it is there.
    pub clock: DateTime<Utc>,
    pub next_id: u64,
}

/// A write whose answer does not arrive.
#[derive(Clone, Copy, Debug)]
pub struct Lost {
    pub method: &'static str,
    /// What its path holds.
    pub path: &'static str,
    /// Whether it was done nevertheless.
    pub was_done: bool,
}

/// What an answer becomes on its way.
pub struct Trouble<S>(Box<Spoils<S>>);

type Spoils<S> = dyn FnMut(&mut S, &Request, Response) -> Response + Send;

impl<S> std::fmt::Debug for Trouble<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trouble")
    }
}

/// What is answered without doing what was asked.
pub struct Instead(Box<Answers>);

type Answers = dyn FnMut(&Request) -> Option<Response> + Send;

impl std::fmt::Debug for Instead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Instead")
    }
}

/// A request and what became of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub request: Request,
    pub status: u16,
    /// How many requests, this one included, came one after the other's answer.
    pub depth: usize,
}

impl<S> Common<S> {
    pub fn new(clock: &str, next_id: u64) -> Self {
        let (users, log, mistakes, trouble, instead, lost) = Default::default();
        Self { users, log, mistakes, trouble, instead, lost, clock: clock.parse().unwrap(), next_id }
    }

    /// A number that no other thing has.
    pub fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// The time of something that happens now; the next thing happens later.
    pub fn tick(&mut self) -> DateTime<Utc> {
        self.clock += TimeDelta::minutes(1);
        self.clock
    }

    fn depth(&self) -> usize {
        self.log.iter().map(|exchange| exchange.depth).max().unwrap_or(0)
    }
}

/// What is a forge's own.
pub trait Remembers: Send + 'static {
    fn common(&mut self) -> &mut Common<Self>
    where
        Self: Sized;

    /// What it says to a request, and whatever comes of that.
    fn answer(&mut self, request: &Request) -> Response;
}

/// A forge on a loopback port, which goes away with the test.
pub struct Server<S: Remembers> {
    state: Arc<Mutex<S>>,
    address: SocketAddr,
    judge: Arc<Judge<S>>,
}

impl<S: Remembers> Clone for Server<S> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state), address: self.address, judge: Arc::clone(&self.judge) }
    }
}

/// Fails the test at its end if a request was none that the real one takes, or an answer none that it gives.
struct Judge<S: Remembers>(Arc<Mutex<S>>);

impl<S: Remembers> Drop for Judge<S> {
    fn drop(&mut self) {
        let mistakes = self.0.lock().map(|mut state| state.common().mistakes.clone()).unwrap_or_default();
        if !thread::panicking() {
            assert!(mistakes.is_empty(), "{mistakes:#?}");
        }
    }
}

impl<S: Remembers> Server<S> {
    /// A forge that takes so long to answer anything.
    pub fn start(state: S, latency: Duration) -> Self {
        let state = Arc::new(Mutex::new(state));
        let served = Arc::clone(&state);
        let address = http::serve(move |request| answer(&served, request, latency));
        let judge = Arc::new(Judge(Arc::clone(&state)));
        Self { state, address, judge }
    }

    /// Where it is.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it remembers, to be looked at or changed.
    pub fn state(&self) -> MutexGuard<'_, S> {
        self.state.lock().unwrap()
    }

    /// Somebody with an account.
    pub fn user(&self, login: &str, id: u64) -> User {
        self.account(login, id, "User")
    }

    /// A machine with an account.
    pub fn bot(&self, login: &str, id: u64) -> User {
        self.account(login, id, "Bot")
    }

    fn account(&self, login: &str, id: u64, kind: &'static str) -> User {
        let user = User { id, login: login.to_owned(), kind, email: format!("{login}@example.com"), hides: None };
        self.state().common().users.insert(login.to_owned(), user.clone());
        user
    }

    /// From now on every answer passes through this, which may also change what the forge remembers.
    pub fn troubled_by(&self, trouble: impl FnMut(&mut S, &Request, Response) -> Response + Send + 'static) {
        self.state().common().trouble = Some(Trouble(Box::new(trouble)));
    }

    /// From now on this answers where it answers anything, and nothing is done.
    pub fn instead(&self, answers: impl FnMut(&Request) -> Option<Response> + Send + 'static) {
        self.state().common().instead = Some(Instead(Box::new(answers)));
    }

    /// Every request so far, in the order in which they were answered.
    pub fn log(&self) -> Vec<Exchange> {
        self.state().common().log.clone()
    }

    /// Every write so far, by its method and path. A question in GraphQL is none.
    pub fn writes(&self) -> Vec<String> {
        let requests = self.log().into_iter().map(|exchange| exchange.request);
        let writes = requests.filter(|request| request.method != "GET" && !request.path.ends_with("graphql"));
        writes.map(|request| format!("{} {}", request.method, request.path)).collect()
    }

    /// Forgets the requests so far, and goes right again.
    pub fn forget(&self) {
        let mut state = self.state();
        let common = state.common();
        (common.log, common.trouble, common.instead) = (Vec::new(), None, None);
    }
}

fn answer<S: Remembers>(state: &Mutex<S>, request: Request, latency: Duration) -> Response {
    // Whatever was answered before this arrived may be why it was sent.
    let depth = state.lock().unwrap().common().depth() + 1;
    thread::sleep(latency);
    let mut state = state.lock().unwrap();
    let is_lost = |lost: &Lost| lost.method == request.method && request.path.contains(lost.path);
    let lost = state.common().lost.take_if(|lost| is_lost(lost));
    let instead = state.common().instead.as_mut().and_then(|instead| (instead.0)(&request));
    let response = match (instead, lost) {
        (Some(response), _) => response,
        (None, Some(Lost { was_done: false, .. })) => Response { manner: Manner::Silent, ..Response::new(502, "") },
        (None, Some(_)) => Response { manner: Manner::Silent, ..state.answer(&request) },
        (None, None) => state.answer(&request),
    };
    let trouble = state.common().trouble.take();
    let response = match trouble {
        Some(mut trouble) => {
            let spoiled = (trouble.0)(&mut state, &request, response);
            state.common().trouble.get_or_insert(trouble);
            spoiled
        }
        None => response,
    };
    let response = conditional(&request, response);
    state.common().log.push(Exchange { request, status: response.status, depth });
    response
}

/// Says only that nothing is different, where nothing is different from what the client has.
fn conditional(request: &Request, response: Response) -> Response {
    if request.method != "GET" || response.status != 200 {
        return response;
    }
    let tag = format!("\"{:x}\"", response.body.iter().fold(7_u64, |tag, byte| tag.wrapping_mul(31).wrapping_add(u64::from(*byte))));
    let is_same = request.header("if-none-match") == Some(&tag);
    let response = response.with("ETag", tag);
    if is_same { Response { status: 304, body: Vec::new(), ..response } } else { response }
}

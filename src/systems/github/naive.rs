//! How a job's token is worked out as the documentation tells it, one request at a time, without cells or formulas.

use super::{Fact, Job, JobName, Level, Rules, Scope, Starter, Token, Way};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One request and what is true of it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where.
    pub realm: Arc<str>,
    /// Which job.
    pub job: JobName,
    /// Who starts it.
    pub starter: Starter,
    /// What it is about.
    pub scope: Scope,
    /// What is done.
    pub level: Level,
    /// What is true of the request; a fact that is not here is false.
    pub facts: BTreeMap<Fact, bool>,
}

impl Request {
    fn holds(&self, fact: &Fact) -> bool {
        self.facts.get(fact).copied().unwrap_or(false)
    }
}

/// Whether these rules allow the request.
pub(super) fn allowed(rules: &Rules, request: &Request) -> bool {
    rules.anybody.contains(&(request.scope, request.level))
        || rules.jobs.iter().filter(|job| job.realm == request.realm && job.name == request.job).any(|job| gives(job, request))
}

fn gives(job: &Job, request: &Request) -> bool {
    job.ways.keys().any(|way| token(job, *way, request).is_some_and(|most| most >= request.level && request.scope.has(request.level)))
}

/// What the token may do in the scope when the job is started this way by whoever asks.
fn token(job: &Job, way: Way, request: &Request) -> Option<Level> {
    let is_guarded = !job.guards.iter().all(|guard| request.holds(&Fact::Guard(Arc::clone(guard))));
    let written = match &job.token.token {
        // A workflow that is called and says nothing has what its caller has.
        Token::Default(_) if way == Way::Called => request.scope.up_to(Level::Write),
        Token::Default(None) => request.scope.by_default(request.holds(&Fact::PermissiveDefault)),
        Token::Default(Some(known)) => request.scope.by_default(*known == Level::Write),
        Token::Block(block) => block.get(&request.scope).copied(),
    };
    match (way, request.starter) {
        (Way::Restricted | Way::PullRequest | Way::Open, Starter::Collaborator) => written,
        (Way::Open, Starter::Anybody | Starter::ThroughFork) if !is_guarded => written,
        (Way::PullRequest, Starter::ThroughFork) => written.filter(|_| request.scope.has(Level::Read)).map(|_| Level::Read),
        (Way::Called, Starter::Caller) if !is_guarded && request.holds(&Fact::CallerHas) => written,
        _ => None,
    }
}

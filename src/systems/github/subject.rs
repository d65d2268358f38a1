//! One job in one realm: what each side says of its token, and when that gives a cell.

use super::{Fact, Job, JobName, Level, Rules, Scope, Starter, Token, Way};
use crate::access::{Exhausted, Formula, Formulas, Variable};
use crate::document::Place;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One job in one realm, and what decides its access on each side.
pub struct Subject<'a> {
    pub(super) realm: Arc<str>,
    pub(super) name: JobName,
    pub(super) sides: Vec<Side<'a>>,
    /// Every fact once; its number is that of its variable.
    pub(super) facts: Vec<Fact>,
}

/// What one side says of the job, and what it gives anybody.
pub(super) struct Side<'a> {
    pub(super) jobs: Vec<&'a Job>,
    pub(super) anybody: &'a BTreeSet<(Scope, Level)>,
}

/// One request of a job, the facts aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub(super) starter: Starter,
    pub(super) scope: Scope,
    pub(super) level: Level,
}

/// What one way of starting a job gives, as a fact and whether it is enough.
enum Given {
    Never,
    Always,
    If(Fact),
}

impl<'a> Side<'a> {
    pub(super) fn said(&self) -> BTreeSet<super::Said<'a>> {
        self.jobs.iter().map(|job| job.said()).collect()
    }
}

impl<'a> Subject<'a> {
    pub(super) fn new(realm: &Arc<str>, name: &JobName, sides: &[&'a Rules]) -> Self {
        let side = |rules: &&'a Rules| {
            let jobs = rules.jobs.iter().filter(|job| job.realm == *realm && job.name == *name).collect();
            Side { jobs, anybody: &rules.anybody }
        };
        let sides: Vec<Side<'a>> = sides.iter().map(side).collect();
        let guards: BTreeSet<&Arc<str>> = sides.iter().flat_map(|side| &side.jobs).flat_map(|job| &job.guards).collect();
        let facts = [Fact::PermissiveDefault, Fact::CallerHas].into_iter();
        let facts = facts.chain(guards.into_iter().map(|guard| Fact::Guard(Arc::clone(guard)))).collect();
        Self { realm: Arc::clone(realm), name: name.clone(), sides, facts }
    }

    pub(super) fn differs(&self) -> bool {
        match self.sides.as_slice() {
            [base, head, ..] => base.said() != head.said(),
            _ => false,
        }
    }

    pub(super) fn fact(&self, variable: Variable) -> Option<&Fact> {
        self.facts.get(variable.0 as usize)
    }

    fn formula(&self, fact: &Fact, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        match self.facts.binary_search(fact).map(u32::try_from) {
            Ok(Ok(number)) => formulas.variable(Variable(number)),
            _ => Ok(Formula::FALSE),
        }
    }

    /// When a job that is started this way gives the cell.
    pub(super) fn given(&self, job: &Job, way: Way, cell: &Cell, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let is_guarded = match (way, cell.starter) {
            (Way::Open, Starter::Anybody | Starter::ThroughFork) | (Way::Called, Starter::Caller) => true,
            (Way::Restricted | Way::PullRequest | Way::Open, Starter::Collaborator) | (Way::PullRequest, Starter::ThroughFork) => false,
            _ => return Ok(Formula::FALSE),
        };
        let mut given = match has(&job.token.token, way, cell) {
            Given::Never => return Ok(Formula::FALSE),
            Given::Always => Formula::TRUE,
            Given::If(fact) => self.formula(&fact, formulas)?,
        };
        if way == Way::Called {
            let caller = self.formula(&Fact::CallerHas, formulas)?;
            given = formulas.and(given, caller)?;
        }
        for guard in job.guards.iter().filter(|_| is_guarded) {
            let guard = self.formula(&Fact::Guard(Arc::clone(guard)), formulas)?;
            given = formulas.and(given, guard)?;
        }
        Ok(given)
    }

    /// Where stands what gives the cell on a side: the permissions, and the event.
    pub(super) fn origins(&self, side: usize, cell: &Cell) -> BTreeSet<Place> {
        let jobs = self.sides.get(side).map_or(&[][..], |side| &side.jobs);
        let opens = |way: Way| match cell.starter {
            Starter::Anybody => way == Way::Open,
            Starter::ThroughFork => matches!(way, Way::Open | Way::PullRequest),
            Starter::Collaborator => way != Way::Called,
            Starter::Caller => way == Way::Called,
        };
        let of = |job: &&'a Job| {
            let ways = job.ways.iter().filter(|(way, _)| opens(**way) && !matches!(has(&job.token.token, **way, cell), Given::Never));
            let ways: Vec<&Place> = ways.map(|(_, place)| place).collect();
            let token = (!ways.is_empty()).then(|| job.token.scopes.get(&cell.scope).unwrap_or(&job.token.place));
            ways.into_iter().chain(token).cloned().collect::<Vec<_>>()
        };
        jobs.iter().flat_map(of).collect()
    }
}

/// Whether the token of a job that is started this way has what the cell asks for, guards and callers aside.
fn has(token: &Token, way: Way, cell: &Cell) -> Given {
    // From a fork it reads what it could otherwise write; an identity can only be written.
    if way == Way::PullRequest && cell.starter == Starter::ThroughFork && cell.level == Level::Write {
        return Given::Never;
    }
    let reaches = |most: Option<Level>| most.is_some_and(|most| most >= cell.level);
    match token {
        Token::Block(block) => {
            if reaches(block.get(&cell.scope).copied()) {
                Given::Always
            } else {
                Given::Never
            }
        }
        Token::Default(_) if way == Way::Called => Given::Always,
        Token::Default(known) if reaches(cell.scope.by_default(*known == Some(Level::Write))) => Given::Always,
        Token::Default(None) if reaches(cell.scope.by_default(true)) => Given::If(Fact::PermissiveDefault),
        Token::Default(_) => Given::Never,
    }
}

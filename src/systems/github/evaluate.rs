//! Which requests there are, and when each side allows them. They are few enough to be asked about one by one.

use super::{Fact, Job, JobName, Level, Request, Rules, Scope, Starter, Token, Way, asked, naive, regions};
use crate::access::{Budget, Exhausted, Formula, Formulas, Literal, Variable};
use crate::document::Place;
use crate::systems::{Access, Found, Opaque, Region, System, content_digest};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The system `github`.
pub struct Github;

/// One job in one realm, and what decides its access on each side.
pub struct Subject<'a> {
    pub(super) realm: Arc<str>,
    pub(super) name: JobName,
    sides: Vec<Side<'a>>,
    /// Every fact once; its number is that of its variable.
    pub(super) facts: Vec<Fact>,
}

struct Side<'a> {
    jobs: Vec<&'a Job>,
    anybody: &'a BTreeSet<(Scope, Level)>,
}

/// One request of a job, the facts aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub(super) starter: Starter,
    pub(super) scope: Scope,
    pub(super) level: Level,
}

impl System for Github {
    const ID: &'static str = "github";
    type Rules = Rules;
    type Subject<'a> = Subject<'a>;
    type Cell<'a> = Cell;
    type Request = Request;

    fn of(access: &Access) -> &Rules {
        &access.github
    }

    fn subjects<'a>(sides: &[&'a Rules]) -> Vec<Subject<'a>> {
        let jobs = sides.iter().take(2).flat_map(|rules| &rules.jobs);
        let keys: BTreeSet<(&Arc<str>, &JobName)> = jobs.map(|job| (&job.realm, &job.name)).collect();
        keys.into_iter().map(|(realm, name)| Subject::new(realm, name, sides)).filter(Subject::differs).collect()
    }

    fn name(subject: &Subject<'_>) -> (Arc<str>, Arc<str>) {
        (subject.name.to_string().into(), Arc::clone(&subject.realm))
    }

    fn fingerprint(subject: &Subject<'_>) -> String {
        let said: Vec<String> = subject.sides.iter().take(2).map(|side| format!("{:?}", side.said())).collect();
        content_digest(&said.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn cells<'a>(_: &Self::Subject<'a>, budget: &mut Budget) -> Result<Vec<Self::Cell<'a>>, Exhausted> {
        let levels = |scope: Scope| Level::ALL.into_iter().filter(move |level| scope.has(*level)).map(move |level| (scope, level));
        let asked = Scope::all().flat_map(levels);
        let cells: Vec<Cell> = asked.flat_map(|(scope, level)| Starter::ALL.map(|starter| Cell { starter, scope, level })).collect();
        budget.spend(cells.len())?;
        Ok(cells)
    }

    fn allows(subject: &Subject<'_>, side: usize, cell: &Cell, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let Some(side) = subject.sides.get(side) else { return Ok(Formula::FALSE) };
        if side.anybody.contains(&(cell.scope, cell.level)) {
            return Ok(Formula::TRUE);
        }
        let mut allowed = Formula::FALSE;
        for job in &side.jobs {
            for way in job.ways.keys() {
                let given = subject.given(job, *way, cell, formulas)?;
                allowed = formulas.or(allowed, given)?;
            }
        }
        Ok(allowed)
    }

    /// None: what depends on a fact is gained where the fact is so, and is told with it.
    fn unknowns(_: &Subject<'_>) -> Vec<Variable> {
        Vec::new()
    }

    fn regions(subject: &Subject<'_>, found: &Found<'_, Cell>, formulas: &mut Formulas) -> Result<Vec<Region>, Exhausted> {
        regions::regions(subject, found, formulas)
    }

    fn opaque(rules: &Rules) -> &BTreeSet<Opaque> {
        &rules.opaque
    }

    fn naive(rules: &Rules, request: &Request) -> bool {
        naive::allowed(rules, request)
    }

    fn asked(sides: [&Rules; 2], region: &Region) -> Vec<Request> {
        asked::requests(sides, region)
    }
}

impl Github {
    /// The request of the cell under the facts of a model; facts that the model leaves open are false.
    pub fn request(subject: &Subject<'_>, cell: &Cell, model: &[Literal]) -> Request {
        let fact = |(variable, value): &Literal| Some((subject.fact(*variable)?.clone(), *value));
        Request {
            realm: Arc::clone(&subject.realm),
            job: subject.name.clone(),
            starter: cell.starter,
            scope: cell.scope,
            level: cell.level,
            facts: model.iter().filter_map(fact).collect(),
        }
    }
}

/// What one way of starting a job gives, as a fact and whether it is enough.
enum Given {
    Never,
    Always,
    If(Fact),
}

impl<'a> Side<'a> {
    fn said(&self) -> BTreeSet<super::Said<'a>> {
        self.jobs.iter().map(|job| job.said()).collect()
    }
}

impl<'a> Subject<'a> {
    fn new(realm: &Arc<str>, name: &JobName, sides: &[&'a Rules]) -> Self {
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

    fn differs(&self) -> bool {
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
    fn given(&self, job: &Job, way: Way, cell: &Cell, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
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

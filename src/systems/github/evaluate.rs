//! Which requests there are, and when each side allows them. They are few enough to be asked about one by one.

use super::subject::{Cell, Subject};
use super::{JobName, Level, Request, Rules, Scope, Starter, asked, naive, regions};
use crate::access::{Budget, Exhausted, Formula, Formulas, Literal, Variable};
use crate::systems::{Access, Found, Opaque, Region, System, content_digest};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The system `github`.
pub struct Github;

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

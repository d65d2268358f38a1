//! Which paths two sides can tell apart, and who can approve them on each side.

use super::comparison::{Cell, Comparison, Side, Subject};
use super::{ANYBODY, Repository, Request, Rules, asked, naive, regions};
use crate::access::{Budget, Exhausted, Formula, Formulas, Variable};
use crate::systems::{Access, Bearing, Found, Opaque, Region, System, content_digest};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

/// The system `codeowners`.
pub struct Codeowners;

impl System for Codeowners {
    const ID: &'static str = "codeowners";
    type Rules = Rules;
    type Subject<'a> = Subject<'a>;
    type Cell<'a> = Cell;
    type Request = Request;

    fn of(access: &Access) -> &Rules {
        &access.codeowners
    }

    fn subjects<'a>(sides: &[&'a Rules]) -> Vec<Subject<'a>> {
        let repositories: BTreeSet<&Repository> = sides.iter().take(2).flat_map(|rules| rules.files.keys()).collect();
        let comparisons = repositories.into_iter().filter_map(|repository| Comparison::new(repository, sides)).map(Rc::new);
        comparisons
            .flat_map(|comparison| {
                comparison.holders().into_iter().map(move |holder| Subject { holder, comparison: Rc::clone(&comparison) })
            })
            .collect()
    }

    fn name(subject: &Subject<'_>) -> (Arc<str>, Arc<str>) {
        (Arc::clone(&subject.holder), Arc::clone(&subject.comparison.repository.realm))
    }

    fn fingerprint(subject: &Subject<'_>) -> String {
        let said = |side: &Side<'_>| {
            format!("{:?}", side.lines.map(|lines| lines.iter().map(|line| (line.pattern.text(), &line.owners)).collect::<Vec<_>>()))
        };
        let sides: Vec<String> = subject.comparison.sides.iter().take(2).map(said).collect();
        content_digest(&sides.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What is too much for the budget is told once, for anybody, since it may be anybody's.
    fn cells<'a>(subject: &Self::Subject<'a>, budget: &mut Budget) -> Result<Vec<Self::Cell<'a>>, Exhausted> {
        match subject.comparison.walked(budget) {
            Ok(walked) => Ok(walked.by_holder.get(&subject.holder).into_iter().flatten().map(|&answer| Cell { answer }).collect()),
            Err(Exhausted) if *subject.holder == *ANYBODY => Err(Exhausted),
            Err(Exhausted) => Ok(Vec::new()),
        }
    }

    fn allows(subject: &Subject<'_>, side: usize, cell: &Cell, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let comparison = &subject.comparison;
        match comparison.gives(side, cell.answer, &subject.holder) {
            Some(true) => Ok(Formula::TRUE),
            Some(false) => Ok(Formula::FALSE),
            None => formulas.variable(unknown(side)),
        }
    }

    fn unknowns(subject: &Subject<'_>) -> Vec<Variable> {
        let sides = subject.comparison.sides.iter().enumerate();
        sides.filter(|(_, side)| side.lines.is_none()).map(|(side, _)| unknown(side)).collect()
    }

    fn regions(subject: &Subject<'_>, found: &Found<'_, Cell>, _: &mut Formulas) -> Result<Vec<Region>, Exhausted> {
        regions::regions(subject, found)
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

    fn bearing(rules: &Rules, request: &Request) -> Vec<Bearing> {
        asked::bearing(rules, request)
    }
}

impl Codeowners {
    /// The request for which a cell stands.
    pub fn request(subject: &Subject<'_>, cell: &Cell) -> Request {
        let comparison = &subject.comparison;
        let path = comparison.answers().get(cell.answer).map(|answer| answer.path.clone()).unwrap_or_default();
        Request { repository: comparison.repository.clone(), who: Arc::clone(&subject.holder), path }
    }
}

/// Whether the lines of a side that nobody can tell give it.
fn unknown(side: usize) -> Variable {
    Variable(u32::try_from(side).unwrap_or(u32::MAX))
}

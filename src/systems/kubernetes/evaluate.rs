//! Which requests two sides can tell apart, and when each side allows them.
//!
//! Only what a holder's own roles say differently on the first two sides can make a difference to it, so only that is cut into cells;
//! what the groups around it may do counts on both sides, and is told as theirs where it changes.

use super::subject::{Cell, Subject};
use super::terms::{Reach, cut};
use super::{Fact, Request, Rules, asked, naive, regions, subjects};
use crate::access::{Budget, Exhausted, Formula, Formulas, Variable};
use crate::systems::{Access, Found, Opaque, Region, System, content_digest};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The system `kubernetes`.
pub struct Kubernetes;

impl System for Kubernetes {
    const ID: &'static str = "kubernetes";
    type Rules = Rules;
    type Subject<'a> = Subject<'a>;
    type Cell<'a> = Cell;
    type Request = Request;

    fn of(access: &Access) -> &Rules {
        &access.kubernetes
    }

    fn subjects<'a>(sides: &[&'a Rules]) -> Vec<Subject<'a>> {
        subjects::subjects(sides)
    }

    fn name(subject: &Subject<'_>) -> (Arc<str>, Arc<str>) {
        (Arc::clone(&subject.holder), Arc::clone(&subject.realm))
    }

    fn fingerprint(subject: &Subject<'_>) -> String {
        let said = || {
            let grants = subject.grants.iter().filter(|grant| grant.side < 2);
            grants.map(|grant| (grant.side, subject.reaches.get(grant.reach), &grant.guards)).collect::<BTreeSet<_>>()
        };
        subject.too_large.clone().unwrap_or_else(|| content_digest(&[&format!("{:?}", said())]))
    }

    fn cells<'a>(subject: &Self::Subject<'a>, budget: &mut Budget) -> Result<Vec<Self::Cell<'a>>, Exhausted> {
        if subject.too_large.is_some() {
            return Err(Exhausted);
        }
        let reaches: Vec<&Reach> = subject.reaches.iter().collect();
        let mut cells = Vec::new();
        for unit in subject.changed(budget)? {
            let classes = cut(unit, &reaches, budget)?;
            cells.extend(classes.into_iter().map(|class| Cell {
                is_path: unit.is_path,
                parts: class.parts.into(),
                members: class.members.into(),
            }));
        }
        Ok(cells)
    }

    fn allows(subject: &Subject<'_>, side: usize, cell: &Cell, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let mut allowed = Formula::FALSE;
        for grant in subject.grants_of(side, cell) {
            let mut given = Formula::TRUE;
            for guard in &grant.guards {
                let fact = subject.variable(guard).map_or(Ok(Formula::FALSE), |variable| formulas.variable(variable))?;
                given = formulas.and(given, fact)?;
            }
            allowed = formulas.or(allowed, given)?;
        }
        Ok(allowed)
    }

    fn possible(subject: &Subject<'_>, formula: Formula, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let axioms = subject.axioms(formulas)?;
        formulas.and(formula, axioms)
    }

    fn unknowns(subject: &Subject<'_>) -> Vec<Variable> {
        let unknown = |(fact, _): &(&Fact, u32)| !matches!(fact, Fact::Stands { .. });
        subject.facts.iter().zip(0..).filter(unknown).map(|(_, number)| Variable(number)).collect()
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

//! When a cell is allowed on each side: the system `aws` as the algebra asks it.

use super::asked::Asked;
use super::cell::Cell;
use super::cutting::{Cutter, changed_units};
use super::side::Side;
use super::subject::{Joined, Key, Subject};
use super::{Atom, Condition, Request, Rules, Slot, Statement, asked, naive, regions, vacuity, worlds};
use crate::access::{Budget, Exhausted, Formula, Formulas, Literal, Variable, Word};
use crate::systems::{Access, Bearing, Found, Opaque, Region, System, World, content_digest};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The system `aws`.
pub struct Aws;

impl System for Aws {
    const ID: &'static str = "aws";
    type Rules = Rules;
    type Subject<'a> = Subject<'a>;
    type Cell<'a> = Cell<'a>;
    type Request = Request;

    fn of(access: &Access) -> &Rules {
        &access.aws
    }

    fn subjects<'a>(sides: &[&'a Rules]) -> Vec<Subject<'a>> {
        let joined: Vec<Joined<'a>> = sides.iter().map(|rules| Joined::new(rules)).collect();
        let keys: BTreeSet<&Key> =
            joined.iter().take(2).flat_map(|side| side.documents.keys().copied().filter(|key| key.holder.is_some())).collect();
        let mut subjects = Vec::new();
        for key in keys.iter().filter(|key| key.slot != Slot::Boundary || !keys.contains(&key.with_slot(Slot::Identity))) {
            subjects.extend(Subject::new(key, joined.iter().map(|side| side.of(key)).collect()));
        }
        subjects
    }

    fn name(subject: &Subject<'_>) -> (Arc<str>, Arc<str>) {
        (Arc::clone(&subject.holder), Arc::clone(&subject.realm))
    }

    fn fingerprint(subject: &Subject<'_>) -> String {
        let said = |side: &Side<'_>| {
            let statements: BTreeSet<&Statement> = side.all().map(|grant| &*grant.statement).collect();
            format!("{:?} {statements:?}", side.cap.is_some())
        };
        let texts = subject.whole.each_ref().map(said);
        content_digest(&texts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn cells<'a>(subject: &Self::Subject<'a>, budget: &mut Budget) -> Result<Vec<Cell<'a>>, Exhausted> {
        let mut cutter = Cutter::new(subject);
        let units = changed_units(subject, &cutter, budget)?;
        let mut cells = Vec::new();
        for (number, unit) in units.iter().enumerate() {
            cutter.cut_unit(number, unit, &mut cells, budget)?;
        }
        Ok(cells)
    }

    fn allows(subject: &Subject<'_>, side: usize, cell: &Cell<'_>, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let Some(side) = subject.sides.get(side) else { return Ok(Formula::FALSE) };
        let (allow, deny) = subject.says(&side.grants, side.first, cell, formulas)?;
        if side.for_anybody {
            let is_spelt_out = side.all().any(|grant| has_value(&grant.statement.condition, cell));
            return if is_spelt_out { Ok(Formula::FALSE) } else { formulas.without(allow, deny) };
        }
        let given = if subject.slot == Slot::Trust {
            allow
        } else {
            let other = subject.variables.formula(&Atom::OtherAllow, formulas)?;
            formulas.or(allow, other)?
        };
        let left = formulas.without(given, deny)?;
        let cap = subject.cap(side, cell, formulas)?;
        let capped = formulas.and(left, cap)?;
        with_values(subject, cell, capped, formulas)
    }

    fn is_vacuous(cell: &Cell<'_>) -> bool {
        vacuity::is_vacuous(cell)
    }

    fn possible(subject: &Subject<'_>, formula: Formula, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        subject.possible(formula, formulas)
    }

    fn unknowns(_subject: &Subject<'_>) -> Vec<Variable> {
        Vec::new()
    }

    fn regions(subject: &Subject<'_>, found: &Found<'_, Cell<'_>>, formulas: &mut Formulas) -> Result<Vec<Region>, Exhausted> {
        regions::regions(subject, found, formulas)
    }

    fn worlds(subject: &Subject<'_>, sides: &[&Rules], budget: &mut Budget) -> Result<Vec<World<Rules>>, Exhausted> {
        worlds::worlds(subject, sides, budget)
    }

    fn opaque(rules: &Rules) -> &BTreeSet<Opaque> {
        &rules.opaque
    }

    fn naive(rules: &Rules, request: &Request) -> bool {
        naive::allowed(rules, request)
    }

    fn asked(sides: [&Rules; 2], region: &Region) -> Vec<Request> {
        Asked::new(sides, region).requests(region)
    }

    fn bearing(rules: &Rules, request: &Request) -> Vec<Bearing> {
        asked::bearing(rules, request)
    }
}

/// Whether the cell is of a policy variable of which the condition says what it is: then the resource is one that has that text in it.
fn has_value(condition: &Condition, cell: &Cell<'_>) -> bool {
    cell.resource.words().iter().flat_map(Word::symbols).any(|name| condition.is_told(name))
}

/// A resource that is what a policy variable stands for is in no request that has no value for it.
fn with_values(subject: &Subject<'_>, cell: &Cell<'_>, formula: Formula, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
    let symbols = cell.resource.words().iter().flat_map(Word::symbols);
    let missing: Vec<Variable> = symbols.filter_map(|name| subject.variables.number(&Atom::Missing(name.into()))).collect();
    missing.into_iter().try_fold(formula, |left, variable| {
        let missing = formulas.variable(variable)?;
        formulas.without(left, missing)
    })
}

impl Aws {
    /// One request of the cell under the facts of a model; facts that the model leaves open are false.
    pub fn request(subject: &Subject<'_>, cell: &Cell<'_>, model: &[Literal]) -> Request {
        let fact = |(variable, value): &Literal| Some((subject.variables.atom(*variable)?.clone(), *value));
        Request {
            realm: Arc::clone(&subject.realm),
            holder: Arc::clone(&subject.holder),
            slot: subject.slot,
            principal: cell.principal.words().to_vec(),
            action: cell.action.words().to_vec(),
            resource: cell.resource.words().to_vec(),
            facts: model.iter().filter_map(fact).collect(),
        }
    }
}

//! Which requests two sides can tell apart.
//!
//! Statements that stand on both sides cannot make a difference on their own, so only what is inside a *changed unit* is cut into
//! cells: a unit is one statement narrowed to one principal, one action and one resource pattern.

use super::cell::{About, Cell, Cut, Part, Slice, Slices, Unions};
use super::differences::{Element, Reach, Row};
use super::pattern::{Action, Notation, Patterns, Principal, Resource};
use super::side::Side;
use super::subject::Subject;
use super::{Condition, Effect, Statement};
use crate::access::{Budget, Exhausted, Word, partition_by_unions};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::LazyLock;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit<'a> {
    is_cap: bool,
    effect: Effect,
    principal: Part<'a, Principal>,
    action: Part<'a, Action>,
    resource: Part<'a, Resource>,
    condition: &'a Condition,
}

/// Numbers keys, equal ones alike.
fn kinds<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<usize> {
    let mut known = BTreeMap::new();
    keys.map(|key| {
        let next = known.len();
        *known.entry(key).or_insert(next)
    })
    .collect()
}

/// Units that stand on one side only.
pub(super) fn changed_units<'a>(subject: &Subject<'a>, cutter: &Cutter<'a>, budget: &mut Budget) -> Result<Vec<Unit<'a>>, Exhausted> {
    let mut units: [BTreeSet<Unit<'a>>; 2] = Default::default();
    for (rows, units) in subject.changed.iter().zip(&mut units) {
        for row in rows {
            cutter.units_of(row, units, budget)?;
        }
    }
    let mut changed: Vec<Unit<'a>> = units[0].symmetric_difference(&units[1]).copied().collect();
    if subject.cap_comes_or_goes() {
        changed.push(EVERYTHING);
    }
    changed.sort();
    Ok(changed)
}

static ANY_PRINCIPAL: LazyLock<Principal> = LazyLock::new(Principal::any);
static ANY_ACTION: LazyLock<Action> = LazyLock::new(Action::any);
static ANY_RESOURCE: LazyLock<Resource> = LazyLock::new(Resource::any);

/// What a cap changes by being there: it takes away everything but nothing.
const EVERYTHING: Unit<'static> = Unit {
    is_cap: true,
    effect: Effect::Allow,
    principal: Part::Not(&Patterns { negated: true, list: Vec::new() }),
    action: Part::Not(&Patterns { negated: true, list: Vec::new() }),
    resource: Part::Not(&Patterns { negated: true, list: Vec::new() }),
    condition: &Condition { clauses: Vec::new() },
};

/// A statement, and on which side and in what it stands: a number of the side, and whether it is a cap.
type Stated<'a> = ((usize, bool), &'a Statement);

/// Every concerned pattern of the statements once, in order, and the numbers of those that each statement names. Numbers are quickly
/// compared.
struct Numbered<'a, P> {
    patterns: Rc<[&'a P]>,
    of_statement: Vec<Vec<usize>>,
    /// For each statement, what it says besides these patterns; of what it does not mean all of it.
    kinds: Vec<usize>,
}

impl<'a, P: Notation> Numbered<'a, P> {
    /// Of several spellings the first by text stays.
    fn new<K: Ord>(
        statements: &[Stated<'a>],
        element: impl Fn(&'a Statement) -> &'a Patterns<P>,
        besides: impl Fn(&'a Statement) -> K,
        is_concerned: impl Fn(&P) -> bool,
    ) -> Self {
        let mut all: Vec<(&'a P, usize)> = Vec::new();
        for (number, (_, statement)) in statements.iter().enumerate() {
            all.extend(element(statement).list.iter().filter(|pattern| is_concerned(pattern)).map(|pattern| (pattern, number)));
        }
        all.sort_by(|(a, _), (b, _)| a.cmp(b).then_with(|| a.text().cmp(b.text())));
        let (mut patterns, mut of_statement) = (Vec::new(), vec![Vec::new(); statements.len()]);
        for (pattern, statement) in all {
            if patterns.last() != Some(&pattern) {
                patterns.push(pattern);
            }
            if let Some(numbers) = of_statement.get_mut(statement) {
                numbers.push(patterns.len() - 1);
            }
        }
        let not_meant = |statement| Some(element(statement)).filter(|patterns| patterns.negated);
        let kinds = kinds(statements.iter().map(|(place, s)| (place, s.effect, &s.condition, besides(s), not_meant(s))));
        Self { patterns: patterns.into(), of_statement, kinds }
    }

    fn of_statement(&self, statement: usize) -> &[usize] {
        self.of_statement.get(statement).map_or(&[], Vec::as_slice)
    }

    fn parts(&self, element: &Element<'a, P>) -> Vec<Part<'a, P>> {
        match element {
            Element::Not(patterns) => vec![Part::Not(patterns)],
            Element::Some(list) => list.iter().filter_map(|pattern| self.patterns.binary_search(pattern).ok()).map(Part::One).collect(),
        }
    }

    /// What these statements name.
    fn unions(&self, statements: &[usize]) -> Rc<Unions<'a, P>> {
        let mut naming: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &statement in statements {
            for &number in self.of_statement(statement) {
                naming.entry(number).or_default().push(statement);
            }
        }
        let named = naming.into_iter().filter_map(|(number, statements)| Some((*self.patterns.get(number)?, statements)));
        Rc::new(Unions::new(named, &self.kinds))
    }

    /// Cuts one part of a unit by some of the patterns, and keeps the classes that are in it.
    fn cut(&self, part: Part<'a, P>, any: &'a P, unions: &Rc<Unions<'a, P>>, budget: &mut Budget) -> Result<Slices<'a, P>, Exhausted> {
        let within = match part {
            Part::One(number) => self.patterns.get(number).copied().unwrap_or(any),
            Part::Not(_) => any,
        };
        let (tuples, union_of) = unions.meeting(within);
        let classes = partition_by_unions(within.globs(), &tuples, &union_of, budget)?;
        let cut = Rc::new(Cut::new(within, unions, classes));
        let is_in = |words: &[Word]| match part {
            Part::One(_) => true,
            Part::Not(patterns) => patterns.matches(words),
        };
        let numbers = cut.classes.iter().enumerate().filter(|(_, class)| is_in(&class.words)).map(|(number, _)| number);
        Ok(numbers.map(|class| Slice { cut: Rc::clone(&cut), class }).collect())
    }
}

fn once<K: Ord, V: Clone>(known: &RefCell<BTreeMap<K, V>>, key: K, make: impl FnOnce() -> Result<V, Exhausted>) -> Result<V, Exhausted> {
    if let Some(value) = known.borrow().get(&key) {
        return Ok(value.clone());
    }
    let value = make()?;
    known.borrow_mut().insert(key, value.clone());
    Ok(value)
}

/// What a unit or a cell costs, in time and in memory, beside a pattern that advances by a letter.
const KEPT: usize = 32;

type ActionClasses<'a> = Rc<[(Slice<'a, Action>, Rc<About<'a>>)]>;

/// Cuts units by the statements of all sides. Actions first; resources and principals only by what is about the action.
pub(super) struct Cutter<'a> {
    statements: Vec<Stated<'a>>,
    principals: Numbered<'a, Principal>,
    actions: Numbered<'a, Action>,
    resources: Numbered<'a, Resource>,
    /// The actions of all statements.
    named: Rc<Unions<'a, Action>>,
    by_action: BTreeMap<Part<'a, Action>, ActionClasses<'a>>,
    abouts: BTreeMap<Vec<usize>, Rc<About<'a>>>,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(subject: &Subject<'a>) -> Self {
        let of_side = |(number, side): (usize, &Side<'a>)| {
            let is_cap = |at| at >= side.grants.len();
            side.all().enumerate().map(|(at, grant)| ((number, is_cap(at)), &*grant.statement)).collect::<Vec<_>>()
        };
        let statements: Vec<Stated<'a>> = subject.sides.iter().enumerate().flat_map(of_side).collect();
        let rows = || subject.changed.iter().flatten();
        let (changed_actions, changed_resources) = (Reach::of(rows().map(|row| &row.actions)), Reach::of(rows().map(|row| &row.resources)));
        let all = subject.cap_comes_or_goes();
        let actions =
            Numbered::new(&statements, |s| &s.actions, |s| (&s.principals, &s.resources), |action| all || changed_actions.may_hold(action));
        let named = actions.unions(&(0..statements.len()).collect::<Vec<_>>());
        Self {
            principals: Numbered::new(&statements, |s| &s.principals, |s| &s.resources, |_| true),
            resources: Numbered::new(
                &statements,
                |s| &s.resources,
                |s| &s.principals,
                |resource| all || changed_resources.may_hold(resource),
            ),
            actions,
            statements,
            named,
            by_action: BTreeMap::new(),
            abouts: BTreeMap::new(),
        }
    }

    fn units_of(&self, row: &Row<'a>, units: &mut BTreeSet<Unit<'a>>, budget: &mut Budget) -> Result<(), Exhausted> {
        let (actions, resources) = (self.actions.parts(&row.actions), self.resources.parts(&row.resources));
        let &Row { is_cap, effect, condition, .. } = row;
        for principal in self.principals.parts(&row.principals) {
            for &action in &actions {
                budget.spend(KEPT * resources.len())?;
                units.extend(resources.iter().map(|&resource| Unit { is_cap, effect, principal, action, resource, condition }));
            }
        }
        Ok(())
    }

    pub(super) fn cut_unit(
        &mut self,
        number: usize,
        unit: &Unit<'a>,
        cells: &mut Vec<Cell<'a>>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        for (action, about) in self.action_classes(unit.action, budget)?.iter() {
            let principals = once(&about.cut_principals, unit.principal, || {
                self.principals.cut(unit.principal, &ANY_PRINCIPAL, &about.principals, budget)
            })?;
            let resources =
                once(&about.cut_resources, unit.resource, || self.resources.cut(unit.resource, &ANY_RESOURCE, &about.resources, budget))?;
            budget.spend(principals.len() * resources.len() * (KEPT + about.statements.len()))?;
            for principal in principals.iter() {
                cells.extend(resources.iter().map(|resource| Cell {
                    unit: number,
                    of_cap: unit.is_cap,
                    about: Rc::clone(about),
                    principal: principal.clone(),
                    action: action.clone(),
                    resource: resource.clone(),
                }));
            }
        }
        Ok(())
    }

    fn action_classes(&mut self, part: Part<'a, Action>, budget: &mut Budget) -> Result<ActionClasses<'a>, Exhausted> {
        if let Some(known) = self.by_action.get(&part) {
            return Ok(Rc::clone(known));
        }
        let slices = self.actions.cut(part, &ANY_ACTION, &self.named, budget)?;
        budget.spend(slices.len() * self.statements.len())?;
        let within = slices.first().map(|slice| slice.cut.within);
        let near: BTreeSet<usize> = within.into_iter().flat_map(|within| self.named.naming(within)).collect();
        let meets: Vec<bool> = self.statements.iter().enumerate().map(|(at, (_, s))| s.actions.negated || near.contains(&at)).collect();
        let classes: ActionClasses<'a> = slices.iter().map(|slice| (slice.clone(), self.about(slice, &meets))).collect();
        self.by_action.insert(part, Rc::clone(&classes));
        Ok(classes)
    }

    /// The statements that name one of the patterns the class is in, and those that name what they are not about, and not it.
    /// `meets`: which statements name something that meets what is cut.
    fn about(&mut self, action: &Slice<'a, Action>, meets: &[bool]) -> Rc<About<'a>> {
        let named: BTreeSet<usize> =
            action.members().iter().filter_map(|member| self.named.statements.get(*member)).flatten().copied().collect();
        let is_about = |(number, (_, statement)): (usize, &Stated<'a>)| {
            let is_it = named.contains(&number) != statement.actions.negated && meets.get(number) == Some(&true);
            is_it.then_some(number)
        };
        let numbers: Vec<usize> = self.statements.iter().enumerate().filter_map(is_about).collect();
        if let Some(known) = self.abouts.get(&numbers) {
            return Rc::clone(known);
        }
        let made = Rc::new(About {
            principals: self.principals.unions(&numbers),
            resources: self.resources.unions(&numbers),
            statements: numbers.clone(),
            cut_principals: RefCell::default(),
            cut_resources: RefCell::default(),
        });
        self.abouts.insert(numbers, Rc::clone(&made));
        made
    }
}

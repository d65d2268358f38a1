//! Which requests two sides can tell apart.
//!
//! Statements that stand on both sides cannot make a difference on their own, so only what is inside a *changed unit* is cut into
//! cells: a unit is one statement narrowed to one principal, one action and one resource pattern.

use super::pattern::{Action, Notation, Patterns, Principal, Resource};
use super::subject::Subject;
use super::{Condition, Effect, Grant, Statement};
use crate::access::{Budget, Exhausted, Tuple, Word, partition};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::LazyLock;

/// One element of a unit: a pattern by its number, or everything but some.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part<'a, P> {
    One(usize),
    Not(&'a Patterns<P>),
}

impl<P> Clone for Part<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Part<'_, P> {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit<'a> {
    is_cap: bool,
    effect: Effect,
    principal: Part<'a, Principal>,
    action: Part<'a, Action>,
    resource: Part<'a, Resource>,
    condition: &'a Condition,
}

/// A pattern cut into classes by all patterns that meet it; `members` of a class are numbers in `patterns`.
#[derive(Debug)]
pub(super) struct Cut<'a, P> {
    pub(super) within: &'a P,
    pub(super) patterns: Rc<[&'a P]>,
    pub(super) classes: Vec<crate::access::TupleClass>,
    extents: OnceCell<Vec<Extent<'a, P>>>,
}

/// A pattern, and the classes that it covers.
pub(super) type Extent<'a, P> = (&'a P, BTreeSet<usize>);

impl<'a, P> Cut<'a, P> {
    /// The classes that each pattern covers, the widest pattern first.
    pub(super) fn extents(&self) -> &[Extent<'a, P>] {
        self.extents.get_or_init(|| {
            let mut extents: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
            for (number, class) in self.classes.iter().enumerate() {
                for &member in &class.members {
                    extents.entry(member).or_default().insert(number);
                }
            }
            let with_pattern = |(member, extent): (usize, BTreeSet<usize>)| Some((*self.patterns.get(member)?, extent));
            let mut extents: Vec<_> = extents.into_iter().filter_map(with_pattern).collect();
            extents.sort_by_key(|(_, extent)| std::cmp::Reverse(extent.len()));
            extents
        })
    }
}

/// One class of a cut.
#[derive(Debug)]
pub(super) struct Slice<'a, P> {
    pub(super) cut: Rc<Cut<'a, P>>,
    pub(super) class: usize,
}

impl<P> Clone for Slice<'_, P> {
    fn clone(&self) -> Self {
        Self { cut: Rc::clone(&self.cut), class: self.class }
    }
}

impl<P> Slice<'_, P> {
    pub(super) fn words(&self) -> &[Word] {
        self.cut.classes.get(self.class).map_or(&[], |class| &class.words)
    }
}

/// Requests inside one changed unit that no statement tells apart.
#[derive(Clone)]
pub struct Cell<'a> {
    pub(super) unit: usize,
    /// The unit is part of a cap.
    pub(super) of_cap: bool,
    pub(super) about: Rc<About<'a>>,
    pub(super) principal: Slice<'a, Principal>,
    pub(super) action: Slice<'a, Action>,
    pub(super) resource: Slice<'a, Resource>,
}

impl Cell<'_> {
    /// Whether the subject's grant with that number is about the cell, its condition aside.
    pub(super) fn is_in(&self, number: usize, statement: &Statement) -> bool {
        self.about.statements.binary_search(&number).is_ok() && self.is_met_by(statement)
    }

    /// Whether a statement about its actions is about the cell.
    pub(super) fn is_met_by(&self, statement: &Statement) -> bool {
        statement.resources.matches(self.resource.words()) && statement.principals.matches(self.principal.words())
    }
}

/// Units that stand on one side only.
pub(super) fn changed_units<'a>(subject: &Subject<'a>, cutter: &Cutter<'a>, budget: &mut Budget) -> Result<Vec<Unit<'a>>, Exhausted> {
    let mut units: [BTreeSet<Unit<'a>>; 2] = Default::default();
    for ((side, changed), units) in subject.sides.iter().zip(&subject.changed).zip(&mut units) {
        let stated = |(at, (number, grant)): (usize, (usize, &'a Grant))| (number, (at >= side.grants.len(), &grant.statement));
        for (number, (is_cap, statement)) in side.numbered().enumerate().map(stated).filter(|(_, stated)| changed.contains(stated)) {
            cutter.units_of(is_cap, statement, number, units, budget)?;
        }
    }
    let mut changed: Vec<Unit<'a>> = units[0].symmetric_difference(&units[1]).copied().collect();
    if let [base, head] = &subject.whole
        && base.cap.is_some() != head.cap.is_some()
    {
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

/// Every pattern of the statements once, in order, and the numbers of those that each statement names. Numbers are quickly compared.
struct Numbered<'a, P> {
    patterns: Rc<[&'a P]>,
    of_statement: Vec<Vec<usize>>,
}

impl<'a, P: Notation> Numbered<'a, P> {
    /// Of several spellings the first by text stays.
    fn new(statements: &[&'a Statement], element: impl Fn(&'a Statement) -> &'a Patterns<P>) -> Self {
        let of = |(number, statement): (usize, &&'a Statement)| element(statement).list.iter().map(move |pattern| (pattern, number));
        let mut all: Vec<(&'a P, usize)> = statements.iter().enumerate().flat_map(of).collect();
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
        Self { patterns: patterns.into(), of_statement }
    }

    fn of_statement(&self, statement: usize) -> &[usize] {
        self.of_statement.get(statement).map_or(&[], Vec::as_slice)
    }

    fn parts(&self, statement: usize, patterns: &'a Patterns<P>) -> Vec<Part<'a, P>> {
        if patterns.negated { vec![Part::Not(patterns)] } else { self.of_statement(statement).iter().copied().map(Part::One).collect() }
    }

    /// What these statements name.
    fn of_statements(&self, statements: &[usize]) -> Rc<[&'a P]> {
        let numbers: BTreeSet<usize> = statements.iter().flat_map(|statement| self.of_statement(*statement)).copied().collect();
        numbers.iter().filter_map(|number| self.patterns.get(*number).copied()).collect()
    }

    /// Cuts one part of a unit by some of the patterns, and keeps the classes that are in it.
    fn cut(&self, part: Part<'a, P>, any: &'a P, patterns: &Rc<[&'a P]>, budget: &mut Budget) -> Result<Slices<'a, P>, Exhausted> {
        let within = match part {
            Part::One(number) => self.patterns.get(number).copied().unwrap_or(any),
            Part::Not(_) => any,
        };
        let tuples: Vec<&Tuple> = patterns.iter().map(|pattern| pattern.globs()).collect();
        let classes = partition(within.globs(), &tuples, budget)?;
        let cut = Rc::new(Cut { within, patterns: Rc::clone(patterns), classes, extents: OnceCell::new() });
        let is_in = |words: &[Word]| match part {
            Part::One(_) => true,
            Part::Not(patterns) => patterns.matches(words),
        };
        let numbers = cut.classes.iter().enumerate().filter(|(_, class)| is_in(&class.words)).map(|(number, _)| number);
        Ok(numbers.map(|class| Slice { cut: Rc::clone(&cut), class }).collect())
    }
}

type Slices<'a, P> = Rc<[Slice<'a, P>]>;

/// The statements that are about one class of actions, and how they cut principals and resources: each part is cut once.
pub(super) struct About<'a> {
    /// Numbers of the subject's grants, ascending.
    pub(super) statements: Vec<usize>,
    principals: Rc<[&'a Principal]>,
    resources: Rc<[&'a Resource]>,
    cut_principals: RefCell<BTreeMap<Part<'a, Principal>, Slices<'a, Principal>>>,
    cut_resources: RefCell<BTreeMap<Part<'a, Resource>, Slices<'a, Resource>>>,
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
    statements: Vec<&'a Statement>,
    principals: Numbered<'a, Principal>,
    actions: Numbered<'a, Action>,
    resources: Numbered<'a, Resource>,
    /// Which statements name an action pattern, by the pattern's number.
    naming: Vec<Vec<usize>>,
    by_action: BTreeMap<Part<'a, Action>, ActionClasses<'a>>,
    abouts: BTreeMap<Vec<usize>, Rc<About<'a>>>,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(statements: Vec<&'a Statement>) -> Self {
        let actions = Numbered::new(&statements, |statement| &statement.actions);
        let mut naming = vec![Vec::new(); actions.patterns.len()];
        for (statement, numbers) in actions.of_statement.iter().enumerate() {
            for number in numbers {
                if let Some(naming) = naming.get_mut(*number) {
                    naming.push(statement);
                }
            }
        }
        Self {
            principals: Numbered::new(&statements, |statement| &statement.principals),
            resources: Numbered::new(&statements, |statement| &statement.resources),
            actions,
            statements,
            naming,
            by_action: BTreeMap::new(),
            abouts: BTreeMap::new(),
        }
    }

    fn units_of(
        &self,
        is_cap: bool,
        statement: &'a Statement,
        number: usize,
        units: &mut BTreeSet<Unit<'a>>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let resources = self.resources.parts(number, &statement.resources);
        let actions = self.actions.parts(number, &statement.actions);
        let (effect, condition) = (statement.effect, &statement.condition);
        for principal in self.principals.parts(number, &statement.principals) {
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
        let slices = self.actions.cut(part, &ANY_ACTION, &self.actions.patterns, budget)?;
        budget.spend(slices.len() * self.statements.len())?;
        let classes: ActionClasses<'a> = slices.iter().map(|slice| (slice.clone(), self.about(slice))).collect();
        self.by_action.insert(part, Rc::clone(&classes));
        Ok(classes)
    }

    /// The statements that name one of the patterns the class is in, and those that name what they are not about, and not it.
    fn about(&mut self, action: &Slice<'a, Action>) -> Rc<About<'a>> {
        let members = action.cut.classes.get(action.class).map_or(&[][..], |class| &class.members);
        let named: BTreeSet<usize> = members.iter().filter_map(|member| self.naming.get(*member)).flatten().copied().collect();
        let is_about = |(number, statement): &(usize, &&Statement)| named.contains(number) != statement.actions.negated;
        let numbers: Vec<usize> = self.statements.iter().enumerate().filter(is_about).map(|(number, _)| number).collect();
        if let Some(known) = self.abouts.get(&numbers) {
            return Rc::clone(known);
        }
        let made = Rc::new(About {
            principals: self.principals.of_statements(&numbers),
            resources: self.resources.of_statements(&numbers),
            statements: numbers.clone(),
            cut_principals: RefCell::default(),
            cut_resources: RefCell::default(),
        });
        self.abouts.insert(numbers, Rc::clone(&made));
        made
    }
}

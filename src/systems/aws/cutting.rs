//! Which requests two sides can tell apart.
//!
//! Statements that stand on both sides cannot make a difference on their own, so only what is inside a *changed unit* is cut into
//! cells: a unit is one statement narrowed to one principal, one action and one resource pattern.

use super::differences::{Element, Reach, Row};
use super::near::Near;
use super::pattern::{Action, Notation, Patterns, Principal, Resource};
use super::subject::{Side, Subject};
use super::terms::covers_all;
use super::{Condition, Effect, Statement};
use crate::access::{Budget, Exhausted, Tuple, TupleClass, Word, may_meet, partition, partition_by_unions};
use fixedbitset::FixedBitSet;
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

/// Patterns, of which those that equal statements name are one thing: which of them it is that matches makes no difference.
#[derive(Debug)]
pub(super) struct Unions<'a, P> {
    /// In order.
    patterns: Vec<&'a P>,
    /// The statements that name each pattern.
    naming: Vec<Vec<usize>>,
    /// What each pattern is a part of.
    union_of: Vec<usize>,
    /// The patterns of each union.
    pub(super) parts: Vec<Vec<&'a P>>,
    /// The statements that name the patterns of each union.
    statements: Vec<BTreeSet<usize>>,
    near: OnceCell<Near<'a, P>>,
}

/// A pattern, and the statements that name it.
type Named<'a, P> = (&'a P, Vec<usize>);

impl<'a, P: Notation> Unions<'a, P> {
    /// From patterns in order. Statements of one kind differ in nothing but which patterns they name.
    fn new(named: impl Iterator<Item = Named<'a, P>>, kinds: &[usize]) -> Self {
        let mut numbers: BTreeMap<BTreeSet<usize>, usize> = BTreeMap::new();
        let mut unions = Self {
            patterns: Vec::new(),
            naming: Vec::new(),
            union_of: Vec::new(),
            parts: Vec::new(),
            statements: Vec::new(),
            near: OnceCell::new(),
        };
        for (pattern, statements) in named {
            let next = numbers.len();
            let kinds = statements.iter().filter_map(|statement| kinds.get(*statement)).copied().collect();
            let number = *numbers.entry(kinds).or_insert(next);
            if number == next {
                unions.parts.push(Vec::new());
                unions.statements.push(BTreeSet::new());
            }
            unions.patterns.push(pattern);
            unions.union_of.push(number);
            unions.parts.iter_mut().skip(number).take(1).for_each(|parts| parts.push(pattern));
            unions.statements.iter_mut().skip(number).take(1).for_each(|all| all.extend(&statements));
            unions.naming.push(statements);
        }
        unions
    }

    /// The patterns that may meet this one, and what each is a part of.
    fn meeting(&self, within: &P) -> (Vec<&Tuple>, Vec<usize>) {
        let numbers = self.near().meeting(within);
        numbers.filter_map(|number| Some((self.patterns.get(number)?.globs(), *self.union_of.get(number)?))).unzip()
    }

    /// The statements that name a pattern that may meet this one.
    fn naming<'s>(&'s self, within: &'s P) -> impl Iterator<Item = usize> + 's {
        self.near().meeting(within).filter_map(|number| self.naming.get(number)).flatten().copied()
    }

    /// The statements that name a pattern that matches the words.
    fn naming_all(&self, words: &[Word]) -> FixedBitSet {
        self.near().matching(words).filter_map(|number| self.naming.get(number)).flatten().copied().collect()
    }

    /// The unions that the words are in.
    pub(super) fn matching<'s>(&'s self, words: &'s [Word]) -> impl Iterator<Item = usize> + 's {
        self.near().matching(words).filter_map(|number| self.union_of.get(number)).copied()
    }

    fn near(&self) -> &Near<'a, P> {
        self.near.get_or_init(|| Near::new(self.patterns.iter().copied()))
    }
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

/// A pattern cut into classes by all patterns that meet it; `members` of a class are numbers of unions.
#[derive(Debug)]
pub(super) struct Cut<'a, P> {
    pub(super) within: &'a P,
    pub(super) unions: Rc<Unions<'a, P>>,
    pub(super) classes: Vec<TupleClass>,
    extents: OnceCell<Vec<Extent<'a, P>>>,
    /// The statements that name something that matches what is in a class, for each class, once somebody asks.
    matching: Vec<OnceCell<FixedBitSet>>,
}

/// The patterns of a union that meet what is cut, and the classes that they cover together.
pub(super) type Extent<'a, P> = (Vec<&'a P>, FixedBitSet);

/// Enough to see whether two patterns meet; past it they are taken to.
const MEETING: u64 = 100_000;

impl<'a, P: Notation> Cut<'a, P> {
    /// The classes that each union covers, the widest first.
    pub(super) fn extents(&self) -> &[Extent<'a, P>] {
        self.extents.get_or_init(|| {
            let mut extents: BTreeMap<usize, FixedBitSet> = BTreeMap::new();
            for (number, class) in self.classes.iter().enumerate() {
                for &member in &class.members {
                    extents.entry(member).or_insert_with(|| FixedBitSet::with_capacity(self.classes.len())).insert(number);
                }
            }
            let with_parts = |(union, extent): (usize, FixedBitSet)| Some((self.meeting(self.unions.parts.get(union)?), extent));
            let mut extents: Vec<_> = extents.into_iter().filter_map(with_parts).collect();
            extents.sort_by_key(|(_, extent)| std::cmp::Reverse(extent.count_ones(..)));
            extents
        })
    }

    fn meeting(&self, parts: &[&'a P]) -> Vec<&'a P> {
        if let [only] = parts {
            return vec![only];
        }
        let within = self.within.globs();
        let meets = |part: &&&'a P| {
            let is_part = |classes: Vec<TupleClass>| classes.iter().any(|class| !class.members.is_empty());
            // What lies within meets, for every pattern matches something.
            covers_all(&[self.within], &[part])
                || may_meet(within, part.globs()) && partition(within, &[part.globs()], &mut Budget::new(MEETING)).map_or(true, is_part)
        };
        parts.iter().filter(meets).copied().collect()
    }

    /// Every pattern that may have been spelt in the cut.
    pub(super) fn patterns(&self) -> impl Iterator<Item = &'a P> + '_ {
        std::iter::once(self.within).chain(self.unions.patterns.iter().copied())
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

impl<'a, P> Slice<'a, P> {
    /// Lists of patterns, none of them empty; of each list, some pattern matches whatever is in it.
    pub(super) fn around(&self) -> impl Iterator<Item = &[&'a P]> + '_ {
        let matching = self.members().iter().filter_map(|member| self.cut.unions.parts.get(*member).map(Vec::as_slice));
        let matching = matching.filter(|patterns| !patterns.is_empty());
        std::iter::once(std::slice::from_ref(&self.cut.within)).chain(matching)
    }

    /// The unions that it is in, by number.
    pub(super) fn members(&self) -> &[usize] {
        self.cut.classes.get(self.class).map_or(&[], |class| &class.members)
    }

    pub(super) fn words(&self) -> &[Word] {
        self.cut.classes.get(self.class).map_or(&[], |class| &class.words)
    }
}

impl<P: Notation> Slice<'_, P> {
    /// Whether the statement with that number names a pattern that matches what is in the class.
    fn is_named_by(&self, statement: usize) -> bool {
        let matching = self.cut.matching.get(self.class);
        matching.is_some_and(|matching| matching.get_or_init(|| self.cut.unions.naming_all(self.words())).contains(statement))
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
    /// Whether a statement about its actions, the one with that number, is about the cell.
    pub(super) fn is_met_by(&self, number: usize, statement: &Statement) -> bool {
        self.resource.is_named_by(number) != statement.resources.negated
            && self.principal.is_named_by(number) != statement.principals.negated
    }
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
        let matching = classes.iter().map(|_| OnceCell::new()).collect();
        let cut = Rc::new(Cut { within, unions: Rc::clone(unions), classes, extents: OnceCell::new(), matching });
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
    principals: Rc<Unions<'a, Principal>>,
    resources: Rc<Unions<'a, Resource>>,
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
        let members = action.cut.classes.get(action.class).map_or(&[][..], |class| &class.members);
        let named: BTreeSet<usize> = members.iter().filter_map(|member| self.named.statements.get(*member)).flatten().copied().collect();
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

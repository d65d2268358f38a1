//! Cells: requests that no statement tells apart, and the patterns that they were cut from.

use super::Statement;
use super::near::Near;
use super::pattern::{Action, Notation, Patterns, Principal, Resource, covers_all};
use crate::access::{Budget, Tuple, TupleClass, Word, may_meet, partition};
use fixedbitset::FixedBitSet;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

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
    pub(super) statements: Vec<BTreeSet<usize>>,
    near: OnceCell<Near<'a, P>>,
}

/// A pattern, and the statements that name it.
type Named<'a, P> = (&'a P, Vec<usize>);

impl<'a, P: Notation> Unions<'a, P> {
    /// From patterns in order. Statements of one kind differ in nothing but which patterns they name.
    pub(super) fn new(named: impl Iterator<Item = Named<'a, P>>, kinds: &[usize]) -> Self {
        let mut numbers: BTreeMap<(BTreeSet<usize>, Option<&P>), usize> = BTreeMap::new();
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
            // What a policy variable stands for is in no request without its key, and what a plain pattern matches beside it is.
            let alone = pattern.text().contains("${").then_some(pattern);
            let number = *numbers.entry((kinds, alone)).or_insert(next);
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
    pub(super) fn meeting(&self, within: &P) -> (Vec<&Tuple>, Vec<usize>) {
        let numbers = self.near().meeting(within);
        numbers.filter_map(|number| Some((self.patterns.get(number)?.globs(), *self.union_of.get(number)?))).unzip()
    }

    /// The statements that name a pattern that may meet this one.
    pub(super) fn naming<'s>(&'s self, within: &'s P) -> impl Iterator<Item = usize> + 's {
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
    pub(super) fn new(within: &'a P, unions: &Rc<Unions<'a, P>>, classes: Vec<TupleClass>) -> Self {
        let matching = classes.iter().map(|_| OnceCell::new()).collect();
        Self { within, unions: Rc::clone(unions), classes, extents: OnceCell::new(), matching }
    }

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

pub(super) type Slices<'a, P> = Rc<[Slice<'a, P>]>;

/// The statements that are about one class of actions, and how they cut principals and resources: each part is cut once.
pub(super) struct About<'a> {
    /// Numbers of the subject's grants, ascending.
    pub(super) statements: Vec<usize>,
    pub(super) principals: Rc<Unions<'a, Principal>>,
    pub(super) resources: Rc<Unions<'a, Resource>>,
    pub(super) cut_principals: RefCell<BTreeMap<Part<'a, Principal>, Slices<'a, Principal>>>,
    pub(super) cut_resources: RefCell<BTreeMap<Part<'a, Resource>, Slices<'a, Resource>>>,
}

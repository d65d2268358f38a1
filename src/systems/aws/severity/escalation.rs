//! Privilege escalation: a method counts when all that the holder is allowed, in all its documents, newly satisfies it.
//!
//! Each action of a method is asked by itself: whether there is something that it may reach, under some condition. That two of them
//! may need conditions that exclude each other is not looked at, so a method may be told that is none, and none is missed.

use super::methods::{METHODS, Method, NEEDED, Need, On, Wins};
use crate::access::{Budget, Exhausted, Formula, Formulas, Glob, Tuple, Word, matches, may_meet, partition};
use crate::document::Place;
use crate::systems::aws::blocks::Block;
use crate::systems::aws::condition::Variables;
use crate::systems::aws::side::Side;
use crate::systems::aws::subject::Subject;
use crate::systems::aws::terms::Terms;
use crate::systems::aws::{Action, Atom, Effect, Grant, Notation, Resource, Slot};
use crate::systems::{Completes, Origins, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// A method that a region completes, and how.
pub(in crate::systems::aws) struct Completed {
    method: &'static Method,
    /// Where the statements stand that allow what the region does not.
    with: BTreeSet<Place>,
    pub(super) severity: Severity,
}

impl Completed {
    /// Whether the method needs one of these actions.
    pub(super) fn needs(&self, actions: &Action) -> bool {
        self.method.needs.iter().any(|need| matches(actions.globs(), need.words()))
    }

    /// The method as a region tells it; what stands in the region's own statements is not said again.
    pub(in crate::systems::aws) fn beside(self, origins: &Origins) -> Completes {
        let with = self.with.difference(&origins.head).cloned().collect();
        Completes { method: &self.method.id, name: &self.method.name, source: &self.method.source, with }
    }
}

/// How a side allows an action of a method.
#[derive(Clone, Debug, Default)]
struct Met {
    /// The statements that allow it; none where it is not allowed.
    places: BTreeSet<Place>,
    reach: Reach,
}

/// How much of its kind an action reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::systems::aws) enum Reach {
    /// What is named.
    #[default]
    Named,
    /// What some pattern matches, also what is made later.
    Some,
    /// All of it, in some account.
    All,
}

impl Reach {
    pub(in crate::systems::aws) fn of(resource: &Resource, kind: &Resource) -> Self {
        let meets = may_meet(resource.globs(), kind.globs());
        if meets && covers_last(resource.globs(), kind.globs()) {
            Self::All
        } else if meets && is_open(resource) {
            Self::Some
        } else {
            Self::Named
        }
    }
}

/// What each side allows of the actions of the methods, asked once.
pub(in crate::systems::aws) struct Escalation<'s, 'a> {
    subject: &'s Subject<'s>,
    known: BTreeMap<(usize, &'static Need), Met>,
    /// Whether some of these resources are what a method needs: many blocks are about the same.
    reached: BTreeMap<(&'static Need, Terms<'a, Resource>), bool>,
    /// Whether a formula holds for what a method passes: many blocks have the same.
    passed: BTreeMap<(&'static Need, Formula), bool>,
    budget: Budget,
}

impl<'s, 'a> Escalation<'s, 'a> {
    pub(in crate::systems::aws) fn new(subject: &'s Subject<'s>) -> Self {
        Self { subject, known: BTreeMap::new(), reached: BTreeMap::new(), passed: BTreeMap::new(), budget: Budget::default() }
    }

    /// The methods that the block completes, those that win most first. Of what only another policy may allow nothing is known, and
    /// a resource's policy says nothing about what else its principals may do.
    pub(in crate::systems::aws) fn completed(&mut self, block: &Block<'a>, formulas: &mut Formulas) -> Result<Vec<Completed>, Exhausted> {
        if self.subject.slot != Slot::Identity || block.through_other {
            return Ok(Vec::new());
        }
        let mut completed = Vec::new();
        for method in methods_named(block) {
            completed.extend(self.completes(method, block, formulas)?);
        }
        let mut told = Vec::new();
        for one in completed {
            if !self.is_implied(one.method, formulas)? {
                told.push(one);
            }
        }
        told.sort_by_key(|one| std::cmp::Reverse((one.severity, one.method.wins)));
        Ok(told)
    }

    /// New is a method that the base does not satisfy, or not for what the block wins.
    fn completes(&mut self, method: &'static Method, block: &Block<'a>, formulas: &mut Formulas) -> Result<Option<Completed>, Exhausted> {
        let held = method.needs.iter().map(|need| self.holds(block, need, formulas)).collect::<Result<Vec<bool>, _>>()?;
        let wins_more = held.first() == Some(&true);
        if !held.contains(&true) || !self.satisfies(1, method, formulas)? || (!wins_more && self.satisfies(0, method, formulas)?) {
            return Ok(None);
        }
        let Some(target) = method.needs.first() else { return Ok(None) };
        let mut with = BTreeSet::new();
        for (need, _) in method.needs.iter().zip(held).filter(|(_, held)| !held) {
            with.extend(self.met(1, need, formulas)?.places);
        }
        let reach = if wins_more { self.reach(block, target) } else { self.met(1, target, formulas)?.reach };
        let itself = target.reaches_itself(&self.subject.holder);
        let severity = match (method.wins, reach) {
            (Wins::Role | Wins::Identity | Wins::Anything, reach) if reach == Reach::All || itself => Severity::Critical,
            (Wins::Standing, Reach::Named) => Severity::Medium,
            _ => Severity::High,
        };
        Ok(Some(Completed { method, with, severity }))
    }

    fn reach(&self, block: &Block<'_>, target: &Need) -> Reach {
        let kinds = target.resources(&self.subject.holder);
        let patterns = block.resources.patterns();
        let reaches = patterns.iter().flat_map(|pattern| kinds.iter().map(|kind| Reach::of(pattern, kind)));
        reaches.max().unwrap_or_default()
    }

    /// Whether less than the method needs wins as much.
    fn is_implied(&mut self, method: &Method, formulas: &mut Formulas) -> Result<bool, Exhausted> {
        let is_part = |other: &&Method| {
            other.wins >= method.wins
                && other.needs.len() < method.needs.len()
                && other.needs.iter().all(|need| method.needs.iter().any(|own| own.words() == need.words() && own.to == need.to))
        };
        for other in METHODS.iter().filter(is_part) {
            if self.satisfies(1, other, formulas)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn satisfies(&mut self, side: usize, method: &'static Method, formulas: &mut Formulas) -> Result<bool, Exhausted> {
        for need in &method.needs {
            if self.met(side, need, formulas)?.places.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn met(&mut self, side: usize, need: &'static Need, formulas: &mut Formulas) -> Result<Met, Exhausted> {
        if let Some(met) = self.known.get(&(side, need)) {
            return Ok(met.clone());
        }
        let met = match self.subject.whole.get(side) {
            Some(side) => met(side, need, &self.subject.holder, formulas, &mut self.budget)?,
            None => Met::default(),
        };
        self.known.insert((side, need), met.clone());
        Ok(met)
    }

    /// Whether some request of the block is one that the method needs.
    fn holds(&mut self, block: &Block<'a>, need: &'static Need, formulas: &mut Formulas) -> Result<bool, Exhausted> {
        if !names(block, need.words()) || !self.passes(block.formula, need, formulas)? {
            return Ok(false);
        }
        let key = (need, block.resources.clone());
        if let Some(&known) = self.reached.get(&key) {
            return Ok(known);
        }
        let reached = self.reaches(&block.resources, need)?;
        self.reached.insert(key, reached);
        Ok(reached)
    }

    fn passes(&mut self, formula: Formula, need: &'static Need, formulas: &mut Formulas) -> Result<bool, Exhausted> {
        if let Some(&known) = self.passed.get(&(need, formula)) {
            return Ok(known);
        }
        let passes = !passed(formula, need, &self.subject.variables, formulas)?.is_false();
        self.passed.insert((need, formula), passes);
        Ok(passes)
    }

    /// Whether some of the resources are what the method needs.
    fn reaches(&mut self, resources: &Terms<'a, Resource>, need: &Need) -> Result<bool, Exhausted> {
        let tuples: Vec<&Tuple> = resources.patterns.iter().flatten().chain(&resources.except).map(|pattern| pattern.globs()).collect();
        for within in need.resources(&self.subject.holder) {
            if !resources.patterns.iter().any(|all| all.iter().all(|one| may_meet(one.globs(), within.globs()))) {
                continue;
            }
            for class in partition(within.globs(), &tuples, &mut self.budget)? {
                let is_in = |all: &Vec<&Resource>| all.iter().all(|one| matches(one.globs(), &class.words));
                let is_out = resources.except.iter().any(|one| matches(one.globs(), &class.words));
                let is_meant = |all: &&Vec<&Resource>| is_in(all) && (need.on != On::ManyRoles || all.iter().all(|one| is_open(one)));
                if !is_out && resources.patterns.iter().any(|all| is_meant(&all)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// The methods that need an action which the block's patterns name.
fn methods_named(block: &Block<'_>) -> impl Iterator<Item = &'static Method> {
    let first = block.actions.patterns.iter().filter_map(|all| all.first());
    let needed = first.flat_map(|pattern| NEEDED.meant_by(pattern)).filter(|one| names(block, &one.words));
    let numbers: BTreeSet<usize> = needed.flat_map(|one| &one.all).copied().collect();
    numbers.into_iter().filter_map(|number| METHODS.get(number))
}

/// Whether the block's patterns name the action.
fn names(block: &Block<'_>, words: &[Word; 2]) -> bool {
    let is_one = |action: &&Action| matches(action.globs(), words);
    block.actions.patterns.iter().any(|all| all.iter().all(is_one)) && !block.actions.except.iter().any(is_one)
}

/// Whether the pattern leaves the account, or what in it, open.
fn is_open(resource: &Resource) -> bool {
    resource.globs().iter().rev().take(2).any(|glob| glob.as_exact().is_none())
}

/// Whether the last part of an ARN, which says what in an account is meant, covers the other's.
fn covers_last(globs: &Tuple, kind: &Tuple) -> bool {
    let last = |tuple: &Tuple| tuple.last().cloned().unwrap_or_else(Glob::any);
    last(globs).covers(&last(kind), &mut Budget::new(10_000)).unwrap_or(false)
}

/// The statements of a side that allow the action on something that it has to reach: where some Allow, no Deny and every cap let
/// through some request.
fn met(side: &Side<'_>, need: &Need, holder: &str, formulas: &mut Formulas, budget: &mut Budget) -> Result<Met, Exhausted> {
    let words = need.words();
    let is_about = |grant: &&Grant| grant.statement.actions.matches(words);
    let grants: Vec<&Grant> = side.grants.iter().copied().filter(is_about).collect();
    let mut met = Met::default();
    if !grants.iter().any(|grant| grant.statement.effect == Effect::Allow) {
        return Ok(met);
    }
    let cap: Option<Vec<&Grant>> = side.cap.as_ref().map(|cap| cap.iter().copied().filter(is_about).collect());
    let all = || grants.iter().chain(cap.iter().flatten());
    let variables = Variables::new(all().map(|grant| &grant.statement.condition));
    let axioms = variables.axioms(formulas)?;
    let tuples: Vec<&Tuple> = all().flat_map(|grant| &grant.statement.resources.list).map(Notation::globs).collect();
    for within in need.resources(holder) {
        for class in partition(within.globs(), &tuples, budget)? {
            let (allow, deny) = says(&grants, &class.words, &variables, formulas)?;
            let mut left = formulas.without(allow, deny)?;
            if let Some(cap) = &cap {
                let (most, never) = says(cap, &class.words, &variables, formulas)?;
                let most = formulas.without(most, never)?;
                left = formulas.and(left, most)?;
            }
            left = formulas.and(left, axioms)?;
            if passed(left, need, &variables, formulas)?.is_false() {
                continue;
            }
            let is_meant = |grant: &&&Grant| {
                let resources = &grant.statement.resources;
                grant.statement.effect == Effect::Allow
                    && resources.matches(&class.words)
                    && (need.on != On::ManyRoles || resources.negated || resources.list.iter().any(is_open))
            };
            for grant in grants.iter().filter(is_meant) {
                let resources = &grant.statement.resources;
                let reach = resources.list.iter().map(|one| Reach::of(one, &within)).max().unwrap_or_default();
                met.reach = met.reach.max(if resources.negated { Reach::All } else { reach });
                met.places.insert(grant.origin.clone());
            }
        }
    }
    Ok(met)
}

/// When some Allow, and when some Deny, is about the resource.
fn says(grants: &[&Grant], words: &[Word], variables: &Variables, formulas: &mut Formulas) -> Result<(Formula, Formula), Exhausted> {
    let (mut allow, mut deny) = (Formula::FALSE, Formula::FALSE);
    for grant in grants.iter().filter(|grant| grant.statement.resources.matches(words)) {
        let when = grant.statement.condition.formula(variables, formulas)?;
        let sum = if grant.statement.effect == Effect::Allow { &mut allow } else { &mut deny };
        *sum = formulas.or(*sum, when)?;
    }
    Ok((allow, deny))
}

/// What is left of the formula when a role is passed to the service that the method needs.
fn passed(formula: Formula, need: &Need, variables: &Variables, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
    let Some(service) = &need.to else { return Ok(formula) };
    let mut sum = Formula::FALSE;
    for service in [service.clone(), format!("{service}.cn")] {
        let mut left = formula;
        for variable in formulas.support(formula)? {
            if let Some(truth) = variables.atom(variable).and_then(|atom| truth(atom, &service)) {
                left = formulas.given(left, (variable, truth))?;
            }
        }
        sum = formulas.or(sum, left)?;
    }
    Ok(sum)
}

/// Whether the atom is true of a request that passes a role to the service; `None` where it is about something else.
fn truth(atom: &Atom, service: &str) -> Option<bool> {
    const KEY: &str = "iam:passedtoservice";
    let is = |operator: &str, value: &str| match operator {
        _ if value.contains("${") => None,
        "StringEquals" => Some(value == service),
        "StringEqualsIgnoreCase" => Some(value.eq_ignore_ascii_case(service)),
        "StringLike" => Some(Glob::parse(value).matches(&Word::plain(service))),
        _ => None,
    };
    match atom {
        Atom::Missing(key) if &**key == KEY => Some(false),
        Atom::Is(operator, key, value) | Atom::Any(operator, key, value) if &**key == KEY => is(operator, value),
        Atom::All(operator, key, values) if &**key == KEY => {
            values.iter().map(|value| is(operator, value)).try_fold(false, |any, one| Some(any || one?))
        }
        _ => None,
    }
}

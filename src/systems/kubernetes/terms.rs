//! The patterns of RBAC, and how some cut others.
//!
//! In each dimension (namespace, group, resource, name, verb, or path) any two patterns are disjoint or one is in the other, so a
//! pattern without the patterns inside it is an *atom*: no rule tells two of its values apart. A rule is a product of dimensions, and a
//! unit is cut dimension by dimension, keeping only the rules that are still in play; values that leave the same rules in play are one.

use super::{ForAnybody, Objects, Policy};
use crate::access::{Budget, Exhausted};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A pattern of one dimension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Term {
    /// `*`; of namespaces also the cluster itself.
    Any,
    /// `*/subresource`
    Under(Arc<str>),
    /// A path that ends in `*`.
    Prefix(Arc<str>),
    /// One value.
    Is(Arc<str>),
}

impl Term {
    /// Whether it matches all that the other matches.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Under(subresource), Self::Is(resource)) => resource.split_once('/').is_some_and(|(_, own)| own == &**subresource),
            (Self::Prefix(prefix), Self::Prefix(text) | Self::Is(text)) => text.starts_with(&**prefix),
            _ => self == other,
        }
    }

    /// Whether some value matches both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.covers(other) || other.covers(self)
    }
}

/// Patterns of one dimension, none inside another.
pub(super) type Terms = BTreeSet<Term>;

/// Leaves out what lies inside something else.
pub(super) fn widest(terms: impl IntoIterator<Item = Term>) -> Terms {
    let all: Terms = terms.into_iter().collect();
    if all.contains(&Term::Any) {
        return BTreeSet::from([Term::Any]);
    }
    // In order, what begins with a prefix stands right behind it, so that one look back is enough.
    let mut prefixes: BTreeSet<Arc<str>> = BTreeSet::new();
    let begins = |prefixes: &BTreeSet<Arc<str>>, text: &Arc<str>| {
        prefixes.range(..=Arc::clone(text)).next_back().is_some_and(|prefix| text.starts_with(&**prefix))
    };
    for term in &all {
        if let Term::Prefix(prefix) = term
            && !begins(&prefixes, prefix)
        {
            prefixes.insert(Arc::clone(prefix));
        }
    }
    let is_inside = |term: &Term| match term {
        Term::Prefix(prefix) => !prefixes.contains(prefix),
        Term::Is(value) => {
            let under = value.split_once('/').map(|(_, subresource)| Term::Under(subresource.into()));
            under.is_some_and(|under| all.contains(&under)) || begins(&prefixes, value)
        }
        Term::Any | Term::Under(_) => false,
    };
    all.iter().filter(|term| !is_inside(term)).cloned().collect()
}

/// The dimensions of requests for resources, in the order in which they are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    Namespace,
    Group,
    Resource,
    Name,
    Verb,
    Path,
}

const OF_RESOURCES: &[Dimension] = &[Dimension::Namespace, Dimension::Group, Dimension::Resource, Dimension::Name, Dimension::Verb];
const OF_PATHS: &[Dimension] = &[Dimension::Path, Dimension::Verb];

/// Requests as a product: for resources or for paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Reach {
    pub(super) is_path: bool,
    pub(super) terms: Arc<[Arc<Terms>]>,
}

/// The dimensions of a reach.
pub(super) fn dimensions(is_path: bool) -> &'static [Dimension] {
    if is_path { OF_PATHS } else { OF_RESOURCES }
}

impl Reach {
    /// What a rule allows everywhere. Nothing, if no request can be meant.
    pub(super) fn of(policy: &Policy) -> Option<Self> {
        Self::within(policy, BTreeSet::from([Term::Any]))
    }

    /// What is left of what holds everywhere in a namespace. Only a binding for the whole cluster makes paths effective.
    pub(super) fn confined(&self, namespace: &Arc<str>) -> Option<Self> {
        let scope = Arc::new(Terms::from([Term::Is(Arc::clone(namespace))]));
        let terms = std::iter::once(scope).chain(self.terms.iter().skip(1).cloned()).collect();
        (!self.is_path).then_some(Self { is_path: false, terms })
    }

    pub(super) fn of_anybody(rule: &ForAnybody) -> Option<Self> {
        let scopes = match &rule.namespaces {
            Some(namespaces) => namespaces.iter().cloned().map(Term::Is).collect(),
            None => BTreeSet::from([Term::Any]),
        };
        Self::within(&rule.policy, scopes)
    }

    /// Everything in a namespace, or everywhere: what a role may allow of which nothing is known.
    pub(super) fn everything(namespace: Option<&Arc<str>>) -> Vec<Self> {
        let any = || BTreeSet::from([Term::Any]);
        let scope = BTreeSet::from([namespace.map_or(Term::Any, |namespace| Term::Is(Arc::clone(namespace)))]);
        let resources = Self::product(false, [scope, any(), any(), any(), any()]);
        let paths = namespace.is_none().then(|| Self::product(true, [any(), any()]));
        std::iter::once(resources).chain(paths).collect()
    }

    fn within(policy: &Policy, scopes: Terms) -> Option<Self> {
        let verbs = widest(policy.verbs.iter().filter_map(plain));
        let terms: Vec<Terms> = match &policy.objects {
            Objects::Resources { groups, resources, names } => {
                let names = if names.is_empty() { BTreeSet::from([Term::Any]) } else { names.iter().cloned().map(Term::Is).collect() };
                let groups = widest(groups.iter().filter_map(plain));
                vec![scopes, groups, widest(resources.iter().filter_map(of_resource)), names, verbs]
            }
            // Only a binding for the whole cluster makes paths effective.
            Objects::Urls(_) if !scopes.contains(&Term::Any) => return None,
            Objects::Urls(paths) => vec![widest(paths.iter().map(of_path)), verbs],
        };
        let is_path = matches!(policy.objects, Objects::Urls(_));
        (!terms.iter().any(BTreeSet::is_empty)).then(|| Self::product(is_path, terms))
    }

    fn product(is_path: bool, terms: impl IntoIterator<Item = Terms>) -> Self {
        Self { is_path, terms: terms.into_iter().map(Arc::new).collect() }
    }

    /// Whether every request of the other is in it. One-sided: a union of the other's patterns is not looked for.
    pub(super) fn covers(&self, other: &Self, budget: &mut Budget) -> Result<bool, Exhausted> {
        let mut covers = self.is_path == other.is_path;
        for (wide, narrow) in self.terms.iter().zip(other.terms.iter()).filter(|_| self.is_path == other.is_path) {
            let patterns: Vec<&Term> = wide.iter().filter(|term| !matches!(term, Term::Is(_))).collect();
            budget.spend(1 + patterns.len() * narrow.len())?;
            covers = covers && narrow.iter().all(|term| wide.contains(term) || patterns.iter().any(|outer| outer.covers(term)));
        }
        Ok(covers)
    }
}

/// No verb and no group of a real request has a `*` in it, so that a pattern with one inside matches nothing.
fn plain(text: &Arc<str>) -> Option<Term> {
    match &**text {
        "*" => Some(Term::Any),
        literal if literal.contains('*') => None,
        _ => Some(Term::Is(Arc::clone(text))),
    }
}

fn of_resource(text: &Arc<str>) -> Option<Term> {
    match text.strip_prefix("*/") {
        Some(subresource) if !subresource.is_empty() && !subresource.contains(['*', '/']) => Some(Term::Under(subresource.into())),
        Some(_) => None,
        None => plain(text),
    }
}

fn of_path(text: &Arc<str>) -> Term {
    match text.trim_end_matches('*') {
        "" if !text.is_empty() => Term::Any,
        prefix if prefix.len() < text.len() => Term::Prefix(prefix.into()),
        _ => Term::Is(Arc::clone(text)),
    }
}

/// Some values of one dimension: those whose narrowest pattern is among `included`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Part {
    pub(super) included: Terms,
    pub(super) excluded: Terms,
}

/// Requests of a unit that leave the same rules in play, by number.
pub(super) struct Class {
    pub(super) parts: Vec<Part>,
    pub(super) members: Vec<usize>,
}

/// Cuts a unit by the others; the classes are disjoint and together the whole unit.
pub(super) fn cut(unit: &Reach, others: &[&Reach], budget: &mut Budget) -> Result<Vec<Class>, Exhausted> {
    let members: Vec<usize> = others.iter().enumerate().filter(|(_, other)| other.is_path == unit.is_path).map(|(at, _)| at).collect();
    let mut classes = Vec::new();
    descend(unit, others, members, &mut Vec::new(), &mut classes, budget)?;
    Ok(classes)
}

fn descend(
    unit: &Reach,
    others: &[&Reach],
    members: Vec<usize>,
    parts: &mut Vec<Part>,
    classes: &mut Vec<Class>,
    budget: &mut Budget,
) -> Result<(), Exhausted> {
    let Some(within) = unit.terms.get(parts.len()) else {
        classes.push(Class { parts: parts.clone(), members });
        return Ok(());
    };
    for (rest, part) in cut_dimension(within, others, &members, parts.len(), budget)? {
        parts.push(part);
        descend(unit, others, rest, parts, classes, budget)?;
        parts.pop();
    }
    Ok(())
}

/// The atoms of one dimension, those that leave the same others in play together.
fn cut_dimension(
    within: &Terms,
    others: &[&Reach],
    members: &[usize],
    at: usize,
    budget: &mut Budget,
) -> Result<BTreeMap<Vec<usize>, Part>, Exhausted> {
    let of = |member: usize| others.get(member).and_then(|other| other.terms.get(at)).into_iter().flat_map(|terms| terms.iter());
    let mut atoms: BTreeMap<&Term, Vec<usize>> = within.iter().map(|term| (term, Vec::new())).collect();
    let wide: Vec<&Term> = within.iter().filter(|term| !matches!(term, Term::Is(_))).collect();
    for &member in members {
        for term in of(member) {
            budget.spend(1 + wide.len())?;
            if wide.iter().any(|outer| outer.covers(term)) {
                atoms.entry(term).or_default();
            }
        }
    }
    for &member in members {
        for term in of(member) {
            mark(member, term, &mut atoms, budget)?;
        }
    }
    let mut groups: BTreeMap<Vec<usize>, Terms> = BTreeMap::new();
    let all: Vec<&Term> = atoms.keys().copied().collect();
    for (term, rest) in atoms {
        groups.entry(rest).or_default().insert(term.clone());
    }
    groups.into_iter().map(|(rest, included)| Ok((rest, part(included, &all, budget)?))).collect()
}

/// Notes a member at every atom inside its pattern.
fn mark(member: usize, term: &Term, atoms: &mut BTreeMap<&Term, Vec<usize>>, budget: &mut Budget) -> Result<(), Exhausted> {
    let note = |members: &mut Vec<usize>| {
        if members.last() != Some(&member) {
            members.push(member);
        }
    };
    if let Term::Is(_) = term {
        budget.spend(1)?;
        if let Some(members) = atoms.get_mut(term) {
            note(members);
        }
        return Ok(());
    }
    budget.spend(atoms.len())?;
    for (_, members) in atoms.iter_mut().filter(|(atom, _)| term.covers(atom)) {
        note(members);
    }
    Ok(())
}

/// A set of atoms, and the atoms inside its patterns that are not meant.
fn part(included: Terms, all: &[&Term], budget: &mut Budget) -> Result<Part, Exhausted> {
    let wide: Vec<&Term> = included.iter().filter(|term| !matches!(term, Term::Is(_))).collect();
    budget.spend(1 + wide.len() * all.len())?;
    let inside = |term: &&&Term| !included.contains(**term) && wide.iter().any(|outer| outer.covers(term));
    let excluded = all.iter().filter(inside).map(|term| (*term).clone()).collect();
    Ok(Part { included, excluded })
}

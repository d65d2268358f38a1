//! What somebody would have to send so that a condition is met.

use super::atom::Atom;
use super::axioms::OfKey;
use super::test::variables as variables_in;
use super::values::one_of;
use super::variables::Variables;
use crate::access::Literal;
use std::collections::{BTreeMap, BTreeSet};

/// The part of a request that conditions look at.
#[derive(Debug, Default)]
pub(in crate::systems::aws) struct Sent {
    /// Values by key; a key that is not here is not in the request.
    pub(in crate::systems::aws) context: BTreeMap<String, Vec<String>>,
    /// What has to be true besides and cannot be said by values.
    pub(in crate::systems::aws) facts: BTreeMap<String, bool>,
}

/// Atoms of one key, and what they have to be.
type Wanted<'v> = Vec<(&'v Atom, bool)>;

/// Values by key in lower case.
type Context = BTreeMap<String, Vec<String>>;

impl Sent {
    /// Values for which every literal holds; a literal for which none are found is told as a fact. What may be anything is a sample of its own,
    /// and so is what a policy variable in the name of the resource stands for.
    pub(in crate::systems::aws) fn new(
        variables: &Variables,
        model: &[Literal],
        resource: &str,
        samples: impl Iterator<Item = String>,
    ) -> Self {
        let mut samples = samples.chain(std::iter::repeat("x".to_owned()));
        let mut by_key: BTreeMap<&str, Wanted<'_>> = BTreeMap::new();
        for (variable, value) in model {
            if let Some((atom, key)) = variables.atom(*variable).and_then(|atom| Some((atom, atom.key()?))) {
                by_key.entry(key).or_default().push((atom, *value));
            }
        }
        let mut chosen = |(key, wanted): (&&str, &Wanted<'_>)| {
            let (of_key, key) = (variables.of_key(key)?, (*key).to_owned());
            let may_be_anything = of_key.atoms.iter().all(|atom| matches!(atom, Atom::Missing(_)));
            let values = chosen(&of_key, wanted);
            Some((key, if may_be_anything { samples.by_ref().take(values.len()).collect() } else { values }))
        };
        let mut context: Context = by_key.iter().filter_map(&mut chosen).collect();
        let mut spellings = BTreeMap::new();
        for (key, wanted) in &by_key {
            fill_variables(key, wanted, &mut samples, &mut context, &mut spellings);
        }
        for name in variables_in(resource) {
            context.entry(name.to_ascii_lowercase()).or_insert_with(|| samples.by_ref().take(1).collect());
        }
        // That nothing else allows it is no news.
        let is_absent =
            |(variable, value): &Literal| !value && matches!(variables.atom(*variable), Some(Atom::OtherAllow | Atom::OtherCap));
        let is_met = |literal: &Literal| is_met(variables.atom(literal.0), literal.1, &context);
        let facts = model
            .iter()
            .filter(|literal| !is_met(literal) && !is_absent(literal))
            .map(|(variable, value)| (variables.text(*variable), *value))
            .collect();
        let spelling = |key: &str| variables.spelling(key).or(spellings.get(key).map(String::as_str)).unwrap_or(key).to_owned();
        let values = context.into_iter().filter(|(_, values)| !values.is_empty());
        Self { facts, context: values.map(|(key, values)| (spelling(&key), values)).collect() }
    }
}

/// The one value that a key has in the request.
fn single(context: &Context) -> impl Fn(&str) -> Option<String> + '_ {
    |key| context.get(key).and_then(|values| if let [one] = values.as_slice() { Some(one.clone()) } else { None })
}

fn is_met(atom: Option<&Atom>, value: bool, context: &Context) -> bool {
    let Some((atom, key)) = atom.and_then(|atom| Some((atom, atom.key()?))) else { return false };
    let values = context.get(key).map(Vec::as_slice).unwrap_or_default();
    atom.is_true_of(values, &single(context)) == Some(value)
}

/// Of no value, each value alone, and a set of values the first that does most of what is wanted.
fn chosen(key: &OfKey<'_>, wanted: &Wanted<'_>) -> Vec<String> {
    let wanted: Vec<(usize, bool)> =
        wanted.iter().filter_map(|(atom, value)| Some((key.atoms.iter().position(|own| own == *atom)?, *value))).collect();
    let alone = (0..key.values.texts.len()).map(|value| vec![value]);
    let set = wanted.iter().any(|(at, _)| key.atoms.get(*at).is_some_and(Atom::is_of_set)).then(|| set(key, &wanted));
    // What a policy variable decides is seen when it is filled.
    let hope = |truth: Option<bool>, value: bool| truth.map_or(1, |truth| 2 * usize::from(truth == value));
    let met = |values: &Vec<usize>| wanted.iter().map(|(at, value)| hope(is_true_of(key, *at, values), *value)).sum::<usize>();
    let candidates: Vec<Vec<usize>> = std::iter::once(Vec::new()).chain(alone).chain(set).collect();
    let best = candidates.into_iter().rev().max_by_key(met).unwrap_or_default();
    best.iter().filter_map(|value| key.values.texts.get(*value).cloned()).collect()
}

/// What is known of an atom when these values are sent, by their numbers.
fn is_true_of(key: &OfKey<'_>, at: usize, values: &[usize]) -> Option<bool> {
    let atom = key.atoms.get(at)?;
    let of = |value: &usize| key.values.truths.get(*value)?.get(at).copied().flatten();
    match (atom, values) {
        (_, []) => atom.is_true_of_nothing(),
        (_, [one]) => of(one),
        (Atom::Is(..), _) => None,
        (Atom::All(..), _) => one_of(values.iter().map(|value| of(value).map(|truth| !truth))).map(|is_broken| !is_broken),
        _ => one_of(values.iter().map(of)),
    }
}

/// Of all values that break nothing, those that are needed.
fn set(key: &OfKey<'_>, wanted: &[(usize, bool)]) -> Vec<usize> {
    let of = |value: usize, at: usize| is_true_of(key, at, &[value]);
    let is_any = |at: usize| matches!(key.atoms.get(at), Some(Atom::Any(..)));
    // `ForAnyValue` that must not be, `ForAllValues` that has to be: every value decides.
    let breaks = |value: usize| wanted.iter().any(|(at, truth)| is_any(*at) != *truth && of(value, *at) == Some(!*truth));
    let allowed: Vec<usize> = (0..key.values.texts.len()).filter(|value| !breaks(*value)).collect();
    let needed = wanted.iter().filter(|(at, truth)| is_any(*at) == *truth);
    let chosen: BTreeSet<usize> =
        needed.filter_map(|(at, truth)| allowed.iter().copied().find(|value| of(*value, *at) == Some(*truth))).collect();
    chosen.into_iter().collect()
}

/// Where a value has to be what a policy variable stands for: something for the variable, and the value with it.
fn fill_variables(
    key: &str,
    wanted: &Wanted<'_>,
    samples: &mut impl Iterator<Item = String>,
    context: &mut Context,
    spellings: &mut BTreeMap<String, String>,
) {
    let filled: Vec<&Atom> = wanted.iter().filter(|(atom, value)| *value && !atom.variables().is_empty()).map(|(atom, _)| *atom).collect();
    if filled.is_empty() {
        return;
    }
    for name in filled.iter().flat_map(|atom| atom.variables()) {
        context.entry(name.to_ascii_lowercase()).or_insert_with(|| samples.by_ref().take(1).collect());
        spellings.insert(name.to_ascii_lowercase(), name);
    }
    let examples = filled.iter().flat_map(|atom| atom.examples(&single(context)));
    let candidates: Vec<Vec<String>> = examples.map(|value| vec![value]).chain(context.get(key).cloned()).collect();
    let met =
        |values: &Vec<String>| wanted.iter().filter(|(atom, value)| atom.is_true_of(values, &single(context)) == Some(*value)).count();
    if let Some(best) = candidates.into_iter().rev().max_by_key(met) {
        context.insert(key.to_owned(), best);
    }
}

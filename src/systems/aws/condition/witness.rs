//! What somebody would have to send so that a condition is met.

use super::Atom;
use super::samples::samples;
use super::test::Test;
use super::variables::Variables;
use crate::access::{Budget, Literal};
use std::collections::{BTreeMap, BTreeSet};

/// The part of a request that conditions look at.
#[derive(Debug, Default)]
pub(in crate::systems::aws) struct Sent {
    /// Values by key; a key that is not here is not in the request.
    pub(in crate::systems::aws) context: BTreeMap<String, Vec<String>>,
    /// What has to be true besides and cannot be said by values.
    pub(in crate::systems::aws) facts: BTreeMap<String, bool>,
}

impl Sent {
    /// Values for which every literal holds; a literal for which none are found is told as a fact.
    pub(in crate::systems::aws) fn new(variables: &Variables, model: &[Literal]) -> Self {
        let mut sent = Self::default();
        let mut by_key: BTreeMap<&str, Vec<(&Atom, Literal)>> = BTreeMap::new();
        for literal in model {
            if let Some(atom) = variables.atom(literal.0) {
                by_key.entry(atom.key().unwrap_or_default()).or_default().push((atom, *literal));
            }
        }
        for (key, literals) in by_key {
            let holds = |values: &Vec<String>| literals.iter().filter(|(atom, (_, value))| atom.is_true(values) == Some(*value)).count();
            let values = candidates(variables, key, &literals).into_iter().rev().max_by_key(holds).unwrap_or_default();
            for (atom, (variable, value)) in &literals {
                if atom.is_true(&values) != Some(*value) {
                    sent.facts.insert(variables.text(*variable), *value);
                }
            }
            if !values.is_empty() {
                sent.context.insert(variables.spelling(key).to_owned(), values);
            }
        }
        sent
    }
}

/// Values that the key could have: none, each one alone, and a set that passes what has to be passed.
fn candidates(variables: &Variables, key: &str, literals: &[(&Atom, Literal)]) -> Vec<Vec<String>> {
    if key.is_empty() {
        return vec![Vec::new()];
    }
    let tests: Vec<Test> = variables.atoms_of(key).flat_map(Atom::tests).collect();
    let values = samples(&tests, &mut Budget::default()).unwrap_or_default();
    let none = std::iter::once(Vec::new());
    let sets = literals.iter().any(|(atom, _)| atom.is_of_set()).then(|| set(&values, literals));
    none.chain(values.iter().map(|value| vec![value.clone()])).chain(sets).collect()
}

/// Of all values that break nothing, those that are needed.
fn set(values: &[String], literals: &[(&Atom, Literal)]) -> Vec<String> {
    let alone = |value: &String, atom: &Atom| atom.is_true(std::slice::from_ref(value));
    let forbids = |value: &String, (atom, (_, wanted)): &(&Atom, Literal)| match atom {
        Atom::Any(..) => !wanted && alone(value, atom) == Some(true),
        Atom::All(..) => *wanted && alone(value, atom) == Some(false),
        _ => false,
    };
    let allowed: Vec<&String> = values.iter().filter(|value| !literals.iter().any(|literal| forbids(value, literal))).collect();
    let mut chosen = BTreeSet::new();
    for (atom, (_, wanted)) in literals.iter().filter(|(atom, (_, wanted))| atom.is_of_set() && matches!(atom, Atom::Any(..)) == *wanted) {
        chosen.extend(allowed.iter().find(|value| alone(value, atom) == Some(*wanted)).map(|value| (*value).clone()));
    }
    chosen.into_iter().collect()
}

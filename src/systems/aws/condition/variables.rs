//! The variables of one subject's formulas, and what they have to do with each other.

use super::Condition;
use super::atom::Atom;
use super::axioms::OfKey;
use super::values::{self, Values};
use crate::access::{Budget, Exhausted, Formula, Formulas, Literal, Variable};
use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The atoms of one subject, numbered in an order of their own, so that no answer depends on the order of files.
#[derive(Debug)]
pub struct Variables {
    /// Sorted, those about one key together; a variable is the number of its atom.
    atoms: Vec<Atom>,
    /// Each key in lower case.
    keys: BTreeMap<Box<str>, OneKey>,
}

#[derive(Debug)]
struct OneKey {
    /// As somebody wrote it.
    spelling: Box<str>,
    /// The numbers of its first atom, and of the first after it.
    atoms: (usize, usize),
    /// Once somebody asks: most keys are no part of what differs.
    values: OnceCell<Values>,
}

fn order(one: &Atom, other: &Atom) -> Ordering {
    one.key().cmp(&other.key()).then_with(|| one.cmp(other))
}

impl Variables {
    /// All atoms of these conditions.
    pub(in crate::systems::aws) fn new<'a>(conditions: impl Iterator<Item = &'a Condition>) -> Self {
        let conditions: Vec<&Condition> = conditions.filter(|condition| !condition.is_always()).collect();
        let mut atoms: Vec<Atom> = conditions.iter().flat_map(|condition| condition.atoms()).collect();
        atoms.extend([Atom::OtherAllow, Atom::OtherCap]);
        atoms.sort_by(order);
        atoms.dedup();
        let mut keys: BTreeMap<Box<str>, OneKey> = BTreeMap::new();
        let mut first = 0;
        for of_key in atoms.chunk_by(|one, next| one.key() == next.key()) {
            let after = first + of_key.len();
            if let Some(key) = of_key.first().and_then(Atom::key) {
                keys.insert(key.into(), OneKey { spelling: "".into(), atoms: (first, after), values: OnceCell::new() });
            }
            first = after;
        }
        for key in conditions.iter().flat_map(|condition| condition.keys()) {
            // Of several spellings always the same one.
            if let Some(own) = keys.get_mut(&key.folded).filter(|own| own.spelling.is_empty() || key.written < own.spelling) {
                own.spelling.clone_from(&key.written);
            }
        }
        for written in conditions.iter().flat_map(|condition| condition.variables()) {
            if let Some(own) = keys.get_mut(&*written.to_ascii_lowercase()).filter(|own| own.spelling.is_empty()) {
                own.spelling = written.into();
            }
        }
        Self { atoms, keys }
    }

    /// The atom that a variable stands for.
    pub(in crate::systems::aws) fn atom(&self, variable: Variable) -> Option<&Atom> {
        self.atoms.get(variable.0 as usize)
    }

    /// The key as somebody wrote it.
    pub(super) fn spelling(&self, key: &str) -> Option<&str> {
        self.keys.get(key).map(|own| &*own.spelling)
    }

    /// What a variable stands for, in words.
    pub(in crate::systems::aws) fn text(&self, variable: Variable) -> String {
        let in_words = |atom: &Atom| atom.text(atom.key().and_then(|key| self.spelling(key)).unwrap_or_default());
        self.atom(variable).map(in_words).unwrap_or_default()
    }

    /// The variable of an atom.
    pub(in crate::systems::aws) fn number(&self, atom: &Atom) -> Option<Variable> {
        let number = self.atoms.binary_search_by(|own| order(own, atom)).ok()?;
        u32::try_from(number).ok().map(Variable)
    }

    /// The formula of one atom. An atom that nobody numbered could be anything, which no formula here says.
    pub(in crate::systems::aws) fn formula(&self, atom: &Atom, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        formulas.variable(self.number(atom).ok_or(Exhausted)?)
    }

    /// What is true of every request.
    pub(in crate::systems::aws) fn axioms(&self, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let mut axioms = Formula::TRUE;
        for key in self.keys.values().rev() {
            let of_key = self.of(key).axioms(formulas)?;
            axioms = formulas.and(of_key, axioms)?;
        }
        Ok(axioms)
    }

    /// The keys on which a formula depends, in their order.
    pub(in crate::systems::aws) fn keys_of(&self, formula: Formula, formulas: &mut Formulas) -> Result<Vec<OfKey<'_>>, Exhausted> {
        let support = formulas.support(formula)?;
        let mut keys: Vec<&str> = support.into_iter().filter_map(|variable| self.atom(variable)?.key()).collect();
        keys.dedup();
        Ok(keys.into_iter().filter_map(|key| self.of_key(key)).collect())
    }

    /// Values for some variables that make the formula true, those of one value of a key where that is possible, and without what the
    /// documentation leaves open.
    pub(in crate::systems::aws) fn model(&self, formula: Formula, formulas: &mut Formulas) -> Result<Vec<Literal>, Exhausted> {
        let mut likely = formula;
        for atom in [Atom::IfExistsCounts, Atom::UnfilledCounts] {
            if let Some(doubtful) = self.number(&atom) {
                let doubtful = formulas.variable(doubtful)?;
                let without = formulas.without(likely, doubtful)?;
                likely = if without.is_false() { likely } else { without };
            }
        }
        for key in self.keys_of(formula, formulas)?.into_iter().filter(OfKey::is_compared_both_ways) {
            let of_one = key.at_most_one(formulas)?;
            let with_one = formulas.and(likely, of_one)?;
            likely = if with_one.is_false() { likely } else { with_one };
        }
        Ok(formulas.model(likely).unwrap_or_default())
    }

    /// What is known of a key.
    pub(super) fn of_key(&self, key: &str) -> Option<OfKey<'_>> {
        self.keys.get(key).map(|own| self.of(own))
    }

    /// Each key may take its share of all steps, whichever is asked about first.
    fn of<'s>(&'s self, OneKey { atoms: (first, after), values, .. }: &'s OneKey) -> OfKey<'s> {
        let atoms = self.atoms.get(*first..*after).unwrap_or_default();
        let steps = || values::STEPS * atoms.len() as u64 / self.atoms.len().max(1) as u64;
        OfKey { first: *first, atoms, values: values.get_or_init(|| Values::new(atoms, &mut Budget::new(steps()))) }
    }
}

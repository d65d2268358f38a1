//! The variables of one subject's formulas, and what they have to do with each other.

use super::super::implication::implies;
use super::{Atom, Condition};
use crate::access::{Exhausted, Formula, Formulas, Variable};
use std::collections::BTreeMap;

/// The atoms of one subject, numbered in their own order, so that no answer depends on the order of files.
#[derive(Debug)]
pub struct Variables {
    /// Sorted; a variable is the number of its atom.
    atoms: Vec<Atom>,
    /// Each key in lower case, as somebody wrote it.
    spellings: BTreeMap<Box<str>, Box<str>>,
}

impl Variables {
    /// All atoms of these conditions.
    pub(in crate::systems::aws) fn new<'a>(conditions: impl Iterator<Item = &'a Condition>) -> Self {
        let conditions: Vec<&Condition> = conditions.filter(|condition| !condition.is_always()).collect();
        let mut spellings = BTreeMap::new();
        for key in conditions.iter().flat_map(|condition| condition.keys()) {
            let spelling = spellings.entry(key.folded.clone()).or_insert_with(|| key.written.clone());
            // Of several spellings always the same one.
            if key.written < *spelling {
                spelling.clone_from(&key.written);
            }
        }
        let mut atoms: Vec<Atom> = conditions.iter().flat_map(|condition| condition.atoms()).collect();
        atoms.extend([Atom::OtherAllow, Atom::OtherCap]);
        atoms.sort();
        atoms.dedup();
        Self { atoms, spellings }
    }

    /// The atom that a variable stands for.
    pub(in crate::systems::aws) fn atom(&self, variable: Variable) -> Option<&Atom> {
        self.atoms.get(variable.0 as usize)
    }

    /// The key as somebody wrote it.
    pub(super) fn spelling<'s>(&'s self, key: &'s str) -> &'s str {
        self.spellings.get(key).map_or(key, |written| written)
    }

    /// The atoms about a key.
    pub(super) fn atoms_of<'s>(&'s self, key: &'s str) -> impl Iterator<Item = &'s Atom> {
        self.atoms.iter().filter(move |atom| atom.key() == Some(key))
    }

    /// What a variable stands for, in words.
    pub(in crate::systems::aws) fn text(&self, variable: Variable) -> String {
        self.atom(variable).map(|atom| atom.text(self.spelling(atom.key().unwrap_or_default()))).unwrap_or_default()
    }

    /// The variable of an atom.
    pub(in crate::systems::aws) fn number(&self, atom: &Atom) -> Option<Variable> {
        let number = self.atoms.binary_search(atom).ok()?;
        u32::try_from(number).ok().map(Variable)
    }

    /// The formula of one atom. An atom that nobody numbered could be anything, which no formula here says.
    pub(in crate::systems::aws) fn formula(&self, atom: &Atom, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        formulas.variable(self.number(atom).ok_or(Exhausted)?)
    }

    /// A key that is missing has no value that is anything; what lies within something is that as well.
    pub(in crate::systems::aws) fn axioms(&self, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let mut axioms = Formula::TRUE;
        for missing in &self.atoms {
            let Atom::Missing(key) = missing else { continue };
            for atom in self.atoms.iter().filter(|atom| atom.implies_present() == Some(key)) {
                let (missing, present) = (self.formula(missing, formulas)?, self.formula(atom, formulas)?);
                let both = formulas.and(missing, present)?;
                axioms = formulas.without(axioms, both)?;
            }
        }
        for (one, other) in self.implications() {
            let (one, other) = (self.formula(one, formulas)?, self.formula(other, formulas)?);
            let broken = formulas.without(one, other)?;
            axioms = formulas.without(axioms, broken)?;
        }
        Ok(axioms)
    }

    /// Pairs of which the first implies the second. Where one key has very many values they are left apart: that says more than
    /// there is, never less.
    fn implications(&self) -> Vec<(&Atom, &Atom)> {
        let mut by_key: BTreeMap<&str, Vec<&Atom>> = BTreeMap::new();
        for atom in &self.atoms {
            if let Some(key) = atom.implies_present() {
                by_key.entry(key).or_default().push(atom);
            }
        }
        let mut pairs = Vec::new();
        for atoms in by_key.into_values().filter(|atoms| atoms.len() <= MOST_RELATED) {
            for &one in &atoms {
                pairs.extend(atoms.iter().filter(|other| implies(one, other)).map(|&other| (one, other)));
            }
        }
        pairs
    }
}

/// Comparing all values of a key pair by pair is worth it up to so many.
const MOST_RELATED: usize = 64;

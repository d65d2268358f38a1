//! What the atoms of one key have to do with each other: exactly those combinations are possible that some value, or some set of values,
//! brings about.

use super::atom::Atom;
use super::values::{Members, Values};
use crate::access::{Exhausted, Formula, Formulas, Variable};
use std::collections::BTreeSet;
use std::ops::Range;

/// Past this many kinds of values times atoms their sets are left apart: that says more than there is, never less.
const MOST_IN_SETS: usize = 20_000;

/// Atoms of one key, the first of which has this variable and the others those that follow.
pub(in crate::systems::aws) struct OfKey<'k> {
    /// The number of the first.
    pub(in crate::systems::aws) first: usize,
    pub(super) atoms: &'k [Atom],
    pub(super) values: &'k Values,
}

impl OfKey<'_> {
    /// True of every request, whatever it sends for the key.
    pub(in crate::systems::aws) fn axioms(&self, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let mut present = self.all_of(|atom| matches!(atom, Atom::Missing(_)).then_some(false), formulas)?;
        for family in &self.values.families {
            let of_one = self.one_value(family, |atom| matches!(atom, Atom::Is(..)), formulas)?;
            let of_set = self.set_of_values(family, formulas)?;
            present = formulas.and(present, of_one)?;
            present = formulas.and(present, of_set)?;
        }
        let missing = self.all_of(Atom::is_true_of_nothing, formulas)?;
        formulas.or(present, missing)
    }

    /// The variables of its atoms.
    pub(in crate::systems::aws) fn variables(&self) -> Result<Range<Variable>, Exhausted> {
        Ok(self.number(0)?..self.number(self.atoms.len())?)
    }

    /// Whether it is compared as one value and as a set: what several values do to the first kind, nobody knows.
    pub(super) fn is_compared_both_ways(&self) -> bool {
        self.atoms.iter().any(Atom::is_of_set) && self.atoms.iter().any(|atom| matches!(atom, Atom::Is(..)))
    }

    /// True of requests that send at most one value for the key.
    pub(super) fn at_most_one(&self, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let mut present = self.all_of(|atom| matches!(atom, Atom::Missing(_)).then_some(false), formulas)?;
        for family in &self.values.families {
            let of_one = self.one_value(family, |_| true, formulas)?;
            present = formulas.and(present, of_one)?;
        }
        let missing = self.all_of(Atom::is_true_of_nothing, formulas)?;
        formulas.or(present, missing)
    }

    fn variable(&self, atom: usize, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        formulas.variable(self.number(atom)?)
    }

    fn number(&self, atom: usize) -> Result<Variable, Exhausted> {
        u32::try_from(self.first + atom).map(Variable).map_err(|_| Exhausted)
    }

    /// Every atom is as this says, where it says something.
    fn all_of(&self, truth: impl Fn(&Atom) -> Option<bool>, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let mut all = Formula::TRUE;
        for (at, atom) in self.atoms.iter().enumerate().rev() {
            if let Some(is_true) = truth(atom) {
                let variable = self.variable(at, formulas)?;
                let literal = if is_true { variable } else { formulas.not(variable)? };
                all = formulas.and(literal, all)?;
            }
        }
        Ok(all)
    }

    /// These atoms are as some value alone makes them.
    fn one_value(&self, family: &Members, of: impl Fn(&Atom) -> bool, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let atoms: Vec<usize> = family.atoms.iter().copied().filter(|at| self.atoms.get(*at).is_some_and(&of)).collect();
        let rows = self.rows(&atoms, family);
        let mut all_false = vec![Formula::TRUE];
        for at in atoms.iter().rev() {
            let variable = self.variable(*at, formulas)?;
            let rest = all_false.last().copied().unwrap_or(Formula::TRUE);
            all_false.push(formulas.without(rest, variable)?);
        }
        all_false.reverse();
        let variables = atoms.iter().map(|at| self.variable(*at, formulas)).collect::<Result<Vec<_>, _>>()?;
        one_of_rows(&Vec::from_iter(&rows), 0, &variables, &all_false, formulas)
    }

    /// The different ways in which values are about these atoms.
    fn rows(&self, atoms: &[usize], family: &Members) -> BTreeSet<Vec<Option<bool>>> {
        let truths = family.values.iter().filter_map(|value| self.values.truths.get(*value));
        truths.map(|truths| atoms.iter().map(|at| truths.get(*at).copied().flatten()).collect()).collect()
    }

    /// The atoms about a set of values are as some set makes them that is not empty: the sets of the first kinds of values, each of them
    /// with and without one value of the next kind, and that alone.
    fn set_of_values(&self, family: &Members, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let atoms: Vec<usize> = family.atoms.iter().copied().filter(|at| self.atoms.get(*at).is_some_and(Atom::is_of_set)).collect();
        let rows = self.rows(&atoms, family);
        if atoms.is_empty() || rows.len() * atoms.len() > MOST_IN_SETS {
            return Ok(Formula::TRUE);
        }
        let mut possible = Formula::FALSE;
        for row in &rows {
            let (mut alone, mut added) = (Formula::TRUE, possible);
            for (at, truth) in atoms.iter().zip(row).rev() {
                let number = self.number(*at)?;
                let variable = formulas.variable(number)?;
                // Whether one more value can only make the atom true, or only false.
                let grows = matches!(self.atoms.get(*at), Some(Atom::Any(..)));
                if let Some(is_true) = truth {
                    let literal = if *is_true { variable } else { formulas.not(variable)? };
                    alone = formulas.and(literal, alone)?;
                }
                if *truth == Some(!grows) {
                    continue;
                }
                let (low, high) = (formulas.given(added, (number, false))?, formulas.given(added, (number, true))?);
                let either = formulas.or(low, high)?;
                let changed = if grows { variable } else { formulas.not(variable)? };
                let with = formulas.and(changed, either)?;
                let unchanged = if grows { low } else { high };
                let without = formulas.without(unchanged, changed)?;
                added = if truth.is_some() { with } else { formulas.or(with, without)? };
            }
            let more = formulas.or(alone, added)?;
            possible = formulas.or(possible, more)?;
        }
        Ok(possible)
    }
}

/// The atoms from `level` on are as one of the rows says. `all_false` says of each level that no atom from there on is true.
fn one_of_rows(
    rows: &[&Vec<Option<bool>>],
    level: usize,
    variables: &[Formula],
    all_false: &[Formula],
    formulas: &mut Formulas,
) -> Result<Formula, Exhausted> {
    formulas.spend(1 + rows.len())?;
    let (Some(&variable), Some(&rest)) = (variables.get(level), all_false.get(level)) else {
        return Ok(if rows.is_empty() { Formula::FALSE } else { Formula::TRUE });
    };
    if let [row] = rows
        && row.iter().skip(level).all(|truth| *truth == Some(false))
    {
        return Ok(rest);
    }
    let with = |value: bool| rows.iter().copied().filter(move |row| row.get(level).copied().flatten() != Some(!value)).collect::<Vec<_>>();
    let (without, with) = (with(false), with(true));
    if without.len() == rows.len() && with.len() == rows.len() {
        return one_of_rows(rows, level + 1, variables, all_false, formulas);
    }
    let mut sum = Formula::FALSE;
    for (rows, is_true) in [(without, false), (with, true)] {
        if rows.is_empty() {
            continue;
        }
        let after = one_of_rows(&rows, level + 1, variables, all_false, formulas)?;
        let branch = if is_true { formulas.and(variable, after)? } else { formulas.without(after, variable)? };
        sum = formulas.or(sum, branch)?;
    }
    Ok(sum)
}

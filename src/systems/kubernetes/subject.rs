//! Whoever may have other access after a change than before it, and what decides it on each side.

use super::effective::Guards;
use super::terms::{Part, Reach};
use super::{Fact, Realm, RoleName};
use crate::access::{Budget, By, Exhausted, Formula, Formulas, Variable};
use crate::document::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// A user, group, service account or role that nothing binds, in one realm, and what decides its access on each side.
pub struct Subject<'a> {
    pub(super) realm: Arc<str>,
    pub(super) holder: Arc<str>,
    pub(super) grants: Vec<Grant<'a>>,
    /// Every reach of a grant once, in order; cells know them by number.
    pub(super) reaches: Vec<Reach>,
    /// The grants of each reach.
    pub(super) by_reach: Vec<Vec<usize>>,
    /// Every fact once; its number is that of its variable.
    pub(super) facts: Vec<Fact>,
    /// A digest of all that the first two sides say, where it would cost more than there is to put the subject's rules together.
    pub(super) too_large: Option<String>,
}

/// One rule that the subject has on one side.
pub(super) struct Grant<'a> {
    pub(super) side: usize,
    /// Not through a group, and not because the side is a filter.
    pub(super) is_own: bool,
    pub(super) reach: usize,
    pub(super) guards: Guards,
    /// Where the rule stands and where it is bound.
    pub(super) places: [Option<&'a Place>; 2],
}

/// Requests inside one changed rule that no rule tells apart.
#[derive(Clone)]
pub struct Cell {
    pub(super) is_path: bool,
    pub(super) parts: Rc<[Part]>,
    /// The reaches that it lies in, by number.
    pub(super) members: Rc<[usize]>,
}

impl<'a> Subject<'a> {
    pub(super) fn named(realm: &Realm, holder: String) -> Self {
        Self {
            realm: Arc::clone(&realm.name),
            holder: holder.into(),
            grants: Vec::new(),
            reaches: Vec::new(),
            by_reach: Vec::new(),
            facts: Vec::new(),
            too_large: None,
        }
    }

    /// Nobody can tell what it says, so an approval of it binds to all that both sides say.
    pub(super) fn beyond_budget(self, everything: &str) -> Self {
        Self { too_large: Some(everything.to_owned()), ..self }
    }

    /// A role that is named stands in one of the places where it may stand.
    pub(super) fn axioms(&self, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        formulas.once(By::Number(0), |formulas| {
            let mut by_role: BTreeMap<&RoleName, Formula> = BTreeMap::new();
            for (fact, number) in self.facts.iter().zip(0..) {
                if let Fact::Stands { role, .. } = fact {
                    let stands = formulas.variable(Variable(number))?;
                    let some = by_role.entry(role).or_insert(Formula::FALSE);
                    *some = formulas.or(*some, stands)?;
                }
            }
            by_role.into_values().try_fold(Formula::TRUE, |all, some| formulas.and(all, some))
        })
    }

    pub(super) fn variable(&self, fact: &Fact) -> Option<Variable> {
        let number = self.facts.binary_search(fact).ok()?;
        u32::try_from(number).ok().map(Variable)
    }

    /// The reaches of what only one of the first two sides says, the widest only: what lies inside another is cut with it.
    pub(super) fn changed(&self, budget: &mut Budget) -> Result<Vec<&Reach>, Exhausted> {
        let own = |side: usize| -> BTreeSet<(usize, &Guards)> {
            let grants = self.grants.iter().filter(|grant| grant.is_own && grant.side == side);
            grants.map(|grant| (grant.reach, &grant.guards)).collect()
        };
        let (before, after) = (own(0), own(1));
        let numbers: BTreeSet<usize> = before.symmetric_difference(&after).map(|(reach, _)| *reach).collect();
        let changed: Vec<&Reach> = numbers.iter().filter_map(|number| self.reaches.get(*number)).collect();
        let mut widest: Vec<&Reach> = Vec::new();
        for reach in &changed {
            let mut is_inside = false;
            for other in changed.iter().filter(|other| *other != reach) {
                is_inside = is_inside || other.covers(reach, budget)?;
            }
            if !is_inside {
                widest.push(reach);
            }
        }
        Ok(widest)
    }

    /// The grants of a side that give the cell.
    pub(super) fn grants_of<'s>(&'s self, side: usize, cell: &'s Cell) -> impl Iterator<Item = &'s Grant<'a>> {
        let numbers = cell.members.iter().filter_map(|reach| self.by_reach.get(*reach)).flatten();
        numbers.filter_map(|number| self.grants.get(*number)).filter(move |grant| grant.side == side)
    }

    /// Where the rules and the bindings stand that give the cell on a side.
    pub(super) fn origins(&self, side: usize, cell: &Cell) -> BTreeSet<Place> {
        let own: Vec<_> = self.grants_of(side, cell).filter(|grant| grant.is_own).collect();
        let grants = if own.is_empty() { self.grants_of(side, cell).collect() } else { own };
        let places = grants.into_iter().flat_map(|grant| grant.places).flatten();
        places.filter(|place| !place.path.is_empty()).cloned().collect()
    }
}

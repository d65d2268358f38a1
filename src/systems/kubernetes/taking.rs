//! What a subject takes from the roles that it holds.

use super::effective::{Allowed, Effective, Guards};
use super::resolve::World;
use super::subject::{Grant, Subject};
use super::terms::Reach;
use super::{Fact, Identity, Realm, RoleName};
use crate::access::Exhausted;
use crate::document::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A role, bound in a namespace or everywhere.
pub(super) struct Held<'a> {
    pub(super) namespace: Option<&'a Arc<str>>,
    pub(super) role: &'a RoleName,
    pub(super) guards: Guards,
    pub(super) place: &'a Place,
}

pub(super) type Holdings<'a> = BTreeMap<(&'a Realm, &'a Identity), Vec<Held<'a>>>;

/// The grants of a subject while they are put together.
#[derive(Default)]
pub(super) struct Taking<'a> {
    grants: Vec<Grant<'a>>,
    pub(super) places: Guards,
    reaches: BTreeMap<Reach, usize>,
}

/// How a role is held.
#[derive(Clone, Copy)]
pub(super) struct Taken<'t, 'a> {
    pub(super) namespace: Option<&'t Arc<str>>,
    pub(super) guards: &'t Guards,
    pub(super) place: Option<&'a Place>,
    pub(super) is_own: bool,
}

impl<'a> Taking<'a> {
    fn push(&mut self, side: usize, reach: Reach, guards: Guards, rule: Option<&'a Place>, taken: &Taken<'_, 'a>) {
        let next = self.reaches.len();
        let reach = *self.reaches.entry(reach).or_insert(next);
        self.grants.push(Grant { side, is_own: taken.is_own, reach, guards, places: [rule, taken.place] });
    }
}

pub(super) fn take_held<'a>(
    world: &World<'a>,
    side: usize,
    realm: &Realm,
    held: &[Held<'a>],
    is_own: bool,
    taking: &mut Taking<'a>,
) -> Result<(), Exhausted> {
    held.iter().try_for_each(|held| {
        let effective = world.effective(side, realm, held.role)?;
        taking.places.extend(effective.places.iter().cloned());
        let taken = Taken { namespace: held.namespace, guards: &held.guards, place: Some(held.place), is_own };
        if let Allowed::Unknown = effective.allowed {
            let mut guards = held.guards.clone();
            guards.insert(Fact::Unknown(held.role.clone()));
            for reach in Reach::everything(held.namespace) {
                taking.push(side, reach, guards.clone(), None, &taken);
            }
            return world.spend(1);
        }
        take_role(world, side, &effective, &taken, taking)
    })
}

pub(super) fn take_role<'a>(
    world: &World<'a>,
    side: usize,
    effective: &Effective<'a>,
    taken: &Taken<'_, 'a>,
    taking: &mut Taking<'a>,
) -> Result<(), Exhausted> {
    let Allowed::Rules(rules) = &effective.allowed else { return Ok(()) };
    for rule in rules {
        if let Some(reach) = world.reach(rule.policy, taken.namespace)? {
            let guards = rule.guards.union(taken.guards).cloned().collect();
            taking.push(side, reach, guards, Some(rule.place), taken);
        }
    }
    Ok(())
}

pub(super) fn take_for_anybody<'a>(world: &World<'a>, side: usize, taking: &mut Taking<'a>) -> Result<(), Exhausted> {
    let taken = Taken { namespace: None, guards: &Guards::new(), place: None, is_own: false };
    for rule in world.sides.get(side).into_iter().flat_map(|rules| &rules.anybody) {
        world.spend(1)?;
        if let Some(reach) = Reach::of_anybody(rule) {
            taking.push(side, reach, Guards::new(), None, &taken);
        }
    }
    Ok(())
}

impl<'a> Subject<'a> {
    /// Numbers reaches and facts in their order, so that nothing depends on the order in which they were found.
    pub(super) fn take(&mut self, taking: Taking<'a>) {
        let order: BTreeMap<usize, usize> = taking.reaches.values().copied().enumerate().map(|(new, old)| (old, new)).collect();
        self.reaches = taking.reaches.into_keys().collect();
        self.grants = taking.grants;
        for grant in &mut self.grants {
            grant.reach = order.get(&grant.reach).copied().unwrap_or(grant.reach);
        }
        self.by_reach = vec![Vec::new(); self.reaches.len()];
        for (number, grant) in self.grants.iter().enumerate() {
            if let Some(grants) = self.by_reach.get_mut(grant.reach) {
                grants.push(number);
            }
        }
        let facts: BTreeSet<&Fact> = self.grants.iter().flat_map(|grant| &grant.guards).chain(&taking.places).collect();
        self.facts = facts.into_iter().cloned().collect();
    }
}

//! Who may have other access after a change than before it, each with all that decides it.

use super::effective::{Allowed, Effective, Guards};
use super::evaluate::{Grant, Subject};
use super::resolve::{World, guards_of};
use super::terms::Reach;
use super::unbound::unbound_roles;
use super::{Fact, Identity, Realm, RoleName, Rules};
use crate::access::Exhausted;
use crate::document::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// The subjects for which the first two sides may differ.
pub(super) fn subjects<'a>(sides: &[&'a Rules]) -> Vec<Subject<'a>> {
    if matches!(sides, [base, head, ..] if base.says_the_same(head)) {
        return Vec::new();
    }
    let world = World::new(sides);
    let holdings: Vec<Holdings<'a>> = sides.iter().map(|rules| holdings(rules)).collect();
    let mut subjects = identities(&world, &holdings);
    subjects.extend(unbound_roles(&world, &holdings));
    subjects
}

/// A role, bound in a namespace or everywhere.
pub(super) struct Held<'a> {
    namespace: Option<&'a Arc<str>>,
    pub(super) role: &'a RoleName,
    guards: Guards,
    place: &'a Place,
}

pub(super) type Holdings<'a> = BTreeMap<(&'a Realm, &'a Identity), Vec<Held<'a>>>;

/// Which roles each identity has on one side.
fn holdings(rules: &Rules) -> Holdings<'_> {
    let mut holdings = Holdings::new();
    for definitions in rules.bindings.values() {
        let contents: Vec<String> =
            if definitions.len() > 1 { definitions.iter().map(|binding| binding.content()).collect() } else { Vec::new() };
        let Some(first) = definitions.first() else { continue };
        let guards = guards_of(&contents, &first.realm, || first.name.to_string());
        for (at, binding) in definitions.iter().enumerate() {
            for subject in &binding.subjects {
                holdings.entry((&binding.realm, &subject.value)).or_default().push(Held {
                    namespace: binding.name.namespace.as_ref(),
                    role: &binding.role,
                    guards: guards.get(at).cloned().unwrap_or_default(),
                    place: &subject.place,
                });
            }
        }
    }
    holdings
}

/// The identities whose own roles differ between the first two sides.
fn identities<'a>(world: &World<'a>, holdings: &[Holdings<'a>]) -> Vec<Subject<'a>> {
    let keys: BTreeSet<_> = holdings.iter().take(2).flat_map(BTreeMap::keys).copied().collect();
    let subjects = keys.into_iter().filter(|(_, identity)| !identity.is_privileged()).filter_map(|(realm, identity)| {
        let mut subject = Subject::named(realm, identity.to_string());
        let own = |side: usize| holdings.get(side).and_then(|side| side.get(&(realm, identity))).map_or(&[][..], Vec::as_slice);
        match differs(world, realm, own(0), own(1)) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(Exhausted) => return Some(subject.beyond_budget(world)),
        }
        let groups: Vec<Identity> = identity.groups().into_iter().map(Identity::Group).collect();
        let mut taken = Taking::default();
        let taking = (0..world.sides.len()).try_for_each(|side| {
            take_held(world, side, realm, own(side), true, &mut taken)?;
            for group in &groups {
                let of_group = holdings.get(side).and_then(|side| side.get(&(realm, group)));
                take_held(world, side, realm, of_group.map_or(&[][..], Vec::as_slice), false, &mut taken)?;
            }
            take_for_anybody(world, side, &mut taken)
        });
        if taking.is_err() {
            return Some(subject.beyond_budget(world));
        }
        subject.take(taken);
        Some(subject)
    });
    subjects.collect()
}

/// What is held, and what each of it allows.
type Keyed<'h, 'a> = BTreeMap<(Option<&'h Arc<str>>, &'h RoleName, &'h Guards), Rc<Effective<'a>>>;

fn keyed<'h, 'a>(world: &World<'a>, side: usize, realm: &Realm, held: &'h [Held<'_>]) -> Result<Keyed<'h, 'a>, Exhausted> {
    let keyed = held.iter().map(|held| {
        world.spend(1)?;
        Ok(((held.namespace, held.role, &held.guards), world.effective(side, realm, held.role)?))
    });
    keyed.collect()
}

/// Whether two lists of held roles do not say the same. What is held in one way and is one on both sides is left out of both, since most of
/// it did not change; only the rest is told apart by digests.
fn differs(world: &World<'_>, realm: &Realm, before: &[Held<'_>], after: &[Held<'_>]) -> Result<bool, Exhausted> {
    let (before, after) = (keyed(world, 0, realm, before)?, keyed(world, 1, realm, after)?);
    Ok(rest(&before, &after) != rest(&after, &before))
}

fn rest<'k>(own: &'k Keyed<'_, '_>, other: &Keyed<'_, '_>) -> BTreeSet<(Option<&'k Arc<str>>, &'k str, &'k Guards)> {
    let is_one = |(key, effective): &(&_, &Rc<Effective<'_>>)| other.get(*key).is_some_and(|other| effective.is_one_with(other));
    let rest = own.iter().filter(|held| !is_one(held));
    rest.map(|((namespace, _, guards), effective)| (*namespace, effective.digest(), *guards)).collect()
}

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

fn take_held<'a>(
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
    pub(super) fn beyond_budget(self, world: &World<'_>) -> Self {
        Self { too_large: Some(world.everything().to_owned()), ..self }
    }

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

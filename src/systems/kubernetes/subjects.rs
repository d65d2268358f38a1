//! Who may have other access after a change than before it: identities, and roles that nothing binds, each with all that decides it.

use super::evaluate::{Grant, Subject};
use super::knowledge::BUILT_IN;
use super::resolve::{Allowed, Effective, Guards, Key, World, guards_of};
use super::terms::Reach;
use super::{Binding, Fact, Identity, Realm, RoleKind, RoleName, Rules};
use crate::access::Exhausted;
use crate::document::Place;
use crate::systems::content_digest;
use std::collections::{BTreeMap, BTreeSet};
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
struct Held<'a> {
    namespace: Option<&'a Arc<str>>,
    role: &'a RoleName,
    guards: Guards,
    place: &'a Place,
}

type Holdings<'a> = BTreeMap<(&'a Realm, &'a Identity), Vec<Held<'a>>>;

/// Which roles each identity has on one side.
fn holdings(rules: &Rules) -> Holdings<'_> {
    let mut holdings = Holdings::new();
    for definitions in rules.bindings.values() {
        let contents: Vec<String> = if definitions.len() > 1 { definitions.iter().map(Binding::content).collect() } else { Vec::new() };
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
        let subject = Subject::named(realm, identity.to_string());
        let own = |side: usize| holdings.get(side).and_then(|side| side.get(&(realm, identity))).map_or(&[][..], Vec::as_slice);
        let said = (0..2).map(|side| signature(world, side, realm, own(side))).collect::<Result<Vec<_>, _>>();
        let Ok(said) = said else { return Some(subject.beyond_budget(world)) };
        let [before, after] = said.as_slice() else { return None };
        if before == after {
            return None;
        }
        let groups: Vec<Identity> = identity.groups().into_iter().map(Identity::Group).collect();
        let mut subject = Subject { fingerprint: fingerprint(&said), ..subject };
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

type Signature = BTreeSet<(Option<Arc<str>>, String, Guards)>;

/// What a list of held roles says, each role by its digest.
fn signature(world: &World<'_>, side: usize, realm: &Realm, held: &[Held<'_>]) -> Result<Signature, Exhausted> {
    let said = held.iter().map(|held| {
        world.spend(1)?;
        let effective = world.effective(side, realm, held.role)?;
        Ok((held.namespace.cloned(), effective.digest.clone(), held.guards.clone()))
    });
    said.collect()
}

fn fingerprint(said: &[Signature]) -> String {
    let texts: Vec<String> = said.iter().map(|side| format!("{side:?}")).collect();
    content_digest(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Roles that nobody is seen to have on one of the first two sides: whoever has them elsewhere gains what they gain.
fn unbound_roles<'a>(world: &World<'a>, holdings: &[Holdings<'a>]) -> Vec<Subject<'a>> {
    let used: Vec<BTreeSet<Key>> = (0..2).map(|side| used(world, side, holdings)).collect();
    let sides = || world.sides.iter().take(2);
    let mut keys: BTreeSet<Key> = sides().flat_map(|rules| rules.roles.keys().cloned()).collect();
    let realms: BTreeSet<Realm> = keys.iter().filter(|key| key.1.kind == RoleKind::ClusterRole).map(|key| key.0.clone()).collect();
    for role in BUILT_IN.values().filter(|role| role.aggregation.is_some()) {
        keys.extend(realms.iter().map(|realm| (realm.clone(), role.name.clone())));
    }
    keys.into_iter().filter_map(|key| unbound_role(world, &used, &key)).collect()
}

fn unbound_role<'a>(world: &World<'a>, used: &[BTreeSet<Key>], key: &Key) -> Option<Subject<'a>> {
    let (realm, name) = key;
    let subject = Subject::named(realm, name.to_string());
    let is_there = |side: usize| {
        let defined = world.sides.get(side).is_some_and(|rules| rules.roles.contains_key(key));
        let aggregates = BUILT_IN.get(name).is_some_and(|role| role.aggregation.is_some());
        defined || (aggregates && world.candidates(side, realm, name).is_ok_and(|(keys, _)| keys.is_empty()))
    };
    let free = |side: usize| is_there(side) && !used.get(side).is_some_and(|used| used.contains(key));
    if !free(0) && !free(1) {
        return None;
    }
    // What an aggregating role changes that both sides take in is told of that role.
    let told_elsewhere = || {
        if !is_there(0) || !is_there(1) {
            return Ok(BTreeSet::new());
        }
        let taken = (0..2).map(|side| world.takes_in(side, realm, name)).collect::<Result<Vec<_>, _>>()?;
        let [before, after] = taken.as_slice() else { return Ok(BTreeSet::new()) };
        Ok::<BTreeSet<Key>, Exhausted>(
            before.iter().filter(|(key, guards)| after.get(key) == Some(guards)).map(|(key, _)| key.clone()).collect(),
        )
    };
    let rules =
        |told: &BTreeSet<Key>, side: usize| is_there(side).then(|| world.effective_without(side, realm, name, Some(told))).transpose();
    let sides = told_elsewhere().and_then(|told| (0..world.sides.len()).map(|side| rules(&told, side)).collect::<Result<Vec<_>, _>>());
    let Ok(sides) = sides else { return Some(subject.beyond_budget(world)) };
    let said: Vec<Option<&String>> = sides.iter().take(2).map(|side| side.as_ref().map(|side| &side.digest)).collect();
    if let [before, after] = said.as_slice()
        && before == after
    {
        return None;
    }
    let mut subject = Subject { fingerprint: content_digest(&[&format!("{said:?}")]), ..subject };
    let namespace = (name.kind == RoleKind::Role).then_some(&name.namespace);
    let mut taken = Taking::default();
    let taking = sides.iter().enumerate().try_for_each(|(side, effective)| {
        if let Some(effective) = effective {
            taken.places.extend(effective.places.iter().cloned());
            take_role(world, side, effective, &Taken { namespace, guards: &Guards::new(), place: None, is_own: true }, &mut taken)?;
            // It counts on both sides all the same: what it gave before is nothing that the role gains by another way.
            let whole = world.effective_without(side, realm, name, Some(&BTreeSet::new()))?;
            taken.places.extend(whole.places.iter().cloned());
            take_role(world, side, &whole, &Taken { namespace, guards: &Guards::new(), place: None, is_own: false }, &mut taken)?;
        }
        take_for_anybody(world, side, &mut taken)
    });
    if taking.is_err() {
        return Some(subject.beyond_budget(world));
    }
    subject.take(taken);
    Some(subject)
}

/// Roles that somebody is seen to have. That another role takes one in does not count: what that role already allows may be news to
/// whoever is bound to this one elsewhere.
fn used(world: &World<'_>, side: usize, holdings: &[Holdings<'_>]) -> BTreeSet<Key> {
    let mut used = BTreeSet::new();
    let held = holdings.get(side).into_iter().flatten().filter(|((_, identity), _)| !identity.is_privileged());
    for ((realm, _), held) in held {
        for role in held.iter().map(|held| held.role).collect::<BTreeSet<_>>() {
            // Past the budget a role counts as unused: then more is told, never less.
            let Ok((keys, _)) = world.candidates(side, realm, role) else { continue };
            if keys.is_empty() {
                used.insert(((*realm).clone(), role.clone()));
            }
            used.extend(keys.into_iter().cloned());
        }
    }
    used
}

/// The grants of a subject while they are put together.
#[derive(Default)]
struct Taking<'a> {
    grants: Vec<Grant<'a>>,
    places: Guards,
    reaches: BTreeMap<Reach, usize>,
}

/// How a role is held.
struct Taken<'t, 'a> {
    namespace: Option<&'t Arc<str>>,
    guards: &'t Guards,
    place: Option<&'a Place>,
    is_own: bool,
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

fn take_role<'a>(
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

fn take_for_anybody<'a>(world: &World<'a>, side: usize, taking: &mut Taking<'a>) -> Result<(), Exhausted> {
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
    fn named(realm: &Realm, holder: String) -> Self {
        Self {
            realm: Arc::clone(&realm.name),
            holder: holder.into(),
            grants: Vec::new(),
            reaches: Vec::new(),
            by_reach: Vec::new(),
            facts: Vec::new(),
            fingerprint: String::new(),
            too_large: false,
        }
    }

    /// Nobody can tell what it says, so an approval of it binds to all that both sides say.
    fn beyond_budget(self, world: &World<'_>) -> Self {
        Self { fingerprint: world.everything().to_owned(), too_large: true, ..self }
    }

    /// Numbers reaches and facts in their order, so that nothing depends on the order in which they were found.
    fn take(&mut self, taking: Taking<'a>) {
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

impl Rules {
    /// Cheap: whether nothing at all differs.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let roles = |side: &Self| -> Vec<(Key, BTreeSet<String>)> {
            side.roles.iter().map(|(key, roles)| (key.clone(), roles.iter().map(super::Role::content).collect())).collect()
        };
        let bindings = |side: &Self| -> Vec<(_, BTreeSet<String>)> {
            side.bindings.iter().map(|(key, found)| (key.clone(), found.iter().map(Binding::content).collect())).collect()
        };
        self.anybody == other.anybody && roles(self) == roles(other) && bindings(self) == bindings(other)
    }
}

impl Rules {
    /// All that the side says, in an order of its own.
    pub(super) fn whole(&self) -> String {
        let roles: Vec<_> = self.roles.values().flatten().map(|role| (&role.realm, &role.name, role.content())).collect();
        let bindings: Vec<_> = self.bindings.values().flatten().map(|found| (&found.realm, &found.name, found.content())).collect();
        let (roles, bindings): (BTreeSet<_>, BTreeSet<_>) = (roles.into_iter().collect(), bindings.into_iter().collect());
        format!("{roles:?} {bindings:?} {:?}", self.anybody)
    }
}

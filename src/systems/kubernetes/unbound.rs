//! Roles that nobody is seen to have on one of the first two sides: whoever has them elsewhere gains what they gain.

use super::effective::{Effective, Guards};
use super::knowledge::BUILT_IN;
use super::resolve::{Key, World};
use super::same::are_one;
use super::subject::Subject;
use super::taking::{Holdings, Taken, Taking, take_for_anybody, take_role};
use super::{Realm, RoleKind, RoleName};
use crate::access::Exhausted;
use std::collections::BTreeSet;

/// Those that may allow something else on the second side than on the first.
pub(super) fn unbound_roles<'a>(world: &World<'a>, holdings: &[Holdings<'a>]) -> Vec<Subject<'a>> {
    let used: Vec<BTreeSet<Key>> = (0..2).map(|side| used(world, side, holdings)).collect();
    let sides = world.sides.iter().take(2);
    let mut keys: BTreeSet<Key> = sides.flat_map(|rules| rules.roles.keys().cloned()).collect();
    keys.extend(built_in_roles(world, &keys));
    let free = |side: usize, key: &Key| is_there(world, side, key) && !used.get(side).is_some_and(|used| used.contains(key));
    let is_told = |key: &Key| free(0, key) || free(1, key);
    keys.iter().filter(|key| is_told(key)).filter_map(|key| unbound_role(world, key, &is_told)).collect()
}

/// The built-in roles that take in others, in the realms where they may take in something else. Where no cluster role differs, they take
/// in the same on both sides, unless one of their own names begins or ends to stand in a file, which counts in other directories too.
fn built_in_roles(world: &World<'_>, keys: &BTreeSet<Key>) -> BTreeSet<Key> {
    let names: BTreeSet<&RoleName> = BUILT_IN.values().filter(|role| role.aggregation.is_some()).map(|role| &role.name).collect();
    let cluster_roles = || keys.iter().filter(|key| key.1.kind == RoleKind::ClusterRole);
    let differing: Vec<&Key> = cluster_roles().filter(|key| !is_one(world, key)).collect();
    let everywhere = differing.iter().any(|key| names.contains(&key.1));
    let realms: BTreeSet<&Realm> = cluster_roles().filter(|_| everywhere).chain(differing).map(|key| &key.0).collect();
    names.into_iter().flat_map(|name| realms.iter().map(|realm| ((*realm).clone(), name.clone()))).collect()
}

/// Whether the definitions of a role are the very same on both sides.
fn is_one(world: &World<'_>, key: &Key) -> bool {
    let definitions = |side: usize| world.sides.get(side).and_then(|rules| rules.roles.get(key)).map_or(&[][..], Vec::as_slice);
    are_one(definitions(0), definitions(1))
}

fn unbound_role<'a>(world: &World<'a>, key: &Key, is_told: &dyn Fn(&Key) -> bool) -> Option<Subject<'a>> {
    let mut subject = Subject::named(&key.0, key.1.to_string());
    match differing(world, key, is_told).and_then(|sides| sides.map(|sides| taken(world, key, &sides)).transpose()) {
        Ok(taken) => taken.map(|taken| {
            subject.take(taken);
            subject
        }),
        Err(Exhausted) => Some(subject.beyond_budget(world.everything())),
    }
}

/// Whether the role stands in a file of the side, or is built in and takes in others.
fn is_there(world: &World<'_>, side: usize, key: &Key) -> bool {
    let defined = world.sides.get(side).is_some_and(|rules| rules.roles.contains_key(key));
    let aggregates = BUILT_IN.get(&key.1).is_some_and(|role| role.aggregation.is_some());
    defined || (aggregates && world.candidates(side, &key.0, &key.1).is_ok_and(|(keys, _)| keys.is_empty()))
}

/// What the role allows on each side, where it is there, if that is not the same on the first two: without what is told elsewhere.
fn differing<'a>(world: &World<'a>, key: &Key, is_told: &dyn Fn(&Key) -> bool) -> Result<Option<Vec<Option<Effective<'a>>>>, Exhausted> {
    let told = told_elsewhere(world, key, is_told)?;
    let rules = |side: usize| is_there(world, side, key).then(|| world.effective_without(side, &key.0, &key.1, Some(&told))).transpose();
    let sides = (0..world.sides.len()).map(rules).collect::<Result<Vec<_>, _>>()?;
    let is_same = matches!(sides.as_slice(), [Some(before), Some(after), ..] if before.says_the_same(after));
    Ok((!is_same).then_some(sides))
}

/// What an aggregating role changes that both sides take in is told of that role, if it is told of roles at all: of one that is bound only
/// those are told who are bound to it. A role that is new takes in everything anew.
fn told_elsewhere(world: &World<'_>, (realm, name): &Key, is_told: &dyn Fn(&Key) -> bool) -> Result<BTreeSet<Key>, Exhausted> {
    if !(0..2).all(|side| is_there(world, side, &(realm.clone(), name.clone()))) {
        return Ok(BTreeSet::new());
    }
    let (before, after) = (world.takes_in(0, realm, name)?, world.takes_in(1, realm, name)?);
    Ok(before.into_iter().filter(|(key, guards)| after.get(key) == Some(guards) && is_told(key)).map(|(key, _)| key).collect())
}

/// What is told elsewhere counts on both sides all the same: what it gave before is nothing that the role gains by another way.
fn taken<'a>(world: &World<'a>, (realm, name): &Key, sides: &[Option<Effective<'a>>]) -> Result<Taking<'a>, Exhausted> {
    let namespace = (name.kind == RoleKind::Role).then_some(&name.namespace);
    let own = Taken { namespace, guards: &Guards::new(), place: None, is_own: true };
    let mut taken = Taking::default();
    for (side, effective) in sides.iter().enumerate() {
        if let Some(effective) = effective {
            let whole = world.effective_without(side, realm, name, Some(&BTreeSet::new()))?;
            for (effective, is_own) in [(effective, true), (&whole, false)] {
                taken.places.extend(effective.places.iter().cloned());
                take_role(world, side, effective, &Taken { is_own, ..own }, &mut taken)?;
            }
        }
        take_for_anybody(world, side, &mut taken)?;
    }
    Ok(taken)
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

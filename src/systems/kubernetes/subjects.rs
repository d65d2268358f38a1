//! Who may have other access after a change than before it, each with all that decides it.

use super::effective::{Effective, Guards};
use super::resolve::{World, guards_of};
use super::subject::Subject;
use super::taking::{Held, Holdings, Taking, take_for_anybody, take_held};
use super::unbound::unbound_roles;
use super::{Identity, Realm, RoleName, Rules};
use crate::access::Exhausted;
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
            Err(Exhausted) => return Some(subject.beyond_budget(world.everything())),
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
            return Some(subject.beyond_budget(world.everything()));
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

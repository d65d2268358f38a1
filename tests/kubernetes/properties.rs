//! What holds for every change, judged by the naive authorizer.

use crate::model::{
    World, asker, change, cluster_role, directory, identities, is_in, policy, prod, request, universe, witness, world, worlds,
};
use countersign::change::{Effort, Entry, beyond, compare, delta_digest, not_contained};
use countersign::systems::kubernetes::{Asker, Fact, ForAnybody, Identity, Kubernetes, Realm, Request, RoleName, Rules};
use countersign::systems::{Kind, System};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn diff(base: &Rules, head: &Rules, filters: &[&Rules]) -> Vec<Entry> {
    compare::<Kubernetes>(base, head, filters, Effort::default())
}

/// The roles that bindings name and that some side does not have, and those whose rules a circle of roles may keep.
fn unknown_roles(sides: [&World; 2]) -> Vec<Fact> {
    let roles = sides.iter().flat_map(|side| &side.roles).filter(|role| role.aggregation.is_some() && !role.rules.is_empty());
    let kept = roles.map(|role| Fact::Kept { at: role.realm.clone(), role: role.name.clone() });
    let named = sides.iter().flat_map(|side| &side.bindings).map(|binding| &binding.role);
    let has = |side: &&World, name: &RoleName| side.roles.iter().any(|role| role.name == *name);
    let unknown: BTreeSet<Fact> =
        named.filter(|name| !sides.iter().all(|side| has(side, name))).map(|name| Fact::Unknown(name.clone())).collect();
    unknown.into_iter().chain(kept).collect::<BTreeSet<Fact>>().into_iter().collect()
}

fn given(request: &Request, facts: &BTreeMap<Fact, bool>) -> Request {
    Request { facts: facts.clone(), ..request.clone() }
}

/// Whether the second side allows what the first does not.
fn gains(base: &Rules, head: &Rules, request: &Request) -> bool {
    Kubernetes::naive(head, request) && !Kubernetes::naive(base, request)
}

fn asker_of(holder: &str) -> Option<Asker> {
    identities().iter().find(|identity| identity.to_string() == holder).map(asker)
}

fn all_requests(realm: &Realm) -> Vec<(Identity, Request)> {
    let requests = |identity: Identity| {
        let asker = asker(&identity);
        universe().into_iter().map(move |(verb, target)| (identity.clone(), request(realm, &asker, verb, target))).collect::<Vec<_>>()
    };
    identities().into_iter().flat_map(requests).collect()
}

/// Everything that an entry says about requests of its holder is so.
fn is_true(entry: &Entry, base: &Rules, head: &Rules, realm: &Realm, facts: &[BTreeMap<Fact, bool>]) -> Result<(), TestCaseError> {
    let Some(asker) = asker_of(&entry.region.holder) else { return Ok(()) };
    let (before, after) = if entry.kind == Kind::Lost { (head, base) } else { (base, head) };
    let shown = witness(entry, realm, &asker);
    prop_assert!(is_in(&entry.region, &shown), "{entry:?} shows {shown:?}");
    let others = universe().into_iter().map(|(verb, target)| request(realm, &asker, verb, target));
    for request in std::iter::once(shown).chain(others.filter(|request| is_in(&entry.region, request))) {
        let mut worlds = facts.iter().map(|facts| gains(before, after, &given(&request, facts)));
        let is_so = if entry.kind == Kind::Gained { worlds.all(|gains| gains) } else { worlds.any(|gains| gains) };
        prop_assert!(is_so, "{entry:?} is not true of {request:?}");
    }
    Ok(())
}

/// Whether an entry tells of the request, be it for a group that its holder is in.
pub fn is_told(entries: &[Entry], kinds: &[Kind], identity: &Identity, request: &Request) -> bool {
    let groups = identity.groups().into_iter().map(Identity::Group);
    let holders: BTreeSet<String> = std::iter::once(identity.clone()).chain(groups).map(|identity| identity.to_string()).collect();
    let about = |entry: &&Entry| kinds.contains(&entry.kind) && holders.contains(&*entry.region.holder);
    entries.iter().filter(about).any(|entry| is_in(&entry.region, request))
}

fn filter() -> impl Strategy<Value = Rules> {
    let namespaces = prop::option::of(Just(BTreeSet::from(["a".into()])));
    (namespaces, policy(false)).prop_map(|(namespaces, policy)| {
        let mut rules = Rules::default();
        rules.add_for_anybody(ForAnybody { namespaces, policy });
        rules
    })
}

fn directories() -> impl Strategy<Value = Realm> + Clone {
    proptest::sample::select(vec![directory("dev"), directory("prod"), directory("shared")])
}

/// The roles of a side that may be meant from a directory in which they do not stand themselves.
fn guesses(sides: [&World; 2], viewer: &Realm) -> Vec<Fact> {
    let mut facts = BTreeSet::new();
    let bindings = sides.iter().flat_map(|side| &side.bindings).filter(|binding| binding.realm == *viewer);
    for name in bindings.map(|binding| binding.role.clone()).collect::<BTreeSet<_>>() {
        let elsewhere = |world: &World| -> Vec<Realm> {
            let there: Vec<Realm> = world.roles.iter().filter(|role| role.name == name).map(|role| role.realm.clone()).collect();
            if there.contains(viewer) { Vec::new() } else { there }
        };
        let places = sides.map(elsewhere);
        if places.iter().any(|places| places.len() > 1) {
            let stands = |at: Realm| Fact::Stands { role: name.clone(), at, namespace: name.namespace.clone() };
            facts.extend(places.into_iter().flatten().map(stands));
        }
    }
    facts.into_iter().collect()
}

/// Worlds in which every role that may stand in several places stands in one of them.
fn possible(worlds: Vec<BTreeMap<Fact, bool>>) -> Vec<BTreeMap<Fact, bool>> {
    let is_possible = |world: &BTreeMap<Fact, bool>| {
        let mut stands: BTreeMap<_, bool> = BTreeMap::new();
        for (fact, is_so) in world {
            if let Fact::Stands { role, .. } = fact {
                *stands.entry(role).or_default() |= is_so;
            }
        }
        stands.into_values().all(|stands| stands)
    };
    worlds.into_iter().filter(is_possible).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn an_unchanged_side_says_nothing_however_it_is_written(side in world(Just(prod()))) {
        prop_assert_eq!(diff(&side.rules(), &side.rewritten(), &[]), vec![]);
        prop_assert_eq!(diff(&side.rewritten(), &side.rules(), &[]), vec![]);
    }

    #[test]
    fn order_and_spelling_make_no_difference_to_a_change((base, head) in change(Just(prod()))) {
        let (plain, rewritten) = (diff(&base.rules(), &head.rules(), &[]), diff(&base.rewritten(), &head.rewritten(), &[]));
        prop_assert_eq!(delta_digest(&plain), delta_digest(&rewritten));
    }

    #[test]
    fn what_is_lost_is_what_the_way_back_gains((base, head) in change(Just(prod()))) {
        let (there, back) = (diff(&base.rules(), &head.rules(), &[]), diff(&head.rules(), &base.rules(), &[]));
        let holders: BTreeSet<_> = there.iter().chain(&back).map(|entry| entry.region.holder.clone()).collect();
        for holder in holders {
            for (verb, target) in universe() {
                let request = request(&prod(), &Asker::Role(cluster_role("nobody at all")), verb, target);
                let tells = |entries: &[Entry], is_loss: bool| entries.iter().any(|entry| {
                    entry.region.holder == holder && (entry.kind == Kind::Lost) == is_loss && is_in(&entry.region, &request)
                });
                prop_assert_eq!(tells(&there, true), tells(&back, false));
                prop_assert_eq!(tells(&there, false), tells(&back, true));
            }
        }
    }

    #[test]
    fn every_entry_is_true_of_every_request_in_it((base, head) in change(Just(prod()))) {
        let facts = worlds(&unknown_roles([&base, &head]));
        let (base, head) = (base.rules(), head.rules());
        for entry in diff(&base, &head, &[]) {
            is_true(&entry, &base, &head, &prod(), &facts)?;
        }
    }

    #[test]
    fn whatever_is_gained_or_lost_is_told((base, head) in change(Just(prod())), start in 0..4_usize) {
        let facts = worlds(&unknown_roles([&base, &head]));
        let (base, head) = (base.rules(), head.rules());
        let entries = diff(&base, &head, &[]);
        for (identity, request) in all_requests(&prod()).into_iter().skip(start).step_by(4) {
            for facts in &facts {
                let request = given(&request, facts);
                let widens = gains(&base, &head, &request);
                prop_assert!(!widens || is_told(&entries, &[Kind::Gained, Kind::Undecided], &identity, &request), "{request:?} is missed");
                let narrows = gains(&head, &base, &request);
                prop_assert!(!narrows || is_told(&entries, &[Kind::Lost], &identity, &request), "the loss of {request:?} is missed");
            }
        }
    }

    #[test]
    fn a_role_that_nothing_binds_is_its_own_holder((base, head) in change(Just(prod()))) {
        let sides = [&base, &head];
        let aggregates = sides.iter().any(|side| side.roles.iter().any(|role| role.aggregation.is_some()));
        let (before, after) = (base.rules(), head.rules());
        let entries = diff(&before, &after, &[]);
        for name in ["one", "two", "three"].map(cluster_role).iter().filter(|_| !aggregates) {
            let is_bound = |side: &&&World| side.bindings.iter().any(|binding| binding.role == *name && !binding.subjects.is_empty());
            if sides.iter().any(|side| is_bound(&side)) {
                continue;
            }
            for (verb, target) in universe() {
                let request = request(&prod(), &Asker::Role(name.clone()), verb, target);
                let told = |kind| entries.iter().any(|entry| entry.kind == kind && *entry.region.holder == *name.to_string() && is_in(&entry.region, &request));
                // A role that one side does not have is unknown to the naive authorizer, which then allows nothing.
                prop_assert_eq!(told(Kind::Gained), gains(&before, &after, &request), "{:?}", request);
                prop_assert_eq!(told(Kind::Lost), gains(&after, &before, &request), "{:?}", request);
            }
        }
    }

    #[test]
    fn a_region_lies_wholly_inside_or_outside_of_a_filter((base, head) in change(Just(prod())), filter in filter()) {
        for entry in diff(&base.rules(), &head.rules(), &[&filter]) {
            for (verb, target) in universe() {
                let request = request(&prod(), &Asker::Role(cluster_role("nobody at all")), verb, target);
                if is_in(&entry.region, &request) {
                    prop_assert_eq!(entry.within.contains(&0), Kubernetes::naive(&filter, &request), "{:?}", entry);
                }
            }
        }
    }

    #[test]
    fn what_is_beyond_a_ceiling_is_gained_and_not_under_it((base, head) in change(Just(prod())), ceiling in filter()) {
        let (base, head) = (base.rules(), head.rules());
        let (gained, over) = (diff(&base, &head, &[]), beyond::<Kubernetes>(&base, &head, &ceiling, Effort::default()));
        for (verb, target) in universe() {
            let request = request(&prod(), &Asker::Role(cluster_role("nobody at all")), verb, target);
            let tells = |entries: &[Entry]| entries.iter().filter(|entry| entry.kind != Kind::Lost && is_in(&entry.region, &request))
                .map(|entry| entry.region.holder.clone()).collect::<BTreeSet<_>>();
            let expected = if Kubernetes::naive(&ceiling, &request) { BTreeSet::new() } else { tells(&gained) };
            prop_assert_eq!(tells(&over), expected);
        }
    }

    #[test]
    fn a_change_is_contained_in_itself((base, head) in change(Just(prod()))) {
        let (base, head) = (base.rules(), head.rules());
        prop_assert_eq!(not_contained::<Kubernetes>([&base, &head], [&base, &head], Effort::default()), vec![]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_role_that_may_stand_in_several_directories_is_judged_for_each((mut base, mut head) in change(directories())) {
        for side in [&mut base, &mut head] {
            side.roles.iter_mut().for_each(|role| role.aggregation = None);
        }
        let (before, after) = (base.rules(), head.rules());
        let entries = diff(&before, &after, &[]);
        for realm in ["dev", "prod", "shared"].map(directory) {
            let facts = possible(worlds(&[unknown_roles([&base, &head]), guesses([&base, &head], &realm)].concat()));
            let own: Vec<Entry> = entries.iter().filter(|entry| entry.region.realm == realm.name).cloned().collect();
            for (identity, request) in all_requests(&realm).into_iter().step_by(7) {
                let widens = facts.iter().any(|facts| gains(&before, &after, &given(&request, facts)));
                prop_assert!(!widens || is_told(&own, &[Kind::Gained, Kind::Undecided], &identity, &request), "{:?} is missed", request);
            }
            for entry in own.iter().filter(|entry| entry.kind != Kind::Lost) {
                let Some(asker) = asker_of(&entry.region.holder) else { continue };
                let shown = witness(entry, &realm, &asker);
                let widens = facts.iter().any(|facts| gains(&before, &after, &given(&shown, facts)));
                prop_assert!(widens, "{:?} is not true of {:?}", entry, shown);
            }
        }
    }
}

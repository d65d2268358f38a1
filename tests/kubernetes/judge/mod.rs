//! The authorizer and the aggregation controller of Kubernetes itself, built from its source as `tests/peers/kubernetes` says, beside ours.
//!
//! Both read the same manifests of random clusters. What it allows after a change and not before has to be told as gained, the reverse as
//! lost, and what a region shows has to be so. `COUNTERSIGN_ORACLE_PAIRS` and `COUNTERSIGN_ORACLE_SEED` say how many clusters, and which.

pub mod manifest;
mod process;

use crate::manifests::diff;
use crate::model::{World, asker, change, cluster_role, identities, is_in, prod, request, universe, witness};
use crate::properties::is_told;
use countersign::change::Entry;
use countersign::systems::Kind;
use countersign::systems::kubernetes::{Asker, Identity, Request, RoleKind, RoleName};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};

/// What was judged.
#[derive(Default)]
struct Counts {
    pairs: u64,
    unequal: u64,
    requests: u64,
    witnesses: u64,
}

#[test]
fn the_authorizer_of_kubernetes_allows_nothing_new_that_is_not_told() {
    let Some(judge) = process::Judge::start() else { return };
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let pairs = number("COUNTERSIGN_ORACLE_PAIRS").unwrap_or(150);
    let seed = number("COUNTERSIGN_ORACLE_SEED").unwrap_or_else(|| RandomState::new().hash_one(0) >> 32);
    eprintln!("{pairs} pairs of clusters, COUNTERSIGN_ORACLE_SEED={seed}");
    let (judge, counts) = (RefCell::new(judge), RefCell::new(Counts::default()));
    let config = Config { cases: u32::try_from(pairs).unwrap(), failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(&change(Just(prod())), |(base, head)| judged(&base, &head, &mut judge.borrow_mut(), &mut counts.borrow_mut()));
    let Counts { pairs, unequal, requests, witnesses } = counts.into_inner();
    if let Err(TestError::Fail(why, (base, head))) = &outcome {
        let sides = [base, head].map(|side| serde_json::to_string_pretty(&manifest::by_kind(side)).unwrap());
        panic!("COUNTERSIGN_ORACLE_SEED={seed}: {why}\nbase {}\nhead {}", sides[0], sides[1]);
    }
    assert!(outcome.is_ok(), "COUNTERSIGN_ORACLE_SEED={seed}: {}", outcome.unwrap_err());
    process::record(&format!("{pairs} pairs, {unequal} of them unequal, {requests} requests, {witnesses} witnesses, seed {seed}"));
}

/// Holds one change against what the judge allows on each side.
fn judged(base: &World, head: &World, judge: &mut process::Judge, counts: &mut Counts) -> Result<(), TestCaseError> {
    let entries = diff(&manifest::read(base), &manifest::read(head));
    let asked: Vec<(Identity, Request)> = identities().into_iter().flat_map(|identity| requests_of(&identity)).collect();
    let shown: Vec<(&Entry, Request)> = entries.iter().filter_map(shown).collect();
    let of_roles = requests_of_unbound_roles([base, head]);
    let requests = asked.iter().map(|(_, request)| request).chain(&of_roles);
    let requests: Vec<&Request> = requests.chain(shown.iter().map(|(_, request)| request)).collect();
    let (before, after) = (judge.allows(base, &requests), judge.allows(head, &requests));
    let verdicts: Vec<(bool, bool)> = before.into_iter().zip(after).collect();
    let (of_asked, rest) = verdicts.split_at(asked.len());
    let (of_unbound, of_shown) = rest.split_at(of_roles.len());
    for ((identity, request), (before, after)) in asked.iter().zip(of_asked) {
        let told = |kinds: &[Kind]| is_told(&entries, kinds, identity, request);
        prop_assert!(*before || !*after || told(&[Kind::Gained, Kind::Undecided]), "gained and not told: {request:?}");
        prop_assert!(*after || !*before || told(&[Kind::Lost]), "lost and not told: {request:?}");
    }
    for (request, (before, after)) in of_roles.iter().zip(of_unbound) {
        let told = entries.iter().any(|entry| entry.kind != Kind::Lost && is_in(&entry.region, request));
        prop_assert!(*before || !*after || told, "gained by a role that nobody is seen to have, and not told: {request:?}");
    }
    for ((entry, request), (before, after)) in shown.iter().zip(of_shown) {
        let is_so = if entry.kind == Kind::Gained { !before && *after } else { *before && !after };
        prop_assert!(is_so, "{entry:?} shows {request:?}, which is {before} before and {after} after");
    }
    counts.pairs += 1;
    counts.unequal += u64::from(!entries.is_empty());
    counts.requests += (of_asked.len() + of_unbound.len()) as u64;
    counts.witnesses += of_shown.len() as u64;
    Ok(())
}

fn requests_of(identity: &Identity) -> Vec<(Identity, Request)> {
    let asker = asker(identity);
    universe().into_iter().map(|(verb, target)| (identity.clone(), request(&prod(), &asker, verb, target))).collect()
}

/// What somebody could ask who is bound elsewhere to a role that no file binds.
fn requests_of_unbound_roles(sides: [&World; 2]) -> Vec<Request> {
    let bindings = || sides.iter().flat_map(|side| &side.bindings).filter(|binding| !binding.subjects.is_empty());
    let names: BTreeSet<&RoleName> = sides.iter().flat_map(|side| &side.roles).map(|role| &role.name).collect();
    let unbound = names.into_iter().filter(|name| bindings().all(|binding| binding.role != **name));
    let requests = |name: &RoleName| {
        let asker = Asker::Role(name.clone());
        universe().into_iter().map(move |(verb, target)| request(&prod(), &asker, verb, target)).collect::<Vec<_>>()
    };
    unbound.flat_map(requests).collect()
}

/// What a region shows, where it is certain: nothing else has to be true of the world.
fn shown(entry: &Entry) -> Option<(&Entry, Request)> {
    let is_certain = entry.kind == Kind::Gained || (entry.kind == Kind::Lost && entry.region.provided.is_none());
    let asker = is_certain.then(|| asker_of(&entry.region.holder)).flatten()?;
    let shown = witness(entry, &prod(), &asker);
    assert!(is_in(&entry.region, &shown), "{entry:?} shows {shown:?}");
    Some((entry, shown))
}

fn asker_of(holder: &str) -> Option<Asker> {
    let role = || {
        let parts: Vec<&str> = holder.split('/').collect();
        match parts.as_slice() {
            ["clusterrole", name] => Some(Asker::Role(cluster_role(name))),
            ["role", namespace, name] => {
                Some(Asker::Role(RoleName { kind: RoleKind::Role, namespace: (*namespace).into(), name: (*name).into() }))
            }
            _ => None,
        }
    };
    identities().iter().find(|identity| identity.to_string() == holder).map(asker).or_else(role)
}

//! The comparisons over every system there is: the one list of them.

use super::judged::{Judged, judged};
use super::{Compared, Effort, Entry, between, beyond, differences, not_contained};
use crate::systems::aws::Aws;
use crate::systems::codeowners::Codeowners;
use crate::systems::github::Github;
use crate::systems::kubernetes::Kubernetes;
use crate::systems::{Access, System};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A side that cuts the change: each region lies wholly inside or outside of it. What it allows is in one system.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The system.
    pub system: &'static str,
    /// What it allows, to anybody.
    pub access: Access,
}

/// How the sides of one system are compared.
struct Comparison {
    id: &'static str,
    compare: fn(&Access, &Access, &[Filter], Effort) -> Compared,
    beyond: fn(&Access, &Access, &Access, Effort) -> Vec<Entry>,
    between: fn([&Access; 2], &Access, &Access, Effort) -> Vec<Entry>,
    not_contained: fn([&Access; 2], [&Access; 2], Effort) -> Vec<Entry>,
    judge: fn(&Entry, [&Access; 2]) -> Option<Judged>,
    holders: fn([&Access; 2]) -> Vec<Holder>,
}

/// Somebody, and the realm in which.
type Holder = (Arc<str>, Arc<str>);

const SYSTEMS: &[Comparison] = &[of::<Aws>(), of::<Codeowners>(), of::<Github>(), of::<Kubernetes>()];

const fn of<S: System>() -> Comparison {
    Comparison {
        id: S::ID,
        compare: |base, head, filters, effort| differences_filtered::<S>(base, head, filters, effort),
        beyond: |base, head, ceiling, effort| beyond::<S>(S::of(base), S::of(head), S::of(ceiling), effort),
        between: |sides, inside, outside, effort| between::<S>(sides.map(S::of), S::of(inside), S::of(outside), effort),
        not_contained: |today, approved, effort| not_contained::<S>(today.map(S::of), approved.map(S::of), effort),
        judge: |entry, sides| judged::<S>(entry, sides.map(S::of)),
        holders: |sides| S::subjects(&sides.map(S::of)).iter().map(S::name).collect(),
    }
}

/// [`differences`] in every system. A filter's number is its index, whatever its system is.
pub fn compare_every(base: &Access, head: &Access, filters: &[Filter], effort: Effort) -> Compared {
    let mut compared = Compared::default();
    for system in SYSTEMS {
        compared.extend((system.compare)(base, head, filters, effort));
    }
    compared
}

/// [`beyond`] in every system.
pub fn beyond_every(base: &Access, head: &Access, ceiling: &Access, effort: Effort) -> Vec<Entry> {
    SYSTEMS.iter().flat_map(|system| (system.beyond)(base, head, ceiling, effort)).collect()
}

/// [`between`] in every system.
pub fn between_every(sides: [&Access; 2], inside: &Access, outside: &Access, effort: Effort) -> Vec<Entry> {
    SYSTEMS.iter().flat_map(|system| (system.between)(sides, inside, outside, effort)).collect()
}

/// [`not_contained`] in every system.
pub fn not_contained_every(today: [&Access; 2], approved: [&Access; 2], effort: Effort) -> Vec<Entry> {
    SYSTEMS.iter().flat_map(|system| (system.not_contained)(today, approved, effort)).collect()
}

/// What the sides say of the request of an entry's witness; `None` where it has none, or none that can be judged.
pub fn judge(entry: &Entry, sides: [&Access; 2]) -> Option<Judged> {
    let system = SYSTEMS.iter().find(|system| Some(system.id) == entry.system)?;
    (system.judge)(entry, sides)
}

/// Whoever has some access, and the realm in which.
pub fn holders(access: &Access) -> BTreeSet<Holder> {
    let nothing = Access::default();
    SYSTEMS.iter().flat_map(|system| (system.holders)([&nothing, access])).collect()
}

/// Only the filters of the system are sides of its comparison: one that allows nothing there would still cost a side.
fn differences_filtered<S: System>(base: &Access, head: &Access, filters: &[Filter], effort: Effort) -> Compared {
    let own = filters.iter().enumerate().filter(|(_, filter)| filter.system == S::ID);
    let (numbers, sides): (Vec<usize>, Vec<&S::Rules>) = own.map(|(number, filter)| (number, S::of(&filter.access))).unzip();
    let Compared { entries, vacuous } = differences::<S>(S::of(base), S::of(head), &sides, effort);
    let numbered = |within: BTreeSet<usize>| within.into_iter().filter_map(|index| numbers.get(index).copied()).collect();
    let entries = entries.into_iter().map(|entry| Entry { within: numbered(entry.within), ..entry }).collect();
    Compared { entries, vacuous }
}

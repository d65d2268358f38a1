//! Who comes to have something of two roles that a rule keeps apart.

use super::Joined;
use super::policies::Loaded;
use crate::change::{self, Effort, Entry};
use crate::policy::{Both, Pair};
use crate::systems::{Access, Kind, kubernetes};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Loaded {
    /// What is gained by holders who have something of both roles afterwards, for every pair that a rule asks about.
    pub(super) fn both(&self, joined: &Joined, change: &[Entry]) -> Vec<Both> {
        let gained: Vec<&Entry> = change.iter().filter(|entry| entry.kind != Kind::Lost).collect();
        let both = |pair: &Pair| {
            // Without a gain nobody comes to have anything.
            let entries = if gained.is_empty() { Vec::new() } else { self.of_both(pair, joined, &gained)? };
            Some(Both { pair: pair.clone(), entries })
        };
        // Of a pair that is left out it is not known, and the decision says so.
        self.policy.pairs().into_iter().filter_map(both).collect()
    }

    /// What a ceiling has and the other has not is what tells a role. Whoever may have gained anything may have gained that.
    fn of_both(&self, Pair([one, other]): &Pair, joined: &Joined, gained: &[&Entry]) -> Option<Vec<Entry>> {
        let ceiling = |role: &Arc<str>| self.ceilings.iter().find(|(ceiling, _)| ceiling.role == *role);
        let (one, other) = (ceiling(one)?, ceiling(other)?);
        let ((base, head), nothing) = (joined.access(), Access::default());
        let within =
            |from: &Access, inside: &Access, outside: &Access| change::between_every([from, head], inside, outside, Effort::default());
        let of_one = holders(&within(&nothing, &one.1, &other.1));
        let of_other = holders(&within(&nothing, &other.1, &one.1));
        let is_undecided = |entry: &&&Entry| entry.kind == Kind::Undecided;
        let anything = holders(gained.iter().filter(is_undecided).copied());
        let is_told = |entry: &Entry| {
            let holder = holder(entry);
            let (has_one, has_other) = (has(&of_one, &holder), has(&of_other, &holder));
            (has_one && has_other) || ((has_one || has_other) && has(&anything, &holder))
        };
        let is_named = |entry: &Entry| [&one.0, &other.0].iter().all(|role| role.holds(&entry.region.holder, &entry.region.realm));
        let told = [within(base, &one.1, &other.1), within(base, &other.1, &one.1)].concat().into_iter().filter(is_told);
        let rest = gained.iter().copied().filter(|entry| is_named(entry) || (entry.kind == Kind::Undecided && is_told(entry))).cloned();
        Some(told.chain(rest).collect::<BTreeSet<Entry>>().into_iter().collect())
    }
}

type Holder = (Arc<str>, Arc<str>);

/// Somebody in a realm.
fn holder(entry: &Entry) -> Holder {
    (Arc::clone(&entry.region.holder), Arc::clone(&entry.region.realm))
}

/// Whether somebody is one of these, is in a group that is, or is a group in which one of these is.
fn has(these: &BTreeSet<Holder>, somebody: &Holder) -> bool {
    let (name, realm) = somebody;
    let is_in = |group: &str, name: &str| kubernetes::is_among(group, |start| name.starts_with(start));
    these.contains(somebody) || these.iter().any(|(other, of)| of == realm && (is_in(other, name) || is_in(name, other)))
}

fn holders<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> BTreeSet<Holder> {
    entries.into_iter().map(holder).collect()
}

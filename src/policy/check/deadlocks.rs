//! Approvals that nobody can give: too few people for all the seats that rules ask to be filled, since nobody is counted twice.

use super::super::file::{Approvals, Select};
use super::super::quorum::{self, May, Seats};
use super::super::{Policy, Rule, words};
use super::Draft;
use crate::diagnostic::{Remarks, Way};
use crate::proposal::Person;
use crate::systems::Severity;
use std::collections::BTreeSet;

impl Draft<'_> {
    /// Requirements that nobody can fill, beyond those of a single group, which the loader tells.
    pub(super) fn about_people(&self, policy: &Policy, remarks: &mut Remarks<'_>) {
        for (index, rule) in self.written.rules.iter().enumerate() {
            let Some(require) = &rule.require else { continue };
            let way = Way::root().key("rules").item(index).key("require").key("approvals");
            let approvals = require.approvals.as_deref().unwrap_or_default();
            if groups_alone_suffice(approvals, policy) {
                about_seats(&seats(approvals, policy), &way, remarks);
            }
        }
    }

    /// Rules that are about one gain hold together, and nobody is counted for two of them. They surely are about one where a rule asks of
    /// access nothing that the other does not ask as well.
    pub(super) fn about_rules_together(&self, policy: &Policy, remarks: &mut Remarks<'_>) {
        let holds = |rule: &&Rule| rule.directory.is_none() && rule.is_unconditional();
        let always: BTreeSet<&str> = policy.rules.iter().filter(holds).map(|rule| &*rule.name).collect();
        let own = self.written.rules.iter().enumerate().filter(|(_, rule)| always.contains(rule.name.as_str()));
        let asking = own.filter_map(|(index, rule)| {
            let seats = seats(rule.require.as_ref()?.approvals.as_deref()?, policy);
            let needed = needed(&seats)?;
            Some(Asking { index, name: &rule.name, gains: rule.when.gains.as_ref()?, seats, needed })
        });
        let asking: Vec<Asking<'_>> = asking.collect();
        let together = asking.iter().map(|one| (one, asking.iter().filter(|other| covers(other.gains, one.gains)).collect()));
        let mut together: Vec<(&Asking<'_>, Vec<&Asking<'_>>)> = together.collect();
        together.sort_by_key(|(_, rules)| rules.len());
        let mut told: Vec<BTreeSet<usize>> = Vec::new();
        for (narrow, rules) in together {
            let set: BTreeSet<usize> = rules.iter().map(|one| one.index).collect();
            if !told.iter().any(|told| told.is_subset(&set)) && about_seats_together(narrow, &rules, remarks) {
                told.push(set);
            }
        }
    }

    /// Whoever asks to break the glass is nobody who agrees.
    pub(super) fn about_break_glass(&self, policy: &Policy, remarks: &mut Remarks<'_>) {
        let Some(glass) = &self.written.break_glass else { return };
        let way = Way::root().key("break-glass").key("approvals");
        if !groups_alone_suffice(&glass.approvals, policy) {
            return;
        }
        let seats = seats(&glass.approvals, policy);
        let askers: BTreeSet<&Person> = glass.requested_by.iter().filter_map(|group| policy.groups.get(&**group)).flatten().collect();
        let needed = needed(&seats);
        let is_stuck = |person: &&Person| needed.as_ref().is_none_or(|needed| needed.contains(person));
        let stuck: Vec<&Person> = askers.into_iter().filter(is_stuck).collect();
        if !stuck.is_empty() {
            let message = format!("nobody can agree when {} asks, for whoever asks does not count", words::people(stuck, "or"));
            remarks.warning(&way, "approval-deadlock", message, "add members, or ask for fewer approvals");
        }
    }
}

/// Whether each group, asked alone, has as many people as are asked of it.
fn groups_alone_suffice(approvals: &[Approvals], policy: &Policy) -> bool {
    let lines = || approvals.iter();
    let asked = |group: &str| lines().filter(|line| line.from == group).map(|line| line.count as usize).sum::<usize>();
    lines().all(|line| policy.groups.get(&*line.from).is_some_and(|people| people.len() >= asked(&line.from)))
}

/// The people who may sit in each seat of a requirement.
fn seats<'p>(approvals: &[Approvals], policy: &'p Policy) -> Vec<BTreeSet<&'p Person>> {
    let people = |group: &str| policy.groups.get(group).into_iter().flatten().collect::<BTreeSet<_>>();
    approvals.iter().flat_map(|line| std::iter::repeat_n(people(&line.from), line.count as usize)).collect()
}

/// A rule that asks for approvals of whoever gains something.
struct Asking<'a> {
    index: usize,
    name: &'a str,
    gains: &'a Select,
    seats: Vec<BTreeSet<&'a Person>>,
    /// Those without whom its own seats stay empty.
    needed: BTreeSet<&'a Person>,
}

/// Whether what is about the one is about the other, by what is written alone.
pub(super) fn covers(wide: &Select, narrow: &Select) -> bool {
    fn leaves_open<T: PartialEq>(wide: Option<&T>, narrow: Option<&T>) -> bool {
        wide.is_none() || wide == narrow
    }
    let Select { system, actions, resources, namespaces, principals, holders, realm, environment, severity, .. } = wide;
    let Select { reasons, paths, expires, longer_than, .. } = wide;
    leaves_open(system.as_ref(), narrow.system.as_ref())
        && leaves_open(actions.as_ref(), narrow.actions.as_ref())
        && leaves_open(resources.as_ref(), narrow.resources.as_ref())
        && leaves_open(namespaces.as_ref(), narrow.namespaces.as_ref())
        && leaves_open(principals.as_ref(), narrow.principals.as_ref())
        && leaves_open(holders.as_ref(), narrow.holders.as_ref())
        && leaves_open(realm.as_ref(), narrow.realm.as_ref())
        && leaves_open(environment.as_ref(), narrow.environment.as_ref())
        && severity.is_none_or(|least| least == Severity::Low || narrow.severity.is_some_and(|severity| severity >= least))
        && leaves_open(reasons.as_ref(), narrow.reasons.as_ref())
        && leaves_open(paths.as_ref(), narrow.paths.as_ref())
        && leaves_open(expires.as_ref(), narrow.expires.as_ref())
        && leaves_open(longer_than.as_ref(), narrow.longer_than.as_ref())
}

/// Whether there is something to say of rules that hold together wherever the narrowest of them does.
fn about_seats_together(narrow: &Asking<'_>, rules: &[&Asking<'_>], remarks: &mut Remarks<'_>) -> bool {
    let seats: Vec<_> = rules.iter().flat_map(|one| one.seats.iter().cloned()).collect();
    let names = words::quoted(rules.iter().map(|one| one.name), "and");
    let is_every_gain = covers(narrow.gains, &Select::default());
    let what = if is_every_gain { "every gain".to_owned() } else { format!("a gain that `{}` is about", narrow.name) };
    let way = Way::root().key("rules").item(rules.last().map_or(narrow.index, |one| one.index)).key("require").key("approvals");
    let Some(needed) = needed(&seats) else {
        let message = format!("{what} needs the people of {names}, who are too few together, for nobody is counted twice");
        remarks.warning(&way, "approval-deadlock", message, "add members, ask for fewer approvals, or narrow a rule");
        return true;
    };
    // Of those whom a rule needs by itself, that rule tells.
    let needed: Vec<&Person> = needed.into_iter().filter(|person| !rules.iter().any(|one| one.needed.contains(person))).collect();
    if !needed.is_empty() {
        let people = words::people(needed.iter().copied(), "or");
        let message = format!("{what} needs the people of {names} together: one by {people} can never be approved");
        remarks.note(&way, "approval-tight", message, "add members, if they should be able to propose such a change");
    }
    !needed.is_empty()
}

fn about_seats(seats: &[BTreeSet<&Person>], way: &Way, remarks: &mut Remarks<'_>) {
    let Some(needed) = needed(seats) else {
        let message = "these groups have too few people together, for nobody is counted twice";
        return remarks.warning(way, "approval-deadlock", message, "add members, or ask for fewer approvals");
    };
    if !needed.is_empty() {
        let message =
            format!("a change by {} can never be approved, since authors do not count", words::people(needed.iter().copied(), "or"));
        remarks.note(way, "approval-tight", message, "add members, if they should be able to propose such a change");
    }
}

/// Those without any one of whom a seat stays empty, whoever else approves; `None` if one stays empty anyway.
fn needed<'p>(seats: &[BTreeSet<&'p Person>]) -> Option<BTreeSet<&'p Person>> {
    let ids: Vec<BTreeSet<u64>> = seats.iter().map(|seat| seat.iter().map(|person| person.id).collect()).collect();
    let (kinds, may): (Vec<usize>, Vec<May<'_>>) = ids.iter().enumerate().unzip();
    let needed = quorum::indispensable(Seats { kinds: &kinds, may: &may })?;
    Some(seats.iter().flatten().copied().filter(|person| needed.contains(&person.id)).collect())
}

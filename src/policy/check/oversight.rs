//! What is allowed to stand in a policy and locks somebody out all the same, or says something that nobody asks for. Whoever runs the
//! gate is not told; whoever asks about the policy is.

use super::super::file::{Approvals, Select};
use super::super::quorum::{self, May, Seats};
use super::super::select::{Fit, Trigger};
use super::super::window::WindowNames;
use super::super::{Asks, Policy, Rule, words};
use super::{Draft, Nested};
use crate::diagnostic::{Diagnostic, Remarks, Way};
use crate::proposal::Person;
use crate::systems::Kind;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

impl Draft<'_> {
    /// What the writer of a sound policy has probably overlooked. `own` are the paths under which the policy may stand.
    pub fn oversights(&self, policy: &Policy, own: &[&str], now: DateTime<Utc>) -> Vec<Diagnostic> {
        let mut remarks = Remarks::new(self.file, &self.document);
        self.about_edits(policy, own, &mut remarks);
        about_gains(policy, &mut remarks);
        self.about_people(policy, &mut remarks);
        self.about_rules_together(policy, &mut remarks);
        self.about_break_glass(policy, &mut remarks);
        self.about_labels(&mut remarks);
        about_windows(policy, now, &mut remarks);
        self.about_unused(&mut remarks);
        let mut all = remarks.into_sorted();
        all.extend(self.nested.iter().flat_map(|nested| nested.oversights(policy)));
        all
    }

    /// An edit of the gate's own files that no rule is about is denied, for ever.
    fn about_edits(&self, policy: &Policy, own: &[&str], remarks: &mut Remarks<'_>) {
        let is_covered = |path: &str| {
            let may = policy.rules.iter().filter(|rule| policy.most_of_edit(rule, path) == Fit::Wholly);
            may.flat_map(|rule| &rule.when).any(|trigger| trigger.is_about_edits_of(path))
        };
        if let Some(path) = own.first().filter(|_| !own.iter().any(|path| is_covered(path))) {
            let message = "no rule is about edits of this file, so every change of it is denied";
            let help = format!("add a rule with `when: {{ edits: [{path}] }}` that says who has to approve them");
            remarks.warning_of_file("edits-denied", message, help);
        }
        let nested = self.nested.iter().map(Nested::path);
        for path in policy.included.iter().map(|path| &**path).chain(nested).filter(|path| !is_covered(path)) {
            let what = if self.calendars.contains_key(path) { "the calendar " } else { "" };
            let message = format!("no rule is about edits of {what}`{path}`, so every change of it is denied");
            let help = format!("add `{path}` to a rule with `edits`");
            if self.people_file() == Some(path) {
                remarks.warning(&Way::root().key("people-file"), "edits-denied", message, help);
            } else if self.calendars.contains_key(path) {
                remarks.warning(&Way::root().key("windows"), "edits-denied", message, help);
            } else {
                remarks.warning_of_file("edits-denied", message, help);
            }
        }
    }

    /// Requirements that nobody can fill, beyond those of a single group, which the loader tells.
    fn about_people(&self, policy: &Policy, remarks: &mut Remarks<'_>) {
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
    fn about_rules_together(&self, policy: &Policy, remarks: &mut Remarks<'_>) {
        let holds = |rule: &&Rule| rule.directory.is_none() && rule.is_unconditional();
        let always: BTreeSet<&str> = policy.rules.iter().filter(holds).map(|rule| &*rule.name).collect();
        let own = self.written.rules.iter().enumerate().filter(|(_, rule)| always.contains(rule.name.as_str()));
        let asking = own.filter_map(|(index, rule)| {
            let seats = seats(rule.require.as_ref()?.approvals.as_deref()?, policy);
            Some(Asking { index, name: &rule.name, gains: rule.when.gains.as_ref()?, seats })
        });
        let asking: Vec<Asking<'_>> = asking.filter(|one| !lacks_people(&one.seats, None)).collect();
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
    fn about_break_glass(&self, policy: &Policy, remarks: &mut Remarks<'_>) {
        let Some(glass) = &self.written.break_glass else { return };
        let way = Way::root().key("break-glass").key("approvals");
        if !groups_alone_suffice(&glass.approvals, policy) {
            return;
        }
        let seats = seats(&glass.approvals, policy);
        let askers: BTreeSet<&Person> = glass.requested_by.iter().filter_map(|group| policy.groups.get(&**group)).flatten().collect();
        let stuck: Vec<&Person> = askers.into_iter().filter(|person| lacks_people(&seats, Some(person))).collect();
        if !stuck.is_empty() {
            let message = format!("nobody can agree when {} asks, for whoever asks does not count", words::people(stuck, "or"));
            remarks.warning(&way, "approval-deadlock", message, "add members, or ask for fewer approvals");
        }
    }

    /// A label is no approval: whoever may label may set it, the author too.
    pub(super) fn about_labels(&self, remarks: &mut Remarks<'_>) {
        for (index, rule) in self.written.rules.iter().enumerate() {
            let opens = rule.allow == Some(true) && rule.circumstances.as_ref().is_some_and(|written| written.labelled.is_some());
            if opens {
                let way = Way::root().key("rules").item(index).key("if").key("labelled");
                let message = "whoever may label lets such a change through, its author too";
                remarks.warning(&way, "label-opens", message, "ask for an approval instead of `allow: true`");
            }
        }
    }

    /// Groups and windows of this policy that no rule names. A role needs no rule: what is over its ceiling is denied without one.
    fn about_unused(&self, remarks: &mut Remarks<'_>) {
        let drafts = || std::iter::once(self).chain(self.nested.iter().map(Nested::draft));
        let requires = || drafts().flat_map(|draft| &draft.written.rules).filter_map(|rule| rule.require.as_ref());
        let glass = self.written.break_glass.as_ref();
        let lines =
            requires().flat_map(|require| require.approvals.iter().flatten()).chain(glass.iter().flat_map(|glass| &glass.approvals));
        let of_lines = lines.flat_map(|line| line.not_written_by.iter().flatten().chain([&line.from]));
        let of_glass = glass.iter().flat_map(|glass| glass.requested_by.iter().chain([&glass.review.from]));
        let of_delegations = self.written.delegate.iter().map(|delegation| &delegation.to);
        let groups: BTreeSet<&str> = of_lines.chain(of_glass).chain(of_delegations).map(String::as_str).collect();
        let windows: BTreeSet<&str> =
            requires().flat_map(|require| require.window.iter().flat_map(WindowNames::names)).map(String::as_str).collect();
        let people = &self.written.people;
        let listed = people.groups.keys().map(|name| ("groups", name)).chain(people.teams.keys().map(|name| ("teams", name)));
        for (key, name) in listed.filter(|(_, name)| !groups.contains(name.as_str())) {
            let way = Way::root().key("people").key(key).key(name);
            remarks.warning(&way, "unused-name", format!("no rule asks the group `{name}`"), "name it in a rule, or remove it");
        }
        for name in self.written.windows.keys().filter(|name| !windows.contains(name.as_str())) {
            let way = Way::root().key("windows").key(name);
            remarks.warning(&way, "unused-name", format!("no rule asks for the window `{name}`"), "name it in a rule, or remove it");
        }
    }
}

impl Trigger {
    fn is_about_edits_of(&self, path: &str) -> bool {
        matches!(self, Self::Edits(globs) if globs.is_match(path))
    }
}

fn about_gains(policy: &Policy, remarks: &mut Remarks<'_>) {
    let is_about_gains = |trigger: &Trigger| matches!(trigger, Trigger::Access(Kind::Gained, _));
    if !policy.rules.iter().any(|rule| rule.when.iter().any(is_about_gains) && !matches!(rule.asks, Asks::Deny(_))) {
        let message = "no rule says what a gain needs, so every gain is denied";
        remarks.warning_of_file("gains-denied", message, "add a rule with `when: { gains: {} }` and `require`");
    }
}

fn about_windows(policy: &Policy, now: DateTime<Utc>, remarks: &mut Remarks<'_>) {
    for (name, window) in &policy.windows {
        let way = Way::root().key("windows").key(name);
        if window.next_opening(now).is_none() {
            let message = format!("`{name}` does not open in the next five years");
            remarks.warning(&way, "window-never-opens", message, "shorten what closes it; `window explain` says what that is");
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
}

/// Whether what is about the one is about the other, by what is written alone.
fn covers(wide: &Select, narrow: &Select) -> bool {
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
        && severity.is_none_or(|least| narrow.severity.is_some_and(|severity| severity >= least))
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
    if lacks_people(&seats, None) {
        let message = format!("{what} needs the people of {names}, who are too few together, for nobody is counted twice");
        remarks.warning(&way, "approval-deadlock", message, "add members, ask for fewer approvals, or narrow a rule");
        return true;
    }
    let everybody: BTreeSet<&Person> = seats.iter().flatten().copied().collect();
    let is_needed = |person: &&Person| {
        let alone = rules.iter().any(|one| lacks_people(&one.seats, Some(person)));
        !alone && lacks_people(&seats, Some(person))
    };
    let needed: Vec<&Person> = everybody.into_iter().filter(is_needed).collect();
    if !needed.is_empty() {
        let people = words::people(needed.iter().copied(), "or");
        let message = format!("{what} needs the people of {names} together: one by {people} can never be approved");
        remarks.note(&way, "approval-tight", message, "add members, if they should be able to propose such a change");
    }
    !needed.is_empty()
}

fn about_seats(seats: &[BTreeSet<&Person>], way: &Way, remarks: &mut Remarks<'_>) {
    if lacks_people(seats, None) {
        let message = "these groups have too few people together, for nobody is counted twice";
        return remarks.warning(way, "approval-deadlock", message, "add members, or ask for fewer approvals");
    }
    let everybody: BTreeSet<&Person> = seats.iter().flatten().copied().collect();
    let needed: Vec<&Person> = everybody.into_iter().filter(|person| lacks_people(seats, Some(person))).collect();
    if !needed.is_empty() {
        let message = format!("a change by {} can never be approved, since authors do not count", words::people(needed, "or"));
        remarks.note(way, "approval-tight", message, "add members, if they should be able to propose such a change");
    }
}

/// Whether seats stay empty, whoever approves, without this person.
fn lacks_people(seats: &[BTreeSet<&Person>], without: Option<&Person>) -> bool {
    let ids = |seat: &BTreeSet<&Person>| seat.iter().filter(|person| Some(**person) != without).map(|person| person.id).collect();
    let seats: Vec<BTreeSet<u64>> = seats.iter().map(ids).collect();
    let (kinds, may): (Vec<usize>, Vec<May<'_>>) = seats.iter().enumerate().unzip();
    !quorum::too_few(Seats { kinds: &kinds, may: &may }).is_empty()
}

//! What is allowed to stand in a policy and locks somebody out all the same, or says something that nobody asks for. Whoever runs the
//! gate is not told; whoever asks about the policy is.

use super::super::fit::Fit;
use super::super::select::Trigger;
use super::super::window::{State, WindowNames};
use super::super::{Asks, Policy};
use super::{Draft, Nested};
use crate::diagnostic::{Diagnostic, Remarks, Way};
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
        self.about_openings(policy, own, &mut remarks);
        self.about_unknown(&mut remarks);
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
        } else if !window.heeds_freezes() && matches!(window.at(now), State::Open { closes: None, .. }) {
            let message = format!("nothing closes `{name}` in the next five years, so asking for it asks for nothing");
            remarks.warning(&way, "window-never-closes", message, "add what closes it, or take it out of the rules that ask for it");
        }
    }
}

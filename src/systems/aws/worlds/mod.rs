//! What a policy variable may turn out to be. Cells tell a variable from every text and from every other variable; whoever has a value
//! that is spelt out elsewhere is told no cell of his own: `b/${aws:PrincipalTag/team}/*` is `b/finance/*` for who has that tag.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
//!
//! So the sides are compared once more for each such value, with the value in the variable's place and only for requests that have it.
//! What a pattern leaves to both, as `b/*/secret` and `b/${aws:PrincipalTag/team}/*` do, is asked about in no world of its own.

mod meetings;
mod place;
mod values;

use super::differences::Element;
use super::near::Near;
use super::pattern::{Patterns, Resource};
use super::side::Side;
use super::subject::Subject;
use super::{Action, Rules, Statement};
use crate::access::{Budget, Exhausted, Glob};
use crate::systems::World;
use meetings::{Meetings, Told};
use place::Place;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use values::{Values, filled_in, fills, is_open, symbols};

/// More values than this are not asked about one by one: then all is undecided.
const MOST: usize = 64;

/// Every world in which a pattern with variables is about something that other patterns name and that no cell has in all of them.
pub(super) fn worlds(subject: &Subject<'_>, sides: &[&Rules], budget: &mut Budget) -> Result<Vec<World<Rules>>, Exhausted> {
    let patterns: BTreeSet<&Resource> = statements(subject).flat_map(|statement| &statement.resources.list).collect();
    let mut open: Vec<&Resource> = patterns.iter().copied().filter(|pattern| is_open(pattern)).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    // Those with most variables first: where one is read in too many ways, nothing else counts.
    open.sort_by_key(|pattern| Reverse(symbols(pattern).count()));
    let (asked, changed) = (asked(subject), changed(subject));
    let mut told: BTreeMap<Told<'_>, Values> = BTreeMap::new();
    for pattern in &open {
        let beside = beside(subject, pattern);
        let meetings = Meetings::of(pattern, &beside, &asked, budget)?;
        if changed.as_ref().is_some_and(|changed| !meetings.meets_one_of(changed)) {
            continue;
        }
        let is_changed = |(about, _): &Told<'_>| changed.as_ref().is_none_or(|changed| !changed.is_disjoint(about));
        for (what, values) in meetings.values(budget)?.into_iter().filter(|(what, _)| is_changed(what)) {
            told.entry(what).or_insert(values);
        }
    }
    let found: BTreeSet<Values> = told.into_values().collect();
    if found.len() > MOST {
        return Err(Exhausted);
    }
    let world = |values| {
        let here = open.iter().filter(|pattern| fills(pattern, values)).map(|pattern| filled_in(pattern, values)).collect();
        let actions = actions(subject, values);
        Place { subject, patterns: &patterns, values, here, actions: &actions, near: Near::new(&actions.list) }.world(&open, sides, budget)
    };
    found.iter().map(world).collect()
}

/// The patterns of what only one side says: of requests that none of them is about, both say the same. None where that cannot be told
/// from patterns.
fn changed<'s>(subject: &Subject<'s>) -> Option<BTreeSet<&'s Resource>> {
    let mut changed = BTreeSet::new();
    for row in subject.changed.iter().flatten() {
        match &row.resources {
            Element::Some(list) => changed.extend(list.iter().copied()),
            Element::Not(_) => return None,
        }
    }
    (!subject.cap_comes_or_goes()).then_some(changed)
}

/// The patterns of statements that are about something that is done on this one.
fn beside<'s>(subject: &Subject<'s>, pattern: &Resource) -> BTreeSet<&'s Resource> {
    let is_naming = |statement: &&Statement| statement.resources.list.contains(pattern);
    let naming: Vec<&Statement> = statements(subject).filter(is_naming).collect();
    let is_any = naming.iter().any(|statement| statement.actions.negated);
    let done = Near::new(naming.iter().flat_map(|statement| &statement.actions.list));
    let is_near = |actions: &Patterns<Action>| is_any || actions.negated || actions.list.iter().any(|action| done.may_meet(action));
    statements(subject).filter(|statement| is_near(&statement.actions)).flat_map(|statement| &statement.resources.list).collect()
}

/// What the conditions hold the value of each key against, by the key in lower case.
fn asked(subject: &Subject<'_>) -> BTreeMap<Box<str>, Vec<Glob>> {
    let mut asked: BTreeMap<Box<str>, BTreeSet<Glob>> = BTreeMap::new();
    for (key, glob) in statements(subject).flat_map(|statement| statement.condition.texts()) {
        asked.entry(key).or_default().insert(glob);
    }
    asked.into_iter().map(|(key, globs)| (key, globs.into_iter().collect())).collect()
}

fn statements<'s>(subject: &Subject<'s>) -> impl Iterator<Item = &'s Statement> {
    subject.sides.iter().flat_map(Side::all).map(|grant| &*grant.statement)
}

/// What statements do in which a variable has a value: for any other action they are here as they are everywhere.
fn actions(subject: &Subject<'_>, values: &Values) -> Patterns<Action> {
    let filled = statements(subject).filter(|statement| statement.resources.list.iter().any(|pattern| fills(pattern, values)));
    let listed = |statement: &Statement| (!statement.actions.negated).then(|| statement.actions.list.clone());
    let lists: Option<Vec<Vec<Action>>> = filled.map(listed).collect();
    lists.map_or_else(Patterns::any, |lists| Patterns::new(false, lists.concat()))
}

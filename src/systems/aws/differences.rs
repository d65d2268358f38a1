//! What only one of two sides says, as few and small rows as that takes: nine of ten edits touch a few names in long lists.

use super::near::Near;
use super::pattern::{Notation, Patterns};
use super::side::Side;
use super::{Action, Condition, Effect, Principal, Resource, Statement};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// A statement, or what is left of it without what the other side says as well.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row<'a> {
    pub(super) is_cap: bool,
    pub(super) effect: Effect,
    pub(super) condition: &'a Condition,
    pub(super) principals: Element<'a, Principal>,
    pub(super) actions: Element<'a, Action>,
    pub(super) resources: Element<'a, Resource>,
}

/// Some of the patterns of a list, or everything but all of them.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Element<'a, P> {
    Some(Vec<&'a P>),
    Not(&'a Patterns<P>),
}

impl<P> Clone for Element<'_, P> {
    fn clone(&self) -> Self {
        match self {
            Self::Some(list) => Self::Some(list.clone()),
            Self::Not(patterns) => Self::Not(patterns),
        }
    }
}

impl<'a, P: Notation> Element<'a, P> {
    fn of(patterns: &'a Patterns<P>) -> Self {
        if patterns.negated { Self::Not(patterns) } else { Self::Some(patterns.list.iter().collect()) }
    }
}

/// Whatever some elements may be about.
pub(super) enum Reach<'a, P> {
    Some(Near<'a, P>),
    All,
}

impl<'a, P: Notation> Reach<'a, P> {
    pub(super) fn of<'e>(elements: impl Iterator<Item = &'e Element<'a, P>>) -> Self
    where
        'a: 'e,
        P: 'a,
    {
        let mut patterns = Vec::new();
        for element in elements {
            match element {
                Element::Some(list) => patterns.extend(list.iter().copied()),
                Element::Not(_) => return Self::All,
            }
        }
        Self::Some(Near::new(patterns))
    }

    /// False only when the pattern matches nothing that is meant.
    pub(super) fn may_hold(&self, pattern: &P) -> bool {
        match self {
            Self::Some(near) => near.may_meet(pattern),
            Self::All => true,
        }
    }

    /// False only when nothing that the patterns mean is meant.
    pub(super) fn may_meet(&self, patterns: &Patterns<P>) -> bool {
        patterns.negated || patterns.list.iter().any(|pattern| self.may_hold(pattern))
    }
}

impl<'a> Row<'a> {
    fn of((is_cap, statement): (bool, &'a Arc<Statement>)) -> Self {
        Self {
            is_cap,
            effect: statement.effect,
            condition: &statement.condition,
            principals: Element::of(&statement.principals),
            actions: Element::of(&statement.actions),
            resources: Element::of(&statement.resources),
        }
    }
}

/// What only the first, and what only the second says. Equal statements in equal places allow equal requests, however they are cut
/// into statements.
pub(super) fn differences<'a>([base, head]: &[Side<'a>; 2]) -> [Vec<Row<'a>>; 2] {
    let (mut base, mut head) = (stated(base), stated(head));
    // Most documents begin and end as before, and need not be sorted for that.
    while !base.is_empty() && base.front() == head.front() {
        base.pop_front();
        head.pop_front();
    }
    while !base.is_empty() && base.back() == head.back() {
        base.pop_back();
        head.pop_back();
    }
    let [base, head] = [base, head].map(BTreeSet::from_iter);
    let mut rows = [&base - &head, &head - &base].map(|only| only.into_iter().map(Row::of).collect());
    without_common(&mut rows, |row| &mut row.actions);
    without_common(&mut rows, |row| &mut row.resources);
    without_common(&mut rows, |row| &mut row.principals);
    rows
}

/// Every statement, those of a cap apart. What both sides were read from the same text for is seen to be equal at once.
fn stated<'a>(side: &Side<'a>) -> VecDeque<(bool, &'a Arc<Statement>)> {
    let grants = side.grants.iter().map(|grant| (false, &grant.statement));
    grants.chain(side.cap.iter().flatten().map(|grant| (true, &grant.statement))).collect()
}

/// Takes from rows that are equal but for one element what both sides list there.
fn without_common<'a, P: Notation>(rows: &mut [Vec<Row<'a>>; 2], element: for<'r> fn(&'r mut Row<'a>) -> &'r mut Element<'a, P>) {
    let [base, head] = rows.each_mut().map(|rows| {
        let mut listed: BTreeMap<Row<'a>, Vec<&'a P>> = BTreeMap::new();
        for row in rows {
            let Element::Some(list) = element(row) else { continue };
            let list = std::mem::take(list);
            listed.entry(row.clone()).or_default().extend(&list);
            *element(row) = Element::Some(list);
        }
        for list in listed.values_mut() {
            list.sort();
        }
        listed
    });
    for (rows, other) in rows.iter_mut().zip([head, base]) {
        rows.retain_mut(|row| {
            let Element::Some(list) = element(row) else { return true };
            let list = std::mem::take(list);
            let common = other.get(row).map_or(&[][..], Vec::as_slice);
            let left = without(list, common);
            let is_left = !left.is_empty();
            *element(row) = Element::Some(left);
            is_left
        });
    }
}

/// What of a sorted list is not in another one.
fn without<'a, P: Ord>(list: Vec<&'a P>, common: &[&P]) -> Vec<&'a P> {
    let mut common = common.iter().peekable();
    let mut left = list;
    left.retain(|pattern| {
        while common.next_if(|other| *other < pattern).is_some() {}
        common.peek().is_none_or(|other| *other != pattern)
    });
    left
}

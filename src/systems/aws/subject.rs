//! One holder in one realm: the statements of each side that decide its access.

use super::cell::Cell;
use super::condition::{OfKey, Variables};
use super::differences::{Reach, Row, differences};
use super::side::Side;
use super::{Atom, Attachment, Condition, Effect, Grant, Notation, Rules, Slot, Statement};
use crate::access::{By, Exhausted, Formula, Formulas};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One holder in one realm, and what decides its access on each side.
pub struct Subject<'a> {
    pub(super) realm: Arc<str>,
    pub(super) holder: Arc<str>,
    pub(super) slot: Slot,
    /// Only with what concerns the change.
    pub(super) sides: Vec<Side<'a>>,
    /// The first two sides with all that they say.
    pub(super) whole: [Side<'a>; 2],
    /// What only one of the first two sides says.
    pub(super) changed: [Vec<Row<'a>>; 2],
    pub(super) variables: Variables,
}

impl<'a> Subject<'a> {
    /// None where the first two sides say the same: nine of ten edits end here.
    pub(super) fn new(key: &Key, mut sides: Vec<Side<'a>>) -> Option<Self> {
        let [base, head, ..] = sides.as_slice() else { return None };
        let whole = [base.clone(), head.clone()];
        let changed = differences(&whole);
        let same_cap = base.cap.is_some() == head.cap.is_some();
        if same_cap && changed.iter().all(Vec::is_empty) {
            return None;
        }
        if same_cap {
            keep_concerned(&mut sides, &changed);
        }
        let mut first = 0;
        for side in &mut sides {
            side.first = first;
            first += side.all().count();
        }
        let statements = || sides.iter().flat_map(Side::all).map(|grant| &*grant.statement);
        let conditions = || statements().map(|statement| &statement.condition);
        let resources = statements().flat_map(|statement| &statement.resources.list).map(Notation::text);
        let filled = Condition::default().filling(resources).about(conditions());
        let variables = Variables::new(conditions().chain([&filled]));
        let holder = key.holder.clone().unwrap_or_default();
        Some(Self { realm: Arc::clone(&key.realm), holder, slot: key.slot, sides, whole, changed, variables })
    }

    /// Values for what may be anything: none lies in a pattern of a resource that spells out some of it, nor is it in this resource.
    pub(super) fn samples(&self, resource: &str) -> impl Iterator<Item = String> {
        let fresh = move || {
            let patterns = self.sides.iter().flat_map(Side::all).flat_map(|grant| &grant.statement.resources.list).map(Notation::text);
            let spelt: BTreeSet<char> = patterns.chain([resource]).flat_map(str::chars).collect();
            ('x'..='z').chain('a'..='w').chain('0'..='9').chain('A'..='Z').filter(move |letter| !spelt.contains(letter))
        };
        // Few conditions ask for one.
        std::iter::once_with(fresh).flatten().map(String::from)
    }

    /// What is true of every request, as far as a formula depends on it.
    pub(super) fn axioms(&self, about: Formula, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let mut axioms = Formula::TRUE;
        for key in self.variables.keys_of(about, formulas)?.iter().rev() {
            let of_key = axioms_of(key, formulas)?;
            axioms = formulas.and(of_key, axioms)?;
        }
        Ok(axioms)
    }

    /// The part of a formula that some request makes true, without the keys of which it asks no more than is true of every request.
    pub(super) fn possible(&self, formula: Formula, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        formulas.once(By::Formula(formula), |formulas| {
            let keys = self.variables.keys_of(formula, formulas)?;
            let mut possible = formula;
            for key in keys.iter().rev() {
                let of_key = axioms_of(key, formulas)?;
                possible = formulas.and(of_key, possible)?;
            }
            for key in &keys {
                let for_some = formulas.for_some(possible, &key.variables()?)?;
                let of_key = axioms_of(key, formulas)?;
                if formulas.and(for_some, of_key)? == possible {
                    possible = for_some;
                }
            }
            Ok(possible)
        })
    }

    /// Whether only one of the first two sides is limited by a cap, whatever it says.
    pub(super) fn cap_comes_or_goes(&self) -> bool {
        let [base, head] = &self.whole;
        base.cap.is_some() != head.cap.is_some()
    }

    /// When some Allow, and when some Deny, of these statements, numbered from `first` on, is about the cell.
    pub(super) fn says(
        &self,
        grants: &[&Grant],
        first: usize,
        cell: &Cell<'_>,
        formulas: &mut Formulas,
    ) -> Result<(Formula, Formula), Exhausted> {
        let (mut allow, mut deny) = (Formula::FALSE, Formula::FALSE);
        let from = cell.about.statements.partition_point(|number| *number < first);
        let numbers = cell.about.statements.iter().skip(from).copied();
        let about = numbers.map_while(|number| Some((number, *grants.get(number.checked_sub(first)?)?)));
        for (number, grant) in about.filter(|(number, grant)| cell.is_met_by(*number, &grant.statement)) {
            let when = formulas.once(By::Number(number), |formulas| grant.statement.condition.formula(&self.variables, formulas))?;
            let sum = if grant.statement.effect == Effect::Allow { &mut allow } else { &mut deny };
            *sum = formulas.or(*sum, when)?;
        }
        Ok((allow, deny))
    }

    /// An organisation's policies stand beside others of their kind, any of which may allow; a boundary stands alone.
    pub(super) fn cap(&self, side: &Side<'_>, cell: &Cell<'_>, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let Some(cap) = &side.cap else { return Ok(Formula::TRUE) };
        let (mut allow, deny) = self.says(cap, side.first + side.grants.len(), cell, formulas)?;
        if matches!(self.slot, Slot::ServiceControl | Slot::ResourceControl) {
            let other = self.variables.formula(&Atom::OtherCap, formulas)?;
            allow = formulas.or(allow, other)?;
        }
        formulas.without(allow, deny)
    }
}

/// What is true of every request about a key. From zero on are the statements.
fn axioms_of(key: &OfKey<'_>, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
    formulas.once(By::Number(usize::MAX - key.first), |formulas| key.axioms(formulas))
}

pub(super) type Key = Attachment;

impl Attachment {
    pub(super) fn with_slot(&self, slot: Slot) -> Self {
        Self { slot, ..self.clone() }
    }
}

/// Statements by whose document they are part of.
#[derive(Default)]
pub(super) struct Joined<'a> {
    /// A document without statements has an empty list.
    pub(super) documents: BTreeMap<&'a Attachment, Vec<&'a Grant>>,
    /// The first document that is anybody's.
    anybody: Option<Vec<&'a Grant>>,
}

impl<'a> Joined<'a> {
    pub(super) fn new(rules: &'a Rules) -> Self {
        let mut documents: BTreeMap<_, Vec<_>> = rules.documents.iter().map(|document| (document, Vec::new())).collect();
        for grants in rules.grants.chunk_by(|one, next| one.attachment == next.attachment) {
            if let [first, ..] = grants {
                documents.entry(&first.attachment).or_default().extend(grants);
            }
        }
        let anybody = documents.iter().find(|(attachment, _)| attachment.holder.is_none()).map(|(_, grants)| grants.clone());
        Self { documents, anybody }
    }

    /// A boundary joins the identity policies of its holder; on its own, and like every other cap, it limits what is not seen here.
    pub(super) fn of(&self, key: &Key) -> Side<'a> {
        if let Some(grants) = &self.anybody {
            return Side { grants: grants.clone(), for_anybody: true, ..Side::default() };
        }
        let of = |key: &Key| self.documents.get(key).cloned();
        match key.slot {
            Slot::Identity => Side { grants: of(key).unwrap_or_default(), cap: of(&key.with_slot(Slot::Boundary)), ..Side::default() },
            slot if slot.is_cap() => Side { cap: of(key), ..Side::default() },
            _ => Side { grants: of(key).unwrap_or_default(), ..Side::default() },
        }
    }
}

/// Leaves out statements that are about nothing that a changed one is about.
fn keep_concerned<'a>(sides: &mut [Side<'a>], changed: &[Vec<Row<'a>>; 2]) {
    let rows = changed.iter().flatten();
    let reach = |row: &Row<'a>| (Reach::of(std::iter::once(&row.actions)), Reach::of(std::iter::once(&row.resources)));
    let changed: Vec<_> = rows.map(reach).collect();
    let meets = |statement: &Statement, (actions, resources): &(Reach<'_, _>, Reach<'_, _>)| {
        actions.may_meet(&statement.actions) && resources.may_meet(&statement.resources)
    };
    let is_concerned = |grant: &&Grant| changed.iter().any(|reach| meets(&grant.statement, reach));
    for side in sides {
        side.grants.retain(is_concerned);
        side.cap.iter_mut().for_each(|cap| cap.retain(is_concerned));
    }
}

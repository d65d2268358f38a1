//! From cells to few and general blocks, in IAM's own notation.
//!
//! Cells of a unit that differ in the same way become a block: principals × actions × resources under one formula. Blocks with two
//! equal sides are one block; a block inside another is left out.

use super::cell::Cell;
use super::subject::Subject;
use super::terms::{MOST_COMPARED, Terms, terms};
use super::{Action, Atom, Notation, Principal, Resource};
use crate::access::{Exhausted, Formula, Formulas, Variable};
use crate::systems::Found;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Requests that changed in the same way.
#[derive(Clone)]
pub(super) struct Block<'a> {
    pub(super) formula: Formula,
    /// Only for a holder of another Allow.
    pub(super) through_other: bool,
    pub(super) principals: Terms<'a, Principal>,
    pub(super) actions: Terms<'a, Action>,
    pub(super) resources: Terms<'a, Resource>,
    /// Cells in it, by number.
    pub(super) cells: BTreeSet<usize>,
}

impl Block<'_> {
    fn terms(&self) -> usize {
        self.principals.patterns.len() + self.actions.patterns.len() + self.resources.patterns.len()
    }

    fn exceptions(&self) -> usize {
        self.principals.except.len() + self.actions.except.len() + self.resources.except.len()
    }

    fn is_about(&self, cell: &Cell<'_>) -> bool {
        self.actions.match_words(cell.action.words())
            && self.resources.match_words(cell.resource.words())
            && self.principals.match_words(cell.principal.words())
    }
}

/// When blocks are, of which many have one formula: what one has to do with another is worked out once.
struct When<'s> {
    subject: &'s Subject<'s>,
    known: BTreeMap<(Formula, Formula), bool>,
}

impl When<'_> {
    /// Whether the other is so whenever the block is.
    fn implies(&mut self, block: &Block<'_>, other: &Block<'_>, formulas: &mut Formulas) -> Result<bool, Exhausted> {
        if other.through_other != block.through_other {
            return Ok(false);
        }
        let pair = (block.formula, other.formula);
        if let Some(known) = self.known.get(&pair) {
            return Ok(*known);
        }
        let beside = formulas.without(pair.0, pair.1)?;
        let axioms = self.subject.axioms(beside, formulas)?;
        let implies = formulas.and(beside, axioms)?.is_false();
        self.known.insert(pair, implies);
        Ok(implies)
    }
}

/// The blocks that the cells make up.
pub(super) fn blocks<'a>(subject: &Subject<'_>, found: &Found<'_, Cell<'a>>, formulas: &mut Formulas) -> Result<Vec<Block<'a>>, Exhausted> {
    let mut blocks = Vec::new();
    for ((_, formula, through_other), cells) in groups(subject, found, formulas)? {
        blocks.extend(block_up(found, formula, through_other, &cells, formulas)?);
    }
    let mut when = When { subject, known: BTreeMap::new() };
    let blocks = without_contained(merge(blocks), &mut when, formulas)?;
    let mut blocks = trim(found, blocks, &mut when, formulas)?;
    for block in &mut blocks {
        block.principals.leave_out_idle();
        block.actions.leave_out_idle();
        block.resources.leave_out_idle();
    }
    Ok(merge(blocks))
}

type Group = (usize, Formula, bool);

/// Cells by unit and formula, what needs another Allow of the holder apart from what does not.
fn groups(subject: &Subject<'_>, found: &Found<'_, Cell<'_>>, formulas: &mut Formulas) -> Result<BTreeMap<Group, Vec<usize>>, Exhausted> {
    let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
    let other = subject.variables.number(&Atom::OtherAllow);
    for (number, (cell, formula)) in found.cells.iter().enumerate() {
        for (formula, through_other) in split(subject, *formula, other, formulas)? {
            groups.entry((cell.unit, formula, through_other)).or_default().push(number);
        }
    }
    Ok(groups)
}

fn split(
    subject: &Subject<'_>,
    formula: Formula,
    other: Option<Variable>,
    formulas: &mut Formulas,
) -> Result<Vec<(Formula, bool)>, Exhausted> {
    let Some(other) = other else { return Ok(vec![(formula, false)]) };
    let (now, with) = (formulas.given(formula, (other, false))?, formulas.given(formula, (other, true))?);
    let more = formulas.without(with, now)?;
    let (now, more) = (subject.possible(now, formulas)?, subject.possible(more, formulas)?);
    Ok([(now, false), (more, true)].into_iter().filter(|(formula, _)| !formula.is_false()).collect())
}

/// Classes of actions, and cells.
type Numbers = (BTreeSet<usize>, BTreeSet<usize>);

/// Who may act, and on what.
type Rest<'a> = (Terms<'a, Principal>, Terms<'a, Resource>);

/// Blocks of one unit's cells: for each class of actions the resources and principals it has, then the actions that have the same.
fn block_up<'a>(
    found: &Found<'_, Cell<'a>>,
    formula: Formula,
    through_other: bool,
    numbers: &[usize],
    formulas: &mut Formulas,
) -> Result<Vec<Block<'a>>, Exhausted> {
    let cells: Vec<(usize, &Cell<'a>)> = numbers.iter().filter_map(|&number| Some((number, &found.cells.get(number)?.0))).collect();
    let mut by_action: BTreeMap<usize, Vec<(usize, &Cell<'a>)>> = BTreeMap::new();
    for &(number, cell) in &cells {
        by_action.entry(cell.action.class).or_default().push((number, cell));
    }
    let mut rectangles: Vec<(Rest<'a>, Numbers)> = Vec::new();
    for (class, cells) in by_action {
        let with_class = |(rest, numbers): (Rest<'a>, Vec<usize>)| (rest, (BTreeSet::from([class]), BTreeSet::from_iter(numbers)));
        rectangles.extend(self::rectangles(&cells, formulas)?.into_iter().map(with_class));
    }
    let by_rest = joined(rectangles, |(classes, all), (more_classes, more)| {
        classes.extend(more_classes);
        all.extend(more);
    });
    let Some(cut) = cells.first().map(|(_, cell)| &cell.action.cut) else { return Ok(Vec::new()) };
    let mut blocks = Vec::new();
    for ((principals, resources), (classes, cells)) in by_rest {
        for (actions, said) in terms(cut, &classes, formulas)? {
            let is_said = |number: &usize| found.cells.get(*number).is_some_and(|(cell, _)| said.contains(cell.action.class));
            blocks.push(Block {
                formula,
                through_other,
                principals: principals.clone(),
                actions,
                resources: resources.clone(),
                cells: cells.iter().copied().filter(is_said).collect(),
            });
        }
    }
    Ok(blocks)
}

/// Of the cells of one class of actions: principals that have the same resources, together.
fn rectangles<'a>(cells: &[(usize, &Cell<'a>)], formulas: &mut Formulas) -> Result<Vec<(Rest<'a>, Vec<usize>)>, Exhausted> {
    let mut by_principal: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (_, cell) in cells {
        by_principal.entry(cell.principal.class).or_default().insert(cell.resource.class);
    }
    let mut by_resources: BTreeMap<BTreeSet<usize>, BTreeSet<usize>> = BTreeMap::new();
    for (principal, resources) in by_principal {
        by_resources.entry(resources).or_default().insert(principal);
    }
    let Some((_, first)) = cells.first() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (resources, principals) in by_resources {
        let resources = terms(&first.resource.cut, &resources, formulas)?;
        for (principals, acting) in terms(&first.principal.cut, &principals, formulas)? {
            for (resources, said) in &resources {
                let is_said = |cell: &Cell<'_>| acting.contains(cell.principal.class) && said.contains(cell.resource.class);
                let numbers = cells.iter().filter(|(_, cell)| is_said(cell)).map(|(number, _)| *number).collect();
                found.push(((principals.clone(), resources.clone()), numbers));
            }
        }
    }
    Ok(found)
}

/// Blocks that are equal but for one part become one block.
fn merge(blocks: Vec<Block<'_>>) -> Vec<Block<'_>> {
    let mut blocks = merge_by(
        blocks,
        |a, b| (&a.principals, &a.resources, &a.actions.except).cmp(&(&b.principals, &b.resources, &b.actions.except)),
        |block| &mut block.actions,
    );
    for block in &mut blocks {
        block.principals.prune();
        block.resources.prune();
    }
    let blocks = merge_by(
        blocks,
        |a, b| (&a.principals, &a.actions, &a.resources.except).cmp(&(&b.principals, &b.actions, &b.resources.except)),
        |block| &mut block.resources,
    );
    merge_by(
        blocks,
        |a, b| (&a.actions, &a.resources, &a.principals.except).cmp(&(&b.actions, &b.resources, &b.principals.except)),
        |block| &mut block.principals,
    )
}

/// Joins the patterns of blocks that are so under the same formula and whose rest compares as equal.
fn merge_by<'a, P: Notation + 'a>(
    mut blocks: Vec<Block<'a>>,
    compared: impl Fn(&Block<'a>, &Block<'a>) -> Ordering,
    terms: impl for<'b> Fn(&'b mut Block<'a>) -> &'b mut Terms<'a, P>,
) -> Vec<Block<'a>> {
    let order = |a: &Block<'a>, b: &Block<'a>| (a.formula, a.through_other).cmp(&(b.formula, b.through_other)).then_with(|| compared(a, b));
    blocks.sort_by(&order);
    let mut merged: Vec<Block<'a>> = Vec::with_capacity(blocks.len());
    for mut block in blocks {
        match merged.last_mut() {
            Some(last) if order(last, &block).is_eq() => {
                last.cells.append(&mut block.cells);
                terms(last).patterns.append(&mut terms(&mut block).patterns);
            }
            _ => merged.push(block),
        }
    }
    for block in &mut merged {
        terms(block).prune();
    }
    merged
}

/// In the order of their keys, what has the same key absorbed by the first. There are few: a map would cost more than it saves.
fn joined<K: Ord, V>(mut items: Vec<(K, V)>, absorb: impl Fn(&mut V, V)) -> Vec<(K, V)> {
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut joined: Vec<(K, V)> = Vec::with_capacity(items.len());
    for (key, value) in items {
        match joined.last_mut() {
            Some((last, absorbing)) if *last == key => absorb(absorbing, value),
            _ => joined.push((key, value)),
        }
    }
    joined
}

fn without_contained<'a>(blocks: Vec<Block<'a>>, when: &mut When<'_>, formulas: &mut Formulas) -> Result<Vec<Block<'a>>, Exhausted> {
    if blocks.len() < 2 || blocks.len() > MOST_COMPARED {
        return Ok(blocks);
    }
    let mut kept: Vec<Block<'a>> = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let mut contained = false;
        for (other_at, other) in blocks.iter().enumerate() {
            contained = contained
                || (other_at != at
                    && lies_within(block, other, when, formulas)?
                    && (!lies_within(other, block, when, formulas)? || other_at < at));
        }
        if !contained {
            kept.push(block.clone());
        }
    }
    Ok(kept)
}

/// Leaves out of a block the actions, and the resources, that another block says already.
fn trim<'a>(
    found: &Found<'_, Cell<'_>>,
    mut blocks: Vec<Block<'a>>,
    when: &mut When<'_>,
    formulas: &mut Formulas,
) -> Result<Vec<Block<'a>>, Exhausted> {
    if blocks.len() < 2 || blocks.len() > MOST_COMPARED {
        return Ok(blocks);
    }
    for at in 0..blocks.len() {
        let Some((before, [block, after @ ..])) = blocks.split_at_mut_checked(at) else { continue };
        let mut others = Vec::new();
        for other in before.iter().chain(after.iter()) {
            if when.implies(block, other, formulas)? {
                others.push(other);
            }
        }
        let mut part = Block { cells: BTreeSet::new(), ..block.clone() };
        let actions = unsaid(&mut part, |part| &mut part.actions.patterns, &others, formulas)?;
        part.actions.patterns.clone_from(&actions);
        part.resources.patterns = unsaid(&mut part, |part| &mut part.resources.patterns, &others, formulas)?;
        if part.terms() < block.terms() {
            formulas.spend(block.cells.len() * part.terms())?;
            let is_said = |number: &usize| found.cells.get(*number).is_some_and(|(cell, _)| part.is_about(cell));
            let said: BTreeSet<usize> = block.cells.iter().copied().filter(is_said).collect();
            // A block has an example, or says more than it would have to.
            if !said.is_empty() {
                *block = Block { cells: said, ..part };
            }
        }
    }
    Ok(blocks)
}

/// Of some patterns of a block those that none of the others says, which are whenever it is; at least one.
fn unsaid<'a, P: Ord>(
    block: &mut Block<'a>,
    patterns: impl for<'m> Fn(&'m mut Block<'a>) -> &'m mut BTreeSet<Vec<&'a P>>,
    others: &[&Block<'a>],
    formulas: &mut Formulas,
) -> Result<BTreeSet<Vec<&'a P>>, Exhausted> {
    let mut left = std::mem::take(patterns(block));
    for pattern in left.clone() {
        if left.len() > 1 {
            *patterns(block) = BTreeSet::from([pattern.clone()]);
            for other in others {
                if is_about_no_more(block, other, formulas)? {
                    left.remove(&pattern);
                    break;
                }
            }
        }
    }
    Ok(left)
}

fn lies_within(block: &Block<'_>, other: &Block<'_>, when: &mut When<'_>, formulas: &mut Formulas) -> Result<bool, Exhausted> {
    // Most of many differ in when they are.
    Ok(when.implies(block, other, formulas)? && is_about_no_more(block, other, formulas)?)
}

/// Whether the other is about every request that the block is about.
fn is_about_no_more(block: &Block<'_>, other: &Block<'_>, formulas: &mut Formulas) -> Result<bool, Exhausted> {
    formulas.spend(1 + block.terms() * (other.terms() + other.exceptions()))?;
    Ok(other.principals.contains(&block.principals) && other.actions.contains(&block.actions) && other.resources.contains(&block.resources))
}

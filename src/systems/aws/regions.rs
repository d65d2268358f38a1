//! From cells to few and general regions, in IAM's own notation.
//!
//! Cells of a unit that differ in the same way become a block: principals × actions × resources under one formula. Blocks with two
//! equal sides are one block; a block inside another is left out.

use super::evaluate::{Cell, Cut, Slice, Subject};
use super::pattern::Notation;
use super::severity::{Looks, judge};
use super::{Action, Atom, Effect, Principal, Resource, Slot};
use crate::access::{Exhausted, Formula, Formulas, Glob, Tuple, Variable, Word};
use crate::systems::{Found, Kind, Origins, Region, Severity, Witness};
use std::collections::{BTreeMap, BTreeSet};

/// Patterns, and patterns that are not meant although the first match them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Terms<'a, P> {
    except: BTreeSet<&'a P>,
    /// All patterns of an element have to match: almost always there is only one.
    patterns: BTreeSet<Vec<&'a P>>,
}

impl<P> Clone for Terms<'_, P> {
    fn clone(&self) -> Self {
        Self { except: self.except.clone(), patterns: self.patterns.clone() }
    }
}

/// Requests that changed in the same way.
#[derive(Clone)]
struct Block<'a> {
    formula: Formula,
    /// Only for a holder of another Allow.
    through_other: bool,
    principals: Terms<'a, Principal>,
    actions: Terms<'a, Action>,
    resources: Terms<'a, Resource>,
    /// Cells in it, by number.
    cells: BTreeSet<usize>,
}

impl Block<'_> {
    fn terms(&self) -> usize {
        self.principals.patterns.len() + self.actions.patterns.len() + self.resources.patterns.len()
    }
}

/// The regions that the cells make up, most severe first.
pub(super) fn regions(subject: &Subject<'_>, found: &Found<'_, Cell<'_>>, formulas: &mut Formulas) -> Result<Vec<Region>, Exhausted> {
    let mut blocks = Vec::new();
    for ((_, formula, through_other), cells) in groups(subject, found, formulas)? {
        blocks.extend(block_up(found, formula, through_other, &cells, formulas)?);
    }
    let blocks = trim(without_contained(merge(blocks), formulas)?, formulas)?;
    let mut regions = blocks.iter().map(|block| describe(subject, found, block, formulas)).collect::<Result<Vec<_>, _>>()?;
    regions.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.cmp(b)));
    Ok(regions)
}

type Group = (usize, Formula, bool);

/// Cells by unit and formula, what needs another Allow of the holder apart from what does not.
fn groups(subject: &Subject<'_>, found: &Found<'_, Cell<'_>>, formulas: &mut Formulas) -> Result<BTreeMap<Group, Vec<usize>>, Exhausted> {
    let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
    let other = subject.variables.number(&Atom::OtherAllow);
    for (number, (cell, formula)) in found.cells.iter().enumerate() {
        for (formula, through_other) in split(*formula, other, formulas)? {
            groups.entry((cell.unit, formula, through_other)).or_default().push(number);
        }
    }
    Ok(groups)
}

fn split(formula: Formula, other: Option<Variable>, formulas: &mut Formulas) -> Result<Vec<(Formula, bool)>, Exhausted> {
    let Some(other) = other else { return Ok(vec![(formula, false)]) };
    let (now, with) = (formulas.given(formula, (other, false))?, formulas.given(formula, (other, true))?);
    let more = formulas.without(with, now)?;
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
        blocks.extend(terms(cut, &classes, formulas)?.into_iter().map(|actions| Block {
            formula,
            through_other,
            principals: principals.clone(),
            actions,
            resources: resources.clone(),
            cells: cells.clone(),
        }));
    }
    Ok(blocks)
}

/// Of the cells of one class of actions: principals that have the same resources, together.
fn rectangles<'a>(cells: &[(usize, &Cell<'a>)], formulas: &mut Formulas) -> Result<Vec<(Rest<'a>, Vec<usize>)>, Exhausted> {
    let mut by_principal: BTreeMap<usize, (BTreeSet<usize>, Vec<usize>)> = BTreeMap::new();
    for (number, cell) in cells {
        let (resources, numbers) = by_principal.entry(cell.principal.class).or_default();
        resources.insert(cell.resource.class);
        numbers.push(*number);
    }
    let mut by_resources: BTreeMap<BTreeSet<usize>, (BTreeSet<usize>, Vec<usize>)> = BTreeMap::new();
    for (principal, (resources, numbers)) in by_principal {
        let (principals, all) = by_resources.entry(resources).or_default();
        principals.insert(principal);
        all.extend(numbers);
    }
    let Some((_, first)) = cells.first() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (resources, (principals, numbers)) in by_resources {
        let resources = terms(&first.resource.cut, &resources, formulas)?;
        for principals in terms(&first.principal.cut, &principals, formulas)? {
            found.extend(resources.iter().map(|resources| ((principals.clone(), resources.clone()), numbers.clone())));
        }
    }
    Ok(found)
}

/// Says a set of classes in few patterns: the whole, else whole patterns, else the whole without some, else class by class.
fn terms<'a, P: Notation>(cut: &Cut<'a, P>, chosen: &BTreeSet<usize>, formulas: &mut Formulas) -> Result<Vec<Terms<'a, P>>, Exhausted> {
    if chosen.len() == cut.classes.len() {
        return Ok(vec![Terms::of([vec![cut.within]], [])]);
    }
    let extents = cut.extents();
    let looked_at = extents.len() + cut.classes.len();
    formulas.spend(looked_at)?;
    let mut left = chosen.clone();
    let mut whole = BTreeSet::new();
    for (pattern, extent) in extents.iter().filter(|(_, extent)| extent.is_subset(chosen)) {
        if !extent.is_disjoint(&left) {
            remove(&mut left, extent);
            whole.insert(part_of(cut, pattern));
        }
    }
    if left.is_empty() {
        return Ok(vec![Terms::of(whole, [])]);
    }
    if let Some(except) = complement(cut, extents, chosen) {
        return Ok(vec![Terms::of([vec![cut.within]], except)]);
    }
    let mut terms = Vec::from_iter((!whole.is_empty()).then(|| Terms::of(whole, [])));
    for class in left {
        let around = cut.classes.get(class).map_or(0, |class| class.members.len());
        formulas.spend(looked_at + around * around)?;
        terms.push(single(cut, extents, class));
    }
    Ok(terms)
}

fn remove(left: &mut BTreeSet<usize>, extent: &BTreeSet<usize>) {
    for class in extent {
        left.remove(class);
    }
}

/// What a pattern means inside the cut: itself, or both where it reaches further than the cut does.
fn part_of<'a, P: Notation>(cut: &Cut<'a, P>, pattern: &'a P) -> Vec<&'a P> {
    if covers_all(&[cut.within], &[pattern]) { vec![pattern] } else { vec![cut.within.min(pattern), cut.within.max(pattern)] }
}

/// Patterns that together are all the classes that were not chosen.
fn complement<'a, P: Notation>(
    cut: &Cut<'a, P>,
    extents: &[(&'a P, BTreeSet<usize>)],
    chosen: &BTreeSet<usize>,
) -> Option<BTreeSet<&'a P>> {
    let mut left: BTreeSet<usize> = (0..cut.classes.len()).filter(|class| !chosen.contains(class)).collect();
    let mut except = BTreeSet::new();
    for (pattern, extent) in extents.iter().filter(|(_, extent)| extent.is_disjoint(chosen)) {
        if !extent.is_disjoint(&left) {
            remove(&mut left, extent);
            except.insert(*pattern);
        }
    }
    left.is_empty().then_some(except)
}

/// One class: the narrowest patterns that it is in, without the widest that it is not in.
fn single<'a, P: Notation>(cut: &Cut<'a, P>, extents: &[(&'a P, BTreeSet<usize>)], class: usize) -> Terms<'a, P> {
    let (inside, outside): (Vec<_>, Vec<_>) = extents.iter().partition(|(_, extent)| extent.contains(&class));
    let narrowest = |extent: &BTreeSet<usize>| !inside.iter().any(|(_, other)| other.len() < extent.len() && other.is_subset(extent));
    let narrow = inside.iter().filter(|(_, extent)| narrowest(extent)).flat_map(|(pattern, _)| part_of(cut, pattern));
    let mut patterns: Vec<&'a P> = narrow.collect::<BTreeSet<_>>().into_iter().collect();
    if patterns.is_empty() {
        patterns.push(cut.within);
    }
    if patterns.len() > 1 && patterns.iter().any(|pattern| *pattern != cut.within && covers_all(&[cut.within], &[pattern])) {
        patterns.retain(|pattern| *pattern != cut.within);
    }
    let reach: BTreeSet<usize> = (0..cut.classes.len()).filter(|other| inside.iter().all(|(_, extent)| extent.contains(other))).collect();
    let mut left: BTreeSet<usize> = reach.iter().copied().filter(|other| *other != class).collect();
    let mut except = BTreeSet::new();
    for (pattern, extent) in outside {
        if !extent.is_disjoint(&left) {
            remove(&mut left, extent);
            except.insert(*pattern);
        }
    }
    Terms { except, patterns: BTreeSet::from([patterns]) }
}

impl<'a, P: Notation> Terms<'a, P> {
    fn of(patterns: impl IntoIterator<Item = Vec<&'a P>>, except: impl IntoIterator<Item = &'a P>) -> Self {
        Self { except: except.into_iter().collect(), patterns: patterns.into_iter().collect() }
    }

    /// Leaves out what another pattern covers. Of two that cover each other the first stays.
    fn prune(&mut self) {
        if self.patterns.len() < 2 || self.patterns.len() > MOST_COMPARED {
            return;
        }
        let is_open = |all: &&Vec<&'a P>| all.iter().any(|pattern| pattern.globs().iter().any(|glob| glob.as_exact().is_none()));
        let open: Vec<Vec<&'a P>> = self.patterns.iter().filter(is_open).cloned().collect();
        self.patterns
            .retain(|all| !open.iter().any(|wider| wider != all && covers_all(wider, all) && (wider < all || !covers_all(all, wider))));
    }

    /// Whether all that the other means is meant by this.
    fn contains(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        (self.except.is_empty() || self.except.is_subset(&other.except))
            && other.patterns.iter().all(|all| self.patterns.iter().any(|wider| covers_all(wider, all)))
    }

    /// Its patterns as text, each once.
    fn texts(&self) -> Vec<String> {
        let text = |all: &Vec<&P>| all.iter().map(|pattern| pattern.text()).collect::<Vec<_>>().join(" & ");
        let mut texts: Vec<String> = self.patterns.iter().map(text).collect();
        texts.sort();
        texts
    }

    fn except_texts(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.except.iter().map(|pattern| pattern.text().to_owned()).collect();
        texts.sort();
        texts
    }

    fn patterns(&self) -> Vec<&'a P> {
        self.patterns.iter().flatten().copied().collect()
    }
}

/// Cheap and one-sided: each pattern on the left is plainly wider than some pattern on the right.
fn covers_all<P: Notation>(wider: &[&P], narrower: &[&P]) -> bool {
    let covers = |wide: &P, narrow: &P| {
        let mut budget = crate::access::Budget::new(10_000);
        wide.globs().iter().zip(narrow.globs()).all(|(wide, narrow)| wide.covers(narrow, &mut budget).unwrap_or(false))
    };
    wider.iter().all(|wide| narrower.iter().any(|narrow| covers(wide, narrow)))
}

/// Blocks that are equal but for one part become one block.
fn merge(blocks: Vec<Block<'_>>) -> Vec<Block<'_>> {
    let blocks = merge_by(
        blocks,
        |b| (b.formula, b.through_other, b.principals.clone(), b.resources.clone(), b.actions.except.clone()),
        |a, b| {
            a.actions.patterns.extend(b.actions.patterns);
        },
    );
    let blocks = merge_by(
        blocks,
        |b| (b.formula, b.through_other, b.principals.clone(), b.actions.clone(), b.resources.except.clone()),
        |a, b| {
            a.resources.patterns.extend(b.resources.patterns);
        },
    );
    merge_by(
        blocks,
        |b| (b.formula, b.through_other, b.actions.clone(), b.resources.clone(), b.principals.except.clone()),
        |a, b| {
            a.principals.patterns.extend(b.principals.patterns);
        },
    )
}

fn merge_by<'a, K: Ord>(
    blocks: Vec<Block<'a>>,
    key: impl Fn(&Block<'a>) -> K,
    absorb: impl Fn(&mut Block<'a>, Block<'a>),
) -> Vec<Block<'a>> {
    let with_key = |block: Block<'a>| (key(&block), block);
    let merged = joined(blocks.into_iter().map(with_key).collect(), |block, mut other| {
        block.cells.append(&mut other.cells);
        absorb(block, other);
    });
    let pruned = merged.into_iter().map(|(_, mut block)| {
        block.principals.prune();
        block.actions.prune();
        block.resources.prune();
        block
    });
    pruned.collect()
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

/// Past this many blocks, or patterns in one, nobody would read them, and comparing all pairs would cost too much.
const MOST_COMPARED: usize = 300;

fn without_contained<'a>(blocks: Vec<Block<'a>>, formulas: &mut Formulas) -> Result<Vec<Block<'a>>, Exhausted> {
    if blocks.len() < 2 || blocks.len() > MOST_COMPARED {
        return Ok(blocks);
    }
    let mut kept: Vec<Block<'a>> = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let mut contained = false;
        for (other_at, other) in blocks.iter().enumerate() {
            contained = contained
                || (other_at != at && lies_within(block, other, formulas)? && (!lies_within(other, block, formulas)? || other_at < at));
        }
        if !contained {
            kept.push(block.clone());
        }
    }
    Ok(kept)
}

/// Leaves out of a block the actions, and the resources, that another block says already.
fn trim<'a>(mut blocks: Vec<Block<'a>>, formulas: &mut Formulas) -> Result<Vec<Block<'a>>, Exhausted> {
    if blocks.len() > MOST_COMPARED {
        return Ok(blocks);
    }
    for at in 0..blocks.len() {
        let Some(mut block) = blocks.get(at).cloned() else { continue };
        for action in block.actions.patterns.clone() {
            let part =
                Block { actions: Terms { patterns: [action.clone()].into(), except: block.actions.except.clone() }, ..block.clone() };
            if block.actions.patterns.len() > 1 && is_said_elsewhere(&part, at, &blocks, formulas)? {
                block.actions.patterns.remove(&action);
            }
        }
        for resource in block.resources.patterns.clone() {
            let part =
                Block { resources: Terms { patterns: [resource.clone()].into(), except: block.resources.except.clone() }, ..block.clone() };
            if block.resources.patterns.len() > 1 && is_said_elsewhere(&part, at, &blocks, formulas)? {
                block.resources.patterns.remove(&resource);
            }
        }
        if let Some(slot) = blocks.get_mut(at) {
            *slot = block;
        }
    }
    Ok(blocks)
}

fn is_said_elsewhere(part: &Block<'_>, at: usize, blocks: &[Block<'_>], formulas: &mut Formulas) -> Result<bool, Exhausted> {
    for (other_at, other) in blocks.iter().enumerate() {
        if other_at != at && lies_within(part, other, formulas)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn lies_within(block: &Block<'_>, other: &Block<'_>, formulas: &mut Formulas) -> Result<bool, Exhausted> {
    formulas.spend(1 + block.terms() * other.terms())?;
    let shape = other.through_other == block.through_other
        && other.principals.contains(&block.principals)
        && other.actions.contains(&block.actions)
        && other.resources.contains(&block.resources);
    Ok(shape && formulas.without(block.formula, other.formula)?.is_false())
}

fn describe(subject: &Subject<'_>, found: &Found<'_, Cell<'_>>, block: &Block<'_>, formulas: &mut Formulas) -> Result<Region, Exhausted> {
    let terms = formulas.cover_given(block.formula, found.axioms)?;
    let conditional = !terms.iter().any(Vec::is_empty);
    let of_cap = |number: &usize| found.cells.get(*number).is_some_and(|(cell, _)| cell.of_cap);
    let by_cap = subject.slot.is_cap() || block.cells.iter().any(of_cap);
    let looks = Looks {
        slot: subject.slot,
        actions: block.actions.patterns(),
        except_actions: block.actions.except.iter().copied().collect(),
        any_resource: subject.slot != Slot::Trust && block.resources.patterns().iter().any(|r| r.globs().iter().all(Glob::is_any)),
        wide_resource: subject.slot != Slot::Trust && block.resources.patterns().iter().any(|r| is_wide(r.globs())),
        anybody: block.principals.patterns().iter().any(|p| p.globs().iter().all(Glob::is_any)),
        conditional,
        by_deny: block.through_other && !by_cap,
        by_cap,
    };
    let (severity, reasons) = if found.kind == Kind::Lost { (Severity::Low, BTreeSet::new()) } else { judge(&looks) };
    let has_principal = matches!(subject.slot, Slot::Resource | Slot::Trust);
    Ok(Region {
        holder: subject.holder.clone(),
        realm: subject.realm.clone(),
        principals: if has_principal { block.principals.texts() } else { vec![subject.holder.to_string()] },
        except_principals: block.principals.except_texts(),
        actions: block.actions.texts(),
        except_actions: block.actions.except_texts(),
        resources: block.resources.texts(),
        except_resources: block.resources.except_texts(),
        condition: conditional.then(|| condition_text(subject, &terms)),
        expires: expires(subject, block.formula, formulas)?,
        provided: block.through_other.then(|| provided(subject.slot).to_owned()),
        severity,
        reasons,
        origins: origins(subject, found, block),
        witness: Some(witness(subject, found, block, has_principal, formulas)),
    })
}

/// Whether the last part of an ARN is open from its beginning, as in `arn:aws:s3:::*`.
fn is_wide(globs: &Tuple) -> bool {
    globs.last().is_some_and(Glob::is_any)
}

fn provided(slot: Slot) -> &'static str {
    if slot.is_cap() { "the holder's own policies allow it" } else { "another policy of the holder allows it" }
}

fn condition_text(subject: &Subject<'_>, terms: &[Vec<(Variable, bool)>]) -> String {
    let literal = |(variable, value): &(Variable, bool)| {
        let atom = subject.variables.atom(*variable).map(ToString::to_string).unwrap_or_default();
        if *value { atom } else { format!("not {atom}") }
    };
    let term = |term: &Vec<(Variable, bool)>| term.iter().map(literal).collect::<Vec<_>>().join(" and ");
    let mut texts: Vec<String> = terms.iter().map(term).collect();
    texts.sort();
    texts.join(", or ")
}

/// A date as IAM takes it: of ISO 8601, or in seconds since 1970. Anything else ends nothing.
fn is_instant(value: &str) -> bool {
    let is_day = chrono::NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok();
    let is_seconds = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    is_day || is_seconds || chrono::DateTime::parse_from_rfc3339(value).is_ok()
}

/// The access ends when a `DateLessThan aws:CurrentTime` ends it that the whole region needs.
fn expires(subject: &Subject<'_>, formula: Formula, formulas: &mut Formulas) -> Result<Option<String>, Exhausted> {
    let mut ends = Vec::new();
    for variable in formulas.support(formula)? {
        let Some(Atom::Is(operator, key, value)) = subject.variables.atom(variable) else { continue };
        let is_end = matches!(&**operator, "DateLessThan" | "DateLessThanEquals") && &**key == "aws:currenttime";
        if is_end && is_instant(value) && formulas.given(formula, (variable, false))?.is_false() {
            ends.push(value.to_string());
        }
    }
    Ok(ends.into_iter().min())
}

/// The statements that make the difference: those that now allow, and those that no longer deny or never allowed so much.
fn origins(subject: &Subject<'_>, found: &Found<'_, Cell<'_>>, block: &Block<'_>) -> Origins {
    let of = |side: usize, effects: &[Effect]| {
        let cells = || block.cells.iter().filter_map(|number| Some(&found.cells.get(*number)?.0)).take(64);
        let grants = subject.sides.get(side).into_iter().flat_map(super::evaluate::Side::numbered);
        grants
            .filter(|(number, grant)| {
                effects.contains(&grant.statement.effect) && cells().any(|cell| cell.is_in(*number, &grant.statement))
            })
            .map(|(_, grant)| grant.origin.clone())
            .collect()
    };
    let (allows, both) = (&[Effect::Allow], &[Effect::Allow, Effect::Deny]);
    match found.kind {
        Kind::Lost => Origins { base: of(0, allows), head: of(1, both) },
        Kind::Gained | Kind::Undecided => Origins { base: of(0, both), head: of(1, allows) },
    }
}

fn witness(subject: &Subject<'_>, found: &Found<'_, Cell<'_>>, block: &Block<'_>, has_principal: bool, formulas: &Formulas) -> Witness {
    let cell = block.cells.first().and_then(|number| found.cells.get(*number)).map(|(cell, _)| cell);
    let context = formulas.model(block.formula).unwrap_or_default();
    let named = |(variable, value): (Variable, bool)| Some((subject.variables.atom(variable)?.to_string(), value));
    Witness {
        principal: match cell {
            Some(cell) if has_principal => principal_text(cell.principal.words()),
            _ => subject.holder.to_string(),
        },
        action: cell.map(|cell| action_text(&cell.action)).unwrap_or_default(),
        resource: cell.map(|cell| resource_text(cell.resource.words())).unwrap_or_default(),
        context: context.into_iter().filter_map(named).collect(),
    }
}

/// The action in the spelling of the pattern, where one spells it out.
fn action_text(slice: &Slice<'_, Action>) -> String {
    let words = slice.words();
    let joined = words.iter().map(ToString::to_string).collect::<Vec<_>>().join(":");
    let spelled = |action: &&&Action| action.text().eq_ignore_ascii_case(&joined);
    let within = std::iter::once(&slice.cut.within);
    within.chain(slice.cut.patterns.iter()).find(spelled).map_or(joined, |action| action.text().to_owned())
}

/// An ARN; what is not one is the resource of actions that have none.
fn resource_text(words: &[Word]) -> String {
    let joined = words.iter().map(ToString::to_string).collect::<Vec<_>>().join(":");
    if joined.starts_with("arn:") { joined } else { "*".to_owned() }
}

fn principal_text(words: &[Word]) -> String {
    let texts: Vec<String> = words.iter().map(ToString::to_string).collect();
    match texts.as_slice() {
        [kind, account, who] if kind == "aws" && !account.is_empty() => match who.split_once(':') {
            Some((service, rest)) => format!("arn:aws:{service}::{account}:{rest}"),
            None => format!("arn:aws:iam::{account}:user/{who}"),
        },
        [_, _, who] => who.clone(),
        _ => String::new(),
    }
}

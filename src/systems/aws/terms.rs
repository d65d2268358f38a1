//! A set of classes in few patterns.

use super::cell::{Cut, Extent};
use super::pattern::{Notation, covers_all};
use crate::access::{Exhausted, Formulas, Word, matches, may_meet};
use fixedbitset::FixedBitSet;
use std::collections::BTreeSet;

/// Past this many blocks, or patterns in one, nobody would read them, and comparing all pairs would cost too much.
pub(super) const MOST_COMPARED: usize = 300;

/// Past this many letters comparing exceptions with each other, which may look at each letter of both for each, would cost too much.
const MOST_LETTERS: usize = 2_000;

/// Patterns, and patterns that are not meant although the first match them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Terms<'a, P> {
    pub(super) except: BTreeSet<&'a P>,
    /// All patterns of an element have to match: almost always there is only one.
    pub(super) patterns: BTreeSet<Vec<&'a P>>,
}

impl<P> Clone for Terms<'_, P> {
    fn clone(&self) -> Self {
        Self { except: self.except.clone(), patterns: self.patterns.clone() }
    }
}

/// Says a set of classes in few patterns: the whole, else whole patterns, else the whole without some, else class by class. Beside
/// each the classes that it says.
pub(super) fn terms<'a, P: Notation>(
    cut: &Cut<'a, P>,
    chosen: &BTreeSet<usize>,
    formulas: &mut Formulas,
) -> Result<Vec<(Terms<'a, P>, FixedBitSet)>, Exhausted> {
    let mut is_chosen = FixedBitSet::with_capacity(cut.classes.len());
    is_chosen.extend(chosen.iter().copied());
    if chosen.len() == cut.classes.len() {
        return Ok(vec![(Terms::of([vec![cut.within]], []), is_chosen)]);
    }
    let extents = cut.extents();
    let looked_at = extents.len() + cut.classes.len();
    formulas.spend(looked_at)?;
    let mut left = is_chosen.clone();
    let mut whole = BTreeSet::new();
    for (patterns, extent) in extents.iter().filter(|(_, extent)| extent.is_subset(&is_chosen)) {
        if !extent.is_disjoint(&left) {
            left.difference_with(extent);
            whole.extend(patterns.iter().map(|pattern| part_of(cut, pattern)));
        }
    }
    if left.is_clear() {
        return Ok(vec![(Terms::of(whole, []), is_chosen)]);
    }
    if let Some(except) = complement(extents, &is_chosen) {
        return Ok(vec![(Terms::of([vec![cut.within]], except), is_chosen)]);
    }
    is_chosen.difference_with(&left);
    let mut terms = Vec::from_iter((!whole.is_empty()).then(|| (Terms::of(whole, []), is_chosen)));
    for class in left.ones() {
        let around = cut.classes.get(class).map_or(0, |class| class.members.len());
        formulas.spend(looked_at + around * around)?;
        let mut only = FixedBitSet::with_capacity(cut.classes.len());
        only.insert(class);
        terms.push((single(cut, extents, class, formulas)?, only));
    }
    Ok(terms)
}

/// What a pattern means inside the cut: itself, or both where it reaches further than the cut does.
fn part_of<'a, P: Notation>(cut: &Cut<'a, P>, pattern: &'a P) -> Vec<&'a P> {
    if covers_all(&[cut.within], &[pattern]) { vec![pattern] } else { vec![cut.within.min(pattern), cut.within.max(pattern)] }
}

/// Patterns that together are all the classes that were not chosen.
fn complement<'a, P: Notation>(extents: &[Extent<'a, P>], chosen: &FixedBitSet) -> Option<BTreeSet<&'a P>> {
    let mut left = chosen.clone();
    left.toggle_range(..);
    let mut except = BTreeSet::new();
    for (patterns, extent) in extents.iter().filter(|(_, extent)| extent.is_disjoint(chosen)) {
        if !extent.is_disjoint(&left) {
            left.difference_with(extent);
            except.extend(patterns);
        }
    }
    left.is_clear().then_some(except)
}

/// One class: the narrowest unions that it is in, without the widest that it is not in.
fn single<'a, P: Notation>(
    cut: &Cut<'a, P>,
    extents: &[Extent<'a, P>],
    class: usize,
    formulas: &mut Formulas,
) -> Result<Terms<'a, P>, Exhausted> {
    let (inside, outside): (Vec<_>, Vec<_>) = extents.iter().partition(|(_, extent)| extent.contains(class));
    let narrowest = |extent: &FixedBitSet| !inside.iter().any(|(_, other)| other != extent && other.is_subset(extent));
    let mut ways: BTreeSet<BTreeSet<&'a P>> = BTreeSet::from([BTreeSet::new()]);
    for (patterns, _) in inside.iter().filter(|(_, extent)| narrowest(extent)) {
        formulas.spend(ways.iter().map(|way| 1 + way.len()).sum::<usize>() * patterns.len())?;
        let with = |pattern: &&'a P| {
            let part = part_of(cut, pattern);
            ways.iter().filter_map(|way| part.iter().copied().try_fold(way.clone(), narrowed)).collect::<Vec<_>>()
        };
        ways = patterns.iter().flat_map(with).collect();
    }
    let mut left = FixedBitSet::with_capacity(cut.classes.len());
    left.insert_range(..);
    for (_, extent) in &inside {
        left.intersect_with(extent);
    }
    left.remove(class);
    let mut except = BTreeSet::new();
    for (patterns, extent) in outside {
        if !extent.is_disjoint(&left) {
            left.difference_with(extent);
            except.extend(patterns);
        }
    }
    formulas.spend(ways.len() * except.len())?;
    ways.retain(|way| !except.iter().any(|except| way.iter().any(|pattern| covers_all(&[*except], &[*pattern]))));
    let or_within = |way: BTreeSet<&'a P>| if way.is_empty() { vec![cut.within] } else { way.into_iter().collect() };
    Ok(Terms { except, patterns: ways.into_iter().map(or_within).collect() })
}

/// What all of some patterns match and one more as well, without those that say nothing beside another; nothing if they never meet.
fn narrowed<'a, P: Notation>(mut way: BTreeSet<&'a P>, pattern: &'a P) -> Option<BTreeSet<&'a P>> {
    if !way.iter().all(|other| may_meet(other.globs(), pattern.globs())) {
        return None;
    }
    if !way.iter().any(|other| is_wider(pattern, *other)) {
        way.retain(|other| !is_wider(*other, pattern));
        way.insert(pattern);
    }
    Some(way)
}

/// Whether some of the patterns may match what the exception matches. What a policy variable matches depends on who asks.
fn meet_some<P: Notation>(patterns: &BTreeSet<Vec<&P>>, except: &P) -> bool {
    let is_filled = |pattern: &P| pattern.globs().iter().any(|glob| glob.symbols().next().is_some());
    let meet = |pattern: &&P| is_filled(pattern) || is_filled(except) || may_meet(pattern.globs(), except.globs());
    patterns.iter().any(|all| all.iter().all(meet))
}

/// Whether the first covers the second; of two that cover each other, whether it is the later one.
fn is_wider<P: Notation>(wide: &P, narrow: &P) -> bool {
    covers_all(&[wide], &[narrow]) && (narrow < wide || !covers_all(&[narrow], &[wide]))
}

impl<'a, P: Notation> Terms<'a, P> {
    fn of(patterns: impl IntoIterator<Item = Vec<&'a P>>, except: impl IntoIterator<Item = &'a P>) -> Self {
        Self { except: except.into_iter().collect(), patterns: patterns.into_iter().collect() }
    }

    /// Leaves out what another pattern covers. Of two that cover each other the first stays.
    pub(super) fn prune(&mut self) {
        if self.patterns.len() < 2 || self.patterns.len() > MOST_COMPARED {
            return;
        }
        let is_open = |all: &&Vec<&'a P>| all.iter().any(|pattern| pattern.globs().iter().any(|glob| glob.as_exact().is_none()));
        let open: Vec<Vec<&'a P>> = self.patterns.iter().filter(is_open).cloned().collect();
        self.patterns
            .retain(|all| !open.iter().any(|wider| wider != all && covers_all(wider, all) && (wider < all || !covers_all(all, wider))));
    }

    /// Leaves out exceptions that meet no pattern, and those that another covers.
    pub(super) fn leave_out_idle(&mut self) {
        let Self { except, patterns } = self;
        if patterns.len().max(except.len()) <= MOST_COMPARED {
            except.retain(|except| meet_some(patterns, except));
        }
        let letters: usize = except.iter().map(|pattern| pattern.text().len()).sum();
        if letters <= MOST_LETTERS {
            let all: Vec<&'a P> = except.iter().copied().collect();
            except.retain(|except| !all.iter().any(|other| other != except && is_wider(*other, *except)));
        }
    }

    /// Whether all that the other means is meant by this.
    pub(super) fn contains(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        let is_covered = |all: &Vec<&'a P>| self.patterns.contains(all) || self.patterns.iter().any(|wider| covers_all(wider, all));
        let is_left = |except: &&'a P| other.except.contains(except) || !meet_some(&other.patterns, except);
        other.patterns.iter().all(is_covered) && self.except.iter().all(is_left)
    }

    /// Whether some of the patterns match the words; what is excepted is not looked at.
    pub(super) fn match_words(&self, words: &[Word]) -> bool {
        self.patterns.iter().any(|all| all.iter().all(|pattern| matches(pattern.globs(), words)))
    }

    /// Its patterns as text, each once.
    pub(super) fn texts(&self) -> Vec<String> {
        let text = |all: &Vec<&P>| all.iter().map(|pattern| pattern.text()).collect::<Vec<_>>().join(" & ");
        let mut texts: Vec<String> = self.patterns.iter().map(text).collect();
        texts.sort();
        texts
    }

    pub(super) fn except_texts(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.except.iter().map(|pattern| pattern.text().to_owned()).collect();
        texts.sort();
        texts
    }

    pub(super) fn patterns(&self) -> Vec<&'a P> {
        self.patterns.iter().flatten().copied().collect()
    }
}

//! The same for tuples of globs: an ARN is six segments, an action is a service and a name, each matched on its own.

use super::classes::classes_of_unions;
use super::glob::{Glob, Word};
use super::{Budget, Exhausted};
use std::collections::{BTreeMap, BTreeSet};

/// A glob for each segment. All tuples of one comparison have the same number of segments.
pub type Tuple = [Glob];

/// The tuples of words within `within` that none of `others` tells apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TupleClass {
    /// Which of the others match: indices, ascending.
    pub members: Vec<usize>,
    /// One of the tuples.
    pub words: Vec<Word>,
}

/// Whether each glob matches its word.
pub fn matches(tuple: &Tuple, words: &[Word]) -> bool {
    // From the end: the last segments are those that differ.
    tuple.len() == words.len() && tuple.iter().zip(words).rev().all(|(glob, word)| glob.matches(word))
}

/// False only when no tuple of words is in both; cheap.
pub fn may_meet(one: &Tuple, other: &Tuple) -> bool {
    one.iter().zip(other).rev().all(|(one, other)| one.may_meet(other))
}

/// The classes into which `others` cut the tuples of words of `within`; disjoint, and together all of them.
pub fn partition(within: &Tuple, others: &[&Tuple], budget: &mut Budget) -> Result<Vec<TupleClass>, Exhausted> {
    let alone: Vec<usize> = (0..others.len()).collect();
    partition_by_unions(within, others, &alone, budget)
}

/// The same where several tuples stand for one thing: `unions` is the number of the thing that each of `others` is a part of, and
/// so are the members of a class. What tells only parts of one thing apart makes no classes.
pub fn partition_by_unions(within: &Tuple, others: &[&Tuple], unions: &[usize], budget: &mut Budget) -> Result<Vec<TupleClass>, Exhausted> {
    budget.spend(1 + others.len() / 4)?;
    let others: Vec<Other<'_>> = others.iter().copied().zip(unions.iter().copied()).collect();
    if let Some(words) = single(within) {
        let matching = others.iter().filter(|(other, _)| matches(other, &words)).map(|(_, union)| *union);
        return Ok(vec![TupleClass { members: matching.collect::<BTreeSet<_>>().into_iter().collect(), words }]);
    }
    let alive: Vec<usize> = others.iter().enumerate().filter(|(_, (other, _))| may_meet(within, other)).map(|(at, _)| at).collect();
    let mut found = BTreeMap::new();
    descend(within, &others, &alive, &mut Vec::with_capacity(within.len()), &mut found, budget)?;
    Ok(found.into_iter().map(|(members, words)| TupleClass { members, words }).collect())
}

/// A tuple, and what it is a part of.
type Other<'o> = (&'o Tuple, usize);

/// The one tuple of words, where there is only one.
fn single(within: &Tuple) -> Option<Vec<Word>> {
    within.iter().map(|glob| glob.as_exact().map(Word::plain)).collect()
}

/// Segment by segment, keeping only the others that are still in play. Classes that leave the same others in play are one, and in
/// the last segment those that leave the same unions.
fn descend(
    within: &Tuple,
    others: &[Other<'_>],
    alive: &[usize],
    words: &mut Vec<Word>,
    found: &mut BTreeMap<Vec<usize>, Vec<Word>>,
    budget: &mut Budget,
) -> Result<(), Exhausted> {
    let at = words.len();
    let Some(glob) = within.get(at) else { return Ok(()) };
    let is_last = at + 1 == within.len();
    for (rest, word) in segment_classes(glob, others, alive, at, is_last, budget)? {
        words.push(word);
        if is_last {
            found.entry(rest).or_insert_with(|| words.clone());
        } else {
            descend(within, others, &rest, words, found, budget)?;
        }
        words.pop();
    }
    Ok(())
}

/// Which of the others, or in the last segment which of the unions, match which words of the segment.
fn segment_classes(
    glob: &Glob,
    others: &[Other<'_>],
    alive: &[usize],
    at: usize,
    is_last: bool,
    budget: &mut Budget,
) -> Result<BTreeMap<Vec<usize>, Word>, Exhausted> {
    let here = || alive.iter().filter_map(|&index| others.get(index).and_then(|(tuple, union)| Some((index, *union, tuple.get(at)?))));
    let number = |index, union| if is_last { union } else { index };
    budget.spend(1 + alive.len() / 8)?;
    if here().all(|(_, _, other)| other.plainly_covers(glob)) {
        let all: BTreeSet<usize> = here().map(|(index, union, _)| number(index, union)).collect();
        return Ok(BTreeMap::from([(all.into_iter().collect(), glob.sample())]));
    }
    budget.spend(alive.len())?;
    let mut distinct: BTreeMap<&Glob, Vec<usize>> = BTreeMap::new();
    for (index, union, other) in here() {
        distinct.entry(other).or_default().push(number(index, union));
    }
    let (globs, mut numbers): (Vec<&Glob>, Vec<Vec<usize>>) = distinct.into_iter().unzip();
    for numbers in &mut numbers {
        numbers.sort_unstable();
        numbers.dedup();
    }
    Ok(classes_of_unions(glob, &globs, &numbers, budget)?.into_iter().map(|class| (class.members, class.word)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tuple() -> impl Strategy<Value = Vec<Glob>> {
        prop::collection::vec(prop::sample::select(vec!["*", "a", "b", "a*", "*b", "?"]).prop_map(Glob::parse), 3)
    }

    proptest! {
        #[test]
        fn classes_of_tuples_are_disjoint_and_together_all_tuples(within in tuple(), others in prop::collection::vec(tuple(), 0..4)) {
            let refs: Vec<&Tuple> = others.iter().map(Vec::as_slice).collect();
            let found = partition(&within, &refs, &mut Budget::default()).unwrap();
            let signature = |words: &[Word]| (0..others.len()).filter(|i| matches(&others[*i], words)).collect::<Vec<_>>();
            for class in &found {
                prop_assert!(matches(&within, &class.words));
                prop_assert_eq!(&signature(&class.words), &class.members);
            }
            let texts = ["", "a", "b", "ab", "c", "bb"].map(Word::plain);
            for words in texts.iter().flat_map(|x| texts.iter().flat_map(|y| texts.iter().map(|z| [x.clone(), y.clone(), z.clone()])).collect::<Vec<_>>()) {
                if matches(&within, &words) {
                    prop_assert_eq!(found.iter().filter(|class| class.members == signature(&words)).count(), 1);
                }
            }
        }
    }
}

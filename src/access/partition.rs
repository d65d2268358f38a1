//! The same for tuples of globs: an ARN is six segments, an action is a service and a name, each matched on its own.

use super::glob::{Class, Glob, Word, classes};
use super::{Budget, Exhausted};
use std::collections::BTreeMap;

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
    if let Some(words) = single(within) {
        budget.spend(1 + others.len() / 4)?;
        let members = (0..others.len()).filter(|at| others.get(*at).is_some_and(|other| matches(other, &words))).collect();
        return Ok(vec![TupleClass { members, words }]);
    }
    budget.spend(1 + others.len() / 4)?;
    let alive: Vec<usize> = others.iter().enumerate().filter(|(_, other)| may_meet(within, other)).map(|(at, _)| at).collect();
    let mut found = BTreeMap::new();
    descend(within, others, &alive, &mut Vec::with_capacity(within.len()), &mut found, budget)?;
    Ok(found.into_iter().map(|(members, words)| TupleClass { members, words }).collect())
}

/// The one tuple of words, where there is only one.
fn single(within: &Tuple) -> Option<Vec<Word>> {
    within.iter().map(|glob| glob.as_exact().map(Word::plain)).collect()
}

/// Segment by segment, keeping only the others that are still in play. Classes that leave the same others in play are one.
fn descend(
    within: &Tuple,
    others: &[&Tuple],
    alive: &[usize],
    words: &mut Vec<Word>,
    found: &mut BTreeMap<Vec<usize>, Vec<Word>>,
    budget: &mut Budget,
) -> Result<(), Exhausted> {
    let at = words.len();
    let Some(glob) = within.get(at) else {
        found.entry(alive.to_vec()).or_insert_with(|| words.clone());
        return Ok(());
    };
    for (rest, word) in segment_classes(glob, others, alive, at, budget)? {
        words.push(word);
        descend(within, others, &rest, words, found, budget)?;
        words.pop();
    }
    Ok(())
}

fn segment_classes(
    glob: &Glob,
    others: &[&Tuple],
    alive: &[usize],
    at: usize,
    budget: &mut Budget,
) -> Result<BTreeMap<Vec<usize>, Word>, Exhausted> {
    let at_this = |index: &usize| others.get(*index).and_then(|tuple| tuple.get(at));
    if alive.iter().filter_map(at_this).all(|other| other.plainly_covers(glob)) {
        budget.spend(1 + alive.len() / 8)?;
        return Ok(BTreeMap::from([(alive.to_vec(), glob.sample())]));
    }
    budget.spend(alive.len())?;
    let mut distinct: BTreeMap<&Glob, Vec<usize>> = BTreeMap::new();
    for &index in alive {
        if let Some(other) = at_this(&index) {
            distinct.entry(other).or_default().push(index);
        }
    }
    let (globs, indices): (Vec<&Glob>, Vec<Vec<usize>>) = distinct.into_iter().unzip();
    let mut segments = BTreeMap::new();
    for Class { members, word } in classes(glob, &globs, budget)? {
        let mut rest: Vec<usize> = members.iter().filter_map(|member| indices.get(*member)).flatten().copied().collect();
        rest.sort_unstable();
        segments.entry(rest).or_insert(word);
    }
    Ok(segments)
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

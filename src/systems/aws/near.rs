//! Patterns by what is spelt out in one of their parts, so that looking for those that a pattern may meet passes by most of them.

use super::pattern::Notation;
use crate::access::{Word, matches, may_meet};
use std::collections::BTreeMap;

/// Patterns, found by the service of an action or a resource, or the account of a principal.
#[derive(Debug)]
pub(super) struct Near<'a, P> {
    patterns: Vec<&'a P>,
    /// Numbers of those whose part is spelt out, by it.
    spelt: BTreeMap<&'a str, Vec<usize>>,
    /// Numbers of the others.
    open: Vec<usize>,
}

impl<'a, P: Notation> Near<'a, P> {
    pub(super) fn new(patterns: impl IntoIterator<Item = &'a P>) -> Self {
        let mut near = Self { patterns: patterns.into_iter().collect(), spelt: BTreeMap::new(), open: Vec::new() };
        for (number, pattern) in near.patterns.iter().enumerate() {
            match part(*pattern) {
                Some(text) => near.spelt.entry(text).or_default().push(number),
                None => near.open.push(number),
            }
        }
        near
    }

    pub(super) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Numbers of all that may meet the pattern; of the others it is certain that they do not.
    pub(super) fn meeting<'s>(&'s self, pattern: &'s P) -> impl Iterator<Item = usize> + 's {
        let part = part(pattern);
        let own = part.and_then(|part| self.spelt.get(part));
        let all = part.is_none().then(|| self.spelt.values());
        let numbers = own.into_iter().chain(all.into_iter().flatten()).flatten().chain(&self.open).copied();
        numbers.filter(|number| self.patterns.get(*number).is_some_and(|other| may_meet(other.globs(), pattern.globs())))
    }

    /// Numbers of all that match the words.
    pub(super) fn matching<'s>(&'s self, words: &'s [Word]) -> impl Iterator<Item = usize> + 's {
        let own = if let Some(Word::Plain(text)) = words.get(P::SPELT) { self.spelt.get(&**text) } else { None };
        let numbers = own.into_iter().flatten().chain(&self.open).copied();
        numbers.filter(|number| self.patterns.get(*number).is_some_and(|pattern| matches(pattern.globs(), words)))
    }

    /// False only when the pattern meets none of them.
    pub(super) fn may_meet(&self, pattern: &P) -> bool {
        self.meeting(pattern).next().is_some()
    }
}

fn part<P: Notation>(pattern: &P) -> Option<&str> {
    pattern.globs().get(P::SPELT)?.as_exact()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::aws::Action;
    use proptest::prelude::*;

    fn action() -> impl Strategy<Value = Action> {
        let texts = vec!["*", "s3:*", "s3:Get*", "s3:GetObject", "s*:GetObject", "iam:*", "iam:Get*", "ec2:?etObject", "ec2:*t"];
        prop::sample::select(texts).prop_map(|text| Action::parse(text).unwrap())
    }

    proptest! {
        #[test]
        fn what_is_passed_by_meets_nothing(patterns in prop::collection::vec(action(), 0..8), pattern in action()) {
            let near = Near::new(&patterns);
            let mut found: Vec<usize> = near.meeting(&pattern).collect();
            found.sort_unstable();
            let all: Vec<usize> = (0..patterns.len()).filter(|at| may_meet(patterns[*at].globs(), pattern.globs())).collect();
            prop_assert_eq!(found, all);
        }

        #[test]
        fn what_is_passed_by_matches_nothing(patterns in prop::collection::vec(action(), 0..8), of in 0..3_usize, name in 0..3_usize) {
            let near = Near::new(&patterns);
            let words = [["s3", "iam", "ec2"][of], ["getobject", "getrole", "x"][name]].map(Word::plain);
            let mut found: Vec<usize> = near.matching(&words).collect();
            found.sort_unstable();
            let all: Vec<usize> = (0..patterns.len()).filter(|at| matches(patterns[*at].globs(), &words)).collect();
            prop_assert_eq!(found, all);
        }
    }
}

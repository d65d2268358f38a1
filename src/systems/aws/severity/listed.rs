//! Actions that something is known about, found by the patterns of a region without asking each of them.

use crate::access::{Glob, Word};
use crate::systems::aws::{Action, Notation};
use serde::Deserialize;
use std::collections::BTreeMap;

/// An action as the data spells it, read once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "String")]
pub(super) struct Spelt {
    pub(super) text: String,
    /// Service and name, in lower case.
    pub(super) words: [Word; 2],
}

impl From<String> for Spelt {
    fn from(text: String) -> Self {
        let lower = text.to_ascii_lowercase();
        let (service, name) = lower.split_once(':').unwrap_or(("", &lower));
        Self { words: [Word::plain(service), Word::plain(name)], text }
    }
}

/// What is known about one action.
#[derive(Debug)]
pub(super) struct Listed<T> {
    pub(super) words: [Word; 2],
    pub(super) all: Vec<T>,
}

/// Actions by service and by name.
pub(super) struct List<T>(BTreeMap<Word, BTreeMap<Word, Listed<T>>>);

impl<T> FromIterator<([Word; 2], T)> for List<T> {
    fn from_iter<I: IntoIterator<Item = ([Word; 2], T)>>(actions: I) -> Self {
        let mut list: BTreeMap<Word, BTreeMap<Word, Listed<T>>> = BTreeMap::new();
        for (words, what) in actions {
            let [service, name] = words.clone();
            let names = list.entry(service).or_default();
            names.entry(name).or_insert_with(|| Listed { words, all: Vec::new() }).all.push(what);
        }
        Self(list)
    }
}

impl<T> List<T> {
    /// What is known about the actions that the pattern means.
    pub(super) fn meant_by(&self, pattern: &Action) -> Vec<&Listed<T>> {
        let [service, name] = pattern.globs() else { return Vec::new() };
        matching(&self.0, service).into_iter().flat_map(|names| matching(names, name)).collect()
    }
}

fn matching<'m, V>(map: &'m BTreeMap<Word, V>, glob: &Glob) -> Vec<&'m V> {
    match glob.as_exact() {
        Some(text) => map.get(&Word::plain(text)).into_iter().collect(),
        None => map.iter().filter(|(word, _)| glob.matches(word)).map(|(_, value)| value).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_the_actions_of_a_list_that_it_matches() {
        let words = |text: &&str| Spelt::from((*text).to_owned()).words;
        let texts = ["iam:PassRole", "iam:PutRolePolicy", "s3:GetObject", "s3-outposts:GetObject"];
        let list: List<usize> = texts.iter().map(words).zip(0..).collect();
        let meant = |text: &str| {
            let found = list.meant_by(&Action::parse(text).unwrap());
            found.iter().flat_map(|one| one.all.iter().copied()).collect::<std::collections::BTreeSet<usize>>()
        };
        assert_eq!(meant("*"), (0..4).collect());
        assert_eq!(meant("IAM:P*Role*"), [0, 1].into());
        assert_eq!(meant("s3*:GetObject"), [2, 3].into());
        assert_eq!(meant("s3:getobject"), [2].into());
        assert!(meant("s3:GetObjec").is_empty() && meant("ec2:*").is_empty());
    }
}

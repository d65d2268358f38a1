//! How a set of globs cuts the words of one of them into classes.

use super::glob::{Glob, Word, fresh};
use super::product::{Found, Part, general_classes};
use super::{Budget, Exhausted};
use std::collections::{BTreeMap, BTreeSet};

/// The words of a glob that no other glob tells apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Which of the other globs match these words: indices, ascending.
    pub members: Vec<usize>,
    /// One of the words.
    pub word: Word,
}

impl Glob {
    /// Whether every word of the other is a word of this one.
    pub fn covers(&self, other: &Glob, budget: &mut Budget) -> Result<bool, Exhausted> {
        if self.plainly_covers(other) {
            return Ok(true);
        }
        // What all words of this one begin and end with, those of the other have to begin and end with as well: after its own beginning
        // and before its own end it takes more than one letter, or none.
        let fits = other.lead().starts_with(self.lead()) && ends_with(other.tail(), self.tail());
        if !fits || !(self.is_general() || other.is_general()) {
            return Ok(false);
        }
        Ok(classes(other, &[self], budget)?.iter().all(|class| !class.members.is_empty()))
    }
}

/// Whether a text ends like another, both from the end.
fn ends_with(mut text: impl Iterator<Item = char>, mut end: impl Iterator<Item = char>) -> bool {
    end.all(|c| text.next() == Some(c))
}

/// The classes into which `others` cut the words of `within`, in a fixed order; every word of `within` is in exactly one.
/// Words hold only symbols that `within` or some glob that may meet it names: any other stands for a text that is looked at letter by
/// letter, of which the words without symbols are all there is.
pub fn classes(within: &Glob, others: &[&Glob], budget: &mut Budget) -> Result<Vec<Class>, Exhausted> {
    let alone: Vec<Vec<usize>> = (0..others.len()).map(|index| vec![index]).collect();
    classes_of_unions(within, others, &alone, budget)
}

/// The same where several globs may stand for one thing: `unions` are the numbers of the things that each of `others` is a part of,
/// ascending, and so are the members of a class. What tells only parts of one thing apart makes no classes.
pub(super) fn classes_of_unions(
    within: &Glob,
    others: &[&Glob],
    unions: &[Vec<usize>],
    budget: &mut Budget,
) -> Result<Vec<Class>, Exhausted> {
    budget.spend(1 + others.len() / 8)?;
    let (covering, other): (Vec<_>, Vec<_>) = others.iter().zip(unions).partition(|(other, _)| other.plainly_covers(within));
    let always: BTreeSet<usize> = covering.into_iter().flat_map(|(_, unions)| unions).copied().collect();
    let adds = |unions: &[usize]| unions.iter().any(|number| !always.contains(number));
    let relevant: Vec<Part<'_>> = other
        .into_iter()
        .filter(|(other, unions)| adds(unions) && other.may_meet(within))
        .map(|(other, unions)| (&**unions, *other))
        .collect();
    let found = match (within.as_exact(), within.as_prefix()) {
        (Some(text), _) => one_word(&Word::plain(text), &relevant),
        _ if relevant.is_empty() => vec![(Vec::new(), within.sample())],
        (_, Some(lead)) if relevant.iter().all(|(_, glob)| !glob.is_general()) => prefix_classes(lead, &relevant, budget)?,
        _ => general_classes(within, &relevant, budget)?,
    };
    let with_always = found.into_iter().map(|(members, word)| (members.into_iter().chain(always.iter().copied()).collect(), word));
    Ok(distinct(with_always).into_iter().map(|(members, word)| Class { members, word }).collect())
}

fn one_word(word: &Word, relevant: &[Part<'_>]) -> Found {
    let members = relevant.iter().filter(|(_, glob)| glob.matches(word)).flat_map(|(unions, _)| *unions).copied().collect();
    vec![(members, word.clone())]
}

/// Where every glob is a text or a prefix, the texts and one continuation of each prefix stand for all words.
fn prefix_classes(lead: &str, relevant: &[Part<'_>], budget: &mut Budget) -> Result<Found, Exhausted> {
    let mut exact: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut prefixes: BTreeMap<&str, Vec<usize>> = BTreeMap::from([(lead, Vec::new())]);
    for (unions, glob) in relevant {
        let texts = if glob.as_exact().is_some() { &mut exact } else { &mut prefixes };
        texts.entry(glob.lead()).or_default().extend(*unions);
    }
    budget.spend((exact.len() + prefixes.len()) * prefixes.len() / 4)?;
    let under =
        |word: &str| prefixes.iter().filter(|(prefix, _)| word.starts_with(**prefix)).flat_map(|(_, i)| i.clone()).collect::<Vec<_>>();
    let continued = prefixes.keys().map(|prefix| {
        let taken = prefixes.keys().chain(exact.keys()).filter_map(|text| text.strip_prefix(prefix)?.chars().next()).collect();
        let word = format!("{prefix}{}", fresh(&taken));
        (under(&word), Word::plain(word))
    });
    let texts = exact.iter().map(|(text, indices)| {
        let members = under(text).into_iter().chain(indices.iter().copied()).collect();
        (members, Word::plain(*text))
    });
    Ok(distinct(continued.chain(texts)))
}

/// One word for each distinct set of members.
fn distinct(found: impl Iterator<Item = (Vec<usize>, Word)>) -> Found {
    let mut classes = BTreeMap::new();
    for (mut members, word) in found {
        members.sort_unstable();
        members.dedup();
        classes.entry(members).or_insert(word);
    }
    classes.into_iter().collect()
}

#[cfg(test)]
mod tests;

//! What variables may be: values in their places, and patterns read the other way round, from the words to the values.

use crate::access::{Budget, Exhausted, Glob, Letter, Piece, Tuple, Word, takes};
use crate::systems::aws::pattern::{Notation, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// What it costs to hold two patterns against each other, beside their letters.
pub(super) const HELD: usize = 300;

/// Where there are more ways than this to read a word as patterns, all is undecided.
pub(super) const WAYS: usize = 256;

/// What a variable is; other variables may be in it.
pub(super) type Value = Vec<Letter>;

/// Values of some variables, by their keys in lower case.
pub(super) type Values = BTreeMap<String, Value>;

pub(super) fn symbols(resource: &Resource) -> impl Iterator<Item = &str> {
    resource.globs().iter().flat_map(Glob::symbols)
}

pub(super) fn is_open(pattern: &Resource) -> bool {
    symbols(pattern).next().is_some()
}

/// Whether one of the variables of the pattern has a value here.
pub(super) fn fills(pattern: &Resource, values: &Values) -> bool {
    symbols(pattern).any(|symbol| values.contains_key(symbol))
}

/// Whether a value can be written into a policy as it is.
pub(super) fn is_plain(value: &Value) -> bool {
    let is_itself = |letter: &Letter| matches!(letter, Letter::Char(c) if !matches!(c, '*' | '?' | '$'));
    value.iter().all(is_itself)
}

/// Whether somebody may have these values, as far as IAM's own names tell.
pub(super) fn is_possible(values: &Values) -> bool {
    values.iter().all(|(key, value)| is_plain(value) || !is_named_in_iam(key))
}

/// Whether IAM lets nobody have a value with a wildcard or a `$` for this key.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules>
fn is_named_in_iam(key: &str) -> bool {
    key == "aws:username" || key.starts_with("aws:principaltag/")
}

/// A value that is there is likelier than one that is empty.
pub(super) fn is_likelier(values: &Values, than: &Values) -> bool {
    let empty = |values: &Values| values.values().filter(|value| value.is_empty()).count();
    empty(values) < empty(than)
}

/// The pieces of any value.
pub(super) fn anything(_: &str) -> Vec<Piece> {
    vec![Piece::Many]
}

/// With pieces in the places of the variables.
pub(super) fn widened(globs: &Tuple, pieces: &dyn Fn(&str) -> Vec<Piece>) -> Vec<Glob> {
    let of_piece = |piece: Piece| if let Piece::Letter(Letter::Symbol(symbol)) = &piece { pieces(symbol) } else { vec![piece] };
    globs.iter().map(|glob| Glob::new(glob.pieces().into_iter().flat_map(of_piece))).collect()
}

/// A pattern with values in the places of its variables.
pub(super) fn filled(pattern: &Resource, values: &Values) -> Vec<Glob> {
    let letters = |symbol: &str| {
        let itself = || vec![Letter::Symbol(symbol.into())];
        values.get(symbol).cloned().unwrap_or_else(itself).into_iter().map(Piece::Letter).collect()
    };
    widened(pattern.globs(), &letters)
}

/// The pattern with values in the places of its variables.
pub(super) fn filled_in(resource: &Resource, values: &Values) -> Resource {
    if !fills(resource, values) {
        return resource.clone();
    }
    resource.filled(&|symbol| values.get(symbol).cloned())
}

/// Every way to read words as a pattern.
pub(super) fn read_words(pattern: &Resource, words: &[Word], values: &Values, budget: &mut Budget) -> Result<BTreeSet<Values>, Exhausted> {
    let mut ways = BTreeSet::from([values.clone()]);
    for (glob, word) in pattern.globs().iter().zip(words) {
        if glob.symbols().next().is_none() {
            if !glob.matches(word) {
                return Ok(BTreeSet::new());
            }
            continue;
        }
        let (pieces, letters, mut found) = (glob.pieces(), word.letters(), BTreeSet::new());
        let tail = pieces.iter().rev().take_while(|piece| !matches!(piece, Piece::Letter(Letter::Symbol(_)))).count();
        for known in &ways {
            Reading { known, tail, bound: Vec::new(), found: &mut found, budget }.read(&pieces, &letters)?;
        }
        ways = found;
    }
    Ok(ways)
}

/// Letters that are read as pieces.
struct Reading<'r, 'f> {
    known: &'r Values,
    /// How many pieces follow the last variable.
    tail: usize,
    /// What variables are as far as it has come.
    bound: Vec<(&'r str, &'r [Letter])>,
    found: &'f mut BTreeSet<Values>,
    budget: &'f mut Budget,
}

impl<'r> Reading<'r, '_> {
    /// Every way in which these letters are what these pieces mean; too many are an error.
    fn read(&mut self, pieces: &'r [Piece], letters: &'r [Letter]) -> Result<(), Exhausted> {
        self.budget.spend(1)?;
        let (piece, behind) = match pieces.split_first() {
            Some(both) if pieces.len() > self.tail => both,
            _ => return self.end(pieces, letters),
        };
        match (piece, letters.split_first()) {
            (Piece::Letter(Letter::Symbol(symbol)), _) => match self.value(symbol) {
                Some(known) => letters.strip_prefix(known).map_or(Ok(()), |rest| self.read(behind, rest)),
                None => (0..=letters.len()).filter_map(|count| letters.split_at_checked(count)).try_for_each(|(value, rest)| {
                    self.bound.push((symbol, value));
                    self.read(behind, rest)?;
                    self.bound.pop();
                    Ok(())
                }),
            },
            (piece, Some((letter, rest))) if piece.takes(letter) => {
                if piece.repeats() {
                    self.read(behind, letters)?;
                }
                self.read(if piece.repeats() { pieces } else { behind }, rest)
            }
            (piece, _) if piece.repeats() => self.read(behind, letters),
            _ => Ok(()),
        }
    }

    /// Without variables there is one way or none.
    fn end(&mut self, pieces: &[Piece], letters: &[Letter]) -> Result<(), Exhausted> {
        if takes(pieces, letters) {
            let bound = self.bound.iter().map(|(symbol, value)| ((*symbol).to_owned(), value.to_vec()));
            self.found.insert(self.known.clone().into_iter().chain(bound).collect());
        }
        if self.found.len() > WAYS { Err(Exhausted) } else { Ok(()) }
    }

    fn value(&self, symbol: &str) -> Option<&'r [Letter]> {
        let bound = || self.bound.iter().find(|(own, _)| *own == symbol).map(|(_, value)| *value);
        self.known.get(symbol).map(Vec::as_slice).or_else(bound)
    }
}

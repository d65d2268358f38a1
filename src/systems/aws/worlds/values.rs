//! What variables may be: values in their places, and patterns read the other way round, from the words to the values.

use crate::access::{Exhausted, Glob, Letter, Piece, Tuple, Word};
use crate::systems::aws::pattern::{Notation, Resource};
use std::collections::BTreeMap;

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
pub(super) fn read_words(pattern: &Resource, words: &[Word], values: Values) -> Result<Vec<Values>, Exhausted> {
    let mut ways = vec![values];
    for (glob, word) in pattern.globs().iter().zip(words) {
        let (pieces, letters) = (glob.pieces(), word.letters());
        ways = ways.into_iter().flat_map(|way| read_as(&pieces, &letters, way)).collect();
        ways.sort();
        ways.dedup();
        if ways.len() > WAYS {
            return Err(Exhausted);
        }
    }
    Ok(ways)
}

/// Every way in which the letters are what the pieces mean, with what the variables are then; of too many, more than are looked at.
fn read_as(pieces: &[Piece], letters: &[Letter], values: Values) -> Vec<Values> {
    let Some((piece, behind)) = pieces.split_first() else {
        return if letters.is_empty() { vec![values] } else { Vec::new() };
    };
    let after = |count: usize| letters.get(count..).unwrap_or_default();
    match piece {
        Piece::Letter(Letter::Symbol(symbol)) => {
            if let Some(known) = values.get(&**symbol) {
                let is_it = letters.starts_with(known);
                return if is_it { read_as(behind, after(known.len()), values.clone()) } else { Vec::new() };
            }
            let with = |value: Value, rest: &[Letter]| {
                read_as(behind, rest, values.iter().map(|(k, v)| (k.clone(), v.clone())).chain([(symbol.to_string(), value)]).collect())
            };
            let by_value = (0..=letters.len()).flat_map(|count| with(letters.get(..count).unwrap_or_default().to_vec(), after(count)));
            by_value.take(WAYS + 1).collect()
        }
        piece if piece.repeats() => (0..=letters.len())
            .take_while(|count| letters.get(..*count).unwrap_or_default().iter().all(|letter| piece.takes(letter)))
            .flat_map(|count| read_as(behind, after(count), values.clone()))
            .take(WAYS + 1)
            .collect(),
        piece => match letters.split_first() {
            Some((letter, rest)) if piece.takes(letter) => read_as(behind, rest, values),
            _ => Vec::new(),
        },
    }
}

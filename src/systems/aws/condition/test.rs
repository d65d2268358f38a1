//! What one value of a request is held against:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use super::line::{Line, Order};
use super::network::Network;
use crate::access::{Glob, Letter, Piece, Word, matches};
use crate::systems::aws::pattern::variable;

/// An operator with a value, as far as its meaning is known and does not depend on the rest of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::systems::aws) enum Test {
    /// `StringEquals`, `StringLike`
    Text(Glob),
    /// `StringEqualsIgnoreCase`, in lower case.
    Folded(Box<str>),
    /// `ArnLike`, which `ArnEquals` is as well: six parts, each matched on its own.
    Arn(Box<[Glob; 6]>),
    /// `Numeric…`, `Date…`: a side of a point on a line.
    Line(Line, Order, i128),
    /// `Bool`
    Bool(bool),
    /// `IpAddress`
    Network(Network),
}

impl Test {
    /// From a positive operator and a value. None where the operator is not known, the value is no value of it, or a policy variable
    /// stands in it.
    pub(in crate::systems::aws) fn new(operator: &str, value: &str) -> Option<Self> {
        match operator {
            "StringEquals" => literal(value, false).map(Self::Text),
            "StringEqualsIgnoreCase" => Some(Self::Folded(literal(value, false)?.as_exact()?.to_lowercase().into())),
            "StringLike" => literal(value, true).map(Self::Text),
            "ArnLike" => arn(value).map(Self::Arn),
            "Bool" => ["false", "true"].iter().position(|word| word.eq_ignore_ascii_case(value)).map(|at| Self::Bool(at == 1)),
            "IpAddress" => Network::parse(value).map(Self::Network),
            _ => {
                let (line, relation) = Line::of(operator)?;
                Some(Self::Line(line, Order::parse(relation)?, line.parse(value)?))
            }
        }
    }

    /// Whether a value of a request passes.
    pub(in crate::systems::aws) fn holds(&self, value: &str) -> bool {
        match self {
            Self::Text(glob) => glob.matches(&Word::plain(value)),
            Self::Folded(text) => value.to_lowercase() == **text,
            Self::Arn(globs) => {
                let words: Vec<Word> = value.splitn(6, ':').map(Word::plain).collect();
                matches(globs.as_slice(), &words)
            }
            Self::Line(line, order, at) => line.parse(value).is_some_and(|value| order.holds(value.cmp(at))),
            Self::Bool(expected) => value.eq_ignore_ascii_case(if *expected { "true" } else { "false" }),
            Self::Network(network) => Network::parse(value).is_some_and(|one| one.is_address() && network.contains(&one)),
        }
    }
}

/// The pieces of a value: `${*}`, `${?}` and `${$}` are characters, every other `${…}` is a policy variable, and `*` and `?` are
/// wildcards where the operator has them. None where a `${` is not closed.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
fn pieces(value: &str, has_wildcards: bool) -> Option<Vec<Piece>> {
    let (mut pieces, mut rest) = (Vec::new(), value);
    while let Some(c) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix("${") {
            let (name, after) = inside.split_once('}')?;
            pieces.push(Piece::Letter(variable(name)));
            rest = after;
            continue;
        }
        pieces.push(match c {
            '*' if has_wildcards => Piece::Many,
            '?' if has_wildcards => Piece::One,
            c => Piece::Letter(Letter::Char(c)),
        });
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    Some(pieces)
}

/// The same where no policy variable stands in it.
fn literal(value: &str, has_wildcards: bool) -> Option<Glob> {
    let pieces = pieces(value, has_wildcards)?;
    let is_symbol = |piece: &Piece| matches!(piece, Piece::Letter(Letter::Symbol(_)));
    (!pieces.iter().any(is_symbol)).then(|| Glob::new(pieces))
}

/// Six parts between colons. What the documentation says is about those only.
fn arn(value: &str) -> Option<Box<[Glob; 6]>> {
    literal(value, true)?;
    let colon = Piece::Letter(Letter::Char(':'));
    let pieces = pieces(value, true)?;
    let parts: Vec<Glob> = pieces.splitn(6, |piece| *piece == colon).map(|part| Glob::new(part.to_vec())).collect();
    parts.try_into().ok().map(Box::new)
}

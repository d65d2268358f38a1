//! What one value of a request is held against:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use super::line::{Line, Order, points};
use super::network::Network;
use crate::access::{Glob, Letter, Piece, Word};
use crate::systems::aws::pattern::variable;

/// An operator with a value that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// `String…`, `Arn…` and `Bool`: the texts of a pattern.
    Text(Glob),
    /// `Numeric…`, `Date…`: a side of a point on a line.
    Line(Line, Order, i128),
    /// `IpAddress`
    Network(Network),
}

/// What tests have in common that cut values into kinds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Text,
    Line(Line),
    Network,
}

/// What is known of an operator with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// All of it.
    Exactly(Test),
    /// A policy variable stands in it: whatever the variable is, nothing passes that does not pass this.
    AtMost(Test),
    /// Nothing: the operator is unknown, or the value is none that it takes.
    Nothing,
}

impl Known {
    /// Of a positive operator with a value, for a key in lower case.
    pub(super) fn of(operator: &str, key: &str, value: &str) -> Self {
        let Some(pieces) = pieces(value, has_wildcards(operator)) else { return Self::Nothing };
        let has_variable = pieces.iter().any(|piece| symbol(piece).is_some());
        let anything = pieces.into_iter().map(|piece| if symbol(&piece).is_some() { Piece::Many } else { piece });
        match Test::new(operator, key, value, anything.collect()) {
            Some(test) if has_variable => Self::AtMost(test),
            Some(test) => Self::Exactly(test),
            None => Self::Nothing,
        }
    }

    /// The test, exact or not.
    pub(super) fn test(&self) -> Option<&Test> {
        match self {
            Self::Exactly(test) | Self::AtMost(test) => Some(test),
            Self::Nothing => None,
        }
    }

    /// Whether a value of a request passes; none where that cannot be told.
    pub(super) fn is_passed_by(&self, value: &str) -> Option<bool> {
        match self {
            Self::Exactly(test) => Some(test.is_passed_by(value)),
            Self::AtMost(test) => (!test.is_passed_by(value)).then_some(false),
            Self::Nothing => None,
        }
    }
}

impl Test {
    fn new(operator: &str, key: &str, value: &str, pieces: Vec<Piece>) -> Option<Self> {
        let is_plain = pieces.iter().all(|piece| matches!(piece, Piece::Letter(_)));
        match operator {
            "StringEquals" | "StringLike" => Some(Self::Text(Glob::new(pieces))),
            "StringEqualsIgnoreCase" => folded(pieces).map(Self::Text),
            "ArnLike" => arn(&pieces).map(Self::Text),
            "Bool" => match value.to_ascii_lowercase().as_str() {
                "true" | "false" => folded(pieces).map(Self::Text),
                _ => (!is_plain && value.starts_with("${")).then(|| Self::Text(Glob::any())),
            },
            "IpAddress" => Network::parse(value).map(Self::Network),
            _ => {
                let (line, relation) = Line::of(operator).filter(|(line, _)| line.is_as_documented(value))?;
                // The same instant, whether it is compared as a number or as a date.
                let line = if key == "aws:epochtime" { Line::Seconds } else { line };
                Some(Self::Line(line, Order::parse(relation)?, line.bound(value)?))
            }
        }
    }

    /// With the policy variables replaced by what the request brings. None where nothing is known, or a variable has no value: what is
    /// compared with that never matches.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value>
    pub(super) fn filled(operator: &str, key: &str, value: &str, sent: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let mut filled = Vec::new();
        for piece in pieces(value, has_wildcards(operator))? {
            match symbol(&piece) {
                None => filled.push(piece),
                Some(name) => filled.extend(value_of(name, sent)?.chars().map(|c| Piece::Letter(Letter::Char(c)))),
            }
        }
        let text: Option<String> =
            filled.iter().map(|piece| if let Piece::Letter(Letter::Char(c)) = piece { Some(*c) } else { None }).collect();
        Self::new(operator, key, text.as_deref().unwrap_or(value), filled)
    }

    /// A value that passes.
    pub(super) fn example(&self) -> Option<String> {
        match self {
            Self::Text(glob) => match glob.sample() {
                Word::Plain(text) => Some(text.to_string()),
                Word::Mixed(_) => None,
            },
            Self::Line(line, _, at) => points([*at]).into_iter().map(|at| line.text(at)).find(|value| self.is_passed_by(value)),
            Self::Network(network) => network.outside(&[]).map(|address| address.to_string()),
        }
    }

    pub(super) fn family(&self) -> Family {
        match self {
            Self::Text(_) => Family::Text,
            Self::Line(line, ..) => Family::Line(*line),
            Self::Network(_) => Family::Network,
        }
    }

    /// Whether a value of a request passes.
    pub(super) fn is_passed_by(&self, value: &str) -> bool {
        match self {
            Self::Text(glob) => glob.matches(&Word::plain(value)),
            Self::Line(line, order, at) => line.parse(value).is_some_and(|value| order.holds(value.cmp(at))),
            Self::Network(network) => Network::parse(value).is_some_and(|one| one.is_address() && network.contains(&one)),
        }
    }
}

/// The keys of the policy variables in a value, as they are written.
pub(in crate::systems::aws) fn variables(value: &str) -> impl Iterator<Item = &str> {
    keys_and_defaults(value).map(|(key, _)| key)
}

/// Those that have a default.
pub(in crate::systems::aws) fn with_default(value: &str) -> impl Iterator<Item = &str> {
    keys_and_defaults(value).filter(|(_, default)| default.is_some()).map(|(key, _)| key)
}

/// The value where the keys that are asked about are there, or are missing: a variable without a default, or the default.
pub(super) fn presuming(value: &str, is_missing: &dyn Fn(&str) -> Option<bool>) -> String {
    let mut parts = value.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let Some((name, rest)) = part.split_once('}') else { return format!("{text}${{{part}") };
        let (key, default) = key_and_default(name);
        match (default, is_missing(key.trim())) {
            (Some(default), Some(true)) => text + &escaped(default) + rest,
            (Some(_), Some(false)) => format!("{text}${{{}}}{rest}", key.trim()),
            _ => format!("{text}${{{part}"),
        }
    })
}

/// As it stands in a pattern, where letters that mean something else are written so that they mean themselves.
pub(in crate::systems::aws) fn escaped(text: &str) -> String {
    let letter = |c: char| if matches!(c, '*' | '?' | '$') { format!("${{{c}}}") } else { c.to_string() };
    text.chars().map(letter).collect()
}

/// Those that have no default, and so no value where the request does not bring one.
pub(super) fn unfilled(value: &str) -> impl Iterator<Item = &str> {
    keys_and_defaults(value).filter(|(_, default)| default.is_none()).map(|(key, _)| key)
}

fn keys_and_defaults(value: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let inside = value.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    let pairs = inside.map(|(name, _)| key_and_default(name)).map(|(key, default)| (key.trim(), default));
    pairs.filter(|(key, _)| !matches!(*key, "*" | "?" | "$"))
}

fn value_of(name: &str, sent: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (key, default) = key_and_default(name);
    sent(key).or_else(|| default.map(ToOwned::to_owned))
}

/// `key, 'default'`
pub(in crate::systems::aws) fn key_and_default(name: &str) -> (&str, Option<&str>) {
    let (key, default) = name.split_once(',').map_or((name, None), |(key, default)| (key, Some(default)));
    (key, default.and_then(|default| default.trim().strip_prefix('\'')?.strip_suffix('\'')))
}

/// Whether what stands behind a comma is a default, in single quotes.
pub(in crate::systems::aws) fn is_variable(name: &str) -> bool {
    !name.contains(',') || key_and_default(name).1.is_some()
}

fn symbol(piece: &Piece) -> Option<&str> {
    if let Piece::Letter(Letter::Symbol(name)) = piece { Some(name) } else { None }
}

fn has_wildcards(operator: &str) -> bool {
    matches!(operator, "StringLike" | "ArnLike")
}

/// The pieces of a value: `${*}`, `${?}` and `${$}` are characters, every other `${…}` is a policy variable, and `*` and `?` are
/// wildcards where the operator has them. None where a `${` is not closed.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
fn pieces(value: &str, has_wildcards: bool) -> Option<Vec<Piece>> {
    let (mut pieces, mut rest) = (Vec::new(), value);
    while let Some(c) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix("${") {
            let (name, after) = inside.split_once('}').filter(|(name, _)| is_variable(name))?;
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

/// In any case. Only of ASCII is it known what that means.
fn folded(pieces: Vec<Piece>) -> Option<Glob> {
    let folded = pieces.into_iter().map(|piece| match piece {
        Piece::Letter(Letter::Char(c)) if !c.is_ascii() => None,
        Piece::Letter(Letter::Char(c)) if c.is_ascii_alphabetic() => Some(Piece::Fold(c.to_ascii_lowercase())),
        piece => Some(piece),
    });
    Some(Glob::new(folded.collect::<Option<Vec<_>>>()?))
}

/// Six parts between colons, of which only the last may hold one. What the documentation says is about those only.
fn arn(pieces: &[Piece]) -> Option<Glob> {
    let colon = Piece::Letter(Letter::Char(':'));
    let parts: Vec<&[Piece]> = pieces.splitn(6, |piece| *piece == colon).collect();
    let (last, first) = parts.split_last().filter(|(_, first)| first.len() == 5)?;
    let within = |piece: &Piece| match piece {
        Piece::Many => Piece::Run(':'),
        Piece::One => Piece::But(':'),
        piece => piece.clone(),
    };
    let closed = first.iter().flat_map(|part| part.iter().map(within).chain([colon.clone()]));
    Some(Glob::new(closed.chain(last.iter().cloned())))
}

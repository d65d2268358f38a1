//! What conditions ask about a request: each question is a variable of a formula.

use super::is_known;
use super::test::Test;

/// Something about a request that is true or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// Some other policy of the holder allows it.
    OtherAllow,
    /// Some other policy of the same kind of cap allows it.
    OtherCap,
    /// The key is not in the request.
    Missing(Box<str>),
    /// The key's value stands in this relation to the value; false when the key is missing.
    Is(Box<str>, Box<str>, Box<str>),
    /// One of the key's values does; false when there are none.
    Any(Box<str>, Box<str>, Box<str>),
    /// Each of the key's values does to one of these values; true when there are none.
    All(Box<str>, Box<str>, Vec<Box<str>>),
}

impl Atom {
    /// The key that it is about, in lower case.
    pub(super) fn key(&self) -> Option<&str> {
        match self {
            Self::OtherAllow | Self::OtherCap => None,
            Self::Missing(key) | Self::Is(_, key, _) | Self::Any(_, key, _) | Self::All(_, key, _) => Some(key),
        }
    }

    /// Whether it is about all values of a key together.
    pub(super) fn is_of_set(&self) -> bool {
        matches!(self, Self::Any(..) | Self::All(..))
    }

    /// What it holds values against, as far as that is known.
    pub(super) fn tests(&self) -> Vec<Test> {
        match self {
            Self::OtherAllow | Self::OtherCap | Self::Missing(_) => Vec::new(),
            Self::Is(operator, _, value) | Self::Any(operator, _, value) => Test::new(operator, value).into_iter().collect(),
            Self::All(operator, _, values) => values.iter().filter_map(|value| Test::new(operator, value)).collect(),
        }
    }

    /// Whether it is true of a key with these values; none where that cannot be told from them.
    pub(super) fn is_true(&self, values: &[String]) -> Option<bool> {
        let test = |operator, value, one: &String| Test::new(operator, value).map(|test| test.holds(one));
        match self {
            Self::OtherAllow | Self::OtherCap => None,
            Self::Missing(_) => Some(values.is_empty()),
            Self::Is(operator, _, value) => match values {
                [] => is_known(operator).then_some(false),
                [one] => test(operator, value, one),
                _ => None,
            },
            Self::Any(operator, _, value) => {
                let all: Option<Vec<bool>> = values.iter().map(|one| test(operator, value, one)).collect();
                Some(all?.contains(&true))
            }
            Self::All(operator, _, alternatives) => {
                let one_of = |one: &String| -> Option<bool> {
                    let all: Option<Vec<bool>> = alternatives.iter().map(|value| test(operator, value, one)).collect();
                    Some(all?.contains(&true))
                };
                let all: Option<Vec<bool>> = values.iter().map(one_of).collect();
                Some(!all?.contains(&false))
            }
        }
    }

    /// The key that has to be in the request for this to be true.
    pub(super) fn implies_present(&self) -> Option<&str> {
        match self {
            Self::Is(_, key, _) | Self::Any(_, key, _) => Some(key),
            _ => None,
        }
    }

    /// In the words of a policy, with the key in somebody's spelling.
    pub(super) fn text(&self, key: &str) -> String {
        match self {
            Self::OtherAllow => "another policy of the holder allows it".to_owned(),
            Self::OtherCap => "another policy of this kind allows it".to_owned(),
            Self::Missing(_) => format!("{key} is missing"),
            Self::Is(operator, _, value) => format!("{operator} {key} = {value}"),
            Self::Any(operator, _, value) => format!("ForAnyValue:{operator} {key} = {value}"),
            Self::All(operator, _, values) => format!("ForAllValues:{operator} {key} = {}", values.join(" or ")),
        }
    }
}

//! What conditions ask about a request: each question is a variable of a formula.

use super::line::{Line, Order};
use super::test::{Known, Test, variables};

/// Something about a request that is true or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// Some other policy of the holder allows it.
    OtherAllow,
    /// Some other policy of the same kind of cap allows it.
    OtherCap,
    /// `…IfExists` counts after `ForAnyValue:`, which the documentation neither shows nor rules out.
    IfExistsCounts,
    /// A statement counts whose negated element names a policy variable that has no value: it *might be invalid*.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value>
    UnfilledCounts,
    /// The key is not in the request.
    Missing(Box<str>),
    /// The key's value stands in this relation to the value; false when the key is missing.
    Is(Box<str>, Box<str>, Box<str>),
    /// One of the key's values does; false when there are none.
    Any(Box<str>, Box<str>, Box<str>),
    /// Each of the key's values does to one of these values; true when there are none.
    All(Box<str>, Box<str>, Vec<Box<str>>),
    /// A comparison whose meaning is not known, with all its values.
    Opaque(Box<str>, Box<str>, Vec<Box<str>>),
}

impl Atom {
    /// The key that it is about, in lower case.
    pub(super) fn key(&self) -> Option<&str> {
        match self {
            Self::OtherAllow | Self::OtherCap | Self::IfExistsCounts | Self::UnfilledCounts => None,
            Self::Missing(key) | Self::Is(_, key, _) | Self::Any(_, key, _) | Self::All(_, key, _) | Self::Opaque(_, key, _) => Some(key),
        }
    }

    /// Whether it is about all values of a key together.
    pub(super) fn is_of_set(&self) -> bool {
        matches!(self, Self::Any(..) | Self::All(..))
    }

    /// The operator and the key of a comparison.
    pub(super) fn comparison(&self) -> Option<(&str, &str)> {
        match self {
            Self::Is(operator, key, _) | Self::Any(operator, key, _) | Self::All(operator, key, _) => Some((operator, key)),
            _ => None,
        }
    }

    /// The values of the policy that a value of the request is held against, one of which it has to pass.
    pub(super) fn values(&self) -> &[Box<str>] {
        match self {
            Self::Is(_, _, value) | Self::Any(_, _, value) => std::slice::from_ref(value),
            Self::All(_, _, values) => values,
            _ => &[],
        }
    }

    /// What is known of each of its values.
    pub(super) fn known(&self) -> Vec<Known> {
        let Some((operator, key)) = self.comparison() else { return Vec::new() };
        self.values().iter().map(|value| Known::of(operator, key, value)).collect()
    }

    /// Values that pass, with something plain for every wildcard.
    pub(super) fn examples(&self, sent: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
        let Some((operator, key)) = self.comparison() else { return Vec::new() };
        self.values().iter().filter_map(|value| Test::filled(operator, key, value, sent)?.example()).collect()
    }

    /// The keys of the policy variables in it, as they are written.
    pub(in crate::systems::aws) fn variables(&self) -> Vec<String> {
        self.values().iter().flat_map(|value| variables(value)).map(ToOwned::to_owned).collect()
    }

    /// Whether it is true of a request without the key; none where that cannot be told.
    pub(super) fn is_true_of_nothing(&self) -> Option<bool> {
        match self {
            Self::OtherAllow | Self::OtherCap | Self::IfExistsCounts | Self::UnfilledCounts | Self::Opaque(..) => None,
            Self::Missing(_) | Self::All(..) => Some(true),
            Self::Is(..) | Self::Any(..) => Some(false),
        }
    }

    /// Whether it is true of a request that sends these values, where policy variables stand for what `sent` says; none where that
    /// cannot be told.
    pub(super) fn is_true_of(&self, values: &[String], sent: &dyn Fn(&str) -> Option<String>) -> Option<bool> {
        if values.is_empty() {
            return self.is_true_of_nothing();
        }
        let Some((operator, key)) = self.comparison() else { return matches!(self, Self::Missing(_)).then_some(false) };
        let tests: Vec<Test> = self.values().iter().filter_map(|value| Test::filled(operator, key, value, sent)).collect();
        let passes = |value: &String| tests.iter().any(|test| test.is_passed_by(value));
        match self {
            Self::Is(..) if values.len() > 1 => None,
            Self::All(..) => Some(values.iter().all(passes)),
            _ => Some(values.iter().any(passes)),
        }
    }

    /// The instant from which on it is false for good, and that instant as the policy writes it, or as a date where it writes seconds.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-currenttime>
    pub(in crate::systems::aws) fn end(&self) -> Option<(i128, String)> {
        let Self::Is(operator, key, value) = self else { return None };
        if !matches!(&**key, "aws:currenttime" | "aws:epochtime") {
            return None;
        }
        match Known::of(operator, key, value) {
            Known::Exactly(Test::Line(line, Order::Less | Order::LessOrEqual, at)) if line != Line::Number => {
                let is_date = value.contains('-');
                Some((at, if is_date { value.to_string() } else { Line::Instant.text(at) }))
            }
            _ => None,
        }
    }

    /// In the words of a policy, with the key in somebody's spelling.
    pub(super) fn text(&self, key: &str) -> String {
        match self {
            Self::OtherAllow => "another policy of the holder allows it".to_owned(),
            Self::OtherCap => "another policy of this kind allows it".to_owned(),
            Self::IfExistsCounts => "ForAnyValue heeds IfExists".to_owned(),
            Self::UnfilledCounts => "counted without a value for its policy variable".to_owned(),
            Self::Missing(_) => format!("{key} is missing"),
            Self::Is(operator, _, value) => format!("{operator} {key} = {value}"),
            Self::Any(operator, _, value) => format!("ForAnyValue:{operator} {key} = {value}"),
            Self::Opaque(operator, _, values) => format!("{operator} {key} = {}", values.join(" or ")),
            Self::All(operator, _, values) => format!("ForAllValues:{operator} {key} = {}", values.join(" or ")),
        }
    }
}

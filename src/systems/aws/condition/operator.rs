//! Condition operators by name:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

/// `ForAnyValue:` and `ForAllValues:` in front of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Quantifier {
    None,
    Any,
    All,
}

/// An operator taken apart.
pub(super) struct Operator<'o> {
    pub(super) quantifier: Quantifier,
    /// Without its *not*, in the documentation's spelling where it is a known one.
    pub(super) positive: &'o str,
    pub(super) negated: bool,
    pub(super) if_exists: bool,
}

/// As written, without its *not*, and whether it had one. `ArnEquals` and `ArnLike` behave identically.
const OPERATORS: [(&str, &str, bool); 27] = [
    ("StringEquals", "StringEquals", false),
    ("StringNotEquals", "StringEquals", true),
    ("StringEqualsIgnoreCase", "StringEqualsIgnoreCase", false),
    ("StringNotEqualsIgnoreCase", "StringEqualsIgnoreCase", true),
    ("StringLike", "StringLike", false),
    ("StringNotLike", "StringLike", true),
    ("NumericEquals", "NumericEquals", false),
    ("NumericNotEquals", "NumericEquals", true),
    ("NumericLessThan", "NumericLessThan", false),
    ("NumericLessThanEquals", "NumericLessThanEquals", false),
    ("NumericGreaterThan", "NumericGreaterThan", false),
    ("NumericGreaterThanEquals", "NumericGreaterThanEquals", false),
    ("DateEquals", "DateEquals", false),
    ("DateNotEquals", "DateEquals", true),
    ("DateLessThan", "DateLessThan", false),
    ("DateLessThanEquals", "DateLessThanEquals", false),
    ("DateGreaterThan", "DateGreaterThan", false),
    ("DateGreaterThanEquals", "DateGreaterThanEquals", false),
    ("Bool", "Bool", false),
    ("BinaryEquals", "BinaryEquals", false),
    ("IpAddress", "IpAddress", false),
    ("NotIpAddress", "IpAddress", true),
    ("ArnEquals", "ArnLike", false),
    ("ArnLike", "ArnLike", false),
    ("ArnNotEquals", "ArnLike", true),
    ("ArnNotLike", "ArnLike", true),
    ("Null", "Null", false),
];

impl<'o> Operator<'o> {
    /// From a policy's text. What stands in no documentation is an operator of its own.
    pub(super) fn parse(text: &'o str) -> Self {
        let (quantifier, bare) = match text.split_once(':') {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => (Quantifier::Any, rest),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => (Quantifier::All, rest),
            _ => (Quantifier::None, text),
        };
        let (bare, if_exists) = strip_suffix(bare, "IfExists").map_or((bare, false), |bare| (bare, true));
        let known = OPERATORS.iter().find(|(written, ..)| written.eq_ignore_ascii_case(bare));
        let (positive, negated) = known.map_or((bare, false), |(_, positive, negated)| (*positive, *negated));
        // `Null` asks for the key alone; with anything around it, it is no operator of the documentation.
        if positive == "Null" && (if_exists || quantifier != Quantifier::None) {
            return Self { quantifier: Quantifier::None, positive: text, negated: false, if_exists: false };
        }
        Self { quantifier, positive, negated, if_exists }
    }
}

/// Whether it is a positive operator of the documentation.
pub(super) fn is_known(positive: &str) -> bool {
    OPERATORS.iter().any(|(_, known, _)| *known == positive)
}

/// Every operator's name.
pub fn names() -> Vec<&'static str> {
    OPERATORS.iter().map(|(written, ..)| *written).collect()
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    let (head, tail) = text.split_at_checked(at)?;
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}

//! Conditions as formulas: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
//!
//! A block is an AND over operators and keys, each an OR over its values. Every (operator, key, value) is one variable; what two
//! variables have to do with each other is said by axioms, as far as it is known.

mod atom;
mod key;
mod line;
mod network;
mod samples;
mod test;
mod variables;
mod witness;

use crate::access::{Exhausted, Formula, Formulas};
pub use atom::Atom;
use key::Key;
pub(super) use variables::Variables;
pub(super) use witness::Sent;

/// What has to be true of a request, one clause and all others.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Condition {
    /// Sorted, without repeats.
    pub clauses: Vec<Clause>,
}

/// One operator and key with its values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clause {
    quantifier: Quantifier,
    operator: Box<str>,
    negated: bool,
    if_exists: bool,
    key: Key,
    /// Sorted, without repeats.
    values: Vec<Box<str>>,
}

/// `ForAnyValue:` and `ForAllValues:` in front of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Quantifier {
    None,
    Any,
    All,
}

impl Clause {
    /// From an operator as written, a key and its values.
    pub fn new(operator: &str, key: &str, values: impl IntoIterator<Item = String>) -> Self {
        let (quantifier, bare) = match operator.split_once(':') {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => (Quantifier::Any, rest),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => (Quantifier::All, rest),
            _ => (Quantifier::None, operator),
        };
        let (bare, if_exists) = strip_suffix(bare, "IfExists").map_or((bare, false), |bare| (bare, true));
        let (operator, negated) = positive(bare);
        let mut values: Vec<Box<str>> = values.into_iter().map(Into::into).collect();
        values.sort();
        values.dedup();
        Self { quantifier, operator: operator.into(), negated, if_exists, key: Key::new(key), values }
    }

    /// When the clause is met.
    fn formula(&self, variables: &Variables, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        if &*self.operator == "Null" && self.quantifier == Quantifier::None {
            return self.null(variables, formulas);
        }
        let met = match (self.quantifier, self.negated) {
            (Quantifier::None | Quantifier::Any, false) | (Quantifier::None | Quantifier::All, true) => {
                let any = self.one_of_the_values(variables, formulas)?;
                if self.negated { formulas.not(any)? } else { any }
            }
            (Quantifier::All, false) => variables.formula(&self.all(), formulas)?,
            (Quantifier::Any, true) => {
                let all = variables.formula(&self.all(), formulas)?;
                formulas.not(all)?
            }
        };
        if !self.if_exists {
            return Ok(met);
        }
        let missing = variables.formula(&Atom::Missing(self.key.folded.clone()), formulas)?;
        formulas.or(missing, met)
    }

    fn one_of_the_values(&self, variables: &Variables, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        self.values.iter().try_fold(Formula::FALSE, |sum, value| {
            let one = variables.formula(&self.one(value), formulas)?;
            formulas.or(sum, one)
        })
    }

    /// `"Null": {"key": "true"}` wants the key to be missing, `"false"` wants it to be there.
    fn null(&self, variables: &Variables, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let missing = variables.formula(&Atom::Missing(self.key.folded.clone()), formulas)?;
        self.values.iter().try_fold(Formula::FALSE, |sum, value| {
            let one = if value.eq_ignore_ascii_case("true") { missing } else { formulas.not(missing)? };
            formulas.or(sum, one)
        })
    }

    /// `ForAllValues:XNot…` means that no value is X: the opposite of `ForAnyValue:X`.
    fn one(&self, value: &str) -> Atom {
        match self.quantifier {
            Quantifier::None => Atom::Is(self.operator.clone(), self.key.folded.clone(), value.into()),
            Quantifier::Any | Quantifier::All => Atom::Any(self.operator.clone(), self.key.folded.clone(), value.into()),
        }
    }

    fn all(&self) -> Atom {
        Atom::All(self.operator.clone(), self.key.folded.clone(), self.values.clone())
    }

    fn atoms(&self) -> Vec<Atom> {
        let of_values: Vec<Atom> = match (self.quantifier, self.negated) {
            _ if &*self.operator == "Null" && self.quantifier == Quantifier::None => Vec::new(),
            (Quantifier::All, false) | (Quantifier::Any, true) => vec![self.all()],
            _ => self.values.iter().map(|value| self.one(value)).collect(),
        };
        let asks_presence = self.if_exists || &*self.operator == "Null";
        of_values.into_iter().chain(asks_presence.then(|| Atom::Missing(self.key.folded.clone()))).collect()
    }
}

/// Whether it is a positive operator of the reference.
fn is_known(operator: &str) -> bool {
    OPERATORS.iter().any(|(_, positive, _)| *positive == operator)
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    let (head, tail) = text.split_at_checked(at)?;
    tail.eq_ignore_ascii_case(suffix).then_some(head)
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

/// The operator without its *not*, in the documentation's spelling where it is a known one, and whether it had one.
fn positive(operator: &str) -> (&str, bool) {
    let known = OPERATORS.iter().find(|(written, ..)| written.eq_ignore_ascii_case(operator));
    known.map_or((operator, false), |(_, positive, negated)| (positive, *negated))
}

impl Condition {
    /// These clauses, brought into their order.
    pub fn new(mut clauses: Vec<Clause>) -> Self {
        clauses.sort();
        clauses.dedup();
        Self { clauses }
    }

    /// Whether the condition is always met.
    pub fn is_always(&self) -> bool {
        self.clauses.is_empty()
    }

    /// When the condition is met.
    pub(super) fn formula(&self, variables: &Variables, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        self.clauses.iter().try_fold(Formula::TRUE, |all, clause| {
            let one = clause.formula(variables, formulas)?;
            formulas.and(all, one)
        })
    }

    /// The keys that it looks at.
    fn keys(&self) -> impl Iterator<Item = &Key> {
        self.clauses.iter().map(|clause| &clause.key)
    }

    fn atoms(&self) -> impl Iterator<Item = Atom> {
        self.clauses.iter().flat_map(Clause::atoms)
    }

    /// The same, for one request of which every atom's truth is known. Shares nothing with the formulas but the atoms.
    pub(super) fn holds(&self, is: &dyn Fn(&Atom) -> bool) -> bool {
        self.clauses.iter().all(|clause| {
            let missing = || is(&Atom::Missing(clause.key.folded.clone()));
            if &*clause.operator == "Null" && clause.quantifier == Quantifier::None {
                return clause.values.iter().any(|value| value.eq_ignore_ascii_case("true") == missing());
            }
            let some = || clause.values.iter().any(|value| is(&clause.one(value)));
            let met = match (clause.quantifier, clause.negated) {
                (Quantifier::None | Quantifier::Any, false) => some(),
                (Quantifier::None | Quantifier::All, true) => !some(),
                (Quantifier::All, false) => is(&clause.all()),
                (Quantifier::Any, true) => !is(&clause.all()),
            };
            met || (clause.if_exists && missing())
        })
    }
}

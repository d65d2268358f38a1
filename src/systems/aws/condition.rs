//! Conditions as formulas: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
//!
//! A block is an AND over operators and keys, each an OR over its values. Every (operator, key, value) is one variable; what two
//! variables have to do with each other is said by axioms, as far as it is known.

use super::implication::implies;
use crate::access::{Exhausted, Formula, Formulas, Variable};
use std::collections::BTreeMap;
use std::fmt;

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
    /// Lower-case: condition keys are case-insensitive.
    key: Box<str>,
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
    /// The key that has to be in the request for this to be true.
    fn implies_present(&self) -> Option<&str> {
        match self {
            Self::Is(_, key, _) | Self::Any(_, key, _) => Some(key),
            _ => None,
        }
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherAllow => f.write_str("another policy of the holder allows it"),
            Self::OtherCap => f.write_str("another policy of this kind allows it"),
            Self::Missing(key) => write!(f, "{key} is missing"),
            Self::Is(operator, key, value) => write!(f, "{operator} {key} = {value}"),
            Self::Any(operator, key, value) => write!(f, "ForAnyValue:{operator} {key} = {value}"),
            Self::All(operator, key, values) => write!(f, "ForAllValues:{operator} {key} = {}", values.join(" or ")),
        }
    }
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
        Self { quantifier, operator: operator.into(), negated, if_exists, key: key.to_ascii_lowercase().into(), values }
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
        let missing = variables.formula(&Atom::Missing(self.key.clone()), formulas)?;
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
        let missing = variables.formula(&Atom::Missing(self.key.clone()), formulas)?;
        self.values.iter().try_fold(Formula::FALSE, |sum, value| {
            let one = if value.eq_ignore_ascii_case("true") { missing } else { formulas.not(missing)? };
            formulas.or(sum, one)
        })
    }

    /// `ForAllValues:XNot…` means that no value is X: the opposite of `ForAnyValue:X`.
    fn one(&self, value: &str) -> Atom {
        match self.quantifier {
            Quantifier::None => Atom::Is(self.operator.clone(), self.key.clone(), value.into()),
            Quantifier::Any | Quantifier::All => Atom::Any(self.operator.clone(), self.key.clone(), value.into()),
        }
    }

    fn all(&self) -> Atom {
        Atom::All(self.operator.clone(), self.key.clone(), self.values.clone())
    }

    fn atoms(&self) -> Vec<Atom> {
        let of_values: Vec<Atom> = match (self.quantifier, self.negated) {
            _ if &*self.operator == "Null" && self.quantifier == Quantifier::None => Vec::new(),
            (Quantifier::All, false) | (Quantifier::Any, true) => vec![self.all()],
            _ => self.values.iter().map(|value| self.one(value)).collect(),
        };
        let asks_presence = self.if_exists || &*self.operator == "Null";
        of_values.into_iter().chain(asks_presence.then(|| Atom::Missing(self.key.clone()))).collect()
    }
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    let (head, tail) = text.split_at_checked(at)?;
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}

/// The operator without its *not*, in the documentation's spelling where it is a known one, and whether it had one.
/// `ArnEquals` and `ArnLike` behave identically.
fn positive(operator: &str) -> (&str, bool) {
    const KNOWN: [(&str, &str, bool); 27] = [
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
    let known = KNOWN.iter().find(|(written, ..)| written.eq_ignore_ascii_case(operator));
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

    fn atoms(&self) -> impl Iterator<Item = Atom> {
        self.clauses.iter().flat_map(Clause::atoms)
    }

    /// The same, for one request of which every atom's truth is known. Shares nothing with the formulas but the atoms.
    pub(super) fn holds(&self, is: &dyn Fn(&Atom) -> bool) -> bool {
        self.clauses.iter().all(|clause| {
            let missing = || is(&Atom::Missing(clause.key.clone()));
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

/// The atoms of one subject, numbered in their own order, so that no answer depends on the order of files.
#[derive(Debug)]
pub struct Variables {
    /// Sorted; a variable is the number of its atom.
    atoms: Vec<Atom>,
}

impl Variables {
    /// All atoms of these conditions.
    pub(super) fn new<'a>(conditions: impl Iterator<Item = &'a Condition>) -> Self {
        let mut atoms: Vec<Atom> = conditions.filter(|c| !c.is_always()).flat_map(Condition::atoms).collect();
        atoms.extend([Atom::OtherAllow, Atom::OtherCap]);
        atoms.sort();
        atoms.dedup();
        Self { atoms }
    }

    /// The atom that a variable stands for.
    pub(super) fn atom(&self, variable: Variable) -> Option<&Atom> {
        self.atoms.get(variable.0 as usize)
    }

    /// The variable of an atom.
    pub(super) fn number(&self, atom: &Atom) -> Option<Variable> {
        let number = self.atoms.binary_search(atom).ok()?;
        u32::try_from(number).ok().map(Variable)
    }

    /// The formula of one atom. An atom that nobody numbered could be anything, which no formula here says.
    pub(super) fn formula(&self, atom: &Atom, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        formulas.variable(self.number(atom).ok_or(Exhausted)?)
    }

    /// A key that is missing has no value that is anything; what lies within something is that as well.
    pub(super) fn axioms(&self, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let mut axioms = Formula::TRUE;
        for missing in &self.atoms {
            let Atom::Missing(key) = missing else { continue };
            for atom in self.atoms.iter().filter(|atom| atom.implies_present() == Some(key)) {
                let (missing, present) = (self.formula(missing, formulas)?, self.formula(atom, formulas)?);
                let both = formulas.and(missing, present)?;
                axioms = formulas.without(axioms, both)?;
            }
        }
        for (one, other) in self.implications() {
            let (one, other) = (self.formula(one, formulas)?, self.formula(other, formulas)?);
            let broken = formulas.without(one, other)?;
            axioms = formulas.without(axioms, broken)?;
        }
        Ok(axioms)
    }

    /// Pairs of which the first implies the second. Where one key has very many values they are left apart: that says more than
    /// there is, never less.
    fn implications(&self) -> Vec<(&Atom, &Atom)> {
        let mut by_key: BTreeMap<&str, Vec<&Atom>> = BTreeMap::new();
        for atom in &self.atoms {
            if let Some(key) = atom.implies_present() {
                by_key.entry(key).or_default().push(atom);
            }
        }
        let mut pairs = Vec::new();
        for atoms in by_key.into_values().filter(|atoms| atoms.len() <= MOST_RELATED) {
            for &one in &atoms {
                pairs.extend(atoms.iter().filter(|other| implies(one, other)).map(|&other| (one, other)));
            }
        }
        pairs
    }
}

/// Comparing all values of a key pair by pair is worth it up to so many.
const MOST_RELATED: usize = 64;

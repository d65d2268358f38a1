//! Conditions as formulas: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
//!
//! A block is an AND over operators and keys, each an OR over its values. Every (operator, key, value) is one variable; what two
//! variables have to do with each other is said by axioms: what no value of the key brings about is impossible.
//! What nobody can know the meaning of is a variable of its own.

mod atom;
mod axioms;
mod key;
mod line;
mod network;
mod operator;
mod test;
mod texts;
mod told;
mod values;
mod variables;
mod witness;

use crate::access::{Exhausted, Formula, Formulas, Glob};
pub use atom::Atom;
pub(super) use axioms::OfKey;
use key::Key;
pub use operator::names;
use operator::{Operator, Quantifier, is_known};
use std::collections::BTreeSet;
use test::{Known, Test, presuming, unfilled};
pub(super) use test::{escaped, is_variable, key_and_default, variables as policy_variables, with_default};
pub(super) use told::sent;
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
    kind: Kind,
    /// Without its *not*, unless the clause is opaque: then as written.
    operator: Box<str>,
    key: Key,
    /// Sorted, without repeats.
    values: Vec<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    /// Whether the key is there.
    Null,
    /// The key's values are compared.
    Comparison { quantifier: Quantifier, negated: bool, if_exists: bool },
    /// The key is there, for a policy variable to stand for it, or the statement counts without. Under its values stand the keys without
    /// which nobody looks at the variable.
    Fills,
    /// Nobody knows: equal only to its own text.
    Opaque,
}

impl Clause {
    /// From an operator as written, a key and its values.
    pub fn new(operator: &str, key: &str, values: impl IntoIterator<Item = String>) -> Self {
        let Operator { quantifier, positive, negated, if_exists } = Operator::parse(operator);
        let key = Key::new(key);
        let mut values: Vec<Box<str>> = values.into_iter().map(|value| spelt(positive, value).into()).collect();
        values.sort();
        values.dedup();
        let (kind, operator) = match positive {
            _ if values.is_empty() || !values.iter().all(|value| takes(positive, &key.folded, value)) => (Kind::Opaque, operator),
            "Null" => (Kind::Null, positive),
            _ => (Kind::Comparison { quantifier, negated, if_exists }, positive),
        };
        Self { kind, operator: operator.into(), key, values }
    }

    /// A policy variable of this key has a value, where that is looked at.
    fn filled(key: Key, unless_missing: Option<&Key>) -> Self {
        Self { kind: Kind::Fills, operator: "".into(), key, values: unless_missing.map(|key| key.folded.clone()).into_iter().collect() }
    }

    /// Its key, if the clause is met without it whatever its values are.
    fn needless_without(&self) -> Option<&Key> {
        let Kind::Comparison { quantifier, if_exists, .. } = self.kind else { return None };
        (quantifier == Quantifier::All || if_exists && quantifier == Quantifier::None).then_some(&self.key)
    }

    /// The same where keys that have a default are there, or missing. Where nobody knows the meaning of the default it stays as written.
    fn presuming(&self, is_missing: &dyn Fn(&str) -> Option<bool>) -> Self {
        let is_known = |value: &str| matches!(self.kind, Kind::Comparison { .. }) && takes(&self.operator, &self.key.folded, value);
        let value = |value: &str| Some(presuming(value, is_missing)).filter(|text| is_known(text)).unwrap_or_else(|| value.to_owned());
        let mut values: Vec<Box<str>> = self.values.iter().map(|text| value(text).into()).collect();
        values.sort();
        values.dedup();
        Self { values, ..self.clone() }
    }

    fn is_negated(&self) -> bool {
        matches!(self.kind, Kind::Comparison { negated: true, .. })
    }

    /// Why its meaning is not known, if it is not.
    pub fn doubt(operator: &str, key: &str, values: &[String]) -> Option<Doubt> {
        let positive = Operator::parse(operator).positive;
        if !is_known(positive) {
            return Some(Doubt::Operator);
        }
        if values.is_empty() {
            return Some(Doubt::NoValue);
        }
        let key = key.to_ascii_lowercase();
        values.iter().position(|value| !takes(positive, &key, value)).map(Doubt::Value)
    }

    /// When the clause is met.
    fn formula(&self, variables: &Variables, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let (quantifier, negated, if_exists) = match self.kind {
            Kind::Null => return self.null(variables, formulas),
            Kind::Fills => return self.fills(variables, formulas),
            Kind::Opaque => return variables.formula(&self.opaque(), formulas),
            Kind::Comparison { quantifier, negated, if_exists } => (quantifier, negated, if_exists),
        };
        let positive = if is_about_all(quantifier, negated) {
            variables.formula(&self.all(), formulas)?
        } else {
            self.one_of_the_values(quantifier, variables, formulas)?
        };
        let met = if negated { formulas.not(positive)? } else { positive };
        if !if_exists {
            return Ok(met);
        }
        let mut missing = variables.formula(&self.missing(), formulas)?;
        if quantifier == Quantifier::Any {
            let counts = variables.formula(&Atom::IfExistsCounts, formulas)?;
            missing = formulas.and(missing, counts)?;
        }
        formulas.or(missing, met)
    }

    fn one_of_the_values(&self, quantifier: Quantifier, variables: &Variables, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        self.values.iter().rev().try_fold(Formula::FALSE, |sum, value| {
            let one = variables.formula(&self.one(quantifier, value), formulas)?;
            // What is compared with a policy variable that has no value never matches.
            let one = unfilled(value).try_fold(one, |one, key| {
                let missing = variables.formula(&Atom::Missing(Key::new(key).folded), formulas)?;
                formulas.without(one, missing)
            })?;
            formulas.or(one, sum)
        })
    }

    fn fills(&self, variables: &Variables, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let missing = variables.formula(&self.missing(), formulas)?;
        let there = formulas.not(missing)?;
        let counts = variables.formula(&Atom::UnfilledCounts, formulas)?;
        let counts = formulas.or(there, counts)?;
        self.values.iter().try_fold(counts, |sum, key| {
            let missing = variables.formula(&Atom::Missing(key.clone()), formulas)?;
            formulas.or(sum, missing)
        })
    }

    /// `"Null": {"key": "true"}` wants the key to be missing, `"false"` wants it to be there.
    fn null(&self, variables: &Variables, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let missing = variables.formula(&self.missing(), formulas)?;
        self.values.iter().try_fold(Formula::FALSE, |sum, value| {
            let one = if &**value == "true" { missing } else { formulas.not(missing)? };
            formulas.or(sum, one)
        })
    }

    /// `ForAllValues:XNot…` means that no value is X: the opposite of `ForAnyValue:X`.
    fn one(&self, quantifier: Quantifier, value: &str) -> Atom {
        // Without a wildcard both say the same.
        let is_exact = &*self.operator == "StringLike" && !value.contains(['*', '?']);
        let operator = if is_exact { "StringEquals".into() } else { self.operator.clone() };
        match quantifier {
            Quantifier::None => Atom::Is(operator, self.key.folded.clone(), value.into()),
            Quantifier::Any | Quantifier::All => Atom::Any(operator, self.key.folded.clone(), value.into()),
        }
    }

    fn all(&self) -> Atom {
        Atom::All(self.operator.clone(), self.key.folded.clone(), self.values.clone())
    }

    fn missing(&self) -> Atom {
        Atom::Missing(self.key.folded.clone())
    }

    fn opaque(&self) -> Atom {
        Atom::Opaque(self.operator.clone(), self.key.folded.clone(), self.values.clone())
    }

    fn atoms(&self) -> Vec<Atom> {
        match self.kind {
            Kind::Null => vec![self.missing()],
            Kind::Fills => {
                let keys = self.values.iter().map(|key| Atom::Missing(key.clone()));
                keys.chain([self.missing(), Atom::UnfilledCounts]).collect()
            }
            Kind::Opaque => vec![self.opaque()],
            Kind::Comparison { quantifier, negated, if_exists } => {
                let compared = if is_about_all(quantifier, negated) {
                    vec![self.all()]
                } else {
                    self.values.iter().map(|value| self.one(quantifier, value)).collect()
                };
                let compared_alone: &[Box<str>] = if is_about_all(quantifier, negated) { &[] } else { &self.values };
                let unfilled = compared_alone.iter().flat_map(|value| unfilled(value));
                let unfilled = unfilled.map(|key| Atom::Missing(Key::new(key).folded));
                let doubtful = (if_exists && quantifier == Quantifier::Any).then_some(Atom::IfExistsCounts);
                compared.into_iter().chain(unfilled).chain(if_exists.then(|| self.missing())).chain(doubtful).collect()
            }
        }
    }
}

/// What is not known about a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The operator is none of the documentation.
    Operator,
    /// The value of this number is none that the operator takes.
    Value(usize),
    /// There is none to compare with.
    NoValue,
}

/// Whether the clause asks that every value is one of those of the policy, or that some value is none of them.
fn is_about_all(quantifier: Quantifier, negated: bool) -> bool {
    matches!((quantifier, negated), (Quantifier::All, false) | (Quantifier::Any, true))
}

/// Whether the meaning of the value is known.
fn takes(positive: &str, key: &str, value: &str) -> bool {
    match positive {
        "Null" => matches!(value, "true" | "false"),
        _ => Known::of(positive, key, value) != Known::Nothing,
    }
}

/// A boolean is the same in any case.
fn spelt(positive: &str, value: String) -> String {
    let is_boolean = matches!(positive, "Bool" | "Null") && ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word));
    if is_boolean { value.to_ascii_lowercase() } else { value }
}

impl Condition {
    /// These clauses, brought into their order.
    pub fn new(mut clauses: Vec<Clause>) -> Self {
        clauses.sort();
        clauses.dedup();
        Self { clauses }
    }

    /// These clauses as well.
    #[must_use]
    pub(super) fn and(mut self, others: impl Iterator<Item = Clause>) -> Self {
        self.clauses.extend(others);
        Self::new(self.clauses)
    }

    /// Keys of policy variables that have a default.
    pub(super) fn with_default(&self) -> impl Iterator<Item = &str> {
        self.clauses.iter().flat_map(|clause| &clause.values).flat_map(|value| with_default(value))
    }

    /// The same where keys that have a default are there, or missing.
    pub(super) fn presuming(&self, is_missing: &dyn Fn(&str) -> Option<bool>) -> Self {
        Self::new(self.clauses.iter().map(|clause| clause.presuming(is_missing)).collect())
    }

    /// The same for a statement whose `NotResource` names these policy variables. A statement that names one without a value *might be
    /// invalid*, which matters where it would apply all the same: behind `NotResource` and negated operators.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value>
    #[must_use]
    pub fn filling<'v>(mut self, variables: impl IntoIterator<Item = &'v str>) -> Self {
        let of_resources = variables.into_iter().flat_map(unfilled).map(|key| Clause::filled(Key::new(key), None));
        let of_clause = |clause: &Clause| {
            let keys: Vec<&str> = clause.values.iter().flat_map(|value| unfilled(value)).collect();
            keys.into_iter().map(|key| Clause::filled(Key::new(key), clause.needless_without())).collect::<Vec<_>>()
        };
        let negated = self.clauses.iter().filter(|clause| clause.is_negated()).flat_map(of_clause);
        let filled: Vec<Clause> = negated.chain(of_resources).collect();
        self.clauses.extend(filled);
        Self::new(self.clauses)
    }

    /// Only what of it is about a key that others are about as well.
    pub(super) fn about<'c>(mut self, others: impl Iterator<Item = &'c Self>) -> Self {
        let keys: BTreeSet<&Key> = others.flat_map(Self::keys).collect();
        self.clauses.retain(|clause| keys.contains(&clause.key));
        self
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

    /// Whether whoever meets it has one certain value of the key, which is in lower case.
    pub(super) fn is_told(&self, key: &str) -> bool {
        let is_it = |clause: &&Clause| &*clause.key.folded == key && &*clause.operator == "StringEquals";
        self.clauses.iter().filter(is_it).any(|clause| clause.values.len() == 1)
    }

    /// The keys of its policy variables, as they are written.
    fn variables(&self) -> impl Iterator<Item = &str> {
        self.clauses.iter().flat_map(|clause| &clause.values).flat_map(|value| policy_variables(value))
    }

    fn atoms(&self) -> impl Iterator<Item = Atom> {
        self.clauses.iter().flat_map(Clause::atoms)
    }

    /// The texts that it holds keys in lower case against.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Box<str>, Glob)> {
        self.atoms().flat_map(|atom| {
            let text = |known: Known| if let Some(Test::Text(glob)) = known.test() { Some(glob.clone()) } else { None };
            let of_key = |glob| Some((Box::from(atom.key()?), glob));
            atom.known().into_iter().filter_map(text).filter_map(of_key).collect::<Vec<_>>()
        })
    }

    /// The same, for one request of which every atom's truth is known. Shares nothing with the formulas but the atoms.
    pub(super) fn holds(&self, is: &dyn Fn(&Atom) -> bool) -> bool {
        self.clauses.iter().all(|clause| match clause.kind {
            Kind::Opaque => is(&clause.opaque()),
            Kind::Fills => {
                let is_needless = || clause.values.iter().any(|key| is(&Atom::Missing(key.clone())));
                !is(&clause.missing()) || is(&Atom::UnfilledCounts) || is_needless()
            }
            Kind::Null => clause.values.iter().any(|value| (&**value == "true") == is(&clause.missing())),
            Kind::Comparison { quantifier, negated, if_exists } => {
                let is_filled = |value: &str| !unfilled(value).any(|key| is(&Atom::Missing(Key::new(key).folded)));
                let some = || clause.values.iter().any(|value| is(&clause.one(quantifier, value)) && is_filled(value));
                let met = match (quantifier, negated) {
                    (Quantifier::None | Quantifier::Any, false) => some(),
                    (Quantifier::None | Quantifier::All, true) => !some(),
                    (Quantifier::All, false) => is(&clause.all()),
                    (Quantifier::Any, true) => !is(&clause.all()),
                };
                met || (if_exists && is(&clause.missing()) && (quantifier != Quantifier::Any || is(&Atom::IfExistsCounts)))
            }
        })
    }
}

#[cfg(test)]
mod tests;

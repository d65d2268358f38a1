//! What is true of the request that a witness tells.

use super::atom::Atom;
use super::variables::Variables;
use crate::access::Variable;
use crate::systems::Witness;
use std::collections::BTreeMap;

impl Variables {
    /// The atoms: what the witness says as a fact is so, everything else follows from the values that are sent. What cannot be told from
    /// them is false.
    pub(in crate::systems::aws) fn told(&self, witness: &Witness) -> BTreeMap<Atom, bool> {
        let one = |key: &str| if let [one] = sent(key, witness) { Some(one.clone()) } else { None };
        let numbered = (0..).map(Variable).map_while(|variable| Some((variable, self.atom(variable)?)));
        let fact = |variable| if witness.facts.is_empty() { None } else { witness.facts.get(&self.text(variable)).copied() };
        let is_true = |(variable, atom): (Variable, &Atom)| {
            let is_so = fact(variable).or_else(|| atom.is_true_of(sent(atom.key().unwrap_or_default(), witness), &one)).unwrap_or(false);
            (atom.clone(), is_so)
        };
        numbered.map(is_true).collect()
    }
}

/// The values that are sent for a key.
pub(in crate::systems::aws) fn sent<'w>(key: &str, witness: &'w Witness) -> &'w [String] {
    witness.context.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(key)).map_or(&[], |(_, values)| values)
}

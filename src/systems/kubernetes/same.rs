//! Whether two sides have the same objects. What stands in a file that did not change was read once, and is not compared.

use super::{Binding, Role, Rules};
use crate::document::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Rules {
    /// Whether nothing at all differs.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.anybody == other.anybody
            && same(&self.roles, &other.roles, Role::content, |role| &role.origin)
            && same(&self.bindings, &other.bindings, Binding::content, |binding| &binding.origin)
    }
}

/// The same objects, each defined in the same ways, of which the same one stands last.
fn same<K: Eq, D>(
    own: &BTreeMap<K, Vec<Arc<D>>>,
    others: &BTreeMap<K, Vec<Arc<D>>>,
    content: fn(&D) -> String,
    origin: fn(&D) -> &Place,
) -> bool {
    let last = |definitions: &[Arc<D>]| definitions.iter().max_by_key(|definition| origin(definition)).map(|found| content(found));
    let contents = |definitions: &[Arc<D>]| definitions.iter().map(|definition| content(definition)).collect::<BTreeSet<_>>();
    let alike = |((key, own), (other, others)): ((&K, &Vec<_>), (&K, &Vec<_>))| {
        key == other && (are_one(own, others) || (contents(own) == contents(others) && last(own) == last(others)))
    };
    own.len() == others.len() && own.iter().zip(others).all(alike)
}

/// Whether these are the very same definitions, which those of a file that did not change are: nothing of them need be looked at.
pub(super) fn are_one<D>(own: &[Arc<D>], others: &[Arc<D>]) -> bool {
    own.len() == others.len() && own.iter().zip(others).all(|(own, other)| Arc::ptr_eq(own, other))
}

impl Rules {
    /// All that the side says, in an order of its own.
    pub(super) fn whole(&self) -> String {
        let roles: Vec<_> = self.roles.values().flatten().map(|role| (&role.realm, &role.name, role.content())).collect();
        let bindings: Vec<_> = self.bindings.values().flatten().map(|found| (&found.realm, &found.name, found.content())).collect();
        let (roles, bindings): (BTreeSet<_>, BTreeSet<_>) = (roles.into_iter().collect(), bindings.into_iter().collect());
        format!("{roles:?} {bindings:?} {:?}", self.anybody)
    }
}

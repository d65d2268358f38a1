//! The words of a witness, read back into requests, and the line of a side that decides one.

use super::{Request, Rules, naive};
use crate::systems::{Bearing, Region};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A witness does not say in which repository of its realm the path is, so each may be meant.
pub(super) fn requests(sides: [&Rules; 2], region: &Region) -> Vec<Request> {
    let Some(witness) = &region.witness else { return Vec::new() };
    let repositories: BTreeSet<_> = sides.into_iter().flat_map(|rules| rules.files.keys()).collect();
    let own = repositories.into_iter().filter(|repository| repository.realm == region.realm);
    let request = |repository: &super::Repository| Request {
        repository: repository.clone(),
        who: Arc::clone(&region.holder),
        path: witness.resource.clone(),
    };
    own.map(request).collect()
}

pub(super) fn bearing(rules: &Rules, request: &Request) -> Vec<Bearing> {
    let line = naive::deciding(rules, request);
    let bearing = line.map(|line| Bearing {
        place: line.origin.clone(),
        what: "the line that decides",
        allows: true,
        is_cap: false,
        misses: if line.gives(&request.who) { Vec::new() } else { vec!["it names others"] },
    });
    bearing.into_iter().collect()
}

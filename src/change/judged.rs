//! The request of a witness, judged again on each side by the plain reading of its system.

use super::Entry;
use crate::systems::{Bearing, Kind, System};

/// What each side says of one request, the base first.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Whether the side allows it.
    pub allowed: [bool; 2],
    /// The statements of the side that say something about it, or, where none does, those that come nearest.
    pub bearing: [Vec<Bearing>; 2],
}

impl Judged {
    /// Whether the sides differ in the way that the part of the change says.
    pub fn confirms(&self, kind: Kind) -> bool {
        self.allowed == expected(kind)
    }
}

/// Base and head of a request that is in a part of this kind.
fn expected(kind: Kind) -> [bool; 2] {
    match kind {
        Kind::Gained | Kind::Undecided => [false, true],
        Kind::Lost => [true, false],
    }
}

/// Judges the witness of an entry. Where its words can be read in several ways, that one counts in which the sides differ as the entry
/// says, if there is one. `None` if the entry has no witness, or one that is no request in the words of these sides.
pub(super) fn judged<S: System>(entry: &Entry, sides: [&S::Rules; 2]) -> Option<Judged> {
    let answer = |request: &S::Request| sides.map(|rules| S::naive(rules, request));
    let requests = S::asked(sides, &entry.region);
    let request = requests.iter().find(|request| answer(request) == expected(entry.kind)).or_else(|| requests.first())?;
    Some(Judged { allowed: answer(request), bearing: sides.map(|rules| S::bearing(rules, request)) })
}

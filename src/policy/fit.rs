//! How far something is meant: surely, perhaps, or not at all.

/// How far a rule is about a part of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// Not at all.
    No,
    /// Some of it, or nobody can tell.
    Perhaps,
    /// All of it.
    Wholly,
}

impl Fit {
    pub(super) fn whether(holds: bool) -> Self {
        if holds { Self::Wholly } else { Self::No }
    }

    /// What some and what all of several things say.
    pub(super) fn of(any: bool, all: bool) -> Self {
        if all {
            Self::Wholly
        } else if any {
            Self::Perhaps
        } else {
            Self::No
        }
    }
}

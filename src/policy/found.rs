//! What all rules say of a change.

use super::decision::{Outcome, RuleVerdict};
use super::requirement::Judged;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What all rules say, before they are put together.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) required: Judged,
    pub(super) others: Vec<RuleVerdict>,
    /// The windows that are asked for.
    pub(super) windows: BTreeSet<Arc<str>>,
}

impl Found {
    pub(super) fn verdicts(&self) -> impl Iterator<Item = &RuleVerdict> {
        self.required.verdicts.iter().chain(&self.others)
    }

    /// The worst of all that is not lifted.
    pub(super) fn outcome(&self) -> Outcome {
        let asked = self.verdicts().filter(|verdict| !verdict.lifted);
        asked.fold(Outcome::Authorized, |outcome, verdict| outcome.and(verdict.outcome))
    }
}

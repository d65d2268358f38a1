//! The rules of a policy by name, and which of them decide.

use super::select::Trigger;
use super::{Decision, Policy, RuleVerdict};
use crate::change::Entry;
use crate::document::Place;
use crate::systems::Kind;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A rule, and by what it is triggered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleOutline {
    /// Its name.
    pub name: Arc<str>,
    /// Where it is written.
    pub place: Place,
    /// The keys of its `when`.
    pub triggers: BTreeSet<&'static str>,
}

impl Policy {
    /// The rules, by name.
    pub fn outline(&self) -> Vec<RuleOutline> {
        let outline = |rule: &super::Rule| RuleOutline {
            name: Arc::clone(&rule.name),
            place: rule.place.clone(),
            triggers: rule.when.iter().map(Trigger::key).collect(),
        };
        self.rules.iter().map(outline).collect()
    }
}

impl Trigger {
    /// The key under which it is written.
    fn key(&self) -> &'static str {
        match self {
            Self::Access(kind, _) => key_of(*kind),
            Self::OverCeiling(_) => "over-ceiling",
            Self::Both(_) => "holds-both",
            Self::Edits(_) => "edits",
        }
    }
}

fn key_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Gained => "gains",
        Kind::Lost => "loses",
        Kind::Undecided => "undecided",
    }
}

impl Decision {
    /// The verdicts that decide: of all that there are, those that say the worst.
    pub fn deciding(&self) -> impl Iterator<Item = &RuleVerdict> {
        self.requirements.iter().filter(|verdict| verdict.outcome.rank() == self.outcome.rank())
    }
}

impl RuleVerdict {
    /// By which keys of `when` the rule applies to this change.
    pub fn triggers(&self, change: &[Entry]) -> BTreeSet<&'static str> {
        let access = self.applies.entries.iter().filter_map(|index| change.get(*index)).map(|entry| key_of(entry.kind));
        let over = (!self.applies.over_ceiling.is_empty()).then_some("over-ceiling");
        let edits = (!self.applies.edits.is_empty()).then_some("edits");
        let both = (!self.applies.both.is_empty()).then_some("holds-both");
        access.chain(over).chain(both).chain(edits).collect()
    }
}

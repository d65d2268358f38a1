//! What is worked out once of a change, so that no rule has to work it out again.
//!
//! A large change has thousands of parts, and a large policy a thousand rules. Most of what a rule asks of access many parts have in
//! common: it is asked of all of them at once. What each has for itself is who has it, who may act, and the files that it comes from.

use super::{Policy, Question};
use crate::change::Entry;
use crate::systems::{Kind, Severity};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A change, as rules look at it.
#[derive(Debug, Default)]
pub(super) struct Overview<'a> {
    /// Of each file that the change comes from.
    environments: HashMap<&'a str, Option<&'a str>>,
    alike: Vec<Alike<'a>>,
}

/// Parts of a change, by index, that are one to a rule as long as it does not ask what each has for itself.
#[derive(Debug)]
pub(super) struct Alike<'a> {
    /// Any of them.
    pub(super) first: &'a Entry,
    /// All of them.
    pub(super) entries: Vec<(usize, &'a Entry)>,
}

/// All that a rule may ask besides.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Common<'a> {
    kind: Kind,
    system: Option<&'a str>,
    realm: &'a str,
    environments: BTreeSet<Option<&'a str>>,
    severity: Severity,
    reasons: &'a BTreeSet<&'static str>,
    expires: Option<&'a str>,
    within: &'a BTreeSet<usize>,
}

impl<'a> Overview<'a> {
    pub(super) fn of(question: &Question<'a>) -> Self {
        let mut overview = Self::default();
        let mut alike: BTreeMap<Common<'a>, Alike<'a>> = BTreeMap::new();
        for (index, entry) in question.change.iter().enumerate() {
            let own = alike.entry(overview.common(entry, question.policy)).or_insert_with(|| Alike { first: entry, entries: Vec::new() });
            own.entries.push((index, entry));
        }
        overview.alike = alike.into_values().collect();
        overview
    }

    fn common(&mut self, entry: &'a Entry, policy: &'a Policy) -> Common<'a> {
        let Entry { kind, system, region, within, .. } = entry;
        let paths = region.origins.base.iter().chain(&region.origins.head).map(|place| &*place.path);
        let environments = paths.map(|path| *self.environments.entry(path).or_insert_with(|| policy.environment_of(path))).collect();
        Common {
            kind: *kind,
            system: *system,
            realm: &region.realm,
            environments,
            severity: region.severity,
            reasons: &region.reasons,
            expires: region.expires.as_deref(),
            within,
        }
    }

    /// The parts of this kind.
    pub(super) fn alike(&self, kind: Kind) -> impl Iterator<Item = &Alike<'a>> {
        self.alike.iter().filter(move |alike| alike.first.kind == kind)
    }

    /// The environment that the policy gives a file.
    pub(super) fn environment_of<'p>(&'p self, path: &str, policy: &'p Policy) -> Option<&'p str> {
        self.environments.get(path).copied().unwrap_or_else(|| policy.environment_of(path))
    }
}

//! Who decides about which directory.
//!
//! The root decides everywhere. The policy of a directory below it may ask for more there, and never for less: to what it says a part of
//! the change fits at best `Perhaps`, so that what it requires and denies holds, and what it allows does not.
//!
//! Where the root delegates a directory, that directory's own policy decides about what is wholly within the directory and within the
//! ceiling of the delegation: there the root's rules ask for nothing, and still deny what they deny.

use super::file::Ceiling as Written;
use super::fit::Fit;
use super::{Asks, Policy, Rule};
use crate::access::Glob;
use crate::change::{Entry, Filter};
use crate::document::{Node, Place};
use crate::systems::{Access, Kind, Region};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The name of a policy in a directory below the root.
pub const NESTED_POLICY: &str = "countersign.yml";

/// What somebody may have called it instead.
pub const MISNAMED_POLICY: &str = "countersign.yaml";

/// A directory in which a team decides.
#[derive(Clone, Debug)]
pub struct Delegation {
    /// From the root of the repository, without a slash at its end; empty for all of it.
    pub directory: Arc<str>,
    /// Where it is written.
    pub place: Place,
    /// The ceiling: a mapping from systems to what is written in their notation.
    pub written: Node,
    pub(super) realm: Option<Glob>,
    /// The systems that the ceiling names.
    pub(super) systems: Vec<&'static str>,
    /// The filter that the ceiling is in each system, by number. None until somebody has said what the ceiling means: then nothing is
    /// within it.
    pub(super) within: BTreeMap<&'static str, usize>,
}

impl Delegation {
    fn holds(&self, entry: &Entry) -> bool {
        let Region { realm, origins, .. } = &entry.region;
        let mut places = origins.base.iter().chain(&origins.head).peekable();
        let filter = entry.system.and_then(|system| self.within.get(system));
        entry.kind != Kind::Undecided
            && filter.is_some_and(|filter| entry.within.contains(filter))
            && self.realm.as_ref().is_none_or(|glob| glob.matches_text(realm))
            && places.peek().is_some()
            && places.all(|place| is_below(&place.path, &self.directory))
    }

    /// Whether a file is a policy in the directory.
    fn holds_policy(&self, path: &str) -> bool {
        is_below(path, &self.directory) && is_policy(path)
    }
}

impl Written {
    /// The systems that it names.
    pub(super) fn systems(&self) -> Vec<&'static str> {
        let named = [
            ("aws", self.aws.is_some()),
            ("codeowners", self.codeowners.is_some()),
            ("github", self.github.is_some()),
            ("kubernetes", self.kubernetes.is_some()),
        ];
        named.into_iter().filter(|(_, is_named)| *is_named).map(|(system, _)| system).collect()
    }
}

/// Where pipelines stand, which may have the same name.
const PIPELINES: [&str; 2] = [".github/", ".gitlab/"];

/// Whether a path is the policy of some directory.
pub fn is_policy(path: &str) -> bool {
    is_called(path, NESTED_POLICY)
}

/// Whether somebody took a path for the policy of a directory, which it is not.
pub fn is_misnamed(path: &str) -> bool {
    is_called(path, MISNAMED_POLICY)
}

fn is_called(path: &str, name: &str) -> bool {
    path.rsplit('/').next() == Some(name) && !PIPELINES.iter().any(|start| path.starts_with(start))
}

/// Whether a file lies somewhere in a directory.
pub fn is_below(path: &str, directory: &str) -> bool {
    directory.is_empty() || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

impl Policy {
    /// The directories in which somebody else decides.
    pub fn delegations(&self) -> &[Delegation] {
        &self.delegations
    }

    /// Whether policies of directories are part of it.
    pub fn has_nested(&self) -> bool {
        !self.nested.is_empty()
    }

    /// Says what the ceilings of the delegations mean, in their order. Where no policy of the directory is at hand, the root decides, and
    /// the ceiling need not cut the change.
    #[must_use]
    pub fn with_delegated(mut self, ceilings: Vec<Access>) -> Self {
        let decided = self.delegations.iter_mut().zip(ceilings).filter(|(delegation, _)| self.nested.contains(&delegation.directory));
        for (delegation, access) in decided {
            for system in &delegation.systems {
                delegation.within.insert(system, self.filters.len());
                self.filters.push(Filter { system, access: access.clone() });
            }
        }
        self
    }

    /// How well a rule may fit a part of the change at most.
    pub(super) fn most_of_access(&self, rule: &Rule, entry: &Entry) -> Fit {
        most(rule, self.delegations.iter().find(|delegation| delegation.holds(entry)))
    }

    /// How well a rule may fit an edit of one of the gate's own files at most. A policy that is not there yet is the team's to write.
    pub(super) fn most_of_edit(&self, rule: &Rule, path: &str) -> Fit {
        if rule.directory.as_ref().is_some_and(|directory| !is_below(path, directory)) {
            return Fit::No;
        }
        most(rule, self.delegations.iter().find(|delegation| delegation.holds_policy(path)))
    }
}

fn most(rule: &Rule, delegated: Option<&Delegation>) -> Fit {
    match (&rule.directory, delegated) {
        (None, None) => Fit::Wholly,
        (None, Some(_)) if matches!(rule.asks, Asks::Deny(_)) => Fit::Wholly,
        (None, Some(_)) => Fit::No,
        (Some(directory), Some(delegation)) if *directory == delegation.directory => Fit::Wholly,
        (Some(_), _) => Fit::Perhaps,
    }
}

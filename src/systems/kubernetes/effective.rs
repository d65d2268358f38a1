//! What a role allows, and whether two allow the same.

use super::{Fact, Policy, RoleName};
use crate::document::Place;
use crate::systems::content_digest;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// What has to be true besides.
pub(super) type Guards = BTreeSet<Fact>;

/// One rule of a role, its own or aggregated.
pub(super) struct Rule<'a> {
    pub(super) policy: &'a Policy,
    pub(super) guards: Guards,
    pub(super) place: &'a Place,
}

/// What a role allows.
pub(super) enum Allowed<'a> {
    Rules(Vec<Rule<'a>>),
    Unknown,
}

/// What a role allows.
pub(super) struct Effective<'a> {
    pub(super) allowed: Allowed<'a>,
    /// Every place where it may stand, also those where it allows nothing: it stands in one of them.
    pub(super) places: Guards,
    name: RoleName,
    digest: OnceCell<String>,
}

impl<'a> Effective<'a> {
    pub(super) fn new(name: &RoleName, allowed: Allowed<'a>, places: Guards) -> Self {
        Self { allowed, places, name: name.clone(), digest: OnceCell::new() }
    }

    /// What two roles have in common exactly when they allow the same.
    pub(super) fn digest(&self) -> &str {
        self.digest.get_or_init(|| match &self.allowed {
            Allowed::Unknown => content_digest(&["unknown", &self.name.to_string()]),
            Allowed::Rules(rules) => {
                let said: BTreeSet<_> = rules.iter().map(|rule| (rule.policy, &rule.guards)).collect();
                content_digest(&[&format!("{said:?}")])
            }
        })
    }

    /// Whether both are the very same rules, which what did not change is. Rules that are written twice are not, though they may allow
    /// the same: their digests tell.
    pub(super) fn is_one_with(&self, other: &Self) -> bool {
        match (&self.allowed, &other.allowed) {
            (Allowed::Unknown, Allowed::Unknown) => self.name == other.name,
            (Allowed::Rules(own), Allowed::Rules(others)) => {
                let same = |(own, other): (&Rule<'_>, &Rule<'_>)| std::ptr::eq(own.policy, other.policy) && own.guards == other.guards;
                own.len() == others.len() && own.iter().zip(others).all(same)
            }
            _ => false,
        }
    }

    /// Whether both allow the same.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.is_one_with(other) || self.digest() == other.digest()
    }
}

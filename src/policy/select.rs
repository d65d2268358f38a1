//! Which parts of a change a rule is about.
//!
//! Where that cannot be told, or where it is about some of it, a rule that asks for something applies and a rule that allows does not.
//! A part that is only perhaps what a rule is about still needs rules that are surely about all of it.

use super::{Over, Policy, Question, Rule, delegation};
use crate::access::{Glob, Word};
use crate::change::Entry;
use crate::document::Place;
use crate::systems::{Kind, Origins, Region, Severity};
use globset::GlobSet;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    fn whether(holds: bool) -> Self {
        if holds { Self::Wholly } else { Self::No }
    }

    /// What some and what all of several things say.
    fn of(any: bool, all: bool) -> Self {
        if all {
            Self::Wholly
        } else if any {
            Self::Perhaps
        } else {
            Self::No
        }
    }
}

/// What a rule is about.
#[derive(Clone, Debug)]
pub(super) enum Trigger {
    Access(Kind, Selector),
    /// Over the ceiling of this role, or of any.
    OverCeiling(Option<Arc<str>>),
    Edits(GlobSet),
}

/// A checked [`Select`](super::file::Select).
#[derive(Clone, Debug, Default)]
pub(super) struct Selector {
    pub(super) system: Option<&'static str>,
    /// The number among the filters.
    pub(super) filter: Option<usize>,
    pub(super) principals: Option<Vec<Glob>>,
    pub(super) holders: Option<Vec<Glob>>,
    pub(super) realm: Option<Glob>,
    pub(super) environment: Option<Arc<str>>,
    pub(super) severity: Option<Severity>,
    pub(super) reasons: Option<BTreeSet<String>>,
    pub(super) paths: Option<GlobSet>,
    pub(super) expires: Option<bool>,
}

/// Parts of a change, each list ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Entries of the change, by index.
    pub entries: BTreeSet<usize>,
    /// Roles over whose ceiling somebody gains.
    pub over_ceiling: BTreeSet<Arc<str>>,
    /// Files of the gate that are edited.
    pub edits: BTreeSet<Arc<str>>,
}

impl Parts {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.over_ceiling.is_empty() && self.edits.is_empty()
    }

    /// Adds others.
    pub(super) fn join(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.over_ceiling.extend(other.over_ceiling);
        self.edits.extend(other.edits);
    }
}

/// The parts of the change that the rule fits at least so well.
pub(super) fn parts(rule: &Rule, question: &Question<'_>, at_least: Fit) -> Parts {
    let mut parts = Parts::default();
    for trigger in &rule.when {
        match trigger {
            Trigger::Access(..) => {
                let fits = |entry: &Entry| fit(rule, trigger, entry, question.policy) >= at_least;
                parts.entries.extend(question.change.iter().enumerate().filter(|(_, entry)| fits(entry)).map(|(index, _)| index));
            }
            Trigger::OverCeiling(only) => {
                let over = question.over.iter().filter(|over| !over.entries.is_empty() && fit_over(rule, over) >= at_least);
                let about = over.map(|over| &over.role).filter(|name| only.as_ref().is_none_or(|only| only == *name));
                parts.over_ceiling.extend(about.cloned());
            }
            Trigger::Edits(globs) => {
                let fits = |path: &&Arc<str>| globs.is_match(&***path) && question.policy.most_of_edit(rule, path) >= at_least;
                parts.edits.extend(question.edited.iter().filter(fits).cloned());
            }
        }
    }
    parts
}

/// Whether rules are about all of an entry, each of its origins and principals by itself: what stands in two places, or gives to two
/// people, may be two things that only look like one.
pub(super) fn is_covered(entry: &Entry, rules: &[Rule], policy: &Policy) -> bool {
    let wholly = |entry: &Entry| {
        let fits = rules.iter().flat_map(|rule| rule.when.iter().map(move |trigger| fit(rule, trigger, entry, policy)));
        fits.max() == Some(Fit::Wholly)
    };
    wholly(entry) || {
        let mut atoms = atoms(entry).peekable();
        atoms.peek().is_some() && atoms.all(|atom| wholly(&atom))
    }
}

/// How well a trigger of a rule fits access.
fn fit(rule: &Rule, trigger: &Trigger, entry: &Entry, policy: &Policy) -> Fit {
    match trigger {
        Trigger::Access(kind, selector) if *kind == entry.kind => {
            selector.fit(entry, policy).min(policy.most_of_access(rule, entry)).min(fit_directory(rule, entry))
        }
        _ => Fit::No,
    }
}

/// A rule of a directory is about what comes from there.
fn fit_directory(rule: &Rule, entry: &Entry) -> Fit {
    let is_there = |directory: &Arc<str>| fit_origins(&entry.region, |place| delegation::is_below(&place.path, directory));
    rule.directory.as_ref().map_or(Fit::Wholly, is_there)
}

/// Roles are the root's, and so is the last word on what is over their ceilings.
fn fit_over(rule: &Rule, over: &Over) -> Fit {
    match &rule.directory {
        None => Fit::Wholly,
        Some(_) => Fit::Perhaps.min(over.entries.iter().map(|entry| fit_directory(rule, entry)).max().unwrap_or(Fit::No)),
    }
}

/// The entry from one file and for one principal at a time; none if it comes from nowhere or is for nobody.
fn atoms(entry: &Entry) -> impl Iterator<Item = Entry> {
    let origins = &entry.region.origins;
    let places: BTreeMap<&str, &Place> = origins.base.iter().chain(&origins.head).map(|place| (&*place.path, place)).collect();
    places.into_values().flat_map(move |place| {
        entry.region.principals.iter().map(move |principal| {
            let origins = Origins { base: BTreeSet::new(), head: BTreeSet::from([place.clone()]) };
            let region = Region { principals: vec![principal.clone()], origins, ..entry.region.clone() };
            Entry { region, ..entry.clone() }
        })
    })
}

impl Selector {
    fn fit(&self, entry: &Entry, policy: &Policy) -> Fit {
        let region = &entry.region;
        let checks = [
            self.system.map(|system| fit_system(system, entry)),
            self.filter.map(|number| fit_filter(number, entry)),
            self.holders.as_ref().map(|globs| Fit::whether(any_matches(globs, &region.holder))),
            self.principals.as_ref().map(|globs| fit_principals(globs, region)),
            self.realm.as_ref().map(|glob| Fit::whether(glob.matches(&Word::plain(&*region.realm)))),
            self.environment
                .as_ref()
                .map(|name| fit_origins(region, |place| policy.site_of(&place.path).environment.as_ref() == Some(name))),
            self.severity.map(|least| Fit::whether(region.severity >= least)),
            self.reasons.as_ref().map(|reasons| fit_reasons(reasons, entry)),
            self.paths.as_ref().map(|globs| fit_origins(region, |place| globs.is_match(&*place.path))),
            self.expires.map(|expires| fit_expiry(expires, entry)),
        ];
        checks.into_iter().flatten().min().unwrap_or(Fit::Wholly)
    }
}

fn any_matches(globs: &[Glob], text: &str) -> bool {
    globs.iter().any(|glob| glob.matches(&Word::plain(text)))
}

fn fit_system(system: &str, entry: &Entry) -> Fit {
    entry.system.map_or(Fit::Perhaps, |of_entry| Fit::whether(of_entry == system))
}

/// What cannot be told may be anything.
fn fit_filter(number: usize, entry: &Entry) -> Fit {
    match (entry.within.contains(&number), entry.kind) {
        (true, _) => Fit::Wholly,
        (false, Kind::Undecided) => Fit::Perhaps,
        (false, _) => Fit::No,
    }
}

/// A principal that stands for many may stand for one that is meant.
fn fit_principals(globs: &[Glob], region: &Region) -> Fit {
    let is_meant = |principal: &String| any_matches(globs, principal);
    let stands_for_many = |principal: &String| {
        principal.contains(['*', '?']) || principal.ends_with(":root") || principal.bytes().all(|byte| byte.is_ascii_digit())
    };
    let principals = &region.principals;
    match Fit::of(principals.iter().any(is_meant), !principals.is_empty() && principals.iter().all(is_meant)) {
        Fit::No if principals.is_empty() || principals.iter().any(stands_for_many) => Fit::Perhaps,
        fit => fit,
    }
}

fn fit_reasons(reasons: &BTreeSet<String>, entry: &Entry) -> Fit {
    let has_one = entry.region.reasons.iter().any(|reason| reasons.contains(*reason));
    match entry.kind {
        Kind::Undecided if !has_one => Fit::Perhaps,
        _ => Fit::whether(has_one),
    }
}

fn fit_expiry(expires: bool, entry: &Entry) -> Fit {
    if entry.kind == Kind::Undecided { Fit::Perhaps } else { Fit::whether(entry.region.expires.is_some() == expires) }
}

/// Access comes from a place when any of the rules that make it stands there. What comes from nowhere may come from anywhere.
fn fit_origins(region: &Region, is_meant: impl Fn(&Place) -> bool) -> Fit {
    let mut places = region.origins.base.iter().chain(&region.origins.head).peekable();
    if places.peek().is_none() {
        return Fit::Perhaps;
    }
    let meant: Vec<bool> = places.map(is_meant).collect();
    Fit::of(meant.contains(&true), !meant.contains(&false))
}

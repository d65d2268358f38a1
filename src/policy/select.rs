//! Which parts of a change a rule is about.
//!
//! Where that cannot be told, or where it is about some of it, a rule that asks for something applies and a rule that allows does not.
//! A part that is only perhaps what a rule is about still needs rules that are surely about all of it.

use super::circumstances::Around;
use super::file::Length;
use super::fit::Fit;
use super::{Over, Pair, Policy, Question, Rule, delegation};
use crate::access::Glob;
use crate::change::Entry;
use crate::document::Place;
use crate::systems::{Kind, Origins, Region, Severity, kubernetes};
use chrono::{DateTime, NaiveDate, Utc};
use globset::GlobSet;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a rule is about.
#[derive(Clone, Debug)]
pub(super) enum Trigger {
    Access(Kind, Selector),
    /// Over the ceiling of this role, or of any.
    OverCeiling(Option<Arc<str>>),
    /// What gives somebody something of both roles.
    Both(Pair),
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
    pub(super) longer_than: Option<Length>,
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
    /// Pairs of roles of which somebody comes to have both.
    pub both: BTreeSet<Pair>,
}

impl Parts {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.over_ceiling.is_empty() && self.edits.is_empty() && self.both.is_empty()
    }

    /// Adds others.
    pub(super) fn join(&mut self, other: &Self) {
        self.entries.extend(&other.entries);
        self.over_ceiling.extend(other.over_ceiling.iter().cloned());
        self.edits.extend(other.edits.iter().cloned());
        self.both.extend(other.both.iter().cloned());
    }
}

/// The parts of the change that a rule fits at least so well.
pub(super) fn parts(rule: &Rule, question: &Question<'_>, around: &Around<'_>, at_least: Fit) -> Parts {
    let mut parts = parts_besides_access(rule, question, around, at_least);
    if rule.circumstances.fit(around) >= at_least {
        let access = rule.when.iter().filter_map(|trigger| match trigger {
            Trigger::Access(kind, selector) => Some((*kind, selector)),
            _ => None,
        });
        // A set that is made of everything at once takes a fraction of what it takes to grow.
        parts.entries = access.flat_map(|(kind, selector)| entries(rule, kind, selector, question, around, at_least)).collect();
    }
    parts
}

/// The entries of the change that a trigger of a rule fits at least so well.
fn entries<'a>(
    rule: &'a Rule,
    kind: Kind,
    selector: &'a Selector,
    question: &'a Question<'_>,
    around: &'a Around<'_>,
    at_least: Fit,
) -> impl Iterator<Item = usize> + 'a {
    let alike = around.overview.alike(kind).filter(move |alike| selector.fit_common(alike.first, question.policy, around) >= at_least);
    let entries = alike.flat_map(|alike| &alike.entries);
    entries.filter(move |(_, entry)| fit_own(rule, selector, entry, question.policy) >= at_least).map(|(index, _)| *index)
}

/// The same without the entries of the change.
pub(super) fn parts_besides_access(rule: &Rule, question: &Question<'_>, around: &Around<'_>, at_least: Fit) -> Parts {
    let mut parts = Parts::default();
    if rule.circumstances.fit(around) < at_least {
        return parts;
    }
    for trigger in &rule.when {
        match trigger {
            Trigger::Access(..) => {}
            Trigger::OverCeiling(only) => {
                let over = question.over.iter().filter(|over| !over.entries.is_empty() && fit_over(rule, over) >= at_least);
                let about = over.map(|over| &over.role).filter(|name| only.as_ref().is_none_or(|only| only == *name));
                parts.over_ceiling.extend(about.cloned());
            }
            Trigger::Both(pair) => {
                let found = question.both.iter().filter(|both| both.pair == *pair && !both.entries.is_empty());
                parts.both.extend(found.map(|both| both.pair.clone()));
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
pub(super) fn is_covered(entry: &Entry, rules: &[&Rule], policy: &Policy, around: &Around<'_>) -> bool {
    // Who decides is a question of all of it: a part of what is the root's to decide is no team's.
    let decides = |rule: &Rule| policy.most_of_access(rule, entry) == Fit::Wholly;
    let is_about = |rule: &Rule, part: &Entry| rule.when.iter().any(|trigger| fit(rule, trigger, part, policy, around) == Fit::Wholly);
    let wholly = |part: &Entry| rules.iter().any(|rule| is_about(rule, part) && decides(rule));
    wholly(entry) || {
        let mut atoms = atoms(entry).peekable();
        atoms.peek().is_some() && atoms.all(|atom| wholly(&atom))
    }
}

/// How well a trigger of a rule fits access that is the rule's to decide.
fn fit(rule: &Rule, trigger: &Trigger, entry: &Entry, policy: &Policy, around: &Around<'_>) -> Fit {
    match trigger {
        Trigger::Access(kind, selector) if *kind == entry.kind => match selector.fit_common(entry, policy, around) {
            Fit::No => Fit::No,
            fit => fit.min(selector.fit_own(entry)).min(fit_directory(rule, entry)),
        },
        _ => Fit::No,
    }
}

/// The same, as far as what entries have in common does not tell.
fn fit_own(rule: &Rule, selector: &Selector, entry: &Entry, policy: &Policy) -> Fit {
    match selector.fit_own(entry) {
        Fit::No => Fit::No,
        fit => fit.min(policy.most_of_access(rule, entry)).min(fit_directory(rule, entry)),
    }
}

/// A rule of a directory is about what comes from there.
fn fit_directory(rule: &Rule, entry: &Entry) -> Fit {
    let is_there = |directory: &Arc<str>| fit_origins(&entry.region, |path| delegation::is_below(path, directory));
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
    pub(super) fn fit(&self, entry: &Entry, policy: &Policy, around: &Around<'_>) -> Fit {
        self.fit_common(entry, policy, around).min(self.fit_own(entry))
    }

    /// What it asks that many entries have in common, which is what an [`Alike`](super::overview::Alike) has.
    fn fit_common(&self, entry: &Entry, policy: &Policy, around: &Around<'_>) -> Fit {
        let region = &entry.region;
        let is_there = |path: &str, name: &Arc<str>| around.overview.environment_of(path, policy) == Some(&**name);
        least([
            &|| Some(fit_system(self.system?, entry)),
            &|| Some(fit_filter(self.filter?, entry)),
            &|| Some(Fit::whether(region.severity >= self.severity?)),
            &|| Some(fit_expiry(self.expires?, entry)),
            &|| Some(Fit::whether(self.realm.as_ref()?.matches_text(&region.realm))),
            &|| self.environment.as_ref().map(|name| fit_origins(region, |path| is_there(path, name))),
            &|| Some(fit_reasons(self.reasons.as_ref()?, entry)),
            &|| Some(fit_length(self.longer_than?, entry, around)),
        ])
    }

    /// What it asks that an entry has for itself.
    fn fit_own(&self, entry: &Entry) -> Fit {
        let region = &entry.region;
        least([
            &|| Some(fit_holders(self.holders.as_ref()?, &region.holder)),
            &|| self.paths.as_ref().map(|globs| fit_origins(region, |path| globs.is_match(path))),
            &|| Some(fit_principals(self.principals.as_ref()?, region)),
        ])
    }
}

/// What costs least comes first, and nothing more is asked once it is about something else.
fn least<const CHECKS: usize>(checks: [&dyn Fn() -> Option<Fit>; CHECKS]) -> Fit {
    let mut fit = Fit::Wholly;
    for found in checks.iter().filter_map(|check| check()) {
        fit = fit.min(found);
        if fit == Fit::No {
            break;
        }
    }
    fit
}

fn any_matches(globs: &[Glob], text: &str) -> bool {
    globs.iter().any(|glob| glob.matches_text(text))
}

/// A group of the API server may be one in which somebody is who is meant.
pub(super) fn fit_holders(globs: &[Glob], holder: &str) -> Fit {
    let has_one = || globs.iter().any(|glob| kubernetes::is_among(holder, |start| glob.may_begin_with(start)));
    let is_meant = any_matches(globs, holder);
    Fit::of(is_meant || has_one(), is_meant)
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
    let is_meant = |principal: &&String| any_matches(globs, principal);
    let stands_for_many = |principal: &String| {
        principal.contains(['*', '?']) || principal.ends_with(":root") || principal.bytes().all(|byte| byte.is_ascii_digit())
    };
    let principals = &region.principals;
    let meant = principals.iter().filter(is_meant).count();
    match Fit::of(meant > 0, meant > 0 && meant == principals.len()) {
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

/// What cannot be told may last for ever, and so may what ends at a time that nobody here can read.
fn fit_length(length: Length, entry: &Entry, around: &Around<'_>) -> Fit {
    match (entry.kind, &entry.region.expires, around.now) {
        (Kind::Undecided, ..) | (_, Some(_), None) => Fit::Perhaps,
        (_, None, _) => Fit::Wholly,
        (_, Some(end), Some(now)) => instant(end).map_or(Fit::Perhaps, |end| Fit::whether(end > length.after(now))),
    }
}

/// An instant as policies write it: date and time with an offset, or a date alone, which is its first minute in UTC.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let date = || Some(text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?.and_utc());
    DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc()).or_else(date)
}

/// Access comes from a place when any of the rules that make it stands there. What comes from nowhere may come from anywhere.
fn fit_origins(region: &Region, is_meant: impl Fn(&str) -> bool) -> Fit {
    // Most access comes from one file, on both sides.
    let mut paths: Vec<&str> = region.origins.base.iter().chain(&region.origins.head).map(|place| &*place.path).collect();
    paths.dedup();
    let meant = paths.iter().filter(|path| is_meant(path)).count();
    if paths.is_empty() { Fit::Perhaps } else { Fit::of(meant > 0, meant == paths.len()) }
}

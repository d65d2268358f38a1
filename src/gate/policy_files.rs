//! The files that a policy is made of, before and when they are asked what they mean.

use super::Error;
use super::gather::{Gathered, Raw, Whence, gather, optional, part, read};
use super::ours::{MISNAMED_PATHS, POLICY_PATHS};
use crate::diagnostic::{self, Diagnostic};
use crate::document::{Bounds, File, Node, Syntax, parse};
use crate::formats::{FORMATS, aws_iam, codeowners, github_workflow, kubernetes_rbac};
use crate::policy::delegation::{NESTED_POLICY, is_policy};
use crate::policy::include::Part;
use crate::policy::{Ceiling, Checked, Draft, Known, Nested, Policy, REASONS, Repository};
use crate::systems::Access;
use crate::world::repository::{Reading, Side};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A calendar is small as well: some thousand events.
const CALENDAR_BOUNDS: Bounds = Bounds { bytes: 2 << 20, depth: 2, nodes: 200_000 };

/// When and where what a policy says is held against what there is.
pub(super) struct Look {
    pub(super) now: DateTime<Utc>,
    /// Empty if it is not known.
    pub(super) there: Repository,
}

/// What came of reading a policy.
pub(super) struct Examined {
    /// With what its ceilings mean; nothing if there is an error among the diagnostics.
    pub(super) sound: Option<(Policy, Vec<(Ceiling, Access)>)>,
    /// Everything that there is to say, each with what stands at its place.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Examined {
    /// With what else there is to say. An error is one, whoever finds it.
    pub(super) fn and(self, more: Vec<Diagnostic>) -> Self {
        let mut diagnostics = [self.diagnostics, more].concat();
        diagnostics.sort();
        Self { sound: self.sound.filter(|_| !diagnostics.iter().any(Diagnostic::is_error)), diagnostics }
    }
}

/// The files of a policy, before anybody has asked what they mean.
#[derive(Clone, Debug)]
pub(super) struct PolicyFiles {
    root: Gathered,
    people: Option<(File, Part)>,
    calendars: Vec<CalendarFile>,
    /// The policies of directories, by directory.
    nested: BTreeMap<Arc<str>, Gathered>,
}

/// A calendar that a window names.
#[derive(Clone, Debug)]
struct CalendarFile {
    /// As the window names it.
    name: String,
    part: Part,
    /// Its lines, or why there are none.
    file: Result<File, Diagnostic>,
}

impl PolicyFiles {
    /// Reads a policy, and from the same side what it includes, its people and its calendars. What cannot be read is
    /// [`Error::Policy`].
    pub(super) fn read(from: Whence<'_>, path: &Arc<str>, bytes: &[u8]) -> Result<Self, Error> {
        let root = gather(from, path, bytes)?;
        let draft = Draft::read(&root.file).ok();
        let named = draft.as_ref().and_then(Draft::people_file);
        let found = named.map(|path| optional(from, "people file", path)).transpose()?.flatten();
        let people = found.map(|(path, bytes)| Ok((read(Arc::clone(&path), &bytes)?, part(&path, &bytes)))).transpose();
        let people = people.map_err(|diagnostic| Error::Policy(vec![diagnostic]))?;
        let calendars = draft.iter().flat_map(Draft::calendar_files).filter_map(|name| calendar(from, name).transpose());
        let calendars = calendars.collect::<Result<_, _>>()?;
        Ok(Self { root, people, calendars, nested: BTreeMap::new() })
    }

    /// What they mean. With somewhere to look, what their writer may have overlooked is told as well.
    pub(super) fn examine(&self, overlooked: Option<&Look>) -> Examined {
        let Examined { sound, mut diagnostics } =
            self.drafts().map_or_else(|diagnostics| Examined { sound: None, diagnostics }, |draft| self.check(&draft, overlooked));
        let nested = self.nested.values().map(|gathered| &gathered.file);
        let people = self.people.iter().map(|(file, _)| file);
        let calendars = self.calendars.iter().filter_map(|calendar| calendar.file.as_ref().ok());
        std::iter::once(&self.root.file)
            .chain(people)
            .chain(calendars)
            .chain(nested)
            .for_each(|file| diagnostic::quote(&mut diagnostics, file));
        Examined { sound, diagnostics }
    }

    fn drafts<'f>(&'f self) -> Result<Draft<'f>, Vec<Diagnostic>> {
        let mut wrong = Vec::new();
        let mut nested = Vec::new();
        for (directory, Gathered { file, .. }) in &self.nested {
            match Draft::read(file) {
                Ok(draft) => nested.push(Nested::new(Arc::clone(directory), draft)),
                Err(diagnostics) => wrong.extend(diagnostics),
            }
        }
        match Draft::read(&self.root.file) {
            Ok(draft) if wrong.is_empty() => {
                let with = |draft: Draft<'f>, calendar: &'f CalendarFile| {
                    draft.with_calendar(&calendar.name, calendar.file.as_ref().map_err(Clone::clone))
                };
                Ok(self.calendars.iter().fold(draft.with_nested(nested), with))
            }
            draft => Err([draft.err().unwrap_or_default(), wrong].concat()),
        }
    }

    fn check(&self, draft: &Draft<'_>, overlooked: Option<&Look>) -> Examined {
        let formats: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
        let people = self.people.as_ref().map(|(file, _)| file);
        let Checked { policy, mut diagnostics } = draft.check(people, &Known { formats: &formats, reasons: REASONS });
        let Some(policy) = policy else { return Examined { sound: None, diagnostics } };
        let file = &self.root.file;
        let ceilings = compiled(file, policy.ceilings().iter().map(|ceiling| &ceiling.written), &mut diagnostics);
        let delegated = compiled(file, policy.delegations().iter().map(|delegation| &delegation.written), &mut diagnostics);
        let sound = ceilings.zip(delegated).map(|(ceilings, delegated)| {
            let ceilings = policy.ceilings().iter().cloned().zip(ceilings).collect();
            (policy.with_delegated(delegated), ceilings)
        });
        if let (Some(look), Some((policy, _))) = (overlooked, &sound) {
            diagnostics.extend(draft.oversights(policy, &own_paths(&file.path), look.now));
            diagnostics.extend(draft.unmatched(policy, &look.there));
        }
        diagnostics.sort();
        Examined { sound, diagnostics }
    }

    /// Every file.
    pub(super) fn parts(&self) -> Vec<Part> {
        let people = self.people.iter().map(|(_, part)| part);
        let calendars = self.calendars.iter().map(|calendar| &calendar.part);
        self.root
            .parts
            .iter()
            .chain(people)
            .chain(calendars)
            .chain(self.nested.values().flat_map(|gathered| &gathered.parts))
            .cloned()
            .collect()
    }

    /// Adds the policies of these directories, as they stand on a side, to those that are known already. Whether there were more.
    pub(super) fn nest(&mut self, side: &Side, directories: &BTreeSet<Arc<str>>) -> Result<bool, Error> {
        let known = self.nested.len();
        for directory in directories {
            if self.nested.contains_key(directory) {
                continue;
            }
            let from = Whence { below: directory, ..Whence::base(side) };
            let found = if directory.is_empty() {
                match standing(from) {
                    Err(Error::NoPolicy) => None,
                    found => Some(found?),
                }
            } else {
                optional(from, "policy", &format!("{directory}/{NESTED_POLICY}"))?
            };
            if let Some((path, bytes)) = found {
                self.nested.insert(Arc::clone(directory), gather(from, &path, &bytes)?);
            }
        }
        Ok(self.nested.len() > known)
    }
}

/// Every file that these policies of a side are made of, with its digest: themselves, what they include, people, calendars. What stands
/// on a side that is no base is nobody's policy yet, and is only asked what it will be.
pub(super) fn made_of(side: &Side, policies: &[Arc<str>]) -> Result<BTreeMap<Arc<str>, String>, Error> {
    let mut parts = BTreeMap::new();
    for policy in policies {
        let directory = policy.strip_suffix(NESTED_POLICY).unwrap_or_default().trim_end_matches('/');
        let below = if POLICY_PATHS.contains(&&**policy) { "" } else { directory };
        let from = Whence { below, ..Whence::base(side) };
        if let Some((path, bytes)) = optional(from, "policy", policy)? {
            parts.extend(PolicyFiles::read(from, &path, &bytes)?.parts().into_iter().map(|part| (part.path, part.digest)));
        }
    }
    Ok(parts)
}

/// The directories that may have a policy of their own, and in which some of these files are. A plan may be named by a path that leads
/// out of the repository; then it is in none of them.
pub(super) fn directories<'p>(policy: &Policy, paths: impl Iterator<Item = &'p str>) -> BTreeSet<Arc<str>> {
    let mut directories: BTreeSet<Arc<str>> = BTreeSet::new();
    for path in paths.map(|path| path.trim_start_matches("./")) {
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            continue;
        }
        for (at, _) in path.match_indices('/') {
            directories.extend(path.get(..at).map(Arc::from));
        }
    }
    let may_have = |directory: &Arc<str>| {
        let policy_there = format!("{directory}/{NESTED_POLICY}");
        !POLICY_PATHS.contains(&&*policy_there) && is_policy(&policy_there) && !policy.site_of(&policy_there).ignore
    };
    directories.retain(may_have);
    directories
}

/// Under which paths a policy may stand: its own if that is one of them, else any.
fn own_paths(path: &str) -> Vec<&'static str> {
    let is_there = |known: &&str| path == *known || path.strip_suffix(*known).is_some_and(|before| before.ends_with('/'));
    // The longer path ends with the shorter one.
    let own = POLICY_PATHS.into_iter().rev().find(is_there);
    own.map_or_else(|| POLICY_PATHS.to_vec(), |own| vec![own])
}

/// The policy that stands where one may stand.
pub(super) fn standing(from: Whence<'_>) -> Result<Raw, Error> {
    let mut found = Vec::new();
    for path in POLICY_PATHS {
        found.extend(optional(from, "policy", path)?);
    }
    match found.len() {
        0 => Err(none_on_base(from.side)?),
        1 => found.pop().ok_or(Error::NoPolicy),
        _ => Err(Error::TwoPolicies),
    }
}

/// The error for a base side without a policy.
fn none_on_base(base: &Side) -> Result<Error, Error> {
    for path in MISNAMED_PATHS {
        if !matches!(base.read(path)?, Reading::Absent) {
            return Ok(Error::MisnamedPolicy(path));
        }
    }
    Ok(Error::NoPolicy)
}

/// Nothing if there is no such file, which is told where the window names it.
fn calendar(from: Whence<'_>, name: &str) -> Result<Option<CalendarFile>, Error> {
    let Some((path, bytes)) = optional(from, "calendar", name)? else { return Ok(None) };
    let parsed = parse(Arc::clone(&path), &bytes, Syntax::Lines, &CALENDAR_BOUNDS);
    let file = parsed.map_err(|(problem, place)| Diagnostic::unreadable(problem, place, &bytes));
    Ok(Some(CalendarFile { name: name.to_owned(), part: part(&path, &bytes), file }))
}

/// What ceilings mean, unless one of them means nothing.
fn compiled<'w>(file: &File, written: impl Iterator<Item = &'w Node>, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Access>> {
    let compiled: Vec<_> = written.map(|written| compile(file, written)).collect();
    diagnostics.extend(compiled.iter().filter_map(|access| access.as_ref().err()).flatten().cloned());
    compiled.into_iter().collect::<Result<_, _>>().ok()
}

/// A system that a ceiling does not name is one in which nothing is below it.
fn compile(file: &File, ceiling: &Node) -> Result<Access, Vec<Diagnostic>> {
    let nothing = Node::empty_list();
    let written = |system: &str| ceiling.get(system).unwrap_or(&nothing);
    Ok(Access {
        aws: aws_iam::ceiling(file, written("aws"))?,
        github: github_workflow::ceiling(file, ceiling.get("github"))?,
        kubernetes: kubernetes_rbac::ceiling(file, written("kubernetes"))?,
        codeowners: codeowners::ceiling(file, written("codeowners"))?,
    })
}

//! The policy, from the base side or from a file that the user names, and what of it the engine needs.

use super::gather::{BOUNDS, Gathered, Raw, Whence, gather, optional, part, read};
use super::misnamed::{self, MISNAMED_PATHS};
use super::own::{Named, POLICY_PATHS};
use super::{Error, Joined};
use crate::change::{self, Effort};
use crate::diagnostic::{self, Diagnostic};
use crate::document::{Bounds, File, Node, Syntax, parse};
use crate::formats::{FORMATS, Format, Setting, aws_iam, by_id, codeowners, github_workflow, kubernetes_rbac};
use crate::policy::delegation::{NESTED_POLICY, is_misnamed, is_policy};
use crate::policy::include::{POLICY_REPOSITORY, Part};
use crate::policy::{Ceiling, Checked, Draft, Known, Nested, Over, Policy, REASONS, Repository};
use crate::proposal::Proposal;
use crate::systems::{Access, sha256};
use crate::world::repository::{self, Limits, Reading, Side, Sides};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A policy that holds, and where it comes from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it asks.
    pub policy: Policy,
    /// Where it stands.
    pub path: Arc<str>,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// Every file that it is made of.
    pub parts: Vec<Part>,
    /// Which revision that was, if one was asked for by name.
    pub revision: Option<Revision>,
    /// Remarks about it that are no errors.
    pub diagnostics: Vec<Diagnostic>,
    pub(super) ceilings: Vec<(Ceiling, Access)>,
    sources: Sources,
}

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

/// A revision that was asked for by a name, and the commit that this was, once and for the whole decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// As it was asked for.
    pub name: String,
    /// Its full id.
    pub commit: Option<String>,
}

/// Reads the policy. `named` is a file outside the change that the user vouches for.
pub(super) fn load(base: &Side, named: Option<&Path>) -> Result<Loaded, Error> {
    let from = Whence::base(base);
    let (path, bytes) = match named {
        Some(path) => named_file(path, "--policy")?,
        None => standing(from)?,
    };
    Sources::read(from, &path, &bytes)?.load(path, sha256(&bytes))
}

/// Reads the policy: of another repository, where one has it for many, else as [`load`] does.
pub(super) fn load_from(base: &Side, named: Option<&Path>, repository: Option<&PolicyRepository>, limits: Limits) -> Result<Loaded, Error> {
    repository.map_or_else(|| load(base, named), |repository| repository.load(named, limits))
}

/// A policy file that the user named by this option, and its bytes.
pub(super) fn named_file(path: &Path, option: &'static str) -> Result<Raw, Error> {
    Ok((path.to_string_lossy().into(), Named { what: "policy", option, path }.read(BOUNDS.bytes)?))
}

/// A clone of the repository that has the policy, and the revision of it: resolved once for the whole decision.
#[derive(Clone, Debug)]
pub struct PolicyRepository {
    /// The root of the clone.
    pub clone: PathBuf,
    /// A commit, or a branch or tag that is protected.
    pub revision: String,
}

impl PolicyRepository {
    /// Reads its policy. `named` is a path in there.
    pub(super) fn load(&self, named: Option<&Path>, limits: Limits) -> Result<Loaded, Error> {
        let Self { clone, revision: name } = self;
        let none = || Error::NoPolicyRepository { path: clone.clone() };
        if !repository::is_root(clone) {
            return Err(none());
        }
        let sides = Sides::between(name, name, clone, limits).map_err(|error| match error {
            repository::Error::NotARepository { .. } => none(),
            other => other.into(),
        })?;
        let revision = Revision { name: name.clone(), commit: sides.base().commit() };
        Ok(load_from_repository(sides.base(), named)?.of(Some(revision)))
    }
}

/// Reads the policy of a policy repository. `named` is a path in there.
fn load_from_repository(side: &Side, named: Option<&Path>) -> Result<Loaded, Error> {
    let from = Whence::policy_repository(side);
    let none = |path: &str| Error::NoPolicyInRepository { path: path.to_owned() };
    let (path, bytes) = match named.map(Path::to_string_lossy) {
        Some(path) => optional(from, "policy", &path)?.ok_or_else(|| none(&path))?,
        None => standing(from).map_err(|error| if matches!(error, Error::NoPolicy) { none("countersign.yml") } else { error })?,
    };
    Sources::read(from, &path, &bytes)?.load(path, sha256(&bytes))
}

/// The files of a policy, before anybody has asked what they mean.
#[derive(Clone, Debug)]
pub(super) struct Sources {
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

impl Sources {
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

    /// The policy, if it is one.
    pub(super) fn load(self, path: Arc<str>, digest: String) -> Result<Loaded, Error> {
        let Examined { sound, diagnostics } = self.examine(None);
        let Some((policy, ceilings)) = sound else { return Err(Error::Policy(diagnostics)) };
        Ok(Loaded { policy, path, digest, parts: self.parts(), revision: None, diagnostics, ceilings, sources: self })
    }

    /// Every file.
    fn parts(&self) -> Vec<Part> {
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

    /// Adds the policies of these directories, as they stand on a side, to those that are known already.
    pub(super) fn nest(&mut self, side: &Side, directories: &BTreeSet<Arc<str>>) -> Result<(), Error> {
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
        Ok(())
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
            parts.extend(Sources::read(from, &path, &bytes)?.parts().into_iter().map(|part| (part.path, part.digest)));
        }
    }
    Ok(parts)
}

/// Of these files, those that policies of directories are in, by either name.
pub(super) fn nested_policies(paths: &[Arc<str>]) -> impl Iterator<Item = &str> {
    paths.iter().map(|path| &**path).filter(|path| is_policy(path) || is_misnamed(path))
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

impl Loaded {
    /// With the revision that it was asked for by.
    pub(super) fn of(self, revision: Option<Revision>) -> Self {
        Self { revision, ..self }
    }

    /// With the members of its teams and the freezes of the forge, as the facts have them.
    pub(super) fn with_facts(self, facts: Option<&Proposal>, now: DateTime<Utc>) -> Self {
        match facts {
            Some(facts) => Self { policy: self.policy.with_teams(&facts.teams).with_freezes(facts, now), ..self },
            None => self,
        }
    }

    /// With the policies of the directories in which these files are, as they stand on a side.
    pub(super) fn with_nested<'p>(mut self, side: &Side, paths: impl Iterator<Item = &'p str>) -> Result<Self, Error> {
        let paths: Vec<&str> = paths.collect();
        misnamed::refuse(side, &self, &paths)?;
        let mut directories = directories(&self.policy, paths.into_iter());
        if self.path.starts_with(POLICY_REPOSITORY) {
            directories.insert("".into());
        }
        let known = self.sources.nested.len();
        self.sources.nest(side, &directories)?;
        if self.sources.nested.len() == known {
            return Ok(self);
        }
        Ok(self.sources.load(self.path, self.digest)?.of(self.revision))
    }

    /// With the policies of all directories of a side.
    pub(super) fn with_every_nested(self, side: &Side) -> Result<Self, Error> {
        let paths = side.paths()?;
        misnamed::refuse_any(side, &self, &paths)?;
        self.with_nested(side, nested_policies(&paths))
    }

    /// What `where:` says of a path; `None` for what it ignores.
    pub(super) fn setting(&self, path: &str) -> Option<Setting> {
        setting(&self.policy, path)
    }

    /// The format that `where:` gives a path.
    pub(super) fn format(&self, path: &str) -> Option<&'static Format> {
        format(&self.policy, path)
    }

    /// What the holders of each role gain over its ceiling.
    pub(super) fn over(&self, joined: &Joined) -> Vec<Over> {
        let (base, head) = joined.access();
        let over = |(ceiling, most): &(Ceiling, Access)| ceiling.over(change::beyond_every(base, head, most, Effort::default()));
        self.ceilings.iter().map(over).collect()
    }
}

/// What a policy's `where:` says of a path; `None` for what it ignores.
pub(super) fn setting(policy: &Policy, path: &str) -> Option<Setting> {
    let site = policy.site_of(path);
    (!site.ignore).then_some(Setting {
        realm: site.realm,
        holder: site.holder,
        slot: site.slot,
        default_token: site.default_token,
        forced: false,
    })
}

/// The format that a policy's `where:` gives a path.
pub(super) fn format(policy: &Policy, path: &str) -> Option<&'static Format> {
    policy.site_of(path).format.as_deref().and_then(by_id)
}

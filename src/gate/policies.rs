//! The policy, from the base side or from a file that the user names, and what of it the engine needs.

use super::gather::{BOUNDS, Raw, Whence, optional};
use super::misnamed;
use super::ours::Named;
use super::policy_files::{Examined, PolicyFiles, directories, standing};
use super::{Error, Joined};
use crate::change::{self, Effort};
use crate::diagnostic::Diagnostic;
use crate::formats::{Format, Setting, by_id};
use crate::policy::delegation::{is_misnamed, is_policy};
use crate::policy::include::{POLICY_REPOSITORY, Part};
use crate::policy::{Ceiling, Over, Policy};
use crate::proposal::Proposal;
use crate::systems::{Access, sha256};
use crate::world::repository::{self, Limits, Side, Sides};
use chrono::{DateTime, Utc};
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
    files: PolicyFiles,
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
    Loaded::new(PolicyFiles::read(from, &path, &bytes)?, path, sha256(&bytes))
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
    Loaded::new(PolicyFiles::read(from, &path, &bytes)?, path, sha256(&bytes))
}

/// Of these files, those that policies of directories are in, by either name.
pub(super) fn nested_policies(paths: &[Arc<str>]) -> impl Iterator<Item = &str> {
    paths.iter().map(|path| &**path).filter(|path| is_policy(path) || is_misnamed(path))
}

impl Loaded {
    /// The policy that these files are, if they are one.
    pub(super) fn new(files: PolicyFiles, path: Arc<str>, digest: String) -> Result<Self, Error> {
        let Examined { sound, diagnostics } = files.examine(None);
        let Some((policy, ceilings)) = sound else { return Err(Error::Policy(diagnostics)) };
        Ok(Self { policy, path, digest, parts: files.parts(), revision: None, diagnostics, ceilings, files })
    }

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
        misnamed::refuse(side, &self.policy, &self.path, &paths)?;
        let mut directories = directories(&self.policy, paths.into_iter());
        if self.path.starts_with(POLICY_REPOSITORY) {
            directories.insert("".into());
        }
        if !self.files.nest(side, &directories)? {
            return Ok(self);
        }
        Ok(Self::new(self.files, self.path, self.digest)?.of(self.revision))
    }

    /// With the policies of all directories of a side.
    pub(super) fn with_every_nested(self, side: &Side) -> Result<Self, Error> {
        let paths = side.paths()?;
        misnamed::refuse_any(side, &self.policy, &paths)?;
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

//! `countersign policy check`: a policy and its people, before any change is held against them.

use super::Error;
use super::gather::{Raw, Whence};
use super::inventory::inventory;
use super::misnamed;
use super::ours::POLICY_PATHS;
use super::policies::{Loaded, named_file, nested_policies};
use super::policy_files::{Examined, Look, PolicyFiles, directories, standing};
use crate::diagnostic::Diagnostic;
use crate::policy::{Contents, Mode, Repository};
use crate::systems::sha256;
use crate::world::repository::{Limits, Side, Sides, root_of};
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which policy to look at.
pub struct Asked {
    /// This file, or the one in the repository.
    pub file: Option<PathBuf>,
    /// The repository; the one of the file, or else the one we are in.
    pub repo: Option<PathBuf>,
    /// A revision to read from instead of the work tree.
    pub base: Option<String>,
    /// Windows are looked at from here on.
    pub now: DateTime<Utc>,
}

/// What there is to say about a policy.
#[derive(Debug)]
pub struct PolicyCheck {
    /// Where it stands.
    pub path: Arc<str>,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// What it holds; nothing if there is an error among the diagnostics.
    pub sound: Option<(Mode, Contents)>,
    /// By place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a policy as `check` would, and says everything about it.
pub fn check_policy(asked: &Asked) -> Result<PolicyCheck, Error> {
    let (sides, path, bytes) = found(asked, "policy check")?;
    let Examined { sound, diagnostics } = examine(sides.base(), &path, &bytes, asked)?;
    let sound = sound.map(|(policy, _)| (policy.mode(), policy.contents()));
    Ok(PolicyCheck { path, digest: sha256(&bytes), sound, diagnostics })
}

impl Asked {
    /// The policy, if it is one, without those of directories, and what it stands in.
    pub(super) fn load(&self, option: &'static str) -> Result<(Sides, Loaded), Error> {
        let (sides, path, bytes) = found(self, option)?;
        let policy = Loaded::new(PolicyFiles::read(Whence::base(sides.base()), &path, &bytes)?, path, sha256(&bytes))?;
        Ok((sides, policy))
    }

    /// What the policy stands in, or would.
    pub(super) fn sides(&self) -> Result<Sides, Error> {
        find(self).map(|(sides, _)| sides)
    }

    /// The same with the policies of all directories.
    pub(super) fn load_whole(&self, option: &'static str) -> Result<(Sides, Loaded), Error> {
        let (sides, policy) = self.load(option)?;
        let policy = policy.with_every_nested(sides.base())?;
        Ok((sides, policy))
    }
}

/// What a policy stands in, its path and its bytes; `option` is how a file is named.
fn found(asked: &Asked, option: &'static str) -> Result<(Sides, Arc<str>, Vec<u8>), Error> {
    let (sides, found) = find(asked)?;
    let (path, bytes) = asked.file.as_deref().map_or(found, |file| named_file(file, option))?;
    Ok((sides, path, bytes))
}

/// The policy alone first, since it says in which directories no policy counts; then the policy of a repository with all those that
/// there are.
fn examine(side: &Side, path: &Arc<str>, bytes: &[u8], asked: &Asked) -> Result<Examined, Error> {
    let all = || {
        let mut files = PolicyFiles::read(Whence::base(side), path, bytes)?;
        let alone = files.examine(Some(&Look { now: asked.now, there: Repository::default() }));
        let Some((policy, _)) = alone.sound.as_ref().filter(|_| asked.file.is_none()) else { return Ok(alone) };
        let there = inventory(side, policy)?;
        let misnamed = misnamed::told(side, policy, &there.paths)?;
        let nested = directories(policy, nested_policies(&there.paths));
        files.nest(side, &nested)?;
        Ok(files.examine(Some(&Look { now: asked.now, there })).and(misnamed))
    };
    match all() {
        Err(Error::Policy(diagnostics)) => Ok(Examined { sound: None, diagnostics }),
        examined => examined,
    }
}

/// What a policy stands in, and the policy there.
type Found = (Sides, Result<Raw, Error>);

/// The revision; else the directory, if a policy is in it; else the work tree that it lies in.
fn find(asked: &Asked) -> Result<Found, Error> {
    let directory = asked.repo.clone().unwrap_or_else(|| asked.file.as_deref().map_or_else(|| PathBuf::from("."), belongs_to));
    if let Some(base) = &asked.base {
        let sides = Sides::open(base, "/dev/null", &directory, Limits::default())?;
        let found = standing(Whence::base(sides.base()));
        return Ok((sides, found));
    }
    let here = open(&directory)?;
    match (standing(Whence::base(here.base())), root_of(&directory)) {
        (Err(Error::NoPolicy), Some(root)) => {
            let sides = open(&root)?;
            let found = standing(Whence::base(sides.base())).map_err(|error| of_directory(error, &root));
            Ok((sides, found))
        }
        (found, _) => Ok((here, found.map_err(|error| of_directory(error, &directory)))),
    }
}

/// A path that ends with a separator is never taken for a revision.
pub(super) fn open(directory: &Path) -> Result<Sides, Error> {
    Ok(Sides::open(&directory.join("").to_string_lossy(), "/dev/null", directory, Limits::default())?)
}

fn of_directory(error: Error, directory: &Path) -> Error {
    match error {
        Error::NoPolicy => Error::NoPolicyIn { path: directory.to_owned() },
        Error::TwoPolicies => Error::TwoPoliciesIn { path: directory.to_owned() },
        other => other,
    }
}

/// The directory to which a policy at this path belongs, and from which its people are read.
fn belongs_to(file: &Path) -> PathBuf {
    // The longer path ends with the shorter one.
    let own = POLICY_PATHS.iter().rev().find(|path| file.ends_with(path)).map_or(1, |path| Path::new(path).components().count());
    file.ancestors().nth(own).map_or_else(|| PathBuf::from("."), here_if_empty)
}

/// The directory that a file stands in.
pub(super) fn directory_of(file: &Path) -> PathBuf {
    file.parent().map_or_else(|| PathBuf::from("."), here_if_empty)
}

fn here_if_empty(path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.to_owned() }
}

//! `countersign policy check`: a policy and its people, before any change is held against them.

use super::Error;
use super::gather::{Raw, Whence};
use super::own::{Named, POLICY_PATHS};
use super::policies::{BOUNDS, Examined, Sources, directories, found};
use crate::diagnostic::Diagnostic;
use crate::policy::delegation::NESTED_POLICY;
use crate::policy::{Contents, Mode};
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
    let (sides, found) = find(asked)?;
    let (path, bytes) = match &asked.file {
        Some(file) => (file.to_string_lossy().into(), Named { what: "policy", option: "policy check", path: file }.read(BOUNDS.bytes)?),
        None => found?,
    };
    let Examined { sound, diagnostics } = examine(sides.base(), &path, &bytes, asked)?;
    let sound = sound.map(|(policy, _)| (policy.mode(), policy.contents()));
    Ok(PolicyCheck { path, digest: sha256(&bytes), sound, diagnostics })
}

/// The policy alone first, since it says in which directories no policy counts; then the policy of a repository with all those that
/// there are.
fn examine(side: &Side, path: &Arc<str>, bytes: &[u8], asked: &Asked) -> Result<Examined, Error> {
    let all = || {
        let mut sources = Sources::read(Whence::base(side), path, bytes)?;
        let alone = sources.examine(Some(asked.now));
        let Some((policy, _)) = alone.sound.as_ref().filter(|_| asked.file.is_none()) else { return Ok(alone) };
        let entries = side.list()?;
        let nested = directories(policy, entries.iter().map(|entry| &*entry.path).filter(|path| path.ends_with(NESTED_POLICY)));
        sources.nest(side, &nested)?;
        Ok(sources.examine(Some(asked.now)))
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
        let found = found(Whence::base(sides.base()));
        return Ok((sides, found));
    }
    let here = open(&directory)?;
    match (found(Whence::base(here.base())), root_of(&directory)) {
        (Err(Error::NoPolicy), Some(root)) => {
            let sides = open(&root)?;
            let found = found(Whence::base(sides.base())).map_err(|error| of_directory(error, &root));
            Ok((sides, found))
        }
        (found, _) => Ok((here, found.map_err(|error| of_directory(error, &directory)))),
    }
}

/// A path that ends with a separator is never taken for a revision.
fn open(directory: &Path) -> Result<Sides, Error> {
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
    let root = file.ancestors().nth(own).map(Path::to_owned).unwrap_or_default();
    if root.as_os_str().is_empty() { PathBuf::from(".") } else { root }
}

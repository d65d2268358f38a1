//! The files that are ours by their names: where a policy stands, and how one that somebody names is read.

use super::Error;
use super::read::help_for;
use crate::world::files;
use crate::world::repository::{Why, lfs_oid};
use std::path::Path;

/// Where the policy file may stand on the base side.
pub(super) const POLICY_PATHS: [&str; 2] = ["countersign.yml", ".github/countersign.yml"];

/// Where somebody may have put the policy of the repository instead.
pub(super) const MISNAMED_PATHS: [&str; 2] = ["countersign.yaml", ".github/countersign.yaml"];

/// A file of ours that stands outside the change, and by which option the user named it.
pub(super) struct Named<'n> {
    pub(super) what: &'static str,
    pub(super) option: &'static str,
    pub(super) path: &'n Path,
}

impl Named<'_> {
    /// Its bytes, up to one more than a bound.
    pub(super) fn read(&self, most: usize) -> Result<Vec<u8>, Error> {
        let Self { what, option, path } = *self;
        let read = files::read(path, most);
        let bytes = read.map_err(|source| Error::Read { what, option, path: path.to_owned(), source })?;
        match lfs_oid(&bytes) {
            Some(oid) => {
                let (path, why, help) = (path.to_string_lossy().into_owned(), Why::LfsPointer { oid }, "fetch it with `git lfs pull`");
                Err(Error::Unreadable { what, path, why, help })
            }
            None => Ok(bytes),
        }
    }
}

/// The error for a file of ours that is there and cannot be read.
pub(super) fn unreadable(what: &'static str, path: impl Into<String>, why: Why) -> Error {
    let help = match why {
        Why::TooLarge { .. } => "shorten it, or split off a `people-file`",
        _ => help_for(&why),
    };
    Error::Unreadable { what, path: path.into(), help, why }
}

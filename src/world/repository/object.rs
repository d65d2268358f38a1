//! Objects of a repository, by their ids.

use super::Error;
use gix::hash::ObjectId;

/// Reads a tree, commit or tag.
pub(super) fn find(repo: &gix::Repository, id: ObjectId) -> Result<gix::Object<'_>, Error> {
    match repo.try_find_object(id) {
        Ok(Some(object)) => Ok(object),
        Ok(None) => Err(Error::MissingObject { id: id.to_string() }),
        Err(source) => Err(Error::Object { id: id.to_string(), source: source.into() }),
    }
}

pub(super) fn malformed(id: ObjectId, why: &'static str) -> Error {
    Error::Malformed { id: id.to_string(), why }
}

//! Files of a side before they are read.

use gix::hash::ObjectId;
use std::sync::Arc;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A symbolic link.
    SymbolicLink,
    /// Another repository.
    Submodule,
    /// A pipe, a socket or a device.
    Other,
}

/// A file before it is read.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// As bytes, relative to the root, with `/`.
    pub path: Vec<u8>,
    pub kind: Kind,
    pub at: At,
    /// As a repository has it; nobody vouches for the mode of a file on disk.
    pub is_executable: bool,
}

#[derive(Clone, Debug)]
pub(super) enum At {
    Object(ObjectId),
    Disk,
    /// The single file of its side.
    Taken,
}

impl Found {
    pub(super) fn text(&self) -> Arc<str> {
        String::from_utf8_lossy(&self.path).into()
    }
}

/// A file that differs, not read.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub base: Option<Found>,
    pub head: Option<Found>,
}

impl Difference {
    /// The paths on both sides.
    pub(super) fn paths(&self) -> impl Iterator<Item = &[u8]> {
        [&self.base, &self.head].into_iter().flatten().map(|found| found.path.as_slice())
    }

    pub(super) fn path(&self) -> &[u8] {
        self.head.as_ref().or(self.base.as_ref()).map_or(&[], |found| &found.path)
    }
}

//! Where a ledger is kept: a directory, or a ref of a git repository. An entry is added whole or not at all, and only after the entry that
//! it was made for; of two writers at once one is told that the other was faster.

mod directory;
mod git_ref;

use super::repository::{self, Repository};
use std::io;
use std::path::{Path, PathBuf};

/// The ref in which a repository keeps its ledger unless somebody names another.
pub const LEDGER_REF: &str = "refs/countersign/ledger";

/// Where a ledger is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// In the files of a directory.
    Directory(PathBuf),
    /// In the commits of a ref.
    GitRef {
        /// The repository.
        repo: PathBuf,
        /// The full name of the ref.
        name: String,
    },
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is there.
    Done,
    /// Somebody else has added another one before it; nothing was changed.
    Taken,
}

/// An entry of a store, and what tells that it is the one that it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// As long as these are the same, so is the entry.
    pub bytes: Vec<u8>,
    /// Whether that can be relied on: a file that was just written may be written again without a trace.
    pub is_settled: bool,
}

/// What was found by somebody who knows the first entries.
struct Listed {
    known: usize,
    behind: Vec<Mark>,
}

/// What stands in a ledger.
pub struct Listing<'s> {
    at: At<'s>,
    /// How many of those that were read before are there as they were, from the first on.
    pub known: usize,
    /// Everything behind them, in order.
    pub behind: Vec<Mark>,
}

/// A store that is open.
enum At<'s> {
    Directory(&'s Path),
    GitRef(Box<Repository>, &'s str),
}

impl Listing<'_> {
    /// The bytes of the entry with a mark.
    pub fn read(&self, mark: &[u8]) -> Result<Vec<u8>, Error> {
        match &self.at {
            At::Directory(directory) => directory::read(directory, mark),
            At::GitRef(repository, name) => git_ref::read(repository, name, mark),
        }
    }
}

/// Why a ledger cannot be read, or an entry cannot be added.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or a directory of the ledger.
    #[error("cannot {what} `{}` of the ledger", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something in the directory that is none of the ledger's.
    #[error("`{}` is no entry of a ledger: name the directory of one, or an empty one", path.display())]
    Stranger {
        /// Which.
        path: PathBuf,
    },
    /// The repository.
    #[error(transparent)]
    Repository(#[from] repository::Error),
    /// Git's objects or refs.
    #[error("cannot {what} the ledger in `{name}`")]
    Git {
        /// What was tried.
        what: &'static str,
        /// Which ref.
        name: String,
        /// What git's library said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The ref holds something else.
    #[error("`{name}` holds no ledger: {why}")]
    NotALedger {
        /// Which ref.
        name: String,
        /// Why not.
        why: &'static str,
    },
}

impl Store {
    /// `refs/…` is a ref of the repository, anything else a directory.
    pub fn named(name: &str, repo: &Path) -> Self {
        if name.starts_with("refs/") {
            Self::GitRef { repo: repo.to_owned(), name: name.to_owned() }
        } else {
            Self::Directory(PathBuf::from(name))
        }
    }

    /// The bytes of the last entry; nothing for an empty ledger.
    pub fn last(&self) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Self::Directory(directory) => directory::last(directory),
            Self::GitRef { repo, name } => Ok(git_ref::last(repo, name)?.map(|last| last.bytes)),
        }
    }

    /// Adds the bytes of the entry with this number, after the last one, whose bytes these are.
    pub fn append(&self, sequence: u64, last: Option<&[u8]>, bytes: &[u8]) -> Result<Appended, Error> {
        match self {
            Self::Directory(directory) => directory::append(directory, sequence, bytes),
            Self::GitRef { repo, name } => git_ref::append(repo, name, last, bytes),
        }
    }

    /// Hands the bytes of every entry to somebody, from the first on, until they have enough.
    pub fn each(&self, mut take: impl FnMut(Vec<u8>) -> bool) -> Result<(), Error> {
        let listing = self.list(Vec::new)?;
        for mark in &listing.behind {
            if !take(listing.read(&mark.bytes)?) {
                break;
            }
        }
        Ok(())
    }

    /// What stands in it, without reading any of it, for somebody who has read the entries with these marks before. They are asked for
    /// while the system is.
    pub fn list<'k>(&self, known: impl FnOnce() -> Vec<&'k [u8]>) -> Result<Listing<'_>, Error> {
        let (at, listed) = match self {
            Self::Directory(directory) => (At::Directory(directory), directory::list(directory, known)?),
            Self::GitRef { repo, name } => {
                let repository = Repository::open(repo)?;
                let listed = git_ref::list(&repository, name, &known())?;
                (At::GitRef(Box::new(repository), name), listed)
            }
        };
        Ok(Listing { at, known: listed.known, behind: listed.behind })
    }

    /// What tells it from every other ledger of this machine, if there is a name for that.
    pub fn identity(&self) -> Option<String> {
        match self {
            Self::Directory(directory) => Some(format!("directory {}", directory.canonicalize().ok()?.to_str()?)),
            Self::GitRef { repo, name } => {
                let repository = Repository::open(repo).ok()?;
                Some(format!("{name} of {}", repository.repo.common_dir().canonicalize().ok()?.to_str()?))
            }
        }
    }

    /// Sets everything behind the first entries aside, with a record of why beside it: nothing is thrown away. Gives the place.
    pub fn set_aside(&self, kept: u64, stamp: &str, record: &[u8]) -> Result<String, Error> {
        match self {
            Self::Directory(directory) => directory::set_aside(directory, kept, stamp, record),
            Self::GitRef { repo, name } => git_ref::set_aside(repo, name, kept, stamp, record),
        }
    }
}

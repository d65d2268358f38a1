//! What a file holds, or why that cannot be told.

use std::fmt;
use std::sync::Arc;

/// Git's id for the bytes of a file, SHA-1 or SHA-256 as the repository has it; files on disk get the id that git would give them.
///
/// Beside a repository a directory uses its hash; otherwise SHA-256. Equal ids mean equal bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId(gix::ObjectId);

impl ContentId {
    pub(super) fn new(id: gix::ObjectId) -> Self {
        Self(id)
    }

    pub(super) fn object(self) -> gix::ObjectId {
        self.0
    }

    /// The id of these bytes, by the SHA-256 form of git's blob hash.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest;
        let hash = sha2::Sha256::new().chain_update(format!("blob {}\0", bytes.len())).chain_update(bytes).finalize();
        Self(gix::ObjectId::Sha256(hash.into()))
    }

    /// 20 bytes for SHA-1, 32 for SHA-256.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A file that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// The path as the repository or directory spells it, with `/`, relative to its root.
    pub path: Arc<str>,
    /// The bytes as git stores them; no filter or line ending conversion is applied.
    pub bytes: Vec<u8>,
    /// The id of the bytes.
    pub id: ContentId,
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{:.7}({} bytes)", self.path, self.id.to_string(), self.bytes.len())
    }
}

/// One of the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// Before the change.
    Base,
    /// After the change.
    Head,
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base => "base",
            Self::Head => "head",
        })
    }
}

/// Something on one side that differs from the other side and could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its path; bytes that are not UTF-8 are replaced.
    pub path: Arc<str>,
    /// The side it is on.
    pub side: Which,
    /// Why it could not be read.
    pub why: Why,
    /// The id of its bytes, where that can be told without reading all of them into memory.
    pub id: Option<ContentId>,
}

/// Why something could not be read, with what can be told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// Another repository at some commit.
    Submodule {
        /// The commit, in hex.
        commit: String,
    },
    /// Links are not followed, not even within the tree.
    SymbolicLink {
        /// Where it points; bytes that are not UTF-8 are replaced.
        target: String,
    },
    /// The content is in Git LFS; here is only its pointer.
    LfsPointer {
        /// As the pointer has it: `sha256:…`.
        oid: String,
    },
    /// Larger than [`super::Limits::file`].
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// The object is not in this clone, as in a partial clone.
    Missing,
    /// A name that is not UTF-8.
    NameNotUtf8,
    /// A pipe, a socket or a device.
    NotAFile,
    /// The system refused.
    Refused {
        /// What the system said.
        message: String,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Submodule { commit } => write!(f, "a submodule at `{commit}`, whose files are in another repository"),
            Self::SymbolicLink { target } => write!(f, "a symbolic link to `{target}`, and links are not followed"),
            Self::LfsPointer { oid } => write!(f, "a Git LFS pointer to `{oid}`, whose content is not in the repository"),
            Self::TooLarge { bytes } => write!(f, "{bytes} bytes long, more than is read of one file"),
            Self::Missing => f.write_str("not in this clone, which is partial"),
            Self::NameNotUtf8 => f.write_str("named with bytes that are not UTF-8"),
            Self::NotAFile => f.write_str("a pipe, a socket or a device"),
            Self::Refused { message } => write!(f, "not readable: {message}"),
        }
    }
}

/// The longest pointer that Git LFS writes or accepts.
const LFS_POINTER: usize = 1024;

/// By which a pointer may say what it is: `v1Aliases` of <https://github.com/git-lfs/git-lfs/blob/main/lfs/pointer.go>.
const LFS_VERSIONS: [&str; 3] = ["https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1", "http://git-media.io/v/2"];

/// The oid if these bytes are a Git LFS pointer: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
pub fn lfs_oid(bytes: &[u8]) -> Option<String> {
    if bytes.len() >= LFS_POINTER {
        return None;
    }
    let mut lines = std::str::from_utf8(bytes).ok()?.trim().lines();
    if !LFS_VERSIONS.contains(&lines.next()?.strip_prefix("version ")?) {
        return None;
    }
    // Without an oid it is no valid pointer, but no permission file either: nothing that could be read by mistake.
    Some(lines.find_map(|line| line.strip_prefix("oid ")).unwrap_or_default().to_owned())
}

//! Directories on disk: walked without following links.

use super::Error;
use super::found::{At, Found, Kind};
use gix::hash::ObjectId;
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Every file below `root`. Directories named `.git` are passed over: they are git's own and no part of the content.
pub(super) fn list(root: &Path, bound: usize) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    let mut pending = vec![Vec::new()];
    let mut visited = 0;
    while let Some(directory) = pending.pop() {
        let on_disk = locate(root, &directory);
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::InvalidFilename => Error::path_too_long(&directory),
            _ => Error::Disk { path: on_disk.clone(), source },
        };
        for entry in fs::read_dir(&on_disk).map_err(refused)? {
            let entry = entry.map_err(refused)?;
            visited += 1;
            if visited > bound {
                return Err(Error::TooMuch { bound: bound as u64, unit: "entries" });
            }
            let name = entry.file_name();
            if name == ".git" {
                continue;
            }
            let path = join(&directory, name.as_encoded_bytes());
            let kind = entry.file_type().map_err(refused)?;
            if kind.is_dir() {
                pending.push(path);
            } else {
                found.push(Found { path, kind: kind_of(kind), at: At::Disk, is_executable: false });
            }
        }
    }
    Ok(found)
}

fn kind_of(kind: FileType) -> Kind {
    if kind.is_file() {
        Kind::File
    } else if kind.is_symlink() {
        Kind::SymbolicLink
    } else {
        Kind::Other
    }
}

fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    if directory.is_empty() { name.to_vec() } else { [directory, b"/", name].concat() }
}

/// What a path below `root` names, going through no link.
pub(super) fn lookup(root: &Path, path: &str) -> Result<Option<super::tree::Named>, Error> {
    use super::tree::Named;
    let mut on_disk = root.to_owned();
    let mut names = path.split('/').peekable();
    while let Some(name) = names.next() {
        // A path that climbs out, or names what the walk would pass over, is not in the directory.
        if matches!(name, "" | "." | ".." | ".git") || name.contains(std::path::MAIN_SEPARATOR) {
            return Ok(None);
        }
        on_disk.push(name);
        let kind = match fs::symlink_metadata(&on_disk) {
            Ok(metadata) => metadata.file_type(),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
            Err(source) => return Err(Error::Disk { path: on_disk, source }),
        };
        match (kind.is_dir(), names.peek()) {
            (true, Some(_)) => {}
            (true, None) => return Ok(Some(Named::Directory)),
            (false, Some(_)) => return Ok(None),
            (false, None) => {
                return Ok(Some(Named::Leaf(Found {
                    path: path.as_bytes().to_vec(),
                    kind: kind_of(kind),
                    at: At::Disk,
                    is_executable: false,
                })));
            }
        }
    }
    Ok(None)
}

/// Where a path of the walk is on disk.
#[cfg(unix)]
pub(super) fn locate(root: &Path, path: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    root.join(std::ffi::OsStr::from_bytes(path))
}

/// Where a path of the walk is on disk.
#[cfg(not(unix))]
pub(super) fn locate(root: &Path, path: &[u8]) -> PathBuf {
    root.join(&*String::from_utf8_lossy(path))
}

/// Whether two files hold the same bytes, in constant memory.
pub(super) fn equal(base: &Path, head: &Path) -> io::Result<bool> {
    let (base, head) = (File::open(base)?, File::open(head)?);
    if base.metadata()?.len() != head.metadata()?.len() {
        return Ok(false);
    }
    let (mut base, mut head) = (base, head);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        fill(&mut base, &mut left)?;
        fill(&mut head, &mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

fn fill(file: &mut File, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    file.take(CHUNK).read_to_end(buffer).map(|_| ())
}

/// How much of a file is compared or hashed at once.
const CHUNK: u64 = 64 << 10;

/// The id that git would give a file, in constant memory.
pub(super) fn hash(path: &Path, kind: gix::hash::Kind) -> io::Result<ObjectId> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut hasher = gix::hash::hasher(kind);
    hasher.update(&gix::objs::encode::loose_header(gix::objs::Kind::Blob, length));
    let mut buffer = Vec::new();
    let mut seen = 0;
    loop {
        fill(&mut file, &mut buffer)?;
        if buffer.is_empty() {
            break;
        }
        seen += buffer.len() as u64;
        hasher.update(&buffer);
    }
    if seen != length {
        return Err(io::Error::other("the file changed while it was read"));
    }
    hasher.try_finalize().map_err(io::Error::other)
}

/// What reading with a bound gave.
pub(super) enum Bounded {
    /// All of it.
    Whole(Vec<u8>),
    /// It is larger than the bound, by at least this many bytes in all.
    TooLarge(u64),
}

/// Reads at most `bound` bytes, also from something that does not know its length.
pub(super) fn read(path: &Path, bound: u64) -> io::Result<Bounded> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > bound {
        return Ok(Bounded::TooLarge(length));
    }
    // One byte more, so that the end is seen without growing.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default().saturating_add(1));
    file.take(bound.saturating_add(1)).read_to_end(&mut bytes)?;
    let read = bytes.len() as u64;
    Ok(if read > bound { Bounded::TooLarge(read) } else { Bounded::Whole(bytes) })
}

//! One of the two states: a tree of a repository, a directory, a single file, or nothing.

use super::content::lfs_oid;
use super::directory::{self, Bounded};
use super::found::{At, Found, Kind};
use super::git::Tree;
use super::tree::{self, Named};
use super::{Content, ContentId, Error, Limits, Why};
use crate::world::files::words;
use gix::hash::ObjectId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One of the two states that are compared.
#[derive(Debug)]
pub struct Side {
    pub(super) source: Source,
    pub(super) hash: gix::hash::Kind,
    limits: Limits,
    /// What somebody supposes to stand in one of its files.
    supposed: Option<Content>,
}

#[derive(Debug)]
pub(super) enum Source {
    Tree(Box<Tree>),
    Directory(PathBuf),
    /// Read when it is opened: it may be a pipe, which gives its bytes once.
    File(Arc<str>, Taken),
    /// By path.
    Told(BTreeMap<Arc<str>, Content>),
    Empty,
}

/// What reading one thing gave: its content, or why not and its id where that can be told.
pub(super) type Taken = Result<Content, (Why, Option<ContentId>)>;

/// One file of a side, not read.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The path; bytes that are not UTF-8 are replaced, and [`Side::read`] says so.
    pub path: Arc<str>,
    /// What it is.
    pub kind: Kind,
    /// The id of its bytes. `None` in a directory, where it takes reading to know.
    pub id: Option<ContentId>,
}

/// What [`Side::read`] found.
#[derive(Clone, Debug)]
pub enum Reading {
    /// The file.
    Content(Content),
    /// There is something, and why it cannot be read.
    Unreadable(Why),
    /// There is no file at this path.
    Absent,
}

impl Side {
    pub(super) fn tree(tree: Tree, limits: Limits) -> Self {
        Self { hash: tree.repo.object_hash(), source: Source::Tree(Box::new(tree)), limits, supposed: None }
    }

    pub(super) fn directory(root: PathBuf, hash: gix::hash::Kind, limits: Limits) -> Self {
        Self { source: Source::Directory(root), hash, limits, supposed: None }
    }

    pub(super) fn empty(limits: Limits) -> Self {
        Self { source: Source::Empty, hash: gix::hash::Kind::Sha256, limits, supposed: None }
    }

    /// Files of which somebody says what is in them.
    pub(super) fn told(files: impl IntoIterator<Item = (Arc<str>, Vec<u8>)>, limits: Limits) -> Self {
        let content = |(path, bytes): (Arc<str>, Vec<u8>)| (Arc::clone(&path), Content { path, id: ContentId::of(&bytes), bytes });
        Self { source: Source::Told(files.into_iter().map(content).collect()), hash: gix::hash::Kind::Sha256, limits, supposed: None }
    }

    /// A single file, known under `path`.
    pub(super) fn file(on_disk: &Path, path: Arc<str>, limits: Limits) -> Result<Self, Error> {
        let read = directory::read(on_disk, limits.file).map_err(|source| Error::Disk { path: on_disk.to_owned(), source })?;
        let taken = match read {
            Bounded::Whole(bytes) => match lfs_oid(&bytes) {
                Some(oid) => Err((Why::LfsPointer { oid }, Some(ContentId::of(&bytes)))),
                None => Ok(Content { path: path.clone(), id: ContentId::of(&bytes), bytes }),
            },
            Bounded::TooLarge(bytes) => Err((Why::TooLarge { bytes }, None)),
        };
        Ok(Self { source: Source::File(path, taken), hash: gix::hash::Kind::Sha256, limits, supposed: None })
    }

    /// The same side, if other bytes stood in one of its files.
    pub(super) fn supposing(self, path: &Arc<str>, bytes: Vec<u8>) -> Self {
        let supposed = Content { path: Arc::clone(path), id: ContentId::of(&bytes), bytes };
        Self { supposed: Some(supposed), ..self }
    }

    /// The full hex id of the commit, if this side is one.
    pub fn commit(&self) -> Option<String> {
        match &self.source {
            Source::Tree(tree) => tree.commit.map(|id| id.to_string()),
            _ => None,
        }
    }

    /// The full hex id of the tree, if this side is in a repository.
    pub fn tree_id(&self) -> Option<String> {
        match &self.source {
            Source::Tree(tree) => Some(tree.id.to_string()),
            _ => None,
        }
    }

    /// Every file of this side, sorted by path; none is read.
    pub fn list(&self) -> Result<Vec<Entry>, Error> {
        let mut entries: Vec<_> = self.walk()?.iter().map(entry).collect();
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    /// The path of every file of this side, sorted; none is read.
    pub fn paths(&self) -> Result<Vec<Arc<str>>, Error> {
        Ok(self.list()?.into_iter().map(|entry| entry.path).collect())
    }

    /// Reads the file at a path as [`Side::list`] spells it. Links are not followed, nor directories that are links.
    pub fn read(&self, path: &str) -> Result<Reading, Error> {
        self.find(path)?.map_or(Ok(Reading::Absent), |found| self.reading(&found))
    }

    /// Whether the file at a path may be executed, as far as a repository says so.
    pub fn is_executable(&self, path: &str) -> Result<bool, Error> {
        Ok(self.find(path)?.is_some_and(|found| found.is_executable))
    }

    fn reading(&self, found: &Found) -> Result<Reading, Error> {
        Ok(match self.take(found)? {
            Ok(content) => Reading::Content(content),
            Err((why, _)) => Reading::Unreadable(why),
        })
    }

    /// Reads an entry of [`Side::list`]. In a repository it is not looked for again.
    pub fn read_entry(&self, entry: &Entry) -> Result<Reading, Error> {
        // A name that is not UTF-8 is not the entry's own.
        let Some(id) = entry.id.filter(|_| !entry.path.contains(char::REPLACEMENT_CHARACTER)) else { return self.read(&entry.path) };
        self.reading(&Found { path: entry.path.as_bytes().to_vec(), kind: entry.kind, at: At::Object(id.object()), is_executable: false })
    }

    fn find(&self, path: &str) -> Result<Option<Found>, Error> {
        match self.named(path)? {
            Some(Named::Leaf(found)) => Ok(Some(found)),
            // A name that is not UTF-8 can only be met in a listing, where its bytes are replaced.
            None if path.contains(char::REPLACEMENT_CHARACTER) => Ok(self.walk()?.into_iter().find(|found| *found.text() == *path)),
            _ => Ok(None),
        }
    }

    /// Whether a path names a file or directory here.
    pub(super) fn has(&self, path: &str) -> Result<bool, Error> {
        Ok(path.is_empty() || self.named(path)?.is_some())
    }

    fn named(&self, path: &str) -> Result<Option<Named>, Error> {
        match &self.source {
            Source::Tree(tree) => tree::lookup(&tree.repo, tree.id, path),
            Source::Directory(root) => directory::lookup(root, path),
            Source::Told(files) => Ok(files.get(path).map(|content| Named::Leaf(found(content)))),
            Source::File(own, _) if **own == *path => Ok(self.walk()?.pop().map(Named::Leaf)),
            Source::File(..) | Source::Empty => Ok(None),
        }
    }

    /// Every file, in no order.
    pub(super) fn walk(&self) -> Result<Vec<Found>, Error> {
        match &self.source {
            Source::Tree(tree) => tree::list(&tree.repo, tree.id, self.limits.entries),
            Source::Directory(root) => directory::list(root, self.limits.entries),
            Source::File(path, _) => {
                Ok(vec![Found { path: path.as_bytes().to_vec(), kind: Kind::File, at: At::Taken, is_executable: false }])
            }
            Source::Told(files) => Ok(files.values().map(found).collect()),
            Source::Empty => Ok(Vec::new()),
        }
    }

    /// Where a file of a directory is on disk.
    pub(super) fn on_disk(&self, found: &Found) -> PathBuf {
        match &self.source {
            Source::Directory(root) => directory::locate(root, &found.path),
            _ => PathBuf::new(),
        }
    }

    /// The id of a file's bytes, to find the same bytes elsewhere; `None` for an empty file, which is like every other.
    pub(super) fn identify(&self, found: &Found) -> Option<ContentId> {
        let id = match &found.at {
            At::Object(id) => *id,
            At::Disk => directory::hash(&self.on_disk(found), self.hash).ok()?,
            At::Taken => return None,
        };
        (id != self.hash.empty_blob()).then(|| ContentId::new(id))
    }

    /// The size of a blob; `None` when it is not here, or not in a repository.
    pub(super) fn size(&self, found: &Found) -> Result<Option<u64>, Error> {
        let (Source::Tree(tree), At::Object(id)) = (&self.source, &found.at) else { return Ok(None) };
        let header = tree.repo.try_find_header(*id);
        let header = header.map_err(|source| Error::Object { id: id.to_string(), source: source.into() })?;
        Ok(header.map(|header| header.size()))
    }

    /// Reads one file, within bounds.
    pub(super) fn take(&self, found: &Found) -> Result<Taken, Error> {
        if let Some(supposed) = self.supposed.as_ref().filter(|content| content.path.as_bytes() == found.path) {
            return Ok(Ok(supposed.clone()));
        }
        let taken = match (&self.source, &found.at) {
            (Source::Tree(tree), At::Object(id)) => self.take_object(tree, *id, found),
            (Source::File(_, taken), _) => Ok(taken.clone()),
            (Source::Told(files), _) => Ok(self.take_told(files.get(&*found.text()))),
            _ => Ok(self.take_disk(found)),
        };
        // The name comes first: what cannot be named cannot be approved either.
        if std::str::from_utf8(&found.path).is_err() {
            return Ok(Err((Why::NameNotUtf8, taken?.map_or_else(|(_, id)| id, |content| Some(content.id)))));
        }
        taken
    }

    fn take_object(&self, tree: &Tree, id: ObjectId, found: &Found) -> Result<Taken, Error> {
        let known = Some(ContentId::new(id));
        if found.kind == Kind::Submodule {
            return Ok(Err((Why::Submodule { commit: id.to_string() }, None)));
        }
        let unreadable = |source: gix::Error| Error::Object { id: id.to_string(), source: source.into() };
        // The header is asked first, so that a huge blob is never inflated.
        let Some(header) = tree.repo.try_find_header(id).map_err(unreadable)? else { return Ok(Err((Why::Missing, known))) };
        if header.size() > self.limits.file {
            return Ok(Err((Why::TooLarge { bytes: header.size() }, known)));
        }
        if header.kind() != gix::objs::Kind::Blob {
            return Err(super::object::malformed(id, "it stands for a file and is not one"));
        }
        // Copied in its size: the buffer it was unpacked in is larger, and serves again.
        let bytes = tree.repo.find_object(id).map_err(unreadable)?.data.clone();
        // The id is what gets approved and attested, so it must be the id of these very bytes.
        if gix::objs::compute_hash(id.kind(), gix::objs::Kind::Blob, &bytes).ok() != Some(id) {
            return Err(super::object::malformed(id, "its content has another id"));
        }
        Ok(finish(found, bytes, ContentId::new(id)))
    }

    fn take_told(&self, content: Option<&Content>) -> Taken {
        let content = content.ok_or((Why::Missing, None))?;
        match content.bytes.len() as u64 {
            bytes if bytes > self.limits.file => Err((Why::TooLarge { bytes }, Some(content.id))),
            _ => Ok(content.clone()),
        }
    }

    fn take_disk(&self, found: &Found) -> Taken {
        let path = self.on_disk(found);
        let refused = |error: std::io::Error| (Why::Refused { message: words(&error.to_string()) }, None);
        match found.kind {
            Kind::SymbolicLink => {
                let target = std::fs::read_link(&path).map_err(refused)?;
                let bytes = target.into_os_string().into_encoded_bytes();
                let id = self.hash(&bytes)?;
                finish(found, bytes, id)
            }
            Kind::File => match directory::read(&path, self.limits.file).map_err(refused)? {
                Bounded::Whole(bytes) => {
                    let id = self.hash(&bytes)?;
                    finish(found, bytes, id)
                }
                Bounded::TooLarge(bytes) => {
                    let id = directory::hash(&path, self.hash).ok().map(ContentId::new);
                    Err((Why::TooLarge { bytes }, id))
                }
            },
            Kind::Submodule | Kind::Other => Err((Why::NotAFile, None)),
        }
    }

    fn hash(&self, bytes: &[u8]) -> Result<ContentId, (Why, Option<ContentId>)> {
        // Hashing fails on an attempt at a SHA-1 collision.
        let id = gix::objs::compute_hash(self.hash, gix::objs::Kind::Blob, bytes);
        id.map(ContentId::new).map_err(|error| (Why::Refused { message: error.to_string() }, None))
    }
}

fn finish(found: &Found, bytes: Vec<u8>, id: ContentId) -> Taken {
    if found.kind == Kind::SymbolicLink {
        return Err((Why::SymbolicLink { target: String::from_utf8_lossy(&bytes).into_owned() }, Some(id)));
    }
    match lfs_oid(&bytes) {
        Some(oid) => Err((Why::LfsPointer { oid }, Some(id))),
        None => Ok(Content { path: found.text(), bytes, id }),
    }
}

/// A file whose content is at hand.
fn found(content: &Content) -> Found {
    Found { path: content.path.as_bytes().to_vec(), kind: Kind::File, at: At::Object(content.id.object()), is_executable: false }
}

fn entry(found: &Found) -> Entry {
    let id = match found.at {
        At::Object(id) if found.kind != Kind::Submodule => Some(ContentId::new(id)),
        _ => None,
    };
    Entry { path: found.text(), kind: found.kind, id }
}

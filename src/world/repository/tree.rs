//! Walking git's trees: what differs between two of them, and all that is in one.
//!
//! Our own walk instead of a general one, because a tree may come from somebody hostile: names, order, depth and number are checked,
//! and nothing outside the objects (attributes, index, configuration) is looked at.

use super::Error;
use super::found::{At, Difference, Found, Kind};
use super::object::{find, malformed};
use gix::hash::ObjectId;
use gix::objs::tree::{EntryKind, EntryRef, name_order};
use gix::objs::{Kind as ObjectKind, TreeRefIter};
use std::cmp::Ordering;

/// The longest path that is taken for one, in bytes.
const LONGEST_PATH: usize = 4096;

/// What differs between two trees of one repository. Subtrees with the same id are not looked into.
pub(super) fn differences(repo: &gix::Repository, base: ObjectId, head: ObjectId, bound: usize) -> Result<Vec<Difference>, Error> {
    Ok(walked(repo, base, head, bound)?.differences)
}

/// The paths of files that are the same but for this: they may be executed on one side, and not on the other.
pub(super) fn modes(repo: &gix::Repository, base: ObjectId, head: ObjectId, bound: usize) -> Result<Vec<Vec<u8>>, Error> {
    Ok(walked(repo, base, head, bound)?.modes)
}

fn walked(repo: &gix::Repository, base: ObjectId, head: ObjectId, bound: usize) -> Result<Walk<'_>, Error> {
    let mut walk = Walk { repo, bound, visited: 0, pending: Vec::new(), differences: Vec::new(), modes: Vec::new() };
    if base != head {
        walk.pending.push(Pending { path: Vec::new(), base: Some(base), head: Some(head) });
    }
    while let Some(next) = walk.pending.pop() {
        walk.step(&next)?;
    }
    Ok(walk)
}

/// Every file of a tree.
pub(super) fn list(repo: &gix::Repository, tree: ObjectId, bound: usize) -> Result<Vec<Found>, Error> {
    let all = differences(repo, ObjectId::empty_tree(repo.object_hash()), tree, bound)?;
    Ok(all.into_iter().filter_map(|difference| difference.head).collect())
}

/// What a path names in a tree; `None` if nothing.
pub(super) fn lookup(repo: &gix::Repository, tree: ObjectId, path: &str) -> Result<Option<Named>, Error> {
    let mut id = tree;
    let mut names = path.split('/').peekable();
    while let Some(name) = names.next() {
        let data = read(repo, id)?;
        let Some(entry) = child(repo, id, &data, name)? else { return Ok(None) };
        match (kind(entry), names.peek()) {
            (None, Some(_)) => id = entry.oid.to_owned(),
            (None, None) => return Ok(Some(Named::Directory)),
            (Some(_), Some(_)) => return Ok(None),
            (Some(kind), None) => return Ok(Some(Named::Leaf(found(path.as_bytes().to_vec(), kind, entry)))),
        }
    }
    Ok(None)
}

/// What a path names.
pub(super) enum Named {
    /// A directory; git has no empty ones.
    Directory,
    /// Anything else.
    Leaf(Found),
}

fn child<'a>(repo: &gix::Repository, id: ObjectId, data: &'a [u8], name: &str) -> Result<Option<EntryRef<'a>>, Error> {
    for entry in Entries::new(repo, id, data) {
        let entry = entry?;
        if entry.filename == name.as_bytes() {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

struct Pending {
    path: Vec<u8>,
    base: Option<ObjectId>,
    head: Option<ObjectId>,
}

struct Walk<'a> {
    repo: &'a gix::Repository,
    bound: usize,
    visited: usize,
    pending: Vec<Pending>,
    differences: Vec<Difference>,
    /// Of files of which only the mode differs.
    modes: Vec<Vec<u8>>,
}

impl Walk<'_> {
    /// Merges one level of the two trees.
    fn step(&mut self, next: &Pending) -> Result<(), Error> {
        let (base, head) = (self.read(next.base)?, self.read(next.head)?);
        let mut base = self.entries(next.base, &base);
        let mut head = self.entries(next.head, &head);
        let (mut left, mut right) = (base.next().transpose()?, head.next().transpose()?);
        while let Some(order) = order(left.as_ref(), right.as_ref()) {
            self.count()?;
            let before = if order == Ordering::Greater { None } else { left.take() };
            let after = if order == Ordering::Less { None } else { right.take() };
            self.meet(&next.path, before, after)?;
            if before.is_some() {
                left = base.next().transpose()?;
            }
            if after.is_some() {
                right = head.next().transpose()?;
            }
        }
        Ok(())
    }

    /// One name on one or both sides; on both it is a directory on both or on neither.
    fn meet(&mut self, directory: &[u8], base: Option<EntryRef<'_>>, head: Option<EntryRef<'_>>) -> Result<(), Error> {
        let kinds = (base.map(kind), head.map(kind));
        if let (Some(base), Some(head)) = (base, head)
            && base.oid == head.oid
            && kinds.0 == kinds.1
        {
            if base.mode.kind() != head.mode.kind() {
                self.modes.push(join(directory, head)?);
            }
            return Ok(());
        }
        let Some(entry) = head.or(base) else { return Ok(()) };
        let path = join(directory, entry)?;
        if kind(entry).is_none() {
            let id = |entry: Option<EntryRef<'_>>| entry.map(|entry| entry.oid.to_owned());
            self.pending.push(Pending { path, base: id(base), head: id(head) });
        } else {
            let leaf = |entry: EntryRef<'_>| kind(entry).map(|kind| found(path.clone(), kind, entry));
            self.differences.push(Difference { base: base.and_then(leaf), head: head.and_then(leaf) });
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), Error> {
        self.visited += 1;
        if self.visited > self.bound {
            return Err(Error::TooMuch { bound: self.bound as u64, unit: "entries" });
        }
        Ok(())
    }

    fn read(&self, id: Option<ObjectId>) -> Result<Vec<u8>, Error> {
        id.map_or_else(|| Ok(Vec::new()), |id| read(self.repo, id))
    }

    fn entries<'d>(&self, id: Option<ObjectId>, data: &'d [u8]) -> Entries<'d> {
        Entries::new(self.repo, id.unwrap_or_else(|| self.repo.object_hash().null()), data)
    }
}

fn read(repo: &gix::Repository, id: ObjectId) -> Result<Vec<u8>, Error> {
    let object = find(repo, id)?;
    if object.kind != ObjectKind::Tree {
        return Err(malformed(id, "it stands for a directory and is not one"));
    }
    Ok(object.detach().data)
}

fn order(left: Option<&EntryRef<'_>>, right: Option<&EntryRef<'_>>) -> Option<Ordering> {
    match (left, right) {
        (None, None) => None,
        (Some(_), None) => Some(Ordering::Less),
        (None, Some(_)) => Some(Ordering::Greater),
        (Some(left), Some(right)) => Some(compare(left, right)),
    }
}

fn compare(left: &EntryRef<'_>, right: &EntryRef<'_>) -> Ordering {
    name_order(left.filename, left.mode.is_tree(), right.filename, right.mode.is_tree())
}

fn join(directory: &[u8], entry: EntryRef<'_>) -> Result<Vec<u8>, Error> {
    let mut path = directory.to_vec();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(entry.filename);
    if path.len() > LONGEST_PATH {
        return Err(Error::path_too_long(&path));
    }
    Ok(path)
}

fn found(path: Vec<u8>, kind: Kind, entry: EntryRef<'_>) -> Found {
    Found { path, kind, at: At::Object(entry.oid.to_owned()), is_executable: entry.mode.kind() == EntryKind::BlobExecutable }
}

/// `None` for a directory. Whether a file may be executed says nothing about the access that it gives.
fn kind(entry: EntryRef<'_>) -> Option<Kind> {
    match entry.mode.kind() {
        EntryKind::Tree => None,
        EntryKind::Blob | EntryKind::BlobExecutable => Some(Kind::File),
        EntryKind::Link => Some(Kind::SymbolicLink),
        EntryKind::Commit => Some(Kind::Submodule),
    }
}

/// The entries of one tree, refused as soon as one is not what git would write: out of order, twice, or with a name that would
/// mean another place once it is joined to a path.
struct Entries<'a> {
    tree: ObjectId,
    rest: TreeRefIter<'a>,
    last: Option<EntryRef<'a>>,
}

impl<'a> Entries<'a> {
    fn new(repo: &gix::Repository, tree: ObjectId, data: &'a [u8]) -> Self {
        Self { tree, rest: TreeRefIter::from_bytes(data, repo.object_hash()), last: None }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<EntryRef<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let Ok(entry) = self.rest.next()? else { return Some(Err(malformed(self.tree, "an entry that is cut off"))) };
        if matches!(&**entry.filename, b"" | b"." | b"..") || entry.filename.contains(&b'/') {
            return Some(Err(malformed(self.tree, "a name that no file can have")));
        }
        if self.last.is_some_and(|last| compare(&last, &entry) != Ordering::Less) {
            return Some(Err(malformed(self.tree, "names that are out of order or occur twice")));
        }
        self.last = Some(entry);
        Some(Ok(entry))
    }
}

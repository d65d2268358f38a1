//! A ledger in a ref: a commit for each entry, whose tree has nothing but the entry, and whose parent is the entry before it. The ref is
//! moved only from where it was when the entry was made.

use super::{Appended, Error, Listed, Mark};
use crate::world::repository::Repository;
use gix::actor::Signature;
use gix::bstr::BString;
use gix::hash::ObjectId;
use gix::objs::tree::{Entry, EntryKind};
use gix::objs::{Commit, Tree};
use gix::refs::Target;
use gix::refs::transaction::{Change, LogChange, PreviousValue, RefEdit, RefLog};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The one file of a commit's tree.
const FILE: &str = "entry";

/// How old a lock is that nobody holds any more.
const STALE: Duration = Duration::from_mins(1);

/// The last entry.
pub(super) struct Last {
    commit: ObjectId,
    pub(super) bytes: Vec<u8>,
}

fn failed<E: Into<Box<dyn std::error::Error + Send + Sync>>>(what: &'static str, name: &str) -> impl FnOnce(E) -> Error {
    let name = name.to_owned();
    move |source| Error::Git { what, name, source: source.into() }
}

pub(super) fn last(repo: &Path, name: &str) -> Result<Option<Last>, Error> {
    let repository = Repository::open(repo)?;
    let Some(commit) = tip(&repository.repo, name)? else { return Ok(None) };
    Ok(Some(Last { commit, bytes: entry(&repository.repo, name, commit)? }))
}

fn tip(repo: &gix::Repository, name: &str) -> Result<Option<ObjectId>, Error> {
    let found = repo.try_find_reference(name).map_err(failed("find", name))?;
    // The store tries other prefixes too; only the exact name counts.
    let Some(reference) = found.filter(|reference| reference.name().as_bstr() == name) else { return Ok(None) };
    let id = reference.try_id().ok_or_else(|| Error::NotALedger { name: name.to_owned(), why: "it is a name for another ref" })?;
    Ok(Some(id.detach()))
}

fn commit<'r>(repo: &'r gix::Repository, name: &str, id: ObjectId) -> Result<gix::Commit<'r>, Error> {
    let object = repo.find_object(id).map_err(failed("read", name))?;
    object.try_into_commit().map_err(|_| Error::NotALedger { name: name.to_owned(), why: "it is no commit" })
}

/// The commit before it.
fn before(repo: &gix::Repository, name: &str, id: ObjectId) -> Result<Option<ObjectId>, Error> {
    let commit = commit(repo, name, id)?;
    let mut parents = commit.parent_ids();
    match (parents.next(), parents.next()) {
        (parent, None) => Ok(parent.map(gix::Id::detach)),
        _ => Err(Error::NotALedger { name: name.to_owned(), why: "a commit of it has two parents" }),
    }
}

/// The bytes of a commit's entry.
fn entry(repo: &gix::Repository, name: &str, id: ObjectId) -> Result<Vec<u8>, Error> {
    let tree = commit(repo, name, id)?.tree().map_err(failed("read", name))?;
    let entry = tree.find_entry(FILE);
    let entry = entry.ok_or_else(|| Error::NotALedger { name: name.to_owned(), why: "a commit of it has no `entry`" })?;
    let blob = repo.find_object(entry.object_id()).map_err(failed("read", name))?;
    Ok(blob.detach().data)
}

pub(super) fn append(repo: &Path, name: &str, last: Option<&[u8]>, bytes: &[u8]) -> Result<Appended, Error> {
    let found = self::last(repo, name)?;
    if found.as_ref().map(|found| &*found.bytes) != last {
        return Ok(Appended::Taken);
    }
    let repository = Repository::open(repo)?;
    let parent = found.map(|found| found.commit);
    let commit = write(&repository.repo, name, parent, bytes)?;
    let edit = moved(name, parent, commit)?;
    take_stale_lock_away(&repository, name);
    match repository.repo.edit_references_as([edit], None) {
        // Somebody may have held us for dead, and have taken our lock away.
        Ok(_) if !leads_to(&repository.repo, name, commit, parent)? => Ok(Appended::Taken),
        Ok(_) => Ok(Appended::Done),
        // Somebody else holds the ref, or has moved it.
        Err(error) if tip(&repository.repo, name)? == parent && !is_locked(&repository, name) => Err(failed("write", name)(error)),
        Err(_) => Ok(Appended::Taken),
    }
}

/// The ref moves from one commit to another, if it is there still.
fn moved(name: &str, from: Option<ObjectId>, to: ObjectId) -> Result<RefEdit, Error> {
    let expected = from.map_or(PreviousValue::MustNotExist, |from| PreviousValue::MustExistAndMatch(Target::Object(from)));
    let change = Change::Update { log: LogChange::default(), expected, new: Target::Object(to) };
    Ok(RefEdit { change, name: name.try_into().map_err(failed("name", name))?, deref: false })
}

fn lock(repository: &Repository, name: &str) -> PathBuf {
    repository.repo.common_dir().join(format!("{name}.lock"))
}

fn is_locked(repository: &Repository, name: &str) -> bool {
    lock(repository, name).exists()
}

/// The lock of a ref is held for milliseconds. One that is much older was left by a writer that was stopped.
fn take_stale_lock_away(repository: &Repository, name: &str) {
    let lock = lock(repository, name);
    let age = fs::metadata(&lock).and_then(|state| state.modified()).ok().and_then(|then| then.elapsed().ok());
    if age.is_some_and(|age| age > STALE) {
        // If it cannot be taken away, whoever wants the ref is told.
        let _ = fs::remove_file(lock);
    }
}

/// Whether the ref has this commit behind it, on the way back to the one before.
fn leads_to(repo: &gix::Repository, name: &str, commit: ObjectId, before: Option<ObjectId>) -> Result<bool, Error> {
    let mut next = tip(repo, name)?;
    while let Some(id) = next {
        if id == commit {
            return Ok(true);
        }
        next = if Some(id) == before { None } else { self::before(repo, name, id)? };
    }
    Ok(false)
}

fn write(repo: &gix::Repository, name: &str, parent: Option<ObjectId>, bytes: &[u8]) -> Result<ObjectId, Error> {
    write_file(repo, name, parent, FILE, bytes)
}

/// A commit whose tree has nothing but this file.
fn write_file(repo: &gix::Repository, name: &str, parent: Option<ObjectId>, file: &str, bytes: &[u8]) -> Result<ObjectId, Error> {
    let blob = repo.write_blob(bytes).map_err(failed("write", name))?.detach();
    let tree = Tree { entries: vec![Entry { mode: EntryKind::Blob.into(), filename: BString::from(file), oid: blob }] };
    let tree = repo.write_object(&tree).map_err(failed("write", name))?.detach();
    // When and by whom it was written stands in what was signed; here it would be anybody's word.
    let nobody = Signature { name: "countersign".into(), email: "countersign".into(), time: gix::date::Time::default() };
    let commit = Commit {
        tree,
        parents: parent.into_iter().collect(),
        author: nobody.clone(),
        committer: nobody,
        encoding: None,
        message: "An entry of the ledger\n".into(),
        extra_headers: Vec::new(),
    };
    Ok(repo.write_object(&commit).map_err(failed("write", name))?.detach())
}

/// The commits of the ref from the last back to the first, or to one that is known; and whether that was met.
fn commits(repo: &gix::Repository, name: &str, known: Option<ObjectId>) -> Result<(Vec<ObjectId>, bool), Error> {
    let mut commits = Vec::new();
    let mut seen = HashSet::new();
    let mut next = tip(repo, name)?;
    while let Some(id) = next {
        if Some(id) == known {
            return Ok((commits, true));
        }
        // Nothing holds an object to its id when it is read, so one may have been written that names itself.
        if !seen.insert(id) {
            return Err(Error::NotALedger { name: name.to_owned(), why: "a commit of it comes before itself" });
        }
        commits.push(id);
        next = before(repo, name, id)?;
    }
    Ok((commits, false))
}

/// The entries behind those that are there still, which begin with these marks: the ids of their commits. An id is of everything before it
/// as well, so the last one vouches for all.
pub(super) fn list(repository: &Repository, name: &str, known: &[&[u8]]) -> Result<Listed, Error> {
    let last = known.last().and_then(|mark| ObjectId::try_from(*mark).ok());
    let (mut commits, is_met) = commits(&repository.repo, name, last)?;
    commits.reverse();
    let is_there = |(commit, known): &(&ObjectId, &&[u8])| commit.as_slice() == **known;
    let same = if is_met { 0 } else { commits.iter().zip(known).take_while(is_there).count() };
    let behind = commits.iter().skip(same).map(|commit| Mark { bytes: commit.as_slice().to_vec(), is_settled: true }).collect();
    Ok(Listed { known: if is_met { known.len() } else { same }, behind })
}

pub(super) fn read(repository: &Repository, name: &str, mark: &[u8]) -> Result<Vec<u8>, Error> {
    let id = ObjectId::try_from(mark).map_err(failed("read", name))?;
    entry(&repository.repo, name, id)
}

/// The record is a commit behind the last entry, under a ref of its own; then the ledger's goes back to the last entry that is kept.
pub(super) fn set_aside(repo: &Path, name: &str, kept: u64, stamp: &str, record: &[u8]) -> Result<String, Error> {
    let repository = Repository::open(repo)?;
    let (commits, _) = commits(&repository.repo, name, None)?;
    let last = commits.first().copied();
    let aside = format!("refs/countersign/quarantine/{stamp}");
    let told = write_file(&repository.repo, name, last, "record.json", record)?;
    if tip(&repository.repo, &aside)?.is_none() {
        repository.repo.edit_references_as([moved(&aside, None, told)?], None).map_err(failed("set aside the end of", name))?;
    }
    let kept = usize::try_from(kept).unwrap_or(usize::MAX);
    let to = commits.iter().rev().nth(kept.wrapping_sub(1)).copied();
    let edit = match (to, last) {
        (Some(to), _) => moved(name, last, to)?,
        (None, Some(last)) => RefEdit {
            change: Change::Delete { expected: PreviousValue::MustExistAndMatch(Target::Object(last)), log: RefLog::AndReference },
            name: name.try_into().map_err(failed("name", name))?,
            deref: false,
        },
        (None, None) => return Ok(aside),
    };
    repository.repo.edit_references_as([edit], None).map_err(failed("write", name))?;
    Ok(aside)
}

//! Why a revision could not be found, with what helps.

use super::{Error, error::Cause, object};
use crate::document::nearest;

/// More names than this are not looked through for one that was meant.
const MOST_NAMES: usize = 10_000;

/// The reference of a name, if there is one.
pub(super) fn find(repo: &gix::Repository, name: &str) -> Result<Option<gix::refs::Reference>, Error> {
    // Not every revision could be the name of a reference.
    if gix::refs::PartialName::try_from(name).is_err() {
        return Ok(None);
    }
    repo.refs.try_find(name).map_err(|source| unreadable(name, source.into()))
}

fn unreadable(name: &str, source: Cause) -> Error {
    Error::Repository { what: format!("`{name}`"), source }
}

/// A revision without what follows the name: `main` of `main~2`, `v1` of `v1^{commit}`.
pub(super) fn stem(name: &str) -> &str {
    let end = name.find(['~', '^', ':']).or_else(|| name.find("@{")).unwrap_or(name.len());
    name.get(..end).unwrap_or(name)
}

/// The error for a revision that could not be found.
pub(super) fn missing(repo: &gix::Repository, revision: &str) -> Error {
    let (name, rest) = revision.split_at(stem(revision).len());
    match unborn(repo, name) {
        Err(error) => return error,
        Ok(Some(branch)) => return Error::Unborn { revision: revision.to_owned(), branch },
        Ok(None) => {}
    }
    if let Err(error) = readable(repo, name) {
        return error;
    }
    let revision = revision.to_owned();
    if repo.is_shallow().unwrap_or(false) {
        return Error::NotInShallowClone { revision, hint: remote_branch(repo, name).or_else(|| similar(repo, name)) };
    }
    if !rest.is_empty() && repo.rev_parse_single(name).is_ok() {
        return Error::NotThatFarBack { name: name.to_owned(), rest: rest.to_owned(), revision };
    }
    let hint = remote_branch(repo, name).or_else(|| similar(repo, name)).map(|found| found + rest);
    Error::NoSuchRevision { fetch: fetched(repo, name), revision, hint }
}

/// Whether what a reference points to can be read, if there is one of that name.
fn readable(repo: &gix::Repository, name: &str) -> Result<(), Error> {
    let Ok(Some(reference)) = repo.try_find_reference(name) else { return Ok(()) };
    let id = reference.into_fully_peeled_id().map_err(|source| unreadable(name, source.into()))?;
    object::find(repo, id.detach()).map(|_| ())
}

/// The branch without commits that a name stands for.
fn unborn(repo: &gix::Repository, name: &str) -> Result<Option<String>, Error> {
    let is_head = matches!(name, "HEAD" | "@");
    match repo.head() {
        Ok(head) if head.is_unborn() => {
            let branch = head.referent_name().map(|branch| branch.shorten().to_string());
            Ok(branch.filter(|branch| is_head || branch == name))
        }
        Err(source) if is_head => Err(unreadable("HEAD", source.into())),
        _ => Ok(None),
    }
}

/// In a fresh clone by a pipeline `main` is often only there as `origin/main`.
fn remote_branch(repo: &gix::Repository, name: &str) -> Option<String> {
    let exists = |name: &str| repo.refs.try_find(name).ok().flatten().is_some();
    (!exists(name) && exists(&format!("refs/remotes/origin/{name}"))).then(|| format!("origin/{name}"))
}

/// A name that is there and spelt much like this one.
fn similar(repo: &gix::Repository, name: &str) -> Option<String> {
    if is_hex(name) {
        return None;
    }
    let references = repo.references().ok()?;
    let names = references.all().ok()?.take(MOST_NAMES).filter_map(Result::ok);
    let names: Vec<String> = names.map(|reference| reference.name().shorten().to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    nearest(name, &names).map(str::to_owned)
}

fn is_hex(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What to ask the remote `origin` for. Only a plain name is shown in a command: others would mean something to a shell.
fn fetched(repo: &gix::Repository, name: &str) -> Option<String> {
    let name = name.strip_prefix("origin/").unwrap_or(name);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'_' | b'-');
    let may_be_there = if is_hex(name) { matches!(name.len(), 40 | 64) } else { name != "HEAD" };
    let is_name = !name.is_empty() && !name.starts_with('-') && name.bytes().all(is_plain) && may_be_there;
    (is_name && repo.config_snapshot().string("remote.origin.url").is_some()).then(|| name.to_owned())
}

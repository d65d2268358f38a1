//! Questions about commits: which one a name means, whether it is here, and where two lines of history met.

use super::{Error, Limits, git, object};
use gix::hash::ObjectId;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The root of the work tree that a directory lies in, if it lies in one.
pub fn root_of(directory: &Path) -> Option<PathBuf> {
    let directory = directory.canonicalize().ok()?;
    directory.ancestors().skip(1).find(|parent| parent.join(".git").exists()).map(Path::to_owned)
}

/// Whether a directory is itself a repository, and no part of another one. A bare one counts outside of work trees only: whoever writes
/// what is in a work tree can write what looks like one there.
pub fn is_root(directory: &Path) -> bool {
    directory.join(".git").exists() || root_of(directory).is_none()
}

/// A git repository.
#[derive(Debug)]
pub struct Repository {
    pub(in crate::world) repo: gix::Repository,
}

impl Repository {
    /// Opens a work tree, a directory in one, or a bare repository.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { repo: git::open(path, Limits::default())? })
    }

    /// The root of the work tree; `None` for a bare repository.
    pub fn root(&self) -> Option<&Path> {
        self.repo.workdir()
    }

    /// Where git keeps it.
    pub fn directory(&self) -> &Path {
        self.repo.git_dir()
    }

    /// The host of the remote `origin`, as far as the repository's own configuration names one.
    pub fn host(&self) -> Option<String> {
        let url = self.repo.config_snapshot().string("remote.origin.url")?;
        host(&url.to_string())
    }

    /// The full hex id of the commit that a revision names.
    pub fn commit(&self, revision: &str) -> Result<String, Error> {
        Ok(git::commit(&self.repo, revision)?.to_string())
    }

    /// Whether the commit with this full hex id is in this clone.
    pub fn contains(&self, commit: &str) -> bool {
        let id = ObjectId::from_hex(commit.as_bytes()).ok().filter(|id| id.kind() == self.repo.object_hash());
        let header = id.and_then(|id| self.repo.try_find_header(id).ok().flatten());
        header.is_some_and(|header| header.kind() == gix::objs::Kind::Commit)
    }

    /// A commit or a tree with this full hex id, as `git cat-file commit` or `git cat-file tree` prints it.
    pub fn object(&self, id: &str) -> Result<Vec<u8>, Error> {
        let object = ObjectId::from_hex(id.as_bytes()).map_err(|_| Error::MissingObject { id: id.to_owned() })?;
        Ok(object::find(&self.repo, object)?.data.clone())
    }

    /// The best common ancestor of two revisions, as full hex id: where `one` left `two`.
    ///
    /// After criss-cross merges there are several; this is the one that git names first, see [`Self::merge_bases`].
    pub fn merge_base(&self, one: &str, two: &str) -> Result<String, Error> {
        let unrelated = || Error::Unrelated { one: one.to_owned(), two: two.to_owned() };
        self.merge_bases(one, two)?.into_iter().next().ok_or_else(unrelated)
    }

    /// All best common ancestors; never empty.
    ///
    /// In a shallow clone the answer is only given if the missing history cannot change it. An ancestor that is too old would hide
    /// what was revoked since.
    pub fn merge_bases(&self, one: &str, two: &str) -> Result<Vec<String>, Error> {
        let names = |error: fn(String, String) -> Error| error(one.to_owned(), two.to_owned());
        let tips = [git::commit(&self.repo, one)?, git::commit(&self.repo, two)?];
        let boundary = self.boundary()?;
        let bases = self.common(tips)?;
        if !boundary.is_empty() && self.cut_off(tips, &bases, &boundary)? {
            return Err(names(|one, two| Error::ShallowMergeBase { one, two }));
        }
        if bases.is_empty() {
            return Err(names(|one, two| Error::Unrelated { one, two }));
        }
        Ok(bases.iter().map(ToString::to_string).collect())
    }

    fn common(&self, [one, two]: [ObjectId; 2]) -> Result<Vec<ObjectId>, Error> {
        let bases = self.repo.merge_bases_many(one, &[two]);
        let bases = bases.map_err(|source| Error::Repository { what: "the history".to_owned(), source: source.into() })?;
        Ok(bases.into_iter().map(gix::Id::detach).collect())
    }

    /// The commits of a shallow clone whose parents are not here.
    pub(super) fn boundary(&self) -> Result<HashSet<ObjectId>, Error> {
        let commits = self.repo.shallow_commits();
        let commits = commits.map_err(|source| Error::Repository { what: "the shallow boundary".to_owned(), source: source.into() })?;
        Ok(commits.map(|commits| commits.iter().copied().collect()).unwrap_or_default())
    }

    /// Whether history is missing somewhere between the tips and their merge bases.
    fn cut_off(&self, tips: [ObjectId; 2], bases: &[ObjectId], boundary: &HashSet<ObjectId>) -> Result<bool, Error> {
        let known = self.ancestors(bases, boundary, &HashSet::new())?;
        let between = self.ancestors(&tips, boundary, &known)?;
        Ok(between.iter().any(|id| boundary.contains(id)))
    }

    /// These commits and all their ancestors up to the boundary, without what is hidden.
    fn ancestors(&self, tips: &[ObjectId], boundary: &HashSet<ObjectId>, hidden: &HashSet<ObjectId>) -> Result<HashSet<ObjectId>, Error> {
        let mut seen = HashSet::new();
        let mut pending = tips.to_vec();
        while let Some(id) = pending.pop() {
            if hidden.contains(&id) || !seen.insert(id) || boundary.contains(&id) {
                continue;
            }
            let commit = object::find(&self.repo, id)?.try_into_commit().map_err(|_| object::malformed(id, "it is not a commit"))?;
            pending.extend(commit.parent_ids().map(gix::Id::detach));
        }
        Ok(seen)
    }
}

/// The host in `https://user@host:port/path`, `ssh://host/path` or `user@host:path`.
fn host(url: &str) -> Option<String> {
    let (is_url, rest) = url.split_once("://").map_or((false, url), |(_, rest)| (true, rest));
    let end = if is_url {
        rest.find(['/', '?', '#']).unwrap_or(rest.len())
    } else {
        rest.find([':', '/']).filter(|at| rest.get(*at..).is_some_and(|rest| rest.starts_with(':')))?
    };
    let authority = rest.get(..end)?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split(':').next()?.to_lowercase();
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_remote_is_found_in_every_notation() {
        for (url, expected) in [
            ("https://github.com/acme/infra.git", Some("github.com")),
            ("https://user:secret@GitLab.example.com:8443/acme/infra", Some("gitlab.example.com")),
            ("ssh://git@github.com:22/acme/infra", Some("github.com")),
            ("git@gitlab.com:acme/infra.git", Some("gitlab.com")),
            ("github.com:acme/infra.git", Some("github.com")),
            ("/srv/git/github.com/infra", None),
            ("../github.com:infra", None),
            ("file:///srv/git/infra", None),
        ] {
            assert_eq!(host(url).as_deref(), expected, "{url}");
        }
    }
}

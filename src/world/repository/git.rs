//! Opening a repository and finding what a revision names.

use super::names::stem;
use super::object::{find, malformed};
use super::{Error, Limits, names};
use gix::bstr::ByteSlice;
use gix::hash::ObjectId;
use gix::objs::Kind;
use std::path::Path;

/// Git's name for a tree without files; it needs no object.
const EMPTY_TREE: [&str; 2] =
    ["4b825dc642cb6eb9a060e54bf8d69288fbee4904", "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"];

/// Trees and commits up to this size are read.
const LARGEST_OBJECT: u64 = 256 << 20;

/// A chain of tags that is longer than this is not one that anybody made in earnest.
const TAG_CHAIN: usize = 16;

/// A tree of files in a repository.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub repo: gix::Repository,
    pub id: ObjectId,
    pub commit: Option<ObjectId>,
}

/// Opens the repository at `path` (a work tree or a bare repository), or the one whose work tree `path` lies in.
///
/// Going upward only a `.git` counts: a directory of the checkout that merely looks like a bare repository is not one that the
/// user named.
pub(super) fn open(path: &Path, limits: Limits) -> Result<gix::Repository, Error> {
    let not_a_repository = || Error::NotARepository { path: path.to_owned() };
    let start = path.canonicalize().map_err(|_| not_a_repository())?;
    if start.join(".git").exists() {
        return open_at(&start, limits);
    }
    if gix::discover::is_git(&start).is_ok() {
        return open_at(&start, limits);
    }
    let root = start.ancestors().skip(1).find(|parent| parent.join(".git").exists()).ok_or_else(not_a_repository)?;
    open_at(root, limits)
}

fn open_at(path: &Path, limits: Limits) -> Result<gix::Repository, Error> {
    if let Some(part) = missing_part(path) {
        return Err(Error::Incomplete { path: path.to_owned(), part });
    }
    let repo = options(limits).open(path).map_err(|source| Error::Open { path: path.to_owned(), source: source.into() })?;
    let repo = repo.to_thread_local();
    // Otherwise every name would seem not to exist.
    if repo.common_dir().join("reftable").exists() { Err(Error::Reftable { path: path.to_owned() }) } else { Ok(repo) }
}

/// What every repository has and this one has not, where it is a plain work tree.
fn missing_part(path: &Path) -> Option<&'static str> {
    let git = Some(path.join(".git")).filter(|git| git.is_dir())?;
    [("HEAD", ".git/HEAD"), ("objects", ".git/objects"), ("refs", ".git/refs")]
        .into_iter()
        .find_map(|(part, shown)| (!git.join(part).exists()).then_some(shown))
}

/// No configuration but the repository's own is read, and that one as if it belonged to a stranger: whatever in it could name a
/// program or a file elsewhere is ignored. We start no program in any case. Replacement refs are off, because a commit that is
/// approved under its id must be the commit that is read.
fn options(limits: Limits) -> gix::open::Options {
    let largest = LARGEST_OBJECT.max(limits.file.saturating_add(1));
    gix::open::Options::isolated()
        .with(gix::sec::Trust::Reduced)
        .config_overrides(["core.useReplaceRefs=false".to_owned(), format!("gitoxide.objects.allocLimit={largest}")])
}

/// The tree that a revision names.
pub(super) fn resolve(repo: &gix::Repository, revision: &str) -> Result<Tree, Error> {
    if EMPTY_TREE.contains(&revision) {
        return Ok(Tree { repo: repo.clone(), id: ObjectId::empty_tree(repo.object_hash()), commit: None });
    }
    let mut id = object(repo, revision)?;
    for _ in 0..TAG_CHAIN {
        let object = find(repo, id)?;
        match object.kind {
            Kind::Tree => return Ok(Tree { repo: repo.clone(), id, commit: None }),
            Kind::Commit => {
                let tree = object.into_commit().tree_id().map_err(|_| malformed(id, "a commit without a tree"))?.detach();
                return Ok(Tree { repo: repo.clone(), id: tree, commit: Some(id) });
            }
            Kind::Tag => id = object.into_tag().target_id().map_err(|_| malformed(id, "a tag without a target"))?.detach(),
            Kind::Blob => return Err(not_a_state(revision, "a single file")),
        }
    }
    Err(not_a_state(revision, "a long chain of tags"))
}

/// The commit that a revision names.
pub(super) fn commit(repo: &gix::Repository, revision: &str) -> Result<ObjectId, Error> {
    resolve(repo, revision)?.commit.ok_or_else(|| not_a_state(revision, "a tree"))
}

fn not_a_state(revision: &str, what: &'static str) -> Error {
    Error::NotAState { revision: revision.to_owned(), what }
}

/// Whether this can only be meant as a revision, whatever files there are: a full id, `HEAD`, or something with git's notation.
pub(super) fn reads_as_revision(name: &str) -> bool {
    let hex = matches!(name.len(), 40 | 64) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex || matches!(name, "HEAD" | "FETCH_HEAD" | "ORIG_HEAD" | "MERGE_HEAD" | "@") || name.starts_with("refs/") || stem(name) != name
}

fn object(repo: &gix::Repository, revision: &str) -> Result<ObjectId, Error> {
    if revision.is_empty() {
        return Err(not_a_state(revision, "nothing"));
    }
    if revision.contains("..") {
        return Err(not_a_state(revision, "a range"));
    }
    // A search through commit messages finds what whoever writes the newest message wants it to find.
    if revision.contains(":/") || revision.contains("^{/") {
        return Err(not_a_state(revision, "a search"));
    }
    unambiguous(repo, revision)?;
    match repo.rev_parse_single(revision.as_bytes().as_bstr()) {
        // A full id is taken at its word by the parser.
        Ok(id) if repo.has_object(id.detach()) => Ok(id.detach()),
        Ok(_) => Err(names::missing(repo, revision)),
        Err(source) => Err(short_id(&source, revision).unwrap_or_else(|| names::missing(repo, revision))),
    }
}

/// Git prefers a tag to a branch of the same name. Whoever may push a tag `main` would then choose the base.
fn unambiguous(repo: &gix::Repository, revision: &str) -> Result<(), Error> {
    let mut found = Vec::new();
    for prefix in ["refs/tags/", "refs/heads/", "refs/remotes/"] {
        let name = format!("{prefix}{}", stem(revision));
        // The store itself tries prefixes too; here only the exact name counts.
        let reference = names::find(repo, &name)?.filter(|reference| reference.name.as_bstr() == name.as_str());
        found.extend(reference.map(|reference| (name, reference.target)));
    }
    match found.as_slice() {
        [(_, first), rest @ ..] if rest.iter().any(|(_, target)| target != first) => {
            Err(Error::Ambiguous { name: revision.to_owned(), candidates: found.into_iter().map(|(name, _)| name).collect() })
        }
        _ => Ok(()),
    }
}

fn short_id(error: &gix::Error, revision: &str) -> Option<Error> {
    use gix::revision::spec::parse::Error as Parse;
    error.iter_errors().find_map(|error| match error.downcast_ref::<Parse>()? {
        Parse::AmbiguousPrefix { candidates, .. } => Some(Error::Ambiguous {
            name: revision.to_owned(),
            candidates: candidates.iter().map(|(prefix, _)| prefix.to_string()).collect(),
        }),
        _ => None,
    })
}

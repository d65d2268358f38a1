//! What an argument names: a revision, a directory, or a single file.

use super::git::{self, Tree};
use super::side::Source;
use super::{Error, Limits, Side, Sides, Which};
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// See [`Sides::open`].
pub(super) fn open(base: &str, head: &str, repo: &Path, limits: Limits) -> Result<Sides, Error> {
    let namer = Namer { path: repo, limits, repo: OnceCell::new() };
    let empty = [(Which::Base, base), (Which::Head, head)].into_iter().find(|(_, name)| name.is_empty());
    if let Some((side, _)) = empty {
        return Err(Error::NoName { side });
    }
    let (from, to) = (namer.name(base)?, namer.name(head)?);
    namer.refuse_planted(base, &from, &to)?;
    namer.refuse_planted(head, &to, &from)?;
    let hash = [&from, &to].into_iter().find_map(Named::hash).unwrap_or(gix::hash::Kind::Sha256);
    // Two single files are one file at two times, and its name is the one it has now.
    let path = [&to, &from].into_iter().find_map(Named::file_name).unwrap_or_default();
    let sides = Sides { base: side(from, hash, &path, limits)?, head: side(to, hash, &path, limits)?, limits };
    match (&sides.base.source, &sides.head.source) {
        (Source::File(..), Source::Tree(_) | Source::Directory(_)) => Err(lone(base, head)),
        (Source::Tree(_) | Source::Directory(_), Source::File(..)) => Err(lone(head, base)),
        _ => Ok(sides),
    }
}

fn lone(file: &str, other: &str) -> Error {
    Error::FileAgainstTree { file: file.to_owned(), other: other.to_owned() }
}

fn side(named: Named, hash: gix::hash::Kind, path: &Arc<str>, limits: Limits) -> Result<Side, Error> {
    match named {
        Named::Revision(tree) => Ok(Side::tree(*tree, limits)),
        Named::Directory { path, .. } => Ok(Side::directory(path, hash, limits)),
        Named::File { path: on_disk, .. } => Side::file(&on_disk, path.clone(), limits),
        Named::Empty => Ok(Side::empty(limits)),
    }
}

enum Named {
    Revision(Box<Tree>),
    /// `plain`: nothing but the existence of the path says that a path is meant.
    Directory {
        path: PathBuf,
        plain: bool,
    },
    File {
        path: PathBuf,
        plain: bool,
    },
    Empty,
}

impl Named {
    fn hash(&self) -> Option<gix::hash::Kind> {
        match self {
            Self::Revision(tree) => Some(tree.repo.object_hash()),
            _ => None,
        }
    }

    fn file_name(&self) -> Option<Arc<str>> {
        match self {
            Self::File { path, .. } => {
                let text = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
                Some(text.trim_start_matches("./").into())
            }
            _ => None,
        }
    }
}

struct Namer<'a> {
    path: &'a Path,
    limits: Limits,
    repo: OnceCell<gix::Repository>,
}

impl Namer<'_> {
    fn name(&self, argument: &str) -> Result<Named, Error> {
        if argument == "/dev/null" {
            return Ok(Named::Empty);
        }
        let path = Path::new(argument);
        if explicit(argument) {
            return named_path(path, false);
        }
        if git::reads_as_revision(argument) {
            return revision(self.repo()?, argument);
        }
        // A link that leads nowhere is a path, too.
        if path.symlink_metadata().is_err() {
            return match (self.repo(), argument) {
                (_, "-") => Err(Error::Dash),
                (Ok(repo), _) => revision(repo, argument),
                (Err(Error::NotARepository { path: repo }), _) => Err(Error::NeitherPathNorRepository { name: argument.to_owned(), repo }),
                (Err(error), _) => Err(error),
            };
        }
        let also_a_revision = self.repo().is_ok_and(|repo| {
            // An ambiguous revision is one, too.
            matches!(git::resolve(repo, argument), Ok(_) | Err(Error::Ambiguous { .. } | Error::NotAState { .. }))
        });
        if also_a_revision {
            let candidates = vec![format!("./{argument}"), format!("{argument}^{{}}")];
            return Err(Error::Ambiguous { name: argument.to_owned(), candidates });
        }
        named_path(path, true)
    }

    fn repo(&self) -> Result<&gix::Repository, Error> {
        if let Some(repo) = self.repo.get() {
            return Ok(repo);
        }
        let repo = git::open(self.path, self.limits)?;
        Ok(self.repo.get_or_init(|| repo))
    }

    /// Where `main` is not a local branch, a change that adds a directory `main` would choose its own base.
    fn refuse_planted(&self, name: &str, named: &Named, other: &Named) -> Result<(), Error> {
        let (Named::Directory { path, plain: true } | Named::File { path, plain: true }, Named::Revision(_)) = (named, other) else {
            return Ok(());
        };
        if self.tracked(path)? { Err(Error::PathInCheckout { name: name.to_owned() }) } else { Ok(()) }
    }

    fn tracked(&self, path: &Path) -> Result<bool, Error> {
        let repo = self.repo()?;
        let inside = || {
            let root = repo.workdir()?.canonicalize().ok()?;
            Some(path.canonicalize().ok()?.strip_prefix(root).ok()?.to_str()?.replace(std::path::MAIN_SEPARATOR, "/"))
        };
        let Some(inside) = inside() else { return Ok(false) };
        match git::resolve(repo, "HEAD") {
            Ok(head) => Side::tree(head, self.limits).has(&inside),
            Err(Error::Unborn { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn revision(repo: &gix::Repository, name: &str) -> Result<Named, Error> {
    git::resolve(repo, name).map(|tree| Named::Revision(Box::new(tree)))
}

fn explicit(argument: &str) -> bool {
    let is_separator = |c| c == '/' || c == std::path::MAIN_SEPARATOR;
    matches!(argument, "." | "..")
        || argument.ends_with(is_separator)
        || Path::new(argument).is_absolute()
        || ["./", "../"].iter().any(|prefix| argument.replace(std::path::MAIN_SEPARATOR, "/").starts_with(prefix))
}

fn named_path(path: &Path, plain: bool) -> Result<Named, Error> {
    let metadata = path.metadata().map_err(|source| Error::Disk { path: path.to_owned(), source })?;
    let path = path.to_owned();
    Ok(if metadata.is_dir() { Named::Directory { path, plain } } else { Named::File { path, plain } })
}

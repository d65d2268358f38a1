//! The two states that a change lies between: revisions of a git repository, directories, or single files.
//!
//! Revisions are compared through git's objects, in process: subtrees with the same id are skipped, and only files that differ are
//! read. Nothing that a change brings along is executed or followed: no filter, hook or program named in a configuration runs,
//! symbolic links stay links, and what cannot be read is named in [`Changed::unreadable`] instead of passed over.

mod compare;
mod content;
mod directory;
mod error;
mod found;
mod git;
mod history;
mod line;
mod names;
mod naming;
mod object;
mod paths;
mod renames;
mod side;
mod tree;

pub use content::{Content, ContentId, Unreadable, Which, Why, lfs_oid};
pub use error::{Cause, Error};
pub use found::Kind;
pub use history::{Repository, is_root, root_of};
pub use line::{Line, LineEnd, Step};
pub use side::{Entry, Reading, Side};

use paths::Paths;
use std::path::Path;
use std::sync::Arc;

/// How much is read before giving up. Every bound can be raised by the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in one file; a larger one is [`Why::TooLarge`].
    pub file: u64,
    /// Bytes in all files of one comparison together; more is an error.
    pub total: u64,
    /// Entries visited in one walk; more is an error. Guards against a few small trees that unfold into billions of files.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 16 << 20, total: 512 << 20, entries: 2_000_000 }
    }
}

/// The two states that are compared.
#[derive(Debug)]
pub struct Sides {
    base: Side,
    head: Side,
    limits: Limits,
}

/// What differs between the two sides.
#[derive(Debug, Default)]
pub struct Changed {
    /// Files that differ and could be read, sorted by path.
    pub files: Vec<Pair>,
    /// What differs and could not be read, sorted by path. An unreadable thing that is the same on both sides is not mentioned.
    pub unreadable: Vec<Unreadable>,
    /// Literal paths that were asked for and name nothing on either side: probably a typing error.
    pub unmatched: Vec<String>,
}

/// One file on both sides. A side is `None` when the file is not there, or when it is there and in [`Changed::unreadable`].
#[derive(Clone, Debug)]
pub struct Pair {
    /// As it was.
    pub base: Option<Content>,
    /// As it is.
    pub head: Option<Content>,
}

impl Pair {
    /// The path at the head, or at the base when the file is gone.
    pub fn path(&self) -> &str {
        self.head.as_ref().or(self.base.as_ref()).map_or("", |content| &content.path)
    }

    /// Whether the file has another path than before: with the same content if the ids are equal, else with similar content.
    pub fn renamed(&self) -> bool {
        matches!((&self.base, &self.head), (Some(base), Some(head)) if base.path != head.path)
    }
}

impl Sides {
    /// Opens two sides, each a git revision of `repo`, a directory, or a single file.
    ///
    /// An absolute path, or one that starts with `./` or `../` or ends with `/`, is always a path; a full object id is always a
    /// revision. A plain name that is both is an error. `/dev/null` is an empty side.
    /// `repo` is a work tree (or a directory in one) or a bare repository; it need not exist when neither side is a revision.
    pub fn open(base: &str, head: &str, repo: &Path, limits: Limits) -> Result<Self, Error> {
        naming::open(base, head, repo, limits)
    }

    /// Opens two git revisions of `repo`, and never anything else.
    ///
    /// For pipelines, where the checkout belongs to whoever makes the change: a directory named like a missing revision must not
    /// become the base.
    pub fn between(base: &str, head: &str, repo: &Path, limits: Limits) -> Result<Self, Error> {
        let repo = git::open(repo, limits)?;
        let side = |name| Ok::<_, Error>(Side::tree(git::resolve(&repo, name)?, limits));
        Ok(Self { base: side(base)?, head: side(head)?, limits })
    }

    /// Two sides of which somebody says which files they have, by path from their root.
    pub fn told<F: IntoIterator<Item = (Arc<str>, Vec<u8>)>>([base, head]: [F; 2], limits: Limits) -> Self {
        Self { base: Side::told(base, limits), head: Side::told(head, limits), limits }
    }

    /// The same two sides, if other bytes stood in one file that the head has.
    #[must_use]
    pub fn supposing(self, path: &Arc<str>, bytes: Vec<u8>) -> Self {
        Self { head: self.head.supposing(path, bytes), ..self }
    }

    /// The side before the change.
    pub fn base(&self) -> &Side {
        &self.base
    }

    /// The side after the change.
    pub fn head(&self) -> &Side {
        &self.head
    }

    /// Whether both sides are single files that the user named, or nothing.
    pub fn are_files(&self) -> bool {
        use side::Source;
        [&self.base, &self.head].into_iter().all(|side| matches!(side.source, Source::File(..) | Source::Empty))
    }

    /// What differs, limited to `paths`: a literal path, a directory (everything below it), or a glob in which, as in git's
    /// pathspecs, `*` also matches `/`. None means everything. A renamed file is in when either of its paths is.
    pub fn changed(&self, paths: &[String]) -> Result<Changed, Error> {
        let paths = Paths::parse(paths)?;
        let differences = compare::differences(self)?;
        let differences = renames::pair(self, differences, &paths)?;
        let unmatched = self.unmatched(&paths, &differences)?;
        let mut changed = compare::read(self, differences)?;
        changed.unmatched = unmatched;
        Ok(changed)
    }

    /// The paths of files of which nothing differs but whether they may be executed. Between two revisions: elsewhere nobody vouches for
    /// the mode of a file.
    pub fn changed_modes(&self) -> Result<Vec<Arc<str>>, Error> {
        use side::Source;
        let (Source::Tree(base), Source::Tree(head)) = (&self.base.source, &self.head.source) else { return Ok(Vec::new()) };
        let modes = tree::modes(&base.repo, base.id, head.id, self.limits.entries)?;
        Ok(modes.iter().map(|path| String::from_utf8_lossy(path).into()).collect())
    }

    fn unmatched(&self, paths: &Paths, differences: &[found::Difference]) -> Result<Vec<String>, Error> {
        let mut unmatched = Vec::new();
        for literal in paths.literals() {
            let seen = differences.iter().flat_map(found::Difference::paths).any(|path| paths::within(path, literal));
            if !seen && !self.base.has(literal)? && !self.head.has(literal)? {
                unmatched.push(literal.to_owned());
            }
        }
        Ok(unmatched)
    }
}

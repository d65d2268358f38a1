//! What can go wrong with the two sides themselves. Trouble with single files is [`super::Unreadable`], not an error.

use super::Which;
use std::path::PathBuf;

/// The cause that a library gave.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What to do when history is missing, for the clones that pipelines make.
const DEEPEN: &str =
    "fetch the whole history: `fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` in GitLab CI, or `git fetch --unshallow`";

/// What to do when contents were left out.
const UNFILTER: &str = "clone without a filter: no `filter:` for actions/checkout, no `--filter` of `git clone`";

/// Why the two sides cannot be compared. The gate is closed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no repository at or above the directory.
    #[error("`{}` is not in a git repository; name one with `--repo`", path.display())]
    NotARepository {
        /// The directory that was asked for.
        path: PathBuf,
    },
    /// Nothing on disk has this name, and there is no repository in which it could be a revision.
    #[error(
        "`{name}` is no path here, and no revision, since `{}` is not in a git repository; correct the path, or name the repository \
         with `--repo`",
        repo.display()
    )]
    NeitherPathNorRepository {
        /// As the user wrote it.
        name: String,
        /// Where a repository was looked for.
        repo: PathBuf,
    },
    /// Nothing was written, as when a variable of a pipeline is not set.
    #[error("the {side} is empty; name a revision, a directory or a file, and check that the variable it comes from is set")]
    NoName {
        /// Which side.
        side: Which,
    },
    /// What other programs take for standard input.
    #[error("`-` is no side; for standard input write `/dev/stdin`")]
    Dash,
    /// A part of the repository that every repository has.
    #[error("the git repository at `{}` has no `{part}`; it is damaged, so clone it again", path.display())]
    Incomplete {
        /// Where it is.
        path: PathBuf,
        /// What is missing.
        part: &'static str,
    },
    /// There is a repository, but it cannot be opened.
    #[error("cannot open the git repository at `{}`; `git status` there says more", path.display())]
    Open {
        /// Where it is.
        path: PathBuf,
        /// What git's own reader said.
        source: Cause,
    },
    /// The repository keeps its references in a way that is not read yet.
    #[error("the git repository at `{}` keeps its references as a reftable; `git refs migrate --ref-format=files` changes that", path.display())]
    Reftable {
        /// Where it is.
        path: PathBuf,
    },
    /// Nothing has this name.
    #[error("`{revision}` is neither a revision of the repository nor a path; {}", advise(.hint.as_deref(), .fetch.as_deref()))]
    NoSuchRevision {
        /// As the user wrote it.
        revision: String,
        /// A name that does exist and may have been meant.
        hint: Option<String>,
        /// What may be asked of the remote `origin`.
        fetch: Option<String>,
    },
    /// The name is there, and what follows it leads to nothing.
    #[error("`{revision}` names nothing: `{name}` is there, but `{rest}` leads past its history; name a commit that is there")]
    NotThatFarBack {
        /// As the user wrote it.
        revision: String,
        /// The part that is there.
        name: String,
        /// The part that is not.
        rest: String,
    },
    /// The commit may exist, but not in this shallow clone.
    #[error("revision `{revision}` is not in this shallow clone{}; {DEEPEN}", suggest(.hint.as_deref()))]
    NotInShallowClone {
        /// As the user wrote it.
        revision: String,
        /// A name that does exist and may have been meant.
        hint: Option<String>,
    },
    /// `HEAD` points to a branch that has no commit yet.
    #[error("`{revision}` names no commit: branch `{branch}` has none yet; make the first commit, or name another revision")]
    Unborn {
        /// As the user wrote it.
        revision: String,
        /// The branch that `HEAD` points to.
        branch: String,
    },
    /// A short id or a name that stands for more than one thing. Choosing one would let whoever made the other choose the base.
    #[error("`{name}` can be {}; write one of them in full", list(.candidates))]
    Ambiguous {
        /// As the user wrote it.
        name: String,
        /// Unmistakable spellings.
        candidates: Vec<String>,
    },
    /// A plain name of something inside the checkout beside a revision: whoever makes the change could create it.
    #[error("`{name}` is not a revision, but the checkout has a path of that name; write `./{name}` if the path is meant")]
    PathInCheckout {
        /// As the user wrote it.
        name: String,
    },
    /// The object exists and is not something that holds files, or the notation does not name one object.
    #[error("`{revision}` names {what}, not one state of the files; name a commit, a tag or a branch")]
    NotAState {
        /// As the user wrote it.
        revision: String,
        /// What it is instead.
        what: &'static str,
    },
    /// A single file cannot be compared with many.
    #[error("`{file}` is a single file and `{other}` is not; compare a file with a file")]
    FileAgainstTree {
        /// The argument that is a file.
        file: String,
        /// The other argument.
        other: String,
    },
    /// The two commits share no history.
    #[error("`{one}` and `{two}` have no common ancestor; name the base yourself")]
    Unrelated {
        /// As the user wrote it.
        one: String,
        /// As the user wrote it.
        two: String,
    },
    /// The history that decides the merge base is cut off.
    #[error("the merge base of `{one}` and `{two}` cannot be told in this shallow clone; {DEEPEN}")]
    ShallowMergeBase {
        /// As the user wrote it.
        one: String,
        /// As the user wrote it.
        two: String,
    },
    /// A tree or commit that is needed is not here, as in a partial clone.
    #[error("object {id} is not in this clone; {UNFILTER}; if there was none, `git fsck` says what is missing")]
    MissingObject {
        /// Its id.
        id: String,
    },
    /// Deeper than a path can be.
    #[error("`{start}…` is longer than a path can be; shorten or remove it")]
    PathTooLong {
        /// How it begins.
        start: String,
    },
    /// An object that cannot be what it claims to be.
    #[error("object {id} is malformed: {why}; run `git fsck`")]
    Malformed {
        /// Its id.
        id: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Git's own reader failed.
    #[error("object {id} is damaged; clone the repository again (`git fsck` says what else is damaged)")]
    Object {
        /// Its id.
        id: String,
        /// What git's own reader said.
        source: Cause,
    },
    /// The repository could be opened, but something in it cannot be read.
    #[error("cannot read {what} of the repository; `git fsck` says more")]
    Repository {
        /// What was being read.
        what: String,
        /// What git's own reader said.
        source: Cause,
    },
    /// A directory or file on disk cannot be read.
    #[error("cannot read `{}`; check that it exists and may be read", path.display())]
    Disk {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A pathspec that cannot be meant.
    #[error("`{spec}` is not a path within the compared sides: {why}")]
    Pathspec {
        /// As the user wrote it.
        spec: String,
        /// What is wrong with it.
        why: String,
    },
    /// More than is read in one go.
    #[error("the comparison holds more than {bound} {unit}; limit it with paths, or raise the bound")]
    TooMuch {
        /// The bound that was reached.
        bound: u64,
        /// Of what.
        unit: &'static str,
    },
}

impl Error {
    /// For a path of which only the beginning is worth reading.
    pub(super) fn path_too_long(path: &[u8]) -> Self {
        Self::PathTooLong { start: String::from_utf8_lossy(path).chars().take(60).collect() }
    }
}

/// The nearest name, else how to get the name, if the remote may have it.
fn advise(hint: Option<&str>, fetch: Option<&str>) -> String {
    match (hint, fetch) {
        (Some(name), _) => format!("did you mean `{name}`?"),
        (None, Some(name)) => format!("fetch it with `git fetch origin {name}`, or correct the name"),
        (None, None) => "fetch it, or correct the name".to_owned(),
    }
}

fn suggest(hint: Option<&str>) -> String {
    hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

fn list(candidates: &[String]) -> String {
    candidates.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

//! The files that a policy is made of: itself, what it includes, and what those include.

use super::Error;
use super::ours::unreadable;
use super::read::help_for;
use crate::diagnostic::{self, Diagnostic};
use crate::document::{Bounds, File, Syntax, parse};
use crate::policy::delegation::is_below;
use crate::policy::include::{Include, POLICY_REPOSITORY, Part, includes, join, problems};
use crate::systems::sha256;
use crate::world::repository::{Reading, Side};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where files are read from, and what stands before their paths, so that nobody takes them for files of another place.
#[derive(Clone, Copy)]
pub(super) struct Whence<'f> {
    pub(super) side: &'f Side,
    pub(super) prefix: &'static str,
    /// Only what is below this directory is included; empty for all. A policy that is looked at only when something in its directory
    /// changes would not be seen to change with a file elsewhere.
    pub(super) below: &'f str,
}

impl<'f> Whence<'f> {
    /// The repository that is judged.
    pub(super) fn base(side: &'f Side) -> Self {
        Self { side, prefix: "", below: "" }
    }

    /// A repository that holds policies.
    pub(super) fn policy_repository(side: &'f Side) -> Self {
        Self { side, prefix: POLICY_REPOSITORY, below: "" }
    }
}

/// All of them as one.
#[derive(Clone, Debug)]
pub(super) struct Gathered {
    pub(super) file: File,
    pub(super) parts: Vec<Part>,
}

/// Whoever needs more writes larger files.
const MOST: usize = 64;

/// Reads what a policy includes. What is wrong with any of the files is [`Error::Policy`].
pub(super) fn gather(from: Whence<'_>, path: &Arc<str>, bytes: &[u8]) -> Result<Gathered, Error> {
    let root = read(Arc::clone(path), bytes).map_err(|diagnostic| Error::Policy(vec![diagnostic]))?;
    let parts = vec![part(path, bytes)];
    let mut gatherer =
        Gatherer { from, chain: vec![own_name(path, from)], seen: BTreeMap::new(), included: Vec::new(), parts, wrong: Vec::new() };
    gatherer.follow(&root)?;
    let Gatherer { included, parts, mut wrong, .. } = gatherer;
    if wrong.is_empty() {
        let file = join(root, included).map_err(Error::Policy)?;
        return Ok(Gathered { file, parts });
    }
    wrong.sort();
    Err(Error::Policy(wrong))
}

/// What evidence says of a file.
pub(super) fn part(path: &Arc<str>, bytes: &[u8]) -> Part {
    Part { path: Arc::clone(path), digest: format!("sha256:{}", sha256(bytes)) }
}

/// How the policy itself would be included.
fn own_name(path: &Arc<str>, from: Whence<'_>) -> Arc<str> {
    path.strip_prefix(from.prefix).unwrap_or(path).into()
}

struct Gatherer<'g> {
    from: Whence<'g>,
    /// The names on the way from the policy to the file that is read.
    chain: Vec<Arc<str>>,
    /// Where each name was included first.
    seen: BTreeMap<Arc<str>, String>,
    included: Vec<File>,
    parts: Vec<Part>,
    wrong: Vec<Diagnostic>,
}

impl Gatherer<'_> {
    /// Reads what a file includes, each before the file that includes it.
    fn follow(&mut self, file: &File) -> Result<(), Error> {
        let found = match includes(file) {
            Ok(found) => found,
            Err(wrong) => {
                self.tell(wrong, file);
                return Ok(());
            }
        };
        for include in found {
            match self.take(&include)? {
                Ok(bytes) => self.include(&include, &bytes)?,
                Err(diagnostic) => self.tell(vec![diagnostic], file),
            }
        }
        Ok(())
    }

    fn include(&mut self, include: &Include, bytes: &[u8]) -> Result<(), Error> {
        let path: Arc<str> =
            if include.pack().is_some() { Arc::clone(&include.name) } else { format!("{}{}", self.from.prefix, include.name).into() };
        let file = match read(Arc::clone(&path), bytes) {
            Ok(file) => file,
            Err(diagnostic) => {
                self.wrong.push(diagnostic);
                return Ok(());
            }
        };
        self.parts.push(part(&path, bytes));
        self.tell(problems(&file), &file);
        self.chain.push(Arc::clone(&include.name));
        self.follow(&file)?;
        self.chain.pop();
        self.included.push(file);
        Ok(())
    }

    /// The bytes of what is included, or why it cannot be.
    fn take(&mut self, include: &Include) -> Result<Result<Vec<u8>, Diagnostic>, Error> {
        let Include { name, place } = include;
        let refused = |code, message: String, help: &str| Ok(Err(Diagnostic::error(code, place.clone(), message).help(help)));
        if self.chain.contains(name) {
            let way = self.chain.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" includes ");
            return refused("include-cycle", format!("`{name}` includes itself: {way} includes `{name}`"), "remove one of these entries");
        }
        if let Some(first) = self.seen.get(name) {
            return refused("include-twice", format!("`{name}` is included already, at {first}"), "remove one of the two");
        }
        if self.seen.len() >= MOST {
            return refused("include-many", format!("a policy includes at most {MOST} files"), "write some of them as one");
        }
        self.seen.insert(Arc::clone(name), place.to_string());
        if let Some(pack) = include.pack() {
            return Ok(Ok(pack.text.as_bytes().to_vec()));
        }
        if !is_below(name, self.from.below) {
            let help =
                "move it there, or include it in the policy at the root: the policy of a directory is made of packs and of files in it";
            return refused("include-elsewhere", format!("`{name}` is not in `{}`", self.from.below), help);
        }
        match self.from.side.read(name)? {
            Reading::Content(content) => Ok(Ok(content.bytes)),
            Reading::Unreadable(why) => refused("include-unreadable", format!("`{name}` cannot be read: it is {why}"), help_for(&why)),
            Reading::Absent => {
                let help = "it is read from where the policy is, and from the base side of a change: add it there first";
                refused("include-missing", format!("there is no file `{name}`"), help)
            }
        }
    }

    fn tell(&mut self, mut diagnostics: Vec<Diagnostic>, file: &File) {
        diagnostic::quote(&mut diagnostics, file);
        self.wrong.extend(diagnostics);
    }
}

/// No option raises them: whoever may write the policy may write it shorter.
const WITHIN_BOUNDS: &str = "a policy has at most 1 MiB, 32 levels and 50000 values; write it shorter, without aliases of aliases";

/// The policy file is small; a larger one is refused.
pub(super) const BOUNDS: Bounds = Bounds { bytes: 1 << 20, depth: 32, nodes: 50_000 };

/// One of our own files.
pub(super) fn read(path: Arc<str>, bytes: &[u8]) -> Result<File, Diagnostic> {
    parse(path, bytes, Syntax::Yaml, &BOUNDS).map_err(|(problem, place)| {
        let is_bound = matches!(problem.code, "too-large" | "too-deep" | "too-many-nodes");
        let diagnostic = Diagnostic::unreadable(problem, place, bytes);
        if is_bound { diagnostic.help(WITHIN_BOUNDS) } else { diagnostic }
    })
}

/// A file of ours as it was read: its path, and its bytes.
pub(super) type Raw = (Arc<str>, Vec<u8>);

/// A file of ours that may not be there.
pub(super) fn optional(from: Whence<'_>, what: &'static str, path: &str) -> Result<Option<Raw>, Error> {
    match from.side.read(path)? {
        Reading::Content(content) => Ok(Some((format!("{}{path}", from.prefix).into(), content.bytes))),
        Reading::Unreadable(why) => Err(unreadable(what, path, why)),
        Reading::Absent => Ok(None),
    }
}

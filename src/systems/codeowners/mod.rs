//! Whose approval is enough for a change of a path, as `CODEOWNERS` says it:
//! <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.
//!
//! The last line whose pattern matches decides, and any one of its owners can approve. Where it has none, or no line matches, no
//! owner has to: whoever may review can, and is called [`ANYBODY`]. So an owner that is removed is a gain, anybody's. Of the places at
//! which the file may stand the first counts, and the others are ignored, also if it is empty.

mod asked;
mod comparison;
mod evaluate;
mod moves;
mod naive;
mod order;
mod pattern;
mod regions;
mod severity;
mod walk;

pub use comparison::{Cell, Subject};
pub use evaluate::Codeowners;
pub use pattern::{Pattern, Refusal};

use crate::document::Place;
use crate::systems::Opaque;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The holder that stands for whoever may review.
pub const ANYBODY: &str = "anybody";

/// All that there is to do with a path here.
pub const APPROVE: &str = "approve";

/// `@user`, `@org/team` or an address. Accounts and teams are the same in any case, and are kept in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(Arc<str>);

/// A line that decides.
#[derive(Clone, Debug)]
pub struct Line {
    /// Of which paths.
    pub pattern: Pattern,
    /// Who can approve; nobody in particular if empty.
    pub owners: BTreeSet<Owner>,
    /// Where it stands; no part of what it means.
    pub origin: Place,
}

/// A repository: its realm, and the directory at which it begins, which is not empty for a copy inside another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    /// The world in which it holds.
    pub realm: Arc<str>,
    /// Where the repository begins.
    pub root: Arc<str>,
}

/// Where a file may stand, the one that counts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// `.github/CODEOWNERS`
    Github,
    /// `CODEOWNERS`
    Root,
    /// `docs/CODEOWNERS`
    Docs,
}

/// The lines of a file, in order; `None` where they cannot be told.
pub type Lines = Option<Vec<Line>>;

/// One request, to be judged.
#[derive(Clone, Debug)]
pub struct Request {
    /// Of a file in which repository.
    pub repository: Repository,
    /// Whose approval; [`ANYBODY`] for somebody who is no owner.
    pub who: Arc<str>,
    /// The path of the file, from the root of the repository.
    pub path: String,
}

/// One side: the files of all repositories.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    files: BTreeMap<Repository, BTreeMap<Location, Lines>>,
    /// What anybody can approve, and nothing else: a ceiling or a filter.
    list: Option<Vec<Pattern>>,
    opaque: BTreeSet<Opaque>,
}

/// What lines mean.
type Content<'l> = Vec<(&'l Pattern, &'l BTreeSet<Owner>)>;

fn content(lines: &[Line]) -> Content<'_> {
    lines.iter().map(|line| (&line.pattern, &line.owners)).collect()
}

impl Rules {
    /// Adds another file's rules.
    pub fn join(&mut self, other: Self) {
        for (repository, files) in other.files {
            self.files.entry(repository).or_default().extend(files);
        }
        if let Some(list) = other.list {
            self.list.get_or_insert_default().extend(list);
        }
        self.opaque.extend(other.opaque);
    }

    /// Adds a file.
    pub fn add_file(&mut self, repository: Repository, location: Location, lines: Lines) {
        self.files.entry(repository).or_default().insert(location, lines);
    }

    /// A list of what anybody can approve: a ceiling or a filter.
    pub fn list(patterns: Vec<Pattern>) -> Self {
        Self { list: Some(patterns), ..Self::default() }
    }

    /// Adds a part that could not be read.
    pub fn add_opaque(&mut self, part: Opaque) {
        self.opaque.insert(part);
    }

    /// Whether both have the same lines in the same files, wherever in them they stand.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let digests = |rules: &Self| rules.opaque.iter().map(|part| part.digest.clone()).collect::<BTreeSet<_>>();
        self.lines() == other.lines() && self.list == other.list && digests(self) == digests(other)
    }

    fn lines(&self) -> Vec<(&Repository, Location, Option<Content<'_>>)> {
        let files =
            self.files.iter().flat_map(|(repository, files)| files.iter().map(move |(location, lines)| (repository, location, lines)));
        files.map(|(repository, location, lines)| (repository, *location, lines.as_deref().map(content))).collect()
    }

    /// Where the file stands that counts.
    fn location(&self, repository: &Repository) -> Option<Location> {
        self.files.get(repository)?.keys().next().copied()
    }

    /// The lines of the file that counts: none at all where there is no file, `None` where they cannot be told.
    fn deciding(&self, repository: &Repository) -> Option<&[Line]> {
        match self.files.get(repository).and_then(|files| files.values().next()) {
            None => Some(&[]),
            Some(lines) => lines.as_deref(),
        }
    }
}

impl Owner {
    /// `@user`, `@org/team` or an address; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if let Some(name) = text.strip_prefix('@') {
            let (account, team) = name.split_once('/').unwrap_or((name, "x"));
            return (is_name(account) && is_name(team)).then(|| Self(text.to_ascii_lowercase().into()));
        }
        let (local, domain) = text.split_once('@')?;
        let is_local = !local.is_empty() && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte));
        let is_domain = is_name(domain) && domain.split('.').count() > 1 && domain.split('.').all(|part| !part.is_empty());
        // Whether the part before the `@` is the same in any case is for whoever delivers the mail.
        (is_local && is_domain).then(|| Self(format!("{local}@{}", domain.to_ascii_lowercase()).into()))
    }

    /// Whether GitHub gives such names to accounts: letters, digits, hyphens and underscores, of which no more than 39 are needed. A line
    /// with a name that it does not take would be skipped, and another line would decide.
    pub fn is_name_of_an_account(&self) -> bool {
        let account = self.0.strip_prefix('@').map(|name| name.split_once('/').map_or(name, |(account, _)| account));
        account.is_none_or(|name| name.len() <= 39 && !name.starts_with(['-', '_']) && !name.contains('.'))
    }

    /// In lower case, as far as case does not matter.
    pub fn name(&self) -> &Arc<str> {
        &self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Line {
    /// Whether that holder can approve what this line decides.
    fn gives(&self, who: &str) -> bool {
        if self.owners.is_empty() { who == ANYBODY } else { self.owners.iter().any(|owner| **owner.name() == *who) }
    }
}

//! In which worlds the files of a repository hold, as far as the names of directories and the ARNs in the files tell.
//!
//! One world too many only reports too much: what moves between them is lost here and gained there. One too few hides moves. So two
//! directories become one world only where nothing speaks of several.

use super::{Held, files, is_plain};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the section `where:` is to say.
#[derive(Default)]
pub(super) struct Proposed {
    pub(super) places: Vec<Place>,
    /// Directories that are left worlds of their own although there are several, as lines.
    pub(super) unsettled: Vec<String>,
    /// Directories of tests and examples, with how many files they hold.
    pub(super) perhaps_ignored: Vec<(String, usize)>,
    /// How many entries are not written because there are too many.
    pub(super) left_out: usize,
}

/// One entry.
pub(super) struct Place {
    pub(super) globs: Vec<String>,
    pub(super) realm: String,
    pub(super) environment: Option<&'static str>,
    pub(super) why: String,
}

/// More entries are not read by anybody.
const MOST_PLACES: usize = 100;
const MOST_LINES: usize = 10;

const CLUSTERS: &str = "kubernetes-rbac";
const ACCOUNTS: &str = "aws-iam";

/// Directories whose children are named like the world, by format; the first list that matches decides.
const PARENTS: &[(&str, &[&str])] = &[(CLUSTERS, &["clusters", "cluster"]), (ACCOUNTS, &["accounts", "account"])];
const ENVIRONMENTS: &[&str] = &["environments", "environment", "envs", "env", "stages", "overlays"];

/// Directories whose files are seldom deployed.
const EXAMPLES: &[&str] = &[
    "__tests__",
    "docs",
    "e2e",
    "example",
    "examples",
    "fixtures",
    "node_modules",
    "sample",
    "samples",
    "test",
    "testdata",
    "tests",
    "vendor",
];

/// Whether what a format says holds in one of several worlds of a repository.
pub(super) fn has_worlds(format: &str) -> bool {
    [CLUSTERS, ACCOUNTS].contains(&format)
}

/// All that can be said.
pub(super) fn propose(held: &BTreeMap<Arc<str>, Held>) -> Proposed {
    let mut proposed = Proposed::default();
    let mut anchors: BTreeMap<String, Anchor> = BTreeMap::new();
    let mut rest: BTreeMap<&str, Vec<File<'_>>> = BTreeMap::new();
    let mut examples: BTreeMap<String, usize> = BTreeMap::new();
    for file in held.iter().filter_map(|(path, held)| File::new(path, held)) {
        match (file.example(), file.anchor()) {
            (Some(directory), _) => *examples.entry(directory).or_default() += 1,
            (None, Some(anchor)) => anchors.entry(anchor).or_default().add(&file),
            (None, None) => rest.entry(file.format).or_default().push(file),
        }
    }
    proposed.perhaps_ignored = examples.into_iter().filter(|(directory, _)| is_plain(directory)).take(MOST_LINES).collect();
    for (format, files) in &rest {
        let others: Vec<&str> =
            rest.iter().filter(|(other, _)| *other != format).flat_map(|(_, files)| files).map(|file| file.path).collect();
        match single(format, files, &anchors, &others) {
            Some(place) => proposed.places.push(place),
            None => proposed.unsettled.extend(unsettled(files)),
        }
    }
    proposed.places.extend(named(&anchors));
    proposed.left_out = proposed.places.len().saturating_sub(MOST_PLACES);
    proposed.places.truncate(MOST_PLACES);
    proposed
}

/// A file whose permissions hold in an account or a cluster.
struct File<'f> {
    path: &'f str,
    directories: Vec<&'f str>,
    format: &'static str,
    accounts: &'f BTreeSet<String>,
}

impl<'f> File<'f> {
    /// `None` for a file of a format without such worlds.
    fn new(path: &'f str, held: &'f Held) -> Option<Self> {
        let format = [CLUSTERS, ACCOUNTS].into_iter().find(|format| held.formats.contains(format))?;
        let mut directories: Vec<&str> = path.split('/').collect();
        directories.pop();
        Some(Self { path, directories, format, accounts: &held.accounts })
    }

    fn directory(&self) -> String {
        self.directories.join("/")
    }

    fn up_to(&self, index: usize) -> String {
        self.directories.get(..=index).unwrap_or_default().join("/")
    }

    /// The outermost directory of tests or examples that it stands in.
    fn example(&self) -> Option<String> {
        let index = self.directories.iter().position(|name| EXAMPLES.contains(&name.to_lowercase().as_str()))?;
        Some(self.up_to(index))
    }

    /// The directory that is named like its world.
    fn anchor(&self) -> Option<String> {
        let own = PARENTS.iter().find(|(format, _)| *format == self.format).map_or(&[][..], |(_, names)| names);
        let below = |parents: &[&str]| self.directories.iter().position(|name| parents.contains(&name.to_lowercase().as_str()));
        let child = |parents: &[&str]| below(parents).map(|index| index + 1).filter(|index| *index < self.directories.len());
        let account = || self.directories.iter().position(|name| self.format == ACCOUNTS && is_account(name));
        let environment = || self.directories.iter().position(|name| environment(name).is_some_and(|(_, is_all)| is_all));
        let index = account().or_else(|| child(own)).or_else(|| child(ENVIRONMENTS)).or_else(environment)?;
        Some(self.up_to(index)).filter(|anchor| is_plain(anchor))
    }
}

/// A directory that is named like a world, and what is in it.
#[derive(Default)]
struct Anchor {
    count: usize,
    formats: BTreeSet<&'static str>,
    accounts: BTreeSet<String>,
}

impl Anchor {
    fn add(&mut self, file: &File<'_>) {
        self.count += 1;
        self.formats.insert(file.format);
        self.accounts.extend(file.accounts.iter().cloned());
    }

    /// The one account that the files are about, if they are about AWS alone.
    fn account(&self) -> Option<&str> {
        let is_aws = self.formats.iter().eq([&ACCOUNTS]);
        self.accounts.iter().next().filter(|_| is_aws && self.accounts.len() == 1).map(String::as_str)
    }
}

/// An entry for each directory that is named like a world. Two that would be the same world are told apart by their paths.
fn named(anchors: &BTreeMap<String, Anchor>) -> Vec<Place> {
    let realm = |directory: &str, anchor: &Anchor| {
        let name = last(directory);
        if is_account(name) { name.to_owned() } else { anchor.account().unwrap_or(name).to_owned() }
    };
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for (directory, anchor) in anchors {
        *times.entry(realm(directory, anchor)).or_default() += 1;
    }
    let place = |(directory, anchor): (&String, &Anchor)| {
        let realm = realm(directory, anchor);
        let is_shared = times.get(&realm).is_some_and(|times| *times > 1);
        let why = match (is_shared, anchor.account().filter(|account| *account == realm)) {
            (true, _) => format!("; not the only directory for `{realm}`: if they are one world, give them one realm"),
            (false, Some(_)) if last(directory) != realm => "; every ARN in them names this account".to_owned(),
            _ => "; the directory is named after it".to_owned(),
        };
        Place {
            globs: vec![format!("{directory}/**")],
            realm: if is_shared { directory.clone() } else { realm },
            environment: environment(last(directory)).map(|(name, _)| name),
            why: format!("{}{why}", files(anchor.count)),
        }
    };
    anchors.iter().map(place).collect()
}

/// One world for what no directory's name tells apart: a single account that every ARN names, or a single cluster.
fn single(format: &str, all: &[File<'_>], anchors: &BTreeMap<String, Anchor>, others: &[&str]) -> Option<Place> {
    let directories: BTreeSet<String> = all.iter().map(File::directory).collect();
    // A single directory is a world already, and beside worlds with names nobody knows which one the rest is of.
    if directories.len() < 2 || anchors.values().any(|anchor| anchor.formats.contains(format)) {
        return None;
    }
    let accounts: BTreeSet<&String> = all.iter().flat_map(|file| file.accounts).collect();
    let (realm, why) = match (format, accounts.iter().next()) {
        (ACCOUNTS, Some(account)) if accounts.len() == 1 => {
            ((*account).clone(), "every ARN in them names this account; if some belong to another, give them an entry below")
        }
        (CLUSTERS, _) => ("cluster".to_owned(), "nothing speaks of more than one cluster; if there are several, give each an entry"),
        _ => return None,
    };
    let tops = tops(all)?;
    let is_within = |path: &str| tops.iter().any(|top| path.starts_with(&format!("{top}/")));
    if others.iter().any(|path| is_within(path)) || anchors.keys().any(|anchor| is_within(anchor)) {
        return None;
    }
    let globs = tops.iter().map(|top| format!("{top}/**")).collect();
    Some(Place { globs, realm, environment: None, why: format!("{}; {why}", files(all.len())) })
}

/// For each directory at the root the deepest one that holds all of its files; `None` if some stand at the root itself, or too many.
fn tops(all: &[File<'_>]) -> Option<BTreeSet<String>> {
    let mut tops: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in all {
        let top = tops.entry(file.directories.first()?).or_insert_with(|| file.directories.clone());
        let common = top.iter().zip(&file.directories).take_while(|(one, other)| one == other).count();
        top.truncate(common);
    }
    let tops: BTreeSet<String> = tops.into_values().map(|names| names.join("/")).collect();
    (tops.len() <= MOST_LINES && tops.iter().all(|top| is_plain(top))).then_some(tops)
}

/// The directories of files that nothing tells a world of, if there are several: one alone needs no entry.
fn unsettled(all: &[File<'_>]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in all {
        *counts.entry(file.directory()).or_default() += 1;
    }
    if counts.len() < 2 {
        return Vec::new();
    }
    let more = counts.len().saturating_sub(MOST_LINES);
    let plain = counts.iter().take(MOST_LINES).filter(|(directory, _)| is_plain(directory));
    let mut lines: Vec<String> = plain.map(|(directory, count)| format!("{directory}/ ({})", files(*count))).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

fn last(directory: &str) -> &str {
    directory.rsplit('/').next().unwrap_or_default()
}

fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The environment that a directory is named after, and whether that is its whole name.
fn environment(name: &str) -> Option<(&'static str, bool)> {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split(['-', '_', '.']).collect();
    if words.iter().any(|word| matches!(*word, "non" | "no" | "not" | "pre")) {
        return None;
    }
    let of = |word: &str| match word {
        "prod" | "production" | "prd" => Some("production"),
        "staging" | "stage" | "stg" => Some("staging"),
        "dev" | "development" => Some("development"),
        _ => None,
    };
    words.iter().find_map(|word| of(word)).map(|found| (found, words.len() == 1))
}

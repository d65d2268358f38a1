//! Stage 2: the unchanged files that belong to the changed ones. A binding needs its role, a role its bindings, a holder its other
//! policies. They are found through an index keyed by content, and read once for both sides.

use super::read::{Seen, Watch, may_be_permissions};
use crate::formats::{FORMATS, Joins};
use crate::systems::content_digest;
use crate::world::index::Index;
use crate::world::repository::{Content, Entry, Error, Kind, Reading, Side};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Everything that stands beside the changed files and belongs to them.
pub(super) fn context(
    side: &Side,
    changed: &BTreeSet<Arc<str>>,
    joins: &Joins,
    watch: &Watch<'_>,
    cache: Option<&Path>,
) -> Result<Vec<Seen>, Error> {
    let beside = beside(side, changed, joins, watch)?;
    if joins.is_alone() {
        return Ok(beside);
    }
    let mut index = Index::open(cache, INDEX_VERSION);
    let mut library = Library::new(side, changed, watch, &mut index)?;
    // An index that cannot be written costs time, never an answer.
    let _ = index.save();
    let mut wanted = joins.clone();
    let mut affected = names(std::mem::take(&mut wanted.affects), std::mem::take(&mut wanted.repeats));
    while !affected.is_empty() {
        let found = library.take(affected)?;
        wanted.join(found);
        affected = names(std::mem::take(&mut wanted.affects), std::mem::take(&mut wanted.repeats));
    }
    let mut context = names(wanted.needs.into_iter().chain(wanted.context), wanted.shares);
    while !context.is_empty() {
        let found = library.take(context)?;
        context = names(found.context, found.repeats);
    }
    library.taken.extend(beside);
    Ok(library.taken)
}

/// The names that files provide are computed by this version of the formats.
const INDEX_VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "-4");

/// The files that belong to the changed ones because of where they stand. No other file has to be read to find them.
fn beside(side: &Side, changed: &BTreeSet<Arc<str>>, joins: &Joins, watch: &Watch<'_>) -> Result<Vec<Seen>, Error> {
    let formats: Vec<_> = FORMATS.iter().filter(|format| joins.beside.contains(format.id)).collect();
    if formats.is_empty() {
        return Ok(Vec::new());
    }
    let mut beside = Vec::new();
    for entry in side.list()?.into_iter().filter(|entry| entry.kind == Kind::File && !changed.contains(&entry.path)) {
        let named = (watch.format)(&entry.path).map(|format| format.id);
        let stands_there = formats.iter().any(|format| (format.at)(&entry.path) || named == Some(format.id));
        if let Some(Reading::Content(content)) = stands_there.then(|| side.read_entry(&entry)).transpose()? {
            beside.push(watch.read(&content));
        }
    }
    Ok(beside)
}

/// What is looked for: a name, and the realm of the files that are meant, where others of that name do not matter.
type Name = (String, Option<Arc<str>>);

fn names(anywhere: impl IntoIterator<Item = String>, within: BTreeSet<(Arc<str>, String)>) -> BTreeSet<Name> {
    let within = within.into_iter().map(|(realm, name)| (name, Some(realm)));
    anywhere.into_iter().map(|name| (name, None)).chain(within).collect()
}

/// The unchanged files by the names that they provide.
struct Library<'l> {
    side: &'l Side,
    watch: &'l Watch<'l>,
    by_key: HashMap<u64, Vec<usize>>,
    entries: Vec<Entry>,
    read: HashSet<usize>,
    asked: HashSet<Name>,
    taken: Vec<Seen>,
}

impl<'l> Library<'l> {
    fn new(side: &'l Side, changed: &BTreeSet<Arc<str>>, watch: &'l Watch<'l>, index: &mut Index) -> Result<Self, Error> {
        let is_candidate = |entry: &Entry| entry.kind == Kind::File && may_be_permissions(&entry.path) && !changed.contains(&entry.path);
        let entries: Vec<Entry> = side.list()?.into_iter().filter(is_candidate).collect();
        let mut by_key: HashMap<u64, Vec<usize>> = HashMap::new();
        for (number, entry) in entries.iter().enumerate() {
            for key in keys(side, entry, watch, index)? {
                by_key.entry(key).or_default().push(number);
            }
        }
        Ok(Self { side, watch, by_key, entries, read: HashSet::new(), asked: HashSet::new(), taken: Vec::new() })
    }

    /// Reads what provides one of these names and was not read before, and says what it looks for in turn.
    fn take(&mut self, names: BTreeSet<Name>) -> Result<Joins, Error> {
        let mut joins = Joins::default();
        for (name, realm) in names {
            let found = self.by_key.get(&key(&name)).cloned().unwrap_or_default();
            if !self.asked.insert((name, realm.clone())) {
                continue;
            }
            for number in found {
                let Some(entry) =
                    self.entries.get(number).filter(|entry| !self.read.contains(&number) && self.is_in(entry, realm.as_deref()))
                else {
                    continue;
                };
                self.read.insert(number);
                let Reading::Content(content) = self.side.read_entry(entry)? else { continue };
                let mut seen = self.watch.read(&content);
                joins.join(std::mem::take(&mut seen.reading.joins));
                self.taken.push(seen);
            }
        }
        Ok(joins)
    }

    /// Whether what the file says holds in that realm.
    fn is_in(&self, entry: &Entry, realm: Option<&str>) -> bool {
        let own = || (self.watch.settings)(&entry.path).map(|setting| setting.realm_of(&entry.path));
        realm.is_none_or(|realm| own().is_some_and(|own| *own == *realm))
    }
}

/// The names that a file provides, from the index where its content is known there. What cannot be read provides none: a join can
/// only take away from a gain or name it.
fn keys(side: &Side, entry: &Entry, watch: &Watch<'_>, index: &mut Index) -> Result<Vec<u64>, Error> {
    let holder = (watch.settings)(&entry.path).and_then(|setting| setting.holder).map(|holder| key(&format!("aws:holder:{holder}")));
    let compute = || match side.read_entry(entry)? {
        Reading::Content(content) => Ok(provided(&content, watch)),
        _ => Ok(Vec::new()),
    };
    let by_content = match &entry.id {
        Some(id) => index.try_keys(id, compute)?.to_vec(),
        None => compute()?,
    };
    Ok(by_content.into_iter().chain(holder).collect())
}

/// Names depend on the content alone, so that the index may keep them by content.
fn provided(content: &Content, watch: &Watch<'_>) -> Vec<u64> {
    let by_content = Watch {
        settings: &|_| Some(crate::formats::Setting::default()),
        format: &|_| None,
        bounds: watch.bounds,
        is_rendered: &|_| false,
        plans: &[],
        planned: &[],
    };
    by_content.read(content).reading.joins.provides.iter().map(|name| key(name)).collect()
}

fn key(name: &str) -> u64 {
    content_digest(&[name]).get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or_default()
}

//! Which deleted and added files are one file that moved.
//!
//! Only a hint for whoever reads the change, so it may miss one: then the file is one that went and one that came. Same content is
//! found between any two sides, similar content only between two trees of a repository.

use super::found::{Difference, Found, Kind};
use super::paths::Paths;
use super::side::{Side, Source};
use super::{ContentId, Error, Sides};
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hasher};

/// Two files are one that moved when this share of the larger one, in percent, is in both. As in git.
const SIMILAR: u64 = 50;

/// Files beyond this size are compared for equality alone.
const LARGEST: u64 = 1 << 20;

/// All files that are read to look for similar ones, together.
const ALL: u64 = 64 << 20;

/// The most comparisons that are made, as git's limit of 1000 renames.
const COMPARISONS: usize = 1_000_000;

/// Joins deletions and additions to renames, and leaves out what is not asked for: a pair is in when either of its paths is.
pub(super) fn pair(sides: &Sides, differences: Vec<Difference>, paths: &Paths) -> Result<Vec<Difference>, Error> {
    let covered = |found: &Found| paths.cover(&found.path);
    let (mut deleted, mut added, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for difference in differences {
        match (difference.base, difference.head) {
            (Some(base), None) if base.kind == Kind::File => deleted.push(File::new(base, &sides.base, paths)),
            (None, Some(head)) if head.kind == Kind::File => added.push(File::new(head, &sides.head, paths)),
            (base, head) => rest.push(Difference { base, head }),
        }
    }
    // The walk has no order of its own, and among equals the first path wins.
    for files in [&mut deleted, &mut added] {
        files.sort_by(|a, b| a.found.path.cmp(&b.found.path));
    }
    rest.retain(|difference| difference.base.iter().chain(&difference.head).any(covered));
    let wanted = deleted.iter().chain(&added).any(|file| file.covered);
    if wanted && !deleted.is_empty() && !added.is_empty() {
        identical(&mut deleted, &mut added);
        if matches!((&sides.base.source, &sides.head.source), (Source::Tree(_), Source::Tree(_))) {
            similar(&mut deleted, &mut added)?;
        }
    }
    rest.extend(joined(deleted, added));
    Ok(rest)
}

struct File<'a> {
    found: Found,
    side: &'a Side,
    covered: bool,
    /// Where it went to or came from, as an index into the other list.
    partner: Option<usize>,
}

impl<'a> File<'a> {
    fn new(found: Found, side: &'a Side, paths: &Paths) -> Self {
        Self { covered: paths.cover(&found.path), found, side, partner: None }
    }

    fn name(&self) -> &[u8] {
        self.found.path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }
}

fn joined(deleted: Vec<File<'_>>, added: Vec<File<'_>>) -> Vec<Difference> {
    let mut bases: Vec<Option<File<'_>>> = deleted.into_iter().map(Some).collect();
    let mut joined = Vec::new();
    for head in added {
        let base = head.partner.and_then(|partner| bases.get_mut(partner)?.take());
        if head.covered || base.as_ref().is_some_and(|base| base.covered) {
            joined.push(Difference { base: base.map(|base| base.found), head: Some(head.found) });
        }
    }
    let gone = bases.into_iter().flatten().filter(|base| base.covered && base.partner.is_none());
    joined.extend(gone.map(|base| Difference { base: Some(base.found), head: None }));
    joined
}

fn join(deleted: &mut [File<'_>], added: &mut [File<'_>], from: usize, to: usize) {
    if let (Some(base), Some(head)) = (deleted.get_mut(from), added.get_mut(to))
        && base.partner.is_none()
        && head.partner.is_none()
    {
        base.partner = Some(to);
        head.partner = Some(from);
    }
}

/// Files with the same bytes; of several, those of the same name first, then in order of their paths.
fn identical(deleted: &mut [File<'_>], added: &mut [File<'_>]) {
    let mut same: BTreeMap<ContentId, [Vec<usize>; 2]> = BTreeMap::new();
    for (side, files) in [&*deleted, &*added].into_iter().enumerate() {
        for (index, file) in files.iter().enumerate() {
            let id = file.side.identify(&file.found);
            if let Some(list) = id.and_then(|id| same.entry(id).or_default().get_mut(side)) {
                list.push(index);
            }
        }
    }
    for [bases, heads] in same.into_values() {
        let mut by_name: HashMap<Vec<u8>, usize> = HashMap::new();
        for base in &bases {
            if let Some(file) = deleted.get(*base) {
                by_name.entry(file.name().to_vec()).or_insert(*base);
            }
        }
        for head in &heads {
            if let Some(base) = added.get(*head).and_then(|file| by_name.get(file.name())).copied() {
                join(deleted, added, base, *head);
            }
        }
        let free = |files: &[File<'_>], list: &[usize]| -> Vec<usize> {
            list.iter().copied().filter(|index| files.get(*index).is_some_and(|file| file.partner.is_none())).collect()
        };
        let (bases, heads) = (free(deleted, &bases), free(added, &heads));
        for (base, head) in bases.into_iter().zip(heads) {
            join(deleted, added, base, head);
        }
    }
}

/// Files with similar bytes, the most similar first.
fn similar(deleted: &mut [File<'_>], added: &mut [File<'_>]) -> Result<(), Error> {
    let (bases, heads) = (candidates(deleted)?, candidates(added)?);
    let bytes: u64 = bases.iter().chain(&heads).map(|(_, size)| size).sum();
    if bytes > ALL || bases.len().saturating_mul(heads.len()) > COMPARISONS {
        return Ok(());
    }
    let mut prints = [HashMap::new(), HashMap::new()];
    let mut scores = Vec::new();
    for (from, before) in &bases {
        for (to, after) in &heads {
            let (Some(base), Some(head)) = (deleted.get(*from), added.get(*to)) else { continue };
            let (smaller, larger) = (before.min(after), before.max(after));
            if !(base.covered || head.covered) || smaller * 100 < larger * SIMILAR {
                continue;
            }
            let [left, right] = &mut prints;
            let common = common(print(left, *from, base)?, print(right, *to, head)?);
            if common * 100 >= larger * SIMILAR {
                scores.push((common * 10_000 / larger, base.name() == head.name(), *from, *to));
            }
        }
    }
    scores.sort_by_key(|(score, named, from, to)| (std::cmp::Reverse((*score, *named)), *from, *to));
    for (_, _, from, to) in scores {
        join(deleted, added, from, to);
    }
    Ok(())
}

/// Files that have no partner yet and are small enough, with their sizes.
fn candidates(files: &[File<'_>]) -> Result<Vec<(usize, u64)>, Error> {
    let mut candidates = Vec::new();
    for (index, file) in files.iter().enumerate().filter(|(_, file)| file.partner.is_none()) {
        match file.side.size(&file.found)? {
            Some(size) if (1..=LARGEST).contains(&size) => candidates.push((index, size)),
            _ => {}
        }
    }
    Ok(candidates)
}

/// How many bytes of each line a file has, by a hash of the line.
type Print = Vec<(u64, u64)>;

fn print<'p>(prints: &'p mut HashMap<usize, Print>, index: usize, file: &File<'_>) -> Result<&'p Print, Error> {
    use std::collections::hash_map::Entry;
    match prints.entry(index) {
        Entry::Occupied(entry) => Ok(entry.into_mut()),
        Entry::Vacant(entry) => {
            let taken = file.side.take(&file.found)?;
            Ok(entry.insert(taken.map(|content| fingerprint(&content.bytes)).unwrap_or_default()))
        }
    }
}

fn fingerprint(bytes: &[u8]) -> Print {
    let mut lines: BTreeMap<u64, u64> = BTreeMap::new();
    // As in git, a long line counts in pieces, so that minified files are comparable.
    for piece in bytes.split_inclusive(|byte| *byte == b'\n').flat_map(|line| line.chunks(64)) {
        let mut hasher = DefaultHasher::new();
        hasher.write(piece);
        *lines.entry(hasher.finish()).or_default() += piece.len() as u64;
    }
    lines.into_iter().collect()
}

/// How many bytes two files share.
fn common(base: &Print, head: &Print) -> u64 {
    let (mut base, mut head) = (base.iter().peekable(), head.iter().peekable());
    let mut common = 0;
    while let (Some((left, before)), Some((right, after))) = (base.peek(), head.peek()) {
        if left == right {
            common += before.min(after);
        }
        let (on, up) = (left <= right, right <= left);
        if on {
            base.next();
        }
        if up {
            head.next();
        }
    }
    common
}

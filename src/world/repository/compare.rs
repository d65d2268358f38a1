//! What differs between two sides, first by id or size, then read.

use super::found::{At, Difference, Found, Kind};
use super::side::{Side, Source};
use super::{Changed, Content, Error, Pair, Sides, Unreadable, Which, directory, tree};
use std::collections::BTreeMap;

/// Everything that differs, without looking for renames.
pub(super) fn differences(sides: &Sides) -> Result<Vec<Difference>, Error> {
    if let (Source::Tree(base), Source::Tree(head)) = (&sides.base.source, &sides.head.source) {
        return tree::differences(&base.repo, base.id, head.id, sides.limits.entries);
    }
    let mut all: BTreeMap<Vec<u8>, Difference> = BTreeMap::new();
    for found in sides.base.walk()? {
        all.insert(found.path.clone(), Difference { base: Some(found), head: None });
    }
    for found in sides.head.walk()? {
        let path = found.path.clone();
        all.entry(path).or_insert(Difference { base: None, head: None }).head = Some(found);
    }
    Ok(all.into_values().filter(|difference| differs(sides, difference)).collect())
}

/// What cannot be compared differs; reading it will say why.
fn differs(sides: &Sides, difference: &Difference) -> bool {
    let (Some(base), Some(head)) = (&difference.base, &difference.head) else { return true };
    if base.kind != head.kind {
        return true;
    }
    match base.kind {
        Kind::File => !same_file(sides, base, head).unwrap_or(false),
        Kind::SymbolicLink => !same_link(sides, base, head),
        Kind::Submodule => true,
        Kind::Other => false,
    }
}

fn same_file(sides: &Sides, base: &Found, head: &Found) -> std::io::Result<bool> {
    match (&base.at, &head.at) {
        (At::Disk, At::Disk) => directory::equal(&sides.base.on_disk(base), &sides.head.on_disk(head)),
        (At::Object(id), At::Disk) => Ok(directory::hash(&sides.head.on_disk(head), id.kind())? == *id),
        (At::Disk, At::Object(id)) => Ok(directory::hash(&sides.base.on_disk(base), id.kind())? == *id),
        (At::Object(base), At::Object(head)) => Ok(base == head),
        _ => Ok(same_taken(&sides.base.source, &sides.head.source)),
    }
}

fn same_taken(base: &Source, head: &Source) -> bool {
    let id = |source: &Source| match source {
        Source::File(_, Ok(content)) => Some(content.id),
        Source::File(_, Err((_, id))) => *id,
        _ => None,
    };
    matches!((id(base), id(head)), (Some(base), Some(head)) if base == head)
}

fn same_link(sides: &Sides, base: &Found, head: &Found) -> bool {
    let target = |side: &Side, found: &Found| match side.take(found) {
        Ok(Err((why, _))) => Some(why),
        _ => None,
    };
    target(&sides.base, base).is_some_and(|base| Some(base) == target(&sides.head, head))
}

/// Reads what differs.
pub(super) fn read(sides: &Sides, mut differences: Vec<Difference>) -> Result<Changed, Error> {
    differences.sort_by(|a, b| a.path().cmp(b.path()));
    let mut reader = Reader { sides, total: 0, changed: Changed::default() };
    for difference in &differences {
        let base = reader.side(Which::Base, difference.base.as_ref())?;
        let head = reader.side(Which::Head, difference.head.as_ref())?;
        if base.is_some() || head.is_some() {
            reader.changed.files.push(Pair { base, head });
        }
    }
    Ok(reader.changed)
}

struct Reader<'a> {
    sides: &'a Sides,
    total: u64,
    changed: Changed,
}

impl Reader<'_> {
    fn side(&mut self, which: Which, found: Option<&Found>) -> Result<Option<Content>, Error> {
        let Some(found) = found else { return Ok(None) };
        let side = self.sides.which(which);
        match side.take(found)? {
            Ok(content) => self.count(content).map(Some),
            Err((why, id)) => {
                self.changed.unreadable.push(Unreadable { path: found.text(), side: which, why, id });
                Ok(None)
            }
        }
    }

    fn count(&mut self, content: Content) -> Result<Content, Error> {
        self.total = self.total.saturating_add(content.bytes.len() as u64);
        if self.total > self.sides.limits.total {
            return Err(Error::TooMuch { bound: self.sides.limits.total, unit: "bytes" });
        }
        Ok(content)
    }
}

impl Sides {
    pub(super) fn which(&self, which: Which) -> &Side {
        match which {
            Which::Base => &self.base,
            Which::Head => &self.head,
        }
    }
}

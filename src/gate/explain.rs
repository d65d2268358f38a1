//! `countersign explain`: two sides → the change → why some part of it is one.

use super::diff::{Change, Joined, Request, change};
use super::{Error, read};
use crate::change::{self, Entry, short_id};
use crate::document::{File, Passage, Place, parse};
use crate::formats::{self, terraform_plan};
use crate::report::explained::{Explained, Explanation, Listed, Statement};
use crate::report::terminal;
use crate::systems::{Bearing, Kind};
use crate::world::repository::{Reading, Side};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Up to this many parts are explained when nobody says which.
const FEW: usize = 3;

/// The fewest digits that name a part: fewer are a number.
const FEWEST_DIGITS: usize = 4;

/// A change, and why some of it is one.
#[derive(Debug)]
pub struct Explain {
    /// What changed.
    pub change: Change,
    pub(super) listed: Vec<Listed>,
    pub(super) explained: Vec<Explained>,
}

impl Explain {
    /// As reports take it.
    pub(super) fn explanation(&self) -> Explanation<'_> {
        let Self { change, listed, explained } = self;
        Explanation { listed, explained, digest: &change.digest, diagnostics: &change.diagnostics }
    }

    /// Each part that was explained and has a witness that could be judged, and whether the judge confirms it.
    pub fn confirmed(&self) -> impl Iterator<Item = (&Entry, Option<bool>)> {
        self.explained.iter().map(|explained| {
            let entry = &explained.listed.entry;
            (entry, explained.judged.as_ref().map(|judged| judged.confirms(entry.kind)))
        })
    }
}

/// Which parts are explained.
#[derive(Clone, Copy, Debug)]
pub enum Which<'w> {
    /// All of them.
    All,
    /// All of them if they are few, else none.
    Few,
    /// The one with that number, or with an id that begins like this.
    Named(&'w str),
}

/// Explains parts of the change between two sides.
pub fn explain(request: &Request, which: Which<'_>) -> Result<Explain, Error> {
    let sides = request.open()?;
    let joined = request.joined(&sides)?;
    let change = change(&joined, &[]);
    let in_order = terminal::in_order(&change.entries).into_iter().cloned();
    let listed: Vec<Listed> = (1..).zip(in_order).map(|(number, entry)| Listed { number, id: short_id(&entry), entry }).collect();
    let chosen = match which {
        Which::All => listed.clone(),
        Which::Few => {
            if listed.len() > FEW {
                Vec::new()
            } else {
                listed.clone()
            }
        }
        Which::Named(name) => named(name, &listed)?,
    };
    let mut files = [sides.base(), sides.head()].map(|side| Files { side, joined: &joined, request, parsed: BTreeMap::new() });
    let explained = chosen.into_iter().map(|listed| one(listed, &joined, &change, &mut files)).collect::<Result<Vec<_>, _>>()?;
    Ok(Explain { change, listed, explained })
}

/// By number, else by the beginning of an id.
fn named(name: &str, listed: &[Listed]) -> Result<Vec<Listed>, Error> {
    let by_number = name.parse().ok().and_then(|number: usize| listed.iter().find(|one| one.number == number));
    if let Some(one) = by_number {
        return Ok(vec![one.clone()]);
    }
    let lower = name.to_ascii_lowercase();
    let begins = |one: &&Listed| lower.len() >= FEWEST_DIGITS && one.id.starts_with(&lower);
    let found: Vec<Listed> = listed.iter().filter(begins).cloned().collect();
    let names: BTreeSet<&str> = found.iter().map(|one| one.id.as_str()).collect();
    match names.len() {
        1 => Ok(found),
        0 => Err(Error::NoSuchPart { name: name.to_owned(), known: known(listed) }),
        _ => Err(Error::SeveralParts { name: name.to_owned(), known: known(&found) }),
    }
}

fn known(listed: &[Listed]) -> Vec<String> {
    listed.iter().map(|one| format!("{} ({})", one.number, one.id)).collect()
}

fn one(listed: Listed, joined: &Joined, change: &Change, files: &mut [Files<'_>; 2]) -> Result<Explained, Error> {
    let entry = &listed.entry;
    let (base, head) = joined.access();
    let judged = change::judge(entry, [base, head]);
    let origins = [&entry.region.origins.base, &entry.region.origins.head];
    let bearing = |side: usize| judged.as_ref().and_then(|judged| judged.bearing.get(side)).map_or(&[][..], Vec::as_slice);
    // What stands at an address and has no line may be secret, and then nothing of its file is quoted on either side.
    let has_no_line = |place: &&Place| place.line == 0;
    let unquoted: BTreeSet<Arc<str>> = origins.into_iter().flatten().filter(has_no_line).map(|place| Arc::clone(&place.path)).collect();
    let mut statements = [Vec::new(), Vec::new()];
    for (side, ((own, origins), files)) in statements.iter_mut().zip(origins).zip(files).enumerate() {
        for (place, bearing) in by_place(origins, bearing(side)) {
            let passage = if unquoted.contains(&place.path) { None } else { files.passage(place)? };
            own.push(Statement { place: place.clone(), bearing: bearing.cloned(), passage });
        }
    }
    let next = if entry.kind == Kind::Undecided { next(entry, change) } else { Vec::new() };
    Ok(Explained { listed, judged, statements, next })
}

/// Every place of a side once: those of which something is said first.
fn by_place<'a>(origins: &'a BTreeSet<Place>, bearing: &'a [Bearing]) -> Vec<(&'a Place, Option<&'a Bearing>)> {
    let told: BTreeSet<&Place> = bearing.iter().map(|bearing| &bearing.place).collect();
    let others = origins.iter().filter(|place| !told.contains(place)).map(|place| (place, None));
    bearing.iter().map(|bearing| (&bearing.place, Some(bearing))).chain(others).collect()
}

/// What the remarks about the same files say is to be done.
fn next(entry: &Entry, change: &Change) -> Vec<String> {
    let origins = &entry.region.origins;
    let paths: BTreeSet<&Arc<str>> = origins.base.iter().chain(&origins.head).map(|place| &place.path).collect();
    let about = change.diagnostics.iter().filter(|diagnostic| diagnostic.is_error() && paths.contains(&diagnostic.place.path));
    let helps: BTreeSet<&String> = about.filter_map(|diagnostic| diagnostic.help.as_ref()).collect();
    helps.into_iter().cloned().collect()
}

/// The files of one side, parsed once each, to quote from.
struct Files<'f> {
    side: &'f Side,
    joined: &'f Joined,
    request: &'f Request,
    parsed: BTreeMap<Arc<str>, Option<File>>,
}

impl Files<'_> {
    /// What stands at a place; nothing where no line is known, or the file does not parse.
    fn passage(&mut self, place: &Place) -> Result<Option<Passage>, Error> {
        if place.line == 0 || self.is_kept(&place.path) {
            return Ok(None);
        }
        if !self.parsed.contains_key(&place.path) {
            let file = self.parse(&place.path)?;
            self.parsed.insert(Arc::clone(&place.path), file);
        }
        let file = self.parsed.get(&place.path).and_then(Option::as_ref);
        Ok(file.and_then(|file| file.passage(place.line, place.column)))
    }

    /// What stands in a plan may be secret. What was rendered is not what stands in the repository under that path.
    fn is_kept(&self, path: &Arc<str>) -> bool {
        let is_plan = |side: &super::read::Side| side.formats.get(path).is_some_and(|format| *format == terraform_plan::FORMAT.id);
        let is_rendered = self.request.rendered.iter().any(|rendered| rendered.holds(path));
        is_rendered || is_plan(&self.joined.base) || is_plan(&self.joined.head)
    }

    fn parse(&self, path: &Arc<str>) -> Result<Option<File>, Error> {
        let Reading::Content(content) = self.side.read(path)? else { return Ok(None) };
        let format = [&self.joined.head, &self.joined.base].into_iter().find_map(|side| side.formats.get(path));
        let by_format = format.and_then(|id| formats::by_id(id)).and_then(|format| format.syntax);
        let syntax = by_format.or_else(|| read::syntax(path, &content.bytes, self.request.format.is_some()));
        Ok(syntax.and_then(|syntax| parse(Arc::clone(path), &content.bytes, syntax, &self.request.bounds).ok()))
    }
}

//! The records of a ledger that answer a question, and the index that spares reading the others.
//!
//! An index only says what need not be read. What answers is read from the ledger, and held against the index; what was added since is read
//! too. Whatever does not agree has the index thrown away and everything read, so an answer is the same with one and without.

use super::Error;
use super::abreast::abreast;
use crate::attestation::authorization::v1::{Authorization, TYPE};
use crate::attestation::{Statement, digest_of};
use crate::audit::{Gist, Index, IndexRow, Question};
use crate::ledger::{Chain, Entry};
use crate::systems::sha256;
use crate::world::cache;
use crate::world::signer::payload;
use crate::world::store::{Listing, Store};
use std::path::{Path, PathBuf};

/// What a bundle says, whoever signed it; nothing if that is no authorization.
pub(super) fn record(bundle: &str) -> Option<Authorization> {
    let statement = Statement::read(&payload(bundle.as_bytes())?).ok()?;
    (statement.predicate_type == TYPE).then(|| serde_json::from_value(statement.predicate).ok())?
}

/// How many rows a processor looks through at once.
const PIECE: usize = 4096;

/// What answers, and how many records there are.
#[derive(Debug)]
pub(super) struct Answers<T> {
    /// What was made of each.
    pub(super) found: Vec<T>,
    /// How many records the ledger has.
    pub(super) records: usize,
}

/// Every record that answers, in the order of the ledger. `cache` is where indexes are kept between runs, if they are.
pub(super) fn answers<T>(
    store: &Store,
    cache: Option<&Path>,
    question: &Question,
    of: impl Fn(&Entry, &Authorization) -> T,
) -> Result<Answers<T>, Error> {
    let place = cache.and_then(|cache| Place::of(store, cache));
    let asked = Asked { store, place: place.as_ref(), question, of };
    if let Some(bytes) = place.as_ref().and_then(|place| cache::read(&place.directory, &place.name))
        && let Some(answers) = asked.answers(&bytes)?
    {
        return Ok(answers);
    }
    // Nothing is known of the ledger, so nothing can disagree.
    Ok(asked.answers(&[])?.unwrap_or(Answers { found: Vec::new(), records: 0 }))
}

/// Throws the index of a ledger away, and makes it again.
pub(super) fn make_again(store: &Store, cache: &Path) -> Result<(), Error> {
    if let Some(place) = Place::of(store, cache) {
        // One that cannot be taken away is not ours, and is not read either.
        let _ = cache::remove(&place.directory, &place.name);
    }
    answers(store, Some(cache), &Question::default(), |_, _| ()).map(|_| ())
}

/// Where the index of a ledger is kept.
struct Place {
    directory: PathBuf,
    name: String,
    ledger: String,
}

impl Place {
    fn of(store: &Store, cache: &Path) -> Option<Self> {
        let ledger = store.identity()?;
        Some(Self { directory: cache.join("ledgers"), name: sha256(ledger.as_bytes()), ledger })
    }
}

struct Asked<'a, F> {
    store: &'a Store,
    place: Option<&'a Place>,
    question: &'a Question,
    of: F,
}

impl<T, F: Fn(&Entry, &Authorization) -> T> Asked<'_, F> {
    /// Nothing if what is kept is not what is there.
    fn answers(&self, kept: &[u8]) -> Result<Option<Answers<T>>, Error> {
        let mut index = Index::default();
        let listing = self.store.list(|| {
            index = self.place.map(|place| Index::read(kept, &place.ledger)).unwrap_or_default();
            index.rows().iter().map(|row| row.mark).collect()
        })?;
        let is_shorter = listing.known < index.rows().len();
        index.keep(listing.known);
        let records = index.rows().iter().filter(|row| row.gist.is_some()).count();
        let mut answers = Answers { found: Vec::new(), records };
        let Some(rows) = self.answering(index.rows()) else { return Ok(None) };
        for (row, gist) in rows {
            let Some((entry, record)) = read_again(&listing, row, &gist) else { return Ok(None) };
            answers.found.push((self.of)(&entry, &record));
        }
        let more = self.behind(&listing, Chain::after(index.tip()), &mut answers)?;
        if let Some(place) = self.place
            && (is_shorter || !more.is_empty())
            && let Ok(bytes) = index.written(&place.ledger, &more)
        {
            // An index that cannot be written costs time, never an answer.
            let _ = cache::write(&place.directory, &place.name, &bytes);
        }
        Ok(Some(answers))
    }

    /// The rows that answer, in order; nothing if one of all cannot be read.
    fn answering<'r>(&self, rows: &'r [IndexRow<'r>]) -> Option<Vec<(&'r IndexRow<'r>, Gist<'r>)>> {
        let question = self.question;
        let among = |rows: &'r [IndexRow<'r>]| {
            let gists = rows.iter().filter_map(|row| Some((row, Gist::read(row.gist?))));
            gists
                .filter(|(_, gist)| gist.as_ref().is_none_or(|gist| question.is_answered_by(gist)))
                .map(|(row, gist)| Some((row, gist?)))
                .collect()
        };
        let ((), found) = abreast(|send: &mut dyn FnMut(&'r [IndexRow<'r>])| rows.chunks(PIECE).for_each(send), among);
        found.into_iter().collect::<Option<Vec<Vec<_>>>>().map(|found| found.concat())
    }

    /// Reads what the index does not know, and gives the rows of it as far as they will hold.
    fn behind(&self, listing: &Listing<'_>, mut chain: Chain, answers: &mut Answers<T>) -> Result<Vec<u8>, Error> {
        let mut rows = Vec::new();
        let mut is_kept = self.place.is_some();
        for mark in &listing.behind {
            let entry = chain.follow(&listing.read(&mark.bytes)?)?;
            let record = record(&entry.bundle);
            let gist = record.as_ref().map(Gist::of);
            answers.records += usize::from(gist.is_some());
            if let (Some(record), Some(gist)) = (&record, &gist)
                && self.question.is_answered_by(gist)
            {
                answers.found.push((self.of)(&entry, record));
            }
            is_kept &= mark.is_settled;
            if is_kept {
                let digest = chain.tip().digest.as_deref().unwrap_or_default();
                match row(&mark.bytes, digest, gist.as_ref()) {
                    Ok(row) => rows.extend(row),
                    Err(_) => is_kept = false,
                }
            }
        }
        Ok(rows)
    }
}

fn row(mark: &[u8], digest: &str, gist: Option<&Gist<'_>>) -> postcard::Result<Vec<u8>> {
    let gist = gist.map(Gist::written).transpose()?;
    IndexRow { mark, digest, gist: gist.as_deref() }.written()
}

/// The entry of a row, if it is the one that was read before and says what the row says of it.
fn read_again(listing: &Listing<'_>, row: &IndexRow<'_>, gist: &Gist<'_>) -> Option<(Entry, Authorization)> {
    let bytes = listing.read(row.mark).ok().filter(|bytes| digest_of(bytes) == row.digest)?;
    let entry = Entry::read(&bytes).ok()?;
    let record = record(&entry.bundle)?;
    (Gist::of(&record) == *gist).then_some((entry, record))
}

//! `countersign lookup`: a question, and every record that answers it.

use super::Error;
use super::indexed::{answers, record};
use super::sources::{Held, IN_LEDGER, Looked, Sources, THE_LEDGER};
use crate::attestation::authorization::v1::Authorization;
use crate::audit::{Gist, Question, Row};
use crate::ledger::Entry;
use crate::report::json;
use crate::report::lookup;
use std::path::PathBuf;

/// Where to look, and for what.
pub struct Lookup {
    /// Where.
    pub sources: Sources,
    /// What is asked.
    pub question: Question,
    /// Where the index of a ledger is kept between runs, if it is.
    pub cache: Option<PathBuf>,
}

/// What was found.
pub struct Found {
    rows: Vec<Row>,
    /// Everywhere that was looked at, and how many records were there.
    looked: Vec<Looked>,
}

impl Found {
    /// For people.
    pub fn text(&self) -> String {
        lookup::text(&self.rows, &self.looked)
    }

    /// For machines.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        json::written(&lookup::json(&self.rows, &self.looked))
    }

    /// For spreadsheets.
    pub fn csv(&self) -> String {
        lookup::csv(&self.rows)
    }
}

/// Looks everywhere that is named.
pub fn lookup(asked: &Lookup) -> Result<Found, Error> {
    let Lookup { sources, question, cache } = asked;
    let mut rows = Vec::new();
    let mut looked = sources.each_file(&mut |held| Ok(take(held, question, &mut rows)))?;
    if let Some(store) = &sources.store {
        let row = |entry: &Entry, record: &Authorization| Row::of(IN_LEDGER.to_owned(), Some(entry.sequence), record);
        let answers = answers(store, cache.as_deref(), question, row)?;
        rows.extend(answers.found);
        looked.push((THE_LEDGER.to_owned(), answers.records));
    }
    looked.extend(sources.each_attached(&mut |held| Ok(take(held, question, &mut rows)))?);
    rows.sort_by(|one, other| (&one.decided_at, &one.commit, one.sequence).cmp(&(&other.decided_at, &other.commit, other.sequence)));
    Ok(Found { rows, looked })
}

/// Whether it is a record; one that answers becomes a row.
fn take(held: Held, question: &Question, rows: &mut Vec<Row>) -> bool {
    let Some(record) = std::str::from_utf8(&held.bundle).ok().and_then(record) else { return false };
    if question.is_answered_by(&Gist::of(&record)) {
        rows.push(Row::of(held.found_in, record.gate_run.sequence, &record));
    }
    true
}

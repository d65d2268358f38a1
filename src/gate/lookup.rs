//! `countersign lookup`: a question, and every record that answers it.

use super::Error;
use super::ledger::record;
use super::sources::{Looked, Sources};
use crate::audit::{Question, Row};
use crate::report::json;
use crate::report::lookup;

/// Where to look, and for what.
pub struct Lookup {
    /// Where.
    pub sources: Sources,
    /// What is asked.
    pub question: Question,
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
    let mut rows = Vec::new();
    let looked = asked.sources.each(&mut |held| {
        let Some(record) = std::str::from_utf8(&held.bundle).ok().and_then(record) else { return Ok(false) };
        if asked.question.is_answered_by(&record) {
            rows.push(Row::of(held.found_in, held.sequence.or(record.gate_run.sequence), &record));
        }
        Ok(true)
    })?;
    rows.sort_by(|one, other| (&one.decided_at, &one.commit, one.sequence).cmp(&(&other.decided_at, &other.commit, other.sequence)));
    Ok(Found { rows, looked })
}

//! `countersign lookup`: a question, and every record that answers it.

use super::Error;
use super::ledger::{ledger_rows, record};
use super::own::Named;
use crate::audit::{Question, Row};
use crate::report::json;
use crate::report::lookup;
use crate::world::files;
use crate::world::store::Store;
use std::path::{Path, PathBuf};

/// A file of bundles is no larger.
const LARGEST: usize = 64 << 20;

/// Where to look, and for what.
pub struct Lookup {
    /// A ledger.
    pub store: Option<Store>,
    /// Files of bundles, and directories of them.
    pub paths: Vec<PathBuf>,
    /// What is asked.
    pub question: Question,
}

/// What was found.
pub struct Found {
    rows: Vec<Row>,
    /// Everywhere that was looked at, and how many records were there.
    looked: Vec<(String, usize)>,
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
    let mut found = Found { rows: Vec::new(), looked: Vec::new() };
    if let Some(store) = &asked.store {
        let rows = ledger_rows(store)?;
        found.looked.push(("the ledger".to_owned(), rows.len()));
        found.rows.extend(rows.into_iter().filter(|(_, record)| asked.question.is_answered_by(record)).map(|(row, _)| row));
    }
    for path in &asked.paths {
        let mut known = 0;
        for file in bundles(path)? {
            let bytes = Named { what: "bundle", option: "countersign lookup", path: &file }.read(LARGEST)?;
            let text = String::from_utf8_lossy(&bytes);
            let is_lines = file.extension().is_some_and(|extension| extension == "jsonl");
            let all = if is_lines { text.lines().collect() } else { vec![&*text] };
            for record in all.into_iter().filter_map(record) {
                known += 1;
                if asked.question.is_answered_by(&record) {
                    found.rows.push(Row::of(file.display().to_string(), record.gate_run.sequence, &record));
                }
            }
        }
        found.looked.push((path.display().to_string(), known));
    }
    found.rows.sort_by(|one, other| (&one.decided_at, &one.commit, one.sequence).cmp(&(&other.decided_at, &other.commit, other.sequence)));
    Ok(found)
}

/// A file, or the bundles in a directory.
fn bundles(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !files::is_directory(path) {
        return Ok(vec![path.to_owned()]);
    }
    let names = files::names(path).map_err(|source| Error::Read {
        what: "directory of bundles",
        option: "countersign lookup",
        path: path.to_owned(),
        source,
    })?;
    Ok(names
        .into_iter()
        .filter(|name| name.ends_with(".sigstore.json") || name.ends_with(".intoto.jsonl"))
        .map(|name| path.join(name))
        .collect())
}

//! What an earlier run found out, so that one that was interrupted goes on. It is no evidence: one that is damaged is thrown away, and
//! one of another policy or another version is forgotten.

use super::judge::Record;
use crate::policy::window::Window;
use crate::systems::{knowledge, sha256};
use crate::world::files;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

/// A larger file is none of ours.
const LARGEST: usize = 256 << 20;

/// The layout of a record.
const LAYOUT: &str = "1";

/// What is known of commits.
#[derive(Debug)]
pub(super) struct State {
    /// Where it is kept between runs, if it is.
    path: Option<PathBuf>,
    /// Everything that a record depends on besides its commit.
    key: String,
    records: BTreeMap<String, Record>,
    is_new: bool,
}

/// By what records are made: this program, what it knows, and the policy with everything that it was made from.
pub(super) fn key(policy: &impl Debug) -> String {
    let knowledge: Vec<&str> = knowledge().iter().map(|known| known.digest).collect();
    let made_by = [LAYOUT, env!("CARGO_PKG_VERSION"), Window::tzdb_version(), &knowledge.join(" ")].join("\n");
    sha256(format!("{made_by}\n{policy:?}").as_bytes())
}

impl State {
    /// The state for a repository in a directory, and a sentence if there is one that cannot be used.
    pub(super) fn open(directory: Option<&Path>, repository: &Path, key: String) -> (Self, Option<String>) {
        let name = |directory: &Path| directory.join("replay").join(sha256(repository.to_string_lossy().as_bytes()));
        let path = directory.map(name);
        let found = path.as_deref().filter(|path| files::is_there(path)).map(|path| read(path, &key));
        let damaged = matches!(found, Some(Found::Damaged)).then(|| {
            let path = path.as_deref().unwrap_or(Path::new("")).display();
            format!("what an earlier run left in `{path}` is damaged and was thrown away; it all starts again")
        });
        let records = if let Some(Found::Records(records)) = found { records } else { BTreeMap::new() };
        (Self { path, key, records, is_new: false }, damaged)
    }

    pub(super) fn get(&self, commit: &str) -> Option<&Record> {
        self.records.get(commit)
    }

    pub(super) fn add(&mut self, commit: &str, record: Record) {
        self.records.insert(commit.to_owned(), record);
        self.is_new = true;
    }

    /// Writes it, whole or not at all.
    pub(super) fn save(&mut self) -> std::io::Result<()> {
        let Some(path) = self.path.as_deref().filter(|_| self.is_new) else { return Ok(()) };
        let body = format!("{}\n{}", self.key, serde_json::to_string(&self.records)?);
        files::write_below(path, format!("{}\n{body}", sha256(body.as_bytes())).as_bytes())?;
        self.is_new = false;
        Ok(())
    }
}

/// What a file holds.
enum Found {
    Records(BTreeMap<String, Record>),
    /// It was found out by something else.
    Foreign,
    Damaged,
}

/// A line with the checksum of the rest, a line with the key, and the records.
fn read(path: &Path, wanted: &str) -> Found {
    let text = files::read(path, LARGEST).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let whole = text.split_once('\n').filter(|(sum, body)| *sum == sha256(body.as_bytes()));
    match whole.and_then(|(_, body)| body.split_once('\n')) {
        None => Found::Damaged,
        Some((key, _)) if key != wanted => Found::Foreign,
        Some((_, records)) => serde_json::from_str(records).map_or(Found::Damaged, Found::Records),
    }
}

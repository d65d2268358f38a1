//! What an earlier run found out, so that one that was interrupted goes on. It is no evidence: one that is damaged is thrown away, and
//! one of another policy or another version is forgotten.

use super::judge::Record;
use crate::policy::window::Window;
use crate::systems::{knowledge, sha256};
use crate::world::files;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
    kept: Kept,
    is_new: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// Everything that a record depends on besides its commit.
    key: String,
    records: BTreeMap<String, Record>,
}

/// By what records are made: this program, what it knows, and the policy with everything that it was made from.
pub(super) fn key(policy: &impl std::fmt::Debug) -> String {
    let knowledge: Vec<&str> = knowledge().iter().map(|known| known.digest).collect();
    let made_by = [LAYOUT, env!("CARGO_PKG_VERSION"), Window::tzdb_version(), &knowledge.join(" ")].join("\n");
    sha256(format!("{made_by}\n{policy:?}").as_bytes())
}

impl State {
    /// The state for a repository in a directory, and a sentence if there is one that cannot be used.
    pub(super) fn open(directory: Option<&Path>, repository: &Path, key: String) -> (Self, Option<String>) {
        let name = |directory: &Path| directory.join("replay").join(sha256(repository.to_string_lossy().as_bytes()));
        let path = directory.map(name);
        let fresh = |key| Kept { key, records: BTreeMap::new() };
        let found = path.as_deref().filter(|path| files::is_there(path)).map(|path| (path, read(path)));
        let (kept, damaged) = match found {
            Some((_, Some(kept))) if kept.key == key => (kept, None),
            None | Some((_, Some(_))) => (fresh(key), None),
            Some((path, None)) => {
                let sentence =
                    format!("what an earlier run left in `{}` is damaged and was thrown away; it all starts again", path.display());
                (fresh(key), Some(sentence))
            }
        };
        (Self { path, kept, is_new: false }, damaged)
    }

    pub(super) fn get(&self, commit: &str) -> Option<&Record> {
        self.kept.records.get(commit)
    }

    pub(super) fn add(&mut self, commit: &str, record: Record) {
        self.kept.records.insert(commit.to_owned(), record);
        self.is_new = true;
    }

    /// Writes it, whole or not at all.
    pub(super) fn save(&mut self) -> std::io::Result<()> {
        let Some(path) = self.path.as_deref().filter(|_| self.is_new) else { return Ok(()) };
        let body = serde_json::to_string(&self.kept)?;
        files::write_below(path, format!("{}\n{body}", sha256(body.as_bytes())).as_bytes())?;
        self.is_new = false;
        Ok(())
    }
}

/// The file, if all of it is in order.
fn read(path: &Path) -> Option<Kept> {
    let text = String::from_utf8(files::read(path, LARGEST).ok()?).ok()?;
    let (sum, body) = text.split_once('\n')?;
    (sum == sha256(body.as_bytes())).then(|| serde_json::from_str(body).ok()).flatten()
}

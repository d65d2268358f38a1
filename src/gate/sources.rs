//! Where bundles are: files and directories, a ledger, a release, the forge's own store of attestations.

use super::Error;
use super::ours::Named;
use super::release::{BUNDLE, Release};
use crate::ledger::Chain;
use crate::world::files;
use crate::world::forge::Forge;
use crate::world::store::Store;
use std::path::{Path, PathBuf};

/// A file of bundles is no larger.
pub(super) const LARGEST: usize = 64 << 20;

/// What people call the ledger, as a place that was looked at and as one where something was found.
pub(super) const THE_LEDGER: &str = "the ledger";
pub(super) const IN_LEDGER: &str = "ledger";

/// Everywhere to look.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The verb that looks, for messages.
    pub verb: &'static str,
    /// Files with a bundle each, or, if they end with `.jsonl`, with one on each line; and directories of them.
    pub paths: Vec<PathBuf>,
    /// A ledger.
    pub store: Option<Store>,
    /// A release.
    pub release: Option<Release>,
    /// The SHA-256 of what bundles in the store of attestations are about, in hexadecimal, where that of the release's forge is looked at.
    pub attestations: Vec<String>,
}

/// A bundle that was found.
#[derive(Clone, Debug)]
pub struct Held {
    /// What it stands in, as people name it.
    pub found_in: String,
    /// Its number in the ledger.
    pub sequence: Option<u64>,
    /// Whether its place has bundles about other things as well; a file was named for what it holds.
    pub is_shared: bool,
    /// The bundle; empty for a file with nothing in it.
    pub bundle: Vec<u8>,
}

/// Takes a bundle, and says whether it is one that counts.
type Take<'t> = dyn FnMut(Held) -> Result<bool, Error> + 't;

/// A place that was looked at, and how many bundles of it were taken.
pub type Looked = (String, usize);

impl Sources {
    /// Hands over every bundle. Files that were named come first, then those of places that have bundles about other things as well.
    pub fn each(&self, take: &mut Take<'_>) -> Result<Vec<Looked>, Error> {
        let mut looked = self.each_file(take)?;
        if let Some(store) = &self.store {
            looked.push((THE_LEDGER.to_owned(), entries(store, take)?));
        }
        looked.extend(self.each_attached(take)?);
        Ok(looked)
    }

    /// Those of files that were named.
    pub(super) fn each_file(&self, take: &mut Take<'_>) -> Result<Vec<Looked>, Error> {
        let mut looked = Vec::new();
        for path in &self.paths {
            let mut known = 0;
            for file in self.bundles(path)? {
                for held in self.read(&file)? {
                    known += usize::from(take(held)?);
                }
            }
            looked.push((path.display().to_string(), known));
        }
        Ok(looked)
    }

    /// Those of a release and its forge.
    pub(super) fn each_attached(&self, take: &mut Take<'_>) -> Result<Vec<Looked>, Error> {
        let mut looked = Vec::new();
        if let Some(release) = &self.release {
            let mut known = 0;
            for one in release.bundles()? {
                let found_in = format!("release {}: {}", release.tag, one.name);
                known += usize::from(take(Held { found_in, sequence: None, is_shared: true, bundle: one.json.into_bytes() })?);
            }
            looked.push((format!("the release {}", release.tag), known));
            looked.extend(self.kept(release, take)?);
        }
        Ok(looked)
    }

    fn kept(&self, release: &Release, take: &mut Take<'_>) -> Result<Option<Looked>, Error> {
        if self.attestations.is_empty() {
            return Ok(None);
        }
        let forge = Forge::connect(&release.connection)?;
        let mut known = 0;
        for digest in &self.attestations {
            for bundle in forge.attestations(&release.repository, digest)? {
                let found_in = "attestations of the forge".to_owned();
                known += usize::from(take(Held { found_in, sequence: None, is_shared: true, bundle: bundle.to_string().into_bytes() })?);
            }
        }
        Ok(Some(("the attestations of the forge".to_owned(), known)))
    }
}

/// The entries of a ledger, whose chain is followed; signatures are not looked at.
fn entries(store: &Store, take: &mut Take<'_>) -> Result<usize, Error> {
    let mut chain = Chain::default();
    let mut known = 0;
    let mut failed = None;
    store.each(|bytes| {
        let taken = chain.follow(&bytes).map_err(Error::from).and_then(|entry| {
            let (sequence, bundle) = (Some(entry.sequence), entry.bundle.into_bytes());
            take(Held { found_in: IN_LEDGER.to_owned(), sequence, is_shared: true, bundle })
        });
        taken.map(|counts| known += usize::from(counts)).map_err(|error| failed = Some(error)).is_ok()
    })?;
    failed.map_or(Ok(known), Err)
}

impl Sources {
    /// A file, or the bundles in a directory.
    fn bundles(&self, path: &Path) -> Result<Vec<PathBuf>, Error> {
        if !files::is_directory(path) {
            return Ok(vec![path.to_owned()]);
        }
        let failed = |source| Error::Read { what: "directory of bundles", option: self.verb, path: path.to_owned(), source };
        let is_ours = |name: &String| name.ends_with(BUNDLE) || name.ends_with(".intoto.jsonl");
        Ok(files::names(path).map_err(failed)?.into_iter().filter(is_ours).map(|name| path.join(name)).collect())
    }

    /// The bundles of a file. A file with nothing in it has one that is empty, so that it is not passed over.
    fn read(&self, file: &Path) -> Result<Vec<Held>, Error> {
        let bytes = Named { what: "bundle", option: self.verb, path: file }.read(LARGEST)?;
        let name = file.display().to_string();
        let held = |found_in, bundle: &[u8]| Held { found_in, sequence: None, is_shared: false, bundle: bundle.to_vec() };
        let is_lines = file.extension().is_some_and(|extension| extension == "jsonl");
        if !is_lines || bytes.trim_ascii().is_empty() {
            return Ok(vec![held(name, bytes.trim_ascii_end())]);
        }
        let lines = bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
        Ok(lines.map(|(index, line)| held(format!("{name}:{}", index + 1), line)).collect())
    }
}

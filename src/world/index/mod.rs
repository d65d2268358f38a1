//! An index of join keys by content, kept between runs: what a blob says never changes, so it is asked only once.
//!
//! A key is a hash of something that files refer to each other by (a role, a label, a group); files that share one are read together.
//! Keys only say what to read, never what it means, and the cache file is no evidence: one that is missing, damaged, of another
//! version or too large is an empty one.

mod file;

use super::repository::ContentId;
use file::{HEAD, Id, Kept, LARGEST, ROW, SUM, pad};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file's name in the cache directory.
const NAME: &str = "join-keys";

/// Join keys of blobs, by the blobs' ids.
#[derive(Debug, Default)]
pub struct Index {
    directory: Option<PathBuf>,
    version: [u8; 32],
    kept: Kept,
    /// What this run asked for.
    asked: HashMap<ContentId, Vec<u64>>,
    /// Whether the file does not know all of it.
    added: bool,
}

impl Index {
    /// Opens the index in a directory, or an empty one that is not kept. `version` names what the keys are computed from and how;
    /// keys of another version are forgotten.
    pub fn open(directory: Option<&Path>, version: &str) -> Self {
        let version = Sha256::digest(version).into();
        let kept = directory.and_then(|directory| Kept::read(&directory.join(NAME), version)).unwrap_or_default();
        Self { directory: directory.map(Path::to_owned), version, kept, ..Self::default() }
    }

    /// The keys of a blob, computed when they are not known yet.
    pub fn keys(&mut self, id: &ContentId, compute: impl FnOnce() -> Vec<u64>) -> &[u64] {
        let keys: Result<_, std::convert::Infallible> = self.try_keys(id, || Ok(compute()));
        keys.unwrap_or_default()
    }

    /// Like [`Self::keys`], for computing that can fail. A failure is not kept.
    pub fn try_keys<E>(&mut self, id: &ContentId, compute: impl FnOnce() -> Result<Vec<u64>, E>) -> Result<&[u64], E> {
        use std::collections::hash_map::Entry;
        match self.asked.entry(*id) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let known = self.kept.find(id);
                let new = known.is_none();
                let keys = entry.insert(known.map_or_else(compute, Ok)?);
                self.added |= new;
                Ok(keys)
            }
        }
    }

    /// Writes the index back, whole or not at all. Does nothing when nothing was added.
    pub fn save(&self) -> io::Result<()> {
        match &self.directory {
            Some(directory) if self.added => {
                fs::create_dir_all(directory)?;
                file::replace(&directory.join(NAME), &self.encode())
            }
            _ => Ok(()),
        }
    }

    /// The file's bytes. When there is too much, what this run did not ask for goes first.
    fn encode(&self) -> Vec<u8> {
        let asked: HashMap<Id, &Vec<u64>> = self.asked.iter().map(|(id, keys)| (pad(id), keys)).collect();
        let mut size = HEAD + SUM;
        let mut fits = |keys: usize| {
            size += ROW + keys * 8;
            size <= LARGEST
        };
        let mut rows: BTreeMap<Id, Vec<u64>> = BTreeMap::new();
        rows.extend(asked.iter().take_while(|(_, keys)| fits(keys.len())).map(|(id, keys)| (*id, (*keys).clone())));
        let others = (0..self.kept.rows().len()).filter_map(|row| self.kept.row(row)).filter(|(id, _)| !asked.contains_key(id));
        rows.extend(others.take_while(|(_, keys)| fits(keys.len())));
        file::write(self.version, &rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn id(number: u64) -> ContentId {
        ContentId::of(&number.to_le_bytes())
    }

    fn filled(directory: &Path, count: u64) {
        let mut index = Index::open(Some(directory), "v1");
        for number in 0..count {
            index.keys(&id(number), || vec![number, number + 1]);
        }
        index.save().unwrap();
    }

    fn known(directory: &Path, version: &str) -> usize {
        Index::open(Some(directory), version).kept.count
    }

    #[test]
    fn keys_are_computed_once_and_known_in_the_next_run() {
        let directory = TempDir::new().unwrap();
        filled(&directory.path().join("new/deep"), 3);
        let mut index = Index::open(Some(&directory.path().join("new/deep")), "v1");
        assert_eq!(index.kept.count, 3);
        for number in 0..3 {
            assert_eq!(index.keys(&id(number), || unreachable!()), [number, number + 1]);
        }
        assert_eq!(index.keys(&id(9), Vec::new), [0; 0]);
        assert_eq!(index.keys(&id(9), || unreachable!()), [0; 0]);
    }

    #[test]
    fn a_run_adds_to_what_earlier_runs_knew() {
        let directory = TempDir::new().unwrap();
        filled(directory.path(), 3);
        filled(directory.path(), 5);
        assert_eq!(known(directory.path(), "v1"), 5);
    }

    #[test]
    fn a_failure_is_not_kept() {
        let mut index = Index::open(None, "v1");
        assert_eq!(index.try_keys(&id(1), || Err("gone")), Err("gone"));
        assert!(!index.added);
        assert_eq!(index.keys(&id(1), || vec![7]), [7]);
    }

    #[test]
    fn without_a_directory_nothing_is_kept() {
        let mut index = Index::open(None, "v1");
        index.keys(&id(1), Vec::new);
        index.save().unwrap();
    }

    #[test]
    fn keys_of_another_version_are_forgotten() {
        let directory = TempDir::new().unwrap();
        filled(directory.path(), 3);
        assert_eq!(known(directory.path(), "v2"), 0);
    }

    #[test]
    fn every_flipped_bit_and_every_lost_byte_makes_it_empty() {
        let directory = TempDir::new().unwrap();
        filled(directory.path(), 3);
        let file = directory.path().join(NAME);
        let whole = fs::read(&file).unwrap();
        let count = |bytes: &[u8]| Kept::parse(bytes.to_vec(), Sha256::digest("v1").into()).map(|kept| kept.count);
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                assert_eq!(count(&damaged), None, "bit {bit} of byte {at}");
            }
            assert_eq!(count(&whole[..at]), None, "cut off at {at}");
        }
        assert_eq!(count(&whole), Some(3));
        fs::write(&file, &whole[1..]).unwrap();
        assert_eq!(known(directory.path(), "v1"), 0);
    }

    #[test]
    fn rows_that_contradict_themselves_make_it_empty_although_the_checksum_is_right() {
        let directory = TempDir::new().unwrap();
        filled(directory.path(), 3);
        let file = directory.path().join(NAME);
        let whole = fs::read(&file).unwrap();
        let first_end = HEAD + 33;
        let second_row = HEAD + ROW;
        for (at, value) in [(HEAD - 4, 200), (HEAD - 1, 255), (first_end, 7), (first_end + 3, 255), (second_row, 0), (second_row + 33, 1)] {
            let mut body = whole[..whole.len() - SUM].to_vec();
            body[at] = value;
            body.extend_from_slice(&file::checksum(&body));
            fs::write(&file, &body).unwrap();
            assert_eq!(known(directory.path(), "v1"), 0, "{value} at {at}");
        }
    }

    #[test]
    fn saving_leaves_nothing_but_the_index() {
        let directory = TempDir::new().unwrap();
        filled(directory.path(), 1);
        fs::write(directory.path().join(format!(".countersign.{}.tmp", std::process::id())), "left behind").unwrap();
        filled(directory.path(), 2);
        let names: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [NAME]);
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_an_error_and_not_a_panic() {
        let directory = TempDir::new().unwrap();
        fs::write(directory.path().join("file"), "").unwrap();
        let mut index = Index::open(Some(&directory.path().join("file")), "v1");
        index.keys(&id(1), Vec::new);
        assert!(index.save().is_err());
    }

    #[test]
    fn what_was_not_asked_for_goes_first_when_there_is_too_much() {
        let directory = TempDir::new().unwrap();
        let mut index = Index::open(Some(directory.path()), "v1");
        let third = LARGEST / 8 / 3;
        index.keys(&id(1), || vec![1; third]);
        index.keys(&id(2), || vec![2; third]);
        index.save().unwrap();
        let mut index = Index::open(Some(directory.path()), "v1");
        index.keys(&id(2), || unreachable!());
        index.keys(&id(3), || vec![3; third]);
        index.save().unwrap();
        let mut index = Index::open(Some(directory.path()), "v1");
        assert_eq!(index.kept.count, 2);
        assert_eq!(index.keys(&id(2), || unreachable!())[0], 2);
        assert_eq!(index.keys(&id(3), || unreachable!())[0], 3);
    }
}

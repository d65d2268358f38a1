//! An index of join keys by content, kept between runs: what a blob says never changes, so it is asked only once.
//!
//! A key is a hash of something that files refer to each other by (a role, a label, a group); files that share one are read together.
//! Keys only say what to read, never what it means, and the cache file is no evidence: one that is missing, damaged, of another
//! version or too large is an empty one.

use super::repository::ContentId;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The first bytes of the file; the digit is the version of the layout.
const MAGIC: &[u8; 16] = b"countersign idx1";

/// The file's name in the cache directory.
const NAME: &str = "join-keys";

/// The largest file that is read or written, in bytes.
const LARGEST: usize = 64 << 20;

/// An id takes its length and 32 bytes, and the number of its keys four.
const ROW: usize = 1 + 32 + 4;

/// Bytes of the checksum at the end.
const SUM: usize = 32;

/// Join keys of blobs, by the blobs' ids.
///
/// In the file, all integers little-endian: magic, SHA-256 of the version, number of rows, rows sorted by id, all keys in the order
/// of the rows, SHA-256 of everything before.
#[derive(Debug, Default)]
pub struct Index {
    directory: Option<PathBuf>,
    version: [u8; 32],
    /// What was in the file: sorted ids, where each one's keys end, and the keys.
    kept: Vec<Id>,
    ends: Vec<usize>,
    keys: Vec<u64>,
    /// What this run added.
    added: HashMap<ContentId, Vec<u64>>,
    /// Which rows of the file this run asked for. They are kept before others when there is too much.
    used: Vec<bool>,
}

type Id = [u8; 33];

impl Index {
    /// Opens the index in a directory, or an empty one that is not kept. `version` names what the keys are computed from and how;
    /// keys of another version are forgotten.
    pub fn open(directory: Option<&Path>, version: &str) -> Self {
        let mut index = Self { directory: directory.map(Path::to_owned), version: Sha256::digest(version).into(), ..Self::default() };
        if let Some(bytes) = directory.and_then(|directory| read(&directory.join(NAME))) {
            // Half an index would be as good as a whole one, but damage is not to be reasoned about.
            let _ = index.load(&bytes);
        }
        index
    }

    /// The keys of a blob, computed when they are not known yet.
    pub fn keys(&mut self, id: &ContentId, compute: impl FnOnce() -> Vec<u64>) -> &[u64] {
        let keys: Result<_, std::convert::Infallible> = self.try_keys(id, || Ok(compute()));
        keys.unwrap_or_default()
    }

    /// Like [`Self::keys`], for computing that can fail. A failure is not kept.
    pub fn try_keys<E>(&mut self, id: &ContentId, compute: impl FnOnce() -> Result<Vec<u64>, E>) -> Result<&[u64], E> {
        use std::collections::hash_map::Entry;
        if let Ok(row) = self.kept.binary_search(&pad(id)) {
            if let Some(used) = self.used.get_mut(row) {
                *used = true;
            }
            return Ok(self.keys.get(self.range(row)).unwrap_or_default());
        }
        match self.added.entry(*id) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => Ok(entry.insert(compute()?)),
        }
    }

    /// How many blobs are known.
    pub fn len(&self) -> usize {
        self.kept.len() + self.added.len()
    }

    /// Whether no blob is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the index back, whole or not at all. Does nothing when nothing was added.
    pub fn save(&self) -> io::Result<()> {
        match &self.directory {
            Some(directory) if !self.added.is_empty() => {
                fs::create_dir_all(directory)?;
                replace(directory, &self.encode())
            }
            _ => Ok(()),
        }
    }

    fn range(&self, row: usize) -> Range<usize> {
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        start..self.ends.get(row).copied().unwrap_or(start)
    }

    /// Takes over what a file holds, if all of it is in order.
    fn load(&mut self, bytes: &[u8]) -> Option<()> {
        let (body, sum) = bytes.split_last_chunk::<SUM>()?;
        if <[u8; SUM]>::from(Sha256::digest(body)) != *sum {
            return None;
        }
        let (version, body) = body.strip_prefix(MAGIC)?.split_first_chunk::<32>()?;
        let (count, body) = body.split_first_chunk::<4>()?;
        if *version != self.version {
            return None;
        }
        let (rows, keys) = body.split_at_checked(usize::try_from(u32::from_le_bytes(*count)).ok()?.checked_mul(ROW)?)?;
        let (keys, []) = keys.as_chunks::<8>() else { return None };
        let (mut kept, mut ends, mut end) = (Vec::with_capacity(rows.len() / ROW), Vec::with_capacity(rows.len() / ROW), 0usize);
        for row in rows.as_chunks::<ROW>().0 {
            let (id, count) = row.split_first_chunk::<33>()?;
            end = end.checked_add(usize::try_from(u32::from_le_bytes(count.try_into().ok()?)).ok()?)?;
            kept.push(*id);
            ends.push(end);
        }
        if end != keys.len() || !kept.is_sorted_by(|a, b| a < b) {
            return None;
        }
        self.used = vec![false; kept.len()];
        (self.kept, self.ends) = (kept, ends);
        self.keys = keys.iter().map(|key| u64::from_le_bytes(*key)).collect();
        Some(())
    }

    /// The file's bytes. When there is too much, what this run did not ask for goes first.
    fn encode(&self) -> Vec<u8> {
        let added = self.added.iter().map(|(id, keys)| (pad(id), keys.as_slice()));
        let kept = |wanted| {
            let rows = self.kept.iter().zip(&self.used).enumerate().filter(move |(_, (_, used))| **used == wanted);
            rows.map(|(row, (id, _))| (*id, self.keys.get(self.range(row)).unwrap_or_default()))
        };
        let mut size = MAGIC.len() + 32 + 4 + SUM;
        let mut rows: Vec<(Id, &[u64])> = Vec::new();
        for (id, keys) in added.chain(kept(true)).chain(kept(false)) {
            size += ROW + keys.len() * 8;
            if size > LARGEST {
                break;
            }
            rows.push((id, keys));
        }
        rows.sort_unstable_by_key(|(id, _)| *id);
        self.write(&rows)
    }

    fn write(&self, rows: &[(Id, &[u64])]) -> Vec<u8> {
        let count = |list: usize| u32::try_from(list).unwrap_or(u32::MAX).to_le_bytes();
        let mut bytes = [MAGIC, &self.version[..], &count(rows.len())].concat();
        for (id, keys) in rows {
            bytes.extend_from_slice(id);
            bytes.extend_from_slice(&count(keys.len()));
        }
        bytes.extend(rows.iter().flat_map(|(_, keys)| keys.iter()).flat_map(|key| key.to_le_bytes()));
        let sum: [u8; SUM] = Sha256::digest(&bytes).into();
        bytes.extend_from_slice(&sum);
        bytes
    }
}

/// SHA-1 and SHA-256 ids at one length, and never mistaken for each other.
fn pad(id: &ContentId) -> Id {
    let bytes = id.as_bytes();
    let mut padded = [0; 33];
    let [length, rest @ ..] = &mut padded;
    *length = u8::try_from(bytes.len()).unwrap_or_default();
    rest.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    padded
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    let length = usize::try_from(file.metadata().ok()?.len()).ok().filter(|length| *length <= LARGEST)?;
    let mut bytes = Vec::with_capacity(length);
    file.take(LARGEST as u64).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Writes beside the file and renames, so that another run sees the old file or the new one.
fn replace(directory: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = directory.join(format!("{NAME}.{}", std::process::id()));
    // A file of this name is what a run that was killed left behind; following a link there would write elsewhere.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = OpenOptions::new().write(true).create_new(true).open(&temporary).and_then(|mut file| file.write_all(bytes));
    let renamed = written.and_then(|()| fs::rename(&temporary, directory.join(NAME)));
    if renamed.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    renamed
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
        Index::open(Some(directory), version).len()
    }

    #[test]
    fn keys_are_computed_once_and_known_in_the_next_run() {
        let directory = TempDir::new().unwrap();
        filled(&directory.path().join("new/deep"), 3);
        let mut index = Index::open(Some(&directory.path().join("new/deep")), "v1");
        assert_eq!(index.len(), 3);
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
        assert!(index.is_empty());
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
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                fs::write(&file, &damaged).unwrap();
                assert_eq!(known(directory.path(), "v1"), 0, "bit {bit} of byte {at}");
            }
            fs::write(&file, &whole[..at]).unwrap();
            assert_eq!(known(directory.path(), "v1"), 0, "cut off at {at}");
        }
        fs::write(&file, &whole).unwrap();
        assert_eq!(known(directory.path(), "v1"), 3);
    }

    #[test]
    fn rows_that_contradict_themselves_make_it_empty_although_the_checksum_is_right() {
        let directory = TempDir::new().unwrap();
        filled(directory.path(), 3);
        let file = directory.path().join(NAME);
        let whole = fs::read(&file).unwrap();
        let first_count = MAGIC.len() + 32 + 4 + 33;
        let second_row = MAGIC.len() + 32 + 4 + ROW;
        for (at, value) in [(MAGIC.len() + 32, 200), (first_count, 7), (first_count + 3, 255), (second_row, 0)] {
            let mut body = whole[..whole.len() - SUM].to_vec();
            body[at] = value;
            body.extend_from_slice(&Sha256::digest(&body));
            fs::write(&file, &body).unwrap();
            assert_eq!(known(directory.path(), "v1"), 0, "{value} at {at}");
        }
    }

    #[test]
    fn saving_leaves_nothing_but_the_index() {
        let directory = TempDir::new().unwrap();
        filled(directory.path(), 1);
        fs::write(directory.path().join(format!("{NAME}.{}", std::process::id())), "left behind").unwrap();
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
        assert_eq!(index.len(), 2);
        assert_eq!(index.keys(&id(2), || unreachable!())[0], 2);
        assert_eq!(index.keys(&id(3), || unreachable!())[0], 3);
    }
}

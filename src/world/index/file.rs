//! The file of the index: its layout, and reading and replacing it whole.

use crate::world::files;
use crate::world::repository::ContentId;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// The first bytes of the file; the digit is the version of the layout.
const MAGIC: &[u8; 16] = b"countersign idx1";

/// The largest file that is read or written, in bytes.
pub(super) const LARGEST: usize = if cfg!(test) { 64 << 10 } else { 64 << 20 };

/// An id, padded, and where its keys end.
pub(super) const ROW: usize = 33 + 4;

/// Bytes before the rows.
pub(super) const HEAD: usize = MAGIC.len() + 32 + 4;

/// Bytes of the checksum at the end.
pub(super) const SUM: usize = 8;

/// What is in the file.
///
/// All integers little-endian: magic, SHA-256 of the version, number of rows, rows sorted by id, all keys in the order of the rows,
/// checksum of everything before. Kept as it is: most rows are never asked for.
#[derive(Debug, Default)]
pub(super) struct Kept {
    bytes: Vec<u8>,
    pub(super) count: usize,
}

pub(super) type Id = [u8; 33];

impl Kept {
    /// The file at a path, if all of it is in order.
    pub(super) fn read(path: &Path, version: [u8; 32]) -> Option<Self> {
        Self::parse(read(path)?, version)
    }

    pub(super) fn parse(bytes: Vec<u8>, version: [u8; 32]) -> Option<Self> {
        let mut kept = Self { bytes, count: 0 };
        let (body, sum) = kept.bytes.split_last_chunk::<SUM>()?;
        if checksum(body) != *sum {
            return None;
        }
        let (found, body) = body.strip_prefix(MAGIC)?.split_first_chunk::<32>()?;
        kept.count = number(*body.first_chunk::<4>()?)?;
        (*found == version && kept.is_consistent()).then_some(kept)
    }

    fn is_consistent(&self) -> bool {
        let rows = self.rows();
        let (keys, rest) = self.key_bytes().as_chunks::<8>();
        let last = rows.last().map_or(Some(0), end);
        let sorted = rows.is_sorted_by(|a, b| id(a) < id(b) && end(a) <= end(b));
        rows.len() == self.count && rest.is_empty() && last == Some(keys.len()) && sorted
    }

    pub(super) fn rows(&self) -> &[[u8; ROW]] {
        let rows = HEAD..HEAD.saturating_add(self.count.saturating_mul(ROW));
        self.bytes.get(rows).unwrap_or_default().as_chunks().0
    }

    fn key_bytes(&self) -> &[u8] {
        let keys = HEAD + self.rows().len() * ROW..self.bytes.len().saturating_sub(SUM);
        self.bytes.get(keys).unwrap_or_default()
    }

    pub(super) fn find(&self, wanted: &ContentId) -> Option<Vec<u64>> {
        let row = self.rows().binary_search_by(|row| id(row).cmp(&Some(&pad(wanted)))).ok()?;
        self.row(row).map(|(_, keys)| keys)
    }

    pub(super) fn row(&self, row: usize) -> Option<(Id, Vec<u64>)> {
        let start = row.checked_sub(1).map_or(Some(0), |before| end(self.rows().get(before)?))?;
        let row = self.rows().get(row)?;
        let keys = self.key_bytes().as_chunks::<8>().0.get(start..end(row)?)?;
        Some((*id(row)?, keys.iter().map(|key| u64::from_le_bytes(*key)).collect()))
    }
}

fn id(row: &[u8; ROW]) -> Option<&Id> {
    row.first_chunk()
}

fn end(row: &[u8; ROW]) -> Option<usize> {
    number(*row.last_chunk()?)
}

fn number(bytes: [u8; 4]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

pub(super) fn write(version: [u8; 32], rows: &BTreeMap<Id, Vec<u64>>) -> Vec<u8> {
    // No number is larger than the file, and that is far below the largest.
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let mut bytes = [MAGIC, &version[..], &number(rows.len())].concat();
    let mut end = 0;
    for (id, keys) in rows {
        end += keys.len();
        bytes.extend_from_slice(id);
        bytes.extend_from_slice(&number(end));
    }
    bytes.extend(rows.values().flatten().flat_map(|key| key.to_le_bytes()));
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

/// Notices damage, and takes a tenth of the time of a cryptographic hash, which this file does not need.
///
/// Every step can be undone (exclusive or, multiplication by an odd number, rotation), so two inputs that differ in one word never
/// have the same sum, whatever follows; the length is the first word.
pub(super) fn checksum(bytes: &[u8]) -> [u8; SUM] {
    let step = |sum: u64, word: [u8; 8]| (sum ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let length = (bytes.len() as u64).to_le_bytes();
    [length].iter().chain(words).chain(&[last]).fold(0, |sum, word| step(sum, *word)).to_le_bytes()
}

/// SHA-1 and SHA-256 ids at one length, and never mistaken for each other.
pub(super) fn pad(id: &ContentId) -> Id {
    let bytes = id.as_bytes();
    let mut padded = [0; 33];
    let [length, rest @ ..] = &mut padded;
    *length = u8::try_from(bytes.len()).unwrap_or_default();
    rest.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    padded
}

fn read(path: &Path) -> Option<Vec<u8>> {
    // A pipe would be waited for.
    let file = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).and_then(|_| File::open(path).ok())?;
    let length = usize::try_from(file.metadata().ok()?.len()).ok().filter(|length| *length <= LARGEST)?;
    let mut bytes = Vec::with_capacity(length);
    file.take(LARGEST as u64).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Whole or not at all, so that another run sees the old file or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    files::put(path, |mut file| file.write_all(bytes))
}

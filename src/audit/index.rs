//! What is kept of a ledger between two questions: a row for each of its entries, from the first on.
//!
//! It is derived from the entries and proves nothing. Bytes that are not plainly of this version, of this ledger, and whole, are no index;
//! whoever asks does without, or makes it again.

use crate::ledger::Tip;
use crate::systems::sha256;
use serde::{Deserialize, Serialize};

/// The first words of an index. The number is to be raised with every change of what a row says; another version of the program may know
/// more of a record.
const VERSION: &str = concat!("countersign ledger index 1, ", env!("CARGO_PKG_VERSION"));

/// How many characters the checksum has, which comes first.
const SUM: usize = 64;

/// What is kept of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row<'b> {
    /// What tells that the entry is still the one that was read; the store knows how.
    pub mark: &'b [u8],
    /// `sha256:…` of the entry.
    pub digest: &'b str,
    /// What can be asked of it, as `Gist::written` writes it; nothing for what is no authorization.
    pub gist: Option<&'b [u8]>,
}

/// What stands before the rows.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Head<'b> {
    version: &'b str,
    ledger: &'b str,
}

/// The rows, and the bytes that they were read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index<'b> {
    rows: Vec<Row<'b>>,
    /// The bytes of all rows.
    bytes: &'b [u8],
    /// Where each of them ends.
    ends: Vec<usize>,
}

impl<'b> Index<'b> {
    /// Of the ledger that the store calls by this name. An empty one, unless the bytes are an index of it and nothing else.
    pub fn read(bytes: &'b [u8], ledger: &str) -> Self {
        Self::parse(bytes, ledger).unwrap_or_default()
    }

    fn parse(bytes: &'b [u8], ledger: &str) -> Option<Self> {
        let (sum, body) = bytes.split_at_checked(SUM)?;
        if sum != sha256(body).as_bytes() {
            return None;
        }
        let (head, bytes) = postcard::take_from_bytes::<Head<'_>>(body).ok()?;
        if head != (Head { version: VERSION, ledger }) {
            return None;
        }
        let mut index = Self { bytes, ..Self::default() };
        let mut rest = bytes;
        while !rest.is_empty() {
            let (row, behind) = postcard::take_from_bytes(rest).ok()?;
            index.rows.push(row);
            index.ends.push(bytes.len() - behind.len());
            rest = behind;
        }
        Some(index)
    }

    /// A row for each entry.
    pub fn rows(&self) -> &[Row<'b>] {
        &self.rows
    }

    /// The end of the chain as far as it is known.
    pub fn tip(&self) -> Tip {
        Tip { sequence: self.rows.len() as u64, digest: self.rows.last().map(|row| row.digest.to_owned()) }
    }

    /// Forgets everything but the first rows.
    pub fn keep(&mut self, count: usize) {
        self.rows.truncate(count);
        self.ends.truncate(count);
        self.bytes = self.bytes.get(..self.ends.last().copied().unwrap_or_default()).unwrap_or_default();
    }

    /// The bytes of these rows, and of others after them.
    pub fn written(&self, ledger: &str, more: &[u8]) -> postcard::Result<Vec<u8>> {
        let head = postcard::to_allocvec(&Head { version: VERSION, ledger })?;
        let body = [&head[..], self.bytes, more].concat();
        Ok([sha256(&body).as_bytes(), &body].concat())
    }
}

impl Row<'_> {
    /// The bytes of one row.
    pub fn written(&self) -> postcard::Result<Vec<u8>> {
        postcard::to_allocvec(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attestation::authorization::v1::Record;
    use crate::audit::gist::{Gist, Given};

    fn row(gist: Option<&[u8]>) -> Row<'_> {
        Row { mark: b"mark", digest: "sha256:00", gist }
    }

    fn gist() -> Vec<u8> {
        let (texts, people) = (|| vec!["one", "two"], || vec![("alice", 1001)]);
        let gist = Gist {
            record: Record::Retroactive,
            commit: "22",
            change_request: Some("42"),
            decided: (1_700_000_000, 5),
            is_exception: true,
            authors: people(),
            approvers: people(),
            given: vec![Given {
                folds: true,
                holder: "role/deploy",
                realm: "prod",
                actions: texts(),
                except_actions: Vec::new(),
                resources: texts(),
                except_resources: Vec::new(),
            }],
        };
        let written = gist.written().unwrap();
        assert_eq!(Gist::read(&written), Some(gist));
        assert_eq!(Gist::read(&[&written[..], b"more"].concat()), None);
        written
    }

    fn kept() -> Vec<u8> {
        let rows = [row(Some(&gist())), row(None)].map(|row| row.written().unwrap()).concat();
        Index::default().written("here", &rows).unwrap()
    }

    #[test]
    fn what_was_written_is_read_and_goes_on() {
        let bytes = kept();
        let mut index = Index::read(&bytes, "here");
        assert_eq!(index.rows(), [row(Some(&gist())), row(None)]);
        assert_eq!(index.tip(), Tip { sequence: 2, digest: Some("sha256:00".to_owned()) });
        assert_eq!(index.written("here", &[]).unwrap(), bytes);
        index.keep(1);
        let longer = index.written("here", &row(None).written().unwrap()).unwrap();
        assert_eq!(Index::read(&longer, "here").rows(), [row(Some(&gist())), row(None)]);
        index.keep(0);
        assert_eq!((index.tip(), index.rows().len()), (Tip::default(), 0));
    }

    #[test]
    fn bytes_that_are_not_plainly_an_index_of_the_ledger_are_none() {
        let bytes = kept();
        assert_eq!(Index::read(&bytes, "there"), Index::default());
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert_eq!(Index::read(&flipped, "here"), Index::default(), "byte {at}");
            assert_eq!(Index::read(&bytes[..at], "here"), Index::default(), "cut off at {at}");
        }
        // A sum that is right does not make it one: of another version, with half a row, or with nothing but letters.
        let summed = |body: &[u8]| [sha256(body).as_bytes(), body].concat();
        let body = &bytes[SUM..];
        assert_eq!(Index::read(&summed(body), "here").rows().len(), 2);
        for body in [[b"\x05other", &body[1..]].concat(), body[..body.len() - 1].to_vec(), vec![255; 99], Vec::new()] {
            assert_eq!(Index::read(&summed(&body), "here"), Index::default());
        }
    }

    /// Whoever changes what a row says, or how it is written, raises the number in `VERSION` and writes the new digest here.
    #[test]
    fn a_row_is_what_its_version_says() {
        assert!(VERSION.starts_with("countersign ledger index 1, "));
        let digest = sha256(&row(Some(&gist())).written().unwrap());
        assert_eq!(digest, "245f562ced5fc2be34129ad9a10fef64cbfe9342b5f709d5b408d4a1255429b2");
    }
}

//! One entry.

use crate::attestation::digest_of;
use serde::{Deserialize, Serialize};

const SCHEMA: &str = "countersign/ledger-entry/v1";

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1.
    pub sequence: u64,
    /// `sha256:…` of the entry before it; nothing for the first.
    pub previous: Option<String>,
    /// A Sigstore bundle, as JSON on one line.
    pub bundle: String,
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    schema: String,
    sequence: u64,
    previous: Option<String>,
    bundle: String,
}

/// Why bytes are no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEntry {
    /// It has other lines than two.
    #[error("it is cut off, or not an entry: it has not a header and a bundle, each on a line")]
    Lines,
    /// Its header is not written the one way there is.
    #[error("its header was altered, or is of a version that is not known")]
    Header,
    /// Its bundle is another one than its header says.
    #[error("its bundle was altered: it is not the one that the header names")]
    Bundle,
}

impl Entry {
    /// The bytes that are kept.
    pub fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let bundle = digest_of(self.bundle.as_bytes());
        let header = Header { schema: SCHEMA.to_owned(), sequence: self.sequence, previous: self.previous.clone(), bundle };
        Ok(format!("{}\n{}\n", serde_json::to_string(&header)?, self.bundle).into_bytes())
    }

    /// What is kept. There is one way to write an entry, so every byte of it matters.
    pub fn read(bytes: &[u8]) -> Result<Self, NotAnEntry> {
        let text = std::str::from_utf8(bytes).map_err(|_| NotAnEntry::Lines)?;
        let lines: Vec<&str> = text.strip_suffix('\n').ok_or(NotAnEntry::Lines)?.split('\n').collect();
        let [header, bundle] = lines[..] else { return Err(NotAnEntry::Lines) };
        let Header { schema, sequence, previous, bundle: digest } = serde_json::from_str(header).map_err(|_| NotAnEntry::Header)?;
        if digest != digest_of(bundle.as_bytes()) {
            return Err(NotAnEntry::Bundle);
        }
        let entry = Self { sequence, previous, bundle: bundle.to_owned() };
        if schema == SCHEMA && entry.bytes().is_ok_and(|written| written == bytes) { Ok(entry) } else { Err(NotAnEntry::Header) }
    }
}

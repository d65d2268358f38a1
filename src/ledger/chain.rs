//! Whether entries are a chain.

use super::{Entry, NotAnEntry};
use crate::attestation::authorization::v1::GateRun;
use crate::attestation::digest_of;

/// The end of a chain: what the next entry has to name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tip {
    /// How many entries there are.
    pub sequence: u64,
    /// `sha256:…` of the last; nothing for an empty chain.
    pub digest: Option<String>,
}

impl Tip {
    /// The entry after it.
    pub fn next(&self, bundle: String) -> Entry {
        Entry { sequence: self.sequence + 1, previous: self.digest.clone(), bundle }
    }

    /// The end that these bytes of an entry are, whatever was before them.
    pub fn of(bytes: &[u8]) -> Result<Self, NotAnEntry> {
        Ok(Self { sequence: Entry::read(bytes)?.sequence, digest: Some(digest_of(bytes)) })
    }
}

/// Why entries are no chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is none.
    #[error("entry {sequence}: {source}")]
    Entry {
        /// The number that it should have.
        sequence: u64,
        /// Why.
        source: NotAnEntry,
    },
    /// An entry is missing, or stands elsewhere.
    #[error("entry {expected} is missing or was moved: number {found} stands in its place")]
    Order {
        /// The number that it should have.
        expected: u64,
        /// The number that it has.
        found: u64,
    },
    /// An entry names another one before it.
    #[error("entry {sequence} follows another entry than the one that stands before it, so one of the two was altered")]
    Link {
        /// Its number.
        sequence: u64,
    },
    /// What was signed says another place.
    #[error("entry {sequence} was signed for another place in the chain")]
    Signed {
        /// Its number.
        sequence: u64,
    },
}

/// A chain that is followed from its first entry on.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    tip: Tip,
}

impl Chain {
    /// One that was followed up to here before.
    pub fn after(tip: Tip) -> Self {
        Self { tip }
    }

    /// The end so far.
    pub fn tip(&self) -> &Tip {
        &self.tip
    }

    /// Takes the next entry as it is kept.
    pub fn follow(&mut self, bytes: &[u8]) -> Result<Entry, Broken> {
        let expected = self.tip.sequence + 1;
        let entry = Entry::read(bytes).map_err(|source| Broken::Entry { sequence: expected, source })?;
        if entry.sequence != expected {
            return Err(Broken::Order { expected, found: entry.sequence });
        }
        if entry.previous != self.tip.digest {
            return Err(Broken::Link { sequence: expected });
        }
        self.tip = Tip { sequence: expected, digest: Some(digest_of(bytes)) };
        Ok(entry)
    }
}

impl Entry {
    /// Whether what was signed names this place.
    pub fn is_signed_for(&self, run: &GateRun) -> Result<(), Broken> {
        let is_here = run.sequence == Some(self.sequence) && run.previous == self.previous;
        if is_here { Ok(()) } else { Err(Broken::Signed { sequence: self.sequence }) }
    }
}

//! The population: every change of access that landed on a branch, and the record that settles each.
//!
//! A record settles what landed when it is about exactly those commits. Equal content is not enough: what was authorized in spring, taken
//! back in summer and put there again in autumn is a second change, and wants a second record.

use crate::attestation::authorization::v1::{Authorization, Record};

/// A commit on the line of first parents, and the state before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// The full id of the commit before it on the line.
    pub before: String,
    /// The full id of the commit.
    pub commit: String,
    /// What it merges: the full ids of its other parents.
    pub merged: Vec<String>,
}

/// How a record is about what landed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It is about this and nothing else.
    Itself,
    /// It is about a way along the line on which this lies. Whether no more landed than that is for the caller to compare.
    Part,
    /// The same of the branch that was merged here. That it had not been merged before is for the caller to see as well.
    Merge,
}

/// How a record is about the landing with this index; `line` goes from the oldest to the newest without a gap. `None` if it is not, or if it
/// settles nothing: what was only observed, and what is about some paths only.
pub fn fit(record: &Authorization, line: &[Landing], index: usize) -> Option<Fit> {
    if record.record == Record::Observed || !record.paths.is_empty() {
        return None;
    }
    let (base, head) = (record.base.commit.as_str(), record.head.commit.as_str());
    let landing = line.get(index)?;
    let begins = line.iter().position(|step| step.before == base);
    let ends = line.iter().position(|step| step.commit == head);
    if let (Some(begins), Some(ends)) = (begins, ends)
        && (begins..=ends).contains(&index)
    {
        return Some(if begins == ends { Fit::Itself } else { Fit::Part });
    }
    landing.merged.iter().any(|parent| parent == head).then_some(Fit::Merge)
}

/// What became of a change that landed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was authorized before.
    Authorized,
    /// It was settled afterwards: no prior approval, an exception for ever.
    Exception,
    /// It only takes access away, and nobody has to agree to that.
    Narrows,
    /// Nothing settles it.
    Missing,
    /// Nobody can tell whether it changes access, for this reason.
    Unknown(String),
}

impl Standing {
    /// Of what a record settles.
    pub fn of(record: Record) -> Self {
        if record == Record::Authorization { Self::Authorized } else { Self::Exception }
    }

    /// Whether something is owed.
    pub fn is_gap(&self) -> bool {
        matches!(self, Self::Missing | Self::Unknown(_))
    }

    /// In a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Authorized => "authorized",
            Self::Exception => "exception",
            Self::Narrows => "narrows",
            Self::Missing => "missing",
            Self::Unknown(_) => "unknown",
        }
    }
}

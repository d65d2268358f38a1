//! What an approval is bound to.

use crate::change::Entry;

/// How the content that a review is about compares with today's. Whoever has the repository works it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewedContent {
    /// The forge's id of the review.
    pub review: u64,
    /// How they compare.
    pub content: Content,
}

/// How the reviewed change compares with today's, both against the target branch of today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The reviewed commit is today's.
    SameCommit,
    /// Everything that the change does today was there.
    Contained,
    /// The change does more today: this much more.
    NotContained(Vec<Entry>),
    /// It cannot be compared, for the reason in this half-sentence: `the commit is gone from the forge`.
    Unknown(String),
}

impl Content {
    /// Whether an approval of it is one of today's change.
    pub fn counts(&self) -> bool {
        matches!(self, Self::SameCommit | Self::Contained)
    }
}

//! What is attached to a release: files by name.

/// A file of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name there.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Whether it is made from others: then it may be replaced, and nothing is lost while it is not there. Nothing else is ever replaced.
    pub is_derived: bool,
}

/// What became of a file that was to be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attached {
    /// It was not there, or not whole, and is there now.
    Written,
    /// It was there.
    AsItWas,
}

impl Attached {
    /// In a word or three.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written => "attached",
            Self::AsItWas => "was attached already",
        }
    }
}

//! From a byte offset to a line and a column.

use std::sync::Arc;

/// The starts of a text's lines, and the text, so that columns can be counted in characters.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    text: Arc<str>,
    starts: Vec<u32>,
}

impl Lines {
    pub(super) fn new(text: Arc<str>) -> Self {
        let after_newline = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| offset(at + 1));
        let starts = std::iter::once(0).chain(after_newline).collect();
        Self { text, starts }
    }

    /// 1-based line and 1-based column in characters.
    pub(super) fn locate(&self, at: u32) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start as usize..at as usize).unwrap_or("");
        (offset(line), offset(before.chars().count() + 1))
    }
}

/// Files are bounded far below 4 GiB; a larger offset stays at the end.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

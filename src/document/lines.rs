//! From a byte offset to a line and a column.

use super::offset;
use std::sync::{Arc, OnceLock};

/// A text and the starts of its lines. Most files never have anything said about them, so the starts are looked for when first asked.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    text: Arc<str>,
    starts: OnceLock<Vec<u32>>,
}

impl Lines {
    pub(super) fn new(text: Arc<str>) -> Self {
        Self { text, starts: OnceLock::new() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// 1-based line and 1-based column in characters; a byte order mark takes up no column.
    pub(super) fn locate(&self, at: u32) -> (u32, u32) {
        let starts = self.starts.get_or_init(|| starts(&self.text));
        let line = starts.partition_point(|start| *start <= at);
        let start = starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        (offset(line), column(&self.text, start, at))
    }
}

/// The same for one offset of a text, without keeping anything.
pub(super) fn locate(text: &str, at: u32) -> (u32, u32) {
    let before = text.get(..at as usize).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (offset(line), column(text, offset(start), at))
}

fn starts(text: &str) -> Vec<u32> {
    let after_newline = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| offset(at + 1));
    std::iter::once(0).chain(after_newline).collect()
}

fn column(text: &str, line_start: u32, at: u32) -> u32 {
    let before = text.get(line_start as usize..at as usize).unwrap_or("");
    let counted = if line_start == 0 { before.trim_start_matches('\u{feff}') } else { before };
    offset(counted.chars().count() + 1)
}

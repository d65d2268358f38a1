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

    /// A line by its number from 1: its first byte, and its text without the line end and a byte order mark.
    pub(super) fn line(&self, number: u32) -> Option<(usize, &str)> {
        let starts = self.starts.get_or_init(|| starts(&self.text));
        let index = (number as usize).checked_sub(1)?;
        let start = *starts.get(index)? as usize;
        let end = starts.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        let line = self.text.get(start..end)?;
        let mark = if start == 0 { line.len() - line.trim_start_matches('\u{feff}').len() } else { 0 };
        Some((start + mark, line.get(mark..)?.trim_end_matches(['\n', '\r'])))
    }

    /// The byte at a line and a column, as [`Self::locate`] counts them; past the end of the line, its end.
    pub(super) fn offset(&self, line: u32, column: u32) -> Option<usize> {
        let (start, text) = self.line(line)?;
        let before = text.char_indices().nth((column as usize).checked_sub(1)?);
        Some(start + before.map_or(text.len(), |(at, _)| at))
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

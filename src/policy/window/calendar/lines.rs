//! Content lines: `NAME;PARAMETER=VALUE:value`, which go on in the next line where that begins with a space or a tab.

use super::{At, Wrong};
use crate::document::{File, Span};

/// A line, put together again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// In capitals.
    pub(super) name: String,
    /// Names in capitals; values without quotes.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) value: String,
    pub(super) span: Span,
}

impl Line {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

/// The lines of a file that was read as such.
pub(super) fn lines(file: &File) -> At<Vec<Line>> {
    let written = file.documents.iter().flat_map(|document| document.items().unwrap_or_default());
    let mut whole: Vec<(Span, String)> = Vec::new();
    for node in written {
        let text = node.text().unwrap_or_default();
        match (text.strip_prefix([' ', '\t']), whole.last_mut()) {
            (Some(rest), Some((_, before))) => before.push_str(rest),
            _ => whole.push((node.span, text.to_owned())),
        }
    }
    whole.into_iter().filter(|(_, text)| !text.trim().is_empty()).map(|(span, text)| line(span, &text)).collect()
}

fn line(span: Span, text: &str) -> At<Line> {
    let wrong = || (span, Wrong::new("this is no line of a calendar", "write `NAME:value`, or fetch the whole file again"));
    let (before, value) = split(text, ':').ok_or_else(wrong)?;
    let mut parts = pieces(before, ';').into_iter();
    let name = parts.next().unwrap_or_default();
    let parameters: Option<Vec<(String, String)>> = parts
        .map(|part| part.split_once('=').map(|(name, value)| (name.to_ascii_uppercase(), value.trim_matches('"').to_owned())))
        .collect();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let parameters = parameters.filter(|_| is_name).ok_or_else(wrong)?;
    Ok(Line { name: name.to_ascii_uppercase(), parameters, value: value.trim_end().to_owned(), span })
}

/// At the first of a character that is not in quotes.
fn split(text: &str, at: char) -> Option<(&str, &str)> {
    let mut quoted = false;
    let found = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        !quoted && *c == at
    });
    found.and_then(|(index, c)| Some((text.get(..index)?, text.get(index + c.len_utf8()..)?)))
}

fn pieces(text: &str, at: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((piece, after)) = split(rest, at) {
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// Text in which commas, semicolons and line ends are written with a backslash, on one line.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => plain.extend(characters.next().map(|c| if matches!(c, 'n' | 'N') { ' ' } else { c })),
            c => plain.push(c),
        }
    }
    plain.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

//! The mutants that `cargo mutants` would make, as it lists them.

use serde::Deserialize;
use std::ops::Range;

/// One mutant.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Its number, from 1 on, by which it is switched on.
    pub id: usize,
    /// The file that it is in, from the root of the repository.
    pub file: String,
    /// In words: where, and what instead of what.
    pub name: String,
    /// The bytes of the file that it replaces.
    pub span: Range<usize>,
    /// What stands there instead; nothing where something is left out.
    pub replacement: String,
    /// What kind of code it changes.
    pub genre: Genre,
}

/// What kind of code a mutant changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Genre {
    /// The body of a function: a value of its type instead.
    FnValue,
    /// An operator between two operands: another.
    BinaryOperator,
    /// An operator before an operand: none.
    UnaryOperator,
    /// An arm of a match: none.
    MatchArm,
    /// The guard of an arm: `true` or `false`.
    MatchArmGuard,
    /// A field of a value that takes the others from another value: none.
    StructField,
}

#[derive(Deserialize)]
struct Listed {
    file: String,
    name: String,
    span: Lines,
    replacement: String,
    genre: Genre,
}

#[derive(Deserialize)]
struct Lines {
    start: Position,
    end: Position,
}

/// From 1 on; the column in characters.
#[derive(Deserialize)]
struct Position {
    line: usize,
    column: usize,
}

/// The mutants in a list in JSON, numbered. `text_of` is the content of a file.
pub fn read(json: &str, text_of: impl Fn(&str) -> Result<String, String>) -> Result<Vec<Mutant>, String> {
    let listed: Vec<Listed> = serde_json::from_str(json).map_err(|error| format!("this is no list of mutants: {error}"))?;
    let mutants = listed.into_iter().enumerate().map(|(index, listed)| {
        let text = text_of(&listed.file)?;
        let (start, end) = (offset(&text, &listed.span.start), offset(&text, &listed.span.end));
        let (Some(start), Some(end)) = (start, end) else {
            return Err(format!("`{}` is about a place that {} does not have", listed.name, listed.file));
        };
        let Listed { file, name, replacement, genre, .. } = listed;
        Ok(Mutant { id: index + 1, file, name, span: start..end, replacement, genre })
    });
    mutants.collect()
}

fn offset(text: &str, position: &Position) -> Option<usize> {
    let line_start = text.split_inclusive('\n').take(position.line - 1).map(str::len).sum::<usize>();
    let line = text.get(line_start..)?;
    let column = line.char_indices().map(|(at, _)| at).chain([line.len()]).nth(position.column - 1)?;
    Some(line_start + column)
}

/// A name that stays when lines are added above.
pub fn without_place(name: &str) -> String {
    let (place, what) = name.split_once(": ").unwrap_or(("", name));
    format!("{}: {what}", place.split(':').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_lines_and_characters() {
        let text = "é = 1;\nb == c";
        assert_eq!(offset(text, &Position { line: 1, column: 3 }), Some(3));
        assert_eq!(offset(text, &Position { line: 2, column: 3 }), Some(10));
        assert_eq!(offset(text, &Position { line: 2, column: 7 }), Some(14));
        assert_eq!(offset(text, &Position { line: 2, column: 9 }), None);
    }
}

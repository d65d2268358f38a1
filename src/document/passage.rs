//! Whole lines of a file, to show the statement that stands at a place.

use super::{File, Node, Value};

/// The lines of what stands at a place, up to where people stop reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Lines as they are written, so nothing in them is fit to be shown yet. `…` stands for an end that is left out.
    pub lines: Vec<String>,
    /// How many more lines there are.
    pub more: usize,
}

/// Past this many lines a passage is cut.
const MOST_LINES: usize = 12;

/// Past this many characters a line is cut, and before the place if it stands further out.
const MOST_CHARACTERS: usize = 160;

impl File {
    /// The lines of the outermost thing that begins at a line and a column, the whole line where nothing does; `None` where there is no
    /// such line.
    pub fn passage(&self, line: u32, column: u32) -> Option<Passage> {
        let start = self.lines.offset(line, column)?;
        let end = self.documents.iter().find_map(|document| end_of(document, start)).unwrap_or(start + 1);
        let meant = self.text().get(start..end).unwrap_or_default().trim_end();
        let count = meant.matches('\n').count() + 1;
        let numbers = (line..).take(count.min(MOST_LINES));
        let mut lines: Vec<String> = numbers.filter_map(|number| self.lines.line(number)).map(|(_, text)| cut(text)).collect();
        let (begins, first) = self.lines.line(line)?;
        let before = first.get(..start.checked_sub(begins)?)?;
        if before.chars().count() > MOST_CHARACTERS / 2
            && let Some(shown) = lines.first_mut()
        {
            *shown = format!("…{}", cut(first.get(before.len()..)?));
        }
        Some(Passage { lines, more: count.saturating_sub(MOST_LINES) })
    }
}

/// Where the outermost thing ends that begins at a byte.
fn end_of(node: &Node, start: usize) -> Option<usize> {
    if node.span.start as usize == start {
        return Some(node.span.end as usize);
    }
    below(&node.value, start)
}

/// What came through an alias stands elsewhere, so that no span says where not to look.
fn below(value: &Value, start: usize) -> Option<usize> {
    match value {
        Value::Scalar(_) => None,
        Value::Sequence(items) => items.iter().find_map(|item| end_of(item, start)),
        Value::Mapping(entries) => entries.iter().find_map(|(key, value)| end_of(key, start).or_else(|| end_of(value, start))),
        Value::Tagged(tagged) => below(&tagged.value, start),
    }
}

fn cut(line: &str) -> String {
    let line = line.trim_end();
    match line.char_indices().nth(MOST_CHARACTERS) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, Syntax, parse};

    fn passage(text: &str, syntax: Syntax, line: u32, column: u32) -> (Vec<String>, usize) {
        let file = parse("a", text.as_bytes(), syntax, &Bounds::default()).unwrap();
        file.passage(line, column).map(|passage| (passage.lines, passage.more)).unwrap_or_default()
    }

    #[test]
    fn all_lines_of_the_outermost_thing_that_begins_there_are_shown() {
        let json = "{\n  \"a\": [\n    {\n      \"b\": 1\n    },\n    2\n  ]\n}\n";
        assert_eq!(passage(json, Syntax::Json, 3, 5).0, ["    {", "      \"b\": 1", "    },"]);
        let yaml = "rules:\n  - verbs: [get]\n    resources: [pods]\n\n# end\nnext: 1\n";
        assert_eq!(passage(yaml, Syntax::Yaml, 2, 5).0, ["  - verbs: [get]", "    resources: [pods]"]);
        assert_eq!(passage("* @a\n/b @c\n", Syntax::Lines, 2, 1).0, ["/b @c"]);
    }

    #[test]
    fn a_long_passage_and_a_long_line_are_cut() {
        let long = format!("[\n{}0]", "0,\n".repeat(40));
        let (lines, more) = passage(&long, Syntax::Json, 1, 1);
        assert_eq!((lines.len(), more), (12, 30));
        let wide = format!("[{}{{\"a\": \"{}\"}}]", "0,".repeat(100), "x".repeat(400));
        let (lines, _) = passage(&wide, Syntax::Json, 1, 202);
        assert!(lines[0].starts_with("…{\"a\"") && lines[0].ends_with("x…") && lines[0].chars().count() == 162, "{lines:?}");
        assert_eq!(passage(&wide, Syntax::Json, 9, 1), Default::default());
    }
}

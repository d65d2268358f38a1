//! Lines of a file, to show what a remark about it means.

use super::lines::Lines;
use super::{File, Node, Place, Value};
use std::collections::BTreeMap;
use std::ops::Range;

/// A line up to where people stop reading, and the part of it that is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quote {
    /// The line as it is written, so nothing in it is fit to be shown yet. `…` stands for an end that is far behind the part.
    pub line: String,
    /// The first byte of the part in `line`.
    pub start: usize,
    /// One past its last byte; an empty part stands at the end of the line.
    pub end: usize,
}

/// Characters that are kept before the part, so that its column can be counted. What stands further out is not quoted at all.
const BEFORE: usize = 4_000;

/// Characters that are kept from the beginning of the part on.
const AFTER: usize = 120;

impl Quote {
    /// What stands at a place of a text that could not be read, as many bytes of it as are meant, and at least one character.
    pub fn of(text: &str, place: &Place, bytes: usize) -> Option<Self> {
        let lines = Lines::new(text.into());
        let at = lines.offset(place.line, place.column)?;
        let end = text.ceil_char_boundary(at + bytes.max(1));
        Self::of_part(lines.line(place.line)?, &(at..end))
    }

    /// A part that goes on into the next lines ends with this one.
    fn of_part((begins, line): (usize, &str), part: &Range<usize>) -> Option<Self> {
        let start = part.start.checked_sub(begins)?.min(line.len());
        let end = part.end.saturating_sub(begins).min(line.trim_end().len()).max(start);
        if line.get(..start)?.chars().count() > BEFORE {
            return None;
        }
        let kept = line.get(start..)?.char_indices().nth(AFTER).map(|(at, _)| start + at);
        let text = kept.map_or_else(|| line.trim_end().to_owned(), |kept| format!("{}…", line.get(..kept).unwrap_or_default()));
        Some(Self { start: start.min(text.len()), end: end.min(text.len()), line: text })
    }
}

impl File {
    /// What stands at each of these lines and columns: there the innermost value or key that begins begins, as far as it goes.
    pub fn quotes(&self, places: &[(u32, u32)]) -> BTreeMap<(u32, u32), Quote> {
        let offset = |place: &(u32, u32)| Some((self.lines.offset(place.0, place.1)?, *place));
        let wanted: BTreeMap<usize, (u32, u32)> = places.iter().filter_map(offset).collect();
        let mut ends = wanted.keys().map(|at| (*at, None)).collect();
        self.documents.iter().for_each(|document| extents(document, &mut ends));
        let quote = |(at, end): (usize, Option<usize>)| {
            let place = *wanted.get(&at)?;
            Some((place, Quote::of_part(self.lines.line(place.0)?, &(at..end.unwrap_or(at + 1)))?))
        };
        ends.into_iter().filter_map(quote).collect()
    }
}

/// How far the innermost thing goes that begins at each of these bytes.
fn extents(node: &Node, ends: &mut BTreeMap<usize, Option<usize>>) {
    let (start, end) = (node.span.start as usize, node.span.end as usize);
    if let Some(known) = ends.get_mut(&start) {
        *known = Some(known.map_or(end, |known| known.min(end)));
    }
    if ends.range(start..end).next().is_some() {
        children(&node.value, &mut |child| extents(child, ends));
    }
}

fn children(value: &Value, visit: &mut dyn FnMut(&Node)) {
    match value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(visit),
        Value::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            visit(key);
            visit(value);
        }),
        Value::Tagged(tagged) => children(&tagged.value, visit),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, Syntax, parse};
    use super::*;

    /// The line with what is meant between `»` and `«`.
    fn marked(quote: &Quote) -> String {
        let Quote { line, start, end } = quote;
        format!("{}»{}«{}", &line[..*start], &line[*start..*end], &line[*end..])
    }

    fn at(text: &str, line: u32, column: u32) -> String {
        let file = parse("a.yml", text.as_bytes(), Syntax::Yaml, &Bounds::default()).unwrap();
        marked(&file.quotes(&[(line, column)])[&(line, column)])
    }

    #[test]
    fn the_innermost_thing_that_begins_at_the_place_is_meant() {
        assert_eq!(at("rules:\n  - { name: x, when: {} }\n", 2, 5), "  - »{ name: x, when: {} }«");
        assert_eq!(at("rules:\n  - name: x\n    when: {}\n", 2, 5), "  - »name«: x");
        assert_eq!(at("a: \"ünïcode\" # why\n", 1, 4), "a: »\"ünïcode\"« # why");
        assert_eq!(at("ü: [é, ß]\n", 1, 8), "ü: [é, »ß«]");
    }

    #[test]
    fn what_goes_on_in_the_next_line_ends_with_its_first() {
        assert_eq!(at("a:\n  [1,   \r\n   2]\r\n", 2, 3), "  »[1,«");
        assert_eq!(at("a: |\n  one\n  two\n", 2, 3), "  »one«");
    }

    #[test]
    fn a_byte_order_mark_is_neither_shown_nor_counted() {
        assert_eq!(at("\u{feff}a: b\n", 1, 4), "a: »b«");
    }

    #[test]
    fn of_a_very_long_line_the_end_is_left_out_and_far_out_everything() {
        let text = format!("{{ {}, here: x, {} }}\n", "a: b".repeat(100), "c".repeat(1000));
        let of = |column| Quote::of(&text, &Place { line: 1, column, ..Place::file("a") }, 4);
        let quote = of(405).unwrap();
        assert!(marked(&quote).contains("»here«: x") && quote.line.ends_with('…'), "{quote:?}");
        assert_eq!(quote.line.chars().count(), 404 + AFTER + 1);
        assert_eq!(Quote::of(&"x".repeat(10_000), &Place { line: 1, column: 5_000, ..Place::file("a") }, 1), None);
    }

    #[test]
    fn a_place_past_the_end_of_a_line_is_its_end_and_past_the_last_line_is_nothing() {
        let of = |line, column| Quote::of("abc\r\nü\n", &Place { line, column, ..Place::file("a") }, 0);
        assert_eq!(marked(&of(1, 9).unwrap()), "abc»«");
        assert_eq!(marked(&of(2, 1).unwrap()), "»ü«");
        assert_eq!(marked(&of(3, 1).unwrap()), "»«");
        assert_eq!((of(4, 1), of(0, 0)), (None, None));
    }
}

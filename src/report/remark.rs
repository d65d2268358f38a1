//! A remark about the user's files on a terminal: what is wrong, where, the line itself, and what to do next.

use super::shown::{in_place, shown};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Place, Quote};
use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer, Snippet};

/// The remark with an empty line after it. Everything that a user wrote is made visible.
pub fn remark(diagnostic: &Diagnostic) -> String {
    let Diagnostic { place, code, severity, message, help, quote } = diagnostic;
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(shown(message)).id(*code);
    let group = match quote {
        Some(quote) => title.element(snippet(quote, place)),
        None => title.element(origin(place)),
    };
    let group = group.elements(help.as_ref().map(|help| Level::HELP.message(shown(help))));
    Renderer::styled().render(&[group]) + "\n\n"
}

fn origin(place: &Place) -> Origin<'static> {
    let origin = Origin::path(shown(&place.name()));
    match place.line {
        0 => origin,
        line => origin.line(line as usize).char_column(place.column as usize),
    }
}

/// The line itself. Its tabs are left to the renderer, which counts them as one character and shows them as four.
fn snippet(quote: &Quote, place: &Place) -> Snippet<'static, Annotation<'static>> {
    let Quote { line, start, end } = quote;
    let part = |from: usize, to: usize| {
        let visible = line.get(from..to).unwrap_or_default().split('\t').map(in_place);
        visible.collect::<Vec<_>>().join("\t")
    };
    let (before, meant, after) = (part(0, *start), part(*start, *end), part(*end, line.len()));
    let span = before.len()..before.len() + meant.len();
    let snippet = Snippet::source([before, meant, after].concat()).path(shown(&place.path)).line_start(place.line as usize);
    snippet.annotation(AnnotationKind::Primary.span(span))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(diagnostic: &Diagnostic) -> String {
        anstream::adapter::strip_str(&remark(diagnostic)).to_string()
    }

    fn quoted(line: &str, start: usize, end: usize) -> String {
        let place = Place { line: 12, column: 7, ..Place::file("countersign.yml") };
        let quote = Some(Box::new(Quote { line: line.to_owned(), start, end }));
        plain(&Diagnostic { quote, ..Diagnostic::error("unknown-name", place, "`x` is no group here").help("known here: `a`") })
    }

    #[test]
    fn the_line_is_shown_with_what_is_meant_underlined() {
        insta::assert_snapshot!(quoted("  - { from: x }", 12, 13), @r"
error[unknown-name]: `x` is no group here
  --> countersign.yml:12:13
   |
12 |   - { from: x }
   |             ^
   |
   = help: known here: `a`
");
    }

    #[test]
    fn columns_are_right_behind_wide_letters_and_tabs() {
        insta::assert_snapshot!(quoted("\tü: 日本 # x", 8, 11), @r"
error[unknown-name]: `x` is no group here
  --> countersign.yml:12:6
   |
12 |     ü: 日本 # x
   |          ^^
   |
   = help: known here: `a`
");
    }

    #[test]
    fn the_end_of_a_line_can_be_meant() {
        insta::assert_snapshot!(quoted("  - {", 5, 5), @r"
error[unknown-name]: `x` is no group here
  --> countersign.yml:12:6
   |
12 |   - {
   |      ^
   |
   = help: known here: `a`
");
    }

    #[test]
    fn what_would_move_the_cursor_or_hide_a_letter_is_shown_as_its_number() {
        insta::assert_snapshot!(quoted("a: \u{1b}[2J\u{202e}x\u{200b}y", 10, 11), @r"
error[unknown-name]: `x` is no group here
  --> countersign.yml:12:9
   |
12 | a: ␛[2J�x�y
   |         ^
   |
   = help: known here: `a`
");
    }

    #[test]
    fn a_long_line_is_cut_around_what_is_meant() {
        insta::assert_snapshot!(quoted(&format!("{{ {}, here: x }}", "a: b, ".repeat(100)), 604, 608), @r"
error[unknown-name]: `x` is no group here
  --> countersign.yml:12:605
   |
12 | ...a: b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, , here: x }
   |                                                                  ^^^^
   |
   = help: known here: `a`
");
    }

    #[test]
    fn without_a_line_there_is_the_place() {
        let whole = Diagnostic::warning("empty-file", Place::file("a\nb.yml"), "this policy file says nothing");
        insta::assert_snapshot!(plain(&whole), @r"
warning[empty-file]: this policy file says nothing
--> a\u{a}b.yml
");
        let place = Place { line: 3, column: 9, ..Place::file("a.json") };
        insta::assert_snapshot!(plain(&Diagnostic::note("x", place, "this is so").help("do that")), @r"
note[x]: this is so
--> a.json:3:9
 = help: do that
");
    }
}

//! Texts that want to be more than text, in every place that a report has for one.

use super::forms::{FORMS, wrong};
use super::sample::Sample;
use proptest::prelude::*;

/// What readers of logs, terminals, Markdown, SARIF and JSON give a meaning to.
pub const PIECES: &[&str] = &[
    "::error::",
    "::set-output name=a::b",
    "::stop-commands::x",
    "##[group]",
    "##[add-mask]a",
    "##vso[task.x]",
    "#",
    "##",
    "\n",
    "\r\n",
    "\n\n",
    "\t",
    "\0",
    "<img src=x onerror=alert(1)>",
    "</details>",
    "<details>",
    "</sub>",
    "<!--",
    "-->",
    "<script>",
    "<b>",
    "&lt;",
    "&#64;",
    "<https://evil.example>",
    "[a](https://evil.example)",
    "![a](https://evil.example/x.png)",
    "[a]: https://evil.example",
    "[a][b]",
    "[^1]",
    "](1)",
    "{0}",
    "{1",
    "{",
    "}",
    "@acme/all",
    "@mallory",
    "mallory@evil.example",
    "#1",
    "GH-1",
    "ABC-123",
    "acme/infra#2",
    "acme/infra@deadbeef",
    "!3",
    "$4",
    "%5",
    "~label",
    "&6",
    ":tada:",
    "https://evil.example/",
    "www.evil.example",
    "http://",
    "deadbeefdeadbeef",
    "1234567",
    "`",
    "``",
    "```",
    "~~~",
    " ` ",
    "|",
    "\\",
    "\\`",
    "\\|",
    "*",
    "**",
    "_",
    "~~",
    "$`a`$",
    "> ",
    "- ",
    "- [ ] ",
    "1. ",
    "# ",
    "===",
    "---",
    "/approve",
    "/merge\n/lgtm",
    "\u{1b}[2J",
    "\u{1b}]8;;https://evil.example\u{7}",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{feff}",
    "\u{e0041}",
    "\u{7f}",
    "\u{85}",
    " ",
    "  ",
    "    ",
    "a",
    "role",
    "'",
    "\"",
    "(",
    ")",
    ".",
    ",",
    ";",
    ":",
    "é",
    "🙂",
    "ى",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::collection::vec(prop::sample::select(PIECES), 0..6).prop_map(|pieces| pieces.concat()),
        2 => any::<String>(),
        1 => (prop::sample::select(PIECES), 1_usize..800).prop_map(|(piece, times)| piece.repeat(times)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_somebody_wrote_is_more_than_text(texts in prop::collection::vec(text(), 1..40)) {
        let sample = Sample::of(&texts);
        for form in FORMS {
            for report in [sample.diff(form), sample.check(form)] {
                prop_assert_eq!(wrong(form, &report), Vec::<String>::new(), "{:?} of {:?}:\n{}", form, &texts, report);
            }
        }
    }
}

/// One after the other, so that none is forgotten by chance.
#[test]
fn no_single_piece_is_more_than_text() {
    for piece in PIECES {
        for text in [(*piece).to_owned(), format!("a {piece} b"), format!("{piece}{piece}")] {
            let sample = Sample::of(&[text]);
            for form in FORMS {
                for report in [sample.diff(form), sample.check(form)] {
                    assert_eq!(wrong(form, &report), Vec::<String>::new(), "{form:?} of {piece:?}:\n{report}");
                }
            }
        }
    }
}

//! Text that somebody else wrote, in Markdown: as code, so that it is no link, image, HTML, mention, reference or emoji. GitHub and GitLab
//! look for mentions and references in what Markdown has become, where a backslash is gone: only code keeps them out.

use crate::report::shown::shown;

/// Past this many bytes a name is cut in its middle: whoever compares two looks at both ends.
const MOST_BYTES: usize = 180;

/// What remains of the end of a name that is cut.
const END_BYTES: usize = 60;

/// Past this many bytes a sentence ends.
const MOST_SENTENCE: usize = 2_000;

/// What stands for text that is not there.
const EMPTY: &str = "(empty)";

/// Past this many letters a word is none that we would write.
const MOST_LETTERS: usize = 40;

/// Past this many backticks in a row they are shown as numbers, so that no fence is longer than what it holds.
const MOST_BACKTICKS: usize = 3;

/// The text as a code span. Its fence is longer than every run of backticks inside, and it is one line.
pub(super) fn code(text: &str) -> String {
    // Whoever looks for a comment of ours by its marker finds the one that we wrote.
    let text = shown(text).replace("<!--", "\\u{3c}!--");
    let text = cut(&if longest_run(&text) > MOST_BACKTICKS { text.replace('`', "\\u{60}") } else { text });
    if text.is_empty() {
        return EMPTY.to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // A space at both ends is taken away when Markdown is read; without it a backtick there would join the fence, and a space be lost.
    let padding = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{padding}{text}{padding}{fence}")
}

/// A sentence of ours. What stands in backticks is code, and so is every word that could be anything but a word.
pub(in crate::report) fn prose(sentence: &str) -> String {
    if sentence.trim().is_empty() {
        return EMPTY.to_owned();
    }
    let mut out = String::new();
    let last = sentence.split('`').count() - 1;
    for (index, piece) in sentence.split('`').enumerate() {
        match index % 2 {
            1 => push_code(piece, &mut out),
            _ => words(piece, index > 0, index < last, &mut out),
        }
        if out.len() > MOST_SENTENCE {
            return format!("{}…", out.trim_end());
        }
    }
    out
}

/// Lines that a reader can take over as they are, in the fence that GitHub and GitLab read as a suggestion. `None` if they hold anything
/// that a reader would not see: nobody takes over what they cannot read.
pub(super) fn suggested(lines: &str) -> Option<String> {
    let is_plain = lines.lines().all(|line| line.replace('\t', " ") == shown(&line.replace('\t', " ")));
    let fence = "`".repeat(longest_run(lines).max(2) + 1);
    (is_plain && !lines.contains('\r')).then(|| format!("{fence}suggestion\n{lines}\n{fence}"))
}

/// The words of a piece of a sentence, between code or at its ends. Spaces stay where they are.
fn words(piece: &str, after_code: bool, before_code: bool, out: &mut String) {
    let last = piece.split(' ').count() - 1;
    for (index, word) in piece.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if out.len() > MOST_SENTENCE {
            return;
        }
        let closes = after_code && index == 0 && matches!(word, "," | ";" | ":" | "." | ")" | ")," | ");" | "'s");
        let opens = before_code && index == last && word == "(";
        if word.is_empty() || closes || opens || is_tame(word) {
            out.push_str(word);
        } else {
            push_code(word, out);
        }
    }
}

/// Two code spans never touch: the fences would be one.
fn push_code(text: &str, out: &mut String) {
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(&code(text));
}

/// Whether a word is only a word, a number, a date or a time of day to every reader of Markdown: no `@a`, `#1`, `GH-1`, `www.a.b`, `*a*`, and
/// no abbreviated commit.
fn is_tame(word: &str) -> bool {
    let core = word.trim_start_matches('(').trim_end_matches([')', '.', ',', ';', ':', '…']);
    let is_letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_digits = |part: &str| (1..=6).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_commit = core.len() > 6 && core.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_words = core.split(['-', '/', '\'', '’']).all(is_letters);
    let is_number = core.split(['-', ':']).all(is_digits) && !core.contains("::");
    word.len() <= MOST_LETTERS && !is_commit && (is_words || (is_number && !begins_a_list(word)))
}

/// `1.` and `1)` begin a list where they begin a line.
fn begins_a_list(word: &str) -> bool {
    word.strip_suffix(['.', ')']).is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// The text, or both its ends and how much is missing between them.
fn cut(text: &str) -> String {
    if text.len() <= MOST_BYTES {
        return text.to_owned();
    }
    let start = text.floor_char_boundary(MOST_BYTES - END_BYTES);
    let end = text.ceil_char_boundary(text.len() - END_BYTES);
    match (text.get(..start), text.get(end..)) {
        (Some(first), Some(last)) => format!("{first}…({} more)…{last}", end - start),
        // Both are boundaries, so this is never reached; what cannot be shown is said to be so.
        _ => "(not shown)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_code_whose_fence_is_longer_than_what_is_inside() {
        assert_eq!(code("role/a"), "`role/a`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("````"), "`\\u{60}\\u{60}\\u{60}\\u{60}`");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code("a\nb"), "`a\\u{a}b`");
        assert_eq!(code("<!-- countersign v1 -->"), "`\\u{3c}!-- countersign v1 -->`");
        assert_eq!(code(""), "(empty)");
        assert_eq!(code(" "), "`   `");
    }

    #[test]
    fn a_name_without_end_is_cut_in_the_middle() {
        let cut = code(&("a".repeat(300) + "ü" + &"b".repeat(300)));
        assert!(cut.len() < 220 && cut.starts_with("`aaa") && cut.ends_with("bbb`") && cut.contains("…(422 more)…"), "{cut}");
    }

    #[test]
    fn in_a_sentence_everything_that_is_not_a_word_is_code() {
        assert_eq!(
            prose("1 approval from `ops` needed; 1 missing: carol or dave could approve"),
            "1 approval from `ops` needed; 1 missing: carol or dave could approve"
        );
        assert_eq!(prose("ask @acme/all, #1 or GH-1"), "ask `@acme/all,` `#1` or `GH-1`");
        assert_eq!(
            prose("open until Tuesday 2026-11-24 17:00 GMT (Europe/London)"),
            "open until Tuesday 2026-11-24 17:00 GMT (Europe/London)"
        );
        for hostile in [
            "<b>",
            "*a*",
            "_a_",
            "www.a.b",
            "a@b.c",
            "https://a",
            "deadbeef",
            "1234567",
            "[a](b)",
            "&lt;",
            "1.",
            "-",
            "~~a~~",
            ":a:",
            "a|b",
            "\\",
        ] {
            assert_eq!(prose(&format!("a {hostile} b")), format!("a `{hostile}` b"));
        }
        assert_eq!(prose("a `unclosed <b>"), "a `unclosed <b>`");
        assert_eq!(prose("`a`: (`b`), `c`'s and : (`d` e)"), "`a`: (`b`), `c`'s and `:` (`d` e)");
    }
}

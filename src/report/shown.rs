//! Text from a change as a terminal and a log may see it, and JSON that both may see.

use serde::Serialize;
use std::fmt::Write;

/// The text with everything made visible that could move a cursor, hide a letter, turn the reading direction or command whoever reads
/// the log of a pipeline: a runner obeys `::` at the start of a line and `##[` (`##vso[`, `##teamcity[`) anywhere in it.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let begins_a_command = text.trim_start().starts_with("::");
    for (index, c) in text.char_indices() {
        let commands = (c == ':' && begins_a_command && out.trim().is_empty()) || (c == '#' && text.get(..index).is_some_and(ends_in_hash));
        if commands || c.is_control() || is_invisible(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

fn ends_in_hash(text: &str) -> bool {
    text.ends_with('#')
}

/// The value as JSON, two spaces a level, in which nothing is written raw that [`shown`] would not show: a reader of the JSON gets the
/// same text, a log and a terminal get letters.
pub(super) fn json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let written = serde_json::to_string_pretty(value)?;
    let mut out = String::with_capacity(written.len() + 1);
    for (index, c) in written.char_indices() {
        // Outside of its strings JSON has neither `#` nor anything invisible but line ends and spaces.
        let hides = (c.is_control() && c != '\n') || is_invisible(c) || (c == '#' && written.get(..index).is_some_and(ends_in_hash));
        if hides { escape(c, &mut out) } else { out.push(c) }
    }
    out.push('\n');
    Ok(out)
}

fn escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// The same, a character for a character, so that columns stay what they are.
pub(super) fn in_place(text: &str) -> String {
    let visible = |c: char| match u32::from(c) {
        code @ 0..0x20 => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '␡',
        _ if c.is_control() || is_invisible(c) => char::REPLACEMENT_CHARACTER,
        _ => c,
    };
    // `##[` is a command to some runners, wherever it stands.
    text.chars().map(visible).collect::<String>().replace("##[", "#\u{fffd}[")
}

/// Format characters of Unicode that change how others are shown: bidirectional controls, joiners, fillers, tags.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e
        | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0xe0000..=0xe0fff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_move_the_cursor_or_hide_a_letter_is_shown_as_its_number() {
        assert_eq!(shown("a\u{1b}[2Jb\n::error::\u{202e}c"), "a\\u{1b}[2Jb\\u{a}::error::\\u{202e}c");
        assert_eq!(shown("arn:aws:s3:::ünïcode/*"), "arn:aws:s3:::ünïcode/*");
    }

    #[test]
    fn what_would_command_a_runner_is_shown_as_its_number() {
        assert_eq!(shown("::error::x"), "\\u{3a}:error::x");
        assert_eq!(shown("  ::error::x"), "  \\u{3a}:error::x");
        assert_eq!(shown("a::b"), "a::b");
        assert_eq!(shown("a##[group]b###"), "a#\\u{23}[group]b#\\u{23}\\u{23}");
    }

    #[test]
    fn json_says_the_same_in_letters() {
        let text = "a\u{1b}\u{7f}\u{202e}\u{e0041}\n##[group]ü";
        let written = json(&vec![text]).unwrap();
        assert_eq!(written, "[\n  \"a\\u001b\\u007f\\u202e\\udb40\\udc41\\n#\\u0023[group]ü\"\n]\n");
        assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), [text]);
    }

    #[test]
    fn in_place_every_character_stays_one() {
        assert_eq!(in_place("a\u{1b}[2J\n\u{202e}c\u{7f}\u{85}ü ##[group]"), "a␛[2J␊\u{fffd}c␡\u{fffd}ü #\u{fffd}[group]");
    }
}

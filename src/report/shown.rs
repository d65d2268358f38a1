//! Text from a change as a terminal may see it.

/// The text with everything made visible that could move a cursor, hide a letter or turn the reading direction.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_invisible(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
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
}

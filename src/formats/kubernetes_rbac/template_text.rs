//! Whether the text of a template, which no reader of YAML takes before it is rendered, is of a role or a binding.

use super::KINDS;
use memchr::memmem;

/// Whether these bytes are a template of one of our objects, whose group a template may well fill in, and whose kind as well.
pub fn is_template_of_ours(bytes: &[u8]) -> bool {
    let is_filled_in = |value: &[u8]| memmem::find(value, b"{{").is_some();
    let lines = || bytes.split(|byte| *byte == b'\n');
    let may_be_kind = |line: &[u8]| {
        let Some((at, _)) = value_of(line, b"kind").filter(|(_, kind)| is_filled_in(kind)) else { return false };
        lines().filter_map(|line| value_of(line, b"apiVersion")).any(|(other, version)| other == at && is_filled_in(version))
    };
    let parts: Vec<&[u8]> = bytes.split(|byte| matches!(byte, b'\n' | b',' | b'{')).collect();
    let is_kind = |(at, part): (usize, &&[u8])| {
        is_asked_for(part, b"kind")
            || value_of(part, b"kind").is_some_and(|(_, kind)| may_be_ours(kind, parts.get(at + 1..).unwrap_or_default()))
    };
    is_filled_in(bytes) && (parts.iter().enumerate().any(is_kind) || lines().any(may_be_kind))
}

/// Whether a kind may be one of ours, or begins here and goes on in the lines behind.
fn may_be_ours(kind: &[u8], behind: &[&[u8]]) -> bool {
    let mut kind = kind.trim_ascii();
    // An anchor or a tag stands before what it is of.
    while kind.starts_with(b"&") || kind.starts_with(b"!") {
        let end = kind.iter().position(u8::is_ascii_whitespace).unwrap_or(kind.len());
        kind = kind.get(end..).unwrap_or_default().trim_ascii();
    }
    let kind = kind.split(|byte| matches!(byte, b'}' | b']' | b'#')).next().unwrap_or_default().trim_ascii();
    if kind.is_empty() || kind.starts_with(b">") || kind.starts_with(b"|") {
        let next = behind.iter().find(|line| !matches!(line.trim_ascii().first(), None | Some(b'#')));
        return next.is_some_and(|line| may_be_ours(line, &[]));
    }
    let is_spelt_otherwise = kind.starts_with(b"*") || (kind.starts_with(b"\"") && kind.contains(&b'\\'));
    is_spelt_otherwise || KINDS.iter().any(|known| known.as_bytes() == unquoted(kind))
}

/// Whether a line is `? key`, and what is asked for stands in the next.
fn is_asked_for(line: &[u8], key: &[u8]) -> bool {
    line.trim_ascii().strip_prefix(b"?").is_some_and(|rest| unquoted(rest.trim_ascii()) == key)
}

/// Where a key stands in its line, and what stands behind it.
pub(super) fn value_of<'l>(line: &'l [u8], key: &[u8]) -> Option<(usize, &'l [u8])> {
    let at = line.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'-'))?;
    let rest = line.get(at..)?;
    let quotes: [&[u8]; 3] = [b"", b"\"", b"'"];
    let rest = quotes.iter().find_map(|quote| rest.strip_prefix(*quote)?.strip_prefix(key)?.strip_prefix(*quote))?;
    Some((at, rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii()))
}

fn unquoted(text: &[u8]) -> &[u8] {
    [b"\"", b"'"].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(text)
}

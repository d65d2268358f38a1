//! The actions of a template, `{{ … }}`: <https://pkg.go.dev/text/template#hdr-Actions>.

use std::borrow::Cow;
use std::ops::Range;

/// An action, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Action<'t> {
    pub(super) at: Range<usize>,
    /// What stands between the braces; empty for a comment.
    pub(super) text: &'t str,
}

impl<'t> Action<'t> {
    /// All actions of a text, in order.
    pub(super) fn all(text: &'t str) -> Vec<Self> {
        let (mut found, mut from) = (Vec::new(), 0);
        while let Some(start) = text.get(from..).and_then(|rest| rest.find("{{")).map(|at| from + at) {
            let inside = text.get(start + 2..).unwrap_or_default();
            let is_comment = inside.trim_start_matches(['-', ' ', '\t', '\r', '\n']).starts_with("/*");
            let ends = if is_comment { inside.find("*/").and_then(|at| Some(at + inside.get(at..)?.find("}}")?)) } else { end_of(inside) };
            let length = ends.unwrap_or(inside.len());
            let own = inside.get(..length).filter(|_| !is_comment).unwrap_or_default();
            from = (start + 2 + length + 2).min(text.len());
            found.push(Self { at: start..from, text: own.trim_matches(['-', ' ', '\t', '\r', '\n']) });
        }
        found
    }

    /// The word that it begins with: a keyword or a function, if it is one.
    pub(super) fn word(&self) -> &'t str {
        self.text.split(|letter: char| !is_part_of_a_name(letter)).next().unwrap_or_default()
    }

    /// Whether something stands between it and its `end`.
    pub(super) fn opens(&self) -> bool {
        matches!(self.word(), "if" | "range" | "with" | "define" | "block")
    }

    /// Whether what it comes to is written into the text.
    pub(super) fn writes(&self) -> bool {
        let is_empty = self.text.is_empty();
        let is_control = matches!(self.word(), "if" | "else" | "end" | "range" | "with" | "define" | "break" | "continue" | "fail");
        let assigns = self.text.strip_prefix('$').is_some_and(|rest| {
            let rest = rest.trim_start_matches(is_part_of_a_name).trim_start();
            rest.starts_with('=') || rest.starts_with(":=")
        });
        !is_empty && !is_control && !assigns
    }

    /// What stands behind each call of a function.
    pub(super) fn arguments(&self, function: &str) -> impl Iterator<Item = &'t str> + use<'t> {
        let (text, length) = (self.text, function.len());
        let of_a_name = |letter: char| is_part_of_a_name(letter) || matches!(letter, '.' | '$');
        let starts: Vec<usize> = text.match_indices(function).map(|(at, _)| at).collect();
        starts.into_iter().filter_map(move |at| {
            let before = text.get(..at)?.chars().next_back();
            let after = text.get(at + length..)?;
            let is_whole = !before.is_some_and(of_a_name) && !after.chars().next().is_some_and(of_a_name);
            is_whole.then(|| after.trim_start())
        })
    }
}

/// Where an action ends: braces in a text or a letter do not count.
fn end_of(inside: &str) -> Option<usize> {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, letter) in inside.char_indices() {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some('"' | '\'') if letter == '\\' => is_escaped = true,
            Some(open) if open == letter => quote = None,
            None if matches!(letter, '"' | '`' | '\'') => quote = Some(letter),
            None if inside.get(at..).is_some_and(|rest| rest.starts_with("}}")) => return Some(at),
            Some(_) | None => {}
        }
    }
    None
}

pub(super) fn is_part_of_a_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The same text without the escapes of Go by which letters, digits and what joins them in a name may be spelt:
/// <https://go.dev/ref/spec#Rune_literals>.
pub(super) fn without_escapes(text: &str) -> Cow<'_, str> {
    let mut parts = text.split('\\');
    let Some(first) = parts.next().filter(|first| first.len() < text.len()) else { return Cow::Borrowed(text) };
    let (mut plain, mut is_escaped) = (first.to_owned(), false);
    for part in parts {
        // Of two backslashes the first one is for the second.
        let is_escape = !is_escaped;
        if let Some((letter, rest)) = escape(part).filter(|_| is_escape) {
            plain.push(letter);
            plain.push_str(rest);
        } else {
            plain.push('\\');
            plain.push_str(part);
        }
        is_escaped = is_escape && part.is_empty();
    }
    Cow::Owned(plain)
}

/// The letter that an escape spells, behind its backslash, and what follows.
fn escape(text: &str) -> Option<(char, &str)> {
    let (from, length, radix) = match text.chars().next()? {
        'x' => (1, 2, 16),
        'u' => (1, 4, 16),
        'U' => (1, 8, 16),
        '0'..='7' => (0, 3, 8),
        _ => return None,
    };
    let digits = text.get(from..from + length).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let letter = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    (is_part_of_a_name(letter) || matches!(letter, '-' | '.' | '/')).then_some((letter, text.get(from + length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_its_letters_are_spelt() {
        assert_eq!(without_escapes(r#"{{ index . "Sub\x63harts" "a\u002d\U00000062" "\143" }}"#), r#"{{ index . "Subcharts" "a-b" "c" }}"#);
        for kept in [r"plain", r"a\\x63", r"\n\t\d", r"\x22", r"\u0022", r"\x6", r"\u00é0", r"\"] {
            assert_eq!(without_escapes(kept), kept);
        }
        assert_eq!(without_escapes(r"\\\x63"), r"\\c");
    }

    fn texts(text: &str) -> Vec<&str> {
        Action::all(text).into_iter().map(|action| action.text).collect()
    }

    #[test]
    fn braces_in_a_text_end_no_action() {
        assert_eq!(texts("a {{- printf \"}}\" -}} b {{ `}}` }} {{/* {{ x }} */}} {{ .y }}"), ["printf \"}}\"", "`}}`", "", ".y"]);
    }

    #[test]
    fn an_action_writes_unless_it_only_decides_or_assigns() {
        let writing: Vec<&str> = Action::all("{{ if .a }}{{ $b := .c }}{{ .d }}{{ $b }}{{ end }}{{ tpl .e . }}{{/* f */}}")
            .into_iter()
            .filter(Action::writes)
            .map(|action| action.text)
            .collect();
        assert_eq!(writing, [".d", "$b", "tpl .e ."]);
    }

    #[test]
    fn a_function_is_called_where_its_name_stands_alone() {
        let text = "{{ include (printf \"x\") . }}{{ .Values.include }}{{ $include }}{{ includes \"a\" }}";
        let found: Vec<&str> = Action::all(text).iter().flat_map(|action| action.arguments("include")).collect();
        assert_eq!(found, ["(printf \"x\") ."]);
    }
}

//! The actions of a template, `{{ … }}`: <https://pkg.go.dev/text/template#hdr-Actions>.

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

#[cfg(test)]
mod tests {
    use super::*;

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

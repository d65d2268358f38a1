//! What a template of Helm says about itself: what it calls and defines, and which values it reads.

use std::collections::BTreeSet;

/// A template, or one partial one of a file of them.
pub(super) struct Template {
    pub(super) path: String,
    pub(super) text: String,
    /// The partial templates that it calls.
    pub(super) calls: BTreeSet<String>,
    /// Those that it defines.
    pub(super) defines: BTreeSet<String>,
}

impl Template {
    /// The parts of a file: what each partial template says, up to the next one, and what stands before them.
    pub(super) fn parts(path: &str, text: &str) -> Vec<Self> {
        let starts = text.match_indices("define \"").filter_map(|(at, _)| text.get(..at)?.rfind("{{"));
        let cuts: Vec<usize> = std::iter::once(0).chain(starts).chain([text.len()]).collect();
        let between = cuts.windows(2).filter_map(|cut| text.get(*cut.first()?..*cut.last()?));
        between.filter(|part| !part.trim().is_empty()).map(|part| Self::new(path.to_owned(), part.to_owned())).collect()
    }

    fn new(path: String, text: String) -> Self {
        let calls = names_after(&text, "include").union(&names_after(&text, "template")).cloned().collect();
        let defines = names_after(&text, "define");
        Self { path, text, calls, defines }
    }

    /// The values that it reads, each by its path with dots; the empty path is all of them.
    pub(super) fn values(&self) -> BTreeSet<String> {
        self.text.split(".Values").skip(1).map(dotted).collect()
    }

    /// Whether it reads other files of the chart.
    pub(super) fn reads_files(&self) -> bool {
        self.text.contains(".Files")
    }
}

/// The quoted word behind each place of a keyword.
fn names_after(text: &str, keyword: &str) -> BTreeSet<String> {
    let quoted = |rest: &str| {
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '`'))?;
        rest.get(1..)?.split_once(quote).map(|(name, _)| name.to_owned())
    };
    text.split(keyword).skip(1).filter_map(quoted).collect()
}

/// `a.b` of `.a.b }}`. A name that is asked for otherwise, as by `index`, may be any.
fn dotted(rest: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_');
    let path = rest.split(|letter| !is_part(letter)).next().unwrap_or_default();
    path.trim_matches('.').to_owned()
}

/// Whether one of two paths with dots lies below the other, or both are one.
pub(super) fn related(one: &str, other: &str) -> bool {
    let below =
        |path: &str, above: &str| above.is_empty() || path == above || path.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'));
    below(one, other) || below(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_that_are_read_are_named_by_their_paths() {
        let text = "{{ .Values.rbac.create }} {{ $.Values.a_b }} {{ index .Values \"x\" }} {{ with .Values }}";
        let found = Template::new("t".to_owned(), text.to_owned()).values();
        assert_eq!(found, BTreeSet::from([String::new(), "a_b".to_owned(), "rbac.create".to_owned()]));
    }

    #[test]
    fn each_partial_template_of_a_file_is_one_of_its_own() {
        let text = "{{- define \"a\" }}{{ .Values.a }}{{ end }}\n{{ define \"b\" -}}{{ include \"a\" . }}{{ end }}\n";
        let parts = Template::parts("_helpers.tpl", text);
        assert_eq!(parts.iter().map(|part| part.defines.len()).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(parts.iter().map(|part| part.values().len()).collect::<Vec<_>>(), [1, 0]);
    }

    #[test]
    fn a_path_is_related_to_what_is_above_and_below_it() {
        assert!(related("rbac", "rbac.create") && related("rbac.create", "rbac") && related("", "x"));
        assert!(!related("rbac", "rbacs") && !related("a.b", "a.c"));
    }
}

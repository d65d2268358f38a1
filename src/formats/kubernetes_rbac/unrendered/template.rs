//! What a template of Helm says about itself: what it calls and defines, and which values it reads.

use std::collections::BTreeSet;

/// A template, or a file of partial ones.
pub(super) struct Template {
    pub(super) path: String,
    pub(super) text: String,
    /// The partial templates that it calls.
    pub(super) calls: BTreeSet<String>,
    /// Those that it defines.
    pub(super) defines: BTreeSet<String>,
}

impl Template {
    pub(super) fn new(path: String, text: String) -> Self {
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
    fn a_path_is_related_to_what_is_above_and_below_it() {
        assert!(related("rbac", "rbac.create") && related("rbac.create", "rbac") && related("", "x"));
        assert!(!related("rbac", "rbacs") && !related("a.b", "a.c"));
    }
}

//! What a template of Helm says about itself: what it calls and defines, and what it reads.

use super::super::template_text::value_of;
use super::action::{Action, is_part_of_a_name, without_escapes};
use std::collections::BTreeSet;

/// A template without the partial ones in it, or one of those.
pub(super) struct Template {
    pub(super) path: String,
    pub(super) text: String,
    /// What of it nobody else tells.
    pub(super) said: String,
    /// Whether it is rendered by itself, and not only where it is called.
    pub(super) is_rendered: bool,
    /// The partial templates that it calls.
    pub(super) calls: BTreeSet<String>,
    /// Those of them whose result is a manifest, as far as it can be seen here.
    pub(super) writes_by: BTreeSet<String>,
    /// Whether it writes a manifest of which nothing stands here.
    pub(super) writes: bool,
    /// Whether it calls one whose name is only known when it is rendered.
    pub(super) calls_any: bool,
    /// The one that it is; empty for one that is rendered by itself.
    pub(super) defines: BTreeSet<String>,
}

/// What all texts are called that are applied by `tpl`: no template has such a name.
const APPLIED: &str = "\0tpl";

impl Template {
    /// The parts of a file: what stands outside of all partial templates, unless that is never applied, and each of these.
    pub(super) fn parts(path: &str, text: &str) -> Vec<Self> {
        let text = &*without_escapes(text);
        let (mut outside, mut parts) = (String::new(), Vec::new());
        let (mut depth, mut from, mut own) = (0_usize, 0, None);
        for action in Action::all(text) {
            match own {
                None if action.word() == "define" => {
                    outside.push_str(text.get(from..action.at.start).unwrap_or_default());
                    (own, depth) = (Some(action.at.start), 1);
                }
                Some(start) => {
                    depth = if action.word() == "end" { depth.saturating_sub(1) } else { depth + usize::from(action.opens()) };
                    if depth == 0 {
                        parts.push(Self::new(path, text.get(start..action.at.end).unwrap_or_default(), false));
                        (own, from) = (None, action.at.end);
                    }
                }
                None => {}
            }
        }
        let rest = text.get(own.unwrap_or(from)..).unwrap_or_default();
        if own.is_some() {
            parts.push(Self::new(path, rest, false));
        } else {
            outside.push_str(rest);
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        // Each file is a template by its path as well, also one that is not rendered by itself.
        let is_rendered = !name.starts_with('_');
        if name != "NOTES.txt" && if is_rendered { !outside.trim().is_empty() } else { says_something(&outside) } {
            let mut whole = Self::new(path, &outside, is_rendered);
            whole.defines.insert(by_path(&format!("/{path}")));
            parts.insert(0, whole);
        }
        parts
    }

    /// A text in the values or another file of a chart that a template may apply by `tpl`: <https://helm.sh/docs/howto/charts_tips_and_tricks/>.
    pub(super) fn applied(path: &str, text: &str) -> Self {
        let mut template = Self::new(path, &without_escapes(text), false);
        template.defines.insert(APPLIED.to_owned());
        template
    }

    /// Whether it applies some text.
    pub(super) fn applies(&self) -> bool {
        self.calls.contains(APPLIED)
    }

    /// Whether it applies the text of a file.
    pub(super) fn applies_files(&self) -> bool {
        Action::all(&self.text).iter().any(|action| action.text.contains(".Files") && action.arguments("tpl").next().is_some())
    }

    fn new(path: &str, text: &str, is_rendered: bool) -> Self {
        let actions = Action::all(text);
        let is_literal = |argument: &&str| argument.starts_with(['"', '`']);
        let named = |action: &Action<'_>| {
            // A block is defined where it stands, and anybody may define it again.
            let names = ["include", "template", "block"].map(|keyword| names_after(action.text, keyword)).into_iter().flatten();
            let beside = action.arguments("include").filter_map(beside);
            names.chain(beside).map(|name| by_path(&name)).collect::<Vec<_>>()
        };
        let uses_tpl = actions.iter().any(|action| action.arguments("tpl").next().is_some());
        let (mut writes, mut writes_by) = (false, BTreeSet::new());
        for action in nameless(text).iter().flat_map(|part| Action::all(part)).filter(Action::writes) {
            let is_a_call = matches!(action.word(), "include" | "template") && !reads_itself(action.text);
            writes_by.extend(named(&action));
            writes |= !is_a_call;
        }
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            said: text.to_owned(),
            is_rendered,
            calls: actions.iter().flat_map(named).chain(uses_tpl.then(|| APPLIED.to_owned())).collect(),
            writes_by,
            writes,
            calls_any: actions
                .iter()
                .any(|action| !action.arguments("include").all(|argument| is_literal(&argument) || beside(argument).is_some())),
            defines: names_after(text, "define").union(&names_after(text, "block")).cloned().collect(),
        }
    }

    /// The values that it reads, each by its path with dots; the empty path is all of them.
    pub(super) fn values(&self) -> BTreeSet<String> {
        let mut found: BTreeSet<String> = self.paths_of(".Values").collect();
        // What a chart inside has is made from what is handed to it.
        for path in self.paths_of(".Subcharts") {
            found.insert(path.split('.').next().unwrap_or_default().to_owned());
            found.insert("global".to_owned());
        }
        if self.calls_any || self.speaks_of("Values") || self.speaks_of("Subcharts") {
            found.insert(String::new());
        }
        found
    }

    /// The paths of what is read below a name; `index .Values "a" "b"` is `a.b`.
    fn paths_of(&self, name: &str) -> impl Iterator<Item = String> {
        self.text.match_indices(name).map(|(at, name)| self.path_at(at, name))
    }

    fn path_at(&self, at: usize, name: &str) -> String {
        let (before, rest) = (self.text.get(..at).unwrap_or_default(), self.text.get(at + name.len()..).unwrap_or_default());
        let before = before.trim_end_matches('$');
        let is_asked = ["index ", "get ", "hasKey "].iter().any(|function| before.ends_with(function));
        let path = dotted(rest);
        if !is_asked || !path.is_empty() {
            return path;
        }
        quoted_keys(rest)
    }

    /// What it reads of `Chart.yaml`, each by its first name; the empty one is all.
    pub(super) fn chart(&self) -> BTreeSet<String> {
        let first = |rest: &str| dotted(rest).split('.').next().unwrap_or_default().to_owned();
        let all = self.speaks_of("Chart").then(String::new);
        self.text.split(".Chart").skip(1).filter(|rest| !rest.starts_with(is_part_of_a_name)).map(first).chain(all).collect()
    }

    /// What the paths of the other files of the chart begin with that it reads; the empty path is all of them.
    pub(super) fn files(&self) -> BTreeSet<String> {
        let literal = |rest: &str| {
            let rest = rest.trim_start_matches(is_part_of_a_name).trim_start();
            let text = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
            text.map_or_else(String::new, |(text, _)| text.split(['*', '?', '[', '{', '\\']).next().unwrap_or_default().to_owned())
        };
        let named = self.text.split(".Files").skip(1).map(|rest| rest.strip_prefix('.').map_or_else(String::new, literal));
        named.chain(self.speaks_of("Files").then(String::new)).collect()
    }

    /// The values that it changes for those who read them after it: these functions change their first argument itself.
    pub(super) fn changed_values(&self) -> BTreeSet<String> {
        const CHANGING: [&str; 6] = ["set", "unset", "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"];
        let actions = Action::all(&self.text);
        let arguments = actions.iter().flat_map(|action| CHANGING.iter().flat_map(|function| action.arguments(function)));
        arguments.flat_map(|argument| self.values_named(argument, &mut BTreeSet::new())).collect()
    }

    /// The values that the first word of an argument names, by itself, as a variable to which they were assigned, or as the dot of a block
    /// that is about them.
    fn values_named(&self, argument: &str, seen: &mut BTreeSet<String>) -> Vec<String> {
        let argument = argument.trim_start_matches(['(', ' ']);
        let first = argument.split([' ', ')', '\n', '\t']).next().unwrap_or_default();
        if let Some((_, path)) = first.split_once(".Values") {
            return vec![dotted(path)];
        }
        if let Some((_, keys)) = argument.split_once(".Values").filter(|_| matches!(first, "get" | "index")) {
            return vec![quoted_keys(keys)];
        }
        if first == "." {
            let about = Action::all(&self.text).into_iter().filter(|action| matches!(action.word(), "with" | "range"));
            let about = about.filter_map(|action| action.text.split_once(".Values").map(|(_, path)| dotted(path)));
            return about.collect();
        }
        let (variable, below) = first.split_once('.').unwrap_or((first, ""));
        if !variable.starts_with('$') || variable.len() < 2 || !seen.insert(variable.to_owned()) {
            return Vec::new();
        }
        let signs = [" := ", " = "].map(|sign| format!("{variable}{sign}"));
        let assigned = signs.iter().flat_map(|sign| self.text.split(&**sign).skip(1));
        let below = |path: String| if below.is_empty() { path } else { format!("{path}.{below}").trim_start_matches('.').to_owned() };
        assigned
            .filter(|rest| !rest.starts_with('.') || rest.starts_with(".Values"))
            .flat_map(|rest| self.values_named(rest, seen))
            .map(below)
            .collect()
    }

    /// Whether a name is asked for as a text.
    fn speaks_of(&self, name: &str) -> bool {
        ['"', '`'].iter().any(|quote| self.text.contains(&format!("{quote}{name}{quote}")))
    }
}

/// The manifests of a text that do not say what kind they are of.
fn nameless(text: &str) -> Vec<&str> {
    let mut cuts: Vec<usize> = text.match_indices("\n---").map(|(at, _)| at + 1).collect();
    cuts.insert(0, 0);
    cuts.push(text.len());
    let between = cuts.windows(2).filter_map(|cut| text.get(*cut.first()?..*cut.last()?));
    let is_kind = |line: &str| value_of(line.as_bytes(), b"kind").is_some();
    between.filter(|part| !without_actions(part).split(['\n', ',', '{']).any(is_kind)).collect()
}

/// What stands around the actions of a text, and is written as it is.
fn without_actions(text: &str) -> String {
    let (mut around, mut from) = (String::new(), 0);
    for action in Action::all(text) {
        around.push_str(text.get(from..action.at.start).unwrap_or_default());
        from = action.at.end;
    }
    around.push_str(text.get(from..).unwrap_or_default());
    around
}

/// A file of a chart by its path within that, whatever the chart is called; any other name as it is.
fn by_path(name: &str) -> String {
    name.rfind("/templates/").and_then(|at| name.get(at..)).unwrap_or(name).to_owned()
}

/// `/a.yaml` of `(print $.Template.BasePath "/a.yaml")`, which names a file among the templates.
fn beside(argument: &str) -> Option<String> {
    let rest = argument.strip_prefix('(')?.trim_start().strip_prefix("print ")?.trim_start().trim_start_matches('$');
    let (name, rest) = rest.strip_prefix(".Template.BasePath")?.trim_start().strip_prefix('"')?.split_once('"')?;
    rest.trim_start().starts_with(')').then(|| format!("/templates{name}"))
}

/// Whether anything but comments and spaces stands there.
fn says_something(text: &str) -> bool {
    !without_actions(text).trim().is_empty() || Action::all(text).iter().any(|action| !action.text.is_empty())
}

/// Whether a call is handed something that it may write as it is.
fn reads_itself(call: &str) -> bool {
    call.contains("tpl ") || call.contains(".Files")
}

/// The quoted word behind each place of a keyword.
fn names_after(text: &str, keyword: &str) -> BTreeSet<String> {
    let quoted = |rest: &str| {
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '`'))?;
        rest.get(1..)?.split_once(quote).map(|(name, _)| name.to_owned())
    };
    // Not the text between two such places: a name may have the keyword inside.
    text.match_indices(keyword).filter_map(|(at, _)| quoted(text.get(at + keyword.len()..)?)).collect()
}

/// `a.b` of `"a" "b" }}`.
fn quoted_keys(mut rest: &str) -> String {
    let mut keys = Vec::new();
    while let Some((key, more)) = rest.trim_start_matches(' ').strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        keys.push(key);
        rest = more;
    }
    keys.join(".")
}

/// `a.b` of `.a.b }}`. A name that is asked for otherwise, as by `index`, may be any.
fn dotted(rest: &str) -> String {
    let path = rest.split(|letter| !is_part_of_a_name(letter) && letter != '.').next().unwrap_or_default();
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

    fn only(text: &str) -> Template {
        Template::parts("t.yaml", text).remove(0)
    }

    fn set(texts: &[&str]) -> BTreeSet<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_values_that_are_read_are_named_by_their_paths() {
        let text = "{{ .Values.rbac.create }} {{ $.Values.a_b }} {{ index .Values \"x\" }} {{ with .Values }}";
        assert_eq!(only(text).values(), set(&["", "a_b", "rbac.create", "x"]));
        assert_eq!(only("{{ index .Values \"a-b\" \"c\" }}").values(), set(&["a-b.c"]));
        assert_eq!(only("{{ get . \"Values\" }}").values(), set(&[""]));
        assert_eq!(only("{{ include \"b\" (index .Subcharts \"a-b\") }}").values(), set(&["a-b", "global"]));
        assert_eq!(only("{{ include \"b\" (index .Subcharts $name) }}").values(), set(&["", "global"]));
    }

    #[test]
    fn each_partial_template_of_a_file_is_one_of_its_own() {
        let text =
            "{{- define \"a\" }}{{ if .Values.a }}{{ end }}{{ end }}\n{{ define \"b\" -}}{{ include \"a\" . }}{{ end }}\n{{ .Values.c }}";
        let parts = Template::parts("helpers.yaml", text);
        assert_eq!(parts.iter().map(Template::values).collect::<Vec<_>>(), [set(&["c"]), set(&["a"]), set(&[])]);
        assert_eq!(parts.iter().map(|part| part.is_rendered).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(Template::parts("_helpers.tpl", text).iter().map(|part| part.is_rendered).collect::<Vec<_>>(), [false; 3]);
        assert_eq!(Template::parts("_helpers.tpl", "{{/* a */}}\n{{ define \"a\" }}{{ end }}\n").len(), 1);
    }

    #[test]
    fn a_manifest_that_is_handed_in_is_written() {
        assert!(only("{{ range .Values.extra }}\n---\n{{ tpl . $ }}\n{{ end }}").writes);
        assert!(only("# kind: whatever is handed in\n{{/*\nkind: none\n*/}}{{ .Values.extra }}").writes);
        assert!(only("kind: ConfigMap\n---\n{{ .Files.Get \"r.txt\" }}").writes);
        assert!(!only("{{ $name := .Values.name }}\nkind: ConfigMap\ndata: {{ .Values.data }}\n").writes);
        let call = only("{{ include \"c.deployment\" . }}");
        assert!(!call.writes && call.writes_by == set(&["c.deployment"]));
    }

    #[test]
    fn the_files_that_are_read_are_named_by_what_their_paths_begin_with() {
        assert_eq!(only("{{ .Files.Get \"a/b.txt\" }}{{ (.Files.Glob \"c/*.yaml\").AsConfig }}").files(), set(&["a/b.txt", "c/"]));
        assert_eq!(only("{{ .Files.Get .Values.path }}").files(), set(&[""]));
    }

    #[test]
    fn a_file_is_called_by_its_path() {
        let file = Template::parts("charts/c/templates/_a.txt", "a").remove(0);
        for call in
            ["include \"c/templates/_a.txt\" .", "include (print $.Template.BasePath \"/_a.txt\") .", "template \"c/templates/_a.txt\""]
        {
            let call = only(&format!("{{{{ {call} }}}}"));
            assert!(call.calls == file.defines && !call.calls_any);
        }
        assert!(only("{{ include (print $.Template.BasePath .Values.name) . }}").calls_any);
        assert_eq!(only("{{ block \"a\" . }}{{ end }}").calls, set(&["a"]));
    }

    #[test]
    fn values_are_changed_where_they_are_the_first_argument() {
        assert_eq!(only("{{ $_ := set .Values.a \"b\" .Values.c }}").changed_values(), set(&["a"]));
        assert_eq!(only("{{ $v := .Values.a.b }}{{ $_ := merge $v (dict) }}").changed_values(), set(&["a.b"]));
        assert_eq!(only("{{ $_ := merge (dict \"a\" .Values.a) .Values.b }}").changed_values(), set(&[]));
        assert_eq!(only("{{ $_ := set (get .Values \"a\") \"b\" 1 }}").changed_values(), set(&["a"]));
        assert_eq!(only("{{ $v := $.Values }}{{ $w := $v.a }}{{ $_ := set $w \"b\" 1 }}").changed_values(), set(&["a"]));
        assert_eq!(only("{{ $v := $w }}{{ $w := $v }}{{ $_ := set $w \"b\" 1 }}").changed_values(), set(&[]));
        assert_eq!(only("{{ with .Values.a }}{{ $_ := set . \"b\" 1 }}{{ end }}").changed_values(), set(&["a"]));
        assert_eq!(only("{{ $_ := set . \"b\" 1 }}{{ .Values.a }}").changed_values(), set(&[]));
    }

    #[test]
    fn a_path_is_related_to_what_is_above_and_below_it() {
        assert!(related("rbac", "rbac.create") && related("rbac.create", "rbac") && related("", "x"));
        assert!(!related("rbac", "rbacs") && !related("a.b", "a.c"));
    }
}

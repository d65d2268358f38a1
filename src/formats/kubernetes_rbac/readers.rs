//! Files of which readers disagree what stands in them: `kubectl` takes documents apart before it reads any, and templates act in
//! comments as well.

use crate::diagnostic::Diagnostic;
use crate::document::{File, Node, Span, Syntax};

/// What begins an action of a template engine: of Helm and Go, of Jinja, of ERB.
const ACTIONS: [&str; 3] = ["{{", "{%", "<%"];

/// The error for a file that is not what it seems to be, if it is one.
pub(super) fn disagree(file: &File) -> Option<Diagnostic> {
    if file.syntax != Syntax::Yaml {
        return None;
    }
    taken_apart(file).or_else(|| acts_unseen(file))
}

/// Where `kubectl` takes other documents out of the file, or none: it separates them by lines that begin with `---`, and behind that
/// takes nothing but a comment (`k8s.io/apimachinery/pkg/util/yaml`, `YAMLReader`); of each it reads the first document.
fn taken_apart(file: &File) -> Option<Diagnostic> {
    let text = file.text();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n').trim_end_matches('\r');
        let marked = |marker: &str| bare.strip_prefix(marker).map(str::trim_start);
        let rest = text.get(start + line.len()..).unwrap_or_default();
        let message = if bare.contains('\r') {
            Some("a carriage return alone ends a line for some readers of YAML, and for others it does not")
        } else if bare.starts_with('%') {
            Some("`kubectl` takes no directives of YAML")
        } else if marked("---").is_some_and(|behind| !behind.is_empty() && !behind.starts_with('#')) {
            Some("`kubectl` takes nothing behind `---` but a comment")
        } else if marked("...").is_some_and(|behind| behind.is_empty() || behind.starts_with('#')) && holds_more(rest) {
            Some("`kubectl` reads nothing behind `...` up to the next `---`")
        } else {
            None
        };
        if let Some(message) = message {
            let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
            let place = file.place(Span { start: at(start), end: at(start + bare.len()) });
            let help = "separate the documents by lines of `---`, each ended by a line feed";
            return Some(Diagnostic::error("documents-differ", place, message).help(help));
        }
        start += line.len();
    }
    None
}

/// Whether something stands before the next `---`.
fn holds_more(rest: &str) -> bool {
    let mut lines =
        rest.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.trim_start().starts_with('#') && *line != "...");
    lines.next().is_some_and(|line| !line.starts_with("---"))
}

/// Whether a template has actions in comments or notes, which its engine runs as all others.
fn acts_unseen(file: &File) -> Option<Diagnostic> {
    if !is_template(&file.path) {
        return None;
    }
    let text = file.text();
    let seen = |action: &str| file.documents.iter().map(|document| count(document, action)).sum::<usize>();
    let unseen = ACTIONS.iter().find(|action| text.matches(**action).count() > seen(action))?;
    let at = text.find(unseen).and_then(|at| u32::try_from(at).ok()).unwrap_or_default();
    let place = file.place(Span { start: at, end: at + 2 });
    let message = "a template acts in its comments and annotations as well, so what this one makes cannot be told";
    Some(Diagnostic::error("unrendered-template", place, message).help("hand in what it makes for both sides, with `--rendered`"))
}

/// Whether an engine may make something of the file: it is called like a template, or stands where Helm keeps them.
fn is_template(path: &str) -> bool {
    const ENDS: [&str; 10] = ["erb", "gotmpl", "in", "j2", "jinja", "jinja2", "template", "tftpl", "tmpl", "tpl"];
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let of_helm = directory.split('/').any(|part| part == "templates");
    of_helm || name.rsplit_once('.').is_some_and(|(_, end)| ENDS.contains(&end.to_ascii_lowercase().as_str()))
}

/// How often an action begins in what is read of a document: annotations are not.
fn count(node: &Node, action: &str) -> usize {
    let own = node.scalar().map_or(0, |scalar| scalar.text.matches(action).count());
    let items: usize = node.items().unwrap_or_default().iter().map(|item| count(item, action)).sum();
    let is_note = |key: &Node| key.scalar().is_some_and(|scalar| &*scalar.text == "annotations");
    let entries = node.entries().unwrap_or_default().iter().filter(|(key, _)| !is_note(key));
    own + items + entries.map(|(key, value)| count(key, action) + count(value, action)).sum::<usize>()
}

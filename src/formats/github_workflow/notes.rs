//! What is found to be wrong in a workflow, and how its values are read.

use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{File, Node, Place, nearest};

/// What was found wrong with one workflow, or with one job of it.
pub(super) struct Notes<'f> {
    file: &'f File,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'f> Notes<'f> {
    pub(super) fn new(file: &'f File) -> Self {
        Self { file, diagnostics: Vec::new() }
    }

    pub(super) fn place(&self, node: &Node) -> Place {
        self.file.place(node.span)
    }

    /// Whether GitHub would take what was read so far, and all of it can be told.
    pub(super) fn is_sound(&self) -> bool {
        !self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    pub(super) fn error(&mut self, node: &Node, code: &'static str, message: impl Into<String>, help: &str) {
        self.diagnostics.push(Diagnostic::error(code, self.place(node), message).help(help));
    }

    pub(super) fn warning(&mut self, node: &Node, code: &'static str, message: impl Into<String>, help: &str) {
        self.diagnostics.push(Diagnostic::warning(code, self.place(node), message).help(help));
    }

    pub(super) fn wrong_type(&mut self, node: &Node, what: &str, wanted: &str) {
        self.error(node, "wrong-type", format!("{what} is {}, but has to be {wanted}", node.kind()), "write it as GitHub's reference does");
    }

    /// A string without an expression. What an expression becomes is known when the workflow runs, and not before.
    pub(super) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let Some(text) = node.text() else {
            self.wrong_type(node, what, "a string");
            return None;
        };
        if text.contains("${{") {
            let message = format!("{what} is an expression, and what it becomes cannot be told from the file");
            self.error(node, "expression", message, "write out what it is");
            return None;
        }
        Some(text)
    }

    /// Keys that GitHub does not know. It refuses the file; what it would mean without them is told nevertheless, unless one is
    /// written so that some reader may take it for a key.
    pub(super) fn warn_of_unknown(&mut self, node: &Node, what: &str, known: &[&str]) {
        for (key, _) in node.entries().unwrap_or_default() {
            let text = key.scalar().map_or("", |scalar| &*scalar.text);
            if known.contains(&text) {
                continue;
            }
            if let Some(meant) = known.iter().find(|known| text.trim().eq_ignore_ascii_case(known)) {
                let message = format!("`{text}` is not `{meant}`, and GitHub refuses the file");
                self.error(key, "unknown-key", message, "write it in lower case, without spaces");
            } else {
                let message = format!("{what} has no key `{text}`, and GitHub refuses the file");
                self.warning(key, "unknown-key", message, &help(text, known));
            }
        }
    }
}

/// More names than a reader looks through.
const MANY: usize = 24;

/// The name that was probably meant, or all of them.
pub(super) fn help(written: &str, known: &[&str]) -> String {
    match nearest(written, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.len() > MANY => "look it up in GitHub's reference".to_owned(),
        None => format!("known are {}", known.join(", ")),
    }
}

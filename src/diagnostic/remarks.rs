//! What is found to be wrong in one of our own files after it was read, said by the way to the value that is to blame.

use super::{Diagnostic, Severity};
use crate::document::{File, Node, Place, Span};

/// One step of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Item(usize),
}

/// The way from the root of a document to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way(Vec<Step>);

impl Way {
    /// The document itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// On into a mapping, by key.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.and(Step::Key(key.to_owned()))
    }

    /// On into a list, from 0.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        self.and(Step::Item(index))
    }

    fn and(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// The value at the end of the way, if it is there.
    pub fn find<'n>(&self, root: &'n Node) -> Option<&'n Node> {
        self.0.iter().try_fold(root, follow)
    }

    /// Where the value stands; what is not written stands where its mapping does.
    fn span(&self, root: &Node) -> Span {
        let mut node = root;
        for step in &self.0 {
            let Some(next) = follow(node, step) else { break };
            node = next;
        }
        node.span
    }
}

fn follow<'n>(node: &'n Node, step: &Step) -> Option<&'n Node> {
    match step {
        Step::Key(key) => node.get(key),
        Step::Item(index) => node.items()?.get(*index),
    }
}

/// Remarks about one document of one file.
#[derive(Debug)]
pub struct Remarks<'f> {
    file: &'f File,
    root: &'f Node,
    said: Vec<Diagnostic>,
}

impl<'f> Remarks<'f> {
    /// None yet.
    pub fn new(file: &'f File, root: &'f Node) -> Self {
        Self { file, root, said: Vec::new() }
    }

    /// Where the value at the end of a way stands.
    pub fn place(&self, way: &Way) -> Place {
        self.file.place(way.span(self.root))
    }

    /// Something is wrong: one sentence, and what to do next.
    pub fn error(&mut self, way: &Way, code: &'static str, message: impl Into<String>, help: impl Into<String>) {
        let place = self.place(way);
        self.said.push(Diagnostic::error(code, place, message).help(help));
    }

    /// Something is probably not meant: one sentence, and what to do next.
    pub fn warning(&mut self, way: &Way, code: &'static str, message: impl Into<String>, help: impl Into<String>) {
        let place = self.place(way);
        self.said.push(Diagnostic::warning(code, place, message).help(help));
    }

    /// Something is good to know: one sentence, and what can be done.
    pub fn note(&mut self, way: &Way, code: &'static str, message: impl Into<String>, help: impl Into<String>) {
        let place = self.place(way);
        self.said.push(Diagnostic::note(code, place, message).help(help));
    }

    /// The whole file lacks something, and is probably not meant to: one sentence, and what to do next.
    pub fn warning_of_file(&mut self, code: &'static str, message: impl Into<String>, help: impl Into<String>) {
        self.said.push(Diagnostic::warning(code, Place::file(self.file.path.clone()), message).help(help));
    }

    /// Whether something is wrong.
    pub fn has_error(&self) -> bool {
        self.said.iter().any(|remark| remark.severity == Severity::Error)
    }

    /// Everything that was said, by place.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.said.sort();
        self.said
    }
}

/// The one document of one of our own files; `what` it is and how it `begins`, for the message.
pub fn only_document<'f>(file: &'f File, what: &str, begins: &str) -> Result<&'f Node, Diagnostic> {
    let whole = || Place::file(file.path.clone());
    match file.documents.as_slice() {
        [document] => Ok(document),
        [] => Err(Diagnostic::error("empty-file", whole(), format!("this {what} says nothing"))
            .help(format!("write it; it begins with `{begins}`"))),
        [_, second, ..] => {
            let message = format!("a {what} is one document, and here a second begins");
            Err(Diagnostic::error("several-documents", file.place(second.span), message).help("remove the `---` between them"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Bounds, Syntax, parse};

    #[test]
    fn a_remark_stands_at_the_value_and_else_at_what_is_around_it() {
        let file = parse("a.yml", b"one:\n  - two: 3\n", Syntax::Yaml, &Bounds::default()).unwrap();
        let remarks = Remarks::new(&file, &file.documents[0]);
        let item = Way::root().key("one").item(0);
        assert_eq!(remarks.place(&item.key("two")).to_string(), "a.yml:2:10");
        assert_eq!(remarks.place(&item.key("three")), remarks.place(&item));
    }
}

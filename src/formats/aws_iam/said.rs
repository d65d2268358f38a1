//! What a statement says, read once for each text: most statements of a file stand on its other side as well, and in its other versions.

use super::statement::{self, Dialect, Refused};
use super::{misspelt, open_type};
use crate::diagnostic::Diagnostic;
use crate::document::{File, Node, Syntax};
use crate::systems::Texts;
use crate::systems::aws::Statement;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// A statement, which may say several things, and what there is to remark on it.
pub(super) struct Said {
    pub(super) statements: Arc<[Arc<Statement>]>,
    pub(super) remarks: Vec<Diagnostic>,
}

/// How many bytes of statements are kept: those of both sides of a large file, and little beside what a file may have.
const MOST_KEPT: usize = 8 << 20;

/// Statements by their texts, and how long these are together.
#[derive(Default)]
struct Kept {
    statements: HashMap<Dialect, Texts<Known>>,
    bytes: usize,
}

/// A statement that was read, and whether there was something to remark on it.
#[derive(Clone)]
struct Known {
    statements: Arc<[Arc<Statement>]>,
    is_remarked: bool,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

impl Kept {
    fn get(&self, dialect: Dialect, text: &str) -> Option<Known> {
        self.statements.get(&dialect)?.get(text).cloned()
    }

    fn keep(&mut self, dialect: Dialect, text: &str, known: Known) {
        if self.bytes + text.len() > MOST_KEPT {
            *self = Self::default();
        }
        self.bytes += text.len();
        self.statements.entry(dialect).or_default().insert(text.into(), known);
    }
}

/// Everything in it, or why not. What there is to remark on it is found again each time, for a remark has a place.
pub(super) fn read(node: &Node, dialect: Dialect, file: &File) -> Result<Said, Refused> {
    let text = text_of(node, file);
    if let Some(Known { statements, is_remarked }) = text.and_then(|text| KEPT.with_borrow(|kept| kept.get(dialect, text))) {
        let remarks = if is_remarked { remarks(node, dialect, &statements, file) } else { Vec::new() };
        return Ok(Said { statements, remarks });
    }
    let statements: Arc<[Arc<Statement>]> = statement::read(node, dialect)?.into_iter().map(Arc::new).collect();
    let remarks = remarks(node, dialect, &statements, file);
    if let Some(text) = text {
        let known = Known { statements: Arc::clone(&statements), is_remarked: !remarks.is_empty() };
        KEPT.with_borrow_mut(|kept| kept.keep(dialect, text, known));
    }
    Ok(Said { statements, remarks })
}

fn remarks(node: &Node, dialect: Dialect, statements: &[Arc<Statement>], file: &File) -> Vec<Diagnostic> {
    let doubts = statement::doubts(node, dialect, file).into_iter();
    // All of them have the same effect, and name resources or exceptions.
    let open = statements.iter().take(1).flat_map(|statement| open_type::remarks(node, statement, file));
    doubts.chain(misspelt::remarks(node, file)).chain(open).collect()
}

/// The text that says all of it: an object of JSON that stands in the file itself. In YAML an alias says what stands elsewhere.
fn text_of<'f>(node: &Node, file: &'f File) -> Option<&'f str> {
    let text = file.text().get(node.span.start as usize..node.span.end as usize)?;
    (file.syntax == Syntax::Json && text.starts_with('{')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Bounds, parse};
    use crate::systems::aws::Slot;

    fn said(text: &str, syntax: Syntax, variables: bool) -> Said {
        let file = parse("a.json", text.as_bytes(), syntax, &Bounds::default()).ok().unwrap();
        read(&file.documents[0], Dialect { slot: Slot::Identity, variables }, &file).ok().unwrap()
    }

    const OWN: &str = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}"}"#;

    #[test]
    fn a_text_is_read_once_in_each_dialect() {
        let (first, again, older) = (said(OWN, Syntax::Json, true), said(OWN, Syntax::Json, true), said(OWN, Syntax::Json, false));
        assert!(Arc::ptr_eq(&first.statements, &again.statements));
        assert_ne!(first.statements, older.statements);
        assert!(!Arc::ptr_eq(&first.statements, &said(OWN, Syntax::Yaml, true).statements));
    }

    #[test]
    fn a_remark_is_told_each_time() {
        let misspelt = OWN.replace("GetObject", "GetObjct");
        for _ in 0..2 {
            assert_eq!(said(&misspelt, Syntax::Json, true).remarks.len(), 1);
        }
    }
}

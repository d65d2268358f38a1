//! What we say about the user's files: a code, a severity, one sentence, the place, and what to do next.
//!
//! A diagnostic is about the user's files and is collected; an error is about the world and ends the run. Neither has a path to approval.

mod remarks;

pub use remarks::{Remarks, Way, only_document};

use crate::document::{File, Place, Problem, Quote, nearest};
use serde::Serialize;

/// What to do about a name that means nothing: the one that was probably meant, and all that there are.
pub fn known_names(written: &str, known: &[&str]) -> String {
    let all = format!("known are {}", known.join(", "));
    nearest(written, known).map_or_else(|| all.clone(), |near| format!("did you mean `{near}`? {all}"))
}

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know; nothing has to be done.
    Note,
    /// Something is probably not what its author meant.
    Warning,
    /// Something could not be read or understood; what depends on it is undecided.
    Error,
}

/// One remark about one place in the user's files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where; line and column are 0 when the remark is about the whole file.
    pub place: Place,
    /// A stable, kebab-case name that a machine can match on.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence: lower-case, no full stop, the user's own text in backticks.
    pub message: String,
    /// What to do next, if there is something.
    pub help: Option<String>,
    /// What stands at the place, for whoever shows it; nothing where no text is at hand. It says nothing that the place does not say.
    pub quote: Option<Box<Quote>>,
}

impl Diagnostic {
    /// Something that could not be read or understood.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { place, code, severity: Severity::Error, message: message.into(), help: None, quote: None }
    }

    /// Something that is probably not what its author meant.
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// Something that is good to know.
    pub fn note(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, place, message) }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether something could not be read or understood.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// A parser's complaint, at its place.
    pub fn from_problem(problem: Problem, place: Place) -> Self {
        Self { place, code: problem.code, severity: Severity::Error, message: problem.message, help: problem.help, quote: None }
    }

    /// What [`from_node`](crate::document::from_node) complains about, in the file that the node is from.
    pub fn in_file(problem: Problem, file: &File) -> Self {
        let place = file.place(problem.span);
        Self::from_problem(problem, place)
    }

    /// A parser's complaint about a text that could not become a [`File`], with what stands there.
    pub fn unreadable(problem: Problem, place: Place, bytes: &[u8]) -> Self {
        let meant = problem.span.end.saturating_sub(problem.span.start) as usize;
        let quote = if place.line == 0 { None } else { Quote::of(&String::from_utf8_lossy(bytes), &place, meant).map(Box::new) };
        Self { quote, ..Self::from_problem(problem, place) }
    }
}

/// Adds what stands at their places to the diagnostics of a file, and of those behind it.
pub fn quote(diagnostics: &mut [Diagnostic], file: &File) {
    file.all().for_each(|file| quote_one(diagnostics, file));
}

fn quote_one(diagnostics: &mut [Diagnostic], file: &File) {
    let is_there = |diagnostic: &&mut Diagnostic| diagnostic.place.path == file.path && diagnostic.quote.is_none();
    let mut here: Vec<&mut Diagnostic> = diagnostics.iter_mut().filter(is_there).collect();
    let places: Vec<(u32, u32)> = here.iter().map(|diagnostic| (diagnostic.place.line, diagnostic.place.column)).collect();
    if places.is_empty() {
        return;
    }
    let quotes = file.quotes(&places);
    for (diagnostic, place) in here.iter_mut().zip(places) {
        diagnostic.quote = quotes.get(&place).cloned().map(Box::new);
    }
}

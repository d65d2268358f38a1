//! From results to text, in the form that was asked for.

use super::Change;
use crate::report::{json, terminal};
use crate::systems::Kind;

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people, with styles that whoever prints may strip.
    Text,
    /// For machines; see `docs/schemas`.
    Json,
}

impl Change {
    /// The change as text.
    pub fn render(&self, form: Form) -> Result<String, serde_json::Error> {
        Ok(match form {
            Form::Text => terminal::diff(&self.entries, &self.diagnostics),
            Form::Json => serde_json::to_string_pretty(&json::diff(&self.entries, &self.digest, &self.diagnostics))? + "\n",
        })
    }

    /// What `diff --exit-code` ends with: 13 undecided, 10 gained, 14 only lost, 0 nothing.
    pub fn exit_code(&self) -> u8 {
        match self {
            change if change.has(Kind::Undecided) => 13,
            change if change.has(Kind::Gained) => 10,
            change if change.has(Kind::Lost) => 14,
            _ => 0,
        }
    }
}

/// An error with all its causes, fit for a terminal.
pub fn explain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut lines = vec![format!("error: {error}")];
    let mut cause = error.source();
    while let Some(inner) = cause {
        lines.push(format!("  because: {inner}"));
        cause = inner.source();
    }
    terminal::visible(&lines.join("\n"))
}

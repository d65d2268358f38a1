//! From results to text, in the form that was asked for.

use super::{Change, Error, Explain, PolicyCheck, Verdict};
use crate::report::decided::Decided;
use crate::report::{
    annotations, code_quality, decision_json, decision_text, explain_json, explain_text, json, markdown, policy_json, policy_text, sarif,
    terminal,
};
use crate::systems::Kind;
use crate::world::files::words;

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people, with styles that whoever prints may strip.
    Text,
    /// For machines; see `docs/schemas`.
    Json,
    /// A comment on a pull or merge request, or a step summary.
    Markdown,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// GitLab's code quality report.
    CodeQuality,
}

impl Change {
    /// The change as text. `ids`: in text for people with the name of each part, which stands in JSON always.
    pub fn render(&self, form: Form, ids: bool) -> Result<String, serde_json::Error> {
        Ok(match form {
            Form::Text => terminal::diff(&self.entries, &self.vacuous, &self.diagnostics, ids),
            Form::Json => json::written(&json::diff(&self.entries, &self.vacuous, &self.digest, &self.diagnostics))?,
            Form::Markdown => markdown::diff(&self.entries, &self.vacuous, &self.diagnostics),
            Form::Sarif => sarif::diff(&self.entries, &self.vacuous, &self.diagnostics)?,
            Form::CodeQuality => code_quality::diff(&self.entries, &self.diagnostics)?,
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

impl Verdict {
    /// The decision as text. `explain`: with its derivation.
    pub fn render(&self, form: Form, explain: bool) -> Result<String, serde_json::Error> {
        self.decided(|decided| {
            Ok(match form {
                Form::Text => decision_text::check(decided, explain),
                Form::Json => json::written(&decision_json::check(decided))?,
                Form::Markdown => markdown::check(decided),
                Form::Sarif => sarif::check(decided)?,
                Form::CodeQuality => code_quality::check(decided)?,
            })
        })
    }

    /// The decision as the summary of a step, longer than a comment may be.
    pub fn summary(&self) -> String {
        self.decided(markdown::summary)
    }

    /// What was decided, without what changed.
    pub fn render_decision(&self) -> String {
        self.decided(decision_text::decision)
    }

    /// The decision with everything that a reader asks about next.
    pub(super) fn decided<T>(&self, show: impl FnOnce(&Decided<'_>) -> T) -> T {
        // A change of which nothing is asked is not the place to speak of the policy.
        let mut diagnostics = if self.decision.requirements.is_empty() { Vec::new() } else { self.policy.diagnostics.clone() };
        diagnostics.extend(self.change.diagnostics.iter().cloned());
        show(&Decided {
            entries: &self.change.entries,
            vacuous: &self.change.vacuous,
            digest: &self.change.digest,
            diagnostics: &diagnostics,
            over: &self.over,
            both: &self.both,
            edited: &self.edited,
            needs: &self.needs,
            decision: &self.decision,
            policy_path: &self.policy.path,
            policy_digest: &self.policy.digest,
            policy_files: &self.policy.parts,
            policy_revision: self.policy.revision.as_ref().map(|revision| (&*revision.name, revision.commit.as_deref())),
            source: self.proposal.as_ref().map(|proposal| proposal.source),
            commits: (self.commits.0.as_deref(), self.commits.1.as_deref()),
            paths: &self.paths,
            now: self.now,
        })
    }
}

impl PolicyCheck {
    /// The remarks and whether the policy is one, as text.
    pub fn text(&self) -> String {
        policy_text::policy(&self.path, self.sound, &self.diagnostics)
    }

    /// The same for machines.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        json::written(&policy_json::policy(&self.path, &self.digest, self.sound, &self.diagnostics))
    }
}

impl Explain {
    /// The explanation as text.
    pub fn text(&self) -> String {
        explain_text::explain(&self.explanation())
    }

    /// The same for machines.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        json::written(&explain_json::explain(&self.explanation()))
    }
}

/// The remarks that say in detail what is wrong, fit for a terminal.
pub fn details(error: &Error) -> String {
    let mut text = String::new();
    terminal::remarks(error.diagnostics(), &mut text);
    text
}

/// A cause in words: without what only programmers read. A single word says nothing more than the message before it.
fn told(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    let text = words(&cause.to_string());
    text.contains(' ').then_some(text)
}

/// An error with all its causes on one line.
pub fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.extend(told(inner).map(|told| format!(": {told}")));
        cause = inner.source();
    }
    text
}

/// An error as an annotation in the log of a job, with the first of what there is to say in detail.
pub fn annotation(error: &(dyn std::error::Error + 'static)) -> String {
    let details = error.downcast_ref::<Error>().map(Error::diagnostics).unwrap_or_default();
    let first = details.first().map(|first| format!(": {}: {}", first.place, first.message)).unwrap_or_default();
    annotations::error(&(one_line(error) + &first))
}

/// Text of a user's, in which everything can be seen.
pub fn visible(text: &str) -> String {
    terminal::visible(&[text.to_owned()])
}

/// An error with all its causes, fit for a terminal.
pub fn explain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut lines = vec![format!("error: {error}")];
    let mut cause = error.source();
    while let Some(inner) = cause {
        lines.extend(told(inner).map(|told| format!("  because: {told}")));
        cause = inner.source();
    }
    terminal::visible(&lines)
}

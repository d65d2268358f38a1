//! The check of a commit: whether it passes, why, and what is found at which line.

use crate::policy::{Mode, Outcome};
use crate::report::decided::Decided;
use crate::report::finding::{self, Finding, Weight};
use crate::report::markdown::{self, MARKER};
use crate::report::words;
use crate::systems::content_digest;
use std::sync::Arc;

/// The forge takes this many in one request.
pub const ANNOTATIONS_AT_ONCE: usize = 50;

/// Past this many nobody reads them; the rest is counted.
pub const MOST_ANNOTATIONS: usize = 250;

/// The forge takes no longer message, and people read none that is half as long.
const MOST_TITLE: usize = 200;

/// The check of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What becomes of the commit.
    pub conclusion: Conclusion,
    /// One line.
    pub title: String,
    /// In Markdown.
    pub summary: String,
    /// What tells it from another summary, when it was judged left out.
    essence: String,
    /// The worst first.
    pub annotations: Vec<Annotation>,
    /// An address under which the whole report is found.
    pub details: Option<String>,
}

/// What becomes of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// It is authorized.
    Success,
    /// It is observed: nothing stops it.
    Neutral,
    /// It is not authorized, or nobody can tell.
    Failure,
}

/// What is found at a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// The file.
    pub path: Arc<str>,
    /// 1-based.
    pub line: u32,
    /// How much it matters.
    pub level: Level,
    /// A few words.
    pub title: String,
    /// One line.
    pub message: String,
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Notice,
    /// To be looked at.
    Warning,
    /// To be seen by everybody.
    Failure,
}

impl Check {
    pub(super) fn of(decided: &Decided<'_>, details: Option<&str>) -> Self {
        let decision = decided.decision;
        let findings = finding::of_decision(decided);
        let left = findings.len().saturating_sub(MOST_ANNOTATIONS);
        let more = if left == 0 {
            String::new()
        } else {
            format!("\n{} more, which are not shown at their lines.\n", words::count(left, "remark"))
        };
        let conclusion = match (decision.mode, decision.outcome) {
            (Mode::Observe, _) => Conclusion::Neutral,
            (Mode::Enforce, Outcome::Authorized) => Conclusion::Success,
            (Mode::Enforce, _) => Conclusion::Failure,
        };
        let title = format!("{} {}", words::sentence(&decision.headline()), words::summary(decided.entries));
        let summary = without_marker(&markdown::check(decided)) + &more;
        let annotations = findings.iter().take(MOST_ANNOTATIONS).map(annotation).collect();
        let essence = decision.requirements.iter().map(|verdict| verdict.reason.as_str()).chain([decision.next_step.as_str()]);
        Self {
            conclusion,
            title: finding::cut(title, MOST_TITLE),
            essence: essence.collect::<Vec<_>>().join("\n"),
            summary,
            annotations,
            details: details.map(ToOwned::to_owned),
        }
    }

    /// Stands for what it says, whenever that was found: 12 hexadecimal digits.
    pub fn digest(&self) -> String {
        let conclusion = format!("{:?}", self.conclusion);
        let mut parts = vec![&*conclusion, &self.title, &self.essence];
        parts.extend(self.annotations.iter().flat_map(|annotation| [&*annotation.path, &annotation.message]));
        content_digest(&parts).chars().take(12).collect()
    }

    pub(super) fn of_error(summary: &str, details: Option<&str>) -> Self {
        Self {
            conclusion: Conclusion::Failure,
            title: "The gate is closed: this change could not be judged.".to_owned(),
            summary: summary.to_owned(),
            essence: summary.to_owned(),
            annotations: Vec::new(),
            details: details.map(ToOwned::to_owned),
        }
    }
}

fn without_marker(text: &str) -> String {
    text.strip_prefix(MARKER).map_or(text, str::trim_start).to_owned()
}

fn annotation(finding: &Finding) -> Annotation {
    Annotation {
        path: Arc::clone(&finding.place.path),
        line: finding.place.line.max(1),
        level: match finding.rule.weight {
            Weight::Note => Level::Notice,
            Weight::Low | Weight::Medium => Level::Warning,
            Weight::High | Weight::Critical => Level::Failure,
        },
        title: finding.rule.title.clone(),
        message: finding.message.clone(),
    }
}

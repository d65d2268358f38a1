//! Findings as annotations of GitHub: lines of a log that its runner takes for commands,
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>.

use super::decided::Decided;
use super::finding::{Finding, Weight, of_change, of_decision};
use super::shown::shown;
use super::words::count;
use crate::change::Entry;
use crate::diagnostic::Diagnostic;
use crate::policy::{Mode, Outcome};
use std::fmt::Write;

/// GitHub shows so many of each kind for a step, and drops the rest without a word:
/// <https://docs.github.com/en/rest/checks/runs#limits-on-annotations>.
const MOST: usize = 10;

/// Past this many bytes a message is cut; GitHub cuts at 64 KiB.
const MOST_BYTES: usize = 2_000;

/// How loud an annotation is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
    Notice,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }

    /// What stops nothing is no error.
    fn of(finding: &Finding, stops: bool) -> Self {
        match finding.rule.weight {
            Weight::Critical | Weight::High if stops => Self::Error,
            Weight::Note => Self::Notice,
            _ => Self::Warning,
        }
    }
}

/// Of a change: nothing is stopped.
pub fn diff(entries: &[Entry], diagnostics: &[Diagnostic]) -> String {
    lines(&of_change(entries, diagnostics), false)
}

/// Of a decision.
pub fn check(decided: &Decided<'_>) -> String {
    let stops = decided.decision.mode == Mode::Enforce && decided.decision.outcome != Outcome::Authorized;
    lines(&of_decision(decided), stops)
}

/// Of what went wrong, so that nobody has to look for it in the log.
pub fn error(message: &str) -> String {
    format!("::error title=Countersign::{}\n", data(&shown(message)))
}

/// A value as one line, in which everything can be seen.
pub fn one_line(value: &str) -> String {
    shown(value)
}

/// The worst of each kind, and how many more there are.
fn lines(findings: &[Finding], stops: bool) -> String {
    let of = |kind| findings.iter().filter(move |finding| Kind::of(finding, stops) == kind);
    let left: usize = Kind::ALL.map(|kind| of(kind).count().saturating_sub(most(kind))).iter().sum();
    let mut text = String::new();
    for kind in Kind::ALL {
        of(kind).take(most(kind)).for_each(|finding| line(kind, finding, &mut text));
    }
    if left > 0 {
        let message = format!("{} not shown here; the report of this job has all", count(left, "more finding"));
        put(&mut text, format_args!("::notice title=Countersign::{}\n", data(&message)));
    }
    text
}

/// One notice is kept for saying that there is more.
fn most(kind: Kind) -> usize {
    if kind == Kind::Notice { MOST - 1 } else { MOST }
}

fn line(kind: Kind, finding: &Finding, text: &mut String) {
    let place = &finding.place;
    let mut properties = vec![("file", shown(&place.path))];
    if place.line > 0 {
        properties.push(("line", place.line.to_string()));
        properties.push(("col", place.column.max(1).to_string()));
    }
    properties.push(("title", format!("Countersign: {}", finding.rule.title)));
    let properties: Vec<String> = properties.into_iter().map(|(name, value)| format!("{name}={}", property(&value))).collect();
    let message = finding.message.get(..finding.message.floor_char_boundary(MOST_BYTES)).unwrap_or(&finding.message);
    put(text, format_args!("::{} {}::{}\n", kind.word(), properties.join(","), data(message)));
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(line);
}

/// What a message may not have raw, as the toolkit of Actions escapes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What a property may not have raw besides.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_message_or_a_property() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a,title=b::c%"), "a%2Ctitle=b%3A%3Ac%25");
    }
}

//! GitLab's code quality report: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use super::decided::Decided;
use super::finding::{Finding, Weight, of_change, of_decision};
use super::shown;
use crate::change::Entry;
use crate::diagnostic::Diagnostic;
use serde::Serialize;
use std::sync::Arc;

/// GitLab names no limit; a report that nobody can read through helps nobody.
pub const MOST: usize = 5_000;

/// A change.
pub fn diff(entries: &[Entry], diagnostics: &[Diagnostic]) -> Result<String, serde_json::Error> {
    report(&of_change(entries, diagnostics))
}

/// A decision.
pub fn check(decided: &Decided<'_>) -> Result<String, serde_json::Error> {
    report(&of_decision(decided))
}

fn report(findings: &[Finding]) -> Result<String, serde_json::Error> {
    shown::json(&findings.iter().take(MOST).map(issue).collect::<Vec<_>>())
}

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: Arc<str>,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

fn issue(finding: &Finding) -> Issue {
    Issue {
        description: finding.message.clone(),
        check_name: finding.rule.id.clone(),
        fingerprint: finding.fingerprint.clone(),
        severity: match finding.rule.weight {
            Weight::Note => "info",
            Weight::Low => "minor",
            Weight::Medium => "major",
            Weight::High => "critical",
            Weight::Critical => "blocker",
        },
        location: Location { path: Arc::clone(&finding.place.path), lines: Lines { begin: finding.place.line.max(1) } },
    }
}

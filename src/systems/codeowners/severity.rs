//! How much a gain matters, and why.

use super::{ANYBODY, Pattern};
use crate::systems::Severity;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Where the files stand that decide who has to approve, and what runs without anybody's approval.
const GATE_PATHS: [&str; 6] = ["/CODEOWNERS", "/docs/CODEOWNERS", "/.github/", "/.gitlab/", "/.gitlab-ci.yml", "/countersign.yml"];

/// The same as patterns.
pub(super) static GATE: LazyLock<Vec<Pattern>> = LazyLock::new(|| GATE_PATHS.iter().filter_map(|text| Pattern::parse(text).ok()).collect());

/// The severity with its reasons.
pub(super) fn judge(holder: &str, owns_the_gate: bool, owns_everything: bool) -> (Severity, BTreeSet<&'static str>) {
    let mut reasons = BTreeSet::new();
    let mut severity = Severity::Low;
    let mut because = |reason: &'static str, at_least: Severity| {
        reasons.insert(reason);
        severity = severity.max(at_least);
    };
    let is_anybody = holder == ANYBODY;
    if is_anybody {
        because("no-owner", Severity::Medium);
    }
    if owns_the_gate {
        because("owns-the-gate", if is_anybody { Severity::High } else { Severity::Medium });
    }
    if owns_everything {
        because("owns-everything", if is_anybody { Severity::High } else { Severity::Medium });
    }
    (severity, reasons)
}

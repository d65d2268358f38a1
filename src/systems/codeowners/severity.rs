//! How much a gain matters, and why.

use super::{ANYBODY, Pattern};
use crate::systems::Severity;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What decides who has to approve, and what runs with the rights of the repository. The first counts only where no other file does.
const GATE_PATHS: [&str; 7] = [
    "/docs/CODEOWNERS",
    "/CODEOWNERS",
    "/.github/CODEOWNERS",
    "/.github/countersign.yml",
    "/.github/workflows/*.yaml",
    "/.github/workflows/*.yml",
    "/countersign.yml",
];

static PATTERNS: LazyLock<Vec<Pattern>> =
    LazyLock::new(|| GATE_PATHS.iter().filter_map(|text| Pattern::parse(text).ok()).map(Pattern::alone).collect());

/// The same as patterns; whether the file of `docs/` counts on one of the sides is for the caller to say.
pub(super) fn gate(docs_count: bool) -> &'static [Pattern] {
    PATTERNS.get(usize::from(!docs_count)..).unwrap_or_default()
}

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

//! What a rule says that everybody reads as something else. A severity is the least that access has; there is no most, so that what is
//! rare and severe never slips through under the name of something harmless.

use super::super::file::{self, Select};
use crate::diagnostic::{Remarks, Way};
use crate::systems::Severity;

/// Refuses it.
pub(super) fn refuse(rule: &file::Rule, way: &Way, remarks: &mut Remarks<'_>) {
    let when = way.key("when");
    if rule.allow == Some(true) {
        for (key, select) in [("gains", &rule.when.gains), ("undecided", &rule.when.undecided)] {
            let severity = select.as_ref().and_then(|select| select.severity);
            if let Some((severity, next)) = severity.and_then(|severity| Some((severity, above(severity)?))) {
                let way = when.key(key).key("severity");
                let (severity, next) = (severity.word(), next.word());
                let message = format!("`severity: {severity}` is {severity} or worse, so this allows what is critical");
                let help =
                    format!("leave `severity` out, and let another rule require approvals from `severity: {next}` on: all that apply hold");
                remarks.error(&way, "severity-allowed", message, help);
            }
        }
    }
    if let Some(loses) = &rule.when.loses {
        about_losses(loses, &when.key("loses"), remarks);
    }
}

/// A severity says how much a gain matters.
fn about_losses(loses: &Select, way: &Way, remarks: &mut Remarks<'_>) {
    let help = "say what is lost by `actions` and `resources`, and by whom by `holders`";
    if let Some(severity) = loses.severity.filter(|severity| *severity > Severity::Low) {
        let message = format!("every loss is low, so no loss is ever of `severity: {}`", severity.word());
        remarks.error(&way.key("severity"), "severity-of-a-loss", message, help);
    }
    if loses.reasons.is_some() {
        let message = "reasons are those of a gain, so no loss ever has one";
        remarks.error(&way.key("reasons"), "severity-of-a-loss", message, help);
    }
}

/// Nothing is above what is critical.
fn above(severity: Severity) -> Option<Severity> {
    match severity {
        Severity::Low => Some(Severity::Medium),
        Severity::Medium => Some(Severity::High),
        Severity::High => Some(Severity::Critical),
        Severity::Critical => None,
    }
}

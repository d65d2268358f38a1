//! How much a gain in GitHub Actions matters, and why: <https://docs.github.com/en/actions/reference/security/secure-use>.

use super::{Level, Scope};
use crate::systems::Severity;
use std::collections::BTreeSet;

/// What a region looks like.
#[expect(clippy::struct_excessive_bools, reason = "independent observations, not a state")]
pub(super) struct Looks {
    pub(super) writes: bool,
    pub(super) scopes: BTreeSet<&'static str>,
    /// Whoever sees the repository can start the job, and its token is not cut for that.
    pub(super) by_anybody: bool,
    /// The same by a pull request from a fork, whose token can read at most unless another event is open as well.
    pub(super) through_fork: bool,
    /// Only where a condition of the job holds that keeps off whoever has no role in the repository.
    pub(super) are_kept_off: bool,
    /// The token goes to a workflow of another repository.
    pub(super) calls_elsewhere: bool,
}

/// A reason, how much it matters, and the scopes in which to write is that.
type Danger = (&'static str, Severity, &'static [&'static str]);

const DANGERS: &[Danger] = &[
    // Whatever trusts the identity may give it more than the repository has.
    ("becomes-cloud-role", Severity::High, &["id-token"]),
    ("changes-code", Severity::High, &["contents"]),
    ("publishes", Severity::High, &["attestations", "deployments", "packages", "pages"]),
    // It runs what waits for an approval, and may replace what the next run finds in its cache.
    ("controls-runs", Severity::High, &["actions"]),
    // A required check is passed by whoever may write one.
    ("passes-checks", Severity::Medium, &["checks", "statuses"]),
];

/// The severity with its reasons.
pub(super) fn judge(looks: &Looks) -> (Severity, BTreeSet<&'static str>) {
    let mut reasons = BTreeSet::new();
    let mut severity = Severity::Low;
    let mut because = |reason: &'static str, at_least: Severity| {
        reasons.insert(reason);
        severity = severity.max(at_least);
    };
    let writes = looks.writes;
    for (reason, at_least, scopes) in DANGERS {
        if writes && scopes.iter().any(|scope| looks.scopes.contains(scope)) {
            because(reason, *at_least);
        }
    }
    if writes {
        because("writes", Severity::Medium);
    }
    if writes && Scope::all().filter(|scope| scope.has(Level::Write)).all(|scope| looks.scopes.contains(scope.name())) {
        because("write-all", Severity::High);
    }
    if looks.calls_elsewhere {
        because("runs-elsewhere", Severity::Medium);
    }
    if looks.by_anybody || (looks.through_fork && writes) {
        let (reason, worst) = if looks.are_kept_off { ("any-principal", Severity::High) } else { ("public", Severity::Critical) };
        because(reason, if writes { worst } else { Severity::Medium });
    }
    (severity, reasons)
}

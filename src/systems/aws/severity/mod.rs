//! How much a gain in AWS matters, and why.

mod escalation;
mod exfiltration;
mod exposure;
mod listed;
mod methods;
#[cfg(test)]
mod tests;

pub(super) use escalation::{Completed, Escalation, Reach};
pub(super) use exposure::{Exposed, exposed, is_pinned};
pub(super) use methods::completing;

use super::Slot;
use super::knowledge::{self, Known, Level};
use super::pattern::{Action, Notation, Resource};
use crate::access::{Word, matches};
use crate::document::{Bounds, Syntax, from_node, parse};
use crate::systems::Severity;
use listed::{List, Listed};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Actions with the access level *Permissions management* in the service authorization reference, lower-case, but for reads.
static PERMISSIONS_MANAGEMENT: LazyLock<List<()>> = LazyLock::new(|| {
    let words = |action: Known| [Word::plain(action.service.prefix), Word::plain(action.name.to_ascii_lowercase())];
    let actions = knowledge::actions_of(Level::PermissionsManagement).filter(|action| !only_reads(action));
    actions.map(|action| (words(action), ())).collect()
});

/// Whether nobody's access can change by the action, although the reference has it under *Permissions management*.
///
/// It calls two dozen queries of Glue so, and the reading of some resource policies, which it calls *Read* elsewhere. With them, whoever may
/// list what is in Glue would weigh as much as who may grant access to it.
fn only_reads(action: &Known) -> bool {
    let signs_in = action.service.prefix == "datazone" && action.name == "GetIamPortalLoginUrl";
    let reads = ["BatchGet", "Describe", "Get", "List", "Search"];
    reads.iter().any(|verb| action.name.starts_with(verb)) && !signs_in
}

/// Actions by which a holder takes over somebody else's access, although the reference calls them *Write*.
static BORROWS_ACCESS: LazyLock<List<()>> = LazyLock::new(|| {
    let actions = [
        ("iam", "passrole"),
        ("iam", "createaccesskey"),
        ("iam", "createloginprofile"),
        ("iam", "updateloginprofile"),
        ("iam", "addusertogroup"),
        ("sts", "assumerole"),
    ];
    actions.into_iter().map(|(service, name)| ([Word::plain(service), Word::plain(name)], ())).collect()
});

/// What a region looks like from far away.
#[expect(clippy::struct_excessive_bools, reason = "independent observations, not a state")]
pub(super) struct Looks<'a> {
    pub(super) slot: Slot,
    pub(super) actions: Vec<&'a Action>,
    pub(super) except_actions: Vec<&'a Action>,
    /// A resource pattern is `*`.
    pub(super) any_resource: bool,
    /// A resource pattern names only a service, or less.
    pub(super) wide_resource: bool,
    pub(super) resources: Vec<&'a Resource>,
    /// Who is let in from outside.
    pub(super) exposed: BTreeSet<Exposed>,
    /// The difference is a Deny that became smaller.
    pub(super) by_deny: bool,
    /// The difference is a cap that became wider or is gone.
    pub(super) by_cap: bool,
    /// Known methods that it completes.
    pub(super) completed: &'a [Completed],
}

/// The severity with its reasons.
pub(super) fn judge(looks: &Looks<'_>) -> (Severity, BTreeSet<&'static str>) {
    let mut reasons = BTreeSet::new();
    let mut severity = Severity::Medium;
    let mut because = |reason: &'static str, at_least: Severity| {
        reasons.insert(reason);
        severity = severity.max(at_least);
    };
    let every_action = looks.actions.iter().any(|action| action.globs().iter().all(crate::access::Glob::is_any));
    let every_of_service = looks.actions.iter().any(|action| action.globs().last().is_some_and(crate::access::Glob::is_any));
    if every_action || every_of_service {
        because("wildcard-action", if looks.wide_resource { Severity::High } else { Severity::Medium });
    }
    if looks.any_resource {
        because("wildcard-resource", Severity::Medium);
    }
    if every_action && looks.any_resource {
        because("wildcard-on-wildcard", Severity::Critical);
    }
    if means_one_of(looks, &BORROWS_ACCESS) {
        because("borrows-access", Severity::High);
    }
    if means_one_of(looks, &PERMISSIONS_MANAGEMENT) {
        because("permissions-management", if looks.wide_resource { Severity::Critical } else { Severity::High });
    }
    for exposed in &looks.exposed {
        match exposed {
            Exposed::Public => because("public", Severity::Critical),
            Exposed::Organisation => because("organisation", Severity::High),
            Exposed::Pinned => because("any-principal", Severity::High),
            Exposed::CrossAccount => because("cross-account", Severity::High),
            Exposed::FederatedAnybody => because("federated-open", Severity::Critical),
            Exposed::Federated => because("federated-open", Severity::High),
            Exposed::Deputy => because("confused-deputy", Severity::Medium),
        }
    }
    if looks.slot != Slot::Trust && exfiltration::leaves(&looks.actions, &looks.except_actions, &looks.resources) {
        because("exfiltration", Severity::High);
    }
    if looks.slot == Slot::Trust {
        because("trust", Severity::High);
    }
    if let Some(severity) = looks.completed.iter().map(|one| one.severity).max() {
        because("privilege-escalation", severity);
    }
    if looks.by_deny {
        because("deny-narrowed", Severity::High);
    }
    if looks.by_cap {
        because("cap-loosened", Severity::High);
    }
    (severity, reasons)
}

/// Whether an action is one for which a region has the gravest of those of its reasons that are about actions: what it completes, if it
/// completes something.
pub(super) fn is_why(reasons: &BTreeSet<&'static str>, completed: &[Completed], action: &str) -> bool {
    let Ok(action) = Action::parse(action) else { return false };
    if let Some(completed) = completed.first() {
        return completed.needs(&action);
    }
    match () {
        () if reasons.contains("permissions-management") => !PERMISSIONS_MANAGEMENT.meant_by(&action).is_empty(),
        () if reasons.contains("borrows-access") => !BORROWS_ACCESS.meant_by(&action).is_empty(),
        () if reasons.contains("exfiltration") => exfiltration::is_known(&action),
        () => true,
    }
}

/// What a file of `data/aws` holds. That each can be read is tested.
fn table<T: serde::de::DeserializeOwned>(text: &[u8]) -> Vec<T> {
    let file = parse("data/aws", text, Syntax::Yaml, &Bounds::default()).ok();
    file.and_then(|file| from_node(file.documents.first()?).ok()).unwrap_or_default()
}

fn means_one_of(looks: &Looks<'_>, list: &List<()>) -> bool {
    meant(list, &looks.actions, &looks.except_actions).next().is_some()
}

/// What a list says about actions that some patterns mean, and no exception does.
fn meant<'l, T>(list: &'l List<T>, actions: &[&Action], except: &[&Action]) -> impl Iterator<Item = &'l T> {
    let is_left = |one: &&Listed<T>| !except.iter().any(|action| matches(action.globs(), &one.words));
    actions.iter().flat_map(|action| list.meant_by(action)).filter(is_left).flat_map(|one| &one.all)
}

//! Cells that no request can be in: an action on ARNs of a kind that it never acts on, by the edition of the reference that is built in.
//!
//! Only what is certain is left out. The action is spelt out and known; the resource is an ARN; and no kind of resource that the
//! reference names has an ARN there. Mostly only the services of ARNs are compared. Where its kinds of resources were examined, that of
//! the action counts, up to its first variable: partition, region, account, case and everything after it are no evidence. Where the
//! reference says too little, `data/aws/gaps.txt` says more; where it names no resource for an action at all it is not believed.

use super::cell::{Cell, Slice};
use super::knowledge::{self, Known};
use super::pattern::{Action, Notation, Resource};
use crate::access::Glob;

/// Services of which the kinds of resources that each action acts on were held against AWS's own policies.
const EXAMINED: [&str; 2] = ["ec2", "iam"];

/// Whether no request can be in the cell.
pub(super) fn is_vacuous(cell: &Cell<'_>) -> bool {
    let is_arn = |pattern: &&Resource| part(*pattern, 0).and_then(Glob::as_exact) == Some("arn");
    cell.resource.around().any(|patterns| patterns.iter().all(is_arn))
        && spelt_out(&cell.action).is_some_and(|actions| !actions.into_iter().any(|action| acts_on_some(action, &cell.resource)))
}

/// The actions that a class has at most, all known. A wildcard also means actions that nobody has made yet.
fn spelt_out(actions: &Slice<'_, Action>) -> Option<Vec<Known>> {
    let exact = |pattern: &Action| knowledge::action(part(pattern, 0)?.as_exact()?, part(pattern, 1)?.as_exact()?);
    actions.around().find_map(|patterns| patterns.iter().copied().map(exact).collect())
}

/// Whether some resource of the class may be one that the action acts on; if in doubt, one is.
pub(super) fn acts_on_some(action: Known, resources: &Slice<'_, Resource>) -> bool {
    let around: Vec<&[&Resource]> = resources.around().collect();
    let may_be = |(service, lead): (&str, &str)| {
        let begins = |pattern: &Resource, at: usize, text: &str| part(pattern, at).is_none_or(|glob| glob.may_begin_with(text));
        around.iter().all(|patterns| patterns.iter().any(|pattern| begins(pattern, 2, service) && begins(pattern, 5, lead)))
    };
    let of_service = |arn: &'static str| (known_part(arn).0, "");
    let acts = if EXAMINED.contains(&action.service.prefix) {
        action.resources().map(known_part).any(may_be)
    } else {
        may_be((action.service.prefix, "")) || action.service.resources().map(of_service).any(may_be)
    };
    acts || action.resources().next().is_none() || knowledge::gaps(action).any(|service| may_be((service, "")))
}

/// Of an ARN without its partition the service, and the resource as far as it is always the same.
fn known_part(arn: &str) -> (&str, &str) {
    let mut parts = arn.splitn(4, ':');
    let (service, resource) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
    (before_variable(service), before_variable(resource))
}

fn before_variable(text: &str) -> &str {
    text.find(['$', '*', '?']).and_then(|at| text.get(..at)).unwrap_or(text)
}

fn part(pattern: &impl Notation, at: usize) -> Option<&Glob> {
    pattern.globs().get(at)
}

//! Resources that hold access back: whether one does so no longer.

use super::plan::{Plan, Resource};
use super::view::View;
use crate::document::Node;

/// What a guard is for, in the attribute that says so.
pub(super) const OF: &[&str] = &["bucket", "account_id"];

/// Whether something that was held back is so no longer.
pub(super) fn is_loosened(plan: &Plan, resource: &Resource, flags: &[&str]) -> bool {
    let mut held = flags.iter().filter(|flag| holds(resource, resource.before(), flag)).peekable();
    (held.peek().is_some() && leaves(plan, resource)) || held.any(|flag| !holds(resource, resource.after(), flag))
}

fn holds(resource: &Resource, view: Option<View<'_>>, flag: &str) -> bool {
    let value = view.and_then(|view| view.get(flag).bare()).and_then(Node::scalar);
    value.is_some_and(|value| &*value.text == "true") && !resource.is_forgotten()
}

/// Whether it goes to something else, and what it was for stays.
fn leaves(plan: &Plan, resource: &Resource) -> bool {
    OF.iter().any(|attribute| {
        let (before, after) = (text(resource.before(), attribute), text(resource.after(), attribute));
        before.is_some_and(|before| after != Some(before) && !goes(plan, before))
    })
}

/// Whether the plan deletes the bucket of that name, or gives it another name, which is the same.
fn goes(plan: &Plan, bucket: &str) -> bool {
    let mut buckets = plan.resources.iter().filter(|resource| resource.kind.name == "aws_s3_bucket" && !resource.is_forgotten());
    buckets.clone().any(|resource| text(resource.before(), "bucket") == Some(bucket))
        && !buckets.any(|resource| text(resource.after(), "bucket") == Some(bucket))
}

fn text<'p>(view: Option<View<'p>>, attribute: &str) -> Option<&'p str> {
    view?.get(attribute).bare()?.text()
}

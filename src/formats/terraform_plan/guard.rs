//! Resources that hold access back: whether one does so no longer.

use super::kind::GUARDED;
use super::plan::{Plan, Resource};
use super::view::View;
use crate::document::Node;

/// Whether something that was held back is so no longer. What is gone needs no guard.
pub(super) fn is_loosened(plan: &Plan, resource: &Resource, flags: &[&str], value: &str) -> bool {
    let holds = |view: Option<View<'_>>, flag: &str| !resource.is_forgotten() && view.is_some_and(|view| says(view, flag) == Some(value));
    let mut held = flags.iter().filter(|flag| holds(resource.before(), flag)).peekable();
    let is_for_nothing = || resource.after().is_none() && text(resource.before(), "bucket").is_some_and(|bucket| goes(plan, bucket));
    held.peek().is_some() && !is_for_nothing() && (leaves(plan, resource) || held.any(|flag| !holds(resource.after(), flag)))
}

/// What an attribute says, or one of a block.
fn says<'p>(view: View<'p>, flag: &str) -> Option<&'p str> {
    let view = flag.split_once('.').map_or_else(|| view.get(flag), |(block, flag)| view.block(block).get(flag));
    view.bare().and_then(Node::scalar).map(|value| &*value.text)
}

/// Whether it goes to something else, and what it was for stays.
fn leaves(plan: &Plan, resource: &Resource) -> bool {
    GUARDED.iter().any(|attribute| {
        let (before, after) = (text(resource.before(), attribute), text(resource.after(), attribute));
        resource.after().is_some() && before.is_some_and(|before| after != Some(before) && !goes(plan, before))
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

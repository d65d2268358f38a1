//! Resources that hold access back: whether one does so no longer.

use super::kind::GUARDED;
use super::plan::{Plan, Resource};
use super::view::View;
use crate::document::Node;

/// Whether something that was held back is so no longer. What is gone needs no guard.
pub(super) fn is_loosened(plan: &Plan, resource: &Resource, flags: &[&str], value: &str) -> bool {
    let stays = resource.is_forgotten() && resource.after().is_none();
    let holds = |view: Option<View<'_>>, flag: &str| !stays && view.is_some_and(|view| says(view, flag) == Some(value));
    let mut held = flags.iter().filter(|flag| holds(resource.before(), flag)).peekable();
    let is_for_nothing = || resource.after().is_none() && text(resource.before(), "bucket").is_some_and(|bucket| goes(plan, bucket));
    is_made_loose(plan, resource, flags, value)
        || held.peek().is_some() && !is_for_nothing() && (leaves(plan, resource) || held.any(|flag| !holds(resource.after(), flag)))
}

/// Whether one is put on a bucket that is there already and holds back less than what a bucket has without one:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html>.
fn is_made_loose(plan: &Plan, resource: &Resource, flags: &[&str], value: &str) -> bool {
    let Some(after) = resource.after().filter(|_| resource.before().is_none()) else { return false };
    let is_loose = flags.iter().any(|flag| after.get(flag).has_unknown() || says(after, flag).is_some_and(|says| says != value));
    let mut made = plan.resources.iter().filter(|other| other.kind.name == "aws_s3_bucket" && other.before().is_none());
    // A name that is not known yet is mostly that of a bucket that is made with it.
    let is_on_old = match text(Some(after), "bucket") {
        Some(bucket) => !made.any(|other| text(other.after(), "bucket") == Some(bucket)),
        // An account has no guard by itself.
        None => !resource.kind.name.starts_with("aws_s3_account_") && made.next().is_none(),
    };
    is_loose && is_on_old
}

/// What an attribute says, or one of a block.
pub(super) fn says<'p>(view: View<'p>, flag: &str) -> Option<&'p str> {
    let view = flag.split_once('.').map_or_else(|| view.get(flag), |(block, flag)| view.block(block).get(flag));
    view.bare().and_then(Node::scalar).map(|value| &*value.text)
}

/// What it is for.
pub(super) fn of(view: View<'_>) -> Option<&str> {
    GUARDED.iter().find_map(|attribute| text(Some(view), attribute))
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

//! One side of a plan.

use super::aws;
use super::context::{Context, Which, provider_of};
use super::guard;
use super::kind::Means;
use super::kubernetes;
use super::plan::Resource;
use super::tags;
use super::unlisted::Folded;
use super::view::View;
use crate::document::Node;
use crate::formats::Reading;
use crate::systems::content_digest;
use std::collections::BTreeSet;

/// What one side says.
pub(super) fn read(context: &Context<'_>, which: Which) -> Reading {
    let mut reading = Reading::default();
    aws::read(context, which, &mut reading);
    kubernetes::read(context, which, &mut reading);
    places(context, &mut reading);
    tags::of_resources(context, which, &mut reading);
    for resource in &context.plan.resources {
        match resource.kind.means {
            Means::Undecided(why) => undecided(context, resource, which, why, &mut reading),
            Means::Guard(flags, value) if context.salt.is_some() || guard::is_loosened(context.plan, resource, flags, value) => {
                undecided(context, resource, which, "it held back what it no longer does", &mut reading);
            }
            _ => {
                watched(context, resource, which, &mut reading);
                // Where both have one name, what is made takes the place of what is forgotten.
                if is_access(resource) && resource.is_forgotten() && resource.is_created() {
                    undecided(
                        context,
                        resource,
                        which,
                        "it is made anew, and what there was before stays where it has another name",
                        &mut reading,
                    );
                }
            }
        }
    }
    reading
}

/// Whether it is about access, and not only read by what is.
fn is_access(resource: &Resource) -> bool {
    !matches!(resource.kind.means, Means::Named | Means::Data | Means::Nothing(_))
}

/// Where the providers make what is about access. Beside another plan nothing else tells of two accounts or clusters that they are not one.
fn places(context: &Context<'_>, reading: &mut Reading) {
    let (Some(salt), Some(configuration)) = (context.salt, &context.plan.configuration) else { return };
    let used = context.plan.resources.iter().filter(|resource| is_access(resource));
    let used: BTreeSet<&str> = used.filter_map(|resource| provider_of(context.plan, resource)).collect();
    for (provider, (says, references)) in configuration.places.iter().filter(|(provider, _)| used.contains(provider.as_str())) {
        let known = |name: &str| context.plan.variables.as_ref().and_then(|all| Some(all.get(name)?.canonical())).unwrap_or_default();
        let value = |name: &str| if configuration.secret_variables.contains(name) { salt.to_owned() } else { known(name) };
        let values = references.iter().filter_map(|reference| reference.strip_prefix("var.")).map(value).collect::<Vec<_>>().join("\u{1f}");
        let digest = content_digest(&["provider", provider, says, &values]);
        let holder = format!("provider {provider}").into();
        reading.unread.insert(context.part(&holder, &digest, "this provider may make things in another place than it did"));
    }
}

/// What lets somebody in besides the policy of a resource. Of what a plan changes, what it will be says enough, and a new resource is
/// what its policy says.
fn watched(context: &Context<'_>, resource: &Resource, which: Which, reading: &mut Reading) {
    let (true, Some(after)) = (which == Which::After, resource.after()) else { return };
    for attribute in resource.kind.watched() {
        let now = after.get(attribute);
        let bare = |view: View<'_>| view.bare().map(Node::canonical);
        let is_other = resource.before().is_some_and(|before| now.has_unknown() || bare(before.get(attribute)) != bare(now));
        let salt = context.salt.filter(|_| now.has_unknown() || now.has_sensitive()).unwrap_or_default();
        let counts = if context.salt.is_some() { now.bare().is_some() } else { is_other };
        if counts {
            let digest = content_digest(&["watched", attribute, &now.known(), salt]);
            reading.unread.insert(context.part(
                &resource.address,
                &digest,
                &format!("`{attribute}` is not read, and lets somebody in or keeps somebody out"),
            ));
        }
    }
}

/// What is not read. Of what a plan changes, what it will be says enough.
fn undecided(context: &Context<'_>, resource: &Resource, which: Which, why: &str, reading: &mut Reading) {
    let own = resource.folded.is_none().then(|| Folded::of(resource.before(), resource.after()));
    let Some(folded) = resource.folded.as_ref().or(own.as_ref()) else { return };
    let beside = context.salt.filter(|_| resource.folded.is_some());
    if let Some(salt) = beside {
        let sets = |attribute: &str| context.plan.configuration.as_ref().is_none_or(|all| all.may_set(&resource.configured, attribute));
        let provider = provider_of(context.plan, resource).unwrap_or_default();
        reading.unread.extend(folded.beside(sets, provider, salt).map(|digest| context.part(&resource.address, &digest, why)));
        return;
    }
    let digest = match (which, &folded.before, &folded.after) {
        (Which::Before, Some(before), Some(after)) if before != after && context.salt.is_none() => return,
        (Which::Before, Some(before), _) => before,
        (Which::After, Some(before), None) if resource.is_forgotten() => before,
        (Which::After, _, Some(after)) => after,
        _ => return,
    };
    let salt = context.salt.filter(|_| folded.has_gaps).unwrap_or_default();
    reading.unread.insert(context.part(&resource.address, &content_digest(&["resource", digest, salt]), why));
}

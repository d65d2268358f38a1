//! What the policy of a resource is of.

use super::attached::{Name, is_meant};
use super::context::{Context, Which};
use super::kind::{Document, Means, REGION};
use super::plan::Resource;
use super::view::View;
use crate::document::Node;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Names under which a plan has more than one policy.
pub(super) struct Names {
    shared: BTreeSet<Name>,
}

/// A name, and whether it is that of one thing only.
pub(super) struct Known {
    pub(super) name: Name,
    is_arn: bool,
}

impl Names {
    /// What has one policy has the last that was written, and which one that is nobody knows; and what is called the same may be another.
    pub(super) fn new(context: &Context<'_>) -> Self {
        let sides: &[Which] = if context.salt.is_some() { &[Which::After] } else { &[Which::Before, Which::After] };
        let mut shared = BTreeSet::new();
        for which in sides {
            let mut said: BTreeMap<Name, (bool, BTreeSet<&str>, BTreeSet<String>)> = BTreeMap::new();
            for (resource, view) in context.views(*which) {
                let Means::Document(document) = &resource.kind.means else { continue };
                if !says(context, document, resource, view) {
                    continue;
                }
                let what = view.get(document.attribute);
                let Known { name, is_arn } = known(context, document, resource, view);
                let (is_one_thing, resources, texts) = said.entry(name).or_insert((is_arn, BTreeSet::new(), BTreeSet::new()));
                *is_one_thing &= is_arn;
                resources.insert(&resource.address);
                texts.insert(what.bare().map(Node::canonical).unwrap_or_default());
            }
            let is_shared = |(_, (is_one_thing, resources, texts)): &(Name, (bool, BTreeSet<&str>, BTreeSet<String>))| {
                resources.len() > 1 && !(*is_one_thing && texts.len() == 1)
            };
            shared.extend(said.into_iter().filter(is_shared).map(|(name, _)| name));
        }
        Self { shared }
    }

    /// By its ARN where that can be told, else by its type and its name, else by the address of what says it.
    pub(super) fn of(&self, context: &Context<'_>, document: &Document, resource: &Resource, view: View<'_>) -> Name {
        let name = known(context, document, resource, view).name;
        if self.shared.contains(&name) { Name { holder: Arc::clone(&resource.address), ..name } } else { name }
    }
}

/// Whether the resource says what its policy is.
pub(super) fn says(context: &Context<'_>, document: &Document, resource: &Resource, view: View<'_>) -> bool {
    view.get(document.attribute).is_there() && (!document.is_computed || is_meant(context, resource, view, document.attribute))
}

pub(super) fn known(context: &Context<'_>, document: &Document, resource: &Resource, view: View<'_>) -> Known {
    let own = (resource.kind.name == document.parent).then(|| view.get("arn").text()).flatten();
    let named = document.of.iter().find_map(|attribute| view.get(attribute).text());
    let region = view.get(REGION).text();
    let by_id = || named.and_then(|id| context.arn_of(document.parent, id, resource, region));
    let arn = own.or_else(by_id).or(named.filter(|id| id.starts_with("arn:")));
    let bucket = named.filter(|_| document.parent == "aws_s3_bucket");
    let holder: Arc<str> = match (arn, bucket, named) {
        (Some(arn), ..) => arn.into(),
        (None, Some(bucket), _) => format!("arn:aws:s3:::{bucket}").into(),
        (None, None, Some(id)) => in_region(context, &format!("{}/{id}", document.parent), region, resource),
        (None, None, None) => Arc::clone(&resource.address),
    };
    Known { name: Name { holder, realm: context.realm(arn, resource) }, is_arn: arn.or(bucket).is_some() }
}

/// What is called that where the resource is. Where that may be one of several places, it is what the resource says that speaks of it.
pub(super) fn in_region(context: &Context<'_>, name: &str, region: Option<&str>, resource: &Resource) -> Arc<str> {
    match region {
        Some(region) => format!("{name} in {region}").into(),
        None if context.has_several_places() => Arc::clone(&resource.address),
        None => name.into(),
    }
}

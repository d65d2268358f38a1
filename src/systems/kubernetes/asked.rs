//! The words of a witness, read back into requests.

use super::naive::{Asker, Request, Target};
use super::regions::fact_text;
use super::subjects::subjects;
use super::{ForAnybody, Identity, Objects, Realm, RoleKind, RoleName, Rules, notation};
use crate::systems::Region;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A directory and a cluster may have one name, so each may be meant.
pub(super) fn requests(sides: [&Rules; 2], region: &Region) -> Vec<Request> {
    let Some(witness) = &region.witness else { return Vec::new() };
    let (Some(asker), Some(target)) = (asker(&region.holder), target(&witness.resource)) else { return Vec::new() };
    let subject = subjects(&sides).into_iter().find(|subject| subject.holder == region.holder && subject.realm == region.realm);
    let facts = subject.map(|subject| subject.facts).unwrap_or_default();
    let told = facts.into_iter().filter_map(|fact| Some((witness.facts.get(&fact_text(&fact)).copied()?, fact)));
    let told: Vec<_> = told.map(|(value, fact)| (fact, value)).collect();
    let realms: BTreeSet<&Realm> = sides.into_iter().flat_map(realms).filter(|realm| realm.name == region.realm).collect();
    let request = |realm: &Realm| Request {
        realm: realm.clone(),
        asker: asker.clone(),
        verb: witness.action.as_str().into(),
        target: target.clone(),
        facts: told.iter().cloned().collect(),
    };
    realms.into_iter().map(request).collect()
}

fn realms(rules: &Rules) -> impl Iterator<Item = &Realm> {
    rules.roles.keys().map(|(realm, _)| realm).chain(rules.bindings.keys().map(|(realm, _)| realm))
}

/// A holder, as `Identity` and `RoleName` are written.
fn asker(holder: &str) -> Option<Asker> {
    let (kind, name) = holder.split_once('/')?;
    let role = |kind, namespace: &str, name: &str| Asker::Role(RoleName { kind, namespace: namespace.into(), name: name.into() });
    let identity = match kind {
        "user" => Identity::User(name.into()),
        "group" => Identity::Group(name.into()),
        "serviceaccount" => {
            let (namespace, name) = name.split_once('/')?;
            Identity::ServiceAccount { namespace: namespace.into(), name: name.into() }
        }
        "clusterrole" => return Some(role(RoleKind::ClusterRole, "", name)),
        "role" => return name.split_once('/').map(|(namespace, name)| role(RoleKind::Role, namespace, name)),
        _ => return None,
    };
    let groups = identity.groups().into_iter().collect();
    Some(Asker::Identity(identity, groups))
}

/// One resource or path, as [`notation`] writes it.
fn target(text: &str) -> Option<Target> {
    let ForAnybody { namespaces, policy } = notation::parse([], text).ok()?;
    let first = |set: BTreeSet<Arc<str>>| set.into_iter().next();
    match policy.objects {
        Objects::Urls(paths) => first(paths).map(Target::Path),
        Objects::Resources { groups, resources, names } => {
            let resource = first(resources)?;
            let (resource, subresource) = resource.split_once('/').unwrap_or((&resource, ""));
            Some(Target::Resource {
                namespace: namespaces.and_then(first),
                group: first(groups)?,
                resource: resource.into(),
                subresource: subresource.into(),
                name: first(names).unwrap_or_else(|| "".into()),
            })
        }
    }
}

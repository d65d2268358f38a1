//! One thing that two resources of a plan are about: one leaves the state and another is made in its place, or both always were.
//!
//! What is said at one address then hides what becomes of it at the other: a policy that is deleted here is still said there, and the
//! copy that is forgotten says what it no longer is. Where nothing is kept out by it that hides nothing but losses.

use super::absent::without_one;
use super::attached::{Held, Name};
use super::aws::ADMINISTRATOR;
use super::context::{Context, Which};
use super::guard;
use super::kind::Means;
use super::names;
use super::plan::Resource;
use super::view::{Told, View};
use crate::document::Node;
use crate::systems::aws::Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What there is once, wherever that is: whose it is, and which of what that has.
type Thing = (Arc<str>, String);

/// What a resource says of a thing.
struct Claim<'p> {
    resource: &'p Resource,
    realm: Arc<str>,
    /// Where it holds is not known, and may be anywhere.
    is_stray: bool,
    text: String,
    /// Somebody may be kept out by it.
    holds_back: bool,
}

/// Where something is claimed: at an address, by what stands there or is left over there, and whether it is what is deleted last.
type At<'p> = (&'p str, &'p str, bool);

#[derive(Default)]
struct Claims<'p>(BTreeMap<Thing, BTreeMap<At<'p>, Claim<'p>>>);

/// A thing of which nobody can tell what becomes of it.
pub(super) struct Twin<'p> {
    pub(super) name: Name,
    pub(super) what: String,
    /// One of those that say it.
    pub(super) resource: &'p Resource,
    /// Stands for all that is said.
    pub(super) says: String,
}

/// Every thing that some resource will say otherwise than another one, or will say no more, and that may keep somebody out.
pub(super) fn all<'p>(context: &Context<'p>, after: &Held<'p>) -> Vec<Twin<'p>> {
    let was = Claims::of(context, &Held::of(context, Which::Before), Which::Before);
    let mut will = Claims::of(context, after, Which::After).0;
    for (thing, claims) in was.0 {
        let Some(now) = will.get_mut(&thing) else { continue };
        for ((address, deposed, _), claim) in claims {
            let (holds_back, is_last) = (claim.holds_back, claim.resource.deletes_last);
            now.entry((address, deposed, is_last)).or_insert(Claim { text: "gone".to_owned(), ..claim }).holds_back |= holds_back;
        }
    }
    will.into_iter().flat_map(|(thing, claims)| disagreeing(&thing, &claims.into_values().collect::<Vec<_>>())).collect()
}

/// Those that may be in one place, place by place.
fn disagreeing<'p>(thing: &Thing, claims: &[Claim<'p>]) -> Vec<Twin<'p>> {
    let known: BTreeSet<&Arc<str>> = claims.iter().filter(|claim| !claim.is_stray).map(|claim| &claim.realm).collect();
    let first = claims.iter().map(|claim| &claim.realm).take(1).filter(|_| known.is_empty());
    let twin = |realm: &Arc<str>| {
        let here = || claims.iter().filter(|claim| claim.is_stray || claim.realm == *realm);
        let texts: BTreeSet<&str> = here().map(|claim| &*claim.text).collect();
        let says = here().map(|claim| format!("{}\u{1f}{}", claim.resource.address, claim.text)).collect::<Vec<_>>().join("\u{1f}");
        let name = Name { holder: Arc::clone(&thing.0), realm: Arc::clone(realm) };
        let resource = here().next().filter(|_| texts.len() > 1 && here().any(|claim| claim.holds_back))?.resource;
        Some(Twin { name, what: thing.1.clone(), resource, says })
    };
    known.iter().copied().chain(first).filter_map(twin).collect()
}

impl<'p> Claims<'p> {
    fn of(context: &Context<'p>, held: &Held<'p>, which: Which) -> Self {
        let mut claims = Self::default();
        for (name, all) in &held.by_name {
            for has in all {
                let own = has.name.map(ToOwned::to_owned).or_else(|| has.what.text().filter(|_| has.by_arn).map(ToOwned::to_owned));
                match (has.slot, own) {
                    (Slot::Trust, _) => claims.add(context, name, "its trust policy", has.resource, has.what, may_deny(has.what)),
                    (Slot::Boundary, _) => {
                        let is_there = !matches!(has.what.told(), Told::Nothing);
                        claims.add(context, name, "its permissions boundary", has.resource, has.what, is_there);
                    }
                    (_, Some(own)) => {
                        let holds_back = if has.by_arn { denies(held, &own) } else { may_deny(has.what) };
                        claims.add(context, name, &format!("its policy `{own}`"), has.resource, has.what, holds_back);
                    }
                    _ => {}
                }
            }
        }
        for (user, group, resource) in &held.members {
            let all = held.by_name.get(group).map(Vec::as_slice).unwrap_or_default();
            let is_known = held.groups.contains(group) && all.iter().all(|has| !has.by_arn || has.what.text().is_some());
            let denies =
                all.iter().any(|has| if has.by_arn { has.what.text().is_none_or(|arn| denies(held, arn)) } else { may_deny(has.what) });
            claims.add(context, user, &format!("its place in `{}`", group.holder), resource, View::default(), denies || !is_known);
        }
        for (resource, view) in context.views(which) {
            claims.resource(context, resource, view);
        }
        claims
    }

    fn resource(&mut self, context: &Context<'p>, resource: &'p Resource, view: View<'p>) {
        let name_of = |holder: String| Name { holder: holder.into(), realm: context.realm(view.get("arn").text(), resource) };
        match &resource.kind.means {
            Means::Policy => {
                if let Some(name) = view.get("name").text() {
                    let what = view.get("policy");
                    self.add(context, &name_of(format!("policy/{name}")), "what it says", resource, what, may_deny(what));
                }
            }
            Means::Organisation => {
                let kind = view.get("type").text().unwrap_or("SERVICE_CONTROL_POLICY");
                if let Some(name) = view.get("name").text() {
                    let what = format!("this `{kind}`");
                    self.add(context, &name_of(format!("organisation-policy/{name}")), &what, resource, view.get("content"), true);
                }
            }
            Means::Document(document) => {
                let what = view.get(document.attribute);
                // A policy that limits what others allow keeps out whoever it does not name.
                let limits = document.slot.is_cap() && !matches!(what.told(), Told::Nothing);
                let holds_back = limits || may_deny(what) || without_one(document.parent).is_some();
                if names::says(context, document, resource, view) {
                    self.add(context, &names::known(context, document, resource, view).name, "its policy", resource, what, holds_back);
                }
            }
            Means::Guard(flags, value) => {
                if let Some(of) = guard::of(view) {
                    let says: Vec<&str> = flags.iter().map(|flag| guard::says(view, flag).unwrap_or_default()).collect();
                    let name = name_of(format!("{}/{of}", resource.kind.name));
                    self.claim(context, &name, "what it holds back", resource, says.join("\u{1f}"), says.contains(value));
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, context: &Context<'p>, name: &Name, what: &str, resource: &'p Resource, says: View<'p>, holds_back: bool) {
        let text = says.bare().filter(|_| !matches!(says.told(), Told::Nothing)).map(Node::canonical).unwrap_or_default();
        let text = format!("{text}{}", says.unknown().map(Node::canonical).unwrap_or_default());
        self.claim(context, name, what, resource, text, holds_back);
    }

    fn claim(&mut self, context: &Context<'p>, name: &Name, what: &str, resource: &'p Resource, text: String, holds_back: bool) {
        let (realm, is_stray) = (Arc::clone(&name.realm), context.is_stray(resource));
        let claim = Claim { resource, realm, is_stray, text, holds_back };
        let at = (&*resource.address, &*resource.deposed, false);
        self.0.entry((Arc::clone(&name.holder), what.to_owned())).or_default().insert(at, claim);
    }
}

/// Whether the policy with that ARN may keep somebody out; what is not in the plan may.
pub(super) fn denies(held: &Held<'_>, arn: &str) -> bool {
    let all = held.with_arn(arn);
    (all.is_empty() && arn != ADMINISTRATOR) || all.iter().any(|policy| may_deny(policy.view.get("policy")))
}

/// Whether there may be a Deny in it. The word may be spelt with an escape.
pub(super) fn may_deny(what: View<'_>) -> bool {
    match what.told() {
        Told::Nothing => false,
        Told::Known(node) => {
            let text = node.canonical();
            text.contains("Deny") || text.contains("\\u")
        }
        Told::Unknown | Told::Sensitive => true,
    }
}

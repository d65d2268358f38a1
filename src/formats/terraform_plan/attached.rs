//! Who has which policy: what the resources of one side of a plan say together.

use super::configuration::Configuration;
use super::context::{Context, Which};
use super::kind::{Holder, Means};
use super::plan::Resource;
use super::references::{Managed, References};
use super::view::{Told, View};
use crate::systems::aws::Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whose a policy is, as `aws-iam` calls it, and where that holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) holder: Arc<str>,
    pub(super) realm: Arc<str>,
}

/// Something that a holder has.
#[derive(Clone, Copy)]
pub(super) struct Has<'p> {
    pub(super) resource: &'p Resource,
    pub(super) attribute: &'static str,
    pub(super) what: View<'p>,
    pub(super) slot: Slot,
    /// Whether `what` is the policy's ARN, and not the policy.
    pub(super) by_arn: bool,
}

/// Who has what on one side.
#[derive(Default)]
pub(super) struct Held<'p> {
    pub(super) by_name: BTreeMap<Name, Vec<Has<'p>>>,
    /// Users and groups that they are in, as the resource says that says so.
    pub(super) members: Vec<(Name, Name, &'p Resource)>,
    /// Groups that are in the plan.
    pub(super) groups: BTreeSet<Name>,
    /// Memberships of which not all names are known or may be shown.
    pub(super) unclear: Vec<(Name, Has<'p>)>,
    /// Names that are known only after the apply: addresses stand for them.
    pub(super) unnamed: Vec<(&'p Resource, &'static str)>,
    pub(super) managed: Vec<Managed<'p>>,
    by_arn: BTreeMap<&'p str, Managed<'p>>,
    /// How often each ARN is attached.
    attached: BTreeMap<&'p str, usize>,
    /// Addresses of policies to which an attachment refers whose ARN is not known.
    referred_to: BTreeSet<Arc<str>>,
    references: References<'p>,
}

impl<'p> Held<'p> {
    pub(super) fn of(context: &Context<'p>, which: Which) -> Self {
        let mut held = Self::default();
        for (resource, view) in context.views(which) {
            match &resource.kind.means {
                Means::Identity(holder) => held.identity(context, *holder, resource, view),
                Means::Policy => {
                    let managed = Managed { resource, view };
                    held.references.add(managed);
                    held.by_arn.extend(view.get("arn").text().map(|arn| (arn, managed)));
                    held.managed.push(managed);
                }
                Means::Data => held.references.add(Managed { resource, view }),
                Means::Inline(holder) => {
                    let name = held.named(context, *holder, resource, view);
                    held.has(name, Has { resource, attribute: "policy", what: view.get("policy"), slot: Slot::Identity, by_arn: false });
                }
                Means::Attachment(holder) => {
                    let attribute = if *holder == Holder::PermissionSet { "managed_policy_arn" } else { "policy_arn" };
                    let name = held.named(context, *holder, resource, view);
                    held.has(name, by_arn(resource, attribute, view.get(attribute), Slot::Identity));
                }
                Means::Attachments(holder) => {
                    let name = held.named(context, *holder, resource, view);
                    held.arns(&name, resource, "policy_arns", view.get("policy_arns"));
                }
                Means::Holders => held.holders(context, resource, view),
                Means::GroupsOfUser => {
                    let user = held.named(context, Holder::User, resource, view);
                    held.memberships(context, resource, view, "groups", &user, Holder::Group);
                }
                Means::UsersOfGroup => {
                    let group = held.named(context, Holder::Group, resource, view);
                    held.memberships(context, resource, view, "users", &group, Holder::User);
                }
                _ => {}
            }
        }
        held.count(context);
        held
    }

    fn has(&mut self, name: Name, has: Has<'p>) {
        self.by_name.entry(name).or_default().push(has);
    }

    /// A role, user or group, with what stands in it. What the configuration does not set, another resource may have made, and that
    /// one says what becomes of it.
    fn identity(&mut self, context: &Context<'p>, holder: Holder, resource: &'p Resource, view: View<'p>) {
        let arn = view.get("arn").text();
        let realm = context.realm(arn, resource);
        let name = match view.get("name").text() {
            Some(name) => Name { holder: format!("{}/{name}", holder.word()).into(), realm },
            None => Name { holder: Arc::clone(&resource.address), realm },
        };
        if matches!(view.get("name").told(), Told::Sensitive) {
            self.unnamed.push((resource, "name"));
        }
        if holder == Holder::Group {
            self.groups.insert(name.clone());
        }
        let trust = view.get("assume_role_policy");
        self.has(name.clone(), Has { resource, attribute: "assume_role_policy", what: trust, slot: Slot::Trust, by_arn: false });
        if is_meant(context, resource, view, "inline_policy") {
            for block in view.get("inline_policy").items() {
                let what = block.get("policy");
                self.has(name.clone(), Has { resource, attribute: "inline_policy", what, slot: Slot::Identity, by_arn: false });
            }
            self.unknown_as_a_whole(&name, resource, "inline_policy", view);
        }
        if is_meant(context, resource, view, "managed_policy_arns") {
            self.arns(&name, resource, "managed_policy_arns", view.get("managed_policy_arns"));
        }
        let boundary = view.get("permissions_boundary");
        self.has(name, by_arn(resource, "permissions_boundary", boundary, Slot::Boundary));
    }

    fn unknown_as_a_whole(&mut self, name: &Name, resource: &'p Resource, attribute: &'static str, view: View<'p>) {
        let what = view.get(attribute);
        if what.is_unknown() {
            self.has(name.clone(), Has { resource, attribute, what, slot: Slot::Identity, by_arn: false });
        }
    }

    fn arns(&mut self, name: &Name, resource: &'p Resource, attribute: &'static str, list: View<'p>) {
        let whole = Some(list).filter(|list| list.is_unknown());
        for what in list.items().into_iter().chain(whole) {
            self.has(name.clone(), by_arn(resource, attribute, what, Slot::Identity));
        }
    }

    fn holders(&mut self, context: &Context<'p>, resource: &'p Resource, view: View<'p>) {
        for (attribute, holder) in [("roles", Holder::Role), ("users", Holder::User), ("groups", Holder::Group)] {
            let list = view.get(attribute);
            for item in list.items() {
                let name = self.name_of(context, holder, item, resource, attribute);
                self.has(name, by_arn(resource, "policy_arn", view.get("policy_arn"), Slot::Identity));
            }
            if list.is_unknown() {
                self.unnamed.push((resource, attribute));
                let name = address_of(context, resource);
                self.has(name, by_arn(resource, "policy_arn", view.get("policy_arn"), Slot::Identity));
            }
        }
    }

    fn memberships(
        &mut self,
        context: &Context<'p>,
        resource: &'p Resource,
        view: View<'p>,
        attribute: &'static str,
        one: &Name,
        others: Holder,
    ) {
        let list = view.get(attribute);
        for item in list.items() {
            let Some(text) = item.text() else { continue };
            let other = identity_name(context, others, text, resource);
            let (user, group) = if others == Holder::Group { (one.clone(), other) } else { (other, one.clone()) };
            self.members.push((user, group, resource));
        }
        if matches!(list.told(), Told::Unknown | Told::Sensitive) {
            self.unclear.push((one.clone(), Has { resource, attribute, what: list, slot: Slot::Identity, by_arn: false }));
        }
    }

    /// Whose it is: a name, or where that is not known yet, the address of what says it. Nothing else has that name, so nothing that
    /// somebody else may do hides what it gives.
    fn named(&mut self, context: &Context<'p>, holder: Holder, resource: &'p Resource, view: View<'p>) -> Name {
        let attribute = holder.attributes().iter().find(|attribute| !matches!(view.get(attribute).told(), Told::Nothing));
        let attribute = attribute.copied().unwrap_or("name");
        self.name_of(context, holder, view.get(attribute), resource, attribute)
    }

    fn name_of(&mut self, context: &Context<'p>, holder: Holder, name: View<'p>, resource: &'p Resource, attribute: &'static str) -> Name {
        if let Some(text) = name.text() {
            return identity_name(context, holder, text, resource);
        }
        self.unnamed.push((resource, attribute));
        address_of(context, resource)
    }

    /// The managed policy with that ARN.
    pub(super) fn with_arn(&self, arn: &str) -> Option<Managed<'p>> {
        self.by_arn.get(arn).copied()
    }

    /// The one managed policy that the configuration refers to, where that is one.
    pub(super) fn referred(&self, context: &Context<'p>, has: &Has<'p>) -> Option<Managed<'p>> {
        self.references.only(context, has.resource, has.attribute, |means| matches!(means, Means::Policy))
    }

    /// The one document that the configuration refers to, where that is one.
    pub(super) fn document(&self, context: &Context<'p>, has: &Has<'p>) -> Option<Managed<'p>> {
        self.references.only(context, has.resource, has.attribute, |means| matches!(means, Means::Data))
    }

    /// How often a managed policy is attached, as far as the ARN is known, and whether something that is not known yet refers to it.
    pub(super) fn times_attached(&self, policy: &Managed<'p>) -> (usize, bool) {
        let known = policy.view.get("arn").text().and_then(|arn| self.attached.get(arn)).copied();
        (known.unwrap_or_default(), self.referred_to.contains(&policy.resource.address))
    }

    /// Counts who has which managed policy.
    fn count(&mut self, context: &Context<'p>) {
        let mut referred_to = BTreeSet::new();
        for has in self.by_name.values().flatten().filter(|has| has.by_arn && has.slot == Slot::Identity) {
            match has.what.text() {
                Some(arn) => *self.attached.entry(arn).or_default() += 1,
                None => referred_to.extend(self.referred(context, has).map(|policy| Arc::clone(&policy.resource.address))),
            }
        }
        self.referred_to = referred_to;
    }
}

fn by_arn<'p>(resource: &'p Resource, attribute: &'static str, what: View<'p>, slot: Slot) -> Has<'p> {
    Has { resource, attribute, what, slot, by_arn: true }
}

fn address_of(context: &Context<'_>, resource: &Resource) -> Name {
    Name { holder: Arc::clone(&resource.address), realm: context.realm(None, resource) }
}

fn identity_name(context: &Context<'_>, holder: Holder, text: &str, resource: &Resource) -> Name {
    if holder == Holder::PermissionSet {
        return Name { holder: text.into(), realm: context.realm(Some(text), resource) };
    }
    if context.is_ambiguous(holder.word(), text, resource) {
        return address_of(context, resource);
    }
    Name { holder: format!("{}/{text}", holder.word()).into(), realm: context.realm(None, resource) }
}

/// Whether an attribute that the provider fills in is what the configuration wants: where it is set, or where the plan changes it.
pub(super) fn is_meant(context: &Context<'_>, resource: &Resource, view: View<'_>, attribute: &str) -> bool {
    let sets = |configuration: &Configuration| configuration.sets(&resource.configured, attribute);
    if context.plan.configuration.as_ref().is_none_or(sets) {
        return true;
    }
    if view.get(attribute).is_unknown() {
        return false;
    }
    let text = |view: Option<View<'_>>| view.map(|view| view.get(attribute).bare().map(crate::document::Node::canonical));
    match (text(resource.before()), text(resource.after())) {
        (Some(before), Some(after)) => before != after,
        // Nobody has made it yet who could have added to it.
        (None, Some(_)) => resource.is_created(),
        _ => false,
    }
}

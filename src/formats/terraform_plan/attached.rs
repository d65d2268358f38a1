//! Who has which policy: what the resources of one side of a plan say together.

use super::configuration::Configuration;
use super::context::{Context, Which};
use super::kind::{Holder, Means};
use super::plan::Resource;
use super::references::{Managed, References};
use super::twins::{denies, may_deny};
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
    /// What a policy of one identity alone is called there.
    pub(super) name: Option<&'p str>,
}

/// A list of all that somebody has, or of all who have something: what it does not name is taken away.
struct Exclusive<'p> {
    name: Name,
    of: Only<'p>,
    resource: &'p Resource,
    list: BTreeSet<String>,
    /// Whether all of the list is known.
    is_whole: bool,
}

/// What somebody has that a list of all that there is does not name, and what says the list.
pub(super) struct Taken<'h, 'p> {
    pub(super) name: &'h Name,
    pub(super) has: &'h Has<'p>,
    pub(super) by: &'p Resource,
    /// Whether all of the list is known.
    pub(super) is_whole: bool,
}

#[derive(Clone, Copy)]
enum Only<'p> {
    /// All managed policies.
    Managed,
    /// All policies of one identity alone.
    Inline,
    /// All who have the managed policy with this ARN.
    Holders(&'p str),
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
    exclusive: Vec<Exclusive<'p>>,
    /// What a role lists that the configuration seems not to set: mostly a copy of what another resource says.
    copies: Vec<(Name, Has<'p>)>,
    by_arn: BTreeMap<&'p str, Vec<Managed<'p>>>,
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
                    if let Some(arn) = view.get("arn").text() {
                        held.by_arn.entry(arn).or_default().push(managed);
                    }
                    held.managed.push(managed);
                }
                Means::Data => held.references.add(Managed { resource, view }),
                Means::Inline(holder) => {
                    let name = held.named(context, *holder, resource, view);
                    let (what, own) = (view.get("policy"), view.get("name").text());
                    held.has(name, Has { resource, attribute: "policy", what, slot: Slot::Identity, by_arn: false, name: own });
                }
                Means::Attachment(holder) => {
                    let attribute = if *holder == Holder::PermissionSet { "managed_policy_arn" } else { "policy_arn" };
                    let name = held.named(context, *holder, resource, view);
                    held.has(name, by_arn(resource, attribute, view.get(attribute), Slot::Identity));
                }
                Means::Attachments(holder) => {
                    let name = held.named(context, *holder, resource, view);
                    held.arns(&name, resource, "policy_arns", view.get("policy_arns"));
                    held.only(name, Only::Managed, resource, &view.get("policy_arns").every());
                }
                Means::InlineNames(holder) => {
                    let name = held.named(context, *holder, resource, view);
                    held.only(name, Only::Inline, resource, &view.get("policy_names").every());
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
        held.keep_copies(context);
        held.count(context);
        held
    }

    /// A block that the configuration makes by `dynamic` is not there. Beside another plan nobody sees that it is another than it was, so what
    /// no other resource says counts.
    fn keep_copies(&mut self, context: &Context<'p>) {
        for (name, has) in std::mem::take(&mut self.copies).into_iter().filter(|_| context.salt.is_some()) {
            let said = self.by_name.get(&name).map(Vec::as_slice).unwrap_or_default();
            if !said.iter().any(|other| !other.by_arn && other.name == has.name) {
                self.has(name, has);
            }
        }
    }

    fn has(&mut self, name: Name, has: Has<'p>) {
        self.by_name.entry(name).or_default().push(has);
    }

    /// A role, user or group, with what stands in it. What the configuration does not set, another resource may have made, and that
    /// one says what becomes of it.
    fn identity(&mut self, context: &Context<'p>, holder: Holder, resource: &'p Resource, view: View<'p>) {
        let name = own_name(context, holder, resource, view);
        if matches!(view.get("name").told(), Told::Sensitive) {
            self.unnamed.push((resource, "name"));
        }
        if holder == Holder::Group {
            self.groups.insert(name.clone());
        }
        let trust = view.get("assume_role_policy");
        self.has(
            name.clone(),
            Has { resource, attribute: "assume_role_policy", what: trust, slot: Slot::Trust, by_arn: false, name: None },
        );
        let inline = view.get("inline_policy").items().into_iter().map(|block| {
            let (what, own) = (block.get("policy"), block.get("name").text());
            (name.clone(), Has { resource, attribute: "inline_policy", what, slot: Slot::Identity, by_arn: false, name: own })
        });
        if is_meant(context, resource, view, "inline_policy") {
            inline.for_each(|(name, has)| self.has(name, has));
            self.unknown_as_a_whole(&name, resource, "inline_policy", view);
        } else {
            self.copies.extend(inline);
        }
        if is_exclusive(context, resource, "inline_policy") {
            let names: Vec<View<'p>> = view.get("inline_policy").every().into_iter().map(|block| block.get("name")).collect();
            self.only(name.clone(), Only::Inline, resource, &names);
        }
        if is_exclusive(context, resource, "managed_policy_arns") {
            self.only(name.clone(), Only::Managed, resource, &view.get("managed_policy_arns").every());
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
            self.has(name.clone(), Has { resource, attribute, what, slot: Slot::Identity, by_arn: false, name: None });
        }
    }

    fn arns(&mut self, name: &Name, resource: &'p Resource, attribute: &'static str, list: View<'p>) {
        for what in list.every() {
            self.has(name.clone(), by_arn(resource, attribute, what, Slot::Identity));
        }
    }

    fn holders(&mut self, context: &Context<'p>, resource: &'p Resource, view: View<'p>) {
        let (mut names, mut is_whole) = (BTreeSet::new(), true);
        for (attribute, holder) in [("roles", Holder::Role), ("users", Holder::User), ("groups", Holder::Group)] {
            let list = view.get(attribute);
            for item in list.items() {
                let name = self.name_of(context, holder, item, resource, attribute);
                self.has(name, by_arn(resource, "policy_arn", view.get("policy_arn"), Slot::Identity));
            }
            is_whole &= list.every().iter().all(|item| item.text().is_some());
            names.extend(list.items().iter().filter_map(|item| Some(format!("{}/{}", holder.word(), item.text()?))));
            if list.is_unknown() {
                self.unnamed.push((resource, attribute));
                let name = address_of(context, resource);
                self.has(name, by_arn(resource, "policy_arn", view.get("policy_arn"), Slot::Identity));
            }
        }
        if let Some(arn) = view.get("policy_arn").text() {
            self.exclusive.push(Exclusive { name: address_of(context, resource), of: Only::Holders(arn), resource, list: names, is_whole });
        }
    }

    fn only(&mut self, name: Name, of: Only<'p>, resource: &'p Resource, list: &[View<'p>]) {
        let is_whole = list.iter().all(|item| item.text().is_some());
        let list = list.iter().filter_map(|item| item.text()).map(str::to_owned).collect();
        self.exclusive.push(Exclusive { name, of, resource, list, is_whole });
    }

    /// What other resources say that somebody has, and a list of all that there is does not name. A list that is not known as a whole may
    /// name everything; what it may leave out matters where that keeps somebody out.
    pub(super) fn taken_away(&self, context: &Context<'p>) -> impl Iterator<Item = Taken<'_, 'p>> {
        let all = self.by_name.iter().flat_map(|(name, all)| all.iter().map(move |has| (name, has)));
        all.filter(|(_, has)| has.slot == Slot::Identity).flat_map(move |(name, has)| {
            let own = if has.by_arn { has.what.text() } else { has.name };
            let keeps_out = if has.by_arn { has.what.text().is_none_or(|arn| denies(self, arn)) } else { may_deny(has.what) };
            let is_stray = context.is_stray(has.resource);
            let is_same = move |one: &Name| one.holder == name.holder && (one.realm == name.realm || is_stray);
            let takes = move |exclusive: &&Exclusive<'p>| {
                let (is_about, listed) = match &exclusive.of {
                    Only::Inline => (!has.by_arn && is_same(&exclusive.name), own),
                    Only::Managed => (has.by_arn && is_same(&exclusive.name), own),
                    Only::Holders(arn) => (has.by_arn && own == Some(arn), own.and(Some(&*name.holder))),
                };
                let is_left_out = listed.is_some_and(|one| !exclusive.list.contains(one)) && (exclusive.is_whole || keeps_out);
                is_about && exclusive.resource.address != has.resource.address && is_left_out
            };
            let said = move |exclusive: &Exclusive<'p>| Taken { name, has, by: exclusive.resource, is_whole: exclusive.is_whole };
            self.exclusive.iter().filter(takes).map(said)
        })
    }

    /// Names of policies of one identity alone of which several resources say what they say.
    pub(super) fn said_twice(&self) -> impl Iterator<Item = (Name, String)> {
        let of = |(name, all): (&Name, &Vec<Has<'p>>)| {
            let mut said: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
            for has in all {
                let Some(own) = has.name else { continue };
                said.entry(own).or_default().insert(has.what.bare().map(crate::document::Node::canonical).unwrap_or_default());
            }
            let twice = said.into_iter().filter(|(_, texts)| texts.len() > 1);
            twice.map(|(own, _)| (name.clone(), own.to_owned())).collect::<Vec<_>>()
        };
        self.by_name.iter().flat_map(of)
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
            self.unclear.push((one.clone(), Has { resource, attribute, what: list, slot: Slot::Identity, by_arn: false, name: None }));
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

    /// The managed policy with that ARN, as every resource says it that is about it.
    pub(super) fn with_arn(&self, arn: &str) -> &[Managed<'p>] {
        self.by_arn.get(arn).map(Vec::as_slice).unwrap_or_default()
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
        let (mut referred_to, mut counted) = (BTreeSet::new(), BTreeSet::new());
        let all = self.by_name.iter().flat_map(|(name, all)| all.iter().map(move |has| (name, has)));
        for (name, has) in all.filter(|(_, has)| has.by_arn && has.slot == Slot::Identity) {
            match has.what.text() {
                // Two resources may say of one holder that it has it.
                Some(arn) if counted.insert((name, arn)) => *self.attached.entry(arn).or_default() += 1,
                Some(_) => {}
                None => referred_to.extend(self.referred(context, has).map(|policy| Arc::clone(&policy.resource.address))),
            }
        }
        self.referred_to = referred_to;
    }
}

fn by_arn<'p>(resource: &'p Resource, attribute: &'static str, what: View<'p>, slot: Slot) -> Has<'p> {
    Has { resource, attribute, what, slot, by_arn: true, name: None }
}

fn address_of(context: &Context<'_>, resource: &Resource) -> Name {
    Name { holder: Arc::clone(&resource.address), realm: context.realm(None, resource) }
}

/// Of a role, user or group.
pub(super) fn own_name(context: &Context<'_>, holder: Holder, resource: &Resource, view: View<'_>) -> Name {
    let realm = context.realm(view.get("arn").text(), resource);
    match view.get("name").text() {
        Some(name) => Name { holder: format!("{}/{name}", holder.word()).into(), realm },
        None => Name { holder: Arc::clone(&resource.address), realm },
    }
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

/// Whether the configuration lists all that there is, or the plan changes the list.
fn is_exclusive(context: &Context<'_>, resource: &Resource, attribute: &str) -> bool {
    let is_set = context
        .plan
        .configuration
        .as_ref()
        .is_some_and(|all| all.resources.contains_key(&resource.configured) && all.sets(&resource.configured, attribute));
    let bare = |view: View<'_>| view.get(attribute).bare().map(crate::document::Node::canonical);
    let is_changed = || match (resource.before(), resource.after()) {
        (Some(before), Some(after)) => !after.get(attribute).has_unknown() && bare(before) != bare(after),
        _ => false,
    };
    let is_there = [resource.before(), resource.after()].into_iter().flatten().any(|view| view.get(attribute).bare().is_some());
    is_there && (is_set || is_changed())
}

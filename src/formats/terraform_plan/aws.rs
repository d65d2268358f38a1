//! What one side of a plan says about AWS.

use super::absent;
use super::attached::{Has, Held, Name, Taken, is_meant};
use super::context::{Context, Which};
use super::gateway;
use super::kind::{BODY, Document, Means, Permission, REGION};
use super::names::{self, Names};
use super::plan::Resource;
use super::references::Managed;
use super::statement;
use super::tags;
use super::twins;
use super::view::{Told, View};
use crate::diagnostic::Diagnostic;
use crate::document::{Bounds, File, Node, Place, Span, parse_embedded};
use crate::formats::{Reading, Setting, by_id};
use crate::systems::aws::Slot;
use crate::systems::{Opaque, content_digest};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A policy of AWS's own that says the same in every account and always has:
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html>.
pub(super) const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// Policies of an organisation that decide nothing of who may do what:
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html>.
const NO_ACCESS: &[&str] = &["AISERVICES_OPT_OUT_POLICY", "BACKUP_POLICY", "TAG_POLICY"];

pub(super) fn read(context: &Context<'_>, which: Which, reading: &mut Reading) {
    let held = Held::of(context, which);
    let others = if context.salt.is_some() { Held::default() } else { Held::of(context, which.other()) };
    let names = Names::new(context);
    let said_twice: BTreeSet<(Name, String)> = held.said_twice().chain(others.said_twice()).collect();
    let mut reader = Reader { context, which, held: &held, names: &names, said_twice: &said_twice, reading };
    reader.remarks();
    reader.hidden();
    for (name, all) in &held.by_name {
        for has in all {
            reader.has(&reader.own_name(name, has), has);
        }
    }
    for Taken { name, has, by, is_whole } in held.taken_away(context) {
        let own = has.name.or(has.what.text()).unwrap_or_default();
        let says = if is_whole { "it does not list" } else { "nobody knows whether it lists" };
        let why = format!("`{}` takes away what it does not list, and {says} `{own}` here", by.address);
        let is_other = !is_whole && !is_as_it_was(by);
        // Of a list that changes, what it will be says enough.
        if !is_other || which == Which::After {
            let side = if is_other { "after" } else { "" };
            reader.opaque(name, has.resource, &["taken away", &by.address, &name.holder, own, side], why);
        }
    }
    // Who is in a group on both sides has what the group has, and the group says what that is.
    let stays: BTreeSet<(&Name, &Name)> = others.members.iter().map(|(user, group, _)| (user, group)).collect();
    for (user, group, resource) in held.members.iter().filter(|(user, group, _)| !stays.contains(&(user, group))) {
        reader.member(user, group, resource);
    }
    for (name, has) in &held.unclear {
        reader.unclear(name, has);
    }
    for policy in &held.managed {
        reader.alone(policy, &others);
    }
    for (resource, view) in context.views(which) {
        match &resource.kind.means {
            Means::Identity(_) => tags::changed(&mut reader, resource, view),
            Means::Document(document) => reader.document(document, resource, view),
            Means::Organisation => reader.organisation(resource, view),
            Means::Permission(permission) => reader.permission(permission, resource, view),
            _ => {}
        }
    }
    losing(&mut reader);
    twins(&mut reader);
}

/// What loses its policy is open to more than it was, where a policy keeps somebody out. Beside another plan nobody knows what it lost.
fn losing(reader: &mut Reader<'_, '_>) {
    let context = reader.context;
    if reader.which == Which::Before || context.salt.is_some() {
        return;
    }
    for (name, resource, why) in absent::all(context, |document, resource, view| reader.names.of(context, document, resource, view)) {
        reader.opaque(&name, resource, &["absent", &name.holder], why.to_owned());
    }
}

/// What two resources are about, and one of them changes or forgets.
fn twins(reader: &mut Reader<'_, '_>) {
    if reader.which == Which::Before {
        return;
    }
    let salt = reader.context.salt.unwrap_or_default();
    for twin in twins::all(reader.context, reader.held) {
        let why = format!("several resources are about {} and do not agree on it, so that nobody can tell what becomes of it", twin.what);
        reader.opaque(&twin.name, twin.resource, &["twins", &twin.what, &twin.says, salt], why);
    }
}

/// Whether nothing of a resource changes, as far as it is kept.
fn is_as_it_was(resource: &Resource) -> bool {
    let bare = |view: Option<View<'_>>| view.and_then(View::bare).map(Node::canonical);
    resource.after().is_some_and(|after| !after.has_unknown()) && bare(resource.before()) == bare(resource.after())
}

pub(super) struct Reader<'r, 'p> {
    pub(super) context: &'r Context<'p>,
    pub(super) which: Which,
    held: &'r Held<'p>,
    names: &'r Names,
    /// Holders and names of policies of them alone that several resources say.
    said_twice: &'r BTreeSet<(Name, String)>,
    reading: &'r mut Reading,
}

impl<'p> Reader<'_, 'p> {
    /// Whose a policy is that is known only after the apply.
    fn remarks(&mut self) {
        for (resource, attribute) in self.held.unnamed.iter().filter(|_| self.which == Which::After) {
            let refers = self.refers(resource, attribute);
            let message =
                format!("whose access this is cannot be said: its `{attribute}` is secret, or known only after the apply{refers}");
            let help = "it is told under its own address; give the holder a name that is known before";
            self.reading.diagnostics.push(Diagnostic::note("unnamed-holder", self.context.place(resource), message).help(help));
        }
    }

    /// Whose access it is may be secret, and somebody else than it was.
    fn hidden(&mut self) {
        let held: &Held<'p> = self.held;
        let mut seen = BTreeSet::new();
        for (resource, attribute) in &held.unnamed {
            if seen.insert((&*resource.address, attribute)) {
                let name = Name { holder: Arc::clone(&resource.address), realm: self.context.realm(None, resource) };
                self.hidden_in(&name, resource, attribute);
            }
        }
    }

    /// What decides whose access it is, or what it is: where that is secret, nobody can say what becomes of it. What it will be says enough.
    fn hidden_in(&mut self, name: &Name, resource: &'p Resource, attribute: &'static str) {
        let is_other = is_other_secret(resource, attribute);
        let is_hidden = self.context.salt.is_some() && resource.after().is_some_and(|after| after.get(attribute).has_sensitive());
        if self.which == Which::After && (is_other || is_hidden) {
            let part = ["hidden", &resource.configured, attribute, self.context.salt.unwrap_or_default()];
            let changes = if is_other { ", and is not what it was" } else { "" };
            self.opaque(name, resource, &part, format!("`{attribute}` is marked as sensitive{changes}"));
        }
    }

    fn refers(&self, resource: &Resource, attribute: &str) -> String {
        let configuration = self.context.plan.configuration.as_ref();
        let references = configuration.map(|all| all.references(&resource.configured, attribute)).unwrap_or_default();
        let longest = references.iter().filter(|one| !references.iter().any(|other| other.len() > one.len() && other.starts_with(**one)));
        let longest: Vec<String> = longest.take(3).map(|reference| format!("`{reference}`")).collect();
        if longest.is_empty() { String::new() } else { format!("; it is made from {}", longest.join(", ")) }
    }

    /// Of two policies of one name only one is there, and nobody knows which: then each is told by itself.
    fn own_name(&self, name: &Name, has: &Has<'p>) -> Name {
        let is_said_twice = has.name.is_some_and(|own| self.said_twice.contains(&(name.clone(), own.to_owned())));
        let holder = if is_said_twice { &has.resource.address } else { &name.holder };
        Name { holder: Arc::clone(holder), realm: Arc::clone(&name.realm) }
    }

    fn has(&mut self, name: &Name, has: &Has<'p>) {
        if !has.by_arn {
            return self.policy(name, has);
        }
        match has.what.told() {
            Told::Nothing => {}
            Told::Known(node) => match node.text() {
                Some(arn) => self.with_arn(name, has, arn),
                None => {
                    self.cannot_tell(name, has.resource, node, &format!("`{}` is {}, but has to be an ARN", has.attribute, node.kind()));
                }
            },
            Told::Unknown => {
                if let Some(policy) = self.held.referred(self.context, has) {
                    self.managed(name, &policy, has.slot);
                }
                self.unknown(name, has, "which policy this is");
            }
            Told::Sensitive => self.secret(name, has),
        }
    }

    fn with_arn(&mut self, name: &Name, has: &Has<'p>, arn: &str) {
        let known = self.held.with_arn(arn);
        if !known.is_empty() {
            return known.iter().for_each(|policy| self.managed(name, policy, has.slot));
        }
        if arn == ADMINISTRATOR {
            let all = ["Effect", "Action", "Resource"].into_iter().zip(["Allow", "*", "*"].map(statement::text));
            return self.give(name, has.slot, has.resource, statement::policy(vec![statement::map(all)]));
        }
        let part = [&format!("{:?}", has.slot), arn];
        self.opaque(name, has.resource, &part, format!("what the policy `{arn}` says is not in the plan"));
    }

    fn managed(&mut self, name: &Name, policy: &Managed<'p>, slot: Slot) {
        let what = policy.view.get("policy");
        self.policy(name, &Has { resource: policy.resource, attribute: "policy", what, slot, by_arn: false, name: None });
    }

    /// A policy, mostly as text.
    fn policy(&mut self, name: &Name, has: &Has<'p>) {
        match has.what.told() {
            Told::Nothing => {}
            Told::Known(node) => match parsed(node) {
                Ok(policy) => self.give(name, has.slot, has.resource, policy),
                Err(why) => self.cannot_tell(name, has.resource, node, &format!("`{}` {why}", has.attribute)),
            },
            Told::Unknown => {
                if let Some(document) = self.held.document(self.context, has) {
                    self.give(name, has.slot, has.resource, statement::policy(statement::known_statements(document.view)));
                }
                self.unknown(name, has, &format!("`{}`", has.attribute));
            }
            Told::Sensitive => self.secret(name, has),
        }
    }

    /// Somebody comes into a group, or leaves it.
    fn member(&mut self, user: &Name, group: &Name, resource: &'p Resource) {
        let all = self.held.by_name.get(group).map(Vec::as_slice).unwrap_or_default();
        let is_stray = |has: &Has<'_>| self.context.is_stray(has.resource);
        let is_meant = |other: &Name| other.holder == group.holder && other != group;
        let of_strays = || self.held.by_name.iter().any(|(other, all)| is_meant(other) && all.iter().any(is_stray));
        if !self.held.groups.contains(group) {
            let why = format!("what `{}` allows is not in the plan", group.holder);
            self.opaque(user, resource, &["group", &group.holder], why);
        } else if self.context.plan.incomplete || of_strays() {
            // A plan that is not complete leaves out what nothing in it depends on.
            let why = format!("not all of what `{}` allows may be in the plan", group.holder);
            self.opaque(user, resource, &["group in part", &group.holder], why);
        }
        for has in all {
            self.has(user, has);
        }
    }

    fn unclear(&mut self, name: &Name, has: &Has<'p>) {
        match has.what.told() {
            Told::Sensitive => self.secret(name, has),
            _ => self.unknown(name, has, "who is in which group"),
        }
    }

    /// A managed policy that nobody has, or somebody who is not in the plan, is told by itself.
    fn alone(&mut self, policy: &Managed<'p>, others: &Held<'p>) {
        let (here, refers) = self.held.times_attached(policy);
        let (there, also_refers) = others.times_attached(policy);
        let is_attached = here + there > 0 || refers || also_refers;
        let before = policy.resource.before().unwrap_or(policy.view);
        let seen = if self.which == Which::Before || self.context.salt.is_some() { here } else { there };
        let count = before.get("attachment_count").bare().and_then(Node::scalar).and_then(|count| count.text.parse().ok());
        let is_new = policy.resource.before().is_none() && policy.resource.is_created();
        if is_attached && (is_new || count == Some(seen)) {
            return;
        }
        let realm = self.context.realm(policy.view.get("arn").text(), policy.resource);
        let holder =
            policy.view.get("name").text().map_or_else(|| Arc::clone(&policy.resource.address), |name| format!("policy/{name}").into());
        self.managed(&Name { holder, realm }, policy, Slot::Identity);
    }

    /// The policy of a resource.
    fn document(&mut self, document: &'static Document, resource: &'p Resource, view: View<'p>) {
        let name = self.names.of(self.context, document, resource, view);
        let is_set = !document.is_computed || is_meant(self.context, resource, view, document.attribute);
        if resource.kind.has_body() {
            self.security(&name, resource, view);
        }
        if !is_set && resource.kind.has_body() {
            self.body(&name, resource, view);
        }
        if is_set {
            let what = view.get(document.attribute);
            self.policy(&name, &Has { resource, attribute: document.attribute, what, slot: document.slot, by_arn: false, name: None });
        }
        if name.holder == resource.address {
            document.of.iter().for_each(|attribute| self.hidden_in(&name, resource, attribute));
        }
        // A bucket may be opened without any policy.
        for attribute in ["acl", "grant"].into_iter().filter(|attribute| is_meant(self.context, resource, view, attribute)) {
            self.access_list(&name, resource, attribute, view.get(attribute));
        }
    }

    /// A call of an interface asks another caller than it did, or none.
    fn security(&mut self, name: &Name, resource: &'p Resource, view: View<'p>) {
        let Some(before) = resource.before().filter(|_| self.which == Which::After && self.context.salt.is_none()) else { return };
        let says = |view| gateway::security(&self.context.path, view);
        let is_told = !matches!(view.get(BODY).told(), Told::Unknown | Told::Sensitive);
        if is_told && before.get(BODY).bare().is_some() && says(before) != says(view) {
            let now = says(view).unwrap_or_default();
            self.opaque(name, resource, &["security", &now], format!("`{BODY}` does not ask for who calls as it did"));
        }
    }

    /// The policy of an interface may stand in what describes it. One that is not known yet mostly has none.
    fn body(&mut self, name: &Name, resource: &'p Resource, view: View<'p>) {
        let has = Has { resource, attribute: BODY, what: view.get(BODY), slot: Slot::Resource, by_arn: false, name: None };
        match gateway::read(&self.context.path, view) {
            gateway::Body::Nothing => {}
            gateway::Body::Policy(policy) => match parsed(&policy) {
                Ok(policy) => self.give(name, has.slot, resource, policy),
                Err(why) => self.cannot_tell(name, resource, &policy, &format!("the policy in `{BODY}` {why}")),
            },
            gateway::Body::Unreadable => {
                let node = view.get(BODY).bare().cloned().unwrap_or_else(|| statement::text(""));
                self.cannot_tell(name, resource, &node, &format!("`{BODY}` speaks of a policy, and cannot be read"));
            }
            gateway::Body::Hidden => {
                let sides = [resource.before(), Some(view)].into_iter().flatten();
                let mut texts = sides.filter_map(|view| view.get(BODY).bare()?.text());
                if texts.any(gateway::may_have_policy) {
                    self.hidden_body(name, &has);
                }
            }
        }
    }

    fn hidden_body(&mut self, name: &Name, has: &Has<'p>) {
        if has.what.has_unknown() { self.unknown(name, has, "a policy in `body`") } else { self.secret(name, has) }
    }

    /// An old way to open a bucket.
    fn access_list(&mut self, name: &Name, resource: &'p Resource, attribute: &'static str, what: View<'p>) {
        let has = Has { resource, attribute, what, slot: Slot::Resource, by_arn: false, name: None };
        match what.told() {
            Told::Known(node) if node.text() == Some("private") || node.items().is_some_and(<[Node]>::is_empty) => {}
            Told::Known(node) => self.opaque(name, resource, &[attribute, &node.canonical()], format!("`{attribute}` is not read")),
            Told::Unknown => self.unknown(name, &has, &format!("`{attribute}`")),
            Told::Sensitive => self.secret(name, &has),
            Told::Nothing => {}
        }
    }

    fn organisation(&mut self, resource: &'p Resource, view: View<'p>) {
        let slot = match view.get("type").text() {
            // What the provider takes it for where nothing is said.
            Some("SERVICE_CONTROL_POLICY") | None => Slot::ServiceControl,
            Some("RESOURCE_CONTROL_POLICY") => Slot::ResourceControl,
            Some(kind) if NO_ACCESS.contains(&kind) => return,
            Some(kind) => {
                let (what, name) =
                    (view.get("content"), Name { holder: Arc::clone(&resource.address), realm: self.context.realm(None, resource) });
                let has = Has { resource, attribute: "content", what, slot: Slot::ServiceControl, by_arn: false, name: None };
                return match what.told() {
                    Told::Nothing => {}
                    Told::Known(node) => {
                        let part = ["organisation", kind, &node.canonical()];
                        self.opaque(&name, resource, &part, format!("a `{kind}` is not read"));
                    }
                    Told::Unknown => self.unknown(&name, &has, "`content`"),
                    Told::Sensitive => self.secret(&name, &has),
                };
            }
        };
        let holder =
            view.get("name").text().map_or_else(|| Arc::clone(&resource.address), |name| format!("organisation-policy/{name}").into());
        let name = Name { holder, realm: self.context.realm(view.get("arn").text(), resource) };
        self.hidden_in(&name, resource, "type");
        self.policy(&name, &Has { resource, attribute: "content", what: view.get("content"), slot, by_arn: false, name: None });
    }

    fn permission(&mut self, permission: &Permission, resource: &'p Resource, view: View<'p>) {
        let (of, region) = (view.get(permission.of).text(), view.get(REGION).text());
        let by_name = |of: &str| format!("arn:*:lambda:{}:*:{}:{of}", region.unwrap_or("*"), permission.kind);
        let arn = of.map(|of| if of.starts_with("arn:") { of.to_owned() } else { by_name(of) });
        let holder = match (of, &arn) {
            (Some(of), Some(arn)) if of == arn => of.into(),
            (Some(of), _) => names::in_region(self.context, &format!("{}/{of}", permission.kind), region, resource),
            _ => Arc::clone(&resource.address),
        };
        let name = Name { holder, realm: self.context.realm(of, resource) };
        self.hidden_in(&name, resource, permission.of);
        let version = match view.get(permission.version).told() {
            Told::Nothing => Some(String::new()),
            Told::Known(version) => version.scalar().map(|version| format!(":{}", version.text)),
            Told::Unknown | Told::Sensitive => None,
        };
        let on = version.map(|version| arn.map_or_else(|| "*".to_owned(), |arn| format!("{arn}{version}")));
        if let Some(policy) = on.and_then(|on| statement::permission(permission, view, &on)) {
            return self.give(&name, Slot::Resource, resource, policy);
        }
        let has = Has { resource, attribute: "", what: view, slot: Slot::Resource, by_arn: false, name: None };
        if view.has_sensitive() { self.secret(&name, &has) } else { self.unknown(&name, &has, "whom this lets do what") }
    }

    /// Hands a policy to the format that reads policies.
    fn give(&mut self, name: &Name, slot: Slot, resource: &Resource, policy: Node) {
        let Some(format) = by_id("aws-iam") else { return };
        let setting = Setting {
            realm: Some(Arc::clone(&name.realm)),
            holder: Some(Arc::clone(&name.holder)),
            slot: Some(slot),
            forced: true,
            ..Setting::default()
        };
        let file = File::part(Arc::clone(&self.context.path), Arc::clone(&resource.address), policy);
        self.reading.join((format.read)(&file, &setting));
    }

    /// Something that is known only after the apply. Beside another plan it is equal to nothing, since what it will be may differ although
    /// all that is known is the same.
    fn unknown(&mut self, name: &Name, has: &Has<'p>, what: &str) {
        let refers = self.refers(has.resource, has.attribute);
        let salt = self.context.salt.unwrap_or_default();
        let part = ["unknown", &has.resource.configured, has.attribute, &has.what.known(), &refers, salt];
        self.opaque(name, has.resource, &part, format!("{what} will be known only after the apply{refers}"));
    }

    /// A secret is compared, and neither shown nor made a digest of: a short one could be guessed from that.
    fn secret(&mut self, name: &Name, has: &Has<'p>) {
        let part = |view: View<'p>| if has.attribute.is_empty() { view } else { view.get(has.attribute) };
        let bare = |view: Option<View<'p>>| view.and_then(|view| part(view).bare()).map(Node::canonical);
        let (before, after) = (bare(has.resource.before()), bare(has.resource.after()));
        let is_same = before.is_some() && before == after;
        let stays_secret = || has.resource.after().is_some_and(|after| matches!(part(after).told(), Told::Sensitive));
        if self.which == Which::Before && !is_same && self.context.salt.is_none() && stays_secret() {
            // What it will be says enough.
            return;
        }
        let what = if has.attribute.is_empty() { "some of this".to_owned() } else { format!("`{}`", has.attribute) };
        let side = if is_same { String::new() } else { format!("{:?}", self.which) };
        let part = ["secret", &has.resource.configured, has.attribute, &side, self.context.salt.unwrap_or_default()];
        self.opaque(name, has.resource, &part, format!("{what} is marked as sensitive, and not shown"));
    }

    fn cannot_tell(&mut self, name: &Name, resource: &Resource, node: &Node, why: &str) {
        self.opaque(name, resource, &["unreadable", &node.canonical()], why.to_owned());
        self.reading.diagnostics.push(Diagnostic::error("not-a-policy", self.context.place(resource), why));
    }

    pub(super) fn opaque(&mut self, name: &Name, resource: &Resource, part: &[&str], why: String) {
        let place: Place = self.context.place(resource);
        let (holder, realm) = (Arc::clone(&name.holder), Arc::clone(&name.realm));
        self.reading.access.aws.opaque.insert(Opaque { holder, realm, digest: content_digest(part), why, place });
    }
}

impl Which {
    fn other(self) -> Self {
        match self {
            Self::Before => Self::After,
            Self::After => Self::Before,
        }
    }
}

/// Whether something that is there on both sides is another than it was, and the plan does not show it.
fn is_other_secret(resource: &Resource, attribute: &str) -> bool {
    let (Some(before), Some(after)) = (resource.before(), resource.after()) else { return false };
    let [before, after] = [before.get(attribute), after.get(attribute)];
    let bare = |view: View<'_>| view.bare().map(Node::canonical);
    (before.has_sensitive() || after.has_sensitive()) && bare(before).is_some() && (after.has_unknown() || bare(before) != bare(after))
}

fn parsed(node: &Node) -> Result<Node, String> {
    let Some(text) = node.text() else { return Ok(node.clone()) };
    parse_embedded(text, Span::default(), &Bounds::default()).map_err(|problem| format!("holds no policy: {}", problem.message))
}

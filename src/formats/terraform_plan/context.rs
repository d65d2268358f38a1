//! A plan, and what is known of it besides: whose its names are, and where they hold.

use super::configuration::plain_and_keys;
use super::kind::Means;
use super::plan::{Plan, Resource};
use super::view::View;
use crate::document::Place;
use crate::formats::Setting;
use crate::systems::Opaque;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which side of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Before,
    After,
}

/// The configuration of the provider that made something, as far as it is known, and its ARN.
type Made<'p> = (Option<&'p str>, String);

/// A plan, and what is known besides.
pub(super) struct Context<'p> {
    pub(super) plan: &'p Plan,
    pub(super) path: Arc<str>,
    /// All of it, as it is written.
    pub(super) text: &'p str,
    pub(super) setting: &'p Setting,
    /// Stands for the file, where parts that cannot be told are compared with those of other files.
    pub(super) salt: Option<&'p str>,
    /// The accounts that names in the plan are of, by the configuration of the provider that made them.
    accounts: BTreeMap<Option<&'p str>, BTreeSet<Arc<str>>>,
    /// Configurations of a provider that stand for several, one for each instance of a resource, as `OpenTofu`'s may.
    spread: BTreeSet<Option<&'p str>>,
    /// The clusters that objects of Kubernetes are made in, by what their configurations of the provider are called.
    clusters: BTreeSet<String>,
    /// Accounts of identities, by kind and name.
    identities: BTreeMap<(&'static str, String), BTreeSet<Arc<str>>>,
    /// ARNs by the type and the id of what they are of, each with the configuration of the provider that made it.
    arns: BTreeMap<(&'static str, String), BTreeSet<Made<'p>>>,
}

impl<'p> Context<'p> {
    pub(super) fn new(plan: &'p Plan, text: &'p str, path: &Arc<str>, setting: &'p Setting, salt: Option<&'p str>) -> Self {
        let mut context = Self {
            plan,
            path: Arc::clone(path),
            text,
            setting,
            salt,
            accounts: BTreeMap::new(),
            spread: BTreeSet::new(),
            clusters: clusters(plan),
            identities: BTreeMap::new(),
            arns: BTreeMap::new(),
        };
        for resource in plan.resources.iter().filter(|resource| resource.kind.name.starts_with("aws_")) {
            let known = context.accounts.entry(provider_of(plan, resource)).or_default();
            for arn in [resource.before(), resource.after()].into_iter().flatten().filter_map(|view| view.get("arn").text()) {
                known.extend(account_of(arn));
            }
        }
        context.spread = spread(plan, &context.accounts);
        for resource in &plan.resources {
            for view in [resource.before(), resource.after()].into_iter().flatten() {
                let arn = view.get("arn").text();
                context.know(resource, view, arn, arn.and_then(account_of));
            }
        }
        context
    }

    fn know(&mut self, resource: &Resource, view: View<'_>, arn: Option<&str>, account: Option<Arc<str>>) {
        let kind = resource.kind;
        if let (Means::Identity(holder), Some(name), Some(account)) = (&kind.means, view.get("name").text(), account) {
            self.identities.entry((holder.word(), name.to_owned())).or_default().insert(account);
        }
        let own = match &kind.means {
            Means::Document(document) => Some(document.parent),
            Means::Named => Some(kind.name),
            _ => None,
        };
        if let (Some(own), Some(id), Some(arn)) = (own, view.get("id").text(), arn) {
            self.arns.entry((own, id.to_owned())).or_default().insert((provider_of(self.plan, resource), arn.to_owned()));
        }
    }

    /// Where what has this ARN, or is made by this resource, holds: what `where:` says, else its account, else the only account that its
    /// provider makes anything in, else the directory. Two providers may be two accounts.
    pub(super) fn realm(&self, arn: Option<&str>, resource: &Resource) -> Arc<str> {
        let directory = || self.setting.realm_of(&self.path);
        if self.setting.realm.is_some() {
            return directory();
        }
        if let Some(account) = arn.and_then(account_of) {
            return account;
        }
        if self.is_stray(resource) {
            return format!("{} unknown provider", directory()).trim().into();
        }
        let provider = provider_of(self.plan, resource);
        if provider.is_some() && self.spread.contains(&provider) {
            return format!("{} {}{}", directory(), provider.unwrap_or_default(), plain_and_keys(&resource.address).1).trim().into();
        }
        let several = self.accounts.keys().flatten().count() > 1;
        let mut known: Vec<&Arc<str>> = match provider.and_then(|_| self.accounts.get(&provider)).filter(|own| several || !own.is_empty()) {
            Some(own) => own.iter().collect(),
            None if several => Vec::new(),
            None => self.accounts.values().flatten().collect(),
        };
        known.dedup();
        match (known.as_slice(), provider) {
            ([account], _) => Arc::clone(account),
            (_, Some(provider)) if several => format!("{} {provider}", directory()).trim().into(),
            _ => directory(),
        }
    }

    /// Whether nobody can say in which account something is made: the configuration no longer has it, and has several providers, or none
    /// that has to be there for what is only forgotten.
    pub(super) fn is_stray(&self, resource: &Resource) -> bool {
        let Some(configuration) = &self.plan.configuration else { return false };
        !configuration.providers.contains_key(&resource.configured) && (resource.is_forgotten() || configuration.configured_for_aws > 1)
    }

    /// Where an object of Kubernetes holds, if neither `where:` nor the directory says so: in a plan about several clusters the
    /// configuration of the provider does. Providers of one alias are about one cluster, whatever they are called.
    pub(super) fn cluster(&self, resource: &Resource) -> Option<Arc<str>> {
        let configuration = self.plan.configuration.as_ref()?;
        let Some(provider) = provider_of(self.plan, resource) else {
            // The configuration no longer has it, and has several it may have been of.
            let configured: BTreeSet<String> =
                configuration.configured_for_kubernetes.iter().map(|provider| cluster_of(provider)).collect();
            let is_stray = self.setting.realm.is_none() && configured.len() > 1;
            return is_stray.then(|| format!("{} unknown provider", self.setting.realm_of(&self.path)).trim().into());
        };
        let own = cluster_of(provider);
        if self.setting.realm.is_none() && self.spread.contains(&Some(provider)) {
            let keys = plain_and_keys(&resource.address).1;
            return Some(format!("{} {own}{keys}", self.setting.realm_of(&self.path)).trim().into());
        }
        let is_told = self.setting.realm.is_none() && self.clusters.len() > 1 && !own.is_empty();
        is_told.then(|| format!("{} {own}", self.setting.realm_of(&self.path)).trim().into())
    }

    /// Whether an identity of that name may be one of several.
    pub(super) fn is_ambiguous(&self, kind: &'static str, name: &str, resource: &Resource) -> bool {
        let known = self.identities.get(&(kind, name.to_owned())).map_or(0, BTreeSet::len);
        known > 1 && provider_of(self.plan, resource).is_none() && self.setting.realm.is_none()
    }

    /// The ARN of what has this id, as far as the resource that names it can mean only one: ids are of one region.
    pub(super) fn arn_of(&self, parent: &'static str, id: &str, resource: &Resource, region: Option<&str>) -> Option<&str> {
        let own = provider_of(self.plan, resource);
        let is_near = |(provider, arn): &&Made<'_>| match region {
            Some(region) => region_of(arn).is_none_or(|of| of == region),
            None => own.is_none() || provider.is_none() || *provider == own,
        };
        let arns: BTreeSet<&str> = self.arns.get(&(parent, id.to_owned()))?.iter().filter(is_near).map(|(_, arn)| arn.as_str()).collect();
        arns.first().copied().filter(|_| arns.len() == 1)
    }

    /// Whether a name that says no region may be of several.
    pub(super) fn has_several_places(&self) -> bool {
        let of_aws = |(address, _): &(&String, &String)| address.rsplit('.').nth(1).is_some_and(|kind| kind.starts_with("aws_"));
        let providers = self.plan.configuration.iter().flat_map(|all| &all.providers).filter(of_aws).map(|(_, provider)| provider);
        providers.collect::<BTreeSet<_>>().len() > 1
    }

    /// Everything that is there on that side. What leaves the state stays in the world.
    pub(super) fn views(&self, which: Which) -> impl Iterator<Item = (&'p Resource, View<'p>)> {
        self.plan.resources.iter().flat_map(move |resource| {
            let kept = resource.before().filter(|_| which == Which::Before || resource.is_forgotten());
            let made = resource.after().filter(|_| which == Which::After);
            [kept, made].into_iter().flatten().map(move |view| (resource, view))
        })
    }

    pub(super) fn place(&self, resource: &Resource) -> Place {
        Place::part(Arc::clone(&self.path), Arc::clone(&resource.address))
    }

    /// A part of the plan that nobody can tell.
    pub(super) fn part(&self, address: &Arc<str>, digest: &str, why: &str) -> Opaque {
        Opaque {
            holder: Arc::clone(address),
            realm: self.setting.realm_of(&self.path),
            digest: digest.to_owned(),
            why: why.to_owned(),
            place: Place::part(Arc::clone(&self.path), Arc::clone(address)),
        }
    }
}

/// Configurations of a provider that stand for several, by which something is made in two accounts, or two identities of one name are.
fn spread<'p>(plan: &'p Plan, accounts: &BTreeMap<Option<&'p str>, BTreeSet<Arc<str>>>) -> BTreeSet<Option<&'p str>> {
    let mut named: BTreeSet<(Option<&str>, &str, &str)> = BTreeSet::new();
    let identities = plan.resources.iter().filter(|resource| matches!(resource.kind.means, Means::Identity(_)));
    let made = identities.filter_map(|resource| Some((resource, resource.after()?.get("name").text()?)));
    let twice = made.filter(|(resource, name)| !named.insert((provider_of(plan, resource), resource.kind.name, name)));
    let twice: Vec<_> = twice.map(|(resource, _)| provider_of(plan, resource)).collect();
    let in_two_accounts = accounts.iter().filter(|(_, accounts)| accounts.len() > 1).map(|(provider, _)| *provider);
    let for_each = plan.configuration.iter().flat_map(|configuration| &configuration.for_each).map(|provider| Some(provider.as_str()));
    in_two_accounts.chain(twice).chain(for_each).collect()
}

/// Every cluster that something of the plan is made in.
fn clusters(plan: &Plan) -> BTreeSet<String> {
    let is_of_one = |resource: &&Resource| matches!(resource.kind.means, Means::Object(_) | Means::Manifest(_));
    plan.resources.iter().filter(is_of_one).map(|resource| provider_of(plan, resource).map(cluster_of).unwrap_or_default()).collect()
}

/// `module.m:kubectl.prod` → `module.m:kubernetes.prod`; nothing for the provider that everything has by default.
fn cluster_of(provider: &str) -> String {
    let (module, own) = provider.rsplit_once(':').unwrap_or(("", provider));
    let alias = own.split_once('.').map_or("", |(_, alias)| alias);
    match (module, alias) {
        ("", "") => String::new(),
        ("", alias) => format!("kubernetes.{alias}"),
        (module, "") => format!("{module}:kubernetes"),
        (module, alias) => format!("{module}:kubernetes.{alias}"),
    }
}

/// Which configuration of a provider makes a resource, as far as the plan says.
pub(super) fn provider_of<'p>(plan: &'p Plan, resource: &Resource) -> Option<&'p str> {
    plan.configuration.as_ref()?.providers.get(&resource.configured).map(String::as_str)
}

/// The region in an ARN, where it has one.
fn region_of(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').nth(2).filter(|region| !region.is_empty())
}

/// The account in an ARN.
fn account_of(arn: &str) -> Option<Arc<str>> {
    let account = arn.strip_prefix("arn:")?.split(':').nth(3)?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then(|| account.into())
}

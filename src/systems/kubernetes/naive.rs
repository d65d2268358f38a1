//! The RBAC authorizer as its documentation tells it, one request at a time: it walks over bindings, roles and rules, and knows no
//! patterns, cells or formulas. <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>.

use super::knowledge::BUILT_IN;
use super::{Binding, Fact, Identity, Objects, Policy, Realm, Role, RoleKind, RoleName, Rules};
use crate::systems::content_digest;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who asks.
#[derive(Clone, Debug)]
pub enum Asker {
    /// Somebody, and the groups that the API server puts it in.
    Identity(Identity, BTreeSet<Arc<str>>),
    /// Somebody who is bound to a role and to nothing else, a cluster role everywhere.
    Role(RoleName),
}

/// On what.
#[derive(Clone, Debug)]
pub enum Target {
    /// An object, or all of a kind.
    Resource {
        /// `None` for what is not in a namespace, and for all namespaces.
        namespace: Option<Arc<str>>,
        /// Empty for the core group.
        group: Arc<str>,
        /// `pods`
        resource: Arc<str>,
        /// `exec`; empty for the resource itself.
        subresource: Arc<str>,
        /// Empty where the request has no name.
        name: Arc<str>,
    },
    /// A path that is no resource.
    Path(Arc<str>),
}

/// One request, and what is true of the world.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where.
    pub realm: Realm,
    /// Who.
    pub asker: Asker,
    /// What is to be done; of a path the method in lower case.
    pub verb: Arc<str>,
    /// On what.
    pub target: Target,
    /// What is true. Without a word, a role stands where it is found, and nothing else is true.
    pub facts: BTreeMap<Fact, bool>,
}

/// Whether these rules allow the request.
pub(super) fn allowed(rules: &Rules, request: &Request) -> bool {
    let anybody = rules.anybody.iter().any(|rule| {
        let everywhere = rule.namespaces.is_none();
        let here = rule.namespaces.iter().flatten().any(|namespace| is_in(request, namespace));
        (everywhere || here) && matches(&rule.policy, request)
    });
    anybody
        || match &request.asker {
            Asker::Identity(identity, _) if identity.is_privileged() => true,
            Asker::Identity(identity, groups) => rules.bindings.values().flatten().any(|binding| {
                binding.realm == request.realm
                    && counts(rules.bindings.get(&(binding.realm.clone(), binding.name.clone())), binding, request)
                    && binding.subjects.iter().any(|subject| applies(&subject.value, identity, groups))
                    && binding_allows(rules, binding, request)
            }),
            Asker::Role(name) => {
                let here = name.kind == RoleKind::ClusterRole || is_in(request, &name.namespace);
                here && role_allows(rules, &request.realm, name, request)
            }
        }
}

/// What is not in a namespace is in no namespace's reach.
fn is_in(request: &Request, namespace: &Arc<str>) -> bool {
    matches!(&request.target, Target::Resource { namespace: Some(own), .. } if own == namespace)
}

fn counts(definitions: Option<&Vec<Arc<Binding>>>, binding: &Binding, request: &Request) -> bool {
    let contents: BTreeSet<String> = definitions.into_iter().flatten().map(|binding| binding.content()).collect();
    contents.len() < 2 || fact(request, &binding.realm, &binding.name.to_string(), &binding.content())
}

fn fact(request: &Request, at: &Realm, object: &str, content: &str) -> bool {
    let fact = Fact::Counts { at: at.clone(), object: object.into(), digest: content_digest(&[content]).into() };
    request.facts.get(&fact).copied().unwrap_or(false)
}

fn applies(subject: &Identity, identity: &Identity, groups: &BTreeSet<Arc<str>>) -> bool {
    subject == identity || matches!(subject, Identity::Group(group) if groups.contains(group))
}

fn binding_allows(rules: &Rules, binding: &Binding, request: &Request) -> bool {
    let here = binding.name.namespace.as_ref().is_none_or(|namespace| is_in(request, namespace));
    here && role_allows(rules, &binding.realm, &binding.role, request)
}

fn role_allows(rules: &Rules, viewer: &Realm, name: &RoleName, request: &Request) -> bool {
    let found = standing(rules, viewer, name, request);
    if found.is_empty() && nowhere(rules, viewer, name) {
        return request.facts.get(&Fact::Unknown(name.clone())).copied().unwrap_or(false);
    }
    found.into_iter().any(|(role, realm)| definition_allows(rules, role, &realm, request, &mut BTreeSet::new()))
}

fn definition_allows(rules: &Rules, role: &Role, realm: &Realm, request: &Request, seen: &mut BTreeSet<(Realm, String)>) -> bool {
    let Some(selectors) = &role.aggregation else { return role.rules.iter().any(|rule| matches(&rule.value, request)) };
    if !seen.insert((realm.clone(), format!("{} {}", role.name, role.content()))) {
        return false;
    }
    let names: BTreeSet<&RoleName> = rules.roles.keys().map(|(_, name)| name).chain(BUILT_IN.keys()).collect();
    let others = names.into_iter().filter(|name| name.kind == RoleKind::ClusterRole && **name != role.name);
    let sources = others.flat_map(|name| standing(rules, realm, name, request));
    let selected: Vec<(&Role, Realm)> = sources.filter(|(source, _)| source.is_selected_by(selectors)).collect();
    let kept = Fact::Kept { at: role.realm.clone(), role: role.name.clone() };
    if request.facts.get(&kept).copied().unwrap_or(false)
        && (selected.is_empty() || takes_in(rules, role, role, realm, request, &mut BTreeSet::new()))
        && role.rules.iter().any(|rule| matches(&rule.value, request))
    {
        return true;
    }
    selected.into_iter().any(|(source, at)| definition_allows(rules, source, &at, request, seen))
}

/// Whether a cluster role takes in another one, be it by way of more.
fn takes_in(rules: &Rules, role: &Role, other: &Role, realm: &Realm, request: &Request, seen: &mut BTreeSet<(Realm, String)>) -> bool {
    let Some(selectors) = &role.aggregation else { return false };
    if !seen.insert((realm.clone(), format!("{} {}", role.name, role.content()))) {
        return false;
    }
    let names: BTreeSet<&RoleName> = rules.roles.keys().map(|(_, name)| name).chain(BUILT_IN.keys()).collect();
    names.into_iter().filter(|name| name.kind == RoleKind::ClusterRole && **name != role.name).any(|name| {
        let sources = standing(rules, realm, name, request);
        sources.into_iter().filter(|(source, _)| source.is_selected_by(selectors)).any(|(source, at)| {
            let is_other = source.name == other.name && source.realm == other.realm;
            is_other || takes_in(rules, source, other, &at, request, seen)
        })
    })
}

type Step<'s> = &'s dyn Fn(&(Realm, RoleName)) -> bool;

/// Where a role of that name may stand: the same realm first, then the other directories; the namespace as named first.
fn places<'r>(rules: &'r Rules, viewer: &Realm, name: &RoleName) -> Vec<&'r (Realm, RoleName)> {
    let same = |key: &&(Realm, RoleName)| key.1.kind == name.kind && key.1.name == name.name;
    let exact = |key: &(Realm, RoleName)| key.1.namespace == name.namespace;
    let near = |key: &(Realm, RoleName)| exact(key) || key.1.namespace.is_empty() || name.namespace.is_empty();
    let elsewhere = |key: &(Realm, RoleName)| key.0 != *viewer && key.0.assumed && viewer.assumed;
    let keys: Vec<_> = rules.roles.keys().filter(same).collect();
    let steps: [Step<'_>; 4] =
        [&|key| key.0 == *viewer && exact(key), &|key| key.0 == *viewer && near(key), &|key| elsewhere(key) && exact(key), &|key| {
            elsewhere(key) && near(key)
        }];
    let found = steps.iter().map(|step| keys.iter().copied().filter(|key| step(key)).collect::<Vec<_>>());
    found.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

fn nowhere(rules: &Rules, viewer: &Realm, name: &RoleName) -> bool {
    places(rules, viewer, name).is_empty() && !BUILT_IN.contains_key(name)
}

fn standing<'r>(rules: &'r Rules, viewer: &Realm, name: &RoleName, request: &Request) -> Vec<(&'r Role, Realm)> {
    let places = places(rules, viewer, name);
    if places.is_empty() {
        return BUILT_IN.get(name).map(|role| (role, viewer.clone())).into_iter().collect();
    }
    let stands = |key: &&&(Realm, RoleName)| {
        let fact = Fact::Stands { role: name.clone(), at: key.0.clone(), namespace: Arc::clone(&key.1.namespace) };
        (key.0 == *viewer && key.1 == *name) || request.facts.get(&fact).copied().unwrap_or(true)
    };
    let definitions = places.iter().filter(stands).filter_map(|key| rules.roles.get(*key)).flat_map(|definitions| {
        let contents: BTreeSet<String> = definitions.iter().map(|role| role.content()).collect();
        definitions.iter().filter(move |role| contents.len() < 2 || fact(request, &role.realm, &role.name.to_string(), &role.content()))
    });
    definitions.map(|role| (&**role, role.realm.clone())).collect()
}

/// One rule, one request.
fn matches(policy: &Policy, request: &Request) -> bool {
    let one_of = |set: &BTreeSet<Arc<str>>, value: &str| set.iter().any(|one| &**one == "*" || &**one == value);
    one_of(&policy.verbs, &request.verb)
        && match (&policy.objects, &request.target) {
            (Objects::Resources { groups, resources, names }, Target::Resource { group, resource, subresource, name, .. }) => {
                one_of(groups, group)
                    && resources.iter().any(|pattern| resource_matches(pattern, resource, subresource))
                    && (names.is_empty() || names.contains(name))
            }
            (Objects::Urls(paths), Target::Path(path)) => paths.iter().any(|pattern| {
                **pattern == **path || pattern.strip_suffix('*').is_some_and(|_| path.starts_with(pattern.trim_end_matches('*')))
            }),
            _ => false,
        }
}

fn resource_matches(pattern: &str, resource: &str, subresource: &str) -> bool {
    if subresource.is_empty() {
        return pattern == "*" || pattern == resource;
    }
    pattern == "*" || pattern == format!("{resource}/{subresource}") || pattern == format!("*/{subresource}")
}

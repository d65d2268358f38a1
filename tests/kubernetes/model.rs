//! Small worlds of roles and bindings, and the requests that can be made in them.

use countersign::change::Entry;
use countersign::document::{Place, Placed};
use countersign::systems::kubernetes::{
    Asker, Binding, BindingName, Fact, ForAnybody, Identity, Kubernetes, Labels, Objects, Policy, Realm, Request, Requirement, Role,
    RoleKind, RoleName, Rules, Selector, Target, notation,
};
use countersign::systems::{Region, System};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub fn place() -> Place {
    Place { line: 1, column: 1, ..Place::file("file.yaml") }
}

pub fn texts(list: &[&str]) -> BTreeSet<Arc<str>> {
    list.iter().map(|text| Arc::from(*text)).collect()
}

pub fn prod() -> Realm {
    Realm { name: "prod".into(), assumed: false }
}

pub fn directory(name: &str) -> Realm {
    Realm { name: name.into(), assumed: true }
}

pub fn cluster_role(name: &str) -> RoleName {
    RoleName { kind: RoleKind::ClusterRole, namespace: "".into(), name: name.into() }
}

pub fn role_in(namespace: &str, name: &str) -> RoleName {
    RoleName { kind: RoleKind::Role, namespace: namespace.into(), name: name.into() }
}

pub fn account(namespace: &str, name: &str) -> Identity {
    Identity::ServiceAccount { namespace: namespace.into(), name: name.into() }
}

fn some(list: &'static [&'static str], most: usize) -> impl Strategy<Value = BTreeSet<Arc<str>>> {
    subsequence(list, 1..=most).prop_map(|list| texts(&list))
}

pub fn policy(namespaced: bool) -> impl Strategy<Value = Policy> {
    let names = prop_oneof![3 => Just(BTreeSet::new()), 1 => some(&["n", "m", ""], 2)];
    let resources =
        (some(&["", "apps", "*"], 2), some(&["pods", "pods/exec", "deployments", "deployments/scale", "*/scale", "*", "pods/*"], 3), names)
            .prop_map(|(groups, resources, names)| Objects::Resources { groups, resources, names });
    let paths = some(&["/metrics", "/api/*", "*", "/api/v1", "/api/v1*"], 2).prop_map(Objects::Urls);
    let objects = if namespaced { resources.boxed() } else { prop_oneof![4 => resources, 1 => paths].boxed() };
    (some(&["get", "list", "create", "*"], 3), objects).prop_map(|(verbs, objects)| Policy { verbs, objects })
}

fn labels() -> impl Strategy<Value = Labels> {
    subsequence(vec![("tier", "one"), ("tier", "two"), ("team", "blue")], 0..=2)
        .prop_map(|list| list.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
}

fn selector() -> impl Strategy<Value = Selector> {
    let requirement = select(vec![
        Requirement::In("tier".into(), texts(&["one"])),
        Requirement::NotIn("tier".into(), texts(&["one", "two"])),
        Requirement::Exists("team".into()),
        Requirement::DoesNotExist("team".into()),
        Requirement::In("kubernetes.io/bootstrapping".into(), texts(&["rbac-defaults"])),
    ]);
    prop::collection::btree_set(requirement, 0..=2)
}

fn role(realm: impl Strategy<Value = Realm>) -> impl Strategy<Value = Role> {
    let name = select(vec![cluster_role("one"), cluster_role("two"), cluster_role("three"), role_in("a", "own"), role_in("b", "own")]);
    (realm, name, labels(), prop::option::weighted(0.2, prop::collection::btree_set(selector(), 1..=2))).prop_flat_map(
        |(realm, name, labels, aggregation)| {
            let namespaced = name.kind == RoleKind::Role;
            let aggregation = aggregation.filter(|_| !namespaced);
            prop::collection::vec(policy(namespaced), 0..=3).prop_map(move |rules| Role {
                realm: realm.clone(),
                name: name.clone(),
                labels: labels.clone(),
                rules: rules.into_iter().map(|value| Placed { value, place: place() }).collect(),
                aggregation: aggregation.clone(),
                origin: place(),
            })
        },
    )
}

pub fn identities() -> Vec<Identity> {
    let groups = ["g", "system:authenticated", "system:serviceaccounts", "system:serviceaccounts:a", "system:masters"];
    let groups = groups.map(|group| Identity::Group(group.into()));
    let people = [Identity::user("ann"), account("a", "s"), account("b", "s"), Identity::user("system:anonymous")];
    people.into_iter().chain(groups).collect()
}

fn binding(realm: impl Strategy<Value = Realm>) -> impl Strategy<Value = Binding> {
    let name = select(vec![(None, "x"), (None, "y"), (Some("a"), "x"), (Some("b"), "x"), (Some("a"), "y")]);
    let role = select(vec!["one", "two", "three", "unknown", "own", "nobody"]);
    (realm, name, role, subsequence(identities(), 0..=2)).prop_map(|(realm, (namespace, name), role, subjects)| {
        let role = match namespace {
            Some(namespace) if matches!(role, "own" | "nobody") => role_in(namespace, role),
            _ => cluster_role(role),
        };
        Binding {
            realm,
            name: BindingName { namespace: namespace.map(Arc::from), name: name.into() },
            role,
            subjects: subjects.into_iter().map(|value| Placed { value, place: place() }).collect(),
            origin: place(),
        }
    })
}

/// What one side is made of.
#[derive(Clone, Debug)]
pub struct World {
    pub roles: Vec<Role>,
    pub bindings: Vec<Binding>,
}

impl World {
    pub fn rules(&self) -> Rules {
        let mut rules = Rules::default();
        self.roles.iter().cloned().for_each(|role| rules.add_role(role));
        self.bindings.iter().cloned().for_each(|binding| rules.add_binding(binding));
        rules
    }

    /// The same, every rule of several verbs as several rules, every file on its own, backwards.
    pub fn rewritten(&self) -> Rules {
        let mut rules = Rules::default();
        for binding in self.bindings.iter().rev() {
            let mut file = Rules::default();
            file.add_binding(Binding { subjects: binding.subjects.iter().rev().cloned().collect(), ..binding.clone() });
            rules.join(file);
        }
        for role in self.roles.iter().rev() {
            let split = role.rules.iter().rev().flat_map(|rule| {
                rule.value.verbs.iter().map(|verb| Placed {
                    value: Policy { verbs: BTreeSet::from([Arc::clone(verb)]), objects: rule.value.objects.clone() },
                    place: rule.place.clone(),
                })
            });
            let mut file = Rules::default();
            file.add_role(Role { rules: split.collect(), ..role.clone() });
            rules.join(file);
        }
        rules
    }
}

/// A side in which every object is defined once.
pub fn world(realm: impl Strategy<Value = Realm> + Clone + 'static) -> impl Strategy<Value = World> {
    let roles = prop::collection::vec(role(realm.clone()), 0..=5);
    let bindings = prop::collection::vec(binding(realm), 0..=4);
    (roles, bindings).prop_map(|(roles, bindings)| {
        let roles: BTreeMap<_, _> = roles.into_iter().map(|role| ((role.realm.clone(), role.name.clone()), role)).collect();
        let bindings: BTreeMap<_, _> = bindings.into_iter().map(|one| ((one.realm.clone(), one.name.clone()), one)).collect();
        World { roles: roles.into_values().collect(), bindings: bindings.into_values().collect() }
    })
}

/// Two sides that have much in common: the second is the first with some of it exchanged.
pub fn change(realm: impl Strategy<Value = Realm> + Clone + 'static) -> impl Strategy<Value = (World, World)> {
    (world(realm.clone()), world(realm), any::<u16>()).prop_map(|(base, other, kept)| {
        let mut roles: BTreeMap<_, _> = other.roles.iter().map(|role| ((&role.realm, &role.name), role)).collect();
        roles
            .extend(base.roles.iter().enumerate().filter(|(at, _)| kept >> at & 1 == 1).map(|(_, role)| ((&role.realm, &role.name), role)));
        let mut bindings: BTreeMap<_, _> = other.bindings.iter().map(|one| ((&one.realm, &one.name), one)).collect();
        bindings.extend(
            base.bindings.iter().enumerate().filter(|(at, _)| kept >> (8 + at) & 1 == 1).map(|(_, one)| ((&one.realm, &one.name), one)),
        );
        let head = World { roles: roles.into_values().cloned().collect(), bindings: bindings.into_values().cloned().collect() };
        (base, head)
    })
}

pub fn asker(identity: &Identity) -> Asker {
    Asker::Identity(identity.clone(), identity.groups().into_iter().collect())
}

pub fn request(realm: &Realm, asker: &Asker, verb: &str, target: Target) -> Request {
    Request { realm: realm.clone(), asker: asker.clone(), verb: verb.into(), target, facts: BTreeMap::new() }
}

/// Verbs and targets, with some that no rule has a word for.
pub fn universe() -> Vec<(&'static str, Target)> {
    let verbs = ["get", "create", "patch"];
    let resources =
        [("", "pods", ""), ("", "pods", "exec"), ("apps", "deployments", ""), ("apps", "deployments", "scale"), ("x", "y", "scale")];
    let mut found = Vec::new();
    for verb in verbs {
        for (group, resource, subresource) in resources {
            for name in ["", "n", "k"] {
                for namespace in [None, Some("a"), Some("c")] {
                    let [group, resource, subresource, name] = [group, resource, subresource, name].map(Arc::from);
                    let namespace = namespace.map(Arc::from);
                    found.push((verb, Target::Resource { namespace, group, resource, subresource, name }));
                }
            }
        }
        found.extend(["/metrics", "/api", "/api/v1", "/api/v1/x", "/api/v2"].map(|path| (verb, Target::Path(path.into()))));
    }
    found
}

/// Whether the request is one of those that a region speaks of, whoever asks.
pub fn is_in(region: &Region, request: &Request) -> bool {
    let speaks = |resources: &[String]| {
        let mut rules = Rules::default();
        for resource in resources {
            rules.add_for_anybody(notation::parse(region.actions.iter().map(|verb| verb.as_str().into()), resource).unwrap());
        }
        Kubernetes::naive(&rules, &Request { asker: Asker::Role(cluster_role("nobody at all")), ..request.clone() })
    };
    speaks(&region.resources) && !speaks(&region.except_resources) && !region.except_actions.iter().any(|verb| **verb == *request.verb)
}

/// The request that a region shows.
pub fn witness(entry: &Entry, realm: &Realm, asker: &Asker) -> Request {
    let shown = entry.region.witness.as_ref().unwrap();
    let ForAnybody { namespaces, policy } = notation::parse([Arc::from(shown.action.as_str())], &shown.resource).unwrap();
    let one = |set: BTreeSet<Arc<str>>| set.into_iter().next().unwrap_or_default();
    let target = match policy.objects {
        Objects::Urls(paths) => Target::Path(one(paths)),
        Objects::Resources { groups, resources, names } => {
            let resource = one(resources);
            let (resource, subresource) = resource.split_once('/').map_or((&*resource, ""), |parts| parts);
            Target::Resource {
                namespace: namespaces.map(one),
                group: one(groups),
                resource: resource.into(),
                subresource: subresource.into(),
                name: one(names),
            }
        }
    };
    request(realm, asker, &shown.action, target)
}

/// Every way in which some facts can be.
pub fn worlds(facts: &[Fact]) -> Vec<BTreeMap<Fact, bool>> {
    (0..1_u32 << facts.len()).map(|bits| facts.iter().zip(0..).map(|(fact, at)| (fact.clone(), bits >> at & 1 == 1)).collect()).collect()
}

//! Which role a binding means, and what that role allows once everything is aggregated into it.
//!
//! A role is looked for in the realm of whoever names it. A realm that is only a directory may be one cluster with others of its kind, so
//! they are looked through next: what stands in one place only is taken, what stands in several is guarded by [`Fact::Stands`], so
//! that two candidates are neither added up nor taken for one another. Then come the built-in roles. A role that is nowhere is
//! [`Fact::Unknown`].

use super::effective::{Allowed, Effective, Guards, Rule};
use super::knowledge::BUILT_IN;
use super::terms::Reach;
use super::{Fact, Policy, Realm, Requirement, Role, RoleKind, RoleName, Rules, Selector};
use crate::access::{Budget, Exhausted};
use crate::systems::content_digest;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// The name under which a role stands.
pub(super) type Key = (Realm, RoleName);

/// A definition, whence it was found, and what has to be true for that.
type Found<'a> = (&'a Role, Realm, Guards);

type Known<'a> = HashMap<(usize, Realm, RoleName), Rc<Effective<'a>>>;

/// Reaches by the address of their rule and the namespace.
type Reaches = HashMap<(usize, Option<Arc<str>>), Option<Reach>>;

/// The roles of one side by what they are looked up by.
#[derive(Default)]
struct Index<'a> {
    by_name: BTreeMap<(RoleKind, &'a str), Vec<&'a Key>>,
    /// Cluster roles by a label.
    by_label: BTreeMap<(&'a str, &'a str), BTreeSet<&'a RoleName>>,
    cluster_roles: BTreeSet<&'a RoleName>,
}

/// All sides, with what was found out about them.
pub(super) struct World<'a> {
    pub(super) sides: Vec<&'a Rules>,
    indices: Vec<Index<'a>>,
    known: RefCell<Known<'a>>,
    reaches: RefCell<Reaches>,
    budget: RefCell<Budget>,
    /// A digest of all that the first two sides say, once somebody asks.
    everything: OnceCell<String>,
}

/// Steps for putting roles and bindings together, all subjects taken together; far above any real repository.
const STEPS: u64 = 5_000_000;

impl<'a> World<'a> {
    pub(super) fn new(sides: &[&'a Rules]) -> Self {
        Self {
            sides: sides.to_vec(),
            indices: sides.iter().map(|rules| Index::new(rules)).collect(),
            known: RefCell::default(),
            reaches: RefCell::default(),
            budget: RefCell::new(Budget::new(STEPS)),
            everything: OnceCell::new(),
        }
    }

    /// A digest of all that the first two sides say.
    pub(super) fn everything(&self) -> &str {
        self.everything.get_or_init(|| {
            let said: Vec<String> = self.sides.iter().take(2).map(|rules| rules.whole()).collect();
            content_digest(&said.iter().map(String::as_str).collect::<Vec<_>>())
        })
    }

    pub(super) fn spend(&self, steps: usize) -> Result<(), Exhausted> {
        self.budget.borrow_mut().spend(steps)
    }

    /// What the role allows on that side, seen from a realm.
    pub(super) fn effective(&self, side: usize, viewer: &Realm, name: &RoleName) -> Result<Rc<Effective<'a>>, Exhausted> {
        let key = (side, viewer.clone(), name.clone());
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let effective = Rc::new(self.effective_without(side, viewer, name, None)?);
        self.known.borrow_mut().insert(key, Rc::clone(&effective));
        Ok(effective)
    }

    /// The same without what these aggregating roles give it, and for a built-in role without what it finds in other directories.
    pub(super) fn effective_without(
        &self,
        side: usize,
        viewer: &Realm,
        name: &RoleName,
        without: Option<&BTreeSet<Key>>,
    ) -> Result<Effective<'a>, Exhausted> {
        let found = self.definitions(side, viewer, name)?;
        let mut places = self.places(viewer, name)?;
        let allowed = match found.len() {
            0 => Allowed::Unknown,
            _ => Allowed::Rules(self.rules_of(side, found, without, &mut places)?),
        };
        Ok(Effective::new(name, allowed, places))
    }

    /// The aggregating roles that a role takes in directly, and what has to be true for each.
    pub(super) fn takes_in(&self, side: usize, viewer: &Realm, name: &RoleName) -> Result<BTreeMap<Key, BTreeSet<Guards>>, Exhausted> {
        let mut taken: BTreeMap<Key, BTreeSet<Guards>> = BTreeMap::new();
        for (role, realm, guards) in self.definitions(side, viewer, name)? {
            let Some(selectors) = &role.aggregation else { continue };
            for (source, at, own) in self.selected(side, role, &realm, selectors)? {
                if source.aggregation.is_some() {
                    taken.entry((at, source.name.clone())).or_default().insert(guards.union(&own).cloned().collect());
                }
            }
        }
        Ok(taken)
    }

    /// The definitions that a role takes in directly.
    fn selected(&self, side: usize, role: &Role, realm: &Realm, selectors: &BTreeSet<Selector>) -> Result<Vec<Found<'a>>, Exhausted> {
        let mut selected = Vec::new();
        for name in self.selectable(side, selectors)?.into_iter().filter(|name| **name != role.name) {
            let definitions = self.definitions(side, realm, name)?;
            self.spend(1 + definitions.len())?;
            selected.extend(definitions.into_iter().filter(|(source, ..)| source.is_selected_by(selectors)));
        }
        Ok(selected)
    }

    /// The same rule in the same namespace has one reach.
    pub(super) fn reach(&self, policy: &'a Policy, namespace: Option<&Arc<str>>) -> Result<Option<Reach>, Exhausted> {
        self.spend(1)?;
        let key = (std::ptr::from_ref(policy).addr(), namespace.cloned());
        if let Some(known) = self.reaches.borrow().get(&key) {
            return Ok(known.clone());
        }
        let reach = if let Some(namespace) = namespace {
            self.reach(policy, None)?.and_then(|everywhere| everywhere.confined(namespace))
        } else {
            self.spend(size(policy))?;
            Reach::of(policy)
        };
        self.reaches.borrow_mut().insert(key, reach.clone());
        Ok(reach)
    }

    /// Where the role that is named stands; whether that is in the realm itself and exactly as named.
    pub(super) fn candidates(&self, side: usize, viewer: &Realm, name: &RoleName) -> Result<(Vec<&'a Key>, bool), Exhausted> {
        self.spend(1)?;
        let own = self.sides.get(side).and_then(|rules| rules.roles.get_key_value(&(viewer.clone(), name.clone())));
        if let Some((key, _)) = own {
            return Ok((vec![key], true));
        }
        let all = self.indices.get(side).and_then(|index| index.by_name.get(&(name.kind, &*name.name))).map_or(&[][..], Vec::as_slice);
        self.spend(all.len())?;
        let may_be = |key: &&&Key| key.1.namespace == name.namespace || key.1.namespace.is_empty() || name.namespace.is_empty();
        let near: Vec<&Key> = all.iter().filter(|key| key.0 == *viewer).filter(may_be).copied().collect();
        if !near.is_empty() || !viewer.assumed {
            return Ok((near, false));
        }
        let elsewhere = || all.iter().filter(|key| key.0.assumed && key.0 != *viewer);
        let far: Vec<&Key> = elsewhere().filter(|key| key.1.namespace == name.namespace).copied().collect();
        Ok((if far.is_empty() { elsewhere().filter(may_be).copied().collect() } else { far }, false))
    }

    /// The places where the role may stand on some side, if on some side there are several and none is plainly meant.
    fn places(&self, viewer: &Realm, name: &RoleName) -> Result<Guards, Exhausted> {
        let (mut places, mut most) = (Guards::new(), 0);
        for side in 0..self.sides.len() {
            let (keys, is_own) = self.candidates(side, viewer, name)?;
            most = most.max(keys.len());
            places.extend(keys.into_iter().filter(|_| !is_own).map(|key| stands(name, key)));
        }
        Ok(if most > 1 { places } else { Guards::new() })
    }

    /// All definitions that a name may mean; none if the role is not in any file and not built in.
    fn definitions(&self, side: usize, viewer: &Realm, name: &RoleName) -> Result<Vec<Found<'a>>, Exhausted> {
        let (keys, is_own) = self.candidates(side, viewer, name)?;
        let guarded = !is_own && !self.places(viewer, name)?.is_empty();
        let mut found = Vec::new();
        for key in &keys {
            let place = guarded.then(|| stands(name, key));
            found.extend(self.defined(side, key)?.into_iter().map(|(role, mut guards)| {
                guards.extend(place.clone());
                (role, key.0.clone(), guards)
            }));
        }
        if keys.is_empty() {
            found.extend(BUILT_IN.get(name).map(|role| (role, viewer.clone(), Guards::new())));
        }
        Ok(found)
    }

    /// The definitions of an object; where they differ, only one of them counts.
    fn defined(&self, side: usize, key: &Key) -> Result<Vec<(&'a Role, Guards)>, Exhausted> {
        let own = self.sides.get(side).copied();
        let definitions = own.and_then(|rules| rules.roles.get(key)).map_or(&[][..], Vec::as_slice);
        self.spend(definitions.len())?;
        let contents: Vec<String> =
            if definitions.len() > 1 { definitions.iter().map(|role| role.content()).collect() } else { Vec::new() };
        let guards = guards_of(&contents, &key.0, || key.1.to_string());
        Ok(definitions.iter().enumerate().map(|(at, role)| (&**role, guards.get(at).cloned().unwrap_or_default())).collect())
    }

    /// Follows aggregation. A role that aggregates has no rules of its own, since the controller writes over them, unless it also takes
    /// itself in by way of another: then its rules may go around for ever. Where there is nothing to take in, the controller of releases
    /// since 1.21 writes nothing, and the rules that somebody applied stay.
    /// <https://github.com/kubernetes/kubernetes/blob/v1.30.0/pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go>
    fn rules_of(
        &self,
        side: usize,
        found: Vec<Found<'a>>,
        without: Option<&BTreeSet<Key>>,
        places: &mut Guards,
    ) -> Result<Vec<Rule<'a>>, Exhausted> {
        let (mut rules, mut seen) = (Vec::new(), HashSet::new());
        let mut open: Vec<(Found<'a>, bool)> = found.into_iter().map(|found| (found, true)).collect();
        while let Some(((role, realm, guards), is_named)) = open.pop() {
            let is_new = seen.insert((std::ptr::from_ref(role).addr(), guards.clone()));
            let is_left_out = || without.is_some_and(|without| without.contains(&(realm.clone(), role.name.clone())));
            if !is_new || (!is_named && role.aggregation.is_some() && is_left_out()) {
                continue;
            }
            let Some(selectors) = &role.aggregation else {
                self.spend(role.rules.len())?;
                rules.extend(role.rules.iter().map(|rule| Rule { policy: &rule.value, guards: guards.clone(), place: &rule.place }));
                continue;
            };
            let selected = self.selected(side, role, &realm, selectors)?;
            let may_be_alone = !selected.iter().any(|(.., guards)| guards.is_empty());
            if may_be_alone || self.is_in_a_circle(side, role, &realm)? {
                let kept = Fact::Kept { at: role.realm.clone(), role: role.name.clone() };
                let guards: Guards = guards.iter().cloned().chain([kept]).collect();
                rules.extend(role.rules.iter().map(|rule| Rule { policy: &rule.value, guards: guards.clone(), place: &rule.place }));
            }
            let is_built_in = BUILT_IN.get(&role.name).is_some_and(|built_in| std::ptr::eq(built_in, role));
            let alone = is_built_in && without.is_some();
            for (source, at, own) in selected.into_iter().filter(|(_, at, _)| !alone || *at == realm) {
                places.extend(self.places(&realm, &source.name)?);
                open.push(((source, at, guards.union(&own).cloned().collect()), false));
            }
        }
        Ok(rules)
    }

    /// Whether a role with rules of its own takes in another one that takes it in, be it by way of more.
    fn is_in_a_circle(&self, side: usize, role: &'a Role, realm: &Realm) -> Result<bool, Exhausted> {
        let (mut seen, mut open) = (HashSet::new(), vec![(role, realm.clone())]);
        while let Some((taking, at)) = open.pop().filter(|_| !role.rules.is_empty()) {
            self.spend(1)?;
            let Some(selectors) = taking.aggregation.as_ref().filter(|_| seen.insert(std::ptr::from_ref(taking).addr())) else { continue };
            for (source, at, _) in self.selected(side, taking, &at, selectors)? {
                if std::ptr::eq(source, role) {
                    return Ok(true);
                }
                open.push((source, at));
            }
        }
        Ok(false)
    }

    /// The names of the cluster roles of a side that these selectors may select, and of the built-in ones that they do.
    fn selectable(&self, side: usize, selectors: &BTreeSet<Selector>) -> Result<BTreeSet<&'a RoleName>, Exhausted> {
        // A built-in role that the files define is found by the labels that they give it, as any other.
        let mut names: BTreeSet<&'a RoleName> =
            BUILT_IN.values().filter(|role| role.is_selected_by(selectors)).map(|role| &role.name).collect();
        let Some(index) = self.indices.get(side) else { return Ok(names) };
        for selector in selectors {
            let labels = selector.iter().find_map(|requirement| match requirement {
                Requirement::In(key, values) => Some(values.iter().map(move |value| (&**key, &**value))),
                _ => None,
            });
            match labels {
                Some(labels) => names.extend(labels.filter_map(|label| index.by_label.get(&label)).flatten()),
                None => names.extend(&index.cluster_roles),
            }
        }
        self.spend(names.len())?;
        Ok(names)
    }
}

impl<'a> Index<'a> {
    fn new(rules: &'a Rules) -> Self {
        let mut index = Self::default();
        for key in rules.roles.keys() {
            index.by_name.entry((key.1.kind, &*key.1.name)).or_default().push(key);
        }
        for role in rules.roles.values().flatten().filter(|role| role.name.kind == RoleKind::ClusterRole) {
            index.cluster_roles.insert(&role.name);
            for (label, value) in &role.labels {
                index.by_label.entry((label, value)).or_default().insert(&role.name);
            }
        }
        index
    }
}

/// The fact that a role stands there that is named so.
fn stands(name: &RoleName, key: &Key) -> Fact {
    Fact::Stands { role: name.clone(), at: key.0.clone(), namespace: Arc::clone(&key.1.namespace) }
}

/// For each content what has to be true for it to count: nothing where all are the same.
pub(super) fn guards_of(contents: &[String], at: &Realm, object: impl Fn() -> String) -> Vec<Guards> {
    if contents.iter().collect::<BTreeSet<_>>().len() < 2 {
        return Vec::new();
    }
    let object: Arc<str> = object().into();
    let fact = |content: &String| {
        let digest = content_digest(&[content]).into();
        Guards::from([Fact::Counts { at: at.clone(), object: Arc::clone(&object), digest }])
    };
    contents.iter().map(fact).collect()
}

fn size(policy: &Policy) -> usize {
    let objects = match &policy.objects {
        super::Objects::Resources { groups, resources, names } => groups.len() + resources.len() + names.len(),
        super::Objects::Urls(paths) => paths.len(),
    };
    policy.verbs.len() + objects
}

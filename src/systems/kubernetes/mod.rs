//! Kubernetes RBAC: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>.
//!
//! There is no Deny: a holder may do what the roles bound to it and to the groups it is in allow, a `RoleBinding` in its own namespace,
//! a `ClusterRoleBinding` everywhere. What cannot be seen is a variable: what a role allows that is in no file ([`Fact::Unknown`]),
//! in which of several directories the role of a binding stands ([`Fact::Stands`]), which of several definitions of one object
//! the API server keeps ([`Fact::Counts`]), which rules of its own a role keeps that takes in others ([`Fact::Kept`]).
//!
//! A role that nothing in the files binds is its own holder, `clusterrole/NAME` or `role/NAMESPACE/NAME`: somebody else may bind it.
//!
//! Regions are spelt `SCOPE:RESOURCE[.GROUP][/SUBRESOURCE][[name=NAME]]` or `url:PATH`, as [`notation`] says.

mod asked;
mod blocks;
mod effective;
mod evaluate;
mod knowledge;
mod known;
mod naive;
pub mod notation;
mod regions;
mod resolve;
mod same;
mod severity;
mod subject;
mod subjects;
mod taking;
mod terms;
mod unbound;

pub use evaluate::Kubernetes;
pub use knowledge::{read_by_built_in, read_by_matching_built_in, taken_in_by_built_in};
pub use known::{unknown_resource, unknown_verb};
pub use naive::{Asker, Request, Target};
pub use subject::{Cell, Subject};

use crate::document::{Place, Placed};
use crate::systems::{Opaque, content_digest};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// A cluster, or a directory of files as long as nobody says which cluster they are for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Realm {
    /// Its name: what `where:` says, else the directory.
    pub name: Arc<str>,
    /// Whether it is only the directory. Such realms may or may not be one cluster.
    pub assumed: bool,
}

/// `Role` or `ClusterRole`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleKind {
    /// Of one namespace.
    Role,
    /// Of the cluster.
    ClusterRole,
}

/// Which role in a realm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName {
    /// `Role` or `ClusterRole`.
    pub kind: RoleKind,
    /// A Role's namespace, empty when its file does not say; empty for a `ClusterRole`.
    pub namespace: Arc<str>,
    /// `metadata.name`.
    pub name: Arc<str>,
}

/// Which binding in a realm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BindingName {
    /// A `RoleBinding`'s namespace, empty when its file does not say; `None` for a `ClusterRoleBinding`.
    pub namespace: Option<Arc<str>>,
    /// `metadata.name`.
    pub name: Arc<str>,
}

/// Who a binding binds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// A user; never one whose name is that of a service account.
    User(Arc<str>),
    /// A group.
    Group(Arc<str>),
    /// A service account.
    ServiceAccount {
        /// Its namespace, empty when no file says.
        namespace: Arc<str>,
        /// Its name.
        name: Arc<str>,
    },
}

/// What a policy rule is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Objects {
    /// `apiGroups` × `resources` × `resourceNames`; no names are any name.
    Resources {
        /// API groups or `*`.
        groups: BTreeSet<Arc<str>>,
        /// Resources, `resource/subresource`, `*/subresource` or `*`.
        resources: BTreeSet<Arc<str>>,
        /// Names of objects; empty for any.
        names: BTreeSet<Arc<str>>,
    },
    /// `nonResourceURLs`: paths, a `*` at the end stands for any ending.
    Urls(BTreeSet<Arc<str>>),
}

/// One rule of a role, in a canonical form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Policy {
    /// Verbs or `*`.
    pub verbs: BTreeSet<Arc<str>>,
    /// On what.
    pub objects: Objects,
}

/// What a label has to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requirement {
    /// One of the values.
    In(Arc<str>, BTreeSet<Arc<str>>),
    /// Another value, or not there.
    NotIn(Arc<str>, BTreeSet<Arc<str>>),
    /// There.
    Exists(Arc<str>),
    /// Not there.
    DoesNotExist(Arc<str>),
}

/// A label selector: all of its requirements. None at all selects everything.
pub type Selector = BTreeSet<Requirement>;

/// Labels of an object.
pub type Labels = BTreeMap<Arc<str>, Arc<str>>;

impl Requirement {
    /// The label's key.
    pub fn key(&self) -> &Arc<str> {
        match self {
            Self::In(key, _) | Self::NotIn(key, _) | Self::Exists(key) | Self::DoesNotExist(key) => key,
        }
    }

    fn holds(&self, labels: &Labels) -> bool {
        match self {
            Self::In(key, values) => labels.get(key).is_some_and(|value| values.contains(value)),
            Self::NotIn(key, values) => labels.get(key).is_none_or(|value| !values.contains(value)),
            Self::Exists(key) => labels.contains_key(key),
            Self::DoesNotExist(key) => !labels.contains_key(key),
        }
    }
}

/// Whether one of the selectors selects what has these labels.
fn selects(selectors: &BTreeSet<Selector>, labels: &Labels) -> bool {
    selectors.iter().any(|selector| selector.iter().all(|requirement| requirement.holds(labels)))
}

/// A Role or a `ClusterRole`.
#[derive(Clone, Debug)]
pub struct Role {
    /// Where it holds.
    pub realm: Realm,
    /// Which role.
    pub name: RoleName,
    /// `metadata.labels`.
    pub labels: Labels,
    /// `rules`; where `aggregation` is there the controller writes over them, so that they
    /// only count in a circle, or where nothing is taken in ([`Fact::Kept`]).
    pub rules: Vec<Placed<Policy>>,
    /// The selectors of `aggregationRule`.
    pub aggregation: Option<BTreeSet<Selector>>,
    /// Where it stands.
    pub origin: Place,
}

/// A `RoleBinding` or a `ClusterRoleBinding`.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Where it holds.
    pub realm: Realm,
    /// Which binding.
    pub name: BindingName,
    /// `roleRef`.
    pub role: RoleName,
    /// `subjects`.
    pub subjects: Vec<Placed<Identity>>,
    /// Where it stands.
    pub origin: Place,
}

/// A rule that holds for anybody: part of a ceiling or of a filter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForAnybody {
    /// In these namespaces; everywhere, the cluster's own objects included, if `None`.
    pub namespaces: Option<BTreeSet<Arc<str>>>,
    /// What it allows.
    pub policy: Policy,
}

/// Something that decides access and that nobody can see in the files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// A role that is in no file allows it.
    Unknown(RoleName),
    /// The role that a binding or an aggregation names is the one that stands there.
    Stands {
        /// As it is named.
        role: RoleName,
        /// In which realm it stands.
        at: Realm,
        /// In which namespace it stands; differs from the name's where one of the two is not told.
        namespace: Arc<str>,
    },
    /// Of several definitions of one object in one realm, the API server keeps this one.
    Counts {
        /// In which realm it is defined.
        at: Realm,
        /// `kind/namespace/name`.
        object: Arc<str>,
        /// The digest of the definition.
        digest: Arc<str>,
    },
    /// A cluster role that takes in others keeps the rules that its file gives it: the controller has nothing to write over them, or only
    /// ever copies them around a circle.
    Kept {
        /// In which realm it is defined.
        at: Realm,
        /// Which role.
        role: RoleName,
    },
}

/// One side: all roles and bindings of all its files.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// All definitions of each role. What stands in a file that did not change is one on both sides.
    roles: BTreeMap<(Realm, RoleName), Vec<Arc<Role>>>,
    /// All definitions of each binding.
    bindings: BTreeMap<(Realm, BindingName), Vec<Arc<Binding>>>,
    anybody: BTreeSet<ForAnybody>,
    opaque: BTreeSet<Opaque>,
    /// The opaque part for each object that is defined in several ways.
    repeated: BTreeMap<(Realm, String), Opaque>,
}

impl Rules {
    /// Adds another file's rules.
    pub fn join(&mut self, other: Self) {
        let repeated: BTreeSet<Opaque> = other.repeated.into_values().collect();
        self.opaque.extend(other.opaque.into_iter().filter(|part| !repeated.contains(part)));
        self.anybody.extend(other.anybody);
        other.roles.into_values().flatten().for_each(|role| self.take_role(role));
        other.bindings.into_values().flatten().for_each(|binding| self.take_binding(binding));
    }

    /// Adds a role. A second definition that differs makes the object opaque: which one counts cannot be told.
    pub fn add_role(&mut self, role: Role) {
        self.take_role(Arc::new(role));
    }

    fn take_role(&mut self, role: Arc<Role>) {
        let (realm, object) = (role.realm.clone(), role.name.to_string());
        let definitions = self.roles.entry((role.realm.clone(), role.name.clone())).or_default();
        definitions.push(role);
        if definitions.len() > 1 {
            let found = definitions.iter().map(|role| (role.origin.clone(), role.content())).collect();
            self.note_repeated(realm, object, &found);
        }
    }

    /// Adds a binding. A second definition that differs makes the object opaque: which one counts cannot be told.
    pub fn add_binding(&mut self, binding: Binding) {
        self.take_binding(Arc::new(binding));
    }

    fn take_binding(&mut self, binding: Arc<Binding>) {
        let (realm, object) = (binding.realm.clone(), binding.name.to_string());
        let definitions = self.bindings.entry((binding.realm.clone(), binding.name.clone())).or_default();
        definitions.push(binding);
        if definitions.len() > 1 {
            let found = definitions.iter().map(|binding| (binding.origin.clone(), binding.content())).collect();
            self.note_repeated(realm, object, &found);
        }
    }

    /// Adds a rule that holds for anybody.
    pub fn add_for_anybody(&mut self, rule: ForAnybody) {
        self.anybody.insert(rule);
    }

    /// Adds a part that could not be read.
    pub fn add_opaque(&mut self, part: Opaque) {
        self.opaque.insert(part);
    }

    fn note_repeated(&mut self, realm: Realm, object: String, found: &BTreeSet<(Place, String)>) {
        let ways: BTreeSet<&str> = found.iter().map(|(_, content)| &**content).collect();
        let (Some((first, _)), Some((_, last))) = (found.first(), found.last()) else { return };
        if ways.len() < 2 {
            return;
        }
        // Most often that one counts which stands last: `kubectl` takes files by their names, and documents as they come.
        let contents: Vec<&str> = ways.iter().copied().chain([&**last]).collect();
        let part = Opaque {
            holder: object.as_str().into(),
            realm: Arc::clone(&realm.name),
            digest: content_digest(&contents),
            why: format!("{object} is defined {} times, each time differently, and the definition applied last counts", ways.len()),
            place: first.clone(),
        };
        self.opaque.insert(part.clone());
        if let Some(before) = self.repeated.insert((realm, object), part.clone()).filter(|before| *before != part) {
            self.opaque.remove(&before);
        }
    }
}

impl Role {
    /// A text that two definitions have in common exactly when they say the same.
    fn content(&self) -> String {
        let rules: BTreeSet<&Policy> = self.rules.iter().map(|rule| &rule.value).collect();
        format!("{:?}", (&self.labels, rules, &self.aggregation))
    }

    fn is_selected_by(&self, selectors: &BTreeSet<Selector>) -> bool {
        selects(selectors, &self.labels)
    }
}

impl Binding {
    fn content(&self) -> String {
        let subjects: BTreeSet<&Identity> = self.subjects.iter().map(|subject| &subject.value).collect();
        format!("{:?}", (&self.role, subjects))
    }
}

impl Identity {
    /// A user; `system:serviceaccount:NAMESPACE:NAME` is that service account.
    pub fn user(name: &str) -> Self {
        match name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':')) {
            Some((namespace, account)) if !namespace.is_empty() && !account.is_empty() => {
                Self::ServiceAccount { namespace: namespace.into(), name: account.into() }
            }
            _ => Self::User(name.into()),
        }
    }

    /// The groups that it is in whoever it is, the narrowest first.
    pub fn groups(&self) -> Vec<Arc<str>> {
        const ACCOUNTS: &str = "system:serviceaccounts";
        const AUTHENTICATED: &str = "system:authenticated";
        const UNAUTHENTICATED: &str = "system:unauthenticated";
        match self {
            Self::ServiceAccount { namespace, .. } if namespace.is_empty() => vec![ACCOUNTS.into(), AUTHENTICATED.into()],
            Self::ServiceAccount { namespace, .. } => {
                vec![format!("{ACCOUNTS}:{namespace}").into(), ACCOUNTS.into(), AUTHENTICATED.into()]
            }
            Self::User(name) if &**name == "system:anonymous" => vec![UNAUTHENTICATED.into()],
            Self::Group(name) if matches!(&**name, AUTHENTICATED | UNAUTHENTICATED) => Vec::new(),
            Self::Group(name) if name.starts_with("system:serviceaccounts:") => vec![ACCOUNTS.into(), AUTHENTICATED.into()],
            Self::User(_) | Self::Group(_) => vec![AUTHENTICATED.into()],
        }
    }

    /// The API server lets this group do everything, before it looks at any role.
    pub fn is_privileged(&self) -> bool {
        matches!(self, Self::Group(name) if &**name == "system:masters")
    }
}

/// Whether somebody is surely or perhaps among those whom the API server puts into a group, by their names as holders, such as
/// `serviceaccount/ci/deploy` and `group/system:serviceaccounts:ci`. `may_begin` says whether that somebody's name begins so.
pub fn is_among(group: &str, may_begin: impl Fn(&str) -> bool) -> bool {
    match group.strip_prefix("group/") {
        Some("system:authenticated") => ["serviceaccount/", "user/", "group/"].into_iter().any(may_begin),
        Some("system:unauthenticated") => may_begin("user/system:anonymous"),
        Some("system:serviceaccounts") => ["serviceaccount/", "group/system:serviceaccounts:"].into_iter().any(may_begin),
        Some(name) => {
            let namespace = name.strip_prefix("system:serviceaccounts:");
            namespace.is_some_and(|namespace| may_begin(&format!("serviceaccount/{namespace}/")))
        }
        None => false,
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "user/{name}"),
            Self::Group(name) => write!(f, "group/{name}"),
            Self::ServiceAccount { namespace, name } => write!(f, "serviceaccount/{namespace}/{name}"),
        }
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            RoleKind::Role => write!(f, "role/{}/{}", self.namespace, self.name),
            RoleKind::ClusterRole => write!(f, "clusterrole/{}", self.name),
        }
    }
}

impl fmt::Display for BindingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "rolebinding/{namespace}/{}", self.name),
            None => write!(f, "clusterrolebinding/{}", self.name),
        }
    }
}

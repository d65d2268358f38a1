//! Manifests from text.

use countersign::change::{Effort, Entry, compare};
use countersign::document::{Bounds, Syntax, parse};
use countersign::formats::{Reading, Setting, kubernetes_rbac};
use countersign::systems::kubernetes::{Kubernetes, Rules};
use countersign::systems::{Kind, System};
use std::collections::BTreeSet;

pub fn read_at(path: &str, text: &str, setting: &Setting) -> Reading {
    let file = parse(path, text.as_bytes(), Syntax::Yaml, &Bounds::default()).unwrap();
    (kubernetes_rbac::FORMAT.read)(&file, setting)
}

pub fn read(text: &str) -> Reading {
    read_at("rbac.yaml", text, &Setting { realm: Some("prod".into()), ..Setting::default() })
}

/// All files of one cluster.
pub fn cluster(text: &str) -> Rules {
    let reading = read(text);
    assert_eq!(reading.diagnostics, vec![]);
    reading.access.kubernetes
}

/// Files in directories of which nobody says which cluster they are for.
pub fn directories(files: &[(&str, &str)]) -> Rules {
    let mut rules = Rules::default();
    for (path, text) in files {
        rules.join(read_at(path, text, &Setting::default()).access.kubernetes);
    }
    rules
}

pub fn codes(reading: &Reading) -> Vec<&'static str> {
    reading.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

pub fn is_opaque(reading: &Reading) -> bool {
    !Kubernetes::opaque(&reading.access.kubernetes).is_empty()
}

pub fn diff(base: &Rules, head: &Rules) -> Vec<Entry> {
    compare::<Kubernetes>(base, head, &[], Effort::default())
}

/// `gained HOLDER VERBS on RESOURCES`, a line an entry.
pub fn told(entries: &[Entry]) -> BTreeSet<String> {
    let line = |entry: &Entry| {
        let kind = match entry.kind {
            Kind::Gained => "gained",
            Kind::Lost => "lost",
            Kind::Undecided => "undecided",
        };
        let region = &entry.region;
        let except = |list: &[String]| if list.is_empty() { String::new() } else { format!(" except {}", list.join(" ")) };
        let (verbs, resources) = (region.actions.join(" "), region.resources.join(" "));
        let (no_verbs, no_resources) = (except(&region.except_actions), except(&region.except_resources));
        format!("{kind} {} {verbs}{no_verbs} on {resources}{no_resources}", region.holder)
    };
    entries.iter().map(line).collect()
}

pub fn lines(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|line| (*line).to_owned()).collect()
}

/// One document of a cluster role with rules in YAML's flow style.
pub fn cluster_role(name: &str, labels: &str, rules: &str) -> String {
    format!(
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: {name}, labels: {{{labels}}}}}\nrules: [{rules}]\n"
    )
}

pub fn role(namespace: &str, name: &str, rules: &str) -> String {
    format!(
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: {name}, namespace: {namespace}}}\nrules: [{rules}]\n"
    )
}

pub fn aggregating(name: &str, selectors: &str) -> String {
    let rule = format!("aggregationRule: {{clusterRoleSelectors: [{selectors}]}}");
    format!("---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: {name}}}\n{rule}\nrules: []\n")
}

pub fn rule(verbs: &str, resources: &str) -> String {
    format!("{{verbs: [{verbs}], apiGroups: [''], resources: [{resources}]}}")
}

/// A binding for the whole cluster, of one service account `ns/me`.
pub fn bound(name: &str, role: &str) -> String {
    bound_to(name, role, "{kind: ServiceAccount, name: me, namespace: ns}")
}

pub fn bound_to(name: &str, role: &str, subjects: &str) -> String {
    format!(
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: {name}}}\nsubjects: [{subjects}]\n\
         roleRef: {{kind: ClusterRole, name: {role}, apiGroup: rbac.authorization.k8s.io}}\n"
    )
}

/// A binding in a namespace, of the service account `me` of that namespace.
pub fn bound_in(namespace: &str, name: &str, kind: &str, role: &str) -> String {
    format!(
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: {name}, namespace: {namespace}}}\n\
         subjects: [{{kind: ServiceAccount, name: me}}]\nroleRef: {{kind: {kind}, name: {role}}}\n"
    )
}

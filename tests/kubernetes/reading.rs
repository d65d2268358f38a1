//! What a manifest says, and what is said about one that the API server would refuse.

use crate::manifests::{aggregating, bound, bound_in, cluster_role, codes, diff, is_opaque, lines, read, read_at, role, rule, told};
use countersign::document::Node;
use countersign::formats::{Setting, kubernetes_rbac};
use countersign::systems::System;
use countersign::systems::kubernetes::{Kubernetes, Rules};

fn rules_of(rules: &str) -> String {
    cluster_role("one", "", rules)
}

/// Refused whole: an error, and one opaque part that says whose it is.
fn refused(text: &str, code: &str, holder: &str) {
    let reading = read(text);
    assert!(codes(&reading).contains(&code), "{:?}", reading.diagnostics);
    let parts: Vec<&str> = Kubernetes::opaque(&reading.access.kubernetes).iter().map(|part| &*part.holder).collect();
    assert_eq!(parts, [holder]);
}

#[test]
fn a_rule_without_verbs_groups_or_resources_is_refused() {
    refused(&rules_of("{apiGroups: [''], resources: [pods]}"), "missing-field", "clusterrole/one");
    refused(&rules_of("{verbs: [], apiGroups: [''], resources: [pods]}"), "missing-field", "clusterrole/one");
    refused(&rules_of("{verbs: [get], resources: [pods]}"), "missing-field", "clusterrole/one");
    refused(&rules_of("{verbs: [get], apiGroups: ['']}"), "missing-field", "clusterrole/one");
}

#[test]
fn a_key_that_nobody_reads_is_a_warning() {
    let reading = read(&rules_of("{verbs: [get], apiGroups: [''], resources: [pods], resourceName: [a]}"));
    assert_eq!(codes(&reading), ["unknown-key"]);
    assert!(!is_opaque(&reading));
    refused(&rules_of("{verb: [get], apiGroups: [''], resources: [pods]}"), "unknown-key", "clusterrole/one");
}

#[test]
fn what_yaml_takes_for_a_number_or_a_truth_is_not_a_string() {
    for value in ["true", "yes", "On", "n", "1", "0x1F", "1_000", ".5", "0b11", "-.inf"] {
        refused(
            &rules_of(&format!("{{verbs: [get], apiGroups: [''], resources: [pods], resourceNames: [{value}]}}")),
            "wrong-type",
            "clusterrole/one",
        );
        let quoted = read(&rules_of(&format!("{{verbs: [get], apiGroups: [''], resources: [pods], resourceNames: ['{value}']}}")));
        assert_eq!(codes(&quoted), [""; 0], "{value}");
    }
    for value in ["nope", "yesterday", "v1", "1.2.3", "infinity", "nan", "e5", "12:30", "2026-01-01"] {
        assert_eq!(
            codes(&read(&rules_of(&format!("{{verbs: [get], apiGroups: [''], resources: [pods], resourceNames: [{value}]}}")))),
            [""; 0],
            "{value}"
        );
    }
}

#[test]
fn a_label_that_is_not_a_string_is_refused() {
    refused(&cluster_role("one", "rbac.authorization.k8s.io/aggregate-to-view: true", ""), "wrong-type", "clusterrole/one");
}

#[test]
fn nothing_in_a_list_is_the_empty_string() {
    let reading = read(&(rules_of("{verbs: [get], apiGroups: [null], resources: [pods]}") + &bound("one", "one")));
    assert_eq!(codes(&reading), ["empty-item"]);
    assert_eq!(told(&diff(&Rules::default(), &reading.access.kubernetes)), lines(&["gained serviceaccount/ns/me get on cluster:pods"]));
}

#[test]
fn a_bad_object_does_not_hide_the_others_in_its_file() {
    let reading = read(&(rules_of("{verbs: get}") + &cluster_role("two", "", &rule("get", "pods")) + &bound("two", "two")));
    assert_eq!(
        told(&diff(&Rules::default(), &reading.access.kubernetes)),
        lines(&["gained serviceaccount/ns/me get on cluster:pods", "undecided clusterrole/one * on *",])
    );
}

#[test]
fn a_bad_object_that_does_not_change_says_nothing() {
    let (one, two) = (read(&rules_of("{verbs: get}")), read(&rules_of("{\"verbs\":   get}")));
    assert_eq!(diff(&one.access.kubernetes, &two.access.kubernetes), vec![]);
}

#[test]
fn paths_and_resources_do_not_mix_and_a_role_has_no_paths() {
    refused(
        &rules_of("{verbs: [get], apiGroups: [''], resources: [pods], nonResourceURLs: [/metrics]}"),
        "resources-and-paths",
        "clusterrole/one",
    );
    refused(&role("ns", "one", "{verbs: [get], nonResourceURLs: [/metrics]}"), "paths-in-a-namespace", "role/ns/one");
}

#[test]
fn a_cluster_role_binding_cannot_name_a_role() {
    refused(&bound("one", "one").replace("kind: ClusterRole, name", "kind: Role, name"), "role-for-the-cluster", "clusterrolebinding/one");
}

#[test]
fn a_service_account_is_in_the_namespace_of_its_role_binding_unless_it_says_otherwise() {
    let one = cluster_role("one", "", &rule("get", "pods"));
    let reading = read(&(one + &bound_in("here", "one", "ClusterRole", "one")));
    assert_eq!(told(&diff(&Rules::default(), &reading.access.kubernetes)), lines(&["gained serviceaccount/here/me get on ns/here:pods"]));
    refused(&bound("one", "one").replace(", namespace: ns", ""), "missing-field", "clusterrolebinding/one");
}

#[test]
fn subjects_and_references_of_other_groups_are_refused() {
    refused(
        &bound("one", "one").replace("kind: ServiceAccount, name", "kind: ServiceAccount, apiGroup: x.io, name"),
        "wrong-group",
        "clusterrolebinding/one",
    );
    refused(
        &bound("one", "one").replace("apiGroup: rbac.authorization.k8s.io}", "apiGroup: x.io}"),
        "wrong-group",
        "clusterrolebinding/one",
    );
    refused(&bound("one", "one").replace("kind: ServiceAccount", "kind: Robot"), "unknown-kind", "clusterrolebinding/one");
}

#[test]
fn an_unknown_version_or_kind_of_the_group_is_told() {
    refused(&rules_of("").replace("k8s.io/v1", "k8s.io/v9"), "unknown-version", "clusterrole/one");
    refused(&rules_of("").replace("kind: ClusterRole", "kind: clusterrole"), "unknown-kind", "rbac.yaml");
    refused("{apiVersion: rbac.authorization.k8s.io/v1, kind: Role}", "missing-field", "rbac.yaml");
}

#[test]
fn an_aggregation_rule_needs_selectors_that_select() {
    refused(&aggregating("all", ""), "missing-field", "clusterrole/all");
    refused(&aggregating("all", "{matchExpressions: [{key: a, operator: Like, values: [b]}]}"), "unknown-operator", "clusterrole/all");
    refused(&aggregating("all", "{matchExpressions: [{key: a, operator: In}]}"), "wrong-values", "clusterrole/all");
    refused(&aggregating("all", "{matchExpressions: [{key: a, operator: Exists, values: [b]}]}"), "wrong-values", "clusterrole/all");
}

#[test]
fn lists_are_read_item_by_item() {
    let item = |kind: &str| format!("{{{kind}metadata: {{name: one}}, rules: [{}]}}", rule("get", "pods"));
    let typed = item("apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, ");
    let list = format!("{{apiVersion: v1, kind: List, items: [{{apiVersion: v1, kind: Pod}}, {typed}]}}");
    let of_kind = format!("{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleList, items: [{}]}}", item(""));
    for text in [list, of_kind] {
        let reading = read(&text);
        assert_eq!(codes(&reading), [""; 0]);
        assert_eq!(told(&diff(&Rules::default(), &reading.access.kubernetes)), lines(&["gained clusterrole/one get on cluster:pods"]));
    }
}

#[test]
fn other_kinds_are_passed_over_unless_somebody_says_that_they_are_ours() {
    let text = "{apiVersion: v1, kind: Pod, metadata: {name: a}}";
    assert_eq!(read(text).diagnostics, vec![]);
    let forced = read_at("a.yaml", text, &Setting { forced: true, ..Setting::default() });
    assert_eq!(codes(&forced), ["not-rbac"]);
    assert!(is_opaque(&forced));
}

#[test]
fn the_namespace_of_what_is_in_none_is_ignored_with_a_warning() {
    let reading = read(&rules_of("").replace("name: one,", "name: one, namespace: ns,"));
    assert_eq!(codes(&reading), ["namespace-ignored"]);
    assert!(!is_opaque(&reading));
}

#[test]
fn bytes_may_hold_a_manifest_that_is_written_with_escapes() {
    let may_hold = kubernetes_rbac::FORMAT.may_hold;
    assert!(may_hold(b"apiVersion: rbac.authorization.k8s.io/v1"));
    assert!(may_hold(br#"{"apiVersion": "rb\u0061c.authorization.k8s.io/v1"}"#));
    assert!(may_hold(b"apiVersion: \"rbac.author\\\n  ization.k8s.io/v1\""));
    assert!(!may_hold(b"apiVersion: v1\nkind: Pod"));
}

#[test]
fn a_manifest_is_claimed_by_its_group_alone() {
    let claims = |text: &str| {
        let file = countersign::document::parse(
            "a.yaml",
            text.as_bytes(),
            countersign::document::Syntax::Yaml,
            &countersign::document::Bounds::default(),
        );
        let documents: Vec<Node> = file.unwrap().documents;
        documents.iter().any(|document| (kubernetes_rbac::FORMAT.claims)("a.yaml", document))
    };
    assert!(claims("{apiVersion: rbac.authorization.k8s.io/v1, kind: Role}"));
    assert!(!claims("{apiVersion: rbac.authorization.k8s.io.evil/v1, kind: Role}"));
    assert!(!claims("{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod}]}"));
    assert!(!claims("[]"));
}

fn keys(text: &str) -> countersign::formats::Joins {
    read(text).joins
}

#[test]
fn a_role_and_its_bindings_find_each_other() {
    let (one, binding) = (keys(&rules_of("")), keys(&bound("one", "one")));
    assert!(one.provides.iter().any(|key| binding.context.contains(key) && binding.needs.contains(key)));
    assert!(one.affects.iter().any(|key| binding.provides.contains(key)));
    assert!(binding.provides.contains("k8s:subject:serviceaccount/ns/me"));
    assert!(binding.shares.iter().any(|(_, key)| key == "k8s:subject:group/system:serviceaccounts:ns"));
}

#[test]
fn a_role_and_its_bindings_find_each_other_where_one_does_not_say_its_namespace() {
    for (of_role, of_binding) in [("''", "ns"), ("ns", "''"), ("''", "''"), ("ns", "ns")] {
        let (role, binding) = (keys(&role(of_role, "one", "")), keys(&bound_in(of_binding, "one", "Role", "one")));
        assert!(role.provides.iter().any(|key| binding.context.contains(key)), "{of_role} {of_binding}");
        assert!(role.affects.iter().any(|key| binding.provides.contains(key)), "{of_role} {of_binding}");
    }
    let (role, binding) = (keys(&role("a", "one", "")), keys(&bound_in("b", "one", "Role", "one")));
    assert!(!role.affects.iter().any(|key| binding.provides.contains(key)));
}

#[test]
fn a_label_and_its_selectors_find_each_other() {
    let part = keys(&cluster_role("part", "team: blue", ""));
    for selector in [
        "{matchLabels: {team: blue}}",
        "{matchExpressions: [{key: team, operator: Exists}]}",
        "{}",
        "{matchExpressions: [{key: x, operator: DoesNotExist}]}",
    ] {
        let all = keys(&aggregating("all", selector));
        assert!(part.affects.iter().any(|key| all.provides.contains(key)), "{selector}");
        assert!(part.provides.iter().any(|key| all.context.contains(key)), "{selector}");
    }
}

#[test]
fn a_label_finds_the_bindings_of_the_built_in_roles_and_they_find_it() {
    let part = keys(&cluster_role("part", "rbac.authorization.k8s.io/aggregate-to-view: 'true'", ""));
    for built_in in ["view", "edit", "admin"] {
        let binding = keys(&bound("one", built_in));
        assert!(part.affects.iter().any(|key| binding.provides.contains(key)), "{built_in}");
        assert!(part.provides.iter().any(|key| binding.context.contains(key)), "{built_in}");
    }
    let all = keys(&aggregating("all", "{matchLabels: {rbac.authorization.k8s.io/aggregate-to-edit: 'true'}}"));
    assert!(part.affects.iter().any(|key| all.provides.contains(key)), "it takes in view, and with it the part");
    assert!(part.provides.iter().any(|key| all.context.contains(key)));
}

#[test]
fn a_role_inside_of_another_object_is_undecided_where_it_differs() {
    let wrapped = |verb: &str, labels: &str| {
        let role =
            format!("{{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {{name: a}}, rules: [{}]}}", rule(verb, "pods"));
        read(&format!(
            "{{apiVersion: hive.openshift.io/v1, kind: SelectorSyncSet, metadata: {{name: x, labels: {{{labels}}}}}, spec: {{resources: [{role}]}}}}"
        ))
    };
    let reading = wrapped("get", "");
    assert_eq!(codes(&reading), ["inside-another-object"]);
    let entries =
        |one: &countersign::formats::Reading, other: &countersign::formats::Reading| diff(&one.access.kubernetes, &other.access.kubernetes);
    assert_eq!(entries(&reading, &wrapped("get", "a: b")), vec![]);
    assert!(told(&entries(&reading, &wrapped("delete", ""))).contains("undecided role/a * on *"));
}

#[test]
fn an_object_that_refers_to_a_role_does_not_hold_it() {
    let owner = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, name: a, uid: b}";
    let reading = read(&format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: x, ownerReferences: [{owner}]}}}}"));
    assert_eq!(codes(&reading), [""; 0]);
    assert!(!is_opaque(&reading));
}

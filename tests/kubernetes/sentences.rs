//! What roles and bindings mean, a sentence a test.

use crate::manifests::{aggregating, bound, bound_in, bound_to, cluster, cluster_role, diff, directories, lines, role, rule, told};
use countersign::access::Budget;
use countersign::change::{Effort, Entry, compare};
use countersign::systems::kubernetes::{Kubernetes, Rules, notation};
use countersign::systems::{Kind, Severity, System};
use std::collections::BTreeSet;

const ME: &str = "serviceaccount/ns/me";

/// What `ns/me` gains and loses when its one role gets other rules.
fn change(before: &str, after: &str) -> BTreeSet<String> {
    let side = |rules: &str| cluster(&(cluster_role("one", "", rules) + &bound("one", "one")));
    told(&diff(&side(before), &side(after)))
}

fn gained(rules: &str) -> BTreeSet<String> {
    lines(&[&format!("gained {ME} {rules}")])
}

/// The reasons and the severity of what `ns/me` gets with a new role.
fn judged(rules: &str) -> (Severity, BTreeSet<&'static str>) {
    let side = |rules: &str| cluster(&(cluster_role("one", "", rules) + &bound("one", "one")));
    let entries = diff(&side(""), &side(rules));
    let reasons = entries.iter().flat_map(|entry| entry.region.reasons.clone()).collect();
    (entries.iter().map(|entry| entry.region.severity).max().unwrap(), reasons)
}

#[test]
fn a_resource_does_not_mean_its_subresources() {
    assert_eq!(change(&rule("create", "pods"), &rule("create", "pods, pods/exec")), gained("create on cluster:pods/exec"));
}

#[test]
fn every_resource_means_every_subresource() {
    assert_eq!(change(&rule("get", "'*'"), &rule("get", "'*', pods, pods/exec")), lines(&[]));
}

#[test]
fn a_subresource_of_every_resource_covers_that_of_one() {
    assert_eq!(change(&rule("get", "'*/scale'"), &rule("get", "'*/scale', deployments/scale")), lines(&[]));
    assert_eq!(
        change(&rule("get", "deployments/scale"), &rule("get", "'*/scale'")),
        gained("get on cluster:*.core/scale except cluster:deployments/scale")
    );
}

#[test]
fn a_star_behind_the_slash_allows_nothing() {
    let side = crate::manifests::read(&(cluster_role("one", "", &rule("get", "pods/*")) + &bound("one", "one")));
    assert_eq!(crate::manifests::codes(&side), ["grants-nothing"]);
    assert_eq!(diff(&Rules::default(), &side.access.kubernetes), vec![]);
}

#[test]
fn every_verb_reads_as_every_verb_but_those_that_were_there() {
    assert_eq!(change(&rule("get, list", "pods"), &rule("'*'", "pods")), gained("* except get list on cluster:pods"));
    assert_eq!(change(&rule("'*'", "pods"), &rule("get", "pods")), lines(&["lost serviceaccount/ns/me * except get on cluster:pods"]));
}

#[test]
fn a_group_is_part_of_the_resource() {
    let of = |groups: &str| format!("{{verbs: [get], apiGroups: [{groups}], resources: [deployments]}}");
    assert_eq!(change(&of("apps"), &of("apps, extensions")), gained("get on cluster:deployments.extensions"));
    assert_eq!(change(&of("apps"), &of("'*'")), gained("get on cluster:deployments.* except cluster:deployments.apps"));
}

#[test]
fn a_name_does_not_cover_requests_without_a_name() {
    let named = |names: &str| format!("{{verbs: [get], apiGroups: [''], resources: [secrets], resourceNames: [{names}]}}");
    assert_eq!(change(&named("a"), &named("a, b")), gained("get on cluster:secrets[name=b]"));
    assert_eq!(change(&named("a"), &rule("get", "secrets")), gained("get on cluster:secrets except cluster:secrets[name=a]"));
}

#[test]
fn a_path_that_ends_in_a_star_is_a_prefix() {
    let on = |paths: &str| format!("{{verbs: [get], nonResourceURLs: [{paths}]}}");
    assert_eq!(change(&on("/api/*"), &on("/api/*, /api/v1, /api/v1/*")), lines(&[]));
    assert_eq!(change(&on("/api/v1"), &on("/api/*")), gained("get on url:/api/* except url:/api/v1"));
    assert_eq!(change(&on("/metrics"), &on("'*'")), gained("get on url:* except url:/metrics"));
}

#[test]
fn moving_splitting_and_merging_rules_changes_nothing() {
    let together = rule("get, list", "pods, services");
    let apart = [rule("get", "pods, services"), rule("list", "services"), rule("list, list", "pods")].join(", ");
    assert_eq!(change(&together, &apart), lines(&[]));
    assert_eq!(change(&apart, &together), lines(&[]));
}

#[test]
fn an_older_and_wider_rule_covers_a_new_one() {
    let wide = rule("'*'", "'*'");
    assert_eq!(change(&wide, &format!("{wide}, {}", rule("get, create", "pods, secrets"))), lines(&[]));
}

#[test]
fn a_role_binding_confines_a_cluster_role_to_its_namespace() {
    let one = cluster_role("one", "", &rule("get", "pods"));
    let head = cluster(&(one.clone() + &bound_in("ns", "one", "ClusterRole", "one")));
    assert_eq!(
        told(&diff(&cluster(&(one.clone() + &bound_to("one", "one", ""))), &head)),
        lines(&["gained serviceaccount/ns/me get on ns/ns:pods",])
    );
    let everywhere = cluster(&(one + &bound("one", "one")));
    assert_eq!(told(&diff(&head, &everywhere)), gained("get on cluster:pods except ns/ns:pods"));
    assert_eq!(told(&diff(&everywhere, &head)), lines(&["lost serviceaccount/ns/me get on cluster:pods except ns/ns:pods"]));
}

#[test]
fn a_role_binding_makes_no_path_effective() {
    let one = cluster_role("one", "", "{verbs: [get], nonResourceURLs: [/metrics]}");
    let head = one.clone() + &bound_in("ns", "one", "ClusterRole", "one");
    assert_eq!(
        told(&diff(&cluster(&(one + &bound_to("other", "one", "{kind: User, name: ann}"))), &cluster(&head))),
        lines(&["lost user/ann get on url:/metrics",])
    );
}

#[test]
fn a_role_is_found_in_the_namespace_of_its_binding() {
    let there = cluster(&(role("ns", "one", &rule("get", "pods")) + &bound_in("ns", "one", "Role", "one")));
    assert_eq!(told(&diff(&Rules::default(), &there)), lines(&["gained serviceaccount/ns/me get on ns/ns:pods"]));
    let elsewhere = cluster(&(role("other", "one", &rule("get", "pods")) + &bound_in("ns", "one", "Role", "one")));
    assert_eq!(
        told(&diff(&Rules::default(), &elsewhere)),
        lines(&["gained role/other/one get on ns/other:pods", "undecided serviceaccount/ns/me * on ns/ns:*.*",])
    );
}

#[test]
fn a_role_without_a_namespace_may_be_the_one_that_a_binding_means() {
    let with = |verbs: &str| {
        let role = role("''", "one", &rule(verbs, "pods"));
        cluster(&(role + &bound_in("ns", "one", "Role", "one")))
    };
    assert_eq!(told(&diff(&with("get"), &with("get, delete"))), lines(&["gained serviceaccount/ns/me delete on ns/ns:pods"]));
}

#[test]
fn a_label_is_a_permission() {
    let all = aggregating("all", "{matchLabels: {team: blue}}") + &bound("all", "all");
    let with = |labels: &str| cluster(&(all.clone() + &cluster_role("part", labels, &rule("get", "pods"))));
    assert_eq!(told(&diff(&with("team: red"), &with("team: blue"))), gained("get on cluster:pods"));
}

#[test]
fn expressions_select_as_labels_do() {
    let with = |expression: &str| {
        let all = aggregating("all", &format!("{{matchExpressions: [{expression}]}}")) + &bound("all", "all");
        let parts = cluster_role("blue", "team: blue", &rule("get", "pods")) + &cluster_role("red", "team: red", &rule("list", "pods"));
        told(&diff(&cluster(&(aggregating("all", "{matchLabels: {a: b}}") + &bound("all", "all") + &parts)), &cluster(&(all + &parts))))
    };
    assert_eq!(with("{key: team, operator: In, values: [blue]}"), gained("get on cluster:pods"));
    assert_eq!(with("{key: team, operator: Exists}"), gained("get list on cluster:pods"));
    let others = with("{key: team, operator: NotIn, values: [blue]}");
    assert!(others.iter().any(|line| line.contains("cluster:*.*")), "cluster-admin has no such label: {others:?}");
    assert!(with("{key: team, operator: DoesNotExist}").iter().any(|line| line.contains("cluster:*.*")));
}

#[test]
fn a_role_that_aggregates_has_no_rules_of_its_own_where_it_takes_some_in() {
    let with = |rules: &str, others: &str| {
        let own = aggregating("all", "{matchLabels: {team: blue}}").replace("rules: []", &format!("rules: [{rules}]"));
        cluster(&(own + &bound("all", "all") + others))
    };
    let other = cluster_role("blue", "team: blue", &rule("get", "pods"));
    assert_eq!(diff(&with("", &other), &with(&rule("'*'", "'*'"), &other)), vec![]);
    let alone = diff(&with("", ""), &with(&rule("get", "pods"), ""));
    assert_eq!(told(&alone), lines(&["undecided serviceaccount/ns/me get on cluster:pods"]));
}

#[test]
fn a_label_widens_the_built_in_roles_and_whoever_has_them() {
    let label = "rbac.authorization.k8s.io/aggregate-to-view: 'true'";
    let viewer = bound("viewer", "view");
    let part = |labels: &str| cluster_role("part", labels, "{verbs: [get], apiGroups: [x.io], resources: [things]}");
    assert_eq!(told(&diff(&cluster(&part("")), &cluster(&part(label)))), lines(&["gained clusterrole/view get on cluster:things.x.io"]));
    // Whoever is bound to `view` is told, and so is what takes it in and nobody is seen to have.
    let of_viewer = told(&diff(&cluster(&(part("") + &viewer)), &cluster(&(part(label) + &viewer))));
    let both = ["gained clusterrole/edit get on cluster:things.x.io", "gained serviceaccount/ns/me get on cluster:things.x.io"];
    assert_eq!(of_viewer, lines(&both));
    let editor = bound("editor", "edit");
    let told = told(&diff(&cluster(&(part("") + &editor)), &cluster(&(part(label) + &editor))));
    assert!(told.contains("gained serviceaccount/ns/me get on cluster:things.x.io"), "edit takes in view: {told:?}");
}

#[test]
fn built_in_roles_are_known() {
    let entries = diff(&Rules::default(), &cluster(&bound("root", "cluster-admin")));
    assert_eq!(told(&entries), lines(&["gained serviceaccount/ns/me * on cluster:*.*", "gained serviceaccount/ns/me * on url:*"]));
    assert_eq!(entries.iter().map(|entry| entry.region.severity).max(), Some(Severity::Critical));
    assert_eq!(
        diff(&cluster(&bound("root", "cluster-admin")), &cluster(&(bound("root", "cluster-admin") + &bound("more", "edit")))),
        vec![]
    );
    let view = told(&diff(&Rules::default(), &cluster(&bound("view", "view"))));
    assert!(view.iter().any(|line| line.contains("cluster:pods/log")) && !view.iter().any(|line| line.contains("secrets")), "{view:?}");
}

#[test]
fn a_built_in_role_that_the_files_define_is_as_they_define_it() {
    let own = cluster_role("view", "", &rule("get", "pods"));
    assert_eq!(told(&diff(&cluster(&own), &cluster(&(own.clone() + &bound("view", "view"))))), gained("get on cluster:pods"));
}

#[test]
fn a_binding_to_a_role_that_is_not_here_cannot_be_told() {
    let entries = diff(&Rules::default(), &cluster(&bound("one", "elsewhere")));
    assert_eq!(told(&entries), lines(&["undecided serviceaccount/ns/me * on cluster:*.* url:*"]));
    assert!(
        entries.iter().all(|entry| entry.opaque.as_ref().unwrap().why == "what the ClusterRole `elsewhere` allows is not in these files")
    );
}

#[test]
fn a_binding_to_a_role_that_is_not_here_may_change_its_own_name_only() {
    let here = cluster(&bound_in("ns", "one", "ClusterRole", "elsewhere"));
    assert_eq!(diff(&here, &cluster(&bound_in("ns", "another", "ClusterRole", "elsewhere"))), vec![]);
    let subject = "{kind: ServiceAccount, name: me, namespace: ns}";
    let there = bound_in("other", "one", "ClusterRole", "elsewhere").replace("{kind: ServiceAccount, name: me}", subject);
    assert_eq!(
        told(&diff(&here, &cluster(&there))),
        lines(&["lost serviceaccount/ns/me * on ns/ns:*.*", "undecided serviceaccount/ns/me * on ns/other:*.*",])
    );
}

#[test]
fn an_object_that_is_defined_twice_cannot_be_told_once_that_changes() {
    let twice = |verbs: &str| {
        cluster(&(bound("one", "one") + &cluster_role("one", "", &rule("get", "pods")) + &cluster_role("one", "", &rule(verbs, "pods"))))
    };
    assert_eq!(Kubernetes::opaque(&twice("get")).len(), 0, "the same twice is the same");
    assert_eq!(diff(&twice("list"), &twice("list")), vec![]);
    let entries = diff(&twice("list"), &twice("delete"));
    assert!(
        entries.iter().any(|entry| entry.kind == Kind::Undecided && &*entry.region.holder == "clusterrole/one"),
        "{:?}",
        told(&entries)
    );
}

#[test]
fn a_new_binding_to_a_role_that_is_defined_twice_is_undecided() {
    let twice = cluster_role("one", "", &rule("get", "pods")) + &cluster_role("one", "", &rule("delete", "pods"));
    let entries =
        diff(&cluster(&(twice.clone() + &bound_to("one", "one", "{kind: User, name: ann}"))), &cluster(&(twice + &bound("one", "one"))));
    let undecided: BTreeSet<String> = told(&entries).into_iter().filter(|line| line.contains("undecided")).collect();
    assert_eq!(
        undecided,
        lines(&["undecided serviceaccount/ns/me delete on cluster:pods", "undecided serviceaccount/ns/me get on cluster:pods"])
    );
}

#[test]
fn a_group_gains_once_and_not_each_of_its_members() {
    let one = cluster_role("one", "", &rule("get", "pods"));
    let side = |subjects: &str| cluster(&(one.clone() + &bound_to("one", "one", subjects)));
    let (me, all) = ("{kind: ServiceAccount, name: me, namespace: ns}", "{kind: Group, name: 'system:serviceaccounts:ns'}");
    assert_eq!(
        told(&diff(&side(me), &side(&format!("{me}, {all}")))),
        lines(&["gained group/system:serviceaccounts:ns get on cluster:pods"])
    );
    assert_eq!(diff(&side(all), &side(&format!("{me}, {all}"))), vec![], "the group has it already");
    let everybody = "{kind: Group, name: 'system:authenticated'}";
    assert_eq!(diff(&side(everybody), &side(&format!("{everybody}, {me}, {all}, {{kind: User, name: ann}}"))), vec![]);
}

#[test]
fn what_a_member_loses_and_its_group_keeps_is_no_loss() {
    let one = cluster_role("one", "", &rule("get", "pods"));
    let side = |subjects: &str| cluster(&(one.clone() + &bound_to("one", "one", subjects)));
    let both = "{kind: User, name: ann}, {kind: Group, name: 'system:authenticated'}";
    assert_eq!(diff(&side(both), &side("{kind: Group, name: 'system:authenticated'}")), vec![]);
    assert_eq!(told(&diff(&side(both), &side("{kind: User, name: ann}"))), lines(&["lost group/system:authenticated get on cluster:pods"]));
}

#[test]
fn the_user_name_of_a_service_account_is_that_account() {
    let one = cluster_role("one", "", &rule("get", "pods"));
    let named = cluster(&(one.clone() + &bound_to("one", "one", "{kind: User, name: 'system:serviceaccount:ns:me'}")));
    assert_eq!(diff(&named, &cluster(&(one + &bound("one", "one")))), vec![]);
}

#[test]
fn the_masters_can_do_everything_whoever_says_so() {
    let head = cluster(&bound_to("root", "cluster-admin", "{kind: Group, name: 'system:masters'}"));
    assert_eq!(diff(&Rules::default(), &head), vec![]);
}

#[test]
fn a_role_that_nothing_binds_is_its_own_holder() {
    let side = |verbs: &str| cluster(&cluster_role("one", "", &rule(verbs, "pods")));
    assert_eq!(told(&diff(&side("get"), &side("get, delete"))), lines(&["gained clusterrole/one delete on cluster:pods"]));
    let namespaced = |verbs: &str| cluster(&role("ns", "one", &rule(verbs, "pods")));
    assert_eq!(
        told(&diff(&namespaced("get"), &namespaced("list"))),
        lines(&["gained role/ns/one list on ns/ns:pods", "lost role/ns/one get on ns/ns:pods",])
    );
}

#[test]
fn a_move_between_files_of_a_directory_changes_nothing() {
    let (one, binding) = (cluster_role("one", "", &rule("get", "pods")), bound("one", "one"));
    let base = directories(&[("dev/all.yaml", &(one.clone() + &binding))]);
    assert_eq!(diff(&base, &directories(&[("dev/role.yaml", &one), ("dev/binding.yaml", &binding)])), vec![]);
}

#[test]
fn a_binding_that_moves_to_another_directory_is_lost_there_and_gained_here() {
    let (one, binding) = (cluster_role("one", "", &rule("get", "pods")), bound("one", "one"));
    let base = directories(&[("shared/role.yaml", &one), ("dev/binding.yaml", &binding)]);
    let head = directories(&[("shared/role.yaml", &one), ("prod/binding.yaml", &binding)]);
    let realms: BTreeSet<(Kind, String)> = diff(&base, &head).iter().map(|entry| (entry.kind, entry.region.realm.to_string())).collect();
    assert_eq!(realms, BTreeSet::from([(Kind::Gained, "prod".to_owned()), (Kind::Lost, "dev".to_owned())]));
}

#[test]
fn a_role_in_the_only_other_directory_is_the_one_that_is_meant() {
    let side = |verbs: &str| {
        directories(&[("roles/one.yaml", &cluster_role("one", "", &rule(verbs, "pods"))), ("bindings/one.yaml", &bound("one", "one"))])
    };
    assert_eq!(told(&diff(&side("get"), &side("get, delete"))), gained("delete on cluster:pods"));
}

#[test]
fn one_of_two_roles_that_may_be_meant_does_not_hide_that_the_other_widened() {
    let side = |dev: &str, prod: &str| {
        let [dev, prod] = [dev, prod].map(|verbs| cluster_role("one", "", &rule(verbs, "pods")));
        directories(&[("dev/one.yaml", &dev), ("prod/one.yaml", &prod), ("bindings/one.yaml", &bound("one", "one"))])
    };
    let entries = diff(&side("get, delete", "get"), &side("get, delete", "get, delete"));
    assert_eq!(told(&entries), gained("delete on cluster:pods"));
    let provided: Vec<&str> = entries.iter().filter_map(|entry| entry.region.provided.as_deref()).collect();
    assert_eq!(provided, ["the ClusterRole `one` is the one in `prod`"]);
    assert_eq!(diff(&side("get", "list"), &side("get", "list")), vec![]);
    assert_eq!(told(&diff(&side("get, list", "get"), &side("get", "get"))), lines(&["lost serviceaccount/ns/me list on cluster:pods"]));
}

#[test]
fn a_cluster_that_has_a_name_does_not_look_into_other_directories() {
    let rules = directories(&[("roles/one.yaml", &cluster_role("one", "", &rule("get", "pods")))]);
    let mut head = cluster(&bound("one", "one"));
    head.join(rules.clone());
    assert!(told(&diff(&rules, &head)).contains("undecided serviceaccount/ns/me * on cluster:*.* url:*"));
}

#[test]
fn the_place_of_a_gain_is_the_rule_and_the_subject() {
    let base = cluster_role("one", "", &rule("get", "pods"));
    let entries = diff(&cluster(&(base.clone() + &bound_to("one", "one", ""))), &cluster(&(base + &bound("one", "one"))));
    let lines: Vec<u32> = entries.iter().flat_map(|entry| entry.region.origins.head.iter().map(|place| place.line)).collect();
    assert_eq!(lines, [5, 10]);
}

#[test]
fn what_borrows_or_changes_access_is_critical() {
    let on = |verbs: &str, group: &str, resources: &str| format!("{{verbs: [{verbs}], apiGroups: ['{group}'], resources: [{resources}]}}");
    let rbac = "rbac.authorization.k8s.io";
    for (rules, reason) in [
        (on("escalate", rbac, "clusterroles"), "escalate"),
        (on("bind", rbac, "roles"), "bind"),
        (on("impersonate", "", "users"), "impersonate"),
        (on("'*'", "*", "'*'"), "wildcard-on-wildcard"),
        (on("'*'", rbac, "'*'"), "escalate"),
    ] {
        let (severity, reasons) = judged(&rules);
        assert_eq!(severity, Severity::Critical, "{rules}");
        assert!(reasons.contains(reason), "{rules}: {reasons:?}");
    }
}

#[test]
fn what_leads_to_other_access_is_high() {
    let on = |verbs: &str, group: &str, resources: &str| format!("{{verbs: [{verbs}], apiGroups: ['{group}'], resources: [{resources}]}}");
    for (rules, reason) in [
        (on("get", "", "secrets"), "reads-secrets"),
        (on("create", "", "pods"), "runs-pods"),
        (on("patch", "apps", "deployments"), "runs-pods"),
        (on("create", "", "pods/exec"), "enters-pods"),
        (on("create", "", "serviceaccounts/token"), "issues-tokens"),
        (on("get", "", "nodes/proxy"), "reaches-nodes"),
        (on("update", "certificates.k8s.io", "certificatesigningrequests/approval"), "approves-certificates"),
        (on("approve", "certificates.k8s.io", "signers"), "approves-certificates"),
        (on("patch", "admissionregistration.k8s.io", "mutatingwebhookconfigurations"), "changes-admission"),
        (on("create", "rbac.authorization.k8s.io", "rolebindings"), "changes-access"),
        (on("create", "", "persistentvolumes"), "creates-volumes"),
        (on("'*'", "x.io", "things"), "wildcard-verb"),
        (on("get", "x.io", "'*'"), "wildcard-resource"),
    ] {
        let (severity, reasons) = judged(&rules);
        assert_eq!(severity, Severity::High, "{rules}: {reasons:?}");
        assert!(reasons.contains(reason), "{rules}: {reasons:?}");
    }
}

#[test]
fn writing_is_medium_and_reading_is_low() {
    assert_eq!(judged(&rule("delete", "configmaps")), (Severity::Medium, BTreeSet::from(["writes"])));
    assert_eq!(judged(&rule("get, list, watch", "configmaps")), (Severity::Low, BTreeSet::new()));
}

#[test]
fn what_everybody_gets_is_critical() {
    let one = cluster_role("one", "", &rule("get", "configmaps"));
    for (group, reason) in [("system:authenticated", "everybody"), ("system:unauthenticated", "public")] {
        let head = cluster(&(one.clone() + &bound_to("one", "one", &format!("{{kind: Group, name: '{group}'}}"))));
        let entries: Vec<Entry> = diff(&Rules::default(), &head);
        assert!(
            entries.iter().all(|entry| entry.region.severity == Severity::Critical && entry.region.reasons.contains(reason)),
            "{group}"
        );
    }
}

#[test]
fn a_ceiling_is_written_as_regions_are() {
    let mut ceiling = Rules::default();
    ceiling.add_for_anybody(notation::parse(["get", "list"].map(Into::into), "ns/ns:pods").unwrap());
    let one = cluster_role("one", "", &rule("get", "pods, secrets"));
    let base = cluster(&(one.clone() + &bound_to("one", "one", "{kind: User, name: ann}")));
    let head = cluster(&(one + &bound_to("one", "one", "{kind: User, name: ann}") + &bound_in("ns", "one", "ClusterRole", "one")));
    let within: BTreeSet<(String, bool)> = compare::<Kubernetes>(&base, &head, &[&ceiling], Effort::default())
        .iter()
        .map(|entry| (entry.region.resources.join(" "), entry.within.contains(&0)))
        .collect();
    assert_eq!(within, BTreeSet::from([("ns/ns:pods".to_owned(), true), ("ns/ns:secrets".to_owned(), false)]));
}

#[test]
fn a_comparison_past_its_budget_is_undecided_and_never_equal() {
    let side = |verbs: &str| cluster(&(cluster_role("one", "", &rule(verbs, "pods, services, secrets")) + &bound("one", "one")));
    let entries = compare::<Kubernetes>(&side("get"), &side("get, list, watch"), &[], Effort(Budget::new(5)));
    assert_eq!(told(&entries), lines(&["undecided serviceaccount/ns/me * on *"]));
}

#[test]
fn strange_names_are_escaped_and_read_back() {
    let rules = "{verbs: [get], apiGroups: [core], resources: ['a:b'], resourceNames: ['x]y?/%z']}";
    let told = change("", rules);
    assert_eq!(told, gained("get on cluster:a%3Ab.%63ore[name=x%5Dy%3F/%25z]"));
    let back = notation::parse(["get".into()], "cluster:a%3Ab.%63ore[name=x%5Dy%3F/%25z]").unwrap();
    let mut filter = Rules::default();
    filter.add_for_anybody(back);
    let head = cluster(&(cluster_role("one", "", rules) + &bound("one", "one")));
    assert!(compare::<Kubernetes>(&Rules::default(), &head, &[&filter], Effort::default()).iter().all(|entry| entry.within.contains(&0)));
}

#[test]
fn a_star_without_a_group_is_refused_in_the_notation() {
    assert!(notation::parse(["get".into()], "cluster:*").unwrap_err().contains("`*.*` is every group"));
    assert!(notation::parse(["get".into()], "pods").unwrap_err().contains("does not say where"));
}

#[test]
fn roles_that_take_in_one_another_may_keep_the_rules_of_their_files() {
    let with_rules = |name: &str, label: &str, of: &str, rules: &str| {
        aggregating(name, &format!("{{matchLabels: {{of: {of}}}}}"))
            .replace(&format!("{{name: {name}}}"), &format!("{{name: {name}, labels: {{of: {label}}}}}"))
            .replace("rules: []", &format!("rules: [{rules}]"))
    };
    let secrets = rule("get", "secrets");
    let circle = cluster(&(with_rules("one", "one", "two", &secrets) + &with_rules("two", "two", "one", "") + &bound("one", "one")));
    let told_of = |rules: &Rules| told(&diff(&Rules::default(), rules));
    assert!(told_of(&circle).contains("undecided serviceaccount/ns/me get on cluster:secrets"), "{:?}", told_of(&circle));
    let straight = cluster(&(with_rules("one", "one", "two", &secrets) + &with_rules("two", "two", "none", "") + &bound("one", "one")));
    assert_eq!(told_of(&straight), lines(&[]));
}

#[test]
fn what_selects_the_built_in_roles_by_their_label_may_do_everything() {
    let all = aggregating("all", "{matchLabels: {kubernetes.io/bootstrapping: rbac-defaults}}");
    let entries = diff(&Rules::default(), &cluster(&(all + &bound("one", "all"))));
    assert!(told(&entries).contains("gained serviceaccount/ns/me * on cluster:*.*"), "{:?}", told(&entries));
}

#[test]
fn a_label_by_which_a_role_that_aggregates_is_taken_in_is_told() {
    let all = aggregating("all", "{}");
    let labelled = all.replace("{name: all}", "{name: all, labels: {of: outer}}");
    let outer = aggregating("outer", "{matchLabels: {of: outer}}");
    let entries = diff(&cluster(&(all + &outer)), &cluster(&(labelled + &outer)));
    assert!(told(&entries).contains("gained clusterrole/outer * on cluster:*.*"), "{:?}", told(&entries));
}

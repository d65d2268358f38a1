//! Actions and resources of rules, and ceilings, decided by the engine over the whole way.

use super::*;
use crate::change::{Effort, beyond, compare};
use crate::document::Placed;
use crate::systems::aws::{Action, Attachment, Aws, Condition, Effect, Grant, Patterns, Resource, Rules, Slot, Statement};

fn rules(holder: Option<&str>, allows: &[(&str, &str)]) -> Rules {
    let attachment = Attachment { realm: "prod".into(), holder: holder.map(Arc::from), slot: Slot::Identity };
    let grant = |(action, resource): &(&str, &str)| Grant {
        attachment: attachment.clone(),
        statement: Statement {
            effect: Effect::Allow,
            principals: Patterns::any(),
            actions: Patterns::new(false, vec![Action::parse(action).unwrap()]),
            resources: Patterns::new(false, vec![Resource::parse(resource, true).unwrap()]),
            condition: Condition::default(),
        }
        .into(),
        origin: at("prod/app.json"),
    };
    Rules { grants: allows.iter().map(grant).collect(), documents: [attachment.clone()].into(), ..Rules::default() }
}

/// What `role/deploy` gains, compared with the filters of the policy.
fn gains(policy: &Policy, allows: &[(&str, &str)]) -> Vec<Entry> {
    let filters: Vec<&Rules> = policy.filters().iter().map(|filter| &filter.access.aws).collect();
    compare::<Aws>(&rules(Some("role/deploy"), &[]), &rules(Some("role/deploy"), allows), &filters, Effort::default())
}

fn decided(rules: &[&str], allows: &[(&str, &str)]) -> Case {
    let policy = policy(rules);
    let change = gains(&policy, allows);
    Case::of(policy, change)
}

const PUBLIC: &str = "{ name: reading is free, when: { gains: { system: aws, actions: ['s3:Get*', 's3:List*'], resources: ['arn:aws:s3:::public/*'] } }, allow: true }";
const NO_IAM: &str = "{ name: no iam, when: { gains: { system: aws, actions: ['iam:*'] } }, deny: use the account team's repository }";

#[test]
fn what_lies_wholly_in_the_patterns_is_what_the_rule_is_about() {
    decided(&[PUBLIC], &[("s3:GetObject", "arn:aws:s3:::public/a")]).is(AUTHORIZED);
    decided(&[PUBLIC], &[("s3:PutObject", "arn:aws:s3:::public/a")]).is(DENIED);
    decided(&[PUBLIC], &[("s3:GetObject", "arn:aws:s3:::private/a")]).is(DENIED);
}

#[test]
fn a_wider_gain_is_cut_at_the_patterns_and_only_the_rest_is_asked_about() {
    let case = decided(&[PUBLIC, SECURITY], &[("s3:Get*", "*")]);
    let covered: Vec<usize> =
        case.change.iter().enumerate().filter(|(_, entry)| entry.within.contains(&0)).map(|(index, _)| index).collect();
    assert_eq!(covered.len(), 1, "{:#?}", case.change);
    assert!(case.change.len() > 1);
    decided(&[PUBLIC], &[("s3:Get*", "*")]).says(DENIED, "no rule is about this gain");
}

#[test]
fn a_wildcard_does_not_slip_past_a_rule_about_one_action() {
    decided(&[NO_IAM, FREE], &[("*", "*")]).says(DENIED, "use the account team's repository");
    decided(&[NO_IAM, FREE], &[("i*:PassRole", "*")]).is(DENIED);
    decided(&[NO_IAM, FREE], &[("s3:*", "*")]).is(AUTHORIZED);
}

#[test]
fn the_same_patterns_are_one_filter_and_every_pattern_alone_is_none() {
    let again = "{ name: again, when: { loses: { system: aws, actions: ['iam:*'], resources: ['*'] } }, deny: 'no' }";
    let all = "{ name: all, when: { gains: { system: aws, actions: ['*'] } }, allow: true }";
    assert_eq!(policy(&[NO_IAM, again, all]).filters().len(), 1);
}

#[test]
fn what_is_beyond_a_ceiling_is_named_exactly() {
    let ceiling_of = |allows: &[(&str, &str)]| rules(None, allows);
    let head = [("s3:*", "arn:aws:s3:::artifacts/*"), ("iam:PassRole", "*")];
    let policy = policy(&[FREE]);
    let found = beyond::<Aws>(
        &rules(Some("role/deploy"), &[]),
        &rules(Some("role/deploy"), &head),
        &ceiling_of(&[("s3:*", "arn:aws:s3:::artifacts/*")]),
        Effort::default(),
    );
    let over = policy.ceilings()[0].over(found);
    let case = Case::of(policy.clone(), gains(&policy, &head)).with(|case| case.over = vec![over]);
    case.says(DENIED, "over the ceiling of `deployer` is `role/deploy`: `iam:PassRole` on `*`");
}

#[test]
fn a_ceiling_without_statements_holds_nothing() {
    let found = beyond::<Aws>(
        &rules(Some("role/deploy"), &[]),
        &rules(Some("role/deploy"), &[("s3:GetObject", "*")]),
        &rules(None, &[]),
        Effort::default(),
    );
    assert_eq!(found.len(), 1, "{found:#?}");
}

/// What a service account gains by a rule of a `Role` in the namespace `web`.
fn web_gains(policy: &Policy, verb: &str, resource: &str) -> Vec<Entry> {
    use crate::systems::kubernetes::{
        Binding, BindingName, Identity, Kubernetes, Objects, Policy as Allows, Realm, Role, RoleKind, RoleName, Rules,
    };
    let realm = Realm { name: "prod".into(), assumed: false };
    let name = RoleName { kind: RoleKind::Role, namespace: "web".into(), name: "app".into() };
    let set = |text: &str| BTreeSet::from([Arc::<str>::from(text)]);
    let objects = Objects::Resources { groups: set(""), resources: set(resource), names: BTreeSet::new() };
    let place = || at("prod/rbac.yaml");
    let mut head = Rules::default();
    head.add_role(Role {
        realm: realm.clone(),
        name: name.clone(),
        labels: BTreeMap::default(),
        rules: vec![Placed { value: Allows { verbs: set(verb), objects }, place: place() }],
        aggregation: None,
        origin: place(),
    });
    let account = Identity::ServiceAccount { namespace: "web".into(), name: "app".into() };
    head.add_binding(Binding {
        realm,
        name: BindingName { namespace: Some("web".into()), name: "app".into() },
        role: name,
        subjects: vec![Placed { value: account, place: place() }],
        origin: place(),
    });
    let filters: Vec<&Rules> = policy.filters().iter().map(|filter| &filter.access.kubernetes).collect();
    compare::<Kubernetes>(&Rules::default(), &head, &filters, Effort::default())
}

#[test]
fn verbs_resources_and_namespaces_of_kubernetes_are_told_apart_exactly() {
    let no_secrets =
        "{ name: no secrets, when: { gains: { system: kubernetes, actions: [get, list], resources: [secrets] } }, deny: 'no' }";
    let web = "{ name: web is free, when: { gains: { system: kubernetes, namespaces: [web] } }, allow: true }";
    let other = "{ name: db is free, when: { gains: { system: kubernetes, namespaces: [db] } }, allow: true }";
    let decided = |rules: &[&str], verb: &str, resource: &str| {
        let policy = policy(rules);
        let change = web_gains(&policy, verb, resource);
        assert!(!change.is_empty());
        Case::of(policy, change)
    };
    decided(&[no_secrets, web], "get", "pods").is(AUTHORIZED);
    decided(&[no_secrets, web], "create", "secrets").is(AUTHORIZED);
    decided(&[no_secrets, web], "get", "secrets").is(DENIED);
    decided(&[no_secrets, web], "*", "*").says(DENIED, "no: `serviceaccount/web/app`");
    decided(&[other], "get", "pods").says(DENIED, "no rule is about this gain");
}

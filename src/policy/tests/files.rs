//! What the policy file may say, and what is said about one that is wrong.

use super::*;

fn said(text: &str) -> Vec<String> {
    let line = |diagnostic: Diagnostic| {
        format!("{} {}: {}; {}", diagnostic.place, diagnostic.code, diagnostic.message, diagnostic.help.unwrap_or_default())
    };
    let checked = checked(text);
    assert!(checked.policy.is_none(), "a policy that is wrong is no policy");
    checked.diagnostics.into_iter().map(line).collect()
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let said = said(text);
    assert!(said.iter().any(|line| line.contains(expected)), "`{expected}` is not in {said:#?}");
}

/// One rule among the people of the tests.
#[track_caller]
fn rule_refused(rule: &str, expected: &str) {
    refused(&format!("{PEOPLE}rules: [{{ name: r, {rule} }}]"), expected);
}

const EXAMPLE: &str = r#"
version: 1
mode: enforce
where:
  - paths: ["clusters/prod/**"]
    realm: prod
    environment: production
people:
  users: { alice: 1001, bob: 1002 }
  groups: { security: [alice, bob] }
roles:
  - name: deployer
    holders: ["role/deploy", "serviceaccount/ci/*"]
    realm: prod
    ceiling:
      aws: [{ Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::artifacts/*" }]
      kubernetes: [{ apiGroups: [""], resources: [pods], verbs: [get, list], namespaces: [web] }]
rules:
  - name: anything that gains access needs security
    when: { gains: {} }
    require: { approvals: [{ from: security, count: 1 }], window: office-hours }
  - name: administrators of everything are never handed out here
    when: { gains: { severity: critical } }
    deny: "ask the security team for a break-glass instead"
  - name: reading is free
    when: { gains: { system: aws, actions: ["s3:Get*", "s3:List*"], resources: ["arn:aws:s3:::public/*"] } }
    allow: true
  - name: over the role's ceiling
    when: { over-ceiling: deployer }
    deny: "give the job a role of its own"
  - name: the gate's own files
    when: { edits: ["countersign.yml", ".github/**"] }
    require: { approvals: [{ from: security, count: 2 }] }
windows:
  office-hours: { zone: Europe/London, open: [{ days: [mon-thu], from: "09:00", to: "17:00" }] }
"#;

#[test]
fn the_example_is_a_policy() {
    let policy = whole_policy(EXAMPLE);
    assert_eq!((policy.mode(), policy.filters().iter().map(|filter| filter.system).collect()), (Mode::Enforce, vec!["aws"]));
    let ceiling = &policy.ceilings()[0];
    assert_eq!(ceiling.place.to_string(), "countersign.yml:12:5");
    assert_eq!(ceiling.written.get("aws").unwrap().items().unwrap()[0].get("Action").unwrap().text(), Some("s3:*"));
    assert!(ceiling.written.get("kubernetes").is_some());
    assert!(ceiling.holds("serviceaccount/ci/deploy", "prod") && !ceiling.holds("role/deploy", "dev") && !ceiling.holds("role/x", "prod"));
}

#[test]
fn the_example_agrees_with_the_schema() {
    let value: serde_json::Value = serde_json::json!({
        "version": 1,
        "people": {"users": {"alice": 1001}, "groups": {"security": ["alice"]}},
        "roles": [{"name": "d", "holders": ["role/*"], "ceiling": {"aws": [{"Effect": "Allow"}]}}],
        "rules": [{"name": "r", "when": {"gains": {}, "over-ceiling": true}, "require": {"approvals": [{"from": "security"}]}}],
        "windows": {"w": {"zone": "Europe/London", "open": [{"days": ["mon"], "all-day": true}]}}
    });
    let schema = jsonschema::validator_for(&serde_json::to_value(schema()).unwrap()).unwrap();
    let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    for wrong in [
        serde_json::json!({"version": 2}),
        serde_json::json!({"version": 1, "rule": []}),
        serde_json::json!({"version": 1, "people-file": null}),
    ] {
        assert!(!schema.is_valid(&wrong), "{wrong}");
    }
    assert!(jsonschema::validator_for(&serde_json::to_value(people_schema()).unwrap()).unwrap().is_valid(&value["people"]));
}

#[test]
fn every_entry_of_where_adds_to_the_ones_before_or_replaces_what_they_say() {
    let policy = whole_policy(
        "version: 1
where:
  - { paths: ['clusters/**'], realm: all, environment: staging, format: kubernetes-rbac }
  - { paths: ['clusters/prod/**'], realm: prod, holder: someone, slot: resource }
  - { paths: ['clusters/*/charts/**'], ignore: true }
  - { paths: ['clusters/prod/charts/rbac/**'], ignore: false }
",
    );
    let site = policy.site_of("clusters/prod/a.yaml");
    assert_eq!((site.realm.as_deref(), site.environment.as_deref(), site.ignore), (Some("prod"), Some("staging"), false));
    assert_eq!(
        (site.holder.as_deref(), site.slot, site.format.as_deref()),
        (Some("someone"), Some(aws::Slot::Resource), Some("kubernetes-rbac"))
    );
    assert!(policy.site_of("clusters/prod/charts/a.yaml").ignore && !policy.site_of("clusters/prod/charts/rbac/a.yaml").ignore);
    assert_eq!(policy.site_of("elsewhere.yaml"), Site::default());
}

#[test]
fn unknown_names_are_told_with_the_nearest_and_the_place() {
    rule_refused(
        "when: { gains: {} }, require: { approvals: [{ from: securty }] }",
        "`securty` is no group here; did you mean `security`?",
    );
    rule_refused("when: { gains: {} }, require: { window: ofice-hours }", "`ofice-hours` is no window here; did you mean `office-hours`?");
    rule_refused(
        "when: { gains: {} }, require: { window: [office-hours, evenngs] }",
        "`evenngs` is no window here; did you mean `evenings`?",
    );
    rule_refused("when: { gains: {} }, require: { window: [] }", "an empty list matches nothing");
    rule_refused("when: { over-ceiling: deployr }, deny: 'no'", "`deployr` is no role here; did you mean `deployer`?");
    rule_refused("when: { gains: { environment: prod } }, deny: 'no'", "`prod` is no environment of `where:` here");
    rule_refused("when: { gains: { reasons: [pulbic] } }, deny: 'no'", "`pulbic` is no reason here; did you mean `public`?");
    let merge = "when: { gains: { system: codeowners, actions: [merge] } }, deny: 'no'";
    rule_refused(merge, "`merge` is no action of `codeowners`: the only one is `approve`");
    refused(
        "version: 1\npeople: { users: { alice: 1 }, groups: { g: [alcie] } }",
        "countersign.yml:2:46 unknown-name: `alcie` is no user here; did you mean `alice`?",
    );
    refused(
        "version: 1\nwhere: [{ paths: ['a/**'], format: aws_iam }]",
        "countersign.yml:2:36 unknown-name: `aws_iam` is no format here; did you mean `aws-iam`?",
    );
    refused("version: 1\nrule: []", "unknown key `rule`; did you mean `rules`?");
    rule_refused("when: { gains: { serverity: high } }, deny: 'no'", "unknown key `serverity`; did you mean `severity`?");
}

#[test]
fn another_version_of_the_language_is_told_alone_with_what_to_do() {
    let said = said("version: 2\nrulez: []\n");
    assert_eq!(
        said,
        [concat!(
            "countersign.yml:1:10 policy-version: version 2 of the policy language is not known here; ",
            "take a newer Countersign, or write `version: 1` and what that knows"
        )]
    );
    refused("version: 0\n", "write `version: 1`");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let said = said(
        "version: 1
people: { users: { alice: 1, ally: 1, bob: 0 } }
rules:
  - { name: r, when: {}, deny: x }
  - { name: r, when: { gains: {} } }
windows: { w: { zone: Londn, open: [{ days: [mon], from: '9', to: '17:00' }] } }
",
    );
    let codes: Vec<(&str, &str)> =
        said.iter().map(|line| line.split_once(' ').unwrap()).map(|(place, rest)| (place, rest.split_once(':').unwrap().0)).collect();
    assert_eq!(
        codes,
        [
            ("countersign.yml:2:36", "duplicate-person"),
            ("countersign.yml:2:44", "person-id"),
            ("countersign.yml:4:22", "rule-when"),
            ("countersign.yml:5:5", "rule-effect"),
            ("countersign.yml:5:13", "duplicate-name"),
            ("countersign.yml:6:23", "window-zone"),
            ("countersign.yml:6:58", "window-hours"),
        ]
    );
}

#[test]
fn a_glob_that_no_path_can_match_is_told() {
    for path in ["", "/iam/**", "./iam/**", "iam/", "iam\\\\**"] {
        rule_refused(&format!("when: {{ edits: [\"{path}\"] }}, deny: 'no'"), "never matches a path");
    }
}

#[test]
fn a_rule_asks_one_thing_and_says_when() {
    rule_refused("when: { gains: {} }", "says when it applies, and not what it asks");
    rule_refused("when: { gains: {} }, deny: 'no', allow: true", "a rule has one of `require`, `deny` and `allow`");
    rule_refused("when: { gains: {} }, allow: false", "`allow: false` may mean many things");
    rule_refused("when: { gains: {} }, require: {}", "this requires nothing");
    rule_refused("when: {}, deny: 'no'", "does not say when it applies");
    rule_refused("when: { gains: }, deny: 'no'", "expected a mapping, found null");
    rule_refused("when: { over-ceiling: false }, deny: 'no'", "`false` is no role");
    rule_refused(
        "when: { gains: {} }, require: { approvals: [{ from: security, count: 0 }] }",
        "0 is not a number of approvals from 1 to 100",
    );
    rule_refused("when: { gains: {} }, require: { approvals: [] }", "an empty list requires nothing");
}

#[test]
fn a_pattern_that_would_silently_match_nothing_is_refused() {
    rule_refused("when: { gains: { actions: ['s3:*'] } }, deny: 'no'", "none is named; add `system: aws`");
    rule_refused("when: { gains: { system: aws, actions: [s3] } }, deny: 'no'", "`s3` is not an action");
    rule_refused("when: { gains: { system: aws, resources: [bucket] } }, deny: 'no'", "`bucket` is not an ARN");
    rule_refused("when: { gains: { system: aws, namespaces: [web] } }, deny: 'no'", "AWS has no namespaces");
    rule_refused("when: { gains: { system: github, actions: [admin] } }, deny: 'no'", "`admin` is no level of a token");
    rule_refused("when: { gains: { system: github, resources: [content] } }, deny: 'no'", "no scope of a token: did you mean `contents`?");
    rule_refused("when: { gains: { system: github, actions: [read], resources: [id-token] } }, deny: 'no'", "`id-token` has none of these");
    rule_refused("when: { gains: { system: github, namespaces: [web] } }, deny: 'no'", "GitHub has no namespaces");
    rule_refused("when: { gains: { holders: [] } }, deny: 'no'", "an empty list matches nothing");
    rule_refused("when: { gains: { paths: ['/etc'] } }, deny: 'no'", "`/etc` never matches a path");
    rule_refused("when: { edits: ['./a'] }, deny: 'no'", "`./a` never matches a path");
    rule_refused("when: { edits: ['a['] }, deny: 'no'", "`a[` is not a glob");
    rule_refused("when: { edits: [] }, deny: 'no'", "an empty list matches nothing");
}

#[test]
fn people_may_stand_in_a_file_of_their_own() {
    let text = "version: 1\npeople: { users: { alice: 1 } }\npeople-file: .countersign/people.yml\n\
                rules: [{ name: r, when: { gains: {} }, require: { approvals: [{ from: g }] } }]";
    let file = yaml("countersign.yml", text);
    let draft = Draft::read(&file).unwrap();
    assert_eq!(draft.people_file(), Some(".countersign/people.yml"));
    let check = |people: &str| draft.check(Some(&yaml(".countersign/people.yml", people)), &KNOWN);
    let policy = check("users: { bob: 2 }\ngroups: { g: [alice, bob] }").policy.unwrap();
    assert!(policy.watches_edits_of(".countersign/people.yml"));
    let wrong = check("users: { alice: 7 }\ngroups: { g: [carol] }");
    assert!(wrong.policy.is_none());
    let places: Vec<String> = wrong.diagnostics.iter().map(|diagnostic| diagnostic.place.to_string()).collect();
    assert_eq!(places, [".countersign/people.yml:1:17", ".countersign/people.yml:2:15"]);
    assert!(check("groups: { g: [alice], nobody: [] }").policy.is_some(), "a warning about the people file leaves a policy");
    assert!(draft.check(None, &KNOWN).policy.is_none(), "a people file that cannot be read leaves no policy");
}

#[test]
fn what_cannot_be_fulfilled_is_a_warning() {
    let text =
        format!("{PEOPLE}rules: [{{ name: r, when: {{ gains: {{}} }}, require: {{ approvals: [{{ from: security, count: 3 }}] }} }}]");
    let checked = checked(&text);
    assert!(checked.policy.is_some());
    let codes: Vec<&str> = checked.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["empty-group", "approval-deadlock"]);
}

#[test]
fn a_policy_that_is_empty_or_two_is_none() {
    refused("", "this policy file says nothing");
    refused("version: 1\n---\nversion: 1\n", "a policy file is one document");
}

#[test]
fn names_stand_on_one_line_and_hide_nothing() {
    rule_refused("when: { gains: {} }, deny: \"a\\u001bb\"", "characters that nobody sees");
    refused("version: 1\nrules: [{ name: '', when: { gains: {} }, allow: true }]", "this is empty");
}

/// A reason that is not in the list could be written in no rule.
#[test]
fn every_reason_of_aws_may_be_written_in_a_rule() {
    let judge = include_str!("../../systems/aws/severity/mod.rs").split_once("fn judge(").unwrap().1;
    let quoted = judge.split('"').skip(1).step_by(2).filter(|text| text.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase()));
    let reasons: Vec<&str> = quoted.collect();
    assert!(reasons.len() > 8, "{reasons:?}");
    for reason in reasons {
        assert!(REASONS.contains(&reason), "`{reason}` is missing in `REASONS`");
    }
}

#[test]
fn every_reason_of_kubernetes_may_be_written_in_a_rule() {
    let text = include_str!("../../systems/kubernetes/severity.rs");
    let dangers = text.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split('"').next());
    let reasons: Vec<&str> = dangers.chain(text.split("because(\"").skip(1).filter_map(|rest| rest.split('"').next())).collect();
    assert!(reasons.len() > 20, "{reasons:?}");
    for reason in reasons {
        assert!(REASONS.contains(&reason), "`{reason}` is missing in `REASONS`");
    }
}

#[test]
fn an_alternative_that_is_empty_is_one() {
    let policy = policy(&["{ name: r, when: { edits: ['{,.github/}countersign.yml'] }, deny: 'no' }"]);
    assert!(policy.watches_edits_of("countersign.yml") && policy.watches_edits_of(".github/countersign.yml"));
    assert!(!policy.watches_edits_of("docs/countersigned.yml"));
}

#[test]
fn a_team_has_its_organisation_before_it_and_a_name_that_no_group_has() {
    let with = |people: &str| format!("version: 1\npeople: {{ users: {{ alice: 1 }}, {people} }}\n");
    for team in ["security", "acme/", "/security", "acme/../security", "acme/security?x=1", "acme/the team"] {
        refused(&with(&format!("teams: {{ security: '{team}' }}")), "wrong-team");
    }
    refused(&with("teams: { security: acme/security }, groups: { security: [alice] }"), "duplicate-name");
}

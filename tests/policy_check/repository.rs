//! What a policy says of files and people that a repository does not have.

use super::*;

const GRANT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

const RULES: &str = r"people:
  users: { alice: 1001, bob: 1002, carol: 1003 }
  groups: { security: [alice, bob, carol] }
rules:
  - name: somebody from security sees every gain
    when: { gains: {} }
    require: { approvals: [{ from: security }] }
  - name: the gate's own files need two
    when: { edits: ['**/countersign.yml'] }
    require: { approvals: [{ from: security, count: 2 }] }
";

const VALID: &str = "countersign.yml is a valid policy";

/// What is said of a policy with these lines in a repository with these files.
fn of_lines(lines: &str, files: &[(&str, &str)]) -> String {
    let policy = format!("version: 1\n{lines}{RULES}");
    said(with(&[&[("countersign.yml", &*policy)], files].concat()).path(), &[])
}

#[test]
fn a_glob_of_where_that_matches_no_file_is_told_with_the_nearest_directory() {
    let files = [("clusters/prod/a.json", GRANT), ("iam/b.json", GRANT)];
    let told = of_lines("where:\n  - { paths: ['clusters/prd/**'], realm: prod }\n", &files);
    assert_snapshot!(told, @r"
warning[no-such-file]: `clusters/prd/**` matches no file of this repository
 --> countersign.yml:3:15
  |
3 |   - { paths: ['clusters/prd/**'], realm: prod }
  |               ^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `clusters/prod`? a glob is about paths from the root of the repository

countersign.yml is a valid policy: 2 rules, 0 windows, 0 roles, 3 people in 1 group.
It is enforced: a change that is not authorized does not pass.
exit code 0
");
    let told = of_lines("where: [{ paths: ['prod/**'], realm: prod }]\n", &files);
    assert!(told.contains("did you mean `**/prod/**`? a glob is about paths from the root of the repository"), "{told}");
    for lines in
        ["where: [{ paths: ['clusters/prod/**', '**/b.json'], realm: prod }]\n", "where: [{ paths: ['**/testdata/**'], ignore: true }]\n"]
    {
        assert!(of_lines(lines, &files).starts_with(VALID), "{}", of_lines(lines, &files));
    }
    // Where no permissions are yet, nothing can be missed.
    assert!(of_lines("where: [{ paths: ['iam/**'], realm: prod }]\n", &[("README.md", "")]).starts_with(VALID));
}

#[test]
fn a_role_that_nobody_holds_is_told_with_those_who_are_there() {
    let role =
        "roles: [{ name: deployer, holders: [role/deploy], ceiling: { aws: [{ Effect: Allow, Action: 's3:*', Resource: '*' }] } }]\n";
    let files = [("iam/deploy.json", GRANT)];
    assert_snapshot!(of_lines(role, &files), @r"
warning[no-such-holder]: nobody in this repository holds `deployer`, so nothing is over its ceiling
 --> countersign.yml:2:36
  |
2 | roles: [{ name: deployer, holders: [role/deploy], ceiling: { aws: [{ Effect: Allow, Action: 's3:*', Resource: '*' }] } }]
  |                                    ^^^^^^^^^^^^^
  |
  = help: there are `iam/deploy.json`; of an AWS policy that stands alone `where:` says whose it is, by `holder`

countersign.yml is a valid policy: 2 rules, 0 windows, 1 role, 3 people in 1 group.
It is enforced: a change that is not authorized does not pass.
exit code 0
");
    let held = format!("where: [{{ paths: [iam/deploy.json], holder: role/deploy }}]\n{role}");
    assert!(of_lines(&held, &files).starts_with(VALID), "{}", of_lines(&held, &files));
    let elsewhere = held.replace("ceiling:", "realm: '999988887777', ceiling:");
    assert!(of_lines(&elsewhere, &files).contains("warning[no-such-holder]"), "{}", of_lines(&elsewhere, &files));
}

#[test]
fn a_realm_with_files_of_several_environments_is_told_where_a_rule_asks_for_one() {
    let files = [("iam/misc/x.json", GRANT), ("iam/prod/y.json", GRANT)];
    let rule = RULES.replace("gains: {} }", "gains: { environment: production } }");
    let of = |places: &str, rules: &str| {
        said(with(&[&[("countersign.yml", &*format!("version: 1\n{places}{rules}"))], &files[..]].concat()).path(), &[])
    };
    let shared = "where:\n  - { paths: ['iam/**'], realm: '111122223333' }\n  - { paths: ['iam/prod/**'], environment: production }\n";
    assert_snapshot!(of(shared, &rule), @r"
warning[realm-shared]: the realm `111122223333` has `iam/misc/x.json` in no environment, `iam/prod/y.json` in `production`: what moves from one to the other is no change of access
 --> countersign.yml:4:44
  |
4 |   - { paths: ['iam/prod/**'], environment: production }
  |                                            ^^^^^^^^^^
  |
  = help: give each environment a realm of its own if a move has to be approved

countersign.yml is a valid policy: 2 rules, 0 windows, 0 roles, 3 people in 1 group.
It is enforced: a change that is not authorized does not pass.
exit code 0
");
    assert!(!of(shared, RULES).contains("realm-shared"), "no rule asks for it");
    let apart = shared.replace("environment: production", "environment: production, realm: prod");
    assert!(!of(&apart, &rule).contains("realm-shared"), "{}", of(&apart, &rule));
}

#[test]
fn a_directory_that_is_delegated_and_not_there_is_told_with_the_nearest() {
    let delegate = |path: &str| {
        format!("delegate: [{{ path: {path}, to: security, ceiling: {{ aws: [{{ Effect: Allow, Action: 's3:*', Resource: '*' }}] }} }}]\n")
    };
    let files = [("teams/payments/countersign.yml", "version: 1\n")];
    let told = of_lines(&delegate("teams/paymants"), &files);
    assert!(told.contains("warning[no-such-file]: there is no directory `teams/paymants`, so nothing is delegated"), "{told}");
    assert!(told.contains("did you mean `teams/payments`?") && told.ends_with("exit code 0"), "{told}");
    for path in ["teams/payments", "teams", "."] {
        assert!(of_lines(&delegate(path), &files).starts_with(VALID), "{}", of_lines(&delegate(path), &files));
    }
}

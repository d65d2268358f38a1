//! Attempts to get access past the gate: each is a change that gives access to somebody, written so that it might not be noticed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

type Files<'f> = &'f [(&'f str, &'f [u8])];

fn write(root: &Path, files: Files<'_>) {
    fs::create_dir_all(root).unwrap();
    for (path, content) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

fn countersign(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign")).args(arguments).arg("--no-cache").output().unwrap()
}

/// What `diff --exit-code` ends with: 0 equal, 10 gained, 13 undecided, 14 only lost.
fn diff(base: Files<'_>, head: Files<'_>) -> i32 {
    let directory = TempDir::new().unwrap();
    let (before, after) = (directory.path().join("base"), directory.path().join("head"));
    write(&before, base);
    write(&after, head);
    countersign(&["diff", "--exit-code", "--base", before.to_str().unwrap(), "--head", after.to_str().unwrap()]).status.code().unwrap()
}

fn is_noticed(base: Files<'_>, head: Files<'_>) -> bool {
    matches!(diff(base, head), 10 | 13)
}

const BINDING: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: admins}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects: [{kind: User, name: eve}]
";

/// `rbac.authorization.k8s.io/v1` in base64.
const GROUP_IN_BASE64: &str = "!!binary cmJhYy5hdXRob3JpemF0aW9uLms4cy5pby92MQ==";

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn in_list(head: &str, item: &str) -> String {
    let item: Vec<String> = item.lines().map(|line| format!("  {line}")).collect();
    format!("{head}- {}\n", item.join("\n").trim_start())
}

#[test]
fn a_manifest_is_noticed_however_it_is_wrapped_or_spelt() {
    let group = "rbac.authorization.k8s.io/v1";
    let manifests = [
        ("a list of another kind", in_list("apiVersion: v1\nkind: ConfigMapList\nitems:\n", BINDING)),
        ("a list of another group", in_list("apiVersion: apps/v1\nkind: List\nitems:\n", BINDING)),
        ("an object with items", in_list("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nitems:\n", BINDING)),
        ("items in capitals", in_list("apiVersion: v1\nkind: List\nItems:\n", BINDING)),
        ("one of ours with items", in_list(&format!("apiVersion: {group}\nkind: ClusterRole\nmetadata: {{name: a}}\nitems:\n"), BINDING)),
        ("a tag", format!("--- !x\n{BINDING}")),
        ("the group in base64", BINDING.replace(group, GROUP_IN_BASE64)),
        ("the group's key in base64", BINDING.replace("apiVersion:", "!!binary YXBpVmVyc2lvbg==:")),
        ("a template of the group", BINDING.replace(group, "{{ include \"common.capabilities.rbac.apiVersion\" . }}")),
        ("a quoted template of the group", BINDING.replace(group, "\"{{ .Values.group }}\"")),
    ];
    for (what, manifest) in manifests {
        assert!(is_noticed(&[], &[("a.yaml", manifest.as_bytes())]), "{what}:\n{manifest}");
    }
    assert!(is_noticed(&[], &[("a.yaml", &utf16(BINDING))]), "UTF-16");
}

#[test]
fn a_manifest_is_noticed_whatever_its_file_is_called() {
    for name in ["a.YAML", "a.yml.tmpl", "a.yaml.j2", "_rbac.tpl", "rbac"] {
        assert!(is_noticed(&[], &[(name, BINDING.as_bytes())]), "{name}");
    }
}

#[test]
fn a_key_in_base64_is_not_passed_over() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n";
    let rules = "[{apiGroups: [\"*\"], resources: [\"*\"], verbs: [\"*\"]}]";
    let (before, after) = (format!("{role}rules: []\n"), format!("{role}!!binary cnVsZXM=: {rules}\n"));
    assert!(is_noticed(&[("a.yaml", before.as_bytes())], &[("a.yaml", after.as_bytes())]));
}

#[test]
fn a_label_is_noticed_although_the_role_that_selects_it_stands_in_a_file_of_another_ending() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r, labels: {x: \"LABEL\"}}\n\
                rules: [{apiGroups: [\"\"], resources: [secrets], verbs: [get]}]\n";
    let all = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\n\
               aggregationRule: {clusterRoleSelectors: [{matchLabels: {x: \"yes\"}}]}\n";
    let (before, after) = (role.replace("LABEL", "no"), role.replace("LABEL", "yes"));
    assert_eq!(
        diff(&[("a.yaml", before.as_bytes()), ("b.YML", all.as_bytes())], &[("a.yaml", after.as_bytes()), ("b.YML", all.as_bytes())]),
        10
    );
}

/// Somebody may be bound to the narrow role by a binding that is not here.
#[test]
fn a_role_that_gains_what_the_role_that_takes_it_in_already_allows_is_noticed() {
    let roles = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: wide, labels: {x: \"yes\"}}\n\
                 rules: [{apiGroups: [\"\"], resources: [secrets], verbs: [get, list]}]\n---\n\
                 apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\n\
                 aggregationRule: {clusterRoleSelectors: [{matchLabels: {x: \"yes\"}}]}\n---\n\
                 apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: narrow, labels: {x: \"yes\"}}\n\
                 rules: [{apiGroups: [\"\"], resources: [secrets], verbs: [VERBS]}]\n";
    let (before, after) = (roles.replace("VERBS", "list"), roles.replace("VERBS", "list, get"));
    assert_eq!(diff(&[("a.yaml", before.as_bytes())], &[("a.yaml", after.as_bytes())]), 10);
}

const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

#[test]
fn a_policy_is_noticed_whatever_stands_beside_it() {
    for around in [
        r#"{"PolicyDocument":{},"Policy":POLICY}"#,
        r#"{"PolicyDocument":{"Version":"2012-10-17","Statement":[]},"InlinePolicy":POLICY}"#,
        r#"{"Roles":[],"PolicyDocument":POLICY}"#,
        r"[POLICY]",
        r#"[{"RoleName":"a","PolicyDocument":POLICY}]"#,
    ] {
        let (before, after) = (around.replace("POLICY", READ), around.replace("POLICY", EVERYTHING));
        assert_eq!(diff(&[("a.json", before.as_bytes())], &[("a.json", after.as_bytes())]), 10, "{around}");
    }
}

#[test]
fn a_policy_in_a_string_is_noticed_however_it_is_spelt() {
    let spelt = EVERYTHING.replace("Statement", r"S\u0074atement");
    let wrapped = format!(r#"{{"RoleName":"a","PolicyDocument":{}}}"#, serde_json::to_string(&spelt).unwrap());
    assert!(is_noticed(&[], &[("a.json", wrapped.as_bytes())]));
    assert!(is_noticed(&[], &[("a.json", &utf16(EVERYTHING))]));
    let lower = EVERYTHING.replace("Version", "version").replace("Statement", "statement").replace("Effect", "effect");
    assert!(is_noticed(&[], &[("a.json", lower.as_bytes())]));
}

#[test]
fn a_boundary_that_goes_is_noticed() {
    let role = r#"{"RoleName":"a","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}BOUNDARY}"#;
    let (before, after) =
        (role.replace("BOUNDARY", r#","PermissionsBoundary":"arn:aws:iam::111122223333:policy/b""#), role.replace("BOUNDARY", ""));
    assert_eq!(diff(&[("a.json", before.as_bytes())], &[("a.json", after.as_bytes())]), 13);
    assert_eq!(diff(&[("a.json", before.as_bytes())], &[("a.json", before.as_bytes())]), 0);
}

#[test]
fn the_version_decides_whether_a_condition_has_variables() {
    let policy = r#"{"Version":"VERSION","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*",
        "Condition":{"StringLike":{"s3:prefix":"home/${aws:username}/*"}}}]}"#;
    let (old, new) = (policy.replace("VERSION", "2008-10-17"), policy.replace("VERSION", "2012-10-17"));
    assert_eq!(diff(&[("a.json", old.as_bytes())], &[("a.json", new.as_bytes())]), 10);
    assert_eq!(diff(&[("a.json", new.as_bytes())], &[("a.json", old.as_bytes())]), 10);
    let spelt = new.replace("${aws", "${$}{aws");
    assert_eq!(diff(&[("a.json", old.as_bytes())], &[("a.json", spelt.as_bytes())]), 0);
}

#[test]
fn a_deny_of_everything_but_nothing_is_not_taken_for_one_of_everything() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":LIST,"Resource":"*"}]}"#;
    let (before, after) = (policy.replace("LIST", r#"["s3:*"]"#), policy.replace("LIST", "[]"));
    assert!(is_noticed(&[("a.json", before.as_bytes())], &[("a.json", after.as_bytes())]));
}

#[test]
fn what_a_user_wrote_begins_no_line_of_an_error() {
    let output = countersign(&["diff", "--base", "a\n::error::b", "--head", "c"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
}

#[test]
fn a_condition_that_names_no_date_ends_nothing() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",
        "Condition":{"DateLessThan":{"aws:CurrentTime":"DATE"}}}]}"#;
    for (date, ends) in [("2027-01-01T00:00:00Z", true), ("2027-01-01", true), ("1798761600", true), ("never", false), ("${aws:x}", false)]
    {
        let directory = TempDir::new().unwrap();
        write(directory.path(), &[("a.json", policy.replace("DATE", date).as_bytes())]);
        let head = directory.path().join("a.json");
        let output = countersign(&["diff", "--format", "json", "--base", "/dev/null", "--head", head.to_str().unwrap()]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["changes"][0]["expires"].is_string(), ends, "{date}");
    }
}

/// A repository with a policy that asks for one approval of bob's.
struct Repository(TempDir);

const POLICY: &str = "version: 1
people: {users: {bob: 2}, groups: {security: [bob]}}
rules:
  - name: somebody looks at it
    when: {gains: {}, undecided: {}}
    require: {approvals: [{from: security}]}
";

impl Repository {
    fn new(files: Files<'_>) -> Self {
        let repository = Self(TempDir::new().unwrap());
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit(&[&[("countersign.yml", POLICY.as_bytes())], files].concat());
        repository
    }

    fn git(&self, arguments: &[&str]) -> String {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
        let output = Command::new("git").args(identity).args(arguments).current_dir(self.0.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn commit(&self, files: Files<'_>) -> String {
        write(self.0.path(), files);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// What `check` ends with, when bob approved that commit.
    fn check(&self, base: &str, head: &str, approved: &str) -> i32 {
        let facts = format!(
            "author: {{id: 1, login: alice}}\nauthor-kind: user\ncontributors: []\nlabels: []\nhead: {head}\nreviews:\n  \
             - {{id: 1, author: {{id: 2, login: bob}}, kind: user, state: approved, commit: {approved}, submitted-at: 2025-01-01T00:00:00Z}}\n"
        );
        let path = self.0.path().join(".git/facts.yml");
        fs::write(&path, facts).unwrap();
        let repository = self.0.path().to_str().unwrap();
        let facts = path.to_str().unwrap();
        countersign(&["check", "--repo", repository, "--base", base, "--head", head, "--facts", facts]).status.code().unwrap()
    }
}

const TEMPLATE: &[u8] = b"{{ if .x }}\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n{{ end }}\n";
const UNKNOWN_ELEMENT: &[u8] = br#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Other":1}]}"#;

#[test]
fn an_approval_of_what_cannot_be_told_is_not_one_of_the_same_bytes_elsewhere() {
    for (name, content) in [("rbac.yaml", TEMPLATE), ("policy.json", UNKNOWN_ELEMENT)] {
        let repository = Repository::new(&[]);
        let base = repository.git(&["rev-parse", "HEAD"]);
        let (development, production) = (format!("development/{name}"), format!("production/{name}"));
        let approved = repository.commit(&[(&development, content)]);
        assert_eq!(repository.check(&base, &approved, &approved), 0);
        let head = repository.commit(&[(&production, content)]);
        assert_eq!(repository.check(&base, &head, &approved), 11, "{name}");
    }
}

#[test]
fn an_approval_that_something_goes_is_not_one_that_it_comes_again_elsewhere() {
    let repository = Repository::new(&[("development/rbac.yaml", TEMPLATE)]);
    let base = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["rm", "-q", "development/rbac.yaml"]);
    let approved = repository.commit(&[("README", b"")]);
    let head = repository.commit(&[("production/rbac.yaml", TEMPLATE)]);
    assert_eq!(repository.check(&base, &head, &approved), 11);
}

#[test]
fn an_edit_of_what_runs_the_gate_needs_a_rule_wherever_it_stands() {
    for path in [".github/workflows/a.yml", ".github/actions/gate/action.yml", ".gitlab-ci.yml", ".circleci/config.yml", "Jenkinsfile"] {
        let repository = Repository::new(&[(path, b"run: countersign check")]);
        let base = repository.git(&["rev-parse", "HEAD"]);
        let head = repository.commit(&[(path, b"run: true")]);
        assert_eq!(repository.check(&base, &head, &head), 10, "{path}");
    }
}

const OWNER: &str = "github.event.comment.author_association == 'OWNER'";

/// A job that anybody starts by a comment, and that may write, with its `if`.
fn job_of_comments(condition: &str) -> String {
    format!("on: issue_comment\njobs:\n  d:\n    runs-on: x\n    permissions: {{contents: write}}\n    if: {condition}\n")
}

fn workflow(before: &str, after: &str) -> i32 {
    diff(&[(".github/workflows/a.yml", before.as_bytes())], &[(".github/workflows/a.yml", after.as_bytes())])
}

/// GitHub makes a string of it, which is true.
#[test]
fn a_condition_that_becomes_a_string_is_noticed() {
    let fenced = format!("${{{{ {OWNER} }}}}");
    let before = job_of_comments(&fenced);
    for after in
        [format!("|\n      {fenced}"), format!("\" {fenced} \""), format!("{OWNER} && ${{{{ true }}}}"), format!("{fenced} && 1 }}}}")]
    {
        assert_eq!(workflow(&before, &job_of_comments(&after)), 10, "{after}");
        assert_eq!(workflow(&job_of_comments(OWNER), &job_of_comments(&after)), 10, "{after}");
    }
}

#[test]
fn a_job_that_no_longer_waits_for_the_one_that_guards_it_is_noticed() {
    let jobs = |condition: &str| {
        let guard = format!("on: issue_comment\njobs:\n  g:\n    runs-on: x\n    permissions: {{}}\n    if: {OWNER}\n");
        format!("{guard}  d:\n    runs-on: x\n    needs: g\n    permissions: {{contents: write}}\n    if: {condition}\n")
    };
    for condition in [
        "Always()",
        "always( )",
        "\"!Cancelled()\"",
        "failure ( )",
        "success() || 1",
        "\"!success()\"",
        "${{ ALWAYS() }}",
        "${{ always() }} x",
    ] {
        assert_eq!(workflow(&jobs("\"\""), &jobs(condition)), 10, "{condition}");
    }
    assert_eq!(workflow(&jobs("\"\""), &jobs("success() && github.actor == 'a'")), 14);
}

#[test]
fn a_guard_that_is_taken_from_a_needed_job_is_noticed() {
    let jobs = |guard: &str, job: &str| {
        let needed = format!("on: issue_comment\njobs:\n  g:\n    runs-on: x\n    permissions: {{}}\n    {guard}\n");
        format!("{needed}  d:\n    runs-on: x\n    needs: g\n    {job}\n")
    };
    for job in [
        "permissions: {contents: write}\n    if: always() && needs.g.result == 'success'",
        "permissions: {contents: write}\n    if: always() && Needs['g'].result == 'success'",
        "permissions: {what-is-not-known-yet: write}",
    ] {
        let (before, after) = (jobs(&format!("if: {OWNER}"), job), jobs("timeout-minutes: 3", job));
        assert!(matches!(workflow(&before, &after), 10 | 13), "{job}");
        assert_eq!(workflow(&before, &before), 0, "{job}");
    }
    let of_output = "permissions: {contents: write}\n    if: needs.g.outputs.ok == 'true'";
    let (before, after) = (jobs("outputs: {ok: \"${{ steps.a.outputs.ok }}\"}", of_output), jobs("outputs: {ok: \"true\"}", of_output));
    assert_eq!(workflow(&before, &after), 10);
}

#[test]
fn a_key_of_a_workflow_in_another_case_is_not_passed_over() {
    let job = |more: &str| format!("on: push\njobs:\n  d:\n    runs-on: x\n    permissions: {{contents: read}}\n{more}");
    for key in ["    Permissions: write-all\n", "    \"permissions \": write-all\n", "ON: issue_comment\n"] {
        assert!(matches!(workflow(&job(""), &job(key)), 10 | 13), "{key}");
    }
}

/// GitHub would skip the last line, and the one before it would decide.
#[test]
fn an_owner_that_no_account_can_be_hides_no_line() {
    for owner in ["@a.b", "@-a", "@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        let (before, after) = (format!("* @sec\n/x/ {owner}\n"), format!("* @sec\n/x/ @eve\n/x/ {owner}\n"));
        assert!(is_noticed(&[("CODEOWNERS", before.as_bytes())], &[("CODEOWNERS", after.as_bytes())]), "{owner}");
    }
}

#[test]
fn an_edit_of_the_policy_is_not_hidden_behind_many_pipelines() {
    let directory = TempDir::new().unwrap();
    let (before, after) = (directory.path().join("base"), directory.path().join("head"));
    let policy = "version: 1\nrules:\n  - { name: a, when: { gains: {} }, deny: no }\n";
    write(&before, &[("countersign.yml", policy.as_bytes())]);
    write(&after, &[("countersign.yml", format!("{policy}# edited\n").as_bytes()), ("CODEOWNERS", b"* @eve\n")]);
    for number in 0..60 {
        let path = format!(".github/actions/{number}/{}.sh", "a".repeat(100));
        write(&after, &[(&path, b"countersign")]);
    }
    let (base, head) = (before.to_str().unwrap(), after.to_str().unwrap());
    let output = countersign(&["check", "--base", base, "--head", head, "--format", "markdown", "--at", "2026-11-24T10:30:00Z"]);
    let comment = String::from_utf8(output.stdout).unwrap();
    let (_, edited) = comment.split_once("#### Edited files of the gate itself\n\n- `countersign.yml`\n- `CODEOWNERS`\n").unwrap();
    assert!(edited.contains("that are not shown here"), "{comment}");
}

/// Its steps may look at who it is, and fail.
#[test]
fn a_job_that_no_longer_needs_the_success_of_another_is_noticed() {
    let jobs = |needs: &str, more: &str| {
        let guard = format!("on: issue_comment\njobs:\n  g:\n    runs-on: x\n    permissions: {{}}\n{more}    steps: [{{run: a}}]\n");
        format!("{guard}  d:\n    runs-on: x\n    permissions: {{contents: write}}\n{needs}")
    };
    let before = jobs("    needs: g\n", "");
    assert_eq!(workflow(&before, &jobs("", "")), 10);
    assert_eq!(workflow(&before, &jobs("    needs: g\n", "    continue-on-error: true\n")), 10);
    assert_eq!(workflow(&jobs("", ""), &before), 14);
}

/// What `where:` or `--as` says is no reason to read past what a file says.
#[test]
fn a_policy_in_a_format_that_it_is_not_of_is_not_read_past() {
    let policy = |action: &str| {
        format!(
            "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{{\"Effect\": \"Allow\", \"Action\": \"{action}\", \"Resource\": \"*\"}}]\n}}\n"
        )
    };
    let (narrow, wide) = (policy("s3:GetObject"), policy("*"));
    let directory = TempDir::new().unwrap();
    let (before, after) = (directory.path().join("base"), directory.path().join("head"));
    write(&before, &[("policy.json", narrow.as_bytes())]);
    write(&after, &[("policy.json", wide.as_bytes())]);
    for format in ["codeowners", "github-workflow", "kubernetes-rbac"] {
        let (base, head) = (before.to_str().unwrap(), after.to_str().unwrap());
        let status = countersign(&["diff", "--exit-code", "--base", base, "--head", head, "--as", format]).status;
        assert_eq!(status.code(), Some(13), "{format}");
    }
}

/// A plan does not say where it was made: that of one stack, or an empty one, says nothing of the files of another.
#[test]
fn the_plan_of_one_stack_does_not_stand_for_the_files_of_another() {
    let source = |action: &str| {
        format!("resource \"aws_iam_role_policy\" \"p\" {{\n  policy = jsonencode({{ Statement = [{{ Action = \"{action}\" }}] }})\n}}\n")
    };
    let directory = TempDir::new().unwrap();
    let (before, after) = (directory.path().join("base"), directory.path().join("head"));
    write(&before, &[("stacks/prod/main.tf", source("s3:GetObject").as_bytes())]);
    write(&after, &[("stacks/prod/main.tf", source("*").as_bytes())]);
    write(directory.path(), &[("plan.json", br#"{"format_version":"1.2","terraform_version":"1.9.0","resource_changes":[]}"#)]);
    let (base, head, plan) = (before.to_str().unwrap(), after.to_str().unwrap(), directory.path().join("plan.json"));
    let code = |planned: &[&str]| {
        let sides = ["diff", "--exit-code", "--base", base, "--head", head, "--plan", plan.to_str().unwrap()];
        countersign(&[&sides, planned].concat()).status.code()
    };
    for planned in [&[][..], &["--planned", "stacks/dev"], &["--planned", "stacks/pro"], &["--planned", ""]] {
        assert_eq!(code(planned), Some(13), "{planned:?}");
    }
    for planned in [".", "./", "stacks", "./stacks/prod/"] {
        assert_eq!(code(&["--planned", planned]), Some(0), "{planned}");
    }
}

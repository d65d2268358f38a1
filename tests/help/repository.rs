//! The repository that the examples of the help speak of.

use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const POLICY: &str = r#"version: 1
where: [{ paths: ["clusters/prod/**"], realm: prod }]
people:
  users: { alice: 1001, bob: 1002, carol: 1003 }
  groups: { security: [bob, carol] }
rules:
  - name: somebody from security sees every gain
    when: { gains: {} }
    require: { approvals: [{ from: security }] }
  - name: the gate's own files need security
    when: { edits: [countersign.yml] }
    require: { approvals: [{ from: security }] }
windows:
  office-hours: { zone: Europe/London, open: [{ days: [mon-fri], from: "09:00", to: "17:00" }] }
"#;

const CASES: &str = r#"version: 1
tests:
  - name: what anybody gains is seen by security
    head: { iam/deploy.json: '{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }' }
    expect: waiting for approval
  - name: the policy is changed with somebody else of security
    base: { countersign.yml: "version: 1" }
    head: { countersign.yml: "version: 1 # still" }
    author: bob
    expect: waiting for approval
    ask: [carol]
"#;

const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: deploy, namespace: web }
rules: [{ apiGroups: [\"\"], resources: [pods], verbs: [VERBS] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: deploy, namespace: web }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: deploy }
subjects: [{ kind: ServiceAccount, name: deploy, namespace: ci }]
";

fn policy_of_aws(actions: &str) -> String {
    let statement = format!(r#"{{ "Effect": "Allow", "Action": [{actions}], "Resource": "*" }}"#);
    format!("{{ \"Version\": \"2012-10-17\", \"Statement\": [{statement}] }}\n")
}

/// A work tree with a change on its branch, approved, and beside it `infra`, another one.
pub struct Prepared(TempDir);

impl Prepared {
    pub fn new() -> Self {
        let prepared = Self(TempDir::new().unwrap());
        for name in ["work", "infra"] {
            prepared.repository(name);
        }
        let work = prepared.0.path().join("work");
        let [base, head] = ["main", "HEAD"].map(|revision| git(&work, &["rev-parse", revision]));
        let review = format!(
            "{{ id: 7, author: {{ id: 1002, login: bob }}, kind: user, state: approved, commit: {head}, submitted-at: 2025-01-01T10:00:00Z }}"
        );
        let facts = format!(
            "base: {base}\nhead: {head}\nauthor: {{ id: 1001, login: alice }}\nauthor-kind: user\ncontributors: []\nreviews: [{review}]\n"
        );
        write(&work, "facts.yml", &facts);
        for (name, actions) in [("before", "\"s3:GetObject\""), ("after", "\"s3:GetObject\", \"s3:PutObject\"")] {
            write(&work, &format!("{name}.json"), &policy_of_aws(actions));
            write(&work, &format!("{name}/iam/deploy.json"), &policy_of_aws(actions));
        }
        write(&work, "countersign.tests.yml", CASES);
        let change = r#"{"actions": ["create"], "before": null, "after": {"user": "dave", "groups": []}, "after_unknown": {}}"#;
        let resource = r#""address": "aws_iam_user_group_membership.dave", "mode": "managed", "type": "aws_iam_user_group_membership""#;
        let plan = format!(r#"{{"format_version": "1.2", "resource_changes": [{{{resource}, "change": {change}}}]}}"#);
        write(&work, "plan.json", &plan);
        write(&work, "key.pem", include_str!("../attestation/key.pem"));
        write(&work, "key.pub", include_str!("../attestation/key.pub"));
        prepared
    }

    /// `main`, `origin/main` and `v1.0` before the change; the branch that is checked out and `v1.1` after it.
    fn repository(&self, name: &str) {
        let root = self.0.path().join(name);
        fs::create_dir(&root).unwrap();
        git(&root, &["init", "--quiet", "--initial-branch", "main"]);
        let state = |verbs: &str, actions: &str| {
            write(&root, "clusters/prod/ci.yaml", &ROLE.replace("VERBS", verbs));
            write(&root, "iam/deploy.json", &policy_of_aws(actions));
            git(&root, &["add", "--all"]);
            git(&root, &["commit", "--quiet", "--message", verbs]);
        };
        write(&root, "countersign.yml", POLICY);
        state("get", "\"s3:GetObject\"");
        git(&root, &["tag", "v1.0"]);
        git(&root, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
        git(&root, &["switch", "--quiet", "--create", "change"]);
        state("get, list", "\"s3:GetObject\", \"s3:PutObject\"");
        git(&root, &["tag", "v1.1"]);
    }

    /// Types a line into a shell. The exit code, and everything that is said.
    pub fn run(&self, line: &str) -> (i32, String) {
        let work = self.0.path().join("work");
        if line.starts_with("countersign init") {
            // It writes a policy, and never over one that is there.
            fs::remove_file(work.join("countersign.yml")).unwrap();
        }
        if ["countersign verify", "countersign ledger", "countersign lookup", "countersign gaps"].iter().any(|verb| line.starts_with(verb))
        {
            let signed = "countersign attest --base main --head HEAD --facts facts.yml --unverified-facts --key key.pem --ledger ledger";
            assert_eq!(self.run(signed).0, 0);
        }
        let output = shell(line, self.0.path()).current_dir(work).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (output.status.code().unwrap(), said)
    }
}

/// A shell that finds the binary by its name, and nothing of the user's.
pub fn shell(line: &str, home: &Path) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().unwrap();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(binary.to_owned()).chain(std::env::split_paths(&others))).unwrap();
    let mut shell = Command::new("bash");
    shell.args(["--noprofile", "--norc", "-c", line]).env("PATH", path).env("HOME", home).env("TMPDIR", home);
    shell.env_remove("XDG_CACHE_HOME");
    shell
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn git(root: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.current_dir(root).args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]).args(arguments);
    let output = git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

//! An approval is bound to what it saw: conversations on real repositories, through the binary.

#![expect(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use assert_cmd::Command;
use std::fs;
use std::path::Path;
use std::process::Command as Process;
use tempfile::TempDir;

const POLICY: &str = r#"
version: 1
people:
  users: { alice: 1001, bob: 1002 }
  groups: { security: [bob] }
rules:
  - name: gains
    when: { gains: {} }
    require: { approvals: [{ from: security, count: 1 }] }
  - name: own files
    when: { edits: ["countersign.yml"] }
    require: { approvals: [{ from: security, count: 1 }] }
"#;

/// A repository with a policy and one permission file on `main`.
struct Repository {
    directory: TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self { directory: tempfile::tempdir().unwrap() };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.write("countersign.yml", POLICY);
        repository.write("iam/app.json", &policy(&["s3:GetObject"]));
        repository.commit("start");
        repository
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Process::new("git")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(self.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Commits everything, and says which commit it is.
    fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn propose(&self, actions: &[&str]) -> String {
        self.write("iam/app.json", &policy(actions));
        self.commit("propose")
    }

    /// Exit code and output of `check`, with an approval of bob's for each of these commits.
    fn check(&self, base: &str, head: &str, approved: &[&str]) -> (i32, String) {
        let review = |(at, commit): (usize, &&str)| {
            format!(
                "  - {{ id: {}, author: {{ id: 1002, login: bob }}, kind: user, state: approved, commit: {commit}, submitted-at: 2026-11-24T10:0{at}:00Z }}\n",
                at + 1
            )
        };
        let reviews: String = approved.iter().enumerate().map(review).collect();
        let reviews = if reviews.is_empty() { "reviews: []\n".to_owned() } else { format!("reviews:\n{reviews}") };
        let facts = format!("author: {{ id: 1001, login: alice }}\nauthor-kind: user\ncontributors: []\nlabels: []\n{reviews}");
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), facts).unwrap();
        let output = Command::cargo_bin("countersign")
            .unwrap()
            .args(["check", "--no-cache", "--explain", "--at", "2026-11-25T12:00:00Z", "--base", base, "--head", head, "--repo"])
            .arg(self.path())
            .arg("--facts")
            .arg(file.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), text)
    }
}

fn policy(actions: &[&str]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions:?},"Resource":"arn:aws:s3:::app/*"}}]}}"#)
}

#[test]
fn an_approval_of_the_head_authorizes_it() {
    let repository = Repository::new();
    let head = repository.propose(&["s3:GetObject", "s3:PutObject"]);
    assert_eq!(repository.check("main~1", &head, &[]).0, 11);
    assert_eq!(repository.check("main~1", &head, &[&head]).0, 0);
}

#[test]
fn a_push_that_widens_after_the_approval_drops_it() {
    let repository = Repository::new();
    let approved = repository.propose(&["s3:GetObject", "s3:PutObject"]);
    let head = repository.propose(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
    let (code, text) = repository.check("main~2", &head, &[&approved]);
    assert_eq!(code, 11, "{text}");
    assert!(text.contains("s3:DeleteObject"), "{text}");
}

/// Also when nothing in it changes: a script may do something only once it can be started.
#[test]
fn whether_a_file_of_the_gate_may_be_executed_is_part_of_what_is_approved() {
    let repository = Repository::new();
    repository.write("countersign.yml", &format!("{POLICY}# more\n"));
    let approved = repository.commit("edit");
    repository.git(&["update-index", "--chmod=+x", "countersign.yml"]);
    repository.git(&["commit", "--quiet", "--message", "executable"]);
    let head = repository.git(&["rev-parse", "HEAD"]);
    let (code, text) = repository.check(&approved, &head, &[]);
    assert_eq!(code, 11, "the mode alone is an edit: {text}");
    let (code, text) = repository.check("main~2", &head, &[&approved]);
    assert_eq!(code, 11, "{text}");
    assert!(text.contains("`countersign.yml` was another then"), "{text}");
    assert_eq!(repository.check("main~2", &head, &[&head]).0, 0);
}

#[test]
fn a_push_that_narrows_or_reformats_keeps_the_approval() {
    let repository = Repository::new();
    let approved = repository.propose(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
    let narrowed = repository.propose(&["s3:PutObject", "s3:GetObject"]);
    let (code, text) = repository.check("main~2", &narrowed, &[&approved]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn a_rebase_keeps_the_approval() {
    let repository = Repository::new();
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    let approved = repository.propose(&["s3:GetObject", "s3:PutObject"]);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("README", "something else\n");
    repository.commit("elsewhere");
    repository.git(&["checkout", "--quiet", "feature"]);
    repository.git(&["rebase", "--quiet", "main"]);
    let head = repository.git(&["rev-parse", "HEAD"]);
    assert_ne!(head, approved);
    let (code, text) = repository.check("main", &head, &[&approved]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn an_approval_of_what_has_since_been_taken_back_on_the_target_does_not_count() {
    let repository = Repository::new();
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    repository.write("README", "nothing about access\n");
    let approved = repository.commit("harmless");
    let head = repository.propose(&["s3:GetObject", "s3:PutObject"]);
    let (code, text) = repository.check("main", &head, &[&approved]);
    assert_eq!(code, 11, "{text}");
}

#[test]
fn an_approval_of_a_commit_that_is_gone_does_not_count_and_says_so() {
    let repository = Repository::new();
    let head = repository.propose(&["s3:GetObject", "s3:PutObject"]);
    let gone = "0123456789012345678901234567890123456789";
    let (code, text) = repository.check("main~1", &head, &[gone]);
    assert_eq!(code, 11, "{text}");
    assert!(text.contains("012345678901 is not in this clone"), "{text}");
}

impl Repository {
    /// Exit code and output of a deployment of what lies between two commits, where the change between two others was authorized.
    fn deploy(&self, [deployed, landed]: [&str; 2], authorized: [&str; 2], approved: &str) -> (i32, String) {
        let [base, head] = authorized;
        let review = format!(
            "{{ id: 1, author: {{ id: 1002, login: bob }}, kind: user, state: approved, commit: {approved}, submitted-at: 2026-11-24T10:00:00Z }}"
        );
        let facts = format!(
            "base: {base}\nhead: {head}\nauthor: {{ id: 1001, login: alice }}\nauthor-kind: user\ncontributors: []\nreviews: [{review}]\n"
        );
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), facts).unwrap();
        let output = Command::cargo_bin("countersign")
            .unwrap()
            .args([
                "check",
                "--no-cache",
                "--stage",
                "deploy",
                "--at",
                "2026-11-25T12:00:00Z",
                "--base",
                deployed,
                "--head",
                landed,
                "--repo",
            ])
            .arg(self.path())
            .arg("--facts")
            .arg(file.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), text)
    }

    /// A change on a branch, and what was squashed of it onto `main`: the commits before, of the change, and after it.
    fn landed(&self, proposed: &[&str], landed: &[&str]) -> [String; 3] {
        let before = self.git(&["rev-parse", "main"]);
        self.git(&["checkout", "--quiet", "-B", "feature"]);
        let change = self.propose(proposed);
        self.git(&["checkout", "--quiet", "main"]);
        self.write("README", &format!("something else after {before}\n"));
        self.commit("elsewhere");
        [before, change, self.propose(landed)]
    }
}

#[test]
fn what_was_squashed_is_deployed_as_it_was_authorized() {
    let repository = Repository::new();
    let [before, change, after] = repository.landed(&["s3:GetObject", "s3:PutObject"], &["s3:GetObject", "s3:PutObject"]);
    let (code, text) = repository.deploy([&before, &after], [&before, &change], &change);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("no more landed than was authorized"), "{text}");
}

#[test]
fn threat_15_what_landed_beyond_what_was_authorized_is_not_deployed() {
    let repository = Repository::new();
    let [before, change, after] =
        repository.landed(&["s3:GetObject", "s3:PutObject"], &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
    // An approval of what landed makes it no more authorized.
    let (code, text) = repository.deploy([&before, &after], [&before, &change], &after);
    assert_eq!(code, 10, "{text}");
    assert!(text.contains("more landed than was authorized: ") && text.contains("`s3:DeleteObject`"), "{text}");
}

/// Each lies within what was authorized for it, and so all of them together lie within all that was authorized.
#[test]
fn several_change_requests_of_one_deployment_are_judged_each_from_where_the_one_before_landed() {
    let repository = Repository::new();
    let (put, delete) = (["s3:GetObject", "s3:PutObject"], ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
    let [before, first, between] = repository.landed(&put, &put);
    let [from, second, after] = repository.landed(&delete, &delete);
    assert_eq!(repository.deploy([&before, &between], [&before, &first], &first).0, 0);
    assert_eq!(repository.deploy([&between, &after], [&from, &second], &second).0, 0);
    for (authorized, approved) in [([&before, &first], &first), ([&from, &second], &second)] {
        let (code, text) = repository.deploy([&before, &after], authorized.map(String::as_str), approved);
        assert_eq!(code, 10, "one of them authorizes not all of it: {text}");
    }
}

/// What is deployed now is the base, and not what the older revision was built from.
#[test]
fn threat_26_a_rollback_that_gives_access_again_is_a_gain() {
    let repository = Repository::new();
    let wide = repository.propose(&["s3:GetObject", "s3:PutObject"]);
    let narrow = repository.propose(&["s3:GetObject"]);
    assert_eq!(repository.check(&wide, &narrow, &[]).0, 0);
    let (code, text) = repository.check(&narrow, &wide, &[]);
    assert_eq!(code, 11, "{text}");
    let mut without_base = Command::cargo_bin("countersign").unwrap();
    let said = without_base.args(["check", "--head", &wide, "--repo"]).arg(repository.path()).env_clear().output().unwrap();
    assert_eq!(said.status.code(), Some(2), "there is no change to nothing that is known");
    assert!(String::from_utf8_lossy(&said.stderr).contains("--base"));
}

#[test]
fn threat_27_an_approval_of_access_in_one_realm_is_none_in_another() {
    let repository = Repository::new();
    let moved_to = |realm: &str| {
        repository.git(&["checkout", "--quiet", "main"]);
        repository.git(&["checkout", "--quiet", "-B", realm]);
        repository.write(&format!("{realm}/role.json"), &policy(&["s3:*"]));
        repository.commit(realm)
    };
    let (approved, head) = (moved_to("dev"), moved_to("prod"));
    assert_eq!(repository.check("main", &approved, &[&approved]).0, 0);
    let (code, text) = repository.check("main", &head, &[&approved]);
    assert_eq!(code, 11, "{text}");
    assert!(text.contains("prod/role.json"), "{text}");
}

/// Whoever can write the file can write anything: a decision by it says so, wherever it is read.
#[test]
fn threat_25_facts_of_a_file_are_told_to_be_nobodys_word() {
    let repository = Repository::new();
    let head = repository.propose(&["s3:GetObject", "s3:PutObject"]);
    let (code, text) = repository.check("main~1", &head, &[&head]);
    assert_eq!(code, 0);
    assert!(text.contains("nobody vouches"), "{text}");
}

#[test]
fn what_was_authorized_has_to_be_in_the_clone() {
    let repository = Repository::new();
    let [before, change, after] = repository.landed(&["s3:GetObject", "s3:PutObject"], &["s3:GetObject", "s3:PutObject"]);
    let gone = "0123456789012345678901234567890123456789";
    let (code, text) = repository.deploy([&before, &after], [&before, gone], &change);
    assert_eq!(code, 13, "{text}");
    assert!(text.contains("commit 012345678901 is not in this clone"), "{text}");
}

#[test]
fn the_explanation_is_a_tree_of_all_that_was_decided() {
    let repository = Repository::new();
    let head = repository.propose(&["s3:GetObject", "s3:PutObject"]);
    let (_, text) = repository.check("main~1", &head, &[]);
    let tree: Vec<&str> = text.lines().filter(|line| line.contains('├') || line.contains('└')).collect();
    let place = "countersign.yml:7:5";
    let expected = [
        &format!("├─ ✗ gains  {place}"),
        "│  ├─ 1 approval from `security` needed; 1 missing: bob could approve",
        "│  ├─ about: gained iam/app.json: s3:PutObject on arn:aws:s3:::app/*",
        "│  ├─ approval: nobody yet for security",
        "│  └─ could approve: bob",
        "├─ still has to approve: bob",
        "└─ does not apply: own files (no part of the change is what it is about)",
    ];
    assert_eq!(tree, expected, "{text}");
}

#[test]
fn the_policy_of_the_base_judges_a_change_of_the_policy() {
    let repository = Repository::new();
    let free = POLICY.replace("require: { approvals: [{ from: security, count: 1 }] }", "allow: true");
    repository.write("countersign.yml", &free);
    repository.write("iam/app.json", &policy(&["*"]));
    let head = repository.commit("help myself");
    let (code, text) = repository.check("main~1", &head, &[]);
    assert_eq!(code, 11, "{text}");
    repository.write("iam/app.json", &policy(&["*", "s3:Get*"]));
    repository.write("iam/other.json", &policy(&["*"]));
    let next = repository.commit("and what the edit would let through once it is merged");
    assert_eq!(repository.check(&head, &next, &[]).0, 0);
}

#[test]
fn threat_4_a_change_does_not_make_its_friend_an_approver() {
    let repository = Repository::new();
    let own = POLICY.replace("  groups: { security: [bob] }\n", "people-file: people.yml\n");
    repository.write("countersign.yml", &own.replace("\"countersign.yml\"", "countersign.yml, people.yml"));
    repository.write("people.yml", "users: { carol: 1003, dave: 1004 }\ngroups: { security: [carol, dave] }\n");
    let base = repository.commit("others decide");
    repository.write("people.yml", "users: { carol: 1003, dave: 1004 }\ngroups: { security: [carol, dave, bob] }\n");
    let head = repository.propose(&["s3:GetObject", "s3:PutObject"]);
    // Every approval is bob's.
    let (code, text) = repository.check(&base, &head, &[&head]);
    assert_eq!(code, 11, "{text}");
    assert!(text.contains("carol or dave could approve") && text.contains("is not in `security`"), "{text}");
    let next = repository.propose(&["s3:*"]);
    assert_eq!(repository.check(&head, &next, &[&next]).0, 0, "once it is merged he is one");
}

#[test]
fn an_approval_of_another_edit_of_the_policy_does_not_count() {
    let repository = Repository::new();
    repository.write("countersign.yml", &format!("{POLICY}# a remark\n"));
    let approved = repository.commit("a remark");
    repository.write("countersign.yml", &POLICY.replace("[bob]", "[bob, alice]"));
    let head = repository.commit("and myself");
    let (code, text) = repository.check("main~2", &head, &[&approved]);
    assert_eq!(code, 11, "{text}");
    assert!(text.contains("`countersign.yml` was another then"), "{text}");
}

#[test]
fn what_a_policy_comes_to_include_is_a_part_of_its_edit() {
    let repository = Repository::new();
    let people = |security: &str| format!("users: {{ alice: 1001, bob: 1002, alice2: 6666 }}\ngroups: {{ security: [{security}] }}\n");
    let moved =
        POLICY.replace("people:\n  users: { alice: 1001, bob: 1002 }\n  groups: { security: [bob] }\n", "people-file: people.yml\n");
    repository.write("countersign.yml", &moved);
    repository.write("people.yml", &people("bob"));
    let approved = repository.commit("people in a file of their own");
    let (code, text) = repository.check("main~1", &approved, &[&approved]);
    assert_eq!(code, 0, "{text}");
    repository.write("people.yml", &people("bob, alice2"));
    let pushed = repository.commit("and somebody else in it");
    let (code, text) = repository.check("main~2", &pushed, &[&approved]);
    assert!(code == 11 && text.contains("`people.yml`, of which the policy is made that it brings, was another then"), "{text}");
    assert_eq!(repository.check("main~2", &pushed, &[&pushed]).0, 0);
}

#[test]
fn what_a_policy_comes_to_include_is_what_was_reviewed_whoever_changed_it_since() {
    let repository = Repository::new();
    let rule = |asks: &str| format!("version: 1\nrules:\n  - {{ name: more, when: {{ loses: {{}} }}, {asks} }}\n");
    repository.write("rules.yml", &rule("deny: never"));
    repository.commit("rules that nothing includes");
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    repository.write("countersign.yml", &POLICY.replace("version: 1\n", "version: 1\ninclude: [rules.yml]\n"));
    let approved = repository.commit("include them");
    assert_eq!(repository.check("main", &approved, &[&approved]).0, 0);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("rules.yml", &rule("allow: true"));
    let base = repository.commit("which is an edit of no policy");
    assert_eq!(repository.check("main~1", &base, &[]).0, 0);
    repository.git(&["checkout", "--quiet", "change"]);
    repository.git(&["rebase", "--quiet", "main"]);
    let (code, text) = repository.check("main", "change", &[&approved]);
    assert!(code == 11 && text.contains("`rules.yml`, of which the policy is made that it brings, was another then"), "{text}");
}

#[test]
fn facts_about_another_commit_close_the_gate() {
    let repository = Repository::new();
    let head = repository.propose(&["s3:GetObject", "s3:PutObject"]);
    let facts = repository.path().join("facts.yml");
    fs::write(&facts, format!("head: {}\nauthor: {{ id: 1001, login: alice }}\nauthor-kind: user\n", "2".repeat(40))).unwrap();
    let output = Command::cargo_bin("countersign")
        .unwrap()
        .args(["check", "--no-cache", "--base", "main~1", "--head", &head, "--repo"])
        .arg(repository.path())
        .arg("--facts")
        .arg(&facts)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the facts are about commit"));
}

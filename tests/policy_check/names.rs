//! Policies under a name that nobody reads: whoever wrote one believes that it holds.

use super::*;

const DENIES: &str = "version: 1\nrules:\n  - name: nothing is given here\n    when: { gains: {} }\n    deny: ask the owners\n";

const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

const LENIENT: &str = r"version: 1
people:
  users: { alice: 1001 }
  groups: { platform: [alice] }
rules:
  - name: whoever likes
    when: { gains: {} }
    allow: true
  - name: the gate's own
    when: { edits: ['**/countersign.y*ml'] }
    allow: true
";

/// What becomes of a change between two directories.
fn checked(base: &[(&str, &str)], head: &[(&str, &str)]) -> String {
    let (base, head) = (with(base), with(head));
    let mut command = Command::cargo_bin("countersign").unwrap();
    command.current_dir(&base).args(["check", "--no-cache", "--base", ".", "--head"]).arg(head.path());
    let output = command.args(["--at", "2026-11-24T12:00:00Z"]).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    format!("{text}exit code {}", output.status.code().unwrap())
}

#[test]
fn a_policy_of_a_directory_under_another_name_is_an_error() {
    let root = ("countersign.yml", LENIENT);
    for path in ["teams/pay/countersign.yaml", "teams/countersign.yaml", "countersign.yaml", ".github/countersign.yaml"] {
        let misnamed = (path, DENIES);
        let files = [root, misnamed];
        let said = said(with(&files).path(), &[]);
        assert!(said.contains(&format!("error[misnamed-policy]: `{path}` is no policy under this name")), "{said}");
        assert!(said.contains("rename it to `countersign.yml`") && said.ends_with("exit code 1"), "{said}");
        let gained = ("teams/pay/a.json", EVERYTHING);
        let said = checked(&files, &[root, misnamed, gained]);
        assert!(said.contains(&format!("`{path}` is no policy under this name")) && said.ends_with("exit code 1"), "{said}");
        // Nothing else is below it, or it is something else.
        if path.starts_with("teams") {
            assert!(checked(&files, &[root, misnamed, ("a.json", EVERYTHING)]).ends_with("exit code 0"));
        }
        let ignored = LENIENT.replace("rules:", &format!("where: [{{ paths: [{path}], ignore: true }}]\nrules:"));
        let files = [("countersign.yml", ignored.as_str()), misnamed];
        assert!(checked(&files, &[files[0], misnamed, gained]).ends_with("exit code 0"));
    }
}

#[test]
fn a_policy_that_is_misnamed_can_be_renamed_under_the_rules_about_policies() {
    let root = ("countersign.yml", LENIENT);
    let renamed = [root, ("teams/pay/countersign.yml", DENIES)];
    let misnamed = [root, ("teams/pay/countersign.yaml", DENIES)];
    assert!(checked(&misnamed, &renamed).ends_with("exit code 0"), "{}", checked(&misnamed, &renamed));
    let strict = LENIENT.replace("'**/countersign.y*ml'", "countersign.yml");
    let root = ("countersign.yml", strict.as_str());
    let said = checked(&[root, misnamed[1]], &[root, renamed[1]]);
    assert!(said.contains("no rule is about edits of the gate's own files: `teams/pay/countersign.yaml`"), "{said}");
    assert!(said.ends_with("exit code 10"), "{said}");
    // Nor is one brought: whatever is below it would be closed from then on.
    let said = checked(&[root], &[root, misnamed[1]]);
    assert!(said.contains("the change leaves no policy that is valid") && said.ends_with("exit code 1"), "{said}");
}

#[test]
fn an_edit_that_leaves_no_valid_policy_is_refused_with_its_line() {
    let root = ("countersign.yml", LENIENT);
    let broken = LENIENT.replace("rules:", "rulez: 3\nrules:");
    let said = checked(&[root], &[("countersign.yml", &broken)]);
    assert!(said.contains("the change leaves no policy that is valid") && said.contains("countersign.yml:5:1"), "{said}");
    assert!(said.contains("rulez") && said.ends_with("exit code 1"), "{said}");
    for head in [
        &[root, ("team/countersign.yml", "rules: 3\n")][..],
        &[root, (".github/countersign.yml", LENIENT)],
        &[("countersign.yaml", LENIENT)],
    ] {
        let said = checked(&[root], head);
        assert!(said.contains("the change leaves no policy that is valid") && said.ends_with("exit code 1"), "{head:?}: {said}");
    }
    // What was wrong elsewhere before stops nobody, and neither does who mends it or gives the policy up.
    let wrong = ("team/countersign.yml", "version: 1\nrules: 3\n");
    let more = LENIENT.replace("whoever likes", "whoever may");
    let said = checked(&[root, wrong], &[("countersign.yml", &more), wrong]);
    assert!(said.ends_with("exit code 0"), "{said}");
    assert!(checked(&[root], &[]).contains("exit code 0"), "{}", checked(&[root], &[]));
    assert!(checked(&[root], &[("countersign.yml", &more)]).ends_with("exit code 0"));
}

#[test]
fn the_manifest_of_an_app_that_is_called_so_is_no_policy() {
    const MANIFEST: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: countersign }\n";
    let root = ("countersign.yml", "version: 1\nrules: [{ name: whoever likes, when: { gains: {} }, allow: true }]\n");
    let below = ("k8s/pay/a.json", EVERYTHING);
    for path in ["k8s/countersign.yaml", "countersign.yaml"] {
        let files = [root, (path, MANIFEST)];
        assert!(!said(with(&files).path(), &[]).contains("misnamed-policy"), "{path}");
        assert!(checked(&files, &[files[0], files[1], below]).ends_with("exit code 0"), "{path}");
        // Another image, and another manifest beside it.
        let other = format!("{MANIFEST}---\napiVersion: v1\nkind: Service\nmetadata: {{ name: countersign }}\n");
        let said = checked(&files, &[root, (path, &other)]);
        assert!(said.ends_with("exit code 0"), "{path}: {said}");
        // What is no manifest, or not only one, somebody may have taken for a policy.
        for text in [
            DENIES.to_owned(),
            format!("{MANIFEST}---\n{DENIES}"),
            "kind: Deployment\n".to_owned(),
            "apiVersion: [".to_owned(),
            String::new(),
        ] {
            let said = checked(&[root, (path, &text)], &[root, (path, &text), below]);
            assert!(said.contains("is no policy under this name") && said.ends_with("exit code 1"), "{path}: {text}: {said}");
            assert!(checked(&files, &[root, (path, &text)]).ends_with("exit code 1"), "it is brought: {text}");
        }
    }
    let watched = ("countersign.yml", "version: 1\nrules: [{ name: the cluster, when: { edits: ['k8s/**'] }, deny: ask the owners }]\n");
    let files = [watched, ("k8s/countersign.yaml", MANIFEST)];
    assert!(checked(&files, &[watched, (files[1].0, &format!("{MANIFEST}# more\n"))]).ends_with("exit code 10"), "a rule is about it");
}

#[test]
fn a_policy_under_a_name_that_only_resembles_one_is_told() {
    let root = ("countersign.yml", LENIENT);
    for path in ["teams/pay/Countersign.yml", "teams/pay/.countersign.yml"] {
        let said = said(with(&[root, (path, DENIES)]).path(), &[]);
        assert!(said.contains(&format!("warning[misnamed-policy]: `{path}` is no policy under this name")), "{said}");
        assert!(said.ends_with("exit code 0"), "{said}");
    }
    let said = said(with(&[root, ("teams/ops/.github/countersign.yml", DENIES)]).path(), &[]);
    assert!(said.contains("this is the policy of `teams/ops/.github`, and of nothing else in `teams/ops`"), "{said}");
    assert!(said.contains("move it to `teams/ops/countersign.yml`"), "{said}");
}

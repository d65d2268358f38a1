//! What was rendered for both sides and handed in, in place of a chart or a kustomization.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const CHART: &str = "apiVersion: v2\nname: app\nversion: 1.0.0\n";

const TEMPLATE: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: app}\nrules:\n  {{- toYaml .Values.rules | nindent 2 }}\n";

fn rendered(verbs: &str) -> String {
    format!(
        "---\n# Source: app/templates/role.yaml\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: app}}\n\
         rules: [{{verbs: [{verbs}], apiGroups: [''], resources: [pods]}}]\n"
    )
}

/// Both sides of a chart whose values change, what was rendered of each beside them, and a binding that did not change.
fn chart() -> TempDir {
    let place = TempDir::new().unwrap();
    let write = |path: &str, text: &str| {
        let path = place.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for (side, verbs) in [("base", "get"), ("head", "get, delete")] {
        write(&format!("{side}/charts/app/Chart.yaml"), CHART);
        write(&format!("{side}/charts/app/templates/role.yaml"), TEMPLATE);
        write(&format!("{side}/charts/app/values.yaml"), &format!("rules: [{{verbs: [{verbs}], apiGroups: [''], resources: [pods]}}]\n"));
        write(
            &format!("{side}/charts/app/binding.yaml"),
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: app}\n\
             subjects: [{kind: User, name: ann}]\nroleRef: {kind: ClusterRole, name: app, apiGroup: rbac.authorization.k8s.io}\n",
        );
        write(&format!("{side}-rendered/all.yaml"), &rendered(verbs));
    }
    let statement = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}"#;
    write("head/charts/app/files/policy.json", statement);
    place
}

fn run(at: &Path, arguments: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .current_dir(at)
        .env("XDG_CACHE_HOME", at.join("cache"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (text, output.status.code().unwrap())
}

const DIFF: [&str; 6] = ["diff", "--base", "base", "--head", "head", "--exit-code"];

#[test]
fn a_chart_that_is_not_rendered_is_undecided() {
    let place = chart();
    let (text, code) = run(place.path(), &DIFF);
    assert_ne!(code, 0, "{text}");
    assert!(text.contains("helm template charts/app") && text.contains("undecided"), "{text}");
}

#[test]
fn what_was_rendered_counts_in_place_of_the_chart() {
    let place = chart();
    let (text, code) = run(place.path(), &[&DIFF[..], &["--rendered", "charts/app", "base-rendered", "head-rendered"]].concat());
    assert_eq!(code, 10, "{text}");
    assert!(text.contains("can now delete on cluster:pods") && text.contains("0 undecided"), "{text}");
    assert!(text.contains("charts/app/all.yaml:6"), "{text}");
}

#[test]
fn what_stands_in_the_directory_and_is_no_manifest_still_counts() {
    let place = chart();
    let (text, _) = run(place.path(), &[&DIFF[..], &["--rendered", "charts/app", "base-rendered", "head-rendered"]].concat());
    assert!(text.contains("s3:GetObject"), "{text}");
}

#[test]
fn a_role_that_was_rendered_finds_the_bindings_of_the_repository() {
    let place = chart();
    for side in ["base", "head"] {
        let at = place.path().join(side);
        fs::create_dir_all(at.join("bindings")).unwrap();
        fs::rename(at.join("charts/app/binding.yaml"), at.join("bindings/binding.yaml")).unwrap();
    }
    let (text, _) =
        run(place.path(), &[&DIFF[..], &["--rendered", "charts/app/", "base-rendered/all.yaml", "head-rendered/all.yaml"]].concat());
    assert!(text.contains("user/ann"), "{text}");
}

#[test]
fn a_directory_that_is_not_there_and_a_result_that_is_not_there_are_errors() {
    let place = chart();
    for rendered in [["charts/ap", "base-rendered", "head-rendered"], ["charts/app", "base-rendred", "head-rendered"]] {
        let (text, code) = run(place.path(), &[&DIFF[..], &["--rendered"], &rendered].concat());
        assert_eq!(code, 1, "{text}");
        assert!(text.contains(rendered.iter().find(|name| name.ends_with("ap") || name.contains("rendred")).unwrap()), "{text}");
    }
}

#[test]
fn another_chart_stays_undecided() {
    let place = chart();
    for side in ["base", "head"] {
        let at = place.path().join(side);
        fs::create_dir_all(at.join("charts/other/templates")).unwrap();
        for file in ["Chart.yaml", "values.yaml", "templates/role.yaml"] {
            fs::copy(at.join("charts/app").join(file), at.join("charts/other").join(file)).unwrap();
        }
    }
    let (text, _) = run(place.path(), &[&DIFF[..], &["--rendered", "charts/app", "base-rendered", "head-rendered"]].concat());
    assert!(text.contains("charts/other/Chart.yaml") && !text.contains("charts/app/Chart.yaml"), "{text}");
}

//! The pipelines that `init` writes: every command of ours in them is one that the binary knows, and they do in a real repository what
//! their comments say.

use super::fixture::Place;
use clap::Parser;
use countersign::cli::Cli;
use countersign::document::{Bounds, Syntax, parse};
use std::fs;
use std::path::Path;
use std::process::Command;

pub fn template(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(name)).unwrap()
}

pub const TEMPLATES: [&str; 2] = ["github-workflow.yml", "gitlab-job.yml"];

/// The lines that run the binary, each with what continues it.
fn commands(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| line.starts_with("countersign ") && !line.ends_with(':'));
    lines.map(|line| line.split(" && ").next().unwrap().trim().replace('"', "")).collect()
}

#[test]
fn every_command_of_ours_is_one_that_the_binary_knows() {
    let commands = commands(&template("gitlab-job.yml"));
    assert_eq!(commands.len(), 2);
    for command in commands {
        if let Err(error) = Cli::try_parse_from(command.split_whitespace()) {
            panic!("templates/gitlab-job.yml says `{command}`, and the binary does not: {error}");
        }
    }
}

#[test]
fn the_toolchain_is_the_one_that_we_need() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"').to_owned();
    assert!(template("gitlab-job.yml").contains(&format!("image: rust:{version}\n")));
}

/// What a change request brings along never becomes part of a script. tests/runners runs the workflow.
#[test]
fn the_workflow_runs_nothing_but_the_action() {
    let text = template("github-workflow.yml");
    assert!(!text.contains("run:"), "{text}");
    let used: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("- uses: ")).collect();
    assert!(
        matches!(used.as_slice(), [checkout, ours] if checkout.starts_with("actions/checkout@") && ours.starts_with("OWNER/countersign@")),
        "{used:?}"
    );
}

const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: r }\nrules: [{ apiGroups: [''], resources: [secrets], verbs: [get] }]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: b }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r }\nsubjects: [{ kind: Group, apiGroup: rbac.authorization.k8s.io, name: g }]\n";

/// `main` without a policy, `setup` that brings it, and `main` with a policy afterwards.
fn adopted() -> Place {
    let place = Place::repository(&[("rbac/role.yaml", &ROLE.replace("get", "list"))]);
    place.git(&["branch", "before"]);
    place.git(&["checkout", "--quiet", "-b", "setup"]);
    assert_eq!(place.init(&["--forge", "github"]).code, 0);
    place.commit();
    place
}

/// The script of the GitLab job, as its runner joins it.
fn gitlab_script() -> String {
    let (text, bounds) = (template("gitlab-job.yml"), Bounds::default());
    let file = parse("gitlab-job.yml", text.as_bytes(), Syntax::Yaml, &bounds).unwrap();
    let job = file.documents.first().unwrap().get("countersign").unwrap();
    let lines: Vec<&str> = job.get("script").unwrap().items().unwrap().iter().map(|line| line.text().unwrap()).collect();
    lines.join("\n")
}

/// Runs it as the runner does: in a clone, with the change checked out and nothing of the target but its name.
fn run_gitlab(place: &Place, head: &str) -> (i32, String) {
    let clone = Place::directory();
    clone.git(&["clone", "--quiet", "--no-checkout", place.path().to_str().unwrap(), "."]);
    let binary = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &gitlab_script()]).current_dir(clone.path());
    command.env("PATH", path).env("HOME", clone.path()).env("CI_COMMIT_SHA", place.git(&["rev-parse", head]));
    command.env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main").env_remove("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA");
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), told)
}

#[test]
fn the_job_for_gitlab_shows_the_first_policy_judges_what_comes_later_and_closes_when_it_enforces() {
    let place = adopted();
    let (code, told) = run_gitlab(&place, "setup");
    assert!(code == 0 && !told.contains("Decision:"), "{told}");
    for (mode, expected) in [("observe", 0), ("enforce", 13)] {
        place.git(&["checkout", "--quiet", "setup"]);
        place.write("countersign.yml", &place.text("countersign.yml").replace("mode: observe", &format!("mode: {mode}")));
        place.commit();
        place.git(&["branch", "--force", "main", "setup"]);
        // It left the branch before there was a policy.
        place.git(&["checkout", "--quiet", "-B", "change", "before"]);
        place.write("rbac/role.yaml", ROLE);
        place.commit();
        let (code, told) = run_gitlab(&place, "change");
        assert_eq!(code, expected, "{mode}: {told}");
        assert!(told.contains("a severe gain needs somebody from security as well"), "{mode}: {told}");
    }
}

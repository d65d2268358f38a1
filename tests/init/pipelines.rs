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
    for name in TEMPLATES {
        let commands = commands(&template(name));
        assert_eq!(commands.len(), 2, "{name}");
        for command in commands {
            if let Err(error) = Cli::try_parse_from(command.split_whitespace()) {
                panic!("templates/{name} says `{command}`, and the binary does not: {error}");
            }
        }
    }
}

#[test]
fn the_toolchain_is_the_one_that_we_need() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"').to_owned();
    assert!(template("github-workflow.yml").contains(&format!("cargo +{version} install")));
    assert!(template("gitlab-job.yml").contains(&format!("image: rust:{version}\n")));
}

/// What a change request brings along never becomes part of a script.
#[test]
fn no_script_has_an_expression_in_it() {
    let text = template("github-workflow.yml");
    let mut depth = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        depth = depth.filter(|depth| line.is_empty() || indent > *depth);
        assert!(depth.is_none() || !line.contains("${{"), "{line}");
        if line.trim_start().starts_with("run:") {
            depth = Some(indent);
        }
    }
}

/// The script of the step `Check`, without what YAML puts around it.
fn script() -> String {
    let text = template("github-workflow.yml");
    let script = text.split("        run: |\n").last().unwrap();
    let lines: Vec<&str> = script.lines().map(|line| line.strip_prefix("          ").unwrap_or(line)).collect();
    lines.join("\n")
}

/// Runs the script as the runner does; gives the exit code and the summary.
fn run(place: &Place, target: &str, head: &str) -> (i32, String) {
    let temp = tempfile::tempdir().unwrap();
    let summary = temp.path().join("summary.md");
    let binary = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script()]).current_dir(place.path());
    command.env("PATH", path).env("RUNNER_TEMP", temp.path()).env("GITHUB_STEP_SUMMARY", &summary).env("HOME", temp.path());
    command.env("TARGET", place.git(&["rev-parse", target])).env("HEAD", place.git(&["rev-parse", head]));
    let output = command.output().unwrap();
    let code = output.status.code().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (code, fs::read_to_string(summary).unwrap_or(told))
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

#[test]
fn the_change_that_brings_the_policy_is_shown_and_stopped_by_nothing() {
    let place = adopted();
    let (code, summary) = run(&place, "main", "setup");
    assert_eq!(code, 0, "{summary}");
    assert!(!summary.is_empty() && !summary.contains("ecision"), "there is nothing to decide by: {summary}");
}

#[test]
fn a_later_change_is_judged_by_the_policy_of_its_target_wherever_it_began() {
    let place = adopted();
    place.git(&["checkout", "--quiet", "main"]);
    place.git(&["merge", "--quiet", "--ff-only", "setup"]);
    // It left the branch before there was a policy.
    place.git(&["checkout", "--quiet", "-b", "change", "before"]);
    place.write("rbac/role.yaml", ROLE);
    place.commit();
    let (code, summary) = run(&place, "main", "change");
    assert_eq!(code, 0, "{summary}");
    assert!(summary.contains("a severe gain needs somebody from security as well"), "{summary}");
}

#[test]
fn a_change_on_a_branch_without_any_policy_is_an_error() {
    let place = adopted();
    place.git(&["checkout", "--quiet", "-b", "change", "before"]);
    place.write("rbac/role.yaml", ROLE);
    place.commit();
    let (code, told) = run(&place, "main", "change");
    assert!(code == 1 && told.contains("the base side has no policy"), "{told}");
}

#[test]
fn the_policy_and_its_people_are_those_of_the_branch_today_although_the_change_left_before() {
    let place = adopted();
    place.write("countersign.yml", &place.text("countersign.yml").replace("people:\n", "people-file: people.yml\npeople:\n"));
    place.write("people.yml", "users: { eve: 7 }\ngroups: { former: [eve] }\n");
    place.commit();
    place.git(&["checkout", "--quiet", "-b", "change"]);
    place.write("rbac/role.yaml", ROLE);
    place.commit();
    place.git(&["checkout", "--quiet", "setup"]);
    place.write("people.yml", "groups: { former: [ghost] }\n");
    place.commit();
    let check = |from: &[&str]| place.run(&[&["check", "--base", "setup~1", "--head", "change"], from].concat());
    assert_eq!(check(&[]).code, 0);
    let today = check(&["--policy-from", "setup"]);
    assert!(today.code == 1 && today.err.contains("`ghost` is no user here"), "{}{}", today.out, today.err);
    let (code, told) = run(&place, "setup", "change");
    assert!(code == 1 && told.contains("`ghost` is no user here"), "{told}");
}

#[test]
fn a_policy_that_enforces_closes_the_gate() {
    let place = adopted();
    place.write("countersign.yml", &place.text("countersign.yml").replace("mode: observe", "mode: enforce"));
    place.commit();
    place.git(&["checkout", "--quiet", "-b", "change"]);
    place.write("rbac/role.yaml", ROLE);
    place.commit();
    let (code, summary) = run(&place, "setup", "change");
    assert_eq!(code, 13, "{summary}");
    assert!(summary.to_lowercase().contains("undecidable"), "{summary}");
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

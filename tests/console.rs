//! Colours, quiet and verbose.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use assert_cmd::Command;
use std::process::Output;

const SIDES: [&str; 5] = ["diff", "--base", "examples/deploy/base", "--head", "examples/deploy/head"];

fn output(environment: &[(&str, &str)], more: &[&str]) -> Output {
    let mut command = Command::cargo_bin("countersign").unwrap();
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "CI"] {
        command.env_remove(name);
    }
    command.current_dir(env!("CARGO_MANIFEST_DIR")).envs(environment.iter().copied());
    command.args(SIDES).arg("--no-cache").args(more).output().unwrap()
}

fn is_coloured(environment: &[(&str, &str)], more: &[&str]) -> bool {
    let output = output(environment, more);
    assert!(output.status.success() && !output.stdout.is_empty());
    output.stdout.contains(&0x1b)
}

#[test]
fn a_pipe_gets_colours_only_when_somebody_asks_for_them() {
    assert!(!is_coloured(&[], &[]));
    assert!(!is_coloured(&[("CI", "true"), ("TERM", "xterm-256color")], &[]));
    assert!(is_coloured(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(is_coloured(&[], &["--color", "always"]));
}

#[test]
fn what_is_typed_beats_the_environment_and_no_color_beats_clicolor_force() {
    assert!(!is_coloured(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]));
    assert!(is_coloured(&[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(!is_coloured(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], &[]));
}

#[test]
fn a_file_and_json_are_never_coloured() {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("out.txt");
    output(&[], &["--color", "always", "--output", path.to_str().unwrap()]);
    assert!(!std::fs::read(path).unwrap().contains(&0x1b));
    assert!(!is_coloured(&[], &["--color", "always", "--format", "json"]));
}

#[test]
fn quiet_says_it_by_the_exit_code_alone() {
    let quiet = output(&[], &["--quiet", "--exit-code"]);
    assert_eq!((quiet.status.code(), quiet.stdout.len(), quiet.stderr.len()), (Some(10), 0, 0));
    let wrong = output(&[], &["--quiet", "--", "absent"]);
    assert!(wrong.status.code() == Some(1) && String::from_utf8(wrong.stderr).unwrap().contains("`absent`"));
}

#[test]
fn verbose_says_on_standard_error_what_was_read_and_adds_only_the_id_of_each_part() {
    let verbose = output(&[], &["--verbose"]);
    let said = String::from_utf8(verbose.stderr).unwrap();
    assert!(said.starts_with("files that differ: 2; read: 1 aws-iam, 1 kubernetes-rbac ("), "{said}");
    let text = String::from_utf8(verbose.stdout).unwrap();
    let (ids, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("      id: "));
    assert_eq!(ids.len(), 3, "{text}");
    assert_eq!(rest, String::from_utf8(output(&[], &[]).stdout).unwrap().lines().collect::<Vec<_>>());
}

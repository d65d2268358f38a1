//! What `--help` says is so: every example in it is run, and `docs/cli.md` is all of it. A new verb is met by itself.
//!
//! `UPDATE_HELP=1 cargo test --test help` writes `docs/cli.md` again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod repository;
mod shells;

use clap::{Command, CommandFactory};
use countersign::cli::Cli;
use repository::Prepared;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Every verb by the words that name it, `countersign` itself first.
fn verbs() -> Vec<(String, Command)> {
    let mut all = Cli::command().disable_help_subcommand(true);
    all.build();
    below("countersign", &all)
}

fn below(name: &str, command: &Command) -> Vec<(String, Command)> {
    let verbs = command.get_subcommands().flat_map(|verb| below(&format!("{name} {}", verb.get_name()), verb));
    std::iter::once((name.to_owned(), command.clone())).chain(verbs).collect()
}

/// What `--help` prints.
fn help(command: &Command) -> String {
    let text = command.clone().render_long_help().to_string();
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Whether there is something to do without a further verb.
fn acts(command: &Command) -> bool {
    !command.is_subcommand_required_set()
}

/// Lines of a help that are typed: two spaces, then the name of the binary.
fn examples(help: &str) -> Vec<&str> {
    help.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| line.starts_with("countersign ")).collect()
}

/// An example ends with 0 unless it says something else.
fn expected(example: &str) -> i32 {
    example.split_once("# exit ").map_or(0, |(_, code)| code.trim().parse().unwrap())
}

/// Numbers in the sentence that begins with `Exit codes:`.
fn exit_codes(help: &str) -> BTreeSet<i32> {
    let told = help.split_once("Exit codes:").map(|(_, told)| told.split("\n\n").next().unwrap_or_default()).unwrap_or_default();
    told.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

#[test]
fn every_example_of_every_help_runs_and_ends_as_it_says() {
    for (name, command) in verbs() {
        let help = help(&command);
        let codes = exit_codes(&help);
        for example in examples(&help) {
            let (code, said) = Prepared::new().run(example);
            assert_eq!(code, expected(example), "`{example}`, in the help of `{name}`\n{said}");
            assert!(code == 0 || codes.contains(&code), "the help of `{name}` does not say what exit code {code} means");
        }
    }
}

#[test]
fn every_verb_has_an_example_of_itself() {
    for (name, command) in verbs().into_iter().filter(|(_, command)| acts(command)) {
        let help = help(&command);
        assert!(examples(&help).iter().any(|line| line.starts_with(&name)), "`{name} --help` has no example: add one under `Examples:`");
    }
}

/// Nothing is wrapped by the terminal: what is longer is broken anywhere.
#[test]
fn no_line_of_a_help_is_longer_than_a_hundred_characters() {
    let long = |(name, command): (String, Command)| -> Vec<String> {
        let help = help(&command);
        help.lines().filter(|line| line.chars().count() > 100).map(|line| format!("{name}: {}", line.trim())).collect()
    };
    let long: Vec<String> = verbs().into_iter().flat_map(long).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn the_page_is_what_the_help_says() {
    let mut page = "# Command line\n\nWhat `countersign --help` and the `--help` of every verb say.\n".to_owned();
    for (name, command) in verbs() {
        write!(page, "\n## `{name}`\n\n```text\n{}```\n", help(&command)).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    if std::env::var_os("UPDATE_HELP").is_some_and(|value| value == "1") {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/cli.md is not what the help says: run `UPDATE_HELP=1 cargo test --test help`, and read the difference");
}

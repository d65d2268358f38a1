//! What README.md, docs/output.md and docs/testing-policies.md show is so. In a fence of the language `console`, every line `$ countersign …` is run from the root of the repository; it
//! ends with the exit code in `# exit N`, else with 0, and prints exactly the lines that follow it, if any do. In a fence of
//! the language `sh`, commands have to be ones that the binary knows.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use assert_cmd::Command as Binary;
use clap::{CommandFactory, Parser};
use countersign::cli::Cli;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn readme() -> String {
    page("README.md")
}

/// The pages whose commands are tried.
const PAGES: [&str; 3] = ["README.md", "docs/output.md", "docs/testing-policies.md"];

fn page(path: &str) -> String {
    fs::read_to_string(here(path)).unwrap()
}

/// A line of a text, and the language of the fence that it stands in.
fn lines(text: &str) -> Vec<(Option<&str>, &str)> {
    let mut fence = None;
    let lines = text.lines().map(|line| match (line.strip_prefix("```"), fence) {
        (Some(language), None) => {
            fence = Some(language);
            (None, line)
        }
        (Some(_), Some(_)) => {
            fence = None;
            (None, line)
        }
        (None, fence) => (fence, line),
    });
    lines.collect()
}

/// One command of a `console` fence: what is typed, how it has to end, and what is shown of its output.
struct Shown<'t> {
    typed: &'t str,
    code: i32,
    output: String,
}

fn shown(text: &str) -> Vec<Shown<'_>> {
    let mut commands: Vec<Shown<'_>> = Vec::new();
    for line in lines(text).into_iter().filter_map(|(fence, line)| (fence == Some("console")).then_some(line)) {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(typed), _) => {
                let (typed, code) = typed.split_once(" # exit ").map_or((typed, 0), |(typed, code)| (typed, code.parse().unwrap()));
                commands.push(Shown { typed, code, output: String::new() });
            }
            (None, Some(last)) => last.output.extend([line, "\n"]),
            (None, None) => panic!("`{line}` is the output of no command"),
        }
    }
    commands
}

/// What is typed, as the binary gets it: without a comment, without where the output goes, and without what follows only if it went
/// well. Quotes stand around single words alone.
fn arguments(typed: &str) -> Vec<&str> {
    let typed = typed.split(" # ").next().and_then(|typed| typed.split(" >").next()?.split(" && ").next()).unwrap_or_default();
    let words = typed.strip_prefix("cargo run --release -- ").or_else(|| typed.strip_prefix("countersign "));
    words.unwrap_or_else(|| panic!("`{typed}` does not run the binary")).split_whitespace().map(|word| word.trim_matches('\'')).collect()
}

/// The exit code and the output.
fn run(typed: &str) -> (i32, String) {
    let cache = tempfile::TempDir::new().unwrap();
    let mut binary = Binary::cargo_bin("countersign").unwrap();
    let binary = binary.current_dir(here("")).env("XDG_CACHE_HOME", cache.path()).args(arguments(typed));
    let output = binary.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_commands_that_are_shown_end_and_print_as_is_shown() {
    for path in PAGES {
        let text = page(path);
        let commands = shown(&text);
        assert!(commands.iter().any(|command| !command.output.is_empty()), "{path} shows a report");
        for Shown { typed, code, output } in commands {
            let (found, printed) = run(typed);
            assert_eq!(found, code, "the exit code of `{typed}`");
            // A report starts with an empty line, which a fence need not show.
            let same = output.is_empty() || output.trim_start_matches('\n') == printed.trim_start_matches('\n');
            assert!(same, "`{typed}` prints something else than {path} shows; put this there:\n{printed}");
        }
    }
}

#[test]
fn every_command_is_one_that_the_binary_knows() {
    let text = PAGES.map(page).concat();
    let is_ours = |line: &&str| line.starts_with("countersign ") || line.starts_with("cargo run --release -- ");
    let typed = lines(&text).into_iter().filter(|(fence, _)| matches!(fence, Some("sh" | "console"))).map(|(_, line)| line);
    let typed: Vec<&str> = typed.map(|line| line.strip_prefix("$ ").unwrap_or(line)).filter(is_ours).collect();
    for line in &typed {
        let words = [vec!["countersign"], arguments(line)].concat();
        if let Err(error) = Cli::try_parse_from(words) {
            panic!("a page says `{line}`, and the binary does not: {error}");
        }
    }
    for verb in Cli::command().get_subcommands().map(clap::Command::get_name) {
        let is_shown = typed.iter().any(|line| arguments(line).first() == Some(&verb));
        assert!(
            is_shown,
            "`countersign {verb}` is neither in README.md nor in docs/output.md: show how it is used, in a fence of the language `sh` or `console`"
        );
    }
}

/// Numbers at the start of table rows, and numbers in the help of the verbs.
#[test]
fn the_exit_codes_are_those_of_the_help() {
    let text = readme();
    let rows = text.split("## Exit codes").nth(1).unwrap().split("\n## ").next().unwrap();
    let told: BTreeSet<u8> = rows.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok()).collect();
    let mut helped = BTreeSet::from([2]);
    for verb in ["check", "diff"] {
        let help = Cli::command().find_subcommand(verb).unwrap().get_after_help().unwrap().to_string();
        let codes = help.split("Exit codes:").nth(1).unwrap().replace([',', ';', '.'], " ");
        helped.extend(codes.split_whitespace().filter_map(|word| word.parse::<u8>().ok()));
    }
    assert_eq!(told, helped, "the table of exit codes in README.md, and `Exit codes:` in the help of `check` and `diff`; 2 is clap's own");
}

#[test]
fn the_policy_that_is_shown_is_the_one_that_is_used() {
    let policy = fs::read_to_string(here("examples/deploy/base/countersign.yml")).unwrap();
    assert!(
        readme().contains(&format!("```yaml\n{policy}```\n")),
        "README.md shows another policy than examples/deploy/base/countersign.yml"
    );
    let head = fs::read_to_string(here("examples/deploy/head/countersign.yml")).unwrap();
    assert_eq!(policy, head, "the example changes permissions, not the policy");
}

/// The names in a table of Cargo.toml.
fn dependencies(table: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(here("Cargo.toml")).unwrap();
    let lines = manifest.lines().skip_while(|line| *line != table).skip(1).take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| Some(line.split_once(['=', '.'])?.0.trim().to_owned())).collect()
}

#[test]
fn every_dependency_has_a_row_with_its_reason() {
    let text = readme();
    let section = text.split("## Dependencies").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let reasons: Vec<(&str, Vec<&str>)> = rows.map(|(name, rest)| (name, rest.trim_end_matches(" |").split(" | ").collect())).collect();
    for (name, cells) in &reasons {
        assert!(
            cells.len() == 2 && cells.iter().all(|cell| !cell.trim().is_empty()),
            "the row of `{name}` in README.md needs a reason and what it replaces"
        );
    }
    let told: BTreeSet<String> = reasons.iter().map(|(name, _)| (*name).to_owned()).collect();
    let used: BTreeSet<String> = ["[dependencies]", "[dev-dependencies]"].into_iter().flat_map(dependencies).collect();
    assert_eq!(
        told, used,
        "left: the rows under `Dependencies` in README.md; right: Cargo.toml. A new dependency gets a row with what it does here and what it is there \
         instead of; one that is gone loses its row"
    );
}

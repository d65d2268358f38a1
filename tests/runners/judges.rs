//! The action and the workflows before judges that are not ours: actionlint and zizmor, and the schemas that check-jsonschema brings along. A
//! peer that is not there is told, and fails the test in CI.

use clap::CommandFactory;
use countersign::cli::Cli;
use countersign::document::{Bounds, Syntax, from_node, parse};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn python() -> PathBuf {
    let python = std::env::var_os("COUNTERSIGN_PYTHON").map(PathBuf::from);
    python.unwrap_or_else(|| Path::new(HERE).join("target/peers/python/bin/python"))
}

/// A program that stands beside the interpreter of the peers.
pub fn peer(name: &str) -> Option<PathBuf> {
    let peer = python().with_file_name(name);
    if peer.is_file() {
        return Some(peer);
    }
    assert!(std::env::var_os("CI").is_none(), "`{}` is not there: `cargo xtask peers` installs it", peer.display());
    eprintln!("SKIPPED: `{}` is not there: `cargo xtask peers` installs it", peer.display());
    None
}

/// The last word of the first line that it says of itself.
pub fn version(peer: &Path) -> String {
    let output = Command::new(peer).arg("--version").output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().rsplit(' ').next().unwrap_or_default().to_owned()
}

/// Tells the test command that the peer was spoken to.
pub fn record(line: &str) {
    let Some(log) = std::env::var_os("COUNTERSIGN_PEERS_LOG") else { return };
    fs::File::options().append(true).create(true).open(log).unwrap().write_all(line.as_bytes()).unwrap();
}

fn workflows() -> Vec<PathBuf> {
    let directory = Path::new(HERE).join(".github/workflows");
    let mut all: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

fn action() -> PathBuf {
    Path::new(HERE).join("action.yml")
}

fn judge(name: &str, arguments: &[&str], files: &[PathBuf]) {
    let Some(peer) = peer(name) else { return };
    let output = Command::new(&peer).args(arguments).args(files).current_dir(HERE).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}");
    record(&format!("{name} {}: {} of our own workflows and actions\n", version(&peer), files.len()));
}

#[test]
fn actionlint_takes_our_workflows_for_ones() {
    judge("actionlint", &["-no-color"], &workflows());
}

#[test]
fn zizmor_finds_nothing_in_our_workflows_and_our_action() {
    judge("zizmor", &["--offline", "--pedantic", "--no-progress"], &[workflows(), vec![action()]].concat());
}

fn yaml(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap();
    let file = parse(path.to_string_lossy(), &bytes, Syntax::Yaml, &Bounds::default()).unwrap();
    from_node(file.documents.first().unwrap()).unwrap()
}

#[test]
fn our_action_and_our_workflows_are_what_their_schemas_ask() {
    let Some(peer) = peer("check-jsonschema") else { return };
    let library = peer.parent().unwrap().with_file_name("lib");
    let versions = fs::read_dir(library).unwrap().map(|entry| entry.unwrap().path());
    let schemas = versions.map(|version| version.join("site-packages/check_jsonschema/builtin_schemas/vendor")).find(|path| path.is_dir());
    let schemas = schemas.unwrap();
    let mut count = 0;
    for (schema, files) in [("github-actions.json", vec![action()]), ("github-workflows.json", workflows())] {
        let schema: Value = serde_json::from_str(&fs::read_to_string(schemas.join(schema)).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for file in files {
            let errors: Vec<String> =
                validator.iter_errors(&yaml(&file)).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", file.display());
            count += 1;
        }
    }
    record(&format!("check-jsonschema 0.36.2: the schemas of {count} files\n"));
}

/// What is said on the command line alone: how to print, how much to read, what time it is.
const NOT_INPUTS: [&str; 12] =
    ["as", "at", "color", "explain", "format", "help", "max-depth", "max-file-size", "max-nodes", "no-cache", "output", "outputs"];

#[test]
fn the_inputs_of_the_action_are_the_options_of_check_and_how_to_get_it() {
    let action = yaml(&action());
    let inputs: BTreeSet<String> = action["inputs"].as_object().unwrap().keys().cloned().collect();
    let mut command = Cli::command();
    command.build();
    let check = command.find_subcommand("check").unwrap();
    let options = check.get_arguments().filter_map(clap::Arg::get_long).map(str::to_owned);
    let not_inputs = |name: &String| !NOT_INPUTS.contains(&name.as_str()) && !matches!(name.as_str(), "quiet" | "verbose");
    let own = ["binary", "paths", "token"].map(str::to_owned);
    let expected: BTreeSet<String> = options.filter(not_inputs).chain(own).collect();
    assert_eq!(inputs, expected, "left: the inputs of action.yml; right: the options of `countersign check`, `binary`, `paths`, `token`");
}

/// An input that is not handed on would be read as not given.
#[test]
fn every_input_of_the_action_reaches_a_script_and_none_is_a_part_of_one() {
    let text = fs::read_to_string(action()).unwrap();
    let action = yaml(&action());
    for input in action["inputs"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("${{{{ inputs.{input} }}}}")), "{input}");
    }
    for step in action["runs"]["steps"].as_array().unwrap() {
        let script = step["run"].as_str().unwrap();
        assert!(script.starts_with("bash \"$ACTION/action/") && !script.contains("${{"), "{script}");
    }
}

#[test]
fn every_action_is_pinned_to_a_commit_and_says_its_version() {
    for path in workflows() {
        for line in
            fs::read_to_string(&path).unwrap().lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "))
        {
            let pinned = line.split_once('@').is_some_and(|(_, rest)| {
                let (commit, version) = rest.split_once(" # v").unwrap_or_default();
                commit.len() == 40 && !version.is_empty()
            });
            assert!(pinned || line.starts_with("./"), "{}: {line}", path.display());
        }
    }
}

//! Our YAML reader and PyYAML read the same files to the same structure and the same texts.
//!
//! The judge is `tests/peers/yaml/compare.py`. Its interpreter is `$COUNTERSIGN_PYTHON`, else `target/peers/python/bin/python`, else
//! `python3`. Without PyYAML the tests say so and pass, except in CI. `$COUNTERSIGN_MANIFESTS` names a directory of real manifests
//! that are compared as well:
//!
//! ```sh
//! COUNTERSIGN_MANIFESTS=~/manifests cargo nextest run --test yaml_against_pyyaml --no-capture
//! ```

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use countersign::document::{Bounds, Node, Problem, Syntax, Value, parse};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where we differ from PyYAML on purpose: the file, and why. PyYAML reads YAML 1.1, we read 1.2.
const DIFFERENCES: &[(&str, &str)] = &[
    ("aliases-with-strange-names.yaml", "YAML 1.2 allows any character that is not white space or a bracket in an anchor"),
    ("anchors-defined-again.yaml", "YAML 1.2 allows it: an alias means the nearest anchor before it"),
    ("block-scalars-at-the-root.yaml", "YAML 1.2 allows a block without indentation at the root; libyaml does not"),
    ("block-scalars-kept-with-nothing-but-spaces.yaml", "a line of spaces at the end of a file without a line break gets one"),
    ("block-scalars-that-end-with-a-blank-line-indented-more.yaml", "a line of spaces at the end of a file without a line break gets one"),
    ("byte-order-mark-of-utf-16.yaml", "only UTF-8 is read here"),
    ("directives-nobody-knows.yaml", "YAML 1.2 ignores reserved directives; libyaml refuses them"),
    ("json-with-surrogate-pairs.yaml", "YAML 1.2 holds all of JSON; YAML 1.1 knows no surrogate pairs"),
    ("keys-that-are-empty.yaml", "YAML 1.2 allows a key with nothing in it"),
    ("markers-before-anything.yaml", "YAML 1.2 allows the end of a document before any"),
    ("merge-keys-behind-what-they-override.yaml", "for the reader of `kubectl` the merge key wins there"),
    ("tabs-at-the-start.yaml", "a tab before the first key is taken for separation, not indentation"),
];

#[test]
fn every_file_of_the_corpus_reads_as_pyyaml_reads_it() {
    let files = yaml_files(&root().join("tests/corpus/yaml"));
    assert!(files.len() >= 24, "the corpus is gone");
    let Some(compared) = compare(&files) else { return };
    record(&compared);
    let surprises: Vec<_> = compared.iter().filter(|(file, outcome)| !outcome.is_expected(known_difference(file))).collect();
    assert!(surprises.is_empty(), "{surprises:?}");
}

#[test]
fn real_manifests_read_as_pyyaml_reads_them() {
    let Some(directory) = std::env::var_os("COUNTERSIGN_MANIFESTS") else {
        eprintln!("no real manifests: COUNTERSIGN_MANIFESTS is not set");
        return;
    };
    let files = yaml_files(Path::new(&directory));
    let Some(compared) = compare(&files) else { return };
    record(&compared);
    let mut counts = BTreeMap::new();
    for (file, outcome) in &compared {
        *counts.entry(outcome.verdict).or_insert(0_usize) += 1;
        if outcome.verdict != Verdict::Equal {
            eprintln!("{}: {:?}: {}", file.display(), outcome.verdict, outcome.why);
        }
    }
    let documents: usize = compared.iter().map(|(_, outcome)| outcome.documents).sum();
    eprintln!("{} files, {documents} equal documents: {counts:?}", files.len());
    assert!(compared.iter().all(|(_, outcome)| outcome.is_expected(None)), "see above");
}

/// What came of one file.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    verdict: Verdict,
    /// Documents that are equal.
    documents: usize,
    why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Equal,
    BothRefuse,
    OnlyWeRefuseByDesign,
    OnlyWeRefuse,
    OnlyTheyRefuse,
    Different,
}

impl Outcome {
    fn of(ours: Result<Vec<Json>, Problem>, theirs: &Json) -> Self {
        let (verdict, why) = match (&ours, theirs["refused"].as_str()) {
            (Ok(_), Some(theirs)) => (Verdict::OnlyTheyRefuse, theirs.to_owned()),
            (Err(ours), Some(theirs)) => (Verdict::BothRefuse, format!("{} / {theirs}", ours.message)),
            (Err(ours), None) if is_by_design(ours) => (Verdict::OnlyWeRefuseByDesign, ours.message.clone()),
            (Err(ours), None) => (Verdict::OnlyWeRefuse, ours.message.clone()),
            (Ok(ours), None) => {
                let theirs = theirs["documents"].as_array().unwrap().iter().map(in_order).collect::<Vec<_>>();
                if *ours == theirs {
                    (Verdict::Equal, String::new())
                } else {
                    (Verdict::Different, format!("{} / {}", json!(ours), json!(theirs)))
                }
            }
        };
        let documents = if verdict == Verdict::Equal { ours.map_or(0, |ours| ours.len()) } else { 0 };
        Self { verdict, documents, why }
    }

    fn is_expected(&self, known_difference: Option<&str>) -> bool {
        let agreed = matches!(self.verdict, Verdict::Equal | Verdict::BothRefuse | Verdict::OnlyWeRefuseByDesign);
        agreed != known_difference.is_some()
    }
}

/// PyYAML keeps the last of two equal keys, and does not mind lines of a quoted text that are indented less than the specification wants.
fn is_by_design(refusal: &Problem) -> bool {
    refusal.code == "duplicate-key" || refusal.message == "a quoted text continues with too little indentation"
}

fn known_difference(file: &Path) -> Option<&'static str> {
    DIFFERENCES.iter().find(|(name, _)| file.file_name().is_some_and(|file| file == *name)).map(|(_, why)| *why)
}

/// What came of each file; `None` when PyYAML is missing.
fn compare(files: &[PathBuf]) -> Option<Vec<(PathBuf, Outcome)>> {
    let python = python_with_pyyaml()?;
    let script = root().join("tests/peers/yaml/compare.py");
    let mut child = Command::new(&python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut questions = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    let mut ask = |file: &Path| -> Json {
        let mut answer = String::new();
        writeln!(questions, "{}", file.display()).unwrap();
        answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    };
    let compared = files.iter().map(|file| (file.clone(), Outcome::of(ours(file), &ask(file)))).collect();
    drop(questions);
    assert!(child.wait().unwrap().success(), "compare.py failed");
    Some(compared)
}

fn ours(file: &Path) -> Result<Vec<Json>, Problem> {
    let bytes = std::fs::read(file).unwrap();
    let read = parse(file.to_string_lossy(), &bytes, Syntax::Yaml, &Bounds::default()).map_err(|(problem, _)| problem)?;
    Ok(read.documents.iter().map(|document| in_order(&canonical(document))).collect())
}

fn canonical(node: &Node) -> Json {
    canonical_value(&node.value)
}

fn canonical_value(value: &Value) -> Json {
    match value {
        Value::Scalar(scalar) => json!(["scalar", scalar.text]),
        Value::Sequence(items) => json!(["list", items.iter().map(canonical).collect::<Vec<_>>()]),
        Value::Mapping(entries) => {
            json!(["mapping", entries.iter().map(|(key, value)| json!([canonical(key), canonical(value)])).collect::<Vec<_>>()])
        }
        Value::Tagged(tagged) => canonical_value(&tagged.value),
    }
}

/// The entries of mappings sorted: merged keys stand elsewhere in PyYAML's order, and the order means nothing.
fn in_order(node: &Json) -> Json {
    let Json::Array(parts) = node else { return node.clone() };
    let mut parts: Vec<Json> = parts.iter().map(in_order).collect();
    if let [Json::String(kind), Json::Array(entries)] = parts.as_mut_slice()
        && kind == "mapping"
    {
        entries.sort_by_cached_key(Json::to_string);
    }
    Json::Array(parts)
}

fn python_with_pyyaml() -> Option<PathBuf> {
    let python = python();
    let importable = Command::new(&python).args(["-c", "import yaml"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !importable {
        assert!(std::env::var_os("CI").is_none(), "peer missing: PyYAML, which CI must have");
        eprintln!("peer missing: PyYAML for {}; nothing was compared", python.display());
    }
    importable.then_some(python)
}

fn python() -> PathBuf {
    if let Some(named) = std::env::var_os("COUNTERSIGN_PYTHON") {
        return named.into();
    }
    let installed = root().join("target/peers/python/bin/python");
    if installed.exists() { installed } else { "python3".into() }
}

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// Every `.yaml` and `.yml` below a directory, sorted.
fn yaml_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                directories.push(path);
            } else if entry.file_type().unwrap().is_file() && path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Tells the test command that PyYAML was spoken to: it names every peer that was not.
fn record(compared: &[(PathBuf, Outcome)]) {
    let Some(log) = std::env::var_os("COUNTERSIGN_PEERS_LOG") else { return };
    let asked = Command::new(python()).args(["-c", "import yaml; print(yaml.__version__)"]).output().unwrap();
    let version = String::from_utf8(asked.stdout).unwrap();
    let documents: usize = compared.iter().map(|(_, outcome)| outcome.documents).sum();
    let line = format!("PyYAML {}: {documents} equal documents in {} files\n", version.trim(), compared.len());
    let mut log = std::fs::File::options().append(true).create(true).open(log).unwrap();
    log.write_all(line.as_bytes()).unwrap();
}

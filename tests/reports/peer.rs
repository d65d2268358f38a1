//! The comment as the parser reads it that GitHub uses, with its links for bare addresses.

use super::cases;
use super::hostile::PIECES;
use super::markdown::in_text;
use super::sample::Sample;
use countersign::gate::Form;
use serde_json::Value;
use std::env;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What stands between `<` and `>` in what is made of our comments.
const OURS: &[&str] = &["!-- countersign v1 --", "h3", "h4", "p", "ul", "li", "strong", "code", "br /", "details", "summary", "sub"];

#[test]
fn github_makes_nothing_but_text_of_what_somebody_wrote() {
    let Some(python) = python_with_cmarkgfm() else { return };
    let hostile = PIECES.iter().flat_map(|piece| {
        let sample = Sample::of(&[(*piece).to_owned(), format!("a {piece} b"), format!("{piece}{piece}")]);
        [sample.diff(Form::Markdown), sample.check(Form::Markdown)]
    });
    let texts: Vec<String> = cases::reports(Form::Markdown).into_iter().chain(hostile).collect();
    let (version, pages) = rendered(&python, &texts);
    assert_eq!(pages.len(), texts.len());
    for (text, page) in texts.iter().zip(&pages) {
        assert_eq!(wrong(page), Vec::<String>::new(), "{text}\n{page}");
    }
    record(&format!("cmarkgfm {version}: {} comments", texts.len()));
}

#[test]
fn what_is_not_ours_in_a_page_is_seen() {
    assert_eq!(wrong("<p>a <code>@b</code></p>"), Vec::<String>::new());
    for page in ["<p><a href=\"x\">x</a></p>", "<p><img src=\"x\" /></p>", "<p>@acme</p>", "<table></table>"] {
        assert_ne!(wrong(page), Vec::<String>::new(), "{page}");
    }
}

/// Tags that are not ours, and what is no word of ours outside of code.
fn wrong(page: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for piece in page.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        if !OURS.contains(&tag.trim_start_matches('/')) {
            wrong.push(format!("<{tag}>"));
        }
        if tag != "code" {
            wrong.extend(in_text(text.trim_matches('\n')));
        }
    }
    wrong
}

fn rendered(python: &Path, texts: &[String]) -> (String, Vec<String>) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/markdown/render.py");
    let mut child = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // It writes nothing before it has read everything.
    child.stdin.take().unwrap().write_all(&serde_json::to_vec(texts).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let pages = answer["html"].as_array().unwrap().iter().map(|page| page.as_str().unwrap().to_owned());
    (answer["version"].as_str().unwrap().to_owned(), pages.collect())
}

fn python_with_cmarkgfm() -> Option<PathBuf> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/python/bin/python");
    let python =
        env::var_os("COUNTERSIGN_PYTHON").map_or_else(|| if installed.exists() { installed } else { "python3".into() }, PathBuf::from);
    let is_there =
        Command::new(&python).args(["-c", "import cmarkgfm"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !is_there {
        assert!(env::var_os("CI").is_none(), "peer missing: cmarkgfm, which CI must have");
        eprintln!("peer missing: cmarkgfm for {}; nothing was judged", python.display());
    }
    is_there.then_some(python)
}

/// Tells the test command that the peer was spoken to.
fn record(line: &str) {
    let Some(log) = env::var_os("COUNTERSIGN_PEERS_LOG") else { return };
    let mut log = File::options().append(true).create(true).open(log).unwrap();
    writeln!(log, "{line}").unwrap();
}

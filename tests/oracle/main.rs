//! Our comparison of AWS policies, held to an independent judge: npm `@cloud-copilot/iam-simulate`.
//!
//! Pairs of policies and requests near them are made up by chance. What the judge allows on one side only has to be in what we say of
//! the pair, and what we say without a condition has to be so. `cargo xtask oracle` makes long runs of the same test.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets something else than it expects has failed")]
#![expect(clippy::panic, reason = "an option that is no number ends the test")]

mod check;
mod condition;
mod judge;
mod known;
mod mutate;
mod options;
mod ours;
mod pair;
mod random;
mod request;
mod run;
mod shrink;
mod text;
mod vocabulary;
mod witness;

use check::{Question, What};
use countersign::systems::Kind;
use countersign::systems::aws::Slot;
use judge::Judge;
use options::Options;
use pair::{Document, Pair};
use request::{Request, holder};
use serde_json::json;
use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use text::Context;

#[test]
fn an_independent_judge_agrees_with_what_is_said_of_changes() {
    let Some(mut judge) = Judge::find() else { return };
    let options = Options::from_environment();
    eprintln!("seed {}", options.seed);
    let tally = run::run(&mut judge, &options);
    eprintln!("\n{tally}");
    record(&format!("iam-simulate {}: {} pairs, {} requests, seed {}", judge.version, tally.pairs, tally.requests, options.seed));
    let wrong = tally.wrong(&options).join("\n\n");
    if !wrong.is_empty() {
        let place = write(&options, &wrong);
        panic!("{wrong}\n\nwritten to {place}");
    }
}

#[test]
fn a_change_that_is_not_told_and_a_witness_that_is_none_are_failures() {
    let Some(mut judge) = Judge::find() else { return };
    let allow = |action: &str| {
        let policy = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": action, "Resource": "*" } });
        vec![Document { slot: Slot::Identity, policy }]
    };
    let pair = |base: &str, head: &str| Pair { slot: Slot::Identity, base: allow(base), head: allow(head) };
    let request = Request::new(Slot::Identity, holder(), "s3:PutObject".to_owned(), "arn:aws:s3:::b/k".to_owned(), Context::new());
    let mut question = Question::new(pair("s3:Get*", "s3:*"), vec![request]);
    let mut laws = |question: &Question| {
        judge.ask(question);
        question.failures(&judge.answer()).into_iter().map(|failure| failure.what).collect::<Vec<What>>()
    };
    assert_eq!(laws(&question), []);
    // Somebody else's comparison.
    let wrong = Question::new(pair("s3:*", "s3:Get*"), Vec::new());
    (question.said, question.proofs) = (wrong.said, wrong.proofs);
    let broken = laws(&question);
    for law in [What::Missed(Kind::Gained), What::Overstated(Kind::Lost), What::Disproved(Kind::Lost)] {
        assert!(broken.contains(&law), "{law:?} is not among {broken:?}");
    }
}

/// Where a failure is found again after a long run.
fn write(options: &Options, wrong: &str) -> String {
    let directory =
        env::var_os("COUNTERSIGN_ORACLE_OUT").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/oracle"), Into::into);
    fs::create_dir_all(&directory).unwrap();
    let path = directory.join(format!("seed-{}.txt", options.seed));
    fs::write(&path, wrong).unwrap();
    path.display().to_string()
}

/// Tells the test command that the peer was spoken to.
fn record(line: &str) {
    let Some(log) = env::var_os("COUNTERSIGN_PEERS_LOG") else { return };
    let mut log = File::options().append(true).create(true).open(log).unwrap();
    writeln!(log, "{line}").unwrap();
}

//! Fills a ledger with records that were made from one, and says what adding to it costs: `fill_ledger LEDGER REPO COUNT BUNDLE KEY`.
//!
//! LEDGER is a directory, or a ref of the repository REPO. Each record is about another commit, other people, another role and another
//! time, and is signed with KEY for its place. `benches/run.py ledger` runs it.

#![expect(clippy::disallowed_methods, reason = "what this measures is time")]

use countersign::attestation::Statement;
use countersign::ledger::Tip;
use countersign::world::signer::{Key, KeySigner, Signer, payload};
use countersign::world::store::{Appended, Store};
use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// So many entries are there when adding is measured first.
const FEW: u64 = 10;

/// So often adding is measured at each end.
const RUNS: u64 = 101;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [ledger, repo, count, bundle, key] = &arguments[..] else { return Err("fill_ledger LEDGER REPO COUNT BUNDLE KEY".into()) };
    let store = Store::named(ledger, Path::new(repo));
    let signer = Signer::Key(KeySigner::new(Key::read(Path::new(key))?, None));
    let template = payload(&fs::read(bundle)?).ok_or("the bundle holds no statement")?;
    let statement = Statement::read(&template).map_err(|refusal| format!("{refusal:?}"))?;
    let count: u64 = count.parse()?;
    let mut tip = Tip::default();
    let mut last: Option<Vec<u8>> = None;
    let (mut few, mut many) = (Vec::new(), Vec::new());
    for number in 1..=count {
        let entry = tip.next(signer.sign(&record(statement.clone(), number, &tip)?.bytes()?)?);
        let bytes = entry.bytes()?;
        let begun = Instant::now();
        if store.last()? != last || store.append(number, last.as_deref(), &bytes)? != Appended::Done {
            return Err("somebody else writes to it".into());
        }
        let took = begun.elapsed();
        if (FEW..FEW + RUNS).contains(&(number - 1)) {
            few.push(took);
        }
        if number + RUNS > count {
            many.push(took);
        }
        tip = Tip::of(&bytes)?;
        last = Some(bytes);
    }
    let (few, many) = (median(few), median(many));
    println!(
        "adding to {FEW} entries {few:.0?}, to {} {many:.0?}: {:.2} times as long; the last entry has {} bytes",
        count.saturating_sub(RUNS),
        many.as_secs_f64() / few.as_secs_f64(),
        last.map_or(0, |last| last.len())
    );
    Ok(())
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// The record for the place after the end.
fn record(mut statement: Statement, number: u64, tip: &Tip) -> Result<Statement, Box<dyn Error>> {
    let commit = format!("{:040x}", u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
    let (author, approver) = (1000 + number % 300, 2000 + number % 40);
    let mut set = |pointer: &str, value: Value| -> Result<(), String> {
        *statement.predicate.pointer_mut(pointer).ok_or(format!("the record has no `{pointer}`"))? = value;
        Ok(())
    };
    set("/head/commit", json!(commit))?;
    set("/changeRequest", json!(number.to_string()))?;
    set("/facts/content/author", json!({"id": author, "login": format!("author-{author}")}))?;
    set("/approvals/0/actorId", json!(approver))?;
    set("/approvals/0/login", json!(format!("approver-{approver}")))?;
    set("/decision/decidedAt", json!(format!("20{:02}-{:02}-{:02}T10:30:00Z", number % 80, number % 12 + 1, number % 28 + 1)))?;
    set("/change/parts/0/holder", json!(format!("role/service-{}", number % 5000)))?;
    set("/change/parts/0/resources", json!([format!("arn:aws:iam::123456789012:role/service-{number}-*")]))?;
    if !number.is_multiple_of(1000) {
        set("/change/parts/0/actions", json!([format!("s3:Get{number}*"), "s3:ListBucket"]))?;
    }
    set("/gateRun/sequence", json!(tip.sequence + 1))?;
    set("/gateRun/previous", json!(tip.digest))?;
    Ok(statement)
}

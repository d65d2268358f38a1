//! `countersign ledger`: the whole chain, entry by entry; and adding to it.

use super::verify::{Verify, one};
use super::{Error, indexed};
use crate::attestation::authorization::v1::Authorization;
use crate::attestation::{Link, Moment, Refusal, digest_of};
use crate::ledger::{Chain, Entry, Tip};
use crate::report::json;
use crate::report::ledger::{self, LedgerCheck};
use crate::world::store::{Appended, Store};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::path::Path;

/// How often somebody else may be faster.
const TRIES: usize = 64;

/// Signs a record for the place after the last one, and adds it; again from the start if somebody else was faster.
pub(super) fn append(
    store: &Store,
    authorization: &mut Authorization,
    sign: impl Fn(&Authorization) -> Result<String, Error>,
) -> Result<String, Error> {
    for _ in 0..TRIES {
        let last = store.last()?;
        let tip = last.as_deref().map(Tip::of).transpose()?.unwrap_or_default();
        (authorization.gate_run.sequence, authorization.gate_run.previous) = (Some(tip.sequence + 1), tip.digest.clone());
        let bundle = sign(authorization)?;
        let entry = tip.next(bundle.clone());
        if store.append(entry.sequence, last.as_deref(), &entry.bytes()?)? == Appended::Done {
            return Ok(bundle);
        }
    }
    Err(Error::Contended)
}

/// What to hold a ledger against.
pub struct LedgerVerify {
    /// Where it is kept.
    pub store: Store,
    /// What each entry's bundle is held against; its own bundles are not looked at.
    pub verify: Verify,
    /// What somebody noted of its end, elsewhere: a digest, `sha256:…`.
    pub anchor: Option<String>,
}

/// What was found in a ledger.
pub struct LedgerVerified(LedgerCheck);

impl LedgerVerified {
    /// Whether every entry holds, and the end that was noted elsewhere is there.
    pub fn holds(&self) -> bool {
        self.0.refusals.is_empty()
    }

    /// For people.
    pub fn text(&self) -> String {
        ledger::text(&self.0)
    }

    /// For machines.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        json::written(&ledger::json(&self.0))
    }
}

/// Follows the chain and verifies every entry. It stops where the chain breaks: what comes after has nothing to stand on.
pub fn verify_ledger(asked: &LedgerVerify) -> Result<LedgerVerified, Error> {
    let mut check = LedgerCheck::default();
    let mut chain = Chain::default();
    let mut failed = None;
    asked.store.each(|bytes| {
        let taken = chain.follow(&bytes).map_err(|broken| Refusal::new(Link::Chain, broken.to_string()));
        match taken {
            Err(refusal) => {
                check.refusals.push((chain.tip().sequence + 1, refusal));
                false
            }
            Ok(entry) => match entry_refusals(&asked.verify, &entry) {
                Ok(refusals) => {
                    check.refusals.extend(refusals.into_iter().map(|refusal| (entry.sequence, refusal)));
                    check.is_anchored |= asked.anchor.is_some() && asked.anchor == chain.tip().digest;
                    true
                }
                Err(error) => {
                    failed = Some(error);
                    false
                }
            },
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    (check.entries, check.tip) = (chain.tip().sequence, chain.tip().digest.clone());
    if check.entries == 0 && check.refusals.is_empty() {
        check.refusals.push((0, Refusal::new(Link::Chain, "nothing is kept there: it is another place, or all of it was taken away")));
    }
    if let Some(anchor) = asked.anchor.as_ref().filter(|_| !check.is_anchored && check.refusals.is_empty()) {
        let why = format!("no entry is `{anchor}`, which was noted as one: its end was left off, or it is another ledger");
        check.refusals.push((check.entries, Refusal::new(Link::Chain, why)));
    }
    Ok(LedgerVerified(check))
}

fn entry_refusals(verify: &Verify, entry: &Entry) -> Result<Vec<Refusal>, Error> {
    let verification = one(verify, format!("entry {}", entry.sequence), entry.bundle.as_bytes())?;
    let mut refusals = verification.refusals;
    match &verification.authorization {
        Some(authorization) => {
            refusals.extend(entry.is_signed_for(&authorization.gate_run).err().map(|broken| Refusal::new(Link::Chain, broken.to_string())));
        }
        None if refusals.is_empty() => {
            refusals.push(Refusal::new(Link::Chain, "it is no record of a decision, so nobody has signed it for this place"));
        }
        None => {}
    }
    Ok(refusals)
}

/// What became of a ledger that was to be repaired.
#[derive(Debug)]
pub struct Repaired {
    /// How many entries are a chain.
    pub kept: u64,
    /// Why the one behind them is no part of it, how many were set aside, and where they are; nothing where all are a chain.
    pub aside: Option<(String, usize, String)>,
}

/// Sets aside what is behind the last entry that holds, with a record of it. Nothing is altered and nothing thrown away; what is missing stays
/// missing, and `gaps` names it. An index that is kept is made again.
pub fn repair_ledger(store: &Store, now: DateTime<Utc>, cache: Option<&Path>) -> Result<Repaired, Error> {
    let repaired = set_aside(store, now)?;
    if let Some(cache) = cache {
        indexed::make_again(store, cache)?;
    }
    Ok(repaired)
}

fn set_aside(store: &Store, now: DateTime<Utc>) -> Result<Repaired, Error> {
    let mut chain = Chain::default();
    let (mut broken, mut behind) = (None, Vec::new());
    store.each(|bytes| {
        if broken.is_none() {
            broken = chain.follow(&bytes).err();
        }
        if broken.is_some() {
            behind.push(digest_of(&bytes));
        }
        true
    })?;
    let kept = chain.tip().sequence;
    let Some(broken) = broken else { return Ok(Repaired { kept, aside: None }) };
    let record = json!({
        "schema": "countersign/quarantine/v1",
        "why": broken.to_string(),
        "kept": kept,
        "tip": chain.tip().digest,
        "entries": behind,
        "at": Moment(now),
    });
    let stamp = format!("{}-{}", now.format("%Y%m%dT%H%M%SZ"), kept + 1);
    let place = store.set_aside(kept, &stamp, format!("{record}\n").as_bytes())?;
    Ok(Repaired { kept, aside: Some((broken.to_string(), behind.len(), place)) })
}

//! `countersign baseline`: what access there is, and who has taken note of it → a signed statement, from which on every change of access
//! needs a record.

use super::decide::facts;
use super::release::Release;
use super::signing::{gate_run, may_be_signed, owner, signed_by, statement_about};
use super::{Error, Judged, OnForge, Request, change};
use crate::attestation::Refusal;
use crate::attestation::authorization::v1::{Repository as Owner, State, TimeSource};
use crate::attestation::baseline::{self, Noted, v1};
use crate::policy::Needs;
use crate::world::signer::{Claims, SignedBy, Signer, Verifier};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// No file, as a side.
const NOTHING: &str = "/dev/null";

/// What to note, and who signs.
pub struct Note {
    /// The repository.
    pub repo: PathBuf,
    /// The state.
    pub commit: String,
    /// The facts of the change request in which it was approved.
    pub facts: Option<PathBuf>,
    /// The forge that has them, if no file has.
    pub forge: Option<OnForge>,
    /// The instant.
    pub now: DateTime<Utc>,
    /// Whether the caller gave the instant, and not the clock.
    pub given_time: bool,
    /// The repository's name and id, where nobody else says them.
    pub repository: Owner,
    /// Who signs.
    pub signer: Signer,
    /// Holds what was signed against the root or the key that others will.
    pub verifier: Verifier,
    /// Whether facts for which nobody vouches may be signed.
    pub unverified_facts: bool,
    /// Whether a log that everybody can read may be told.
    pub public_log: bool,
    /// The release that it is attached to.
    pub release: Option<Release>,
}

/// What was noted.
pub struct NotedDown {
    /// The commit.
    pub commit: String,
    /// How many parts of access there are.
    pub parts: usize,
    /// Who has taken note.
    pub people: Vec<String>,
    /// The bundle, as JSON on one line.
    pub json: String,
    /// Where it was put besides, and what became of that.
    pub attached: Vec<(String, String)>,
}

/// Notes it.
pub fn note(note: &Note) -> Result<NotedDown, Error> {
    let request = Request::between(NOTHING.to_owned(), note.commit.clone(), note.repo.clone());
    let sides = request.open()?;
    let head = sides.head();
    let (commit, tree) = head.commit().zip(head.tree_id()).ok_or(Error::NotCommits)?;
    // As the policy that stands there has it read.
    let policy = super::policies::load(head, None)?;
    let joined = super::judged::joined(&request, &sides, &policy, &[], &[])?;
    let access = change(&joined, policy.policy.filters());
    let judged = Judged { facts: note.facts.clone(), forge: note.forge.clone(), ..Judged::new(request, note.now) };
    let needs = Needs { reviews: true, request: true, ..Needs::default() };
    let proposal = facts(&judged, &sides, &needs)?.ok_or(Error::NoFacts)?;
    let nobody = Claims::default();
    let claims = if let Signer::Keyless(signer) = &note.signer { signer.claims() } else { &nobody };
    let repository = owner(&note.repository, proposal.repository.as_ref(), claims)?;
    let state = State { commit: commit.clone().try_into().map_err(|_| Error::NotCommits)?, tree };
    let known = Noted {
        entries: &access.entries,
        digest: &access.digest,
        state,
        proposal: &proposal,
        now: note.now,
        time_source: if note.given_time { TimeSource::Given } else { TimeSource::GateClock },
        repository,
        gate_run: gate_run(claims),
    };
    let found = baseline::baseline(known)?;
    may_be_signed(&note.signer, &found.repository, found.facts.verified || note.unverified_facts, note.public_log)?;
    let statement = statement_about(&note.repo, &found.repository, &found.state, v1::TYPE, serde_json::to_value(&found)?)?;
    let json = signed_by(&note.signer, &note.verifier, &statement.bytes()?)?;
    let mut attached = Vec::new();
    if let Some(release) = &note.release {
        let name = format!("baseline-{}{}", commit.get(..12).unwrap_or(&commit), super::release::BUNDLE);
        attached =
            release.attach(&BTreeMap::from([(name, json.clone())]))?.into_iter().map(|(name, word)| (name, word.to_owned())).collect();
    }
    let people = found.approvals.iter().map(|approval| format!("{} ({})", approval.login, approval.actor_id)).collect();
    Ok(NotedDown { commit, parts: found.access.parts, people, json, attached })
}

/// What a bundle says of where the population begins, if its signature holds and somebody who may has signed; or why not.
pub(super) fn read(verify: &super::Verify, bundle: &[u8]) -> Result<v1::Baseline, Vec<Refusal>> {
    let verified = verify.verifier.verify(bundle).map_err(|refused| vec![super::verify::refusal(&refused)])?;
    let baseline = v1::Baseline::read(&verified.statement, verify.expected.unverified_facts)?;
    let mut refusals = super::verify::signer_refusals(verify, &verified);
    refusals.extend(verify.expected.of_repository(&baseline.repository));
    if let SignedBy::Certificate(identity) = &verified.by {
        refusals.extend(identity.refusals(&baseline.repository));
    }
    if refusals.is_empty() { Ok(baseline) } else { Err(refusals) }
}

/// What the bundle of a file says of it; why it is not taken is an error, because nothing stands on it then.
pub(super) fn of_file(verify: &super::Verify, path: &std::path::Path) -> Result<v1::Baseline, Error> {
    let bytes = super::ours::Named { what: "baseline", option: "--baseline", path }.read(super::sources::LARGEST)?;
    read(verify, bytes.trim_ascii_end()).map_err(|refusals| Error::BaselineRefused {
        path: path.to_owned(),
        why: refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    })
}

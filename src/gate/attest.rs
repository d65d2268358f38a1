//! `countersign attest`: decision → statement → signature → verified → files.

use super::evidence::evidence;
use super::indexed::answers;
use super::ledger::append;
use super::ours::Named;
use super::release::{Held, Release, decided, file_name};
use super::signing::{gate_run, may_be_signed, owner, signed_by, statement_about};
use super::{Error, Judged, Verdict, check};
use crate::attestation::authorization::v1;
use crate::attestation::{Identity, Statement, Subject, summary};
use crate::audit::Question;
use crate::systems::sha256;
use crate::world::signer::{Claims, SignedBy, Signer, Verified, Verifier};
use crate::world::store::Store;
use serde::Deserialize;
use std::path::PathBuf;

/// What to attest, and who signs.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own that somebody asks for by name")]
pub struct Attest {
    /// What is judged; both sides have to be commits.
    pub judged: Judged,
    /// Whether the caller gave the instant, and not the clock.
    pub given_time: bool,
    /// The repository, where nobody else names it.
    pub repository: v1::Repository,
    /// Files that are about to be released from it.
    pub artifacts: Vec<PathBuf>,
    /// Who signs.
    pub signer: Signer,
    /// Holds what was signed against the root or the key that others will.
    pub verifier: Verifier,
    /// Whether facts for which nobody vouches may be signed.
    pub unverified_facts: bool,
    /// Whether a log that everybody can read may be told.
    pub public_log: bool,
    /// The ledger that the record is added to.
    pub ledger: Option<Store>,
    /// The release that the bundles are attached to.
    pub release: Option<Release>,
    /// Whether the forge of the release keeps them as attestations too.
    pub attestations: bool,
}

/// A decision, and what was signed of it.
pub struct Attested {
    /// The decision.
    pub verdict: Verdict,
    /// The bundles by name; none where there is nothing to attest.
    pub bundles: Vec<Bundle>,
    /// Where they were put besides, and what became of that: a place, and a word or a reason.
    pub attached: Vec<(String, String)>,
}

/// A signed statement.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// What it is called: `authorization`, `summary`.
    pub name: &'static str,
    /// The Sigstore bundle, as JSON on one line.
    pub json: String,
}

/// Decides, and signs what was decided if it is anything to sign.
pub fn attest(attest: &Attest) -> Result<Attested, Error> {
    let request = &attest.judged.request;
    if !request.plans.is_empty() || !request.rendered.is_empty() || request.format.is_some() {
        return Err(Error::NotAttestable("what was planned, rendered or read in a forced format cannot be attested yet"));
    }
    let verdict = check(&attest.judged)?;
    let Some(mut authorization) = predicate(attest, &verdict)? else {
        return Ok(Attested { verdict, bundles: Vec::new(), attached: Vec::new() });
    };
    allowed(attest, &authorization)?;
    let held = attest.release.as_ref().map(Release::bundles).transpose()?.unwrap_or_default();
    let known = Known { attest, held: &held };
    let sign = |authorization: &v1::Authorization| signed(attest, &statement(attest, authorization)?.bytes()?);
    let json = match (known.authorization(&authorization)?, &attest.ledger) {
        (Some((json, signed)), _) => {
            authorization = signed;
            json
        }
        (None, Some(store)) => append(store, &mut authorization, sign)?,
        (None, None) => sign(&authorization)?,
    };
    let mut bundles = vec![Bundle { name: "authorization", json }];
    let statement = statement(attest, &authorization)?;
    let bytes = statement.bytes()?;
    if let Some(summary) = summary(&statement, &authorization, &sha256(&bytes)) {
        let bytes = summary.bytes()?;
        let json = known.bundle(&bytes).map_or_else(|| signed(attest, &bytes), Ok)?;
        bundles.push(Bundle { name: "summary", json });
    }
    let mut attached = Vec::new();
    if let Some(release) = &attest.release {
        let named = bundles.iter().map(|bundle| (file_name(bundle.name, &authorization), bundle.json.clone()));
        attached = release.attach(&named.collect())?.into_iter().map(|(name, word)| (name, word.to_owned())).collect();
        if attest.attestations {
            attached.push(("attestations of the forge".to_owned(), release.keep(statement.sha256(), &bundles)?));
        }
    }
    Ok(Attested { verdict, bundles, attached })
}

/// What an earlier run has signed already, and was perhaps interrupted before it was everywhere.
struct Known<'k> {
    attest: &'k Attest,
    held: &'k [Held],
}

impl Known<'_> {
    /// The bundle about the same decision, where it belongs: in the ledger if there is one, else at the release. Without a release nobody
    /// asked for a run that goes on where another one stopped.
    fn authorization(&self, wanted: &v1::Authorization) -> Result<Option<(String, v1::Authorization)>, Error> {
        if self.attest.release.is_none() {
            return Ok(None);
        }
        let (commit, subject) = (wanted.head.commit.to_string(), statement(self.attest, wanted)?.subject);
        let wanted = decided(wanted);
        let is_it = |json: &str| {
            let verified = self.verified(json)?;
            let statement = Some(&verified.statement).filter(|found| found.subject == subject)?;
            let found = v1::Authorization::deserialize(&statement.predicate).ok()?;
            let is_own = match &verified.by {
                SignedBy::Key => true,
                SignedBy::Certificate(identity) => identity.refusals(&found.repository).is_empty() && self.is_this_workflow(identity),
            };
            (is_own && decided(&found) == wanted).then_some(found)
        };
        let Some(store) = &self.attest.ledger else {
            return Ok(self.held.iter().find_map(|held| Some((held.json.clone(), is_it(&held.json)?))));
        };
        let about = Question { commit: Some(commit), ..Question::default() };
        let cache = self.attest.judged.request.cache.as_deref();
        let answers = answers(store, cache, &about, |entry, _| entry.bundle.clone())?;
        Ok(answers.found.into_iter().find_map(|json| is_it(&json).map(|found| (json, found))))
    }

    /// The bundle at the release over exactly these bytes.
    fn bundle(&self, bytes: &[u8]) -> Option<String> {
        let is_it = |held: &&Held| self.verified(&held.json).is_some_and(|verified| verified.bytes == bytes);
        self.held.iter().find(is_it).map(|held| held.json.clone())
    }

    fn verified(&self, json: &str) -> Option<Verified> {
        self.attest.verifier.verify(json.as_bytes()).ok()
    }

    /// Whether the workflow that signs now has signed, as far as its token names one.
    fn is_this_workflow(&self, identity: &Identity) -> bool {
        let Signer::Keyless(signer) = &self.attest.signer else { return false };
        let claims = signer.claims();
        let workflow = claims.job_workflow_ref.as_ref().or(claims.workflow_ref.as_ref());
        workflow.is_none_or(|workflow| identity.subject.as_deref().is_some_and(|subject| is_of(subject, workflow)))
    }
}

/// Whether a subject, `https://HOST/OWNER/…`, is that of the workflow that a token names as `OWNER/…`.
fn is_of(subject: &str, workflow: &str) -> bool {
    subject.strip_prefix("https://").and_then(|address| address.split_once('/')).is_some_and(|(_, path)| path == workflow)
}

fn predicate(attest: &Attest, verdict: &Verdict) -> Result<Option<v1::Authorization>, Error> {
    let none = Claims::default();
    let claims = if let Signer::Keyless(signer) = &attest.signer { signer.claims() } else { &none };
    let told = verdict.proposal.as_ref().and_then(|proposal| proposal.repository.as_ref());
    let repository = owner(&attest.repository, told, claims)?;
    let source = if attest.given_time { v1::TimeSource::Given } else { v1::TimeSource::GateClock };
    evidence(&attest.judged, verdict, repository, source, gate_run(claims))
}

/// Whether it may be signed, and where.
fn allowed(attest: &Attest, authorization: &v1::Authorization) -> Result<(), Error> {
    let is_told = authorization.facts.as_ref().is_some_and(|facts| !facts.verified);
    let are_taken = !is_told || authorization.record == v1::Record::Observed || attest.unverified_facts;
    may_be_signed(&attest.signer, &authorization.repository, are_taken, attest.public_log)
}

fn statement(attest: &Attest, authorization: &v1::Authorization) -> Result<Statement, Error> {
    let predicate = serde_json::to_value(authorization)?;
    let mut statement = statement_about(&attest.judged.request.repo, &authorization.repository, &authorization.head, v1::TYPE, predicate)?;
    for path in &attest.artifacts {
        let bytes = Named { what: "artifact", option: "--artifact", path }.read(usize::MAX - 1)?;
        let name = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
        statement.subject.push(Subject {
            name: name.into_owned(),
            digest: [("sha256".to_owned(), sha256(&bytes))].into(),
            annotations: std::collections::BTreeMap::new(),
        });
    }
    Ok(statement)
}

fn signed(attest: &Attest, bytes: &[u8]) -> Result<String, Error> {
    signed_by(&attest.signer, &attest.verifier, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_of_somebody_whose_name_ends_alike_is_another() {
        let workflow = "acme/gate/.github/workflows/gate.yml@refs/heads/main";
        assert!(is_of(&format!("https://github.com/{workflow}"), workflow));
        for other in ["https://github.com/evil-", "https://github.com/evil/", "http://github.com/", "", "https://"] {
            assert!(!is_of(&format!("{other}{workflow}"), workflow), "{other}");
        }
    }
}

//! `countersign attest`: decision → statement → signature → verified → files.

use super::check::joined;
use super::indexed::answers;
use super::ledger::append;
use super::release::{Held, Release, decided, file_name};
use super::{Error, Judged, Verdict, change, check};
use crate::attestation::authorization::v1;
use crate::attestation::{Identity, Made, Seen, Statement, Subject, authorization, commit_subjects, summary};
use crate::audit::Question;
use crate::proposal::ReviewState;
use crate::systems::sha256;
use crate::world::repository::{Repository, Sides};
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

/// What is said of a decision.
pub(super) fn evidence(
    judged: &Judged,
    verdict: &Verdict,
    repository: v1::Repository,
    time_source: v1::TimeSource,
    gate_run: v1::GateRun,
) -> Result<Option<v1::Authorization>, Error> {
    let (Some(base), Some(head)) = (&verdict.commits.0, &verdict.commits.1) else { return Err(Error::NotCommits) };
    let sides = Sides::between(base, head, &judged.request.repo, judged.request.limits())?;
    let state = |commit: &str, tree: Option<String>| {
        let commit = commit.to_owned().try_into().map_err(|_| Error::NotCommits)?;
        Ok::<_, Error>(v1::State { commit, tree: tree.ok_or(Error::NotCommits)? })
    };
    let states = [state(base, sides.base().tree_id())?, state(head, sides.head().tree_id())?];
    let seen = seen(judged, verdict, base, &states)?;
    let policy = &verdict.policy;
    let made = Made {
        entries: &verdict.change.entries,
        digest: &verdict.change.digest,
        edited: &verdict.edited,
        decision: &verdict.decision,
        policy: &policy.policy,
        policy_path: &policy.path,
        policy_digest: &policy.digest,
        policy_files: &policy.parts,
        policy_revision: policy.revision.as_ref().map(|revision| (&*revision.name, revision.commit.as_deref())),
        states,
        paths: &verdict.paths,
        proposal: verdict.proposal.as_ref(),
        seen: &seen,
        now: verdict.now,
        time_source,
        repository,
        gate_run,
    };
    Ok(authorization(made)?)
}

/// What each approval was given to.
fn seen(judged: &Judged, verdict: &Verdict, base: &str, [_, head]: &[v1::State; 2]) -> Result<Vec<Seen>, Error> {
    let reviews = verdict.proposal.iter().flat_map(|proposal| proposal.reviews.iter().flatten());
    let approved = reviews.filter(|review| review.state == ReviewState::Approved);
    let repository = Repository::open(&judged.request.repo)?;
    let seen = |commit: &str| -> Result<(Option<String>, Option<String>), Error> {
        if commit == head.commit.as_str() {
            return Ok((Some(head.tree.clone()), Some(verdict.change.digest.clone())));
        }
        if !repository.contains(commit) {
            return Ok((None, None));
        }
        let from = repository.merge_base(commit, base)?;
        let sides = Sides::between(&from, commit, &judged.request.repo, judged.request.limits())?;
        let joined = joined(&judged.request, &sides, &verdict.policy, &[], &[])?;
        Ok((sides.head().tree_id(), Some(change(&joined, verdict.policy.policy.filters()).digest)))
    };
    approved
        .map(|review| {
            let (tree, delta_digest) = seen(review.commit.as_str())?;
            Ok(Seen { review: review.id, tree, delta_digest })
        })
        .collect()
}

/// Whose change it is. What was given, the facts and the identity of the run may not name two.
pub(super) fn owner(given: &v1::Repository, told: Option<&String>, claims: &Claims) -> Result<v1::Repository, Error> {
    let one_of = |names: [Option<&String>; 3]| -> Result<Option<String>, Error> {
        let names: Vec<&String> = names.into_iter().flatten().collect();
        match names.split_first() {
            Some((one, others)) => match others.iter().find(|other| *other != one) {
                Some(other) => Err(Error::TwoRepositories { one: (*one).clone(), other: (*other).clone() }),
                None => Ok(Some((*one).clone())),
            },
            None => Ok(None),
        }
    };
    let name = one_of([told, claims.repository.as_ref().or(claims.project_path.as_ref()), given.name.as_ref()])?;
    let id = one_of([claims.repository_id.as_ref().or(claims.project_id.as_ref()), given.id.as_ref(), None])?;
    Ok(v1::Repository { id, name })
}

/// What the token says of the run. A workflow of another repository is not the change's to alter, nor one that starts from the default
/// branch; of anything else nobody has shown it.
pub(super) fn gate_run(claims: &Claims) -> v1::GateRun {
    let workflow = claims.job_workflow_ref.clone().or_else(|| claims.workflow_ref.clone()).or_else(|| claims.ci_config_ref_uri.clone());
    let is_elsewhere = match (&claims.repository, &claims.job_workflow_ref) {
        (Some(repository), Some(workflow)) => !workflow.starts_with(&format!("{repository}/")),
        _ => false,
    };
    let is_outside = is_elsewhere || claims.event_name.as_deref() == Some("pull_request_target");
    let run = claims.run_id.clone().map(|run| claims.run_attempt.iter().fold(run, |run, attempt| format!("{run}/{attempt}")));
    v1::GateRun {
        workflow,
        placement: if is_outside { v1::Placement::Outside } else { v1::Placement::Advisory },
        run: run.or_else(|| claims.pipeline_id.clone()),
        sequence: None,
        previous: None,
    }
}

/// Whether it may be signed, and where.
fn allowed(attest: &Attest, authorization: &v1::Authorization) -> Result<(), Error> {
    let is_told = authorization.facts.as_ref().is_some_and(|facts| !facts.verified);
    let are_taken = !is_told || authorization.record == v1::Record::Observed || attest.unverified_facts;
    may_be_signed(&attest.signer, &authorization.repository, are_taken, attest.public_log)
}

/// Whether facts like these may be signed, and whether whoever signs tells nobody who should not know.
pub(super) fn may_be_signed(signer: &Signer, repository: &v1::Repository, are_facts_taken: bool, public_log: bool) -> Result<(), Error> {
    if !are_facts_taken {
        return Err(Error::UnverifiedFacts);
    }
    match signer {
        Signer::Keyless(signer) if signer.publishes() && !signer.claims().is_public() && !public_log => {
            let name = repository.name.clone().unwrap_or_else(|| "this repository".to_owned());
            Err(Error::WouldPublish { repository: name })
        }
        _ => Ok(()),
    }
}

fn statement(attest: &Attest, authorization: &v1::Authorization) -> Result<Statement, Error> {
    let predicate = serde_json::to_value(authorization)?;
    let mut statement = statement_about(&attest.judged.request.repo, &authorization.repository, &authorization.head, v1::TYPE, predicate)?;
    for path in &attest.artifacts {
        let bytes = super::own::Named { what: "artifact", option: "--artifact", path }.read(usize::MAX - 1)?;
        let name = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
        statement.subject.push(Subject {
            name: name.into_owned(),
            digest: [("sha256".to_owned(), sha256(&bytes))].into(),
            annotations: std::collections::BTreeMap::new(),
        });
    }
    Ok(statement)
}

/// A statement about a commit and its tree.
pub(super) fn statement_about(
    repo: &std::path::Path,
    owner: &v1::Repository,
    state: &v1::State,
    predicate_type: &str,
    predicate: serde_json::Value,
) -> Result<Statement, Error> {
    let repository = Repository::open(repo)?;
    let [commit, tree] = [repository.object(state.commit.as_str())?, repository.object(&state.tree)?].map(|content| sha256(&content));
    let name = owner.name.as_deref().unwrap_or("repository");
    let subjects = commit_subjects(name, [state.commit.as_str(), &commit], [&state.tree, &tree]);
    Ok(Statement::new(subjects, predicate_type, predicate))
}

fn signed(attest: &Attest, bytes: &[u8]) -> Result<String, Error> {
    signed_by(&attest.signer, &attest.verifier, bytes)
}

/// Signs, and takes nothing that others would not take.
pub(super) fn signed_by(signer: &Signer, verifier: &Verifier, bytes: &[u8]) -> Result<String, Error> {
    let json = signer.sign(bytes)?;
    let taken = verifier.verify(json.as_bytes()).map_err(Error::OwnBundle)?;
    if taken.bytes == bytes { Ok(json) } else { Err(Error::OtherStatement) }
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

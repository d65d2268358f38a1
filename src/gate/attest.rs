//! `countersign attest`: decision → statement → signature → verified → files.

use super::check::joined;
use super::ledger::append;
use super::{Error, Judged, Verdict, change, check};
use crate::attestation::authorization::v1;
use crate::attestation::{Made, Seen, Statement, Subject, authorization, commit_subjects, summary};
use crate::proposal::ReviewState;
use crate::systems::sha256;
use crate::world::repository::{Repository, Sides};
use crate::world::signer::{Claims, Signer, Verifier};
use crate::world::store::Store;
use std::path::PathBuf;

/// What to attest, and who signs.
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
}

/// A decision, and what was signed of it.
pub struct Attested {
    /// The decision.
    pub verdict: Verdict,
    /// The bundles by name; none where there is nothing to attest.
    pub bundles: Vec<Bundle>,
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
    let Some(mut authorization) = predicate(attest, &verdict)? else { return Ok(Attested { verdict, bundles: Vec::new() }) };
    allowed(attest, &authorization)?;
    let sign = |authorization: &v1::Authorization| signed(attest, &statement(attest, authorization)?.bytes()?);
    let json = match &attest.ledger {
        Some(store) => append(store, &mut authorization, sign)?,
        None => sign(&authorization)?,
    };
    let mut bundles = vec![Bundle { name: "authorization", json }];
    let statement = statement(attest, &authorization)?;
    let bytes = statement.bytes()?;
    if let Some(summary) = summary(&statement, &authorization, &sha256(&bytes)) {
        bundles.push(Bundle { name: "summary", json: signed(attest, &summary.bytes()?)? });
    }
    Ok(Attested { verdict, bundles })
}

fn predicate(attest: &Attest, verdict: &Verdict) -> Result<Option<v1::Authorization>, Error> {
    let none = Claims::default();
    let claims = if let Signer::Keyless(signer) = &attest.signer { signer.claims() } else { &none };
    let repository = repository(attest, verdict, claims)?;
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

/// Whose change it is. The facts and the identity of the run may not name two.
fn repository(attest: &Attest, verdict: &Verdict, claims: &Claims) -> Result<v1::Repository, Error> {
    let told = verdict.proposal.as_ref().and_then(|proposal| proposal.repository.clone());
    let run = claims.repository.clone().or_else(|| claims.project_path.clone());
    let names: Vec<&String> = [&told, &run, &attest.repository.name].into_iter().flatten().collect();
    if let [one, others @ ..] = names.as_slice()
        && let Some(other) = others.iter().find(|other| *other != one)
    {
        return Err(Error::TwoRepositories { one: (*one).clone(), other: (*other).clone() });
    }
    let name = names.first().map(|name| (*name).clone());
    let run = claims.repository_id.clone().or_else(|| claims.project_id.clone());
    let ids: Vec<&String> = [&run, &attest.repository.id].into_iter().flatten().collect();
    if let [one, other] = ids[..]
        && one != other
    {
        return Err(Error::TwoRepositories { one: one.clone(), other: other.clone() });
    }
    Ok(v1::Repository { id: ids.first().map(|id| (*id).clone()), name })
}

/// What the token says of the run. A workflow of another repository is not the change's to alter, nor one that starts from the default
/// branch; of anything else nobody has shown it.
fn gate_run(claims: &Claims) -> v1::GateRun {
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
    if is_told && authorization.record != v1::Record::Observed && !attest.unverified_facts {
        return Err(Error::UnverifiedFacts);
    }
    match &attest.signer {
        Signer::Keyless(signer) if signer.publishes() && !signer.claims().is_public() && !attest.public_log => {
            let name = authorization.repository.name.clone().unwrap_or_else(|| "this repository".to_owned());
            Err(Error::WouldPublish { repository: name })
        }
        _ => Ok(()),
    }
}

fn statement(attest: &Attest, authorization: &v1::Authorization) -> Result<Statement, Error> {
    let head = &authorization.head;
    let repository = Repository::open(&attest.judged.request.repo)?;
    let [commit, tree] = [repository.object(head.commit.as_str())?, repository.object(&head.tree)?].map(|content| sha256(&content));
    let name = authorization.repository.name.as_deref().unwrap_or("repository");
    let mut subjects = commit_subjects(name, [head.commit.as_str(), &commit], [&head.tree, &tree]);
    for path in &attest.artifacts {
        let bytes = super::own::Named { what: "artifact", option: "--artifact", path }.read(usize::MAX - 1)?;
        let name = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
        subjects.push(Subject {
            name: name.into_owned(),
            digest: [("sha256".to_owned(), sha256(&bytes))].into(),
            annotations: std::collections::BTreeMap::new(),
        });
    }
    Ok(Statement::new(subjects, v1::TYPE, serde_json::to_value(authorization)?))
}

/// Signs, and takes nothing that others would not take.
fn signed(attest: &Attest, bytes: &[u8]) -> Result<String, Error> {
    let json = attest.signer.sign(bytes)?;
    let verified = attest.verifier.verify(json.as_bytes()).map_err(Error::OwnBundle)?;
    if verified.statement == bytes { Ok(json) } else { Err(Error::OtherStatement) }
}

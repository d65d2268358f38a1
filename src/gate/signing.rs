//! What every statement of ours has in common: whose change it is about, which run says it, and who may sign.

use super::Error;
use crate::attestation::authorization::v1;
use crate::attestation::{Statement, commit_subjects};
use crate::systems::sha256;
use crate::world::repository::Repository;
use crate::world::signer::{Claims, Signer, Verifier};
use std::path::Path;

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

/// A statement about a commit and its tree.
pub(super) fn statement_about(
    repo: &Path,
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

/// Signs, and takes nothing that others would not take.
pub(super) fn signed_by(signer: &Signer, verifier: &Verifier, bytes: &[u8]) -> Result<String, Error> {
    let json = signer.sign(bytes)?;
    let taken = verifier.verify(json.as_bytes()).map_err(Error::OwnBundle)?;
    if taken.bytes == bytes { Ok(json) } else { Err(Error::OtherStatement) }
}

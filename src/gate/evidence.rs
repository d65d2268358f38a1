//! What evidence says of a decision: what is signed, and what is made again to hold it against that.

use super::judged::joined;
use super::{Error, Judged, Verdict, change};
use crate::attestation::authorization::v1;
use crate::attestation::{Made, Seen, authorization};
use crate::proposal::ReviewState;
use crate::world::repository::{Repository, Sides};

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

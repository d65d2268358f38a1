//! What was deployed may be old, so today's policy judges what is deployed; but a policy that landed would then decide about itself. Where
//! another may have decided, it has to be content as well, and the worse of both holds.

use super::check::{Judged, Verdict, by_its_policy};
use super::{Error, own};
use crate::world::repository::{Repository, Sides};

/// By every policy that has to be content with what is deployed, beside today's.
pub(super) fn also_by_the_others(judged: &Judged, verdict: Verdict) -> Result<Verdict, Error> {
    let verdict = by_the_policy_before(judged, verdict)?;
    by_the_policy_of_then(judged, verdict)
}

/// Where the gate's own files are edited, by what is watched now or was before, by the policy that the edit found.
fn by_the_policy_before(judged: &Judged, verdict: Verdict) -> Result<Verdict, Error> {
    let before = Judged { policy_from: None, ..judged.clone() };
    let unasked = Judged { forge: None, facts: None, ..before.clone() };
    let found = match by_its_policy(&unasked) {
        // Whoever brings the first policy was under none.
        Err(Error::NoPolicy | Error::MisnamedPolicy(_)) => return Ok(verdict),
        found => found?,
    };
    if verdict.edited.is_empty() && found.edited.is_empty() {
        return Ok(verdict);
    }
    Ok(worse(verdict, by_its_policy(&before)?))
}

/// Where the branch went on after what is deployed and edited the gate's own files, by the policy that was there before that: an edit
/// that is not deployed is not judged here, so it does not decide either.
fn by_the_policy_of_then(judged: &Judged, verdict: Verdict) -> Result<Verdict, Error> {
    let request = &judged.request;
    let Some(today) = judged.policy_from.as_deref() else { return Ok(verdict) };
    let deployed = judged.deployed.as_deref().unwrap_or(&request.head);
    let (Some(today), Some(deployed)) = (commit(judged, today)?, commit(judged, deployed)?) else { return Ok(verdict) };
    if today == deployed {
        return Ok(verdict);
    }
    // What was deployed from elsewhere left the branch there.
    let then = Repository::open(&request.repo)?.merge_base(&deployed, &today)?;
    let since = Sides::between(&then, &today, &request.repo, request.limits())?;
    if then == today || own::edited(&since, &verdict.policy.policy)?.is_empty() {
        return Ok(verdict);
    }
    match by_its_policy(&Judged { policy_from: Some(then), ..judged.clone() }) {
        // It had none yet, and the first one came since.
        Err(Error::NoPolicy | Error::MisnamedPolicy(_)) => Ok(verdict),
        found => Ok(worse(verdict, found?)),
    }
}

/// The commit that a revision names; none if it is something else.
fn commit(judged: &Judged, revision: &str) -> Result<Option<String>, Error> {
    let request = &judged.request;
    Ok(Sides::between(revision, revision, &request.repo, request.limits())?.head().commit())
}

fn worse(verdict: Verdict, found: Verdict) -> Verdict {
    if found.decision.weight() > verdict.decision.weight() { found } else { verdict }
}

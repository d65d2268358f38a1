//! What was deployed may be old, so today's policy judges what is deployed; but a policy that landed would then decide about itself. Where
//! another may have decided, it has to be content as well, and the worse of both holds.

use super::decide::{Verdict, by_its_policy};
use super::judged::Judged;
use super::policies::load;
use super::{Error, own};
use crate::world::repository::{LineEnd, Repository, Side, Sides};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::sync::Arc;

/// By every policy that has to be content with what is deployed, beside today's.
pub(super) fn also_by_the_others(judged: &Judged, verdict: Verdict) -> Result<Verdict, Error> {
    let verdict = by_the_policy_before(judged, verdict)?;
    by_the_policy_of_then(judged, verdict)
}

/// Where the gate's own files are edited, by what is watched now or was before, by the policy that the edit found.
fn by_the_policy_before(judged: &Judged, verdict: Verdict) -> Result<Verdict, Error> {
    let Some((before, found)) = found(&Judged { policy_from: None, ..judged.clone() })? else { return Ok(verdict) };
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
    // The first one came since, if there is none.
    let Some((then, _)) = found(&Judged { policy_from: Some(then), ..judged.clone() })? else { return Ok(verdict) };
    Ok(worse(verdict, by_its_policy(&then)?))
}

/// How many states are looked through for the last that had a valid policy.
const MOST_STATES: usize = 500;

/// By the policy that there was, without asking anybody; by the last that was valid where it was not, because what says nothing neither
/// opens the gate nor keeps it closed for ever. `None` where there was none yet: whoever brings the first one was under none.
fn found(before: &Judged) -> Result<Option<(Judged, Verdict)>, Error> {
    let mut before = before.clone();
    for _ in 0..MOST_STATES {
        match by_its_policy(&Judged { forge: None, facts: None, ..before.clone() }) {
            Ok(verdict) => return Ok(Some((before, verdict))),
            Err(Error::NoPolicy | Error::MisnamedPolicy(_)) => return Ok(None),
            Err(error @ (Error::Policy(_) | Error::TwoPolicies | Error::Unreadable { .. })) => {
                let state = before.policy_from.as_deref().unwrap_or(&before.request.base);
                let Some(state) = commit(&before, state)? else { return Err(error) };
                let line = Repository::open(&before.request.repo)?.line(&state, DateTime::<Utc>::MIN_UTC)?;
                match (line.steps.into_iter().next().and_then(|step| step.parent), line.end) {
                    (Some(parent), _) => before.policy_from = Some(parent),
                    (None, LineEnd::Root) => return Ok(None),
                    (None, _) => return Err(error),
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(Error::NoValidPolicy { most: MOST_STATES })
}

/// Refuses an edit that leaves a policy that is not valid: it would close the gate to every change after it, also to one that mends that.
pub(super) fn leaves_one(judged: &Judged, verdict: &Verdict) -> Result<(), Error> {
    let is_elsewhere = judged.policy.is_some() || judged.policy_repository.is_some();
    if is_elsewhere || verdict.edited.is_empty() {
        return Ok(());
    }
    let sides = judged.request.open()?;
    let whole = |side: &Side| load(side, None)?.with_every_nested(side);
    match whole(sides.head()) {
        // To have none any more is an edit like any other.
        Ok(_) | Err(Error::NoPolicy) => Ok(()),
        Err(error) => match whole(sides.base()) {
            // What was wrong before is not of this change.
            Err(before) if has_all(&before, &error) => Ok(()),
            _ => Err(Error::LeavesNoPolicy(Box::new(error))),
        },
    }
}

/// Whether all that is wrong was wrong before, wherever in its file.
fn has_all(before: &Error, error: &Error) -> bool {
    let wrong = |error: &Error| -> BTreeSet<(Arc<str>, String)> {
        let errors = error.diagnostics().iter().filter(|one| one.is_error());
        errors.map(|one| (Arc::clone(&one.place.path), one.message.clone())).collect()
    };
    before.to_string() == error.to_string() && wrong(error).is_subset(&wrong(before))
}

/// The commit that a revision names; none if it is something else.
fn commit(judged: &Judged, revision: &str) -> Result<Option<String>, Error> {
    let request = &judged.request;
    Ok(Sides::between(revision, revision, &request.repo, request.limits())?.head().commit())
}

fn worse(verdict: Verdict, found: Verdict) -> Verdict {
    if found.decision.weight() > verdict.decision.weight() { found } else { verdict }
}

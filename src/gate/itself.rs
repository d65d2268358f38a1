//! What was deployed may be old, so today's policy judges what is deployed; but a policy that landed would then decide about itself.

use super::Error;
use super::check::{Judged, Verdict, by_its_policy};

/// Where the gate's own files are edited, by what is watched now or was before, the policy that the edit found has to be content as well.
/// The worse of both holds.
pub(super) fn also_by_the_policy_before(judged: &Judged, verdict: Verdict) -> Result<Verdict, Error> {
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
    let found = by_its_policy(&before)?;
    Ok(if found.decision.weight() > verdict.decision.weight() { found } else { verdict })
}

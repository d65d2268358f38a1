//! `countersign verify --against-forge`: the forge is asked again for what a record says that it said.

use super::Error;
use crate::attestation::authorization::v1::{Approval, Authorization};
use crate::attestation::{Link, Refusal};
use crate::policy::Needs;
use crate::proposal::{Proposal, ReviewState};
use crate::world::forge::{Asked, Connection, Forge};
use serde_json::Value;

/// Every way in which the forge says something else of the change request than the record does.
pub(super) fn refusals(connection: &Connection, stated: &Authorization) -> Result<Vec<Refusal>, Error> {
    let refused = |why: &str| Ok(vec![Refusal::new(Link::Forge, why)]);
    if stated.approvals.is_empty() && stated.facts.is_none() {
        return Ok(Vec::new());
    }
    let Some(repository) = stated.repository.name.clone() else { return refused("it names no repository to ask about") };
    let Some(number) = stated.change_request.as_deref().and_then(number) else { return refused("it names no change request to ask about") };
    let asked = Asked { repository, change_request: Some(number), environment: None, is_frozen: false };
    let needs = Needs { reviews: true, ..Needs::default() };
    let found = Forge::connect(connection)?.proposal(&asked, &needs)?;
    let mut refusals: Vec<Refusal> =
        stated.approvals.iter().filter_map(|approval| difference(approval, &found)).map(|why| Refusal::new(Link::Forge, why)).collect();
    let author = stated.facts.as_ref().and_then(|facts| facts.content.get("author")?.get("id").and_then(Value::as_u64));
    if author.is_some_and(|author| author != found.author.id) {
        refusals.push(Refusal::new(Link::Forge, format!("`{}` ({}) opened the change request there", found.author.login, found.author.id)));
    }
    Ok(refusals)
}

/// The number of a change request, which stands at the end of its address.
fn number(request: &str) -> Option<u64> {
    request.rsplit('/').next()?.parse().ok()
}

/// What the forge says otherwise of an approval. One that was taken back since is no approval any more, whenever it counted.
fn difference(approval: &Approval, found: &Proposal) -> Option<String> {
    let who = format!("the approval {} of `{}` ({})", approval.review_id, approval.login, approval.actor_id);
    let Some(review) = found.reviews.iter().flatten().find(|review| review.id == approval.review_id) else {
        return Some(format!("{who} is not there"));
    };
    if review.author.id != approval.actor_id {
        return Some(format!("{who} is one of `{}` ({}) there", review.author.login, review.author.id));
    }
    if review.state != ReviewState::Approved {
        return Some(format!("{who} is no approval there any more"));
    }
    if review.commit != approval.reviewed_commit {
        return Some(format!("{who} is of commit {} there, and it says {}", review.commit, approval.reviewed_commit));
    }
    let at = crate::attestation::Moment(review.submitted_at);
    (at != approval.approved_at).then(|| format!("{who} was given at {at} there, and it says {}", approval.approved_at))
}

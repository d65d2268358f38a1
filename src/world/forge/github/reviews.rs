//! Who reviewed which commit, and when GitHub received it.

use super::wire::{self, User};
use super::{About, Error, commit};
use crate::proposal::{Review, ReviewState};

impl About<'_> {
    /// All reviews that were ever submitted.
    pub(super) async fn reviews(&self) -> Result<Vec<Review>, Error> {
        let path = format!("/repos/{}/pulls/{}/reviews", self.repository, self.number);
        let listed: Vec<wire::Review> = self.client.list(&path).await?;
        // What is not submitted yet, nobody said.
        let submitted = listed.into_iter().filter(|review| review.state != "PENDING");
        submitted.map(|review| read(review, &path)).collect()
    }
}

fn read(review: wire::Review, path: &str) -> Result<Review, Error> {
    let id = review.id;
    let unusable = |why: &str| Error::Unusable { request: format!("GET {path}"), why: format!("review {id} {why}") };
    let state = match review.state.as_str() {
        "APPROVED" => ReviewState::Approved,
        "CHANGES_REQUESTED" => ReviewState::ChangesRequested,
        "COMMENTED" => ReviewState::Commented,
        "DISMISSED" => ReviewState::Dismissed,
        _ => return Err(unusable("is in a state that GitHub does not document")),
    };
    let author = review.user.unwrap_or_else(User::ghost);
    let sha = review.commit_id.ok_or_else(|| unusable("does not say which commit it is about"))?;
    let submitted_at = review.submitted_at.ok_or_else(|| unusable("does not say when it was submitted"))?;
    Ok(Review { submitted_at, id, kind: author.kind(), author: author.person(), state, commit: commit(&sha)? })
}

//! The facts of a pull request, as GitHub has them.
//!
//! Everything is bound to commits: the pull request is read once, and what it is made of by the two commits that it named then. What
//! cannot be seen whole is not known, with the reason; what does not answer is an error.

mod attestations;
mod authors;
mod contributors;
mod landed;
mod publish;
mod releases;
mod reviews;
mod settings;
mod teams;
mod wire;

pub(super) use attestations::{attestations, keep};
pub(super) use landed::{deployed, landings, open_requests, request};
pub(super) use publish::Publishing;
pub(super) use releases::{attach, attachments};
pub(super) use settings::{sees_team, settings};

use super::client::Client;
use super::{Asked, Error};
use crate::policy::Needs;
use crate::proposal::{ChangeRequest, CommitId, Freezes, Proposal, Source, Unknown};
use futures_util::future::{try_join, try_join4};
use wire::{Pull, User};

/// A fact, or why it is not known.
type Told<T> = Result<T, String>;

/// One pull request.
#[derive(Clone, Copy)]
struct About<'a> {
    client: &'a Client,
    repository: &'a str,
    number: u64,
}

/// The facts that are asked for, of one pull request. Who wrote it and who reviewed it nobody asks where no rule does.
pub(super) async fn proposal(client: &Client, asked: &Asked, needs: &Needs) -> Result<Proposal, Error> {
    let number = asked.change_request.ok_or(Error::NoNumber)?;
    let about = About { client, repository: &asked.repository, number };
    if !needs.reviews {
        let pull = about.pull().await?;
        let range = about.range(&pull).await?;
        return described(asked, needs, pull, &range.merge_base);
    }
    // None of these waits for another.
    let (pull, reviews, timeline, teams) =
        try_join4(about.pull(), about.reviews(), about.timeline(), teams::members(client, &needs.teams)).await?;
    let (range, pushed) = try_join(about.range(&pull), about.pushed(&pull)).await?;
    let known = pull.user.as_ref().map(|_| ()).ok_or_else(|| "the account that opened the pull request is gone".to_owned());
    let wrote = about.wrote(&range.commits).await?;
    let people = known.and_then(|()| Ok([wrote?, pushed?, timeline.forced?].concat()));
    let mut proposal = described(asked, needs, pull, &range.merge_base)?;
    let gone = User::ghost().person();
    proposal.departed = reviews.iter().any(|review| review.author == gone).then(|| vec![gone]);
    proposal.reviews = Some(reviews);
    proposal.retargeted_at = timeline.retargeted_at;
    proposal.unknown = Unknown { contributors: people.as_ref().err().cloned(), teams: teams.hidden, ..Unknown::default() };
    proposal.contributors = people.ok();
    proposal.teams = teams.members;
    Ok(proposal.sorted())
}

impl About<'_> {
    async fn pull(&self) -> Result<Pull, Error> {
        self.client.get(&format!("/repos/{}/pulls/{}", self.repository, self.number)).await
    }
}

/// What the pull request itself says.
fn described(asked: &Asked, needs: &Needs, pull: Pull, merge_base: &str) -> Result<Proposal, Error> {
    let author = pull.user.unwrap_or_else(User::ghost);
    let mut proposal = Proposal::by(author.person(), author.kind());
    proposal.repository = Some(asked.repository.clone());
    proposal.change_request = asked.change_request.map(ChangeRequest::Number);
    proposal.base = Some(commit(merge_base)?);
    proposal.head = Some(commit(&pull.head.sha)?);
    proposal.labels = Some(pull.labels.into_iter().map(|label| label.name).collect());
    proposal.environment.clone_from(&asked.environment);
    // GitHub has none.
    proposal.freezes = (!needs.freezes.is_empty()).then(Freezes::default);
    proposal.title = Some(pull.title);
    proposal.description = Some(pull.body.unwrap_or_default());
    proposal.source = Source::Forge;
    Ok(proposal)
}

fn commit(sha: &str) -> Result<CommitId, Error> {
    CommitId::try_from(sha.to_owned()).map_err(|why| Error::Unusable { request: "a commit".to_owned(), why })
}

//! The facts of a merge request, as GitLab has them.
//!
//! The merge request is read first and last: if it proposes something else meanwhile, everything is read again. What cannot be seen whole is
//! not known, with the reason; what does not answer is an error.

mod accounts;
mod approvals;
mod contributors;
mod freezes;
mod landed;
mod members;
mod publish;
mod releases;
mod settings;
mod wire;

pub(super) use landed::{deployed, landings, open_requests, request};
pub(super) use publish::Publishing;
pub(super) use releases::{attach, attachments};
pub(super) use settings::{sees_group, settings};

use super::client::{Client, encoded};
use super::{Asked, Error};
use crate::policy::Needs;
use crate::proposal::{AccountKind, ChangeRequest, CommitId, Person, Proposal, Source, Unknown};
use approvals::Heard;
use futures_util::future::{try_join, try_join3, try_join5};
use wire::{Account, DiffRefs, MergeRequest};

/// A fact, or why it is not known.
type Told<T> = Result<T, String>;

/// How often a merge request is read that changes meanwhile.
const READINGS: usize = 3;

/// One merge request.
#[derive(Clone, Copy)]
struct About<'a> {
    client: &'a Client,
    /// As it stands in an address.
    project: &'a str,
    number: u64,
}

/// The facts that are asked for, of one merge request. Who wrote it and who reviewed it nobody asks where no rule does.
pub(super) async fn proposal(client: &Client, asked: &Asked, needs: &Needs) -> Result<Proposal, Error> {
    let number = asked.change_request.ok_or(Error::NoNumber)?;
    has_name(client)?;
    let project = encoded(&asked.repository);
    let about = About { client, project: &project, number };
    let settled = async { if needs.reviews { Box::pin(about.settled(asked)).await } else { about.outlined(asked).await } };
    let freezes =
        async { if needs.freezes.is_empty() { Ok(None) } else { freezes::freezes(client, &project, asked.is_frozen).await.map(Some) } };
    let (mut proposal, groups, freezes) = try_join3(settled, members::members(client, &needs.teams), freezes).await?;
    proposal.unknown.teams = groups.hidden;
    proposal.teams = groups.members;
    if let Some(told) = freezes {
        proposal.unknown.freezes = told.as_ref().err().cloned();
        proposal.freezes = told.ok();
    }
    Ok(proposal.sorted())
}

/// GitLab shows what is asked to nobody without a name.
fn has_name(client: &Client) -> Result<(), Error> {
    if client.has_token() { Ok(()) } else { Err(Error::NoToken) }
}

impl About<'_> {
    fn path(&self, rest: &str) -> String {
        format!("/v4/projects/{}/merge_requests/{}{rest}", self.project, self.number)
    }

    async fn request(&self) -> Result<MergeRequest, Error> {
        self.client.get(&self.path("")).await
    }

    /// What it says of itself, where nobody asks who had a hand in it.
    async fn outlined(&self, asked: &Asked) -> Result<Proposal, Error> {
        let request = self.request().await?;
        let accounts = self.accounts([&request.author].into_iter()).await?;
        described(asked, &request, accounts.get(&request.author.id))
    }

    /// What is known of what it proposes, from when it began to be read until it was.
    async fn settled(&self, asked: &Asked) -> Result<Proposal, Error> {
        for _ in 0..READINGS {
            let (request, versions, approvals, reviewers, notes) =
                try_join5(self.request(), self.versions(), self.approvals(), self.reviewers(), self.notes()).await?;
            let heard = Heard { versions, approvals, reviewers, notes };
            let proposal = self.known(asked, &request, &heard).await?;
            if heard.head() == request.sha.as_deref() && self.request().await?.sha == request.sha {
                return Ok(proposal);
            }
        }
        Err(Error::Changing { what: format!("merge request {}", self.number) })
    }

    async fn known(&self, asked: &Asked, request: &MergeRequest, heard: &Heard) -> Result<Proposal, Error> {
        let refs = refs(request)?;
        let people = heard.people().chain([&request.author]);
        let (accounts, pushed, (commits, authors)) =
            try_join3(self.accounts(people), self.pushed(request), try_join(self.commits(refs), self.authors(request))).await?;
        let wrote = self.wrote(&commits, &authors).await?;
        let contributors = wrote.and_then(|wrote| {
            let noted: Vec<Person> = contributors::noted(&heard.notes).collect();
            Ok([wrote, pushed?, noted].concat())
        });
        let newest = commit(&refs.head)?;
        let kind = |user: &wire::User| accounts.get(&user.id).map_or(AccountKind::Bot, Account::kind);
        let found = heard.reviews(&newest, request.updated_at, kind)?;
        let mut proposal = described(asked, request, accounts.get(&request.author.id))?;
        proposal.reviews = Some(found.reviews);
        proposal.retargeted_at = heard.retargeted_at();
        proposal.unknown = Unknown { contributors: contributors.as_ref().err().cloned(), reviews: found.unbound, ..Unknown::default() };
        proposal.contributors = contributors.ok();
        proposal.departed = Some(accounts.values().filter(|account| account.is_closed()).map(|account| account.user.person()).collect());
        Ok(proposal)
    }
}

/// What the merge request itself says.
fn described(asked: &Asked, request: &MergeRequest, author: Option<&Account>) -> Result<Proposal, Error> {
    let refs = refs(request)?;
    let mut proposal = Proposal::by(request.author.person(), author.map_or(AccountKind::Bot, Account::kind));
    proposal.repository = Some(asked.repository.clone());
    proposal.change_request = asked.change_request.map(ChangeRequest::Number);
    proposal.base = Some(commit(&refs.base)?);
    proposal.head = Some(commit(&refs.head)?);
    proposal.labels = Some(request.labels.clone());
    proposal.environment.clone_from(&asked.environment);
    proposal.title = Some(request.title.clone());
    proposal.description = Some(request.description.clone().unwrap_or_default());
    proposal.source = Source::Forge;
    Ok(proposal)
}

/// What it compares; GitLab works that out some time after a push.
fn refs(request: &MergeRequest) -> Result<&DiffRefs, Error> {
    let refs = request.diff_refs.as_ref().filter(|refs| request.sha.as_ref() == Some(&refs.head));
    refs.ok_or_else(|| Error::Unusable {
        request: "the merge request".to_owned(),
        why: "GitLab has not worked out yet what it changes: run the job again in a minute".to_owned(),
    })
}

fn commit(sha: &str) -> Result<CommitId, Error> {
    CommitId::try_from(sha.to_owned()).map_err(|why| Error::Unusable { request: "a commit".to_owned(), why })
}

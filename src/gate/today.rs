//! What is judged today, beside what was reviewed and what was authorized.

use super::diff::{Joined, not_contained};
use super::judged::{Judged, OnForge, joined};
use super::policies::Loaded;
use super::{Error, own};
use crate::proposal::{Content, Proposal, Review, ReviewState, ReviewedContent};
use crate::systems::Kind;
use crate::world::forge::Forge;
use crate::world::repository::{Repository, Sides};
use std::sync::Arc;

/// Why nobody knows whether what a plan gives was authorized. Whoever deploys makes it anew, of a state that the repository does not have.
const GENERATED: &str = "what a plan or what was rendered gives is of today, and nobody has that of what was approved; hand in who approved it for \
     these two commits by `--facts`";

/// What reviews are compared with.
pub(super) struct Today<'t> {
    pub(super) judged: &'t Judged,
    pub(super) sides: &'t Sides,
    pub(super) joined: &'t Joined,
    pub(super) policy: &'t Loaded,
    pub(super) edited: &'t [Arc<str>],
    pub(super) proposal: Option<&'t Proposal>,
}

impl Today<'_> {
    /// How the content of a review compares with today's.
    pub(super) fn reviewed(&self, review: &Review) -> ReviewedContent {
        let commit = review.commit.to_string();
        let head = self.sides.head().commit().or_else(|| Some(self.proposal?.head.as_ref()?.to_string()));
        if let Some(why) = self.proposal.and_then(|proposal| proposal.unknown.reviews.get(&review.id)) {
            return ReviewedContent { review: review.id, content: Content::Unknown(why.clone()) };
        }
        let content = match head {
            Some(head) if head == commit => Content::SameCommit,
            _ if review.state != ReviewState::Approved => Content::Unknown("it is no approval".to_owned()),
            _ => self.compared(&commit).unwrap_or_else(|error| Content::Unknown(super::one_line(&error))),
        };
        ReviewedContent { review: review.id, content }
    }

    /// How what landed compares with what was authorized: the change between the two commits of the facts. `None` if they name none.
    pub(super) fn landed(&self) -> Option<Content> {
        if let (None, Some(why)) = (self.proposal, self.judged.forge.as_ref().and_then(|on| on.nobody)) {
            return Some(Content::Unknown(why.to_owned()));
        }
        let (base, head) = (self.proposal?.base.as_ref()?.to_string(), self.proposal?.head.as_ref()?.to_string());
        if (self.sides.base().commit().as_ref(), self.sides.head().commit().as_ref()) == (Some(&base), Some(&head)) {
            return Some(Content::SameCommit);
        }
        let compared = || {
            for commit in [&base, &head] {
                if let Err(why) = self.brought(commit)? {
                    return Ok(why);
                }
            }
            // Losing access is no more than was authorized. A rule that asks for approvals of that finds them missing.
            Ok(match self.contained_in(self.joined, &base, &head)? {
                Content::NotContained(more) if more.iter().all(|entry| entry.kind == Kind::Lost) => Content::Contained,
                Content::NotContained(_) if self.is_contained_without_plans(&base, &head)? => Content::Unknown(GENERATED.to_owned()),
                content => content,
            })
        };
        Some(compared().unwrap_or_else(|error: Error| Content::Unknown(super::one_line(&error))))
    }

    /// The reviewed change is that of the reviewed commit against its own merge base with today's target.
    fn compared(&self, commit: &str) -> Result<Content, Error> {
        let Some(target) = self.sides.base().commit() else {
            return Ok(Content::Unknown("it is of another commit, and without a repository that cannot be compared".to_owned()));
        };
        if let Err(why) = self.brought(commit)? {
            return Ok(why);
        }
        let repository = Repository::open(&self.judged.request.repo)?;
        self.contained_in(self.joined, &repository.merge_base(commit, &target)?, commit)
    }

    /// Sees to it that the clone has a commit. If it has not, the reason.
    fn brought(&self, commit: &str) -> Result<Result<(), Content>, Error> {
        Ok(brought(self.judged, commit)?.map_err(Content::Unknown))
    }

    /// Whether it is only by what a plan or what was rendered gives that more is judged than was in the change between two commits.
    fn is_contained_without_plans(&self, base: &str, commit: &str) -> Result<bool, Error> {
        let request = &self.judged.request;
        if request.plans.is_empty() && request.rendered.is_empty() {
            return Ok(false);
        }
        let plain = joined(request, self.sides, self.policy, &[], &[])?;
        Ok(matches!(self.contained_in(&plain, base, commit)?, Content::Contained))
    }

    /// Whether all of a change of today was in the change between two commits.
    fn contained_in(&self, today: &Joined, base: &str, commit: &str) -> Result<Content, Error> {
        let request = &self.judged.request;
        // What was rendered or planned is today's: nobody has that of the reviewed commit, so what comes of it is not contained.
        let sides = Sides::between(base, commit, &request.repo, request.limits())?;
        if let Some(why) = own::unlike(self.edited, self.sides.head(), &sides, &self.policy.policy)? {
            return Ok(Content::Unknown(why));
        }
        let more = not_contained(today, &joined(request, &sides, self.policy, &[], &[])?);
        Ok(if more.is_empty() { Content::Contained } else { Content::NotContained(more) })
    }
}

/// Sees to it that the clone has a commit; one that was replaced by a push, or whose branch is gone, has to come from the forge. If it does
/// not, the reason.
pub(super) fn brought(judged: &Judged, commit: &str) -> Result<Result<(), String>, Error> {
    let clone = &judged.request.repo;
    if Repository::open(clone)?.contains(commit) {
        return Ok(Ok(()));
    }
    let not_here = format!("commit {} is not in this clone", commit.get(..12).unwrap_or(commit));
    let Some(OnForge { connection, asked, .. }) = &judged.forge else { return Ok(Err(not_here)) };
    let fetched = Forge::connect(connection)?.fetch(&asked.repository, commit, clone);
    Ok(match fetched {
        Ok(()) if Repository::open(clone)?.contains(commit) => Ok(()),
        Ok(()) => Err(not_here),
        Err(why) => Err(format!("{not_here}, and {why}")),
    })
}

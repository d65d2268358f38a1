//! The line of first parents: what became of a branch, merge by merge.

use super::{Error, Repository, git, object};
use chrono::{DateTime, Utc};
use gix::hash::ObjectId;

/// Of a subject that is longer nobody reads the rest.
const LONGEST_SUBJECT: usize = 120;

/// A commit and the state before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its full hex id.
    pub commit: String,
    /// The full hex id of its first parent; `None` where history begins.
    pub parent: Option<String>,
    /// What it merges: the full hex ids of its other parents.
    pub merged: Vec<String>,
    /// When its committer says that it was made. Nobody vouches for that.
    pub committed: DateTime<Utc>,
    /// The first line of its message.
    pub subject: String,
}

/// Why a line goes no further back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// The commit before is older than what was asked for.
    Since,
    /// History begins there.
    Root,
    /// The clone is shallow, and what came before is not in it.
    Shallow,
}

/// Commits of a branch, the newest first.
#[derive(Clone, Debug)]
pub struct Line {
    /// The commits.
    pub steps: Vec<Step>,
    /// Why there are no more.
    pub end: LineEnd,
}

impl Repository {
    /// The commits of a branch back to an instant, by their committers' dates, each with its first parent.
    pub fn line(&self, tip: &str, since: DateTime<Utc>) -> Result<Line, Error> {
        let boundary = self.boundary()?;
        let mut steps = Vec::new();
        let mut next = Some(git::commit(&self.repo, tip)?);
        while let Some(id) = next {
            let (step, parent) = self.step(id)?;
            if step.committed < since {
                return Ok(Line { steps, end: LineEnd::Since });
            }
            if boundary.contains(&id) {
                return Ok(Line { steps, end: LineEnd::Shallow });
            }
            steps.push(step);
            next = parent;
        }
        Ok(Line { steps, end: LineEnd::Root })
    }

    /// The commits that came onto a branch after one of them, the oldest first. `None` if that one is not on the branch's line of first
    /// parents, as far as this clone has it.
    pub fn after(&self, base: &str, tip: &str) -> Result<Option<Vec<Step>>, Error> {
        let (base, boundary) = (git::commit(&self.repo, base)?, self.boundary()?);
        let mut steps = Vec::new();
        let mut next = Some(git::commit(&self.repo, tip)?);
        while let Some(id) = next {
            if id == base {
                steps.reverse();
                return Ok(Some(steps));
            }
            if boundary.contains(&id) {
                return Ok(None);
            }
            let (step, parent) = self.step(id)?;
            steps.push(step);
            next = parent;
        }
        Ok(None)
    }

    /// A commit, and its first parent.
    fn step(&self, id: ObjectId) -> Result<(Step, Option<ObjectId>), Error> {
        let malformed = || object::malformed(id, "it is not a commit that can be read");
        let commit = object::find(&self.repo, id)?.try_into_commit().map_err(|_| malformed())?;
        let seconds = commit.time().map_err(|_| malformed())?.seconds;
        let committed = DateTime::from_timestamp(seconds, 0).ok_or_else(malformed)?;
        let mut parents = commit.parent_ids().map(gix::Id::detach);
        let parent = parents.next();
        let merged = parents.map(|id| id.to_string()).collect();
        let message = commit.message_raw_sloppy().to_string();
        let subject = message.lines().next().unwrap_or_default().chars().take(LONGEST_SUBJECT).collect();
        Ok((Step { commit: id.to_string(), parent: parent.map(|id| id.to_string()), merged, committed, subject }, parent))
    }
}

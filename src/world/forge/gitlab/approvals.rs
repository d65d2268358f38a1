//! Who approves, and of what. GitLab keeps who approves and since when, and not which commit they saw: that is the head of the version that
//! was the newest at that instant.

use super::wire::{Approval, Approvals, Note, Reviewer, User, Version};
use super::{About, Error, commit};
use crate::proposal::{AccountKind, CommitId, Review, ReviewState};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What GitLab notes when somebody approves, before it says when in the approval itself.
const APPROVED: &str = "approved this merge request";

/// What it notes when somebody asks for changes.
const REQUESTED: &str = "requested changes";

/// What it notes when somebody aims the merge request at another branch, and how it goes on when that was because a branch was deleted.
const RETARGETED: [&str; 2] = ["changed target branch from ", "This merge request now targets the "];

/// What GitLab has of approvals.
#[derive(Debug)]
pub(super) struct Heard {
    /// Everything that was ever proposed.
    pub(super) versions: Vec<Version>,
    pub(super) approvals: Vec<Approval>,
    pub(super) reviewers: Vec<Reviewer>,
    pub(super) notes: Vec<Note>,
}

/// Reviews, and why it is not known of some which commit they are about.
#[derive(Debug, Default)]
pub(super) struct Reviews {
    pub(super) reviews: Vec<Review>,
    pub(super) unbound: BTreeMap<u64, String>,
}

impl About<'_> {
    pub(super) async fn versions(&self) -> Result<Vec<Version>, Error> {
        self.client.list(&self.path("/versions")).await
    }

    pub(super) async fn approvals(&self) -> Result<Vec<Approval>, Error> {
        Ok(self.client.get::<Approvals>(&self.path("/approvals")).await?.approved_by)
    }

    pub(super) async fn reviewers(&self) -> Result<Vec<Reviewer>, Error> {
        self.client.list(&self.path("/reviewers")).await
    }

    pub(super) async fn notes(&self) -> Result<Vec<Note>, Error> {
        self.client.list(&self.path("/notes?order_by=created_at&sort=asc")).await
    }
}

impl Heard {
    /// Whoever approves or asks for changes.
    pub(super) fn people(&self) -> impl Iterator<Item = &User> {
        self.approvals.iter().map(|approval| &approval.user).chain(self.objections())
    }

    /// What is proposed now, if anything is.
    pub(super) fn head(&self) -> Option<&str> {
        self.versions.iter().max_by_key(|version| (version.created_at, version.id))?.head_commit_sha.as_deref()
    }

    /// When it was last aimed at another branch. The same commit is another change there.
    pub(super) fn retargeted_at(&self) -> Option<DateTime<Utc>> {
        let [by_hand, by_deletion] = RETARGETED;
        let retargets = |note: &&Note| note.system && (note.body.starts_with(by_hand) || note.body.contains(by_deletion));
        self.notes.iter().filter(retargets).map(|note| note.created_at).max()
    }

    fn objections(&self) -> impl Iterator<Item = &User> {
        self.reviewers.iter().filter(|reviewer| reviewer.state == "requested_changes").map(|reviewer| &reviewer.user)
    }

    /// The approvals that stand, and who asks for changes. `head` is what is proposed now, and `now` the last that happened.
    pub(super) fn reviews(&self, head: &CommitId, now: DateTime<Utc>, kind: impl Fn(&User) -> AccountKind) -> Result<Reviews, Error> {
        let review = |id, user: &User, state, submitted_at, commit| Review {
            submitted_at,
            id,
            kind: kind(user),
            author: user.person(),
            state,
            commit,
        };
        let mut found = Reviews::default();
        for Approval { user, approved_at } in &self.approvals {
            let at = approved_at.or_else(|| Some(self.noted(user, APPROVED)?.created_at)).ok_or_else(|| timeless(user))?;
            // An approval has no number, and everybody has one at most.
            let id = user.id;
            let seen = match newest_before(&self.versions, at) {
                Ok(sha) => commit(sha)?,
                Err(why) => {
                    found.unbound.insert(id, format!("{why}; approve again"));
                    head.clone()
                }
            };
            found.reviews.push(review(id, user, ReviewState::Approved, at, seen));
        }
        for user in self.objections() {
            // Where it is not known since when, it came after everything else.
            let (id, at) = self.noted(user, REQUESTED).map_or((user.id, now), |note| (note.id, note.created_at));
            found.reviews.push(review(id, user, ReviewState::ChangesRequested, at, head.clone()));
        }
        Ok(found)
    }

    /// The last time that GitLab noted this of somebody.
    fn noted(&self, user: &User, body: &str) -> Option<&Note> {
        let notes = self.notes.iter().filter(|note| note.system && note.author.id == user.id && note.body == body);
        notes.max_by_key(|note| (note.created_at, note.id))
    }
}

/// What was proposed just before an instant: nobody can have seen what came with it or later.
fn newest_before(versions: &[Version], at: DateTime<Utc>) -> Result<&str, String> {
    let before = versions.iter().filter(|version| version.created_at < at).max_by_key(|version| (version.created_at, version.id));
    let seen = before.ok_or("GitLab had no version of the merge request when it was given")?;
    seen.head_commit_sha.as_deref().ok_or_else(|| format!("version {} of the merge request, of which it was given, has no commit", seen.id))
}

fn timeless(user: &User) -> Error {
    Error::Unusable {
        request: "the approvals".to_owned(),
        why: format!("GitLab does not say when {} approved, neither there nor in the notes", user.username),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u32) -> DateTime<Utc> {
        format!("2026-01-05T09:{minute:02}:00.500Z").parse().unwrap()
    }

    fn version(id: u64, minute: u32, head: char) -> Version {
        Version { id, head_commit_sha: Some(head.to_string().repeat(40)), created_at: at(minute) }
    }

    fn bob() -> User {
        User { id: 1002, username: "bob".to_owned() }
    }

    fn note(id: u64, minute: u32, body: &str) -> Note {
        Note { id, author: bob(), body: body.to_owned(), system: true, created_at: at(minute) }
    }

    /// Two versions; Bob approved at that minute, if GitLab says when.
    fn heard(minute: Option<u32>) -> Heard {
        let approvals = vec![Approval { user: bob(), approved_at: minute.map(at) }];
        Heard { versions: vec![version(2, 20, 'b'), version(1, 10, 'a')], approvals, reviewers: Vec::new(), notes: Vec::new() }
    }

    fn reviews(heard: &Heard) -> Result<Reviews, Error> {
        let newest = commit(heard.head().unwrap()).unwrap();
        heard.reviews(&newest, at(59), |_| AccountKind::User)
    }

    #[track_caller]
    fn binds(heard: &Heard, version: char) {
        let found = reviews(heard).unwrap();
        assert_eq!((found.reviews[0].commit.as_str(), found.unbound.len()), (&*version.to_string().repeat(40), 0));
    }

    #[test]
    fn an_approval_is_of_the_version_that_was_the_newest() {
        binds(&heard(Some(11)), 'a');
        binds(&heard(Some(21)), 'b');
    }

    #[test]
    fn what_came_in_the_same_instant_nobody_has_seen() {
        binds(&heard(Some(20)), 'a');
    }

    #[test]
    fn an_approval_before_there_was_anything_to_see_is_of_nothing() {
        for minute in [9, 10] {
            let found = reviews(&heard(Some(minute))).unwrap();
            assert_eq!(found.unbound[&1002], "GitLab had no version of the merge request when it was given; approve again");
        }
        let mut heard = heard(Some(21));
        heard.versions.push(Version { id: 3, head_commit_sha: None, created_at: at(15) });
        heard.versions.remove(0);
        let newest = commit(&"b".repeat(40)).unwrap();
        let found = heard.reviews(&newest, at(59), |_| AccountKind::User).unwrap();
        assert!(found.unbound[&1002].contains("version 3 of the merge request"), "{found:?}");
    }

    #[test]
    fn an_older_gitlab_says_in_a_note_when_somebody_approved() {
        let mut heard = heard(None);
        let said = reviews(&heard).unwrap_err().to_string();
        assert!(said.contains("does not say when bob approved"), "{said}");
        heard.notes = vec![note(1, 11, APPROVED), note(2, 12, "unapproved this merge request"), note(3, 21, APPROVED)];
        binds(&heard, 'b');
        for note in &mut heard.notes {
            note.system = false;
        }
        assert!(reviews(&heard).is_err(), "anybody can write such a note");
    }

    #[test]
    fn it_is_known_when_it_was_aimed_at_another_branch() {
        let mut heard = heard(Some(21));
        assert_eq!(heard.retargeted_at(), None);
        let deleted = "deleted the `stack` branch. This merge request now targets the `main` branch";
        heard.notes =
            vec![note(1, 22, "changed target branch from `dev` to `stack`"), note(2, 23, deleted), note(3, 24, "changed the description")];
        assert_eq!(heard.retargeted_at(), Some(at(23)));
        for note in &mut heard.notes {
            note.system = false;
        }
        assert_eq!(heard.retargeted_at(), None, "anybody can write such a note");
    }

    #[test]
    fn who_asks_for_changes_takes_an_approval_back() {
        let mut heard = heard(Some(21));
        heard.reviewers = vec![Reviewer { user: bob(), state: "requested_changes".to_owned() }];
        let found = reviews(&heard).unwrap();
        assert_eq!((found.reviews[1].state, found.reviews[1].submitted_at), (ReviewState::ChangesRequested, at(59)));
        heard.notes = vec![note(7, 30, REQUESTED)];
        let found = reviews(&heard).unwrap();
        assert_eq!((found.reviews[1].id, found.reviews[1].submitted_at), (7, at(30)));
    }
}

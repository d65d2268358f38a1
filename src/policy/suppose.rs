//! Facts that somebody supposes, to ask what a policy would say. A decision that they lead to is an answer to a question, and opens no
//! gate.

use super::Policy;
use crate::document::nearest;
use crate::proposal::{AccountKind, CommitId, Person, Proposal, Review, ReviewState};
use chrono::{DateTime, Utc};

/// What is supposed besides the facts that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supposed {
    /// Who opened the change.
    pub author: Option<Person>,
    /// Who approves it as it is.
    pub approvals: Vec<Person>,
    /// Labels that it carries besides.
    pub labels: Vec<String>,
}

/// An author of whom nothing is known. Nobody has this id, so that nobody is excluded for having written the change.
fn stranger() -> Person {
    Person { id: 0, login: "somebody in no group".to_owned() }
}

/// Content that is no commit's has this name.
fn no_commit() -> Option<CommitId> {
    CommitId::try_from("0".repeat(40)).ok()
}

impl Supposed {
    /// The facts, with what is supposed. Where none are known, somebody in no group opened the change, nobody else had a part in it,
    /// nobody has reviewed or labelled it, its request says nothing yet, its access is new, and no review of an exception is owed.
    pub fn with(&self, known: Option<Proposal>, head: Option<CommitId>, now: DateTime<Utc>) -> Proposal {
        let mut proposal = known.unwrap_or_else(|| unreviewed(stranger()));
        if let Some(author) = &self.author {
            proposal.author = author.clone();
        }
        let head = head.or_else(|| proposal.head.clone()).or_else(no_commit);
        proposal.head.clone_from(&head);
        let approvals = self.approvals.iter().zip(head.iter().cycle());
        let mut reviews = proposal.reviews.take();
        for (person, head) in approvals {
            let reviews = reviews.get_or_insert_default();
            let id = reviews.iter().map(|review| review.id).max().map_or(1, |last| last.saturating_add(1));
            reviews.push(approval(id, person, head, now));
        }
        proposal.reviews = reviews;
        if !self.labels.is_empty() {
            proposal.labels.get_or_insert_default().extend(self.labels.iter().cloned());
        }
        proposal.sorted()
    }
}

fn unreviewed(author: Person) -> Proposal {
    Proposal {
        contributors: Some(Vec::new()),
        reviews: Some(Vec::new()),
        labels: Some(Vec::new()),
        title: Some(String::new()),
        description: Some(String::new()),
        renewals: Some(0),
        departed: Some(Vec::new()),
        overrides: Some(Vec::new()),
        ..Proposal::by(author, AccountKind::User)
    }
}

fn approval(id: u64, person: &Person, head: &CommitId, now: DateTime<Utc>) -> Review {
    let (author, commit) = (person.clone(), head.clone());
    Review { submitted_at: now, id, author, kind: AccountKind::User, state: ReviewState::Approved, commit }
}

impl Policy {
    /// The person with this login, or a sentence that names the nearest.
    pub fn known_person(&self, login: &str) -> Result<Person, String> {
        self.everybody.iter().find(|person| person.login == login).cloned().ok_or_else(|| {
            let logins: Vec<&str> = self.everybody.iter().map(|person| person.login.as_str()).collect();
            match nearest(login, &logins) {
                Some(near) => format!("`{login}` is no user of the policy; did you mean `{near}`?"),
                None => format!("`{login}` is no user of the policy; it knows {}", super::words::quoted(&logins, "and")),
            }
        })
    }
}

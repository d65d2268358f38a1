//! What is asked. Everything that is asked has to be so; what is not asked does not matter.

use super::gist::{Gist, Given, Instant};
use crate::access::Glob;
use crate::attestation::authorization::v1::Record;
use chrono::{DateTime, Utc};

/// A question.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The commit after the change, or the beginning of its id.
    pub commit: Option<String>,
    /// The change request: its number, or its address.
    pub change_request: Option<String>,
    /// Somebody who wrote it or approved it: a login or an id.
    pub person: Option<String>,
    /// Somebody who approved it.
    pub approved_by: Option<String>,
    /// Who came to have the access; `*` stands for anything.
    pub holder: Option<String>,
    /// The world in which the access holds.
    pub realm: Option<String>,
    /// Something that may be done since: a part covers it, in whatever words it was granted.
    pub action: Option<String>,
    /// On what.
    pub resource: Option<String>,
    /// What kind of record.
    pub record: Option<Record>,
    /// Whether it passed otherwise than by everything that was asked.
    pub overridden: bool,
    /// Decided for this instant or later.
    pub since: Option<DateTime<Utc>>,
    /// Decided for an earlier instant.
    pub until: Option<DateTime<Utc>>,
}

impl Question {
    /// Whether the record of which this is the gist is an answer.
    pub fn is_answered_by(&self, gist: &Gist<'_>) -> bool {
        self.commit.as_ref().is_none_or(|commit| !commit.is_empty() && gist.commit.starts_with(commit))
            && self.change_request.as_ref().is_none_or(|request| gist.change_request == Some(request))
            && self.person.as_ref().is_none_or(|person| is_among(person, &gist.authors) || is_among(person, &gist.approvers))
            && self.approved_by.as_ref().is_none_or(|person| is_among(person, &gist.approvers))
            && self.record.is_none_or(|kind| gist.record == kind)
            && (!self.overridden || gist.is_exception)
            && self.since.is_none_or(|since| gist.decided >= instant(since))
            && self.until.is_none_or(|until| gist.decided < instant(until))
            && (!self.is_about_access() || gist.given.iter().any(|given| self.is_covered_by(given)))
    }

    fn is_about_access(&self) -> bool {
        self.holder.is_some() || self.realm.is_some() || self.action.is_some() || self.resource.is_some()
    }

    /// Whether one part gives all of what is asked.
    fn is_covered_by(&self, given: &Given<'_>) -> bool {
        self.holder.as_ref().is_none_or(|holder| Glob::parse(holder).matches_text(given.holder))
            && self.realm.as_ref().is_none_or(|realm| Glob::parse(realm).matches_text(given.realm))
            && self.action.as_ref().is_none_or(|action| within(action, &given.actions, &given.except_actions, given.folds))
            && self.resource.as_ref().is_none_or(|resource| within(resource, &given.resources, &given.except_resources, false))
    }
}

fn instant(at: DateTime<Utc>) -> Instant {
    (at.timestamp(), at.timestamp_subsec_nanos())
}

fn is_among(person: &str, people: &[(&str, u64)]) -> bool {
    people.iter().any(|(login, id)| *login == person || id.to_string() == person)
}

/// Whether some pattern takes what is asked and no exception takes all of it. What is asked may be a pattern itself: `iam:*` is covered by
/// `*`, and `s3:GetObject` is something of `s3:*`.
fn within(asked: &str, patterns: &[&str], exceptions: &[&str], folds: bool) -> bool {
    let glob = |text: &str| if folds { Glob::parse(&text.to_lowercase()) } else { Glob::parse(text) };
    let asked = glob(asked);
    let takes = |pattern: &Glob| pattern.plainly_covers(&asked) || asked.plainly_covers(pattern);
    patterns.iter().any(|pattern| takes(&glob(pattern))) && !exceptions.iter().any(|exception| glob(exception).plainly_covers(&asked))
}

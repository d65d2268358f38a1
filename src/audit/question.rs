//! What is asked. Everything that is asked has to be so; what is not asked does not matter.

use crate::access::{Glob, Word};
use crate::attestation::Moment;
use crate::attestation::authorization::v1::{Authorization, Part, Record};
use crate::systems::{Kind, actions_fold_case};
use chrono::{DateTime, Utc};
use serde_json::Value;

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
    /// Whether a record is an answer.
    pub fn is_answered_by(&self, record: &Authorization) -> bool {
        let Moment(decided) = record.decision.decided_at;
        self.commit.as_ref().is_none_or(|commit| !commit.is_empty() && record.head.commit.as_str().starts_with(commit))
            && self.change_request.as_ref().is_none_or(|request| record.change_request.as_ref() == Some(request))
            && self.person.as_ref().is_none_or(|person| wrote(record, person) || approved(record, person))
            && self.approved_by.as_ref().is_none_or(|person| approved(record, person))
            && self.record.is_none_or(|kind| record.record == kind)
            && (!self.overridden || record.exception.is_some())
            && self.since.is_none_or(|since| decided >= since)
            && self.until.is_none_or(|until| decided < until)
            && (!self.is_about_access() || record.change.parts.iter().any(|part| self.covers(part)))
    }

    fn is_about_access(&self) -> bool {
        self.holder.is_some() || self.realm.is_some() || self.action.is_some() || self.resource.is_some()
    }

    /// Whether one part gives all of what is asked. What is lost gives nothing; what cannot be told may give anything.
    fn covers(&self, part: &Part) -> bool {
        let folds = part.system.as_deref().is_some_and(actions_fold_case);
        part.kind != Kind::Lost
            && self.holder.as_ref().is_none_or(|holder| matches(holder, &part.holder))
            && self.realm.as_ref().is_none_or(|realm| matches(realm, &part.realm))
            && self.action.as_ref().is_none_or(|action| within(action, &part.actions, &part.except_actions, folds))
            && self.resource.as_ref().is_none_or(|resource| within(resource, &part.resources, &part.except_resources, false))
    }
}

/// Author and contributors, by login and id.
pub fn authors(record: &Authorization) -> Vec<(String, u64)> {
    let Some(content) = record.facts.as_ref().map(|facts| &facts.content) else { return Vec::new() };
    let author = content.get("author").into_iter();
    let others = content.get("contributors").and_then(Value::as_array).into_iter().flatten();
    let person = |value: &Value| Some((value.get("login")?.as_str()?.to_owned(), value.get("id")?.as_u64()?));
    let mut people: Vec<(String, u64)> = author.chain(others).filter_map(person).collect();
    people.dedup();
    people
}

fn wrote(record: &Authorization, person: &str) -> bool {
    authors(record).iter().any(|(login, id)| login == person || id.to_string() == person)
}

fn approved(record: &Authorization, person: &str) -> bool {
    record.approvals.iter().any(|approval| approval.login == person || approval.actor_id.to_string() == person)
}

fn matches(pattern: &str, text: &str) -> bool {
    Glob::parse(pattern).matches(&Word::plain(text))
}

/// Whether some pattern takes what is asked and no exception takes all of it. What is asked may be a pattern itself: `iam:*` is covered by
/// `*`, and `s3:GetObject` is something of `s3:*`.
fn within(asked: &str, patterns: &[String], exceptions: &[String], folds: bool) -> bool {
    let fold = |text: &str| if folds { text.to_lowercase() } else { text.to_owned() };
    let asked = Glob::parse(&fold(asked));
    let glob = |pattern: &String| Glob::parse(&fold(pattern));
    let takes = |pattern: &Glob| pattern.plainly_covers(&asked) || asked.plainly_covers(pattern);
    patterns.iter().map(glob).any(|pattern| takes(&pattern))
        && !exceptions.iter().map(glob).any(|exception| exception.plainly_covers(&asked))
}

//! What can be asked about a record, and nothing else of it: little enough to be kept for every record of a ledger.

use crate::attestation::Moment;
use crate::attestation::authorization::v1::{Authorization, Part, Record};
use crate::systems::{Kind, actions_fold_case};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An instant, as seconds since 1970 and nanoseconds: in the order of time.
pub(super) type Instant = (i64, u32);

/// Somebody: a login and an id.
type Person<'r> = (&'r str, u64);

/// What a [`Question`](super::Question) looks at. It borrows from the record, or from the bytes of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gist<'r> {
    pub(super) record: Record,
    pub(super) commit: &'r str,
    pub(super) change_request: Option<&'r str>,
    pub(super) decided: Instant,
    /// Whether it passed otherwise than by everything that was asked.
    pub(super) is_exception: bool,
    #[serde(borrow)]
    pub(super) authors: Vec<Person<'r>>,
    #[serde(borrow)]
    pub(super) approvers: Vec<Person<'r>>,
    #[serde(borrow)]
    pub(super) given: Vec<Given<'r>>,
}

/// A part that gives something, or may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Given<'r> {
    /// Whether capitals do not matter in its actions.
    pub(super) folds: bool,
    pub(super) holder: &'r str,
    pub(super) realm: &'r str,
    #[serde(borrow)]
    pub(super) actions: Vec<&'r str>,
    #[serde(borrow)]
    pub(super) except_actions: Vec<&'r str>,
    #[serde(borrow)]
    pub(super) resources: Vec<&'r str>,
    #[serde(borrow)]
    pub(super) except_resources: Vec<&'r str>,
}

impl<'r> Gist<'r> {
    /// Of a record.
    pub fn of(record: &'r Authorization) -> Self {
        let Moment(decided) = record.decision.decided_at;
        Self {
            record: record.record,
            commit: record.head.commit.as_str(),
            change_request: record.change_request.as_deref(),
            decided: (decided.timestamp(), decided.timestamp_subsec_nanos()),
            is_exception: record.exception.is_some(),
            authors: authors(record),
            approvers: record.approvals.iter().map(|approval| (&*approval.login, approval.actor_id)).collect(),
            // What is lost gives nothing; what cannot be told may give anything.
            given: record.change.parts.iter().filter(|part| part.kind != Kind::Lost).map(Given::of).collect(),
        }
    }
}

impl<'b> Gist<'b> {
    /// From these bytes, if they are one and nothing else.
    pub fn read(bytes: &'b [u8]) -> Option<Self> {
        postcard::take_from_bytes(bytes).ok().and_then(|(gist, rest)| rest.is_empty().then_some(gist))
    }

    /// As bytes.
    pub fn written(&self) -> postcard::Result<Vec<u8>> {
        postcard::to_allocvec(self)
    }
}

impl<'r> Given<'r> {
    fn of(part: &'r Part) -> Self {
        let texts = |texts: &'r [String]| texts.iter().map(String::as_str).collect();
        Self {
            folds: part.system.as_deref().is_some_and(actions_fold_case),
            holder: &part.holder,
            realm: &part.realm,
            actions: texts(&part.actions),
            except_actions: texts(&part.except_actions),
            resources: texts(&part.resources),
            except_resources: texts(&part.except_resources),
        }
    }
}

/// Author and contributors, by login and id.
pub fn authors(record: &Authorization) -> Vec<Person<'_>> {
    let Some(content) = record.facts.as_ref().map(|facts| &facts.content) else { return Vec::new() };
    let author = content.get("author").into_iter();
    let others = content.get("contributors").and_then(Value::as_array).into_iter().flatten();
    let mut people: Vec<Person<'_>> = author.chain(others).filter_map(person).collect();
    people.dedup();
    people
}

fn person(value: &Value) -> Option<Person<'_>> {
    Some((value.get("login")?.as_str()?, value.get("id")?.as_u64()?))
}

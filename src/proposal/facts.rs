//! Reading a facts file.

use super::{AccountKind, ChangeId, ChangeRequest, GlassRequest, Override, Person, Proposal, Review};
use crate::diagnostic::{Diagnostic, Remarks, Way, only_document};
use crate::document::{File, from_node_fully, schema_of};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Whether a text can be the name of an environment. One with a blank at an end would be another than the one that rules name.
pub(crate) fn is_environment(name: &str) -> bool {
    !name.is_empty() && name.trim() == name
}

impl Proposal {
    /// The facts in a file, or everything that is wrong with them. `now`: no fact is from the future.
    pub fn read(file: &File, now: DateTime<Utc>) -> Result<Self, Vec<Diagnostic>> {
        let document = only_document(file, "facts file", "author:").map_err(|diagnostic| vec![diagnostic])?;
        let told = |problem| Diagnostic::in_file(problem, file);
        let proposal: Self = from_node_fully(document).map_err(|problems| problems.into_iter().map(told).collect::<Vec<_>>())?;
        let mut remarks = Remarks::new(file, document);
        proposal.check(&Way::root(), now, &mut remarks);
        if remarks.has_error() { Err(remarks.into_sorted()) } else { Ok(proposal.sorted()) }
    }

    /// Everything that is wrong with facts that stand at the end of this way in some file. `now`: no fact is from the future.
    pub fn check(&self, root: &Way, now: DateTime<Utc>, remarks: &mut Remarks<'_>) {
        if let Some(request) = &self.change_request {
            check_request(request, &root.key("change-request"), remarks);
        }
        check_person(&self.author, &root.key("author"), remarks);
        for (index, person) in self.contributors.iter().flatten().enumerate() {
            check_person(person, &root.key("contributors").item(index), remarks);
        }
        if let Some(person) = &self.asked_by {
            check_person(person, &root.key("asked-by"), remarks);
            if self.author_kind == AccountKind::User {
                let message = "somebody asked for a change whose author is no bot";
                remarks.error(&root.key("asked-by"), "asked-by", message, "name whoever had a part in it under `contributors`");
            }
        }
        if self.environment.as_ref().is_some_and(|name| !is_environment(name)) {
            let message = "this names no environment";
            remarks.error(
                &root.key("environment"),
                "environment",
                message,
                "write its name, without blanks around it, or leave the key out",
            );
        }
        for (team, people) in &self.teams {
            for (index, person) in people.iter().enumerate() {
                check_person(person, &root.key("teams").key(team).item(index), remarks);
            }
        }
        for (index, person) in self.departed.iter().flatten().enumerate() {
            check_person(person, &root.key("departed").item(index), remarks);
        }
        if let Some(freezes) = &self.freezes {
            freezes.check(&root.key("freezes"), remarks);
        }
        if let Some(request) = &self.break_glass {
            check_glass(request, now, &root.key("break-glass"), remarks);
        }
        for (index, passed) in self.overrides.iter().flatten().enumerate() {
            check_override(passed, now, &root.key("overrides").item(index), remarks);
        }
        if let Some(landed) = self.landed_at {
            check_time(landed, now, "the landing", &root.key("landed-at"), remarks);
        }
        if let Some(at) = self.retargeted_at {
            check_time(at, now, "the change of the branch that it goes to", &root.key("retargeted-at"), remarks);
        }
        check_reviews(self.reviews.as_deref().unwrap_or_default(), root, now, remarks);
    }

    /// Whether it was written first or last says nothing.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        if let Some(people) = &mut self.contributors {
            people.sort();
            people.dedup();
        }
        if let Some(labels) = &mut self.labels {
            labels.sort();
            labels.dedup();
        }
        if let Some(reviews) = &mut self.reviews {
            reviews.sort();
        }
        if let Some(overrides) = &mut self.overrides {
            overrides.sort_by_key(|passed| (passed.passed_at, passed.change.to_string()));
        }
        self
    }
}

fn check_person(person: &Person, way: &Way, remarks: &mut Remarks<'_>) {
    if person.id == 0 {
        remarks.error(&way.key("id"), "person-id", "nobody has the id 0", "write the forge's immutable user id");
    }
    if person.login.trim().is_empty() {
        remarks.error(&way.key("login"), "person-login", "a login is not empty", "write the name that people know");
    }
}

fn check_reviews(reviews: &[Review], root: &Way, now: DateTime<Utc>, remarks: &mut Remarks<'_>) {
    let mut ids = BTreeSet::new();
    for (index, review) in reviews.iter().enumerate() {
        let way = root.key("reviews").item(index);
        check_person(&review.author, &way.key("author"), remarks);
        if !ids.insert(review.id) {
            let message = format!("two reviews have the id {}", review.id);
            remarks.error(&way.key("id"), "duplicate-review", message, "keep the one that the forge has");
        }
        check_time(review.submitted_at, now, "this review", &way.key("submitted-at"), remarks);
    }
}

fn check_time(time: DateTime<Utc>, now: DateTime<Utc>, what: &str, way: &Way, remarks: &mut Remarks<'_>) {
    if time > now {
        let message = format!("{what} is from the future: it is {} now", now.format("%Y-%m-%dT%H:%M:%SZ"));
        remarks.error(way, "future-time", message, "write the time at which the forge received it");
    }
}

fn check_request(request: &ChangeRequest, way: &Way, remarks: &mut Remarks<'_>) {
    if let ChangeRequest::Url(url) = request
        && !url.starts_with("https://")
    {
        let message = format!("`{url}` is neither a number nor an address");
        remarks.error(way, "wrong-value", message, "write the number, or an address with `https://`");
    }
}

fn check_glass(request: &GlassRequest, now: DateTime<Utc>, way: &Way, remarks: &mut Remarks<'_>) {
    check_person(&request.requested_by, &way.key("requested-by"), remarks);
    check_time(request.requested_at, now, "this request", &way.key("requested-at"), remarks);
    for (key, text) in [("reason", &request.reason), ("ticket", &request.ticket)] {
        if text.trim().is_empty() {
            remarks.error(&way.key(key), "empty-text", "this says nothing", "write what whoever asked has written");
        }
    }
}

fn check_override(passed: &Override, now: DateTime<Utc>, way: &Way, remarks: &mut Remarks<'_>) {
    if let ChangeId::Request(request) = &passed.change {
        check_request(request, &way.key("change"), remarks);
    }
    check_time(passed.passed_at, now, "this change", &way.key("passed-at"), remarks);
    for (index, person) in passed.people.iter().enumerate() {
        check_person(person, &way.key("people").item(index), remarks);
    }
    if passed.people.is_empty() {
        let help = "name whoever wrote it, asked for it, agreed to it or put it there";
        remarks.error(&way.key("people"), "empty-list", "somebody had a part in it", help);
    }
    if let Some(review) = &passed.review {
        let way = way.key("review");
        check_person(&review.author, &way.key("author"), remarks);
        check_time(review.submitted_at, now, "this review", &way.key("submitted-at"), remarks);
    }
}

/// The JSON Schema of a facts file.
pub fn schema() -> schemars::Schema {
    schema_of::<Proposal>()
}

//! Reading a facts file.

use super::{AccountKind, ChangeRequest, Person, Proposal, Review};
use crate::diagnostic::{Diagnostic, Remarks, Way, only_document};
use crate::document::{File, from_node_fully, schema_of};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

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
        if let Some(ChangeRequest::Url(url)) = &self.change_request
            && !url.starts_with("https://")
        {
            let message = format!("`{url}` is neither a number nor an address");
            remarks.error(&root.key("change-request"), "wrong-value", message, "write the number, or an address with `https://`");
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
        if review.submitted_at > now {
            let message = format!("this review is from the future: it is {} now", now.format("%Y-%m-%dT%H:%M:%SZ"));
            remarks.error(&way.key("submitted-at"), "future-time", message, "write the time at which the forge received it");
        }
    }
}

/// The JSON Schema of a facts file.
pub fn schema() -> schemars::Schema {
    schema_of::<Proposal>()
}

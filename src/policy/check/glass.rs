//! `break-glass`: what the names in it mean.

use super::super::file;
use super::super::glass::{BreakGlass, NAME};
use super::names;
use super::rules::Reader;
use crate::diagnostic::{Remarks, Way};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Reader<'_, '_> {
    /// Nothing if there is none, or if some name in it means nothing.
    pub(super) fn break_glass(&mut self) -> Option<BreakGlass> {
        let written = self.context.written.break_glass.as_ref()?;
        let way = Way::root().key(NAME);
        reserve_name(&self.context.written.rules, self.remarks);
        let requested_by = self.askers(written, &way.key("requested-by"));
        let review_from = self.group(&written.review.from, &way.key("review").key("from"));
        Some(BreakGlass {
            place: self.remarks.place(&way),
            requested_by,
            approvals: self.approvals(Some(&written.approvals), &way.key("approvals")),
            scope: self.selector(&written.scope, &way.key("scope")),
            longest: written.longest,
            review_from: review_from?,
            review_within: written.review.within,
        })
    }

    fn askers(&mut self, written: &file::BreakGlass, way: &Way) -> BTreeSet<Arc<str>> {
        names::list(&written.requested_by, way, self.remarks);
        self.groups(&written.requested_by, way)
    }
}

/// A rule of that name could not be told from what is asked here.
pub(super) fn reserve_name(rules: &[file::Rule], remarks: &mut Remarks<'_>) {
    if let Some(index) = rules.iter().position(|rule| rule.name == NAME) {
        let message = format!("`{NAME}` is what the key of that name asks");
        remarks.error(&Way::root().key("rules").item(index).key("name"), "duplicate-name", message, "give the rule another name");
    }
}

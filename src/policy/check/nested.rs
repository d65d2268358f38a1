//! The policies of directories below the root: rules, and nothing by which less would be asked.

use super::super::filters::Numbering;
use super::super::include::POLICY_REPOSITORY;
use super::super::packs;
use super::super::{Policy, Rule};
use super::{Context, Defined, Draft, Known, glass, needs, rules};
use crate::diagnostic::{Diagnostic, Remarks, Way};
use crate::document::File;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What it may say. Who people are, where things are and which roles there are is said once, at the root.
const KEYS: [&str; 4] = ["version", "include", "needs", "rules"];

/// The policy of a directory.
#[derive(Debug)]
pub struct Nested<'f> {
    pub(super) directory: Arc<str>,
    draft: Draft<'f>,
}

impl<'f> Nested<'f> {
    /// A policy that could be read, and the directory that it is about, without a slash at its end; empty for the whole repository.
    pub fn new(directory: Arc<str>, draft: Draft<'f>) -> Self {
        Self { directory, draft }
    }

    /// As it was read.
    pub(super) fn draft(&self) -> &Draft<'f> {
        &self.draft
    }

    /// Where it stands.
    pub(super) fn path(&self) -> &str {
        &self.draft.file.path
    }

    /// What its writer has probably overlooked.
    pub(super) fn oversights(&self, policy: &Policy) -> Vec<Diagnostic> {
        let mut remarks = Remarks::new(self.draft.file, &self.draft.document);
        let decides = policy.delegations.iter().any(|delegation| delegation.directory == self.directory);
        let allows = self.draft.written.rules.iter().enumerate().filter(|(_, rule)| !decides && rule.allow == Some(true));
        for (index, _) in allows {
            let message = "this lifts nothing: the policy of a directory only adds to what the root asks";
            let help = "remove the rule, or have the directory delegated by the policy at the root";
            remarks.warning(&Way::root().key("rules").item(index).key("allow"), "allow-without-effect", message, help);
        }
        self.draft.about_unknown(&mut remarks);
        if decides {
            self.draft.about_rules(&mut remarks);
        }
        remarks.into_sorted()
    }

    /// Its rules, which may use the names that the root defines. What is wrong is told at its places.
    pub(super) fn rules(
        &self,
        known: &Known<'_>,
        defined: &Defined,
        numbering: &mut Numbering,
        elsewhere: &mut Vec<Diagnostic>,
    ) -> Vec<Rule> {
        let Draft { file, document, written, unread, calendars, .. } = &self.draft;
        let mut remarks = Remarks::new(file, document);
        for (key, _) in document.entries().unwrap_or_default() {
            if let Some(name) = key.scalar().map(|key| &*key.text).filter(|name| !KEYS.contains(name)) {
                let message = format!("`{name}` is for the policy of the whole repository to say");
                let help = format!("move it there: the policy of a directory has {}", KEYS.map(|key| format!("`{key}`")).join(", "));
                remarks.error(&Way::root().key(name), "misplaced-key", message, help);
            }
        }
        let mut defined = defined.clone();
        needs::check(&written.needs, &mut defined, &mut remarks);
        // Roles are the root's, and so is what is over their ceilings.
        let names = rules::Names::of(&defined, &[]);
        let context = Context { written, document, known, calendars };
        let rules = context.rules(&names, numbering, &mut remarks);
        glass::reserve_name(&written.rules, &mut remarks);
        elsewhere.extend(unread.iter().cloned());
        elsewhere.extend(remarks.into_sorted());
        rules.into_iter().map(|rule| Rule { directory: Some(Arc::clone(&self.directory)), ..rule }).collect()
    }
}

impl<'f> Draft<'f> {
    /// With the policies of directories below the root.
    #[must_use]
    pub fn with_nested(mut self, nested: Vec<Nested<'f>>) -> Self {
        self.nested = nested;
        self
    }

    /// The files of the repository that is judged which the policies are made of, besides those themselves.
    pub(super) fn included(&self, people: Option<&File>) -> BTreeSet<Arc<str>> {
        let files = std::iter::once(self.file).chain(self.nested.iter().map(|nested| nested.draft.file));
        let read = files.flat_map(|file| file.all().skip(1)).chain(people).map(|file| Arc::clone(&file.path));
        let read = read.filter(|path| packs::named(path).is_none() && !path.starts_with(POLICY_REPOSITORY));
        // Windows name their calendars as they stand where the policy stands.
        let is_here = !self.file.path.starts_with(POLICY_REPOSITORY);
        read.chain(self.calendars.keys().filter(|_| is_here).map(|path| path.as_str().into())).collect()
    }
}

//! What a report of a decision is made from.

use crate::change::Entry;
use crate::diagnostic::Diagnostic;
use crate::policy::include::Part;
use crate::policy::{Both, Decision, Needs, Over};
use crate::proposal::Source;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// A decision with everything that a reader asks about next.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'d> {
    /// The change, cut by the policy's filters.
    pub entries: &'d [Entry],
    /// What only the rules differ in: it is known that no request can be about it.
    pub vacuous: &'d [Entry],
    /// Stands for the change.
    pub digest: &'d str,
    /// Remarks about the files and the policy.
    pub diagnostics: &'d [Diagnostic],
    /// What holders of roles gain over their ceilings.
    pub over: &'d [Over],
    /// What gives holders something of two roles that a rule keeps apart.
    pub both: &'d [Both],
    /// The gate's own files that the change edits.
    pub edited: &'d [Arc<str>],
    /// What the policy asked about.
    pub needs: &'d Needs,
    /// The decision.
    pub decision: &'d Decision,
    /// Where the policy stands.
    pub policy_path: &'d str,
    /// SHA-256 of the policy file, in hexadecimal.
    pub policy_digest: &'d str,
    /// Every file that the policy is made of.
    pub policy_files: &'d [Part],
    /// The revision that was asked for by name, and the commit that it was, where the policy does not come from the base.
    pub policy_revision: Option<(&'d str, Option<&'d str>)>,
    /// Who vouches for the facts; `None` when there are none.
    pub source: Option<Source>,
    /// The commits that were compared.
    pub commits: (Option<&'d str>, Option<&'d str>),
    /// The only paths that were judged; empty for all.
    pub paths: &'d [String],
    /// The instant of the decision.
    pub now: DateTime<Utc>,
}

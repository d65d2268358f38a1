//! Directories that the root hands to a team.

use super::super::approval::Seat;
use super::super::circumstances::Circumstances;
use super::super::delegation::{Delegation, NESTED_POLICY, is_below};
use super::super::include::is_path;
use super::super::requirement::Requirement;
use super::super::select::Trigger;
use super::super::{Asks, Rule, file};
use super::rules::Names;
use super::{Context, names, path_globs};
use crate::access::Glob;
use crate::diagnostic::{Remarks, Way};
use crate::document::Node;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Context<'_> {
    /// The delegations, and the rule that each of them is about the policy in its directory.
    pub(super) fn delegations(&self, names: &Names<'_>, remarks: &mut Remarks<'_>) -> (Vec<Delegation>, Vec<Rule>) {
        let mut delegations: Vec<Delegation> = Vec::new();
        let mut rules = Vec::new();
        for (index, written) in self.written.delegate.iter().enumerate() {
            let way = Way::root().key("delegate").item(index);
            let directory = if written.path == "." { "" } else { &written.path };
            if written.path != "." && (!is_path(directory) || directory.contains(['*', '?', '[', '{'])) {
                let message = format!("`{directory}` is no directory of the repository");
                let help = "write its path from the root, such as `teams/payments`, and `.` for the whole repository";
                remarks.error(&way.key("path"), "delegated-path", message, help);
                continue;
            }
            let overlaps = |other: &&Delegation| {
                *other.directory == *directory || is_below(directory, &other.directory) || is_below(&other.directory, directory)
            };
            if let Some(other) = delegations.iter().find(overlaps) {
                let message = format!("`{}` and `{}` overlap, and one directory has one team", written.path, shown(&other.directory));
                remarks.error(&way.key("path"), "delegated-twice", message, "delegate directories that lie side by side");
            }
            rules.extend(rule_of(written, directory, &way, names, remarks));
            delegations.push(delegation(written, directory, &way, self.document, remarks));
        }
        (delegations, rules)
    }
}

/// Whoever edits the policy in the directory needs the team.
fn rule_of(written: &file::Delegation, directory: &str, way: &Way, names: &Names<'_>, remarks: &mut Remarks<'_>) -> Option<Rule> {
    let Some((group, _)) = names.groups.get_key_value(written.to.as_str()) else {
        let known = names.groups.keys().map(|name| &**name);
        names::unknown("group", &written.to, known, &way.key("to"), remarks);
        return None;
    };
    let glob = if directory.is_empty() { format!("**/{NESTED_POLICY}") } else { format!("{directory}/**/{NESTED_POLICY}") };
    let edits = path_globs(&[glob], &way.key("path"), remarks)?;
    let seat = Seat { group: Arc::clone(group), max_age: None, not_written_by: BTreeSet::new(), since: None };
    Some(Rule {
        name: format!("the policy of {} is decided by {group}", shown(directory)).into(),
        place: remarks.place(way),
        directory: Some(directory.into()),
        when: vec![Trigger::Edits(edits)],
        circumstances: Circumstances::default(),
        asks: Asks::Require(Requirement { approvals: BTreeMap::from([(seat, 1)]), ..Requirement::default() }),
    })
}

fn delegation(written: &file::Delegation, directory: &str, way: &Way, document: &Node, remarks: &mut Remarks<'_>) -> Delegation {
    if let Some(realm) = &written.realm {
        names::check(realm, &way.key("realm"), remarks);
    }
    let systems = written.ceiling.systems();
    if systems.is_empty() {
        let message = "this ceiling names no system, so nothing is within it";
        remarks.error(
            &way.key("ceiling"),
            "delegated-nothing",
            message,
            "write under `aws`, `kubernetes`, … the most that the team may give",
        );
    }
    Delegation {
        directory: directory.into(),
        place: remarks.place(way),
        written: way.key("ceiling").find(document).cloned().unwrap_or_else(Node::empty_list),
        realm: written.realm.as_deref().map(Glob::parse),
        systems,
        within: BTreeMap::new(),
    }
}

fn shown(directory: &str) -> &str {
    if directory.is_empty() { "the repository" } else { directory }
}

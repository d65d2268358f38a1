//! Rules: what they are about, and what they ask.

use super::super::file::{self, OverCeiling, Require, Select, SystemName, When};
use super::super::filters::{Numbering, Patterns};
use super::super::select::{Selector, Trigger};
use super::super::{Asks, Ceiling, Requirement, Rule};
use super::{Context, Defined, names, path_globs};
use crate::access::Glob;
use crate::diagnostic::{Remarks, Way};
use crate::proposal::Person;
use crate::systems::Kind;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The names that rules may use.
pub(super) struct Names<'n> {
    pub(super) groups: &'n BTreeMap<Arc<str>, BTreeSet<Person>>,
    pub(super) ceilings: &'n [Ceiling],
    pub(super) environments: &'n BTreeSet<Arc<str>>,
    pub(super) windows: &'n BTreeSet<Arc<str>>,
}

impl<'n> Names<'n> {
    pub(super) fn of(defined: &'n Defined, ceilings: &'n [Ceiling]) -> Self {
        Self { groups: &defined.groups, ceilings, environments: &defined.environments, windows: &defined.windows }
    }
}

const MOST_APPROVALS: u32 = 100;

impl Context<'_> {
    /// The rules by name, which is also the order in which filters are numbered: the order in the file decides nothing.
    pub(super) fn rules(&self, names: &Names<'_>, numbering: &mut Numbering, remarks: &mut Remarks<'_>) -> Vec<Rule> {
        let mut written: Vec<(usize, &file::Rule)> = self.written.rules.iter().enumerate().collect();
        written.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
        let twins =
            written.windows(2).filter_map(|pair| if let [(_, a), (index, b)] = pair { (a.name == b.name).then_some(*index) } else { None });
        for index in twins {
            let message = "two rules have this name";
            remarks.error(&Way::root().key("rules").item(index).key("name"), "duplicate-name", message, "give each its own sentence");
        }
        let mut reader = Reader { context: self, names, numbering, remarks };
        written.into_iter().map(|(index, rule)| reader.rule(rule, &Way::root().key("rules").item(index))).collect()
    }
}

struct Reader<'r, 'f> {
    context: &'r Context<'r>,
    names: &'r Names<'r>,
    numbering: &'r mut Numbering,
    remarks: &'r mut Remarks<'f>,
}

impl Reader<'_, '_> {
    fn rule(&mut self, rule: &file::Rule, way: &Way) -> Rule {
        names::check(&rule.name, &way.key("name"), self.remarks);
        let when = self.when(&rule.when, &way.key("when"));
        let asks = self.asks(rule, way);
        Rule { name: Arc::from(rule.name.as_str()), place: self.remarks.place(way), directory: None, when, asks }
    }

    fn asks(&mut self, rule: &file::Rule, way: &Way) -> Asks {
        match (&rule.require, &rule.deny, rule.allow) {
            (Some(require), None, None) => Asks::Require(self.require(require, &way.key("require"))),
            (None, Some(message), None) => {
                names::check(message, &way.key("deny"), self.remarks);
                Asks::Deny(message.clone())
            }
            (None, None, Some(true)) => Asks::Nothing,
            (None, None, Some(false)) => {
                let help = "write `allow: true`, or `deny:` with a message";
                self.remarks.error(&way.key("allow"), "rule-effect", "`allow: false` may mean many things", help);
                Asks::Nothing
            }
            (None, None, None) => {
                let message = "this rule says when it applies, and not what it asks";
                self.remarks.error(way, "rule-effect", message, "add one of `require: …`, `deny: \"…\"` and `allow: true`");
                Asks::Nothing
            }
            _ => {
                let message = "a rule has one of `require`, `deny` and `allow`";
                self.remarks.error(way, "rule-effect", message, "write two rules");
                Asks::Nothing
            }
        }
    }

    fn require(&mut self, require: &Require, way: &Way) -> Requirement {
        if require.approvals.is_none() && require.window.is_none() && require.labels.is_none() {
            self.remarks.error(way, "rule-effect", "this requires nothing", "name approvals, a window or labels, or write `allow: true`");
        }
        if let Some(window) = &require.window
            && !self.names.windows.contains(window.as_str())
        {
            let known = self.names.windows.iter().map(|name| &**name);
            names::unknown("window", window, known, &way.key("window"), self.remarks);
        }
        if let Some(labels) = &require.labels {
            names::list(labels, &way.key("labels"), self.remarks);
        }
        Requirement {
            approvals: self.approvals(require.approvals.as_deref(), &way.key("approvals")),
            window: require.window.as_deref().map(Arc::from),
            labels: require.labels.iter().flatten().cloned().collect(),
        }
    }

    /// Two lines about one group need the people of both.
    fn approvals(&mut self, approvals: Option<&[file::Approvals]>, way: &Way) -> BTreeMap<Arc<str>, usize> {
        let mut needed: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        if approvals.is_some_and(<[_]>::is_empty) {
            self.remarks.error(way, "empty-list", "an empty list requires nothing", "name a group, or remove the key");
        }
        for (index, line) in approvals.into_iter().flatten().enumerate() {
            let way = way.item(index);
            if !(1..=MOST_APPROVALS).contains(&line.count) {
                let message = format!("{} is not a number of approvals from 1 to {MOST_APPROVALS}", line.count);
                self.remarks.error(&way.key("count"), "approval-count", message, "write how many people of the group have to approve");
            }
            let count = line.count.clamp(1, MOST_APPROVALS) as usize;
            let Some((name, members)) = self.names.groups.get_key_value(line.from.as_str()) else {
                let known = self.names.groups.keys().map(|name| &**name);
                names::unknown("group", &line.from, known, &way.key("from"), self.remarks);
                continue;
            };
            let of_group = needed.entry(Arc::clone(name)).or_default();
            *of_group += count;
            if *of_group > members.len() && !members.is_empty() {
                let message = format!("{of_group} people of `{name}` have to approve, and {} are in it", members.len());
                self.remarks.warning(&way, "approval-deadlock", message, "add members, or ask for fewer approvals");
            }
        }
        needed
    }

    fn when(&mut self, when: &When, way: &Way) -> Vec<Trigger> {
        let mut triggers = Vec::new();
        let access =
            [("gains", Kind::Gained, &when.gains), ("loses", Kind::Lost, &when.loses), ("undecided", Kind::Undecided, &when.undecided)];
        for (key, kind, select) in access {
            if let Some(select) = select {
                triggers.push(Trigger::Access(kind, self.selector(select, &way.key(key))));
            }
        }
        if let Some(over) = &when.over_ceiling {
            triggers.extend(self.over_ceiling(over, &way.key("over-ceiling")));
        }
        if let Some(globs) = &when.edits {
            triggers.extend(path_globs(globs, &way.key("edits"), self.remarks).map(Trigger::Edits));
        }
        let is_silent = access.iter().all(|(_, _, select)| select.is_none()) && when.over_ceiling.is_none() && when.edits.is_none();
        if is_silent {
            let message = "this rule does not say when it applies";
            self.remarks.error(way, "rule-when", message, "name `gains`, `loses`, `undecided`, `over-ceiling` or `edits`");
        }
        triggers
    }

    fn over_ceiling(&mut self, over: &OverCeiling, way: &Way) -> Option<Trigger> {
        match over {
            OverCeiling::Any(true) => Some(Trigger::OverCeiling(None)),
            OverCeiling::Any(false) => {
                self.remarks.error(way, "wrong-value", "`false` is no role", "write the name of a role, or `true` for any");
                None
            }
            OverCeiling::Role(name) => {
                let role = self.names.ceilings.iter().map(|ceiling| &ceiling.role).find(|role| ***role == **name);
                if role.is_none() {
                    let known = self.names.ceilings.iter().map(|ceiling| &*ceiling.role);
                    names::unknown("role", name, known, way, self.remarks);
                }
                role.cloned().map(|role| Trigger::OverCeiling(Some(role)))
            }
        }
    }

    fn selector(&mut self, select: &Select, way: &Way) -> Selector {
        Selector {
            system: select.system.map(SystemName::id),
            filter: self.filter(select, way),
            principals: self.globs(select.principals.as_deref(), &way.key("principals")),
            holders: self.globs(select.holders.as_deref(), &way.key("holders")),
            realm: select.realm.as_ref().map(|realm| {
                names::check(realm, &way.key("realm"), self.remarks);
                Glob::parse(realm)
            }),
            environment: select.environment.as_deref().and_then(|name| self.environment(name, &way.key("environment"))),
            severity: select.severity,
            reasons: select.reasons.as_deref().map(|reasons| self.reasons(reasons, &way.key("reasons"))),
            paths: select.paths.as_deref().and_then(|globs| path_globs(globs, &way.key("paths"), self.remarks)),
            expires: select.expires,
        }
    }

    fn globs(&mut self, texts: Option<&[String]>, way: &Way) -> Option<Vec<Glob>> {
        texts.map(|texts| names::globs(texts, way, self.remarks))
    }

    fn environment(&mut self, written: &str, way: &Way) -> Option<Arc<str>> {
        let known = self.names.environments.get(written).cloned();
        if known.is_none() {
            names::unknown("environment of `where:`", written, self.names.environments.iter().map(|name| &**name), way, self.remarks);
        }
        known
    }

    fn reasons(&mut self, written: &[String], way: &Way) -> BTreeSet<String> {
        names::list(written, way, self.remarks);
        for (index, reason) in written.iter().enumerate().filter(|(_, reason)| !self.context.known.reasons.contains(&reason.as_str())) {
            names::unknown("reason", reason, self.context.known.reasons.iter().copied(), &way.item(index), self.remarks);
        }
        written.iter().cloned().collect()
    }

    /// The number of the filter that the patterns make, if there are any. `*` alone is the same as nothing written.
    fn filter(&mut self, select: &Select, way: &Way) -> Option<usize> {
        let keys = [("actions", &select.actions), ("resources", &select.resources), ("namespaces", &select.namespaces)];
        for (key, list) in keys {
            if let Some(list) = list {
                names::list(list, &way.key(key), self.remarks);
            }
        }
        let (first, _) = keys.into_iter().find(|(_, list)| list.is_some())?;
        let Some(system) = select.system else {
            let message = format!("`{first}` are written in the notation of a system, and none is named");
            self.remarks.error(
                &way.key(first),
                "rule-system",
                message,
                "add `system: aws`, `codeowners`, `github` or `kubernetes` beside it",
            );
            return None;
        };
        let narrowing = |list: &Option<Vec<String>>| {
            let texts: Option<BTreeSet<String>> = list.as_ref().map(|list| list.iter().cloned().collect());
            texts.filter(|texts| !texts.contains("*"))
        };
        let [actions, resources, namespaces] = keys.map(|(_, list)| narrowing(list));
        if actions.is_none() && resources.is_none() && namespaces.is_none() {
            return None;
        }
        let number = self.numbering.number(system, Patterns { actions, resources, namespaces });
        number.map_err(|(key, why)| self.remarks.error(&way.key(key), "rule-pattern", why, "write it as a file of the system would")).ok()
    }
}

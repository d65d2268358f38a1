//! Rules: what they are about, and what they ask.

use super::super::approval::Seat;
use super::super::circumstances::Circumstances;
use super::super::file::{self, OverCeiling, Require, Select, SystemName, When};
use super::super::filters::{Numbering, Patterns};
use super::super::requirement::Requirement;
use super::super::select::{Selector, Trigger};
use super::super::ticket::Ticket;
use super::super::window::WindowNames;
use super::super::{Asks, Ceiling, Pair, Rule};
use super::{Context, Defined, FAMILIES, families, misreadings, names, path_globs};
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

/// Reads what rules say, and whatever is written like a part of a rule.
pub(super) struct Reader<'r, 'f> {
    pub(super) context: &'r Context<'r>,
    pub(super) names: &'r Names<'r>,
    pub(super) numbering: &'r mut Numbering,
    pub(super) remarks: &'r mut Remarks<'f>,
}

impl Reader<'_, '_> {
    fn rule(&mut self, rule: &file::Rule, way: &Way) -> Rule {
        names::check(&rule.name, &way.key("name"), self.remarks);
        let when = self.when(&rule.when, &way.key("when"));
        misreadings::refuse(rule, way, self.remarks);
        let circumstances = rule.circumstances.as_ref().map(|written| self.circumstances(written, &way.key("if"))).unwrap_or_default();
        let asks = self.asks(rule, way);
        let (name, place) = (Arc::from(rule.name.as_str()), self.remarks.place(way));
        Rule { name, place, directory: None, when, circumstances, asks }
    }

    fn circumstances(&mut self, written: &file::Circumstances, way: &Way) -> Circumstances {
        let file::Circumstances { author_kind, labelled, deployed_to, stage, renewed } = written;
        if author_kind.is_none() && labelled.is_none() && deployed_to.is_none() && stage.is_none() && renewed.is_none() {
            self.remarks.error(way, "empty-mapping", "this asks for nothing", "name how the change is proposed, or remove the key");
        }
        if author_kind.as_ref().is_some_and(Vec::is_empty) {
            let help = "name at least one, or remove the key";
            self.remarks.error(&way.key("author-kind"), "empty-list", "an empty list matches nothing", help);
        }
        for (key, list) in [("labelled", labelled), ("deployed-to", deployed_to)] {
            if let Some(list) = list {
                names::list(list, &way.key(key), self.remarks);
            }
        }
        if *renewed == Some(0) {
            let help = "write how often at least, from 1 on, or remove the key";
            self.remarks.error(&way.key("renewed"), "wrong-value", "everything was prolonged at least 0 times", help);
        }
        let texts = |list: &Option<Vec<String>>| list.as_ref().map(|list| list.iter().cloned().collect());
        Circumstances {
            author_kinds: author_kind.clone(),
            labels: texts(labelled),
            environments: texts(deployed_to),
            stage: *stage,
            renewed: *renewed,
        }
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
        let Require { approvals, window, labels, max_duration, ticket, reason } = require;
        let is_silent = approvals.is_none() && window.is_none() && labels.is_none() && max_duration.is_none();
        if is_silent && ticket.is_none() && reason.is_none() {
            self.remarks.error(way, "rule-effect", "this requires nothing", "name approvals, a window or labels, or write `allow: true`");
        }
        if *reason == Some(false) {
            self.remarks.error(&way.key("reason"), "wrong-value", "`false` asks for nothing", "write `reason: true`, or remove the key");
        }
        let windows = self.windows(require.window.as_ref(), &way.key("window"));
        if let Some(labels) = &require.labels {
            names::list(labels, &way.key("labels"), self.remarks);
        }
        Requirement {
            approvals: self.approvals(require.approvals.as_deref(), &way.key("approvals")),
            windows,
            labels: require.labels.iter().flatten().cloned().collect(),
            max_duration: *max_duration,
            ticket: ticket.as_deref().and_then(|pattern| self.ticket(pattern, &way.key("ticket"))),
            reason: reason.unwrap_or_default(),
        }
    }

    fn ticket(&mut self, pattern: &str, way: &Way) -> Option<Ticket> {
        let ticket = Ticket::parse(pattern);
        ticket.map_err(|message| self.remarks.error(way, "ticket-pattern", message, "write it like `OPS-#`")).ok()
    }

    /// The windows that have to be open together.
    fn windows(&mut self, windows: Option<&WindowNames>, way: &Way) -> BTreeSet<Arc<str>> {
        if let Some(WindowNames::All(names)) = windows {
            names::list(names, way, self.remarks);
        }
        let names = windows.map(WindowNames::names).unwrap_or_default();
        for (index, name) in names.iter().enumerate() {
            // A window that is there and wrong has been told already.
            if !self.names.windows.contains(name.as_str()) {
                let known = self.names.windows.iter().map(|name| &**name);
                let way = if matches!(windows, Some(WindowNames::All(_))) { way.item(index) } else { way.clone() };
                names::unknown("window", name, known, &way, self.remarks);
            }
        }
        names.iter().map(|name| Arc::from(name.as_str())).collect()
    }

    /// Two lines about one group need the people of both.
    pub(super) fn approvals(&mut self, approvals: Option<&[file::Approvals]>, way: &Way) -> BTreeMap<Seat, usize> {
        let mut needed: BTreeMap<Seat, usize> = BTreeMap::new();
        let mut of_groups: BTreeMap<Arc<str>, usize> = BTreeMap::new();
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
            let not_written_by = line.not_written_by.as_deref().map(|names| self.apart(names, &way.key("not-written-by")));
            let Some(group) = self.group(&line.from, &way.key("from")) else { continue };
            let of_group = of_groups.entry(Arc::clone(&group)).or_default();
            *of_group += count;
            let members = self.names.groups.get(&group).map_or(0, BTreeSet::len);
            if *of_group > members && members > 0 {
                let message = format!("{of_group} people of `{group}` have to approve, and {members} are in it");
                self.remarks.warning(&way, "approval-deadlock", message, "add members, or ask for fewer approvals");
            }
            let seat = Seat { group, max_age: line.max_age, not_written_by: not_written_by.unwrap_or_default(), since: None };
            *needed.entry(seat).or_default() += count;
        }
        needed
    }

    fn apart(&mut self, written: &[String], way: &Way) -> BTreeSet<Arc<str>> {
        names::list(written, way, self.remarks);
        self.groups(written, way)
    }

    /// The groups that there are of these.
    pub(super) fn groups(&mut self, written: &[String], way: &Way) -> BTreeSet<Arc<str>> {
        written.iter().enumerate().filter_map(|(index, name)| self.group(name, &way.item(index))).collect()
    }

    pub(super) fn group(&mut self, written: &str, way: &Way) -> Option<Arc<str>> {
        let group = self.names.groups.get_key_value(written).map(|(name, _)| Arc::clone(name));
        if group.is_none() {
            names::unknown("group", written, self.names.groups.keys().map(|name| &**name), way, self.remarks);
        }
        group
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
        if let Some(roles) = &when.holds_both {
            triggers.extend(self.pair(roles, &way.key("holds-both")).map(Trigger::Both));
        }
        if let Some(globs) = &when.edits {
            triggers.extend(path_globs(globs, &way.key("edits"), self.remarks).map(Trigger::Edits));
        }
        let others = [when.over_ceiling.is_some(), when.holds_both.is_some(), when.edits.is_some()];
        if access.iter().all(|(_, _, select)| select.is_none()) && !others.contains(&true) {
            let message = "this rule does not say when it applies";
            self.remarks.error(way, "rule-when", message, "name `gains`, `loses`, `undecided`, `over-ceiling`, `holds-both` or `edits`");
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
            OverCeiling::Role(name) => self.role(name, way).map(|role| Trigger::OverCeiling(Some(role))),
        }
    }

    /// Two roles, in the order of their names: what is asked of them is the same either way.
    fn pair(&mut self, written: &[String], way: &Way) -> Option<Pair> {
        let [one, other] = written else {
            let message = format!("two roles are kept apart, and here stand {}", written.len());
            self.remarks.error(way, "wrong-value", message, "name two roles; write a rule for each two");
            return None;
        };
        let mut pair = [self.role(one, &way.item(0)), self.role(other, &way.item(1))];
        pair.sort();
        let [Some(one), Some(other)] = pair else { return None };
        if one == other {
            self.remarks.error(way, "wrong-value", format!("`{one}` is named twice"), "name two roles");
            return None;
        }
        Some(Pair([one, other]))
    }

    fn role(&mut self, name: &str, way: &Way) -> Option<Arc<str>> {
        let role = self.names.ceilings.iter().map(|ceiling| &ceiling.role).find(|role| ***role == *name);
        if role.is_none() {
            names::unknown("role", name, self.names.ceilings.iter().map(|ceiling| &*ceiling.role), way, self.remarks);
        }
        role.cloned()
    }

    pub(super) fn selector(&mut self, select: &Select, way: &Way) -> Selector {
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
            longer_than: select.longer_than,
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
        let own = self.context.known.reasons;
        let known = || own.iter().copied().chain(FAMILIES.iter().map(|family| family.name).filter(|name| !own.contains(name)));
        for (index, reason) in written.iter().enumerate().filter(|(_, reason)| !known().any(|name| name == reason.as_str())) {
            names::unknown("reason", reason, known(), &way.item(index), self.remarks);
        }
        written.iter().flat_map(|reason| families::meant(reason)).collect()
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

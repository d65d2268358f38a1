//! What opens the gate more than its writer may think: a label or a reason that the author gives, a bot that anybody may ask, a merge
//! that nobody looks at because the deployment is asked about.

use super::super::delegation::NESTED_POLICY;
use super::super::file::{Circumstances, Length, Rule as Written, Select, Stage};
use super::super::fit::Fit;
use super::super::select::Trigger;
use super::super::{Asks, Policy, Rule};
use super::deadlocks::covers;
use super::{Draft, Nested};
use crate::diagnostic::{Remarks, Way};
use crate::proposal::AccountKind;

/// Beyond this, whatever broke the glass has become a way of its own.
const LONG: Length = Length::days(14);

impl Draft<'_> {
    /// What of this lets more through than it says.
    pub(super) fn about_openings(&self, policy: &Policy, own: &[&str], remarks: &mut Remarks<'_>) {
        self.about_rules(remarks);
        self.about_open_edits(policy, own, remarks);
        self.about_wide_glass(remarks);
    }

    /// Rules by which access is gained without anybody else's yes. What another rule requires all the same is required.
    pub(super) fn about_rules(&self, remarks: &mut Remarks<'_>) {
        for (index, rule) in self.written.rules.iter().enumerate().filter(|(_, rule)| self.is_open(rule)) {
            let way = Way::root().key("rules").item(index);
            if let Some(said) = if rule.allow == Some(true) { allowed(rule) } else { given_by_the_author(rule) } {
                remarks.warning(&said.keys.iter().fold(way, |way, key| way.key(key)), said.code, said.message, said.help);
            }
        }
    }

    /// Whether a rule is about a gain of which no rule surely asks for an approval.
    fn is_open(&self, rule: &Written) -> bool {
        let asks = |other: &&Written| {
            let always = other.circumstances.as_ref().is_none_or(Circumstances::is_every_merge);
            let approvals = other.require.as_ref().is_some_and(|require| require.approvals.is_some());
            always && (approvals || other.deny.is_some())
        };
        let asked = |of: fn(&Written) -> Option<&Select>, select: &Select| {
            self.written.rules.iter().filter(asks).filter_map(of).any(|wide| covers(wide, select))
        };
        let any = Select::default();
        let when = &rule.when;
        let is_beyond = when.over_ceiling.is_some() || when.holds_both.is_some();
        let gains = when.gains.as_ref().or_else(|| is_beyond.then_some(&any));
        gains.is_some_and(|select| !asked(|other| other.when.gains.as_ref(), select))
            || when.undecided.as_ref().is_some_and(|select| !asked(|other| other.when.undecided.as_ref(), select))
    }

    /// Whoever edits the policy decides about everything.
    fn about_open_edits(&self, policy: &Policy, own: &[&str], remarks: &mut Remarks<'_>) {
        let nested = self.nested.iter().map(Nested::path);
        let included = policy.included.iter().map(|path| &**path);
        for path in own.iter().copied().chain(included).chain(nested) {
            let about = |rule: &&Rule| {
                let is_about = |trigger: &Trigger| matches!(trigger, Trigger::Edits(globs) if globs.is_match(path));
                policy.most_of_edit(rule, path) == Fit::Wholly && rule.when.iter().any(is_about)
            };
            let rules: Vec<&Rule> = policy.rules.iter().filter(about).collect();
            let asks = |rule: &&Rule| match &rule.asks {
                Asks::Require(requirement) => !requirement.approvals.is_empty(),
                Asks::Deny(_) => true,
                Asks::Nothing => false,
            };
            let first = rules.first().filter(|_| !rules.iter().any(asks));
            let Some(index) = first.and_then(|first| self.written.rules.iter().position(|rule| *rule.name == *first.name)) else {
                continue;
            };
            let what = if path.ends_with(NESTED_POLICY) { "every rule in it" } else { "what it says" };
            let message = format!("whoever likes edits `{path}`, and with it {what}: no rule asks for an approval of that");
            let way = Way::root().key("rules").item(index).key("when").key("edits");
            remarks.warning(&way, "edits-open", message, format!("require approvals of edits of `{path}`"));
            return;
        }
    }

    fn about_wide_glass(&self, remarks: &mut Remarks<'_>) {
        let Some(glass) = &self.written.break_glass else { return };
        let way = Way::root().key("break-glass");
        if covers(&glass.scope, &Select::default()) {
            let message = "`{}` is every gain there is, so nothing that a rule denies stays denied";
            let help = "say what cannot wait, by `environment`, `system` or `actions`";
            remarks.warning(&way.key("scope"), "glass-wide", message, help);
        }
        if glass.longest > LONG {
            let message = format!("what was lifted may be used for {}, long after it could not wait", glass.longest);
            remarks.warning(
                &way.key("longest"),
                "glass-long",
                message,
                "write hours or days: whoever needs longer asks again, or asks a rule",
            );
        }
    }
}

struct Said {
    keys: [&'static str; 2],
    code: &'static str,
    message: &'static str,
    help: &'static str,
}

/// What an allowance hangs on that whoever proposes the change may bring about.
fn allowed(rule: &Written) -> Option<Said> {
    let written = rule.circumstances.as_ref()?;
    let help = "ask for an approval instead of `allow: true`";
    let is_of_a_machine = |kinds: &Vec<AccountKind>| kinds.iter().any(|kind| *kind != AccountKind::User);
    if written.labelled.is_some() {
        // A label is no approval: whoever may label may set it, the author too.
        let message = "whoever may label lets such a change through, its author too";
        Some(Said { keys: ["if", "labelled"], code: "label-opens", message, help })
    } else if written.author_kind.as_ref().is_some_and(is_of_a_machine) {
        let message = "whoever may have a bot propose lets such a change through: nobody else looks at it";
        Some(Said { keys: ["if", "author-kind"], code: "bot-opens", message, help })
    } else if written.stage == Some(Stage::Merge) {
        let message = "such a change is merged without anybody, and from then on it is in the branch";
        Some(Said { keys: ["if", "stage"], code: "merge-opens", message, help })
    } else {
        None
    }
}

/// A requirement that the author of a change fills alone.
fn given_by_the_author(rule: &Written) -> Option<Said> {
    let require = rule.require.as_ref()?;
    let is_asked_elsewhere = require.approvals.is_some() || require.window.is_some() || require.max_duration.is_some();
    if is_asked_elsewhere {
        return None;
    }
    let (key, message) = if require.labels.is_some() {
        ("labels", "whoever may label lets such a change through, its author too: no rule asks for an approval of it")
    } else if require.ticket.is_some() {
        ("ticket", "the author names the ticket, and nobody asks whether it is one: no rule asks for an approval of such a change")
    } else {
        ("reason", "the author gives the reason, whatever it says: no rule asks for an approval of such a change")
    };
    let help = "ask for an approval as well, or write `allow: true` if that is meant";
    Some(Said { keys: ["require", key], code: "author-opens", message, help })
}

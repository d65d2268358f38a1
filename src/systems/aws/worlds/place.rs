//! What both sides say of a subject where some variables have values.

use super::values::{HELD, Value, Values, filled_in, fills};
use crate::access::{Budget, Exhausted, Word, may_meet, partition};
use crate::document;
use crate::systems::World;
use crate::systems::aws::condition::{Clause, Condition, policy_variables};
use crate::systems::aws::near::Near;
use crate::systems::aws::pattern::{Notation, Patterns, Resource};
use crate::systems::aws::severity::completing;
use crate::systems::aws::subject::Subject;
use crate::systems::aws::{Action, Attachment, Effect, Grant, Rules, Slot, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a world is made from.
pub(super) struct Place<'p, 's> {
    pub(super) subject: &'p Subject<'s>,
    pub(super) patterns: &'p BTreeSet<&'p Resource>,
    pub(super) values: &'p Values,
    /// What patterns with variables are about here, and what is done there.
    pub(super) here: Vec<Resource>,
    pub(super) actions: &'p Patterns<Action>,
    pub(super) near: Near<'p, Action>,
}

impl Place<'_, '_> {
    /// What is found in it has been told already where the sides as they are say it, or, of what a pattern with variables is about, where
    /// they say it of everything that the variables may be.
    pub(super) fn world(&self, open: &[&Resource], sides: &[&Rules], budget: &mut Budget) -> Result<World<Rules>, Exhausted> {
        let filled: Vec<(&Resource, BTreeSet<&Resource>)> = open
            .iter()
            .filter(|pattern| fills(pattern, self.values))
            .map(|pattern| Ok((*pattern, self.unseen(pattern, budget)?)))
            .collect::<Result<_, _>>()?;
        let unseen = filled.first().map(|(_, unseen)| unseen.clone()).unwrap_or_default();
        let told = filled.iter().filter(|(_, own)| *own == unseen);
        // How severe it is to gain what is asked about hangs on what else the holder may do, anywhere.
        let whole = Near::new(completing(self.actions));
        let nothing = Near::new([]);
        let of_all = |values: &Values, without, whole| sides.iter().map(|rules| self.rules(rules, values, without, whole)).collect();
        Ok(World {
            rules: of_all(self.values, &BTreeSet::new(), &whole),
            plain: of_all(&Values::new(), &BTreeSet::new(), &nothing),
            told: of_all(self.values, &unseen, &nothing),
            about: self.anything_on(told.map(|(pattern, _)| filled_in(pattern, self.values)).collect(), Condition::default()),
            here: self.anything_on(self.here.clone(), self.condition()),
        })
    }

    /// The patterns that are about something that this one is about only here.
    fn unseen(&self, pattern: &Resource, budget: &mut Budget) -> Result<BTreeSet<&Resource>, Exhausted> {
        let here = filled_in(pattern, self.values);
        let mut unseen = BTreeSet::new();
        for other in self.patterns.iter().filter(|other| **other != pattern) {
            let other_here = filled_in(other, self.values);
            let meets = may_meet(here.globs(), other_here.globs()) && is_in_both(&here, &other_here, budget)?;
            if meets && !is_in_both(pattern, other, budget)? {
                unseen.insert(*other);
            }
        }
        Ok(unseen)
    }

    /// What one side says of the subject here, where variables have these values, without some patterns; of some actions everywhere.
    fn rules(&self, rules: &Rules, values: &Values, without: &BTreeSet<&Resource>, whole: &Near<'_, Action>) -> Rules {
        let Subject { realm, holder, .. } = self.subject;
        let is_asked = |at: &Attachment| at.holder.as_ref().is_none_or(|own| own == holder && at.realm == *realm);
        let mut known: BTreeMap<*const Statement, Option<Arc<Statement>>> = BTreeMap::new();
        let grants = rules.grants.iter().filter(|grant| is_asked(&grant.attachment)).filter_map(|grant| {
            let here = || self.statement(&grant.statement, values, without, whole).map(Arc::new);
            let statement = known.entry(Arc::as_ptr(&grant.statement)).or_insert_with(here).clone()?;
            Some(Grant { attachment: grant.attachment.clone(), statement, origin: grant.origin.clone() })
        });
        let grants = grants.collect();
        Rules { grants, documents: rules.documents.iter().filter(|at| is_asked(at)).cloned().collect(), ..Rules::default() }
    }

    fn statement(
        &self,
        statement: &Statement,
        values: &Values,
        without: &BTreeSet<&Resource>,
        whole: &Near<'_, Action>,
    ) -> Option<Statement> {
        let Statement { effect, principals, actions, resources: Patterns { negated, list }, condition } = statement;
        let left = list.iter().filter(|resource| !without.contains(resource)).map(|resource| filled_in(resource, values));
        let is_whole = !whole.is_empty() && (actions.negated || actions.list.iter().any(|action| whole.may_meet(action)));
        let is_here = |resource: &Resource| is_whole || self.here.iter().any(|here| may_meet(here.globs(), resource.globs()));
        let resources = Patterns::new(*negated, left.filter(is_here).collect());
        if resources.is_nothing() {
            return None;
        }
        let is_done = |action: &&Action| self.near.may_meet(action) || whole.may_meet(action);
        let actions = Patterns::new(actions.negated, actions.list.iter().filter(is_done).cloned().collect());
        if actions.is_nothing() {
            return None;
        }
        Some(Statement { effect: *effect, principals: principals.clone(), actions, resources, condition: condition.clone() })
    }

    /// A side that allows whatever is asked about on some resources to whoever meets the condition, and nothing else.
    fn anything_on(&self, resources: Vec<Resource>, condition: Condition) -> Rules {
        let attachment = Attachment { realm: Arc::from(""), holder: None, slot: Slot::Identity };
        let statement = Statement {
            effect: Effect::Allow,
            principals: Patterns::any(),
            actions: self.actions.clone(),
            resources: Patterns::new(false, resources),
            condition,
        };
        let origin = document::Place::file("");
        Rules {
            documents: [attachment.clone()].into(),
            grants: vec![Grant { attachment, statement: statement.into(), origin }],
            ..Rules::default()
        }
    }

    /// Whose requests these are.
    fn condition(&self) -> Condition {
        Condition::new(self.values.iter().map(|(key, value)| clause(&self.written(key), value)).collect())
    }

    /// The key as somebody wrote it.
    fn written(&self, key: &str) -> String {
        let mut written = self.patterns.iter().flat_map(|pattern| policy_variables(pattern.text()));
        written.find(|variable| variable.eq_ignore_ascii_case(key)).unwrap_or(key).to_owned()
    }
}

fn clause(key: &str, value: &Value) -> Clause {
    Clause::new("StringEquals", key, [Word::new(value.clone()).to_string()])
}

/// Whether some cell has both: a variable is only what every text is.
fn is_in_both(pattern: &Resource, other: &Resource, budget: &mut Budget) -> Result<bool, Exhausted> {
    budget.spend(HELD)?;
    let classes = partition(pattern.globs(), &[other.globs()], budget)?;
    Ok(classes.iter().any(|class| !class.members.is_empty()))
}

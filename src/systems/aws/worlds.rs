//! What a policy variable may turn out to be. Cells tell a variable from every text and from every other variable; whoever has a value
//! that is spelt out elsewhere is told no cell of his own: `b/${aws:PrincipalTag/team}/*` is `b/finance/*` for who has that tag.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
//!
//! So the sides are compared once more for each such value, with the value in the variable's place and only for requests that have it.
//! What a pattern leaves to both, as `b/*/secret` and `b/${aws:PrincipalTag/team}/*` do, is asked about in no world of its own.

use super::condition::{Clause, Condition, key_and_default, policy_variables};
use super::near::Near;
use super::pattern::{Notation, Patterns, Resource};
use super::severity::completing;
use super::side::Side;
use super::subject::Subject;
use super::{Action, Attachment, Effect, Grant, Rules, Slot, Statement};
use crate::access::{Budget, Exhausted, Glob, Letter, Piece, Word, may_meet, partition};
use crate::document;
use crate::systems::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// More values than this are not asked about one by one: then all is undecided.
const MOST: usize = 64;

/// What it costs to hold two patterns against each other, beside their letters.
const HELD: usize = 300;

/// Ways to read a word as a pattern that are looked at.
const WAYS: usize = 16;

/// What a variable is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    /// This text, which may have other variables in it.
    Is(Vec<Letter>),
    /// The request does not have it, so that a default stands for it.
    Missing,
}

/// Values of some variables, by their keys in lower case.
type Values = BTreeMap<String, Value>;

/// Every world in which a pattern with variables is about something that another pattern names and that no cell has in both.
pub(super) fn worlds(subject: &Subject<'_>, sides: &[&Rules], budget: &mut Budget) -> Result<Vec<World<Rules>>, Exhausted> {
    let patterns: BTreeSet<&Resource> = statements(subject).flat_map(|statement| &statement.resources.list).collect();
    let open: Vec<&Resource> = patterns.iter().copied().filter(|pattern| symbols(pattern).next().is_some()).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: BTreeSet<Values> = BTreeSet::new();
    for pattern in &open {
        for other in patterns.iter().filter(|other| *other != pattern) {
            found.extend(values(pattern, other, budget)?);
            if found.len() > MOST {
                return Err(Exhausted);
            }
        }
    }
    let world = |values| {
        let here = open.iter().filter(|pattern| fills(pattern, values)).map(|pattern| filled_in(pattern, values)).collect();
        let actions = actions(subject, values);
        Place { subject, patterns: &patterns, values, here, actions: &actions, near: Near::new(&actions.list) }.world(&open, sides, budget)
    };
    found.iter().map(world).collect()
}

fn statements<'s>(subject: &Subject<'s>) -> impl Iterator<Item = &'s Statement> {
    subject.sides.iter().flat_map(Side::all).map(|grant| &*grant.statement)
}

/// What statements do in which a variable has a value: for any other action they are here as they are everywhere.
fn actions(subject: &Subject<'_>, values: &Values) -> Patterns<Action> {
    let filled = statements(subject).filter(|statement| statement.resources.list.iter().any(|pattern| fills(pattern, values)));
    let listed = |statement: &Statement| (!statement.actions.negated).then(|| statement.actions.list.clone());
    let lists: Option<Vec<Vec<Action>>> = filled.map(listed).collect();
    lists.map_or_else(Patterns::any, |lists| Patterns::new(false, lists.concat()))
}

/// Whether one of the variables of the pattern has a value here.
fn fills(pattern: &Resource, values: &Values) -> bool {
    symbols(pattern).any(|symbol| values.contains_key(key_and_default(symbol).0))
}

fn symbols(resource: &Resource) -> impl Iterator<Item = &str> {
    resource.globs().iter().flat_map(Glob::symbols)
}

/// Whether some cell has both: a variable is only what every text is.
fn is_in_both(pattern: &Resource, other: &Resource, budget: &mut Budget) -> Result<bool, Exhausted> {
    budget.spend(HELD)?;
    let classes = partition(pattern.globs(), &[other.globs()], budget)?;
    Ok(classes.iter().any(|class| !class.members.is_empty()))
}

/// What the variables of a pattern are where it is about something that the other names and no cell has in both.
fn values(pattern: &Resource, other: &Resource, budget: &mut Budget) -> Result<Option<Values>, Exhausted> {
    let anything = |piece: Piece| if let Piece::Letter(Letter::Symbol(_)) = piece { Piece::Many } else { piece };
    let wide: Vec<Glob> = pattern.globs().iter().map(|glob| Glob::new(glob.pieces().into_iter().map(anything))).collect();
    if !may_meet(&wide, other.globs()) || is_in_both(pattern, other, budget)? {
        return Ok(None);
    }
    budget.spend(HELD)?;
    let classes = partition(&wide, &[other.globs()], budget)?;
    let Some(class) = classes.iter().find(|class| !class.members.is_empty()) else { return Ok(None) };
    let mut ways = vec![Values::new()];
    for (glob, word) in pattern.globs().iter().zip(&class.words) {
        let (pieces, letters) = (glob.pieces(), word.letters());
        ways = ways.into_iter().flat_map(|way| read_as(&pieces, &letters, way)).take(WAYS).collect();
    }
    ways.retain(|way| is_plain(way, pattern));
    // A value that is there is likelier than one that is empty.
    let is_likely = |way: &&Values| !way.values().any(|value| *value == Value::Is(Vec::new()));
    Ok(ways.iter().find(is_likely).or(ways.first()).cloned())
}

/// Every way in which the letters are what the pieces mean, with what the variables are then; few of many.
fn read_as(pieces: &[Piece], letters: &[Letter], values: Values) -> Vec<Values> {
    let Some((piece, behind)) = pieces.split_first() else {
        return if letters.is_empty() { vec![values] } else { Vec::new() };
    };
    let after = |count: usize| letters.get(count..).unwrap_or_default();
    match piece {
        Piece::Letter(Letter::Symbol(symbol)) => {
            let (key, default) = key_and_default(symbol);
            let starts = |text: &[Letter]| letters.starts_with(text).then(|| after(text.len()));
            match values.get(key) {
                Some(Value::Is(known)) => return starts(known).map_or_else(Vec::new, |rest| read_as(behind, rest, values.clone())),
                Some(Value::Missing) => {
                    let rest = default.and_then(|text| starts(&spelt(text)));
                    return rest.map_or_else(Vec::new, |rest| read_as(behind, rest, values.clone()));
                }
                None => {}
            }
            let with = |value: Value, rest: &[Letter]| {
                read_as(behind, rest, values.iter().map(|(k, v)| (k.clone(), v.clone())).chain([(key.to_owned(), value)]).collect())
            };
            let by_default = default.and_then(|text| starts(&spelt(text))).map(|rest| with(Value::Missing, rest));
            let by_value =
                (0..=letters.len()).flat_map(|count| with(Value::Is(letters.get(..count).unwrap_or_default().to_vec()), after(count)));
            by_default.into_iter().flatten().chain(by_value).take(WAYS).collect()
        }
        piece if piece.repeats() => (0..=letters.len())
            .take_while(|count| letters.get(..*count).unwrap_or_default().iter().all(|letter| piece.takes(letter)))
            .flat_map(|count| read_as(behind, after(count), values.clone()))
            .take(WAYS)
            .collect(),
        piece => match letters.split_first() {
            Some((letter, rest)) if piece.takes(letter) => read_as(behind, rest, values),
            _ => Vec::new(),
        },
    }
}

/// Whether a value can be written into a policy as it is, and says nothing of itself.
fn is_plain(values: &Values, pattern: &Resource) -> bool {
    let own: BTreeSet<&str> = symbols(pattern).map(|symbol| key_and_default(symbol).0).collect();
    let is_plain = |letter: &Letter| match letter {
        Letter::Char(c) => !matches!(c, '*' | '?' | '$'),
        Letter::Symbol(symbol) => !own.contains(key_and_default(symbol).0),
    };
    values.values().all(|value| if let Value::Is(letters) = value { letters.iter().all(is_plain) } else { true })
}

fn spelt(text: &str) -> Vec<Letter> {
    text.chars().map(Letter::Char).collect()
}

/// What a world is made from.
struct Place<'p, 's> {
    subject: &'p Subject<'s>,
    patterns: &'p BTreeSet<&'p Resource>,
    values: &'p Values,
    /// What patterns with variables are about here, and what is done there.
    here: Vec<Resource>,
    actions: &'p Patterns<Action>,
    near: Near<'p, Action>,
}

impl Place<'_, '_> {
    /// What is found in it has been told already where the sides as they are say it, or, of what a pattern with variables is about, where
    /// they say it of everything that the variables may be.
    fn world(&self, open: &[&Resource], sides: &[&Rules], budget: &mut Budget) -> Result<World<Rules>, Exhausted> {
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
            let meets = may_meet(here.globs(), other.globs()) && is_in_both(&here, other, budget)?;
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
        Rules { grants, documents: rules.documents.iter().filter(|at| is_asked(at)).cloned().collect(), opaque: BTreeSet::new() }
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
            opaque: BTreeSet::new(),
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
    match value {
        Value::Missing => Clause::new("Null", key, ["true".to_owned()]),
        Value::Is(letters) => Clause::new("StringEquals", key, [text(letters)]),
    }
}

fn text(letters: &[Letter]) -> String {
    Word::new(letters.to_vec()).to_string()
}

/// The pattern with values in the places of its variables.
fn filled_in(resource: &Resource, values: &Values) -> Resource {
    if !fills(resource, values) {
        return resource.clone();
    }
    resource.filled(&|symbol| {
        let (key, default) = key_and_default(symbol);
        match values.get(key)? {
            Value::Is(letters) => Some(letters.clone()),
            Value::Missing => default.map(spelt),
        }
    })
}

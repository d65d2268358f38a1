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
use crate::access::{Budget, Exhausted, Glob, Letter, Piece, Tuple, TupleClass, Word, matches, may_meet, partition};
use crate::document;
use crate::systems::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// More values than this are not asked about one by one: then all is undecided.
const MOST: usize = 64;

/// What it costs to hold two patterns against each other, beside their letters.
const HELD: usize = 300;

/// What it costs to put values in the places of variables.
const READ: usize = 20;

/// What it may cost to hold all patterns of a holder against each other; past it they are held two by two.
const TOGETHER: u64 = 4_000_000;

/// Where there are more ways than this to read a word as patterns, all is undecided.
const WAYS: usize = 256;

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

/// Every world in which a pattern with variables is about something that other patterns name and that no cell has in all of them.
pub(super) fn worlds(subject: &Subject<'_>, sides: &[&Rules], budget: &mut Budget) -> Result<Vec<World<Rules>>, Exhausted> {
    let patterns: BTreeSet<&Resource> = statements(subject).flat_map(|statement| &statement.resources.list).collect();
    let open: Vec<&Resource> = patterns.iter().copied().filter(|pattern| is_open(pattern)).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let asked = asked(subject);
    let mut told: BTreeMap<Told<'_>, Values> = BTreeMap::new();
    let mut together = Budget::new(TOGETHER);
    for pattern in &open {
        let beside = beside(subject, pattern);
        let meetings = Meetings::of(pattern, &beside, &asked, [&mut together, budget])?;
        let cut = meetings.classes(&mut together);
        for (what, values) in meetings.values(cut.ok(), budget)? {
            told.entry(what).or_insert(values);
        }
    }
    let found: BTreeSet<Values> = told.into_values().collect();
    if found.len() > MOST {
        return Err(Exhausted);
    }
    let world = |values| {
        let here = open.iter().filter(|pattern| fills(pattern, values)).map(|pattern| filled_in(pattern, values)).collect();
        let actions = actions(subject, values);
        Place { subject, patterns: &patterns, values, here, actions: &actions, near: Near::new(&actions.list) }.world(&open, sides, budget)
    };
    found.iter().map(world).collect()
}

/// The patterns of statements that are about something that is done on this one.
fn beside<'s>(subject: &Subject<'s>, pattern: &Resource) -> BTreeSet<&'s Resource> {
    let is_naming = |statement: &&Statement| statement.resources.list.contains(pattern);
    let naming: Vec<&Statement> = statements(subject).filter(is_naming).collect();
    let is_any = naming.iter().any(|statement| statement.actions.negated);
    let done = Near::new(naming.iter().flat_map(|statement| &statement.actions.list));
    let is_near = |actions: &Patterns<Action>| is_any || actions.negated || actions.list.iter().any(|action| done.may_meet(action));
    statements(subject).filter(|statement| is_near(&statement.actions)).flat_map(|statement| &statement.resources.list).collect()
}

/// What the conditions hold the value of each key against, by the key in lower case.
fn asked(subject: &Subject<'_>) -> BTreeMap<Box<str>, Vec<Glob>> {
    let mut asked: BTreeMap<Box<str>, BTreeSet<Glob>> = BTreeMap::new();
    for (key, glob) in statements(subject).flat_map(|statement| statement.condition.texts()) {
        asked.entry(key).or_default().insert(glob);
    }
    asked.into_iter().map(|(key, globs)| (key, globs.into_iter().collect())).collect()
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

fn is_open(pattern: &Resource) -> bool {
    symbols(pattern).next().is_some()
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

/// The others that cells of a pattern are in.
enum Cells {
    /// For each cell, all of them.
    Of(BTreeSet<Vec<usize>>),
    /// Those that some cell is in.
    Some(BTreeSet<usize>),
}

impl Cells {
    fn has(&self, others: &Vec<usize>) -> bool {
        match self {
            Self::Of(cells) => cells.contains(others),
            Self::Some(single) => others.iter().all(|other| single.contains(other)),
        }
    }
}

/// A pattern with variables, and what else may be about what it is about.
struct Meetings<'m> {
    pattern: &'m Resource,
    others: Vec<&'m Resource>,
    /// What the pattern and the others are about for any values of their variables.
    wide: Vec<Glob>,
    others_wide: Vec<Vec<Glob>>,
    /// What the pattern is about for each kind of value of a variable that conditions tell apart.
    kinds: Vec<(&'m str, &'m Glob, Vec<Glob>)>,
    told: Cells,
}

/// Which patterns are about something, of which kinds the values are, and which variables have none.
type Told<'m> = (BTreeSet<&'m Resource>, BTreeSet<(&'m str, &'m Glob)>, BTreeSet<String>);

/// What was found where patterns meet.
#[derive(Default)]
struct Found<'m> {
    /// Values that were looked at.
    seen: BTreeSet<Values>,
    /// What all may be about words that are read as the pattern.
    read: BTreeSet<Vec<usize>>,
    /// Which other is about words that all these may be about.
    met: BTreeSet<(Vec<usize>, usize)>,
    /// By what is about the words, what kind of value it is and what has none: values for which that is so, where it is so in no cell.
    of_no_cell: BTreeMap<Told<'m>, Values>,
}

impl<'m> Meetings<'m> {
    fn of(
        pattern: &'m Resource,
        patterns: &BTreeSet<&'m Resource>,
        asked: &'m BTreeMap<Box<str>, Vec<Glob>>,
        [together, budget]: [&mut Budget; 2],
    ) -> Result<Self, Exhausted> {
        let wide = widened(pattern.globs(), &anything);
        budget.spend(patterns.len())?;
        let (mut others, mut others_wide) = (Vec::new(), Vec::new());
        for other in patterns.iter().filter(|other| **other != pattern) {
            let reach = widened(other.globs(), &anything);
            if may_meet(&wide, &reach) && !are_apart(pattern, other, budget)? {
                others.push(*other);
                others_wide.push(reach);
            }
        }
        let keys: BTreeSet<&str> = symbols(pattern).map(|symbol| key_and_default(symbol).0).collect();
        let of_key = |key: &&str| {
            let asked = asked.get_key_value(*key);
            asked.into_iter().flat_map(|(key, globs)| globs.iter().map(move |glob| (&**key, glob))).collect::<Vec<_>>()
        };
        let kinds = keys.iter().flat_map(of_key).map(|(key, glob)| {
            let of_kind = |symbol: &str| if key_and_default(symbol).0 == key { glob.pieces() } else { vec![Piece::Many] };
            let filled = widened(pattern.globs(), &of_kind);
            (key, glob, filled)
        });
        let kinds = kinds.collect();
        let globs: Vec<&Tuple> = others.iter().map(|other| other.globs()).collect();
        let told = if let Ok(classes) = partition(pattern.globs(), &globs, together) {
            Cells::Of(classes.into_iter().map(|class| class.members).collect())
        } else {
            let in_both = |(number, other): (usize, &&Resource)| {
                let is_it = is_in_both(pattern, other, budget);
                is_it.map(|is_it| is_it.then_some(number)).transpose()
            };
            Cells::Some((0..).zip(&others).filter_map(in_both).collect::<Result<_, _>>()?)
        };
        Ok(Self { pattern, others, wide, others_wide, kinds, told })
    }

    /// What the others and the kinds of values cut what the pattern is about into.
    fn classes(&self, budget: &mut Budget) -> Result<Vec<TupleClass>, Exhausted> {
        let asked = self.asked();
        partition(&self.wide, &self.all().chain(asked.iter().map(Vec::as_slice)).collect::<Vec<_>>(), budget)
    }

    /// What the variables are, once for everything that is told of some value and of no cell. Without classes, as far as that is seen by
    /// holding the pattern against each of the others alone.
    fn values(&self, classes: Option<Vec<TupleClass>>, budget: &mut Budget) -> Result<BTreeMap<Told<'m>, Values>, Exhausted> {
        let mut found = Found::default();
        let Some(classes) = classes else {
            for one in self.all() {
                budget.spend(HELD)?;
                for class in partition(&self.wide, &[one], budget)? {
                    self.look_at(&class.words, &mut found, budget)?;
                }
            }
            return Ok(found.of_no_cell);
        };
        for class in &classes {
            self.look_at(&class.words, &mut found, budget)?;
        }
        // One text stands for each kind, and what is a value of both patterns may be another.
        let left = |found: &Found<'_>| {
            classes.iter().any(|class| {
                let members = self.members(&class.words);
                let is_met = |other: usize| found.met.contains(&(members.clone(), other));
                !found.read.contains(&members) || !self.open(&class.words).all(is_met)
            })
        };
        if left(&found) {
            let asked = self.asked();
            for way in found.seen.clone() {
                let others: Vec<Vec<Glob>> = self.others.iter().map(|other| widened(&filled(other, &way), &anything)).collect();
                let others = others.iter().map(Vec::as_slice).chain(self.all()).chain(asked.iter().map(Vec::as_slice));
                for class in partition(&widened(&filled(self.pattern, &way), &anything), &others.collect::<Vec<_>>(), budget)? {
                    self.look_at(&class.words, &mut found, budget)?;
                }
            }
        }
        if left(&found) { Err(Exhausted) } else { Ok(found.of_no_cell) }
    }

    /// What is looked at besides.
    fn asked(&self) -> Vec<Vec<Glob>> {
        self.varied().into_iter().chain(self.by_default()).collect()
    }

    fn look_at(&self, words: &[Word], found: &mut Found<'m>, budget: &mut Budget) -> Result<(), Exhausted> {
        let members = self.members(words);
        budget.spend(self.others.len() + self.kinds.len())?;
        let ways = self.ways(words, budget)?;
        if !ways.is_empty() {
            found.read.insert(members.clone());
        }
        let possible = |way: &Values| way.iter().all(|(key, value)| is_plain(value) || !is_named_in_iam(key));
        if !ways.iter().any(possible) {
            found.met.extend(self.open(words).filter(|_| !ways.is_empty()).map(|other| (members.clone(), other)));
        }
        for way in ways.into_iter().filter(possible) {
            if !way.values().all(is_plain) {
                return Err(Exhausted);
            }
            budget.spend(members.len() * READ)?;
            let is_met =
                |number: &usize| self.others.get(*number).is_some_and(|other| !is_open(other) || matches(&filled(other, &way), words));
            let met: Vec<usize> = members.iter().copied().filter(is_met).collect();
            found.met.extend(met.iter().map(|other| (members.clone(), *other)));
            if !self.told.has(&met) {
                let is_of = |key: &str, glob: &Glob| matches!(way.get(key), Some(Value::Is(own)) if glob.matches(&Word::new(own.clone())));
                let kinds = self.kinds.iter().filter(|(key, glob, _)| is_of(key, glob)).map(|(key, glob, _)| (*key, *glob)).collect();
                let missing = way.iter().filter(|(_, value)| **value == Value::Missing).map(|(key, _)| key.clone()).collect();
                let about = met.iter().filter_map(|number| self.others.get(*number)).copied().chain([self.pattern]).collect();
                let own = found.of_no_cell.entry((about, kinds, missing)).or_insert_with(|| way.clone());
                if is_likelier(&way, own) {
                    own.clone_from(&way);
                }
            }
            found.seen.insert(way);
        }
        Ok(())
    }

    /// What may be about what the pattern is about, and the kinds of values.
    fn all(&self) -> impl Iterator<Item = &Tuple> {
        self.others_wide.iter().map(Vec::as_slice).chain(self.kinds.iter().map(|(_, _, filled)| filled.as_slice()))
    }

    /// The numbers of those of them that the words are in.
    fn members(&self, words: &[Word]) -> Vec<usize> {
        (0..).zip(self.all()).filter(|(_, globs)| matches(globs, words)).map(|(number, _)| number).collect()
    }

    /// Words with letters that no pattern spells: what is the same text from both ends, as `bb` is, hides what others are not.
    fn varied(&self) -> Vec<Vec<Glob>> {
        let spelt: String = self.others.iter().chain([&self.pattern]).map(|pattern| pattern.text()).collect();
        let mut fresh = ('a'..='z').rev().chain('0'..='9').filter(|letter| !spelt.contains(*letter));
        let (Some(one), Some(other)) = (fresh.next(), fresh.next()) else { return Vec::new() };
        let is_open = |glob: &&Glob| glob.symbols().next().is_some();
        let of = |text: String| {
            let varied = move |glob: &Glob| if is_open(&glob) { Glob::parse(&text) } else { Glob::any() };
            self.pattern.globs().iter().map(varied).collect::<Vec<Glob>>()
        };
        vec![of(format!("*{one}*")), of(format!("*{one}*{other}*"))]
    }

    /// What the pattern is about where one of its variables, or none of them, has a value, and the defaults stand for the others.
    fn by_default(&self) -> Vec<Vec<Glob>> {
        let keys: BTreeSet<&str> = symbols(self.pattern).map(key_and_default).filter_map(|(key, default)| default.map(|_| key)).collect();
        let without = |is_missing: &dyn Fn(&str) -> bool| {
            let pieces = |symbol: &str| match key_and_default(symbol) {
                (key, Some(default)) if is_missing(key) => spelt(default).into_iter().map(Piece::Letter).collect(),
                _ => anything(symbol),
            };
            widened(self.pattern.globs(), &pieces)
        };
        keys.iter().map(|own| without(&|key| key == *own)).chain((keys.len() > 1).then(|| without(&|_| true))).collect()
    }

    /// The others with variables that may be about these words.
    fn open<'o>(&'o self, words: &'o [Word]) -> impl Iterator<Item = usize> + 'o {
        let is_it = |(_, (other, wide)): &(usize, (&&Resource, &Vec<Glob>))| is_open(other) && matches(wide, words);
        (0..).zip(self.others.iter().zip(&self.others_wide)).filter(is_it).map(|(number, _)| number)
    }

    /// Every way to read the words as the pattern, and as some of the others.
    fn ways(&self, words: &[Word], budget: &mut Budget) -> Result<Vec<Values>, Exhausted> {
        let read = |pattern: &Resource, values: &Values| read_words(pattern, words, values.clone());
        let mut ways = read(self.pattern, &Values::new())?;
        for other in self.open(words).filter_map(|number| self.others.get(number)) {
            budget.spend(HELD * ways.len())?;
            let both: Vec<Vec<Values>> = ways.iter().map(|way| read(other, way)).collect::<Result<_, _>>()?;
            ways.extend(both.into_iter().flatten());
            ways.sort();
            ways.dedup();
            if ways.len() > WAYS {
                return Err(Exhausted);
            }
        }
        Ok(ways)
    }
}

/// A value that is there is likelier than one that is empty.
fn is_likelier(values: &Values, than: &Values) -> bool {
    let empty = |values: &Values| values.values().filter(|value| **value == Value::Is(Vec::new())).count();
    empty(values) < empty(than)
}

/// The pieces of any value.
fn anything(_: &str) -> Vec<Piece> {
    vec![Piece::Many]
}

/// With pieces in the places of the variables.
fn widened(globs: &Tuple, pieces: &dyn Fn(&str) -> Vec<Piece>) -> Vec<Glob> {
    let of_piece = |piece: Piece| if let Piece::Letter(Letter::Symbol(symbol)) = &piece { pieces(symbol) } else { vec![piece] };
    globs.iter().map(|glob| Glob::new(glob.pieces().into_iter().flat_map(of_piece))).collect()
}

/// A pattern with values in the places of its variables.
fn filled(pattern: &Resource, values: &Values) -> Vec<Glob> {
    let letters = |symbol: &str| {
        let (key, default) = key_and_default(symbol);
        let letters = match values.get(key) {
            Some(Value::Is(letters)) => Some(letters.clone()),
            Some(Value::Missing) => default.map(spelt),
            None => None,
        };
        let itself = || vec![Letter::Symbol(symbol.into())];
        letters.unwrap_or_else(itself).into_iter().map(Piece::Letter).collect()
    };
    widened(pattern.globs(), &letters)
}

/// Whether no values of their variables make both be about one thing, as far as that is seen: `${aws:username}` is itself in both.
fn are_apart(one: &Resource, other: &Resource, budget: &mut Budget) -> Result<bool, Exhausted> {
    for (one, other) in one.globs().iter().zip(other.globs()) {
        let (mut one, mut other) = (one.pieces(), other.pieces());
        for _ in 0..2 {
            let is_same = |(one, other): &(&Piece, &Piece)| one == other && !one.repeats();
            let same = one.iter().rev().zip(other.iter().rev()).take_while(is_same).count();
            one.truncate(one.len() - same);
            other.truncate(other.len() - same);
            one.reverse();
            other.reverse();
        }
        budget.spend(HELD)?;
        let [one, other] = [one, other].map(|pieces| widened(&[Glob::new(pieces)], &anything));
        let classes = partition(&one, &[&other], budget)?;
        if classes.iter().all(|class| class.members.is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Every way to read words as a pattern.
fn read_words(pattern: &Resource, words: &[Word], values: Values) -> Result<Vec<Values>, Exhausted> {
    let mut ways = vec![values];
    for (glob, word) in pattern.globs().iter().zip(words) {
        let (pieces, letters) = (glob.pieces(), word.letters());
        ways = ways.into_iter().flat_map(|way| read_as(&pieces, &letters, way)).collect();
        ways.sort();
        ways.dedup();
        if ways.len() > WAYS {
            return Err(Exhausted);
        }
    }
    Ok(ways)
}

/// Every way in which the letters are what the pieces mean, with what the variables are then; of too many, more than are looked at.
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
            by_default.into_iter().flatten().chain(by_value).take(WAYS + 1).collect()
        }
        piece if piece.repeats() => (0..=letters.len())
            .take_while(|count| letters.get(..*count).unwrap_or_default().iter().all(|letter| piece.takes(letter)))
            .flat_map(|count| read_as(behind, after(count), values.clone()))
            .take(WAYS + 1)
            .collect(),
        piece => match letters.split_first() {
            Some((letter, rest)) if piece.takes(letter) => read_as(behind, rest, values),
            _ => Vec::new(),
        },
    }
}

/// Whether IAM lets nobody have a value with a wildcard or a `$` for this key.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules>
fn is_named_in_iam(key: &str) -> bool {
    key == "aws:username" || key.starts_with("aws:principaltag/")
}

/// Whether a value can be written into a policy as it is.
fn is_plain(value: &Value) -> bool {
    let is_itself = |letter: &Letter| matches!(letter, Letter::Char(c) if !matches!(c, '*' | '?' | '$'));
    if let Value::Is(letters) = value { letters.iter().all(is_itself) } else { true }
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

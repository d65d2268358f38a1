//! Where a pattern with variables meets other patterns for some values of them, and which values these are.

use super::values::{HELD, Values, WAYS, anything, filled, is_likelier, is_open, is_plain, is_possible, read_words, symbols, widened};
use crate::access::{Budget, Exhausted, Glob, Piece, Tuple, Word, matches, may_meet, partition};
use crate::systems::aws::pattern::{Notation, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// What it costs to put values in the places of variables.
const READ: usize = 20;

/// A pattern with variables, and what else may be about what it is about.
pub(super) struct Meetings<'m> {
    pattern: &'m Resource,
    others: Vec<&'m Resource>,
    /// What the pattern and the others are about for any values of their variables.
    wide: Vec<Glob>,
    others_wide: Vec<Vec<Glob>>,
    /// What the pattern is about for each kind of value of a variable that conditions tell apart.
    kinds: Vec<(&'m str, &'m Glob, Vec<Glob>)>,
    /// For each cell of the pattern, which of the others it is in.
    cells: BTreeSet<Vec<usize>>,
}

/// Which patterns are about something, and of which kinds the values are.
pub(super) type Told<'m> = (BTreeSet<&'m Resource>, BTreeSet<(&'m str, &'m Glob)>);

/// What was found where patterns meet.
#[derive(Default)]
struct Found<'m> {
    /// Values that were looked at.
    seen: BTreeSet<Values>,
    /// What all may be about words that are read as the pattern.
    read: BTreeSet<Vec<usize>>,
    /// Which other is about words that all these may be about.
    met: BTreeSet<(Vec<usize>, usize)>,
    /// By what is about the words and what kind of value it is: values for which that is so, where it is so in no cell.
    of_no_cell: BTreeMap<Told<'m>, Values>,
}

impl<'m> Meetings<'m> {
    pub(super) fn of(
        pattern: &'m Resource,
        patterns: &BTreeSet<&'m Resource>,
        asked: &'m BTreeMap<Box<str>, Vec<Glob>>,
        budget: &mut Budget,
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
        let keys: BTreeSet<&str> = symbols(pattern).collect();
        let of_key = |key: &&str| {
            let asked = asked.get_key_value(*key);
            asked.into_iter().flat_map(|(key, globs)| globs.iter().map(move |glob| (&**key, glob))).collect::<Vec<_>>()
        };
        let kinds = keys.iter().flat_map(of_key).map(|(key, glob)| {
            let of_kind = |symbol: &str| if symbol == key { glob.pieces() } else { vec![Piece::Many] };
            let filled = widened(pattern.globs(), &of_kind);
            (key, glob, filled)
        });
        let kinds = kinds.collect();
        let globs: Vec<&Tuple> = others.iter().map(|other| other.globs()).collect();
        let cells = partition(pattern.globs(), &globs, budget)?.into_iter().map(|class| class.members).collect();
        Ok(Self { pattern, others, wide, others_wide, kinds, cells })
    }

    /// Whether one of these patterns is about something that the pattern is about.
    pub(super) fn meets_one_of(&self, patterns: &BTreeSet<&Resource>) -> bool {
        patterns.contains(self.pattern) || self.others.iter().any(|other| patterns.contains(other))
    }

    /// What the variables are, once for everything that is told of some value and of no cell.
    pub(super) fn values(&self, budget: &mut Budget) -> Result<BTreeMap<Told<'m>, Values>, Exhausted> {
        let mut found = Found::default();
        let varied = self.varied();
        let classes = partition(&self.wide, &self.all().chain(varied.iter().map(Vec::as_slice)).collect::<Vec<_>>(), budget)?;
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
            for way in found.seen.clone() {
                let others: Vec<Vec<Glob>> = self.others.iter().map(|other| widened(&filled(other, &way), &anything)).collect();
                let others = others.iter().map(Vec::as_slice).chain(self.all()).chain(varied.iter().map(Vec::as_slice));
                for class in partition(&widened(&filled(self.pattern, &way), &anything), &others.collect::<Vec<_>>(), budget)? {
                    self.look_at(&class.words, &mut found, budget)?;
                }
            }
        }
        if left(&found) { Err(Exhausted) } else { Ok(found.of_no_cell) }
    }

    fn look_at(&self, words: &[Word], found: &mut Found<'m>, budget: &mut Budget) -> Result<(), Exhausted> {
        let members = self.members(words);
        budget.spend(self.others.len() + self.kinds.len())?;
        let ways = self.ways(words, budget)?;
        if !ways.is_empty() {
            found.read.insert(members.clone());
        }
        if !ways.iter().any(is_possible) {
            found.met.extend(self.open(words).filter(|_| !ways.is_empty()).map(|other| (members.clone(), other)));
        }
        for way in ways.into_iter().filter(is_possible) {
            if !way.values().all(is_plain) {
                return Err(Exhausted);
            }
            budget.spend(members.len() * READ)?;
            let is_met =
                |number: &usize| self.others.get(*number).is_some_and(|other| !is_open(other) || matches(&filled(other, &way), words));
            let met: Vec<usize> = members.iter().copied().filter(is_met).collect();
            found.met.extend(met.iter().map(|other| (members.clone(), *other)));
            if !self.cells.contains(&met) {
                let is_of = |key: &str, glob: &Glob| way.get(key).is_some_and(|own| glob.matches(&Word::new(own.clone())));
                let kinds = self.kinds.iter().filter(|(key, glob, _)| is_of(key, glob)).map(|(key, glob, _)| (*key, *glob)).collect();
                let about = met.iter().filter_map(|number| self.others.get(*number)).copied().chain([self.pattern]).collect();
                let own = found.of_no_cell.entry((about, kinds)).or_insert_with(|| way.clone());
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

    /// The others with variables that may be about these words.
    fn open<'o>(&'o self, words: &'o [Word]) -> impl Iterator<Item = usize> + 'o {
        let is_it = |(_, (other, wide)): &(usize, (&&Resource, &Vec<Glob>))| is_open(other) && matches(wide, words);
        (0..).zip(self.others.iter().zip(&self.others_wide)).filter(is_it).map(|(number, _)| number)
    }

    /// Every way to read the words as the pattern, and as some of the others.
    fn ways(&self, words: &[Word], budget: &mut Budget) -> Result<BTreeSet<Values>, Exhausted> {
        let mut ways = read_words(self.pattern, words, &Values::new(), budget)?;
        for other in self.open(words).filter_map(|number| self.others.get(number)) {
            let before: Vec<Values> = ways.iter().cloned().collect();
            for way in before {
                budget.spend(HELD)?;
                ways.extend(read_words(other, words, &way, budget)?);
                if ways.len() > WAYS {
                    return Err(Exhausted);
                }
            }
        }
        Ok(ways)
    }
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

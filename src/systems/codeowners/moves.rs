//! Where patterns go with one more segment of a path, and which segments they tell apart.

use super::pattern::{SEGMENT, Shape, Step};
use crate::access::{Budget, Class, Exhausted, Glob, Word, classes};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// A pattern, and the position that it takes.
type Move = (usize, usize);

/// What a pattern wants of a segment at one position.
enum Wants<'g> {
    /// It stays, whatever the segment is.
    Any,
    /// It goes on, whatever the segment is.
    Some,
    /// This text.
    Text(&'g str),
    /// A glob, by its number.
    Glob(usize),
}

/// Where the patterns of a state may go.
#[derive(Default)]
pub(super) struct Moves<'g> {
    /// Whatever the segment is.
    always: Vec<Move>,
    /// If it is this text.
    texts: BTreeMap<&'g str, Vec<Move>>,
    /// If it matches this glob.
    globs: BTreeMap<usize, Vec<Move>>,
}

/// A segment, and the globs that match it, by number.
#[derive(Clone)]
pub(super) struct Segment {
    pub(super) text: Box<str>,
    globs: Rc<[usize]>,
    /// It stands for all segments that these globs match and that no pattern names.
    is_any: bool,
}

impl Segment {
    /// Whether no pattern asks for such a segment.
    pub(super) fn is_plain(&self) -> bool {
        self.is_any && self.globs.is_empty()
    }
}

impl Moves<'_> {
    /// The moves with a segment.
    pub(super) fn through<'m>(&'m self, segment: &'m Segment) -> impl Iterator<Item = Move> + 'm {
        self.always.iter().copied().chain(self.at(segment))
    }

    /// The patterns that move with this segment and not with every one.
    pub(super) fn only<'m>(&'m self, segment: &'m Segment) -> impl Iterator<Item = usize> + 'm {
        self.at(segment).map(|(pattern, _)| pattern)
    }

    /// The patterns that move with every segment.
    pub(super) fn always(&self) -> impl Iterator<Item = usize> {
        self.always.iter().map(|(pattern, _)| *pattern)
    }

    fn at<'m>(&'m self, segment: &'m Segment) -> impl Iterator<Item = Move> + 'm {
        let by_text = self.texts.get(&*segment.text).filter(|_| !segment.is_any);
        let by_glob = segment.globs.iter().filter_map(|glob| self.globs.get(glob));
        by_text.into_iter().chain(by_glob).flatten().copied()
    }

    /// Whether every pattern names its segment or is settled by any.
    pub(super) fn settle_or_name(&self, is_settled: impl Fn(usize, usize) -> bool) -> bool {
        self.globs.is_empty() && self.always.iter().all(|(pattern, position)| is_settled(*pattern, *position))
    }

    /// Whether a pattern names this text.
    pub(super) fn names(&self, text: &str) -> bool {
        self.texts.contains_key(text)
    }
}

/// The segments that patterns tell apart.
pub(super) struct Segments<'g> {
    wants: Vec<Vec<Wants<'g>>>,
    globs: Vec<&'g Glob>,
    /// Most states ask for the same globs.
    cut: HashMap<Vec<usize>, Rc<[Segment]>>,
    matched: HashMap<(&'g str, usize), bool>,
}

impl<'g> Segments<'g> {
    pub(super) fn new(shapes: &[&'g Shape]) -> Self {
        let steps = shapes.iter().flat_map(|shape| &shape.steps);
        let distinct: BTreeSet<&'g Glob> = steps.filter_map(|step| if let Step::One(glob) = step { Some(glob) } else { None }).collect();
        // In an order, so that which side comes first makes no difference.
        let globs: Vec<&'g Glob> = distinct.into_iter().filter(|glob| **glob != *SEGMENT && glob.as_exact().is_none()).collect();
        let want = |step: &'g Step| match step {
            Step::Any => Wants::Any,
            Step::One(glob) => match (glob.as_exact(), globs.binary_search(&glob)) {
                (Some(text), _) => Wants::Text(text),
                (None, Ok(number)) => Wants::Glob(number),
                (None, Err(_)) => Wants::Some,
            },
        };
        let wants = shapes.iter().map(|shape| shape.steps.iter().map(want).collect()).collect();
        Self { wants, globs, cut: HashMap::new(), matched: HashMap::new() }
    }

    pub(super) fn moves(&self, live: &[(usize, u64)]) -> Moves<'g> {
        let mut moves = Moves::default();
        for (pattern, positions) in live {
            let wants = self.wants.get(*pattern).into_iter().flatten().enumerate();
            for (position, want) in wants.filter(|(position, _)| positions >> position & 1 == 1) {
                match want {
                    Wants::Any => moves.always.push((*pattern, position)),
                    Wants::Some => moves.always.push((*pattern, position + 1)),
                    Wants::Text(text) => moves.texts.entry(text).or_default().push((*pattern, position + 1)),
                    Wants::Glob(glob) => moves.globs.entry(*glob).or_default().push((*pattern, position + 1)),
                }
            }
        }
        moves
    }

    /// One segment for each text, and one for each set of globs that match it and that is none of the texts.
    pub(super) fn all(&mut self, moves: &Moves<'g>, budget: &mut Budget) -> Result<Vec<Segment>, Exhausted> {
        let mut segments = self.of_texts(moves, moves, budget)?;
        let numbers: Vec<usize> = moves.globs.keys().copied().collect();
        if !self.cut.contains_key(&numbers) {
            let globs: Vec<&Glob> = numbers.iter().filter_map(|number| self.globs.get(*number).copied()).collect();
            let cut = classes(&SEGMENT, &globs, budget)?.into_iter().map(|class| named(&class, &globs, &numbers)).collect();
            self.cut.insert(numbers.clone(), cut);
        }
        let cut = self.cut.get(&numbers).map(Rc::clone).unwrap_or_default();
        for segment in cut.iter() {
            if !moves.names(&segment.text) {
                segments.push(segment.clone());
            } else if let Some(text) = self.another(segment, &numbers, moves, budget)? {
                segments.push(Segment { text, ..segment.clone() });
            }
        }
        Ok(segments)
    }

    /// One segment for each text that is named.
    pub(super) fn of_texts(&mut self, named: &Moves<'g>, moves: &Moves<'g>, budget: &mut Budget) -> Result<Vec<Segment>, Exhausted> {
        budget.spend(1 + named.texts.len() * (1 + moves.globs.len()) / 4)?;
        let mut segments = Vec::with_capacity(named.texts.len());
        for text in named.texts.keys() {
            let globs = moves.globs.keys().copied().filter(|glob| self.matches(text, *glob)).collect();
            segments.push(Segment { text: (*text).into(), globs, is_any: false });
        }
        Ok(segments)
    }

    fn matches(&mut self, text: &'g str, glob: usize) -> bool {
        let globs = &self.globs;
        *self.matched.entry((text, glob)).or_insert_with(|| globs.get(glob).is_some_and(|glob| glob.matches(&Word::plain(text))))
    }

    /// A segment that no glob matches and none of the patterns names, like this one.
    pub(super) fn unnamed(&self, plain: &Segment, moves: &Moves<'_>) -> Option<String> {
        let is_free = |text: &String| !moves.names(text) && !self.globs.iter().any(|glob| glob.matches(&Word::plain(text.as_str())));
        let longer = ('a'..='z').map(|letter| format!("{}{letter}", plain.text));
        if moves.names(&plain.text) { longer.into_iter().find(is_free) } else { Some(plain.text.to_string()) }
    }

    /// Another segment that the same globs match, none of the texts; none if there is none.
    fn another(&self, segment: &Segment, numbers: &[usize], moves: &Moves<'_>, budget: &mut Budget) -> Result<Option<Box<str>>, Exhausted> {
        let mut taken = vec![Glob::exact(segment.text.clone())];
        let wanted: Vec<usize> =
            numbers.iter().enumerate().filter(|(_, number)| segment.globs.contains(number)).map(|(at, _)| at).collect();
        loop {
            let own = numbers.iter().filter_map(|number| self.globs.get(*number).copied());
            let all: Vec<&Glob> = own.chain(&taken).collect();
            let Some(class) = classes(&SEGMENT, &all, budget)?.into_iter().find(|class| class.members == wanted) else { return Ok(None) };
            let other = text(&class.word);
            if !moves.names(&other) {
                return Ok(Some(other));
            }
            taken.push(Glob::exact(other));
        }
    }
}

/// A segment of the class, one that has a name before its ending if there is one.
fn named(class: &Class, globs: &[&Glob], numbers: &[usize]) -> Segment {
    let shortest = text(&class.word);
    let longer = Word::plain(format!("x{shortest}"));
    let is_same = globs.iter().enumerate().all(|(at, glob)| glob.matches(&longer) == class.members.contains(&at));
    let text = if shortest.starts_with('.') && is_same { text(&longer) } else { shortest };
    let globs = class.members.iter().filter_map(|at| numbers.get(*at).copied()).collect();
    Segment { text, globs, is_any: true }
}

/// Patterns of paths have no symbols.
fn text(word: &Word) -> Box<str> {
    if let Word::Plain(text) = word { text.clone() } else { word.to_string().into() }
}

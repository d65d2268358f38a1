//! All paths that can matter, walked segment by segment and together: which line decides on each side, one path for each answer.
//!
//! A state is what the path so far leaves open: the patterns that may still match, and on each side the last line that matches
//! however the path goes on, which makes all lines before it useless. That keeps the states few: about one for each directory
//! that a pattern names. A state in which no line can decide that differs between the first two sides is left.

use super::pattern::{SEGMENT, Shape, Step};
use crate::access::{Budget, Class, Exhausted, Glob, Word, classes};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::rc::Rc;

/// The rank of what anybody can approve, before which no line counts.
pub(super) const EVERYBODY: u32 = u32::MAX;

/// A side as the walk sees it: the rank of each pattern, by number, and the pattern of each rank.
#[derive(Default)]
pub(super) struct Ranking {
    pub(super) ranks: Vec<Option<u32>>,
    pub(super) patterns: HashMap<u32, usize>,
}

/// What is walked over.
pub(super) struct Ground<'g> {
    /// Every pattern of every side once.
    pub(super) shapes: &'g [&'g Shape],
    /// The first two are compared.
    pub(super) sides: &'g [&'g Ranking],
    /// Whether the line with that pattern differs between the first two, by number.
    pub(super) differs: &'g [bool],
}

/// The rank of the line that decides on each side.
pub(super) type Decides = Box<[Option<u32>]>;

/// What the path so far leaves open.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    /// Patterns by number, and the positions that each may be at; ascending.
    live: Box<[(usize, u64)]>,
    settled: Decides,
}

/// How states were reached: the one before, by its number, and the segment.
type Trail = Vec<(usize, Box<str>)>;

/// Every answer that a line gives which differs between the first two sides, and a short path for each.
pub(super) fn walk(ground: &Ground<'_>, budget: &mut Budget) -> Result<BTreeMap<Decides, String>, Exhausted> {
    let mut walker = Walker { ground, known: HashMap::new() };
    let start = walker.start();
    let mut seen = HashSet::from([start.clone()]);
    let mut queue = VecDeque::from([(start, 0)]);
    let mut trail: Trail = vec![(0, Box::default())];
    let mut found = BTreeMap::new();
    while let Some((state, reached)) = queue.pop_front() {
        if reached > 0 {
            let decides = ground.decides(&state);
            if ground.is_by_a_difference(&decides) {
                found.entry(decides).or_insert_with(|| path(&trail, reached));
            }
        }
        for (segment, next) in walker.expand(&state, budget)? {
            if seen.insert(next.clone()) {
                trail.push((reached, segment));
                queue.push_back((next, trail.len() - 1));
            }
        }
    }
    Ok(found)
}

fn path(trail: &Trail, reached: usize) -> String {
    let mut segments = Vec::new();
    let mut at = reached;
    while let Some((before, segment)) = trail.get(at).filter(|_| at > 0) {
        segments.push(&**segment);
        at = *before;
    }
    segments.reverse();
    segments.join("/")
}

impl Ground<'_> {
    fn rank(&self, side: usize, pattern: usize) -> Option<u32> {
        self.sides.get(side)?.ranks.get(pattern).copied().flatten()
    }

    fn differs(&self, pattern: usize) -> bool {
        self.differs.get(pattern).copied().unwrap_or(false)
    }

    fn decides(&self, state: &State) -> Decides {
        let matching: Vec<usize> =
            state.live.iter().filter(|(pattern, at)| self.accepts(*pattern, *at)).map(|(pattern, _)| *pattern).collect();
        let last =
            |(side, settled): (usize, &Option<u32>)| matching.iter().map(|pattern| self.rank(side, *pattern)).chain([*settled]).max()?;
        state.settled.iter().enumerate().map(last).collect()
    }

    fn accepts(&self, pattern: usize, positions: u64) -> bool {
        self.shapes.get(pattern).is_some_and(|shape| shape.accepts(positions))
    }

    /// Whether one of the first two sides is decided by a line that differs.
    fn is_by_a_difference(&self, decides: &[Option<u32>]) -> bool {
        let pattern = |(side, rank): (&&Ranking, &Option<u32>)| side.patterns.get(&(*rank)?).copied();
        self.sides.iter().zip(decides).take(2).filter_map(pattern).any(|pattern| self.differs(pattern))
    }

    /// Whether a line that differs may still decide.
    fn is_alive(&self, state: &State) -> bool {
        let may_decide = |pattern: usize| (0..2).any(|side| self.rank(side, pattern) > state.settled.get(side).copied().flatten());
        self.is_by_a_difference(&state.settled) || state.live.iter().any(|(pattern, _)| self.differs(*pattern) && may_decide(*pattern))
    }
}

/// Segments that the globs of a state tell apart: which of the globs match, by index, and one such segment.
type Kind = (Vec<usize>, Box<str>);

struct Walker<'w, 'g> {
    ground: &'w Ground<'g>,
    /// Most states ask for the same globs.
    known: HashMap<Vec<&'g Glob>, Rc<[Kind]>>,
}

/// A pattern, and the position that it takes.
type Move = (usize, usize);

/// Where the patterns of a state may go.
#[derive(Default)]
struct Moves<'g> {
    /// Whatever the segment is, a line that differs may still decide after it.
    matters: bool,
    /// Whatever the segment is.
    always: Vec<Move>,
    /// If it is this text.
    exact: BTreeMap<&'g str, Vec<Move>>,
    /// If it matches this glob.
    globs: BTreeMap<&'g Glob, Vec<Move>>,
}

impl<'g> Walker<'_, 'g> {
    fn start(&self) -> State {
        let live = self.ground.shapes.iter().enumerate().map(|(pattern, shape)| (pattern, shape.start())).collect();
        State { live, settled: vec![None; self.ground.sides.len()].into() }
    }

    /// The states after one more segment, one segment for each.
    fn expand(&mut self, state: &State, budget: &mut Budget) -> Result<Vec<(Box<str>, State)>, Exhausted> {
        let mut moves = self.moves(state);
        let differs = |moves: &[Move]| moves.iter().any(|(pattern, _)| self.ground.differs(*pattern));
        moves.matters = self.ground.is_by_a_difference(&state.settled) || differs(&moves.always);
        budget.spend(1 + state.live.len() / 4)?;
        let globs: Vec<&'g Glob> = moves.globs.keys().copied().collect();
        let mut next = Vec::new();
        for (members, segment) in self.kinds(&globs, &moves, budget)? {
            let through: Vec<&[Move]> = members.iter().filter_map(|at| moves.globs.get(*globs.get(*at)?)).map(Vec::as_slice).collect();
            self.step(state, &moves, &through, segment, &mut next, budget)?;
        }
        for (text, own) in &moves.exact {
            budget.spend(1 + globs.len() / 4)?;
            let word = Word::plain(*text);
            let through = moves.globs.iter().filter(|(glob, _)| glob.matches(&word)).map(|(_, moves)| moves.as_slice());
            let through: Vec<&[Move]> = through.chain([own.as_slice()]).collect();
            self.step(state, &moves, &through, (*text).into(), &mut next, budget)?;
        }
        Ok(next)
    }

    fn moves(&self, state: &State) -> Moves<'g> {
        let mut moves = Moves::default();
        for (pattern, positions) in &state.live {
            let Some(shape) = self.ground.shapes.get(*pattern) else { continue };
            for (position, step) in shape.steps.iter().enumerate().filter(|(position, _)| positions >> position & 1 == 1) {
                match step {
                    Step::Any => moves.always.push((*pattern, position)),
                    Step::One(glob) if *glob == *SEGMENT => moves.always.push((*pattern, position + 1)),
                    Step::One(glob) => match glob.as_exact() {
                        Some(text) => moves.exact.entry(text).or_default().push((*pattern, position + 1)),
                        None => moves.globs.entry(glob).or_default().push((*pattern, position + 1)),
                    },
                }
            }
        }
        moves
    }

    /// One segment for each set of globs that match it and that is none of the texts.
    fn kinds(&mut self, globs: &[&'g Glob], moves: &Moves<'g>, budget: &mut Budget) -> Result<Vec<Kind>, Exhausted> {
        if !self.known.contains_key(globs) {
            let cut = classes(&SEGMENT, globs, budget)?;
            self.known.insert(globs.to_vec(), cut.into_iter().map(|class| named(class, globs)).collect());
        }
        let kinds = self.known.get(globs).map(Rc::clone).unwrap_or_default();
        let mut free = Vec::new();
        for (members, segment) in kinds.iter() {
            if !moves.exact.contains_key(&**segment) {
                free.push((members.clone(), segment.clone()));
            } else if let Some(other) = another(globs, members, segment, moves, budget)? {
                free.push((members.clone(), other));
            }
        }
        Ok(free)
    }

    /// The state after a segment, unless nothing in it matters.
    fn step(
        &self,
        state: &State,
        moves: &Moves<'g>,
        through: &[&[Move]],
        segment: Box<str>,
        next: &mut Vec<(Box<str>, State)>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        if !moves.matters && !through.iter().copied().flatten().any(|(pattern, _)| self.ground.differs(*pattern)) {
            return Ok(());
        }
        let taken = through.iter().flat_map(|moves| moves.iter()).chain(&moves.always);
        let mut live: Vec<(usize, u64)> =
            taken.filter_map(|(pattern, position)| Some((*pattern, self.ground.shapes.get(*pattern)?.enter(*position)))).collect();
        budget.spend(1 + live.len() / 2)?;
        live.sort_unstable();
        live.dedup_by(|(pattern, positions), (kept, all)| {
            let is_same = pattern == kept;
            *all |= if is_same { *positions } else { 0 };
            is_same
        });
        let after = self.settle(&state.settled, live);
        if self.ground.is_alive(&after) {
            next.push((segment, after));
        }
        Ok(())
    }

    /// Leaves out every pattern that no longer decides on any side.
    fn settle(&self, settled: &Decides, mut live: Vec<(usize, u64)>) -> State {
        let mut settled = settled.clone();
        for (pattern, positions) in &live {
            if self.ground.shapes.get(*pattern).is_some_and(|shape| shape.is_settled(*positions)) {
                for (side, last) in settled.iter_mut().enumerate() {
                    *last = (*last).max(self.ground.rank(side, *pattern));
                }
            }
        }
        live.retain(|(pattern, _)| settled.iter().enumerate().any(|(side, last)| self.ground.rank(side, *pattern) > *last));
        State { live: live.into(), settled }
    }
}

/// A segment of the class, one that has a name before its ending if there is one.
fn named(class: Class, globs: &[&Glob]) -> (Vec<usize>, Box<str>) {
    let shortest = text(&class.word);
    let longer = Word::plain(format!("x{shortest}"));
    let is_same = globs.iter().enumerate().all(|(at, glob)| glob.matches(&longer) == class.members.contains(&at));
    let is_ending = shortest.starts_with('.');
    (class.members, if is_ending && is_same { text(&longer) } else { shortest })
}

/// Patterns of paths have no symbols.
fn text(word: &Word) -> Box<str> {
    if let Word::Plain(text) = word { text.clone() } else { word.to_string().into() }
}

/// Another segment that the same globs match, none of the texts; none if there is none.
fn another(
    globs: &[&Glob],
    members: &[usize],
    segment: &str,
    moves: &Moves<'_>,
    budget: &mut Budget,
) -> Result<Option<Box<str>>, Exhausted> {
    let mut taken = vec![Glob::exact(segment)];
    loop {
        let all: Vec<&Glob> = globs.iter().copied().chain(&taken).collect();
        let Some(class) = classes(&SEGMENT, &all, budget)?.into_iter().find(|class| class.members == members) else { return Ok(None) };
        let other = text(&class.word);
        if !moves.exact.contains_key(&*other) {
            return Ok(Some(other));
        }
        taken.push(Glob::exact(other));
    }
}

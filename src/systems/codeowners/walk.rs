//! All paths that can matter, walked segment by segment and together: which line decides on each side, one path for each answer.
//!
//! A state is what the path so far leaves open: the patterns that may still match, and on each side the last line that matches
//! however the path goes on, which makes all lines before it useless. Patterns that begin with `**`, and those that name a file in any
//! directory, float: they may match below every directory. What they decide among themselves is the same everywhere, and is
//! walked once; so the states are about one for each directory that a pattern names. A state in which no line can decide that differs
//! between the first two sides is left.

use super::moves::{Moves, Segment, Segments};
use super::pattern::Shape;
use crate::access::{Budget, Exhausted};
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

/// Patterns by number, and the positions that each may be at; ascending.
pub(super) type Live = Box<[(usize, u64)]>;

/// Answers, each with a path.
type Answers = BTreeMap<Decides, String>;

/// What the path so far leaves open.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    live: Live,
    settled: Decides,
}

impl State {
    /// What keeping it costs beside its time.
    fn kept(&self) -> usize {
        4 * (self.live.len() + self.settled.len())
    }
}

/// What floating patterns decide among themselves after one more segment at least.
#[derive(Default)]
struct Floating {
    /// A segment that none of their globs matches, if there is one.
    plain: Option<Segment>,
    /// Behind such a segment: answers, and how the path goes on.
    behind: Answers,
    /// Behind any other: answers, and the whole rest of the path.
    others: Answers,
}

/// Every answer that a line gives which differs between the first two sides, and a path for each.
pub(super) fn walk(ground: &Ground<'_>, budget: &mut Budget) -> Result<Answers, Exhausted> {
    let mut walker = Walker { ground, segments: Segments::new(ground.shapes), floating: HashMap::new(), found: BTreeMap::new() };
    let live = ground.shapes.iter().enumerate().map(|(pattern, shape)| (pattern, shape.start())).collect();
    let start = State { live, settled: ground.nothing() };
    let mut seen = HashSet::from([start.clone()]);
    let mut queue = VecDeque::from([(start, String::new())]);
    while let Some((state, path)) = queue.pop_front() {
        if !path.is_empty() {
            walker.note(ground.decides(&state), || path.clone());
        }
        for (segment, next) in walker.expand(&state, &path, budget)? {
            if seen.insert(next.clone()) {
                budget.spend(next.kept())?;
                queue.push_back((next, below(&path, &segment)));
            }
        }
    }
    Ok(walker.found)
}

fn below(path: &str, segment: &str) -> String {
    if path.is_empty() { segment.to_owned() } else { format!("{path}/{segment}") }
}

impl Ground<'_> {
    fn nothing(&self) -> Decides {
        vec![None; self.sides.len()].into()
    }

    fn rank(&self, side: usize, pattern: usize) -> Option<u32> {
        self.sides.get(side)?.ranks.get(pattern).copied().flatten()
    }

    fn differs(&self, pattern: usize) -> bool {
        self.differs.get(pattern).copied().unwrap_or(false)
    }

    fn shape(&self, pattern: usize) -> Option<&Shape> {
        self.shapes.get(pattern).copied()
    }

    /// The last line of all that match, on each side.
    fn last(&self, before: &[Option<u32>], matching: impl Iterator<Item = usize>) -> Decides {
        let mut last: Decides = before.into();
        for pattern in matching {
            for (side, rank) in last.iter_mut().enumerate() {
                *rank = (*rank).max(self.rank(side, pattern));
            }
        }
        last
    }

    fn decides(&self, state: &State) -> Decides {
        let accepts = |(pattern, at): &&(usize, u64)| self.shape(*pattern).is_some_and(|shape| shape.accepts(*at));
        self.last(&state.settled, state.live.iter().filter(accepts).map(|(pattern, _)| *pattern))
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

    fn floats(&self, (pattern, positions): &(usize, u64)) -> bool {
        self.shape(*pattern).is_some_and(|shape| shape.floats(*positions))
    }

    /// The state after moves, without every pattern that no longer decides on any side; what floats stays unless it is `strict`.
    fn after(&self, settled: &Decides, moves: &Moves<'_>, segment: &Segment, strict: bool) -> State {
        let mut live: Vec<(usize, u64)> =
            moves.through(segment).filter_map(|(pattern, position)| Some((pattern, self.shape(pattern)?.enter(position)))).collect();
        live.sort_unstable();
        live.dedup_by(|(pattern, positions), (kept, all)| {
            let is_same = pattern == kept;
            *all |= if is_same { *positions } else { 0 };
            is_same
        });
        let is_settled = |(pattern, at): &&(usize, u64)| self.shape(*pattern).is_some_and(|shape| shape.is_settled(*at));
        let settled = self.last(settled, live.iter().filter(is_settled).map(|(pattern, _)| *pattern));
        for (pattern, at) in &mut live {
            // What is settled is remembered as such.
            *at = self.shape(*pattern).map_or(0, |shape| if shape.is_settled(*at) { shape.unfinished(*at) } else { *at });
        }
        let may_decide = |pattern: usize| settled.iter().enumerate().any(|(side, last)| self.rank(side, pattern) > *last);
        live.retain(|one| one.1 != 0 && (may_decide(one.0) || !strict && self.floats(one)));
        State { live: live.into(), settled }
    }
}

struct Walker<'w, 'g> {
    ground: &'w Ground<'g>,
    segments: Segments<'g>,
    /// By what floats.
    floating: HashMap<Live, Rc<Floating>>,
    found: Answers,
}

impl Walker<'_, '_> {
    /// Of several paths the shortest.
    fn note(&mut self, decides: Decides, path: impl FnOnce() -> String) {
        if self.ground.is_by_a_difference(&decides) {
            let path = path();
            let kept = self.found.entry(decides).or_insert_with(|| path.clone());
            if (path.len(), &path) < (kept.len(), kept) {
                *kept = path;
            }
        }
    }

    /// The states after one more segment, one segment for each. Where the path leaves what is named from the root, all answers are
    /// noted at once.
    fn expand(&mut self, state: &State, path: &str, budget: &mut Budget) -> Result<Vec<(Box<str>, State)>, Exhausted> {
        budget.spend(1 + state.live.len() / 2)?;
        let floats = state.live.iter().filter(|one| self.ground.floats(one));
        let floating: Live = floats.filter_map(|(pattern, at)| Some((*pattern, self.ground.shape(*pattern)?.unfinished(*at)))).collect();
        let rooted: Live = state.live.iter().filter(|one| !self.ground.floats(one)).copied().collect();
        let rooted = self.segments.moves(&rooted);
        let moves = self.segments.moves(&state.live);
        let texts_only = self.note_all(state, &floating, (&rooted, &moves), path, budget)?;
        let segments = if texts_only { self.segments.of_texts(&rooted, &moves, budget)? } else { self.segments.all(&moves, budget)? };
        let differs = |pattern: usize| self.ground.differs(pattern);
        let always = self.ground.is_by_a_difference(&state.settled) || moves.always().any(differs);
        let mut next = Vec::new();
        for segment in segments.into_iter().filter(|segment| always || moves.only(segment).any(differs)) {
            budget.spend(2 + state.live.len() / 8)?;
            let after = self.ground.after(&state.settled, &moves, &segment, false);
            if self.ground.is_alive(&after) {
                next.push((segment.text, after));
            }
        }
        Ok(next)
    }

    /// Notes the answers of all paths on which nothing that is rooted names the next segment; false if they cannot be told apart so.
    fn note_all(
        &mut self,
        state: &State,
        floating: &Live,
        (rooted, moves): (&Moves<'_>, &Moves<'_>),
        path: &str,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        if !rooted
            .settle_or_name(|pattern, position| self.ground.shape(pattern).is_some_and(|shape| shape.is_settled(shape.enter(position))))
        {
            return Ok(false);
        }
        let settled = self.ground.last(&state.settled, rooted.always());
        let is_by_a_difference = self.ground.is_by_a_difference(&settled);
        if !is_by_a_difference && !floating.iter().any(|(pattern, _)| self.ground.differs(*pattern)) {
            return Ok(true);
        }
        let decided = self.floating(floating, budget)?;
        let is_named = |rest: &String| rooted.names(rest.split('/').next().unwrap_or_default());
        let Some(plain) = decided.plain.as_ref().and_then(|plain| self.segments.unnamed(plain, moves)) else { return Ok(false) };
        if decided.others.iter().any(|(own, rest)| is_named(rest) && !decided.behind.contains_key(own)) {
            return Ok(false);
        }
        budget.spend(1 + decided.behind.len() + decided.others.len())?;
        let both = |own: &Decides| -> Decides { own.iter().zip(&settled).map(|(own, settled)| (*own).max(*settled)).collect() };
        for (own, rest) in &decided.behind {
            self.note(both(own), || below(path, &format!("{plain}{rest}")));
        }
        for (own, rest) in decided.others.iter().filter(|(_, rest)| !is_named(rest)) {
            self.note(both(own), || below(path, rest));
        }
        Ok(true)
    }

    fn floating(&mut self, live: &Live, budget: &mut Budget) -> Result<Rc<Floating>, Exhausted> {
        if let Some(known) = self.floating.get(live) {
            return Ok(Rc::clone(known));
        }
        let moves = self.segments.moves(live);
        let nothing = self.ground.nothing();
        let (plain, named): (Vec<Segment>, Vec<Segment>) = self.segments.all(&moves, budget)?.into_iter().partition(Segment::is_plain);
        let after = |segment: &Segment| self.ground.after(&nothing, &moves, segment, true);
        let plain = plain.into_iter().next();
        let from_plain = plain.iter().map(|segment| (after(segment), String::new())).collect();
        let from_named = named.iter().map(|segment| (after(segment), segment.text.to_string())).collect();
        let behind = self.reach(from_plain, budget)?;
        let others = self.reach(from_named, budget)?;
        let floating = Rc::new(Floating { plain, behind, others });
        self.floating.insert(live.clone(), Rc::clone(&floating));
        Ok(floating)
    }

    /// Every answer from these states on.
    fn reach(&mut self, from: VecDeque<(State, String)>, budget: &mut Budget) -> Result<Answers, Exhausted> {
        let mut found = Answers::new();
        let mut seen: HashSet<State> = HashSet::new();
        let mut queue = from;
        while let Some((state, path)) = queue.pop_front() {
            if !seen.insert(state.clone()) {
                continue;
            }
            found.entry(self.ground.decides(&state)).or_insert_with(|| path.clone());
            let moves = self.segments.moves(&state.live);
            for segment in self.segments.all(&moves, budget)? {
                budget.spend(2 + state.live.len() / 8)?;
                let next = self.ground.after(&state.settled, &moves, &segment, true);
                if !seen.contains(&next) {
                    budget.spend(next.kept())?;
                    queue.push_back((next, format!("{path}/{}", segment.text)));
                }
            }
        }
        Ok(found)
    }
}

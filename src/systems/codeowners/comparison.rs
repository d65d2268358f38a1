//! All sides of one repository, beside each other. Its paths are walked once, for all of its holders.

use super::order::{Ranks, differing};
use super::pattern::Shape;
use super::walk::{Decides, EVERYBODY, Ground, Ranking, walk};
use super::{ANYBODY, Line, Location, Pattern, Repository, Rules, severity};
use crate::access::{Budget, Exhausted};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// One holder in one repository.
pub struct Subject<'a> {
    pub(super) holder: Arc<str>,
    pub(super) comparison: Rc<Comparison<'a>>,
}

/// Paths that no line of any side tells apart, as far as it decides.
#[derive(Clone)]
pub struct Cell {
    /// The number of the answer.
    pub(super) answer: usize,
}

/// One answer: the line that decides on each side, and a path for which it does.
pub(super) struct Answer {
    pub(super) decides: Decides,
    pub(super) path: String,
}

/// One side of one repository.
pub(super) struct Side<'a> {
    /// None where nobody can tell them.
    pub(super) lines: Option<&'a [Line]>,
    /// What anybody can approve, and nothing else.
    pub(super) list: Option<&'a [Pattern]>,
    pub(super) ranking: Ranking,
    /// The ranks of lines by the text with which their paths begin; `None` where that is open.
    by_first: HashMap<Option<&'a str>, Vec<u32>>,
}

/// By side and pattern, the ranks of the lines that meet it.
type Meeting<'a> = HashMap<(usize, &'a Shape), Rc<[u32]>>;

/// All sides of one repository.
pub(super) struct Comparison<'a> {
    pub(super) repository: &'a Repository,
    /// The last is [`severity::gate`].
    pub(super) sides: Vec<Side<'a>>,
    shapes: Vec<&'a Shape>,
    pub(super) differs: Vec<bool>,
    walked: OnceCell<Result<Walked, Exhausted>>,
    /// What was asked for before.
    meeting: RefCell<Meeting<'a>>,
}

/// What came of the walk.
#[derive(Default)]
pub(super) struct Walked {
    pub(super) answers: Vec<Answer>,
    /// By holder, the answers for which it can approve on one of the first two sides only.
    pub(super) by_holder: HashMap<Arc<str>, Vec<usize>>,
    /// By side and rank of the line that decides.
    by_line: HashMap<(usize, u32), Vec<usize>>,
}

impl<'a> Comparison<'a> {
    /// None if there is nothing to compare: the lines of the first two sides are the same, or cannot be told.
    pub(super) fn new(repository: &'a Repository, sides: &[&'a Rules]) -> Option<Self> {
        let is_told = sides.iter().take(2).all(|rules| rules.deciding(repository).is_some());
        let docs_count = sides.iter().take(2).any(|rules| rules.location(repository) == Some(Location::Docs));
        let mut sides: Vec<Side<'a>> = sides.iter().map(|rules| Side::new(rules.deciding(repository), rules.list.as_deref())).collect();
        sides.push(Side::new(Some(&[]), Some(severity::gate(docs_count))));
        let mut numbers: HashMap<&'a Shape, usize> = HashMap::new();
        let mut shapes = Vec::new();
        let ranks: Vec<Ranks> = sides.iter().map(|side| side.ranks(&mut numbers, &mut shapes)).collect();
        let (base, head) = (sides.first()?.lines.unwrap_or_default(), sides.get(1)?.lines.unwrap_or_default());
        let different = differing((base, ranks.first()?), (head, ranks.get(1)?), &shapes);
        for (side, ranks) in sides.iter_mut().zip(&ranks) {
            side.ranking.ranks = (0..shapes.len()).map(|pattern| ranks.get(&pattern).copied()).collect();
            side.index();
            side.ranking.patterns = ranks.iter().filter(|(_, rank)| **rank != EVERYBODY).map(|(pattern, rank)| (*rank, *pattern)).collect();
        }
        let differs = (0..shapes.len()).map(|pattern| different.contains(&pattern)).collect();
        (is_told && !different.is_empty()).then_some(Self {
            repository,
            sides,
            shapes,
            differs,
            walked: OnceCell::new(),
            meeting: RefCell::default(),
        })
    }

    /// Everybody who may have gained or lost something: anybody first.
    pub(super) fn holders(&self) -> Vec<Arc<str>> {
        let lines = self.sides.iter().take(2).filter_map(|side| side.lines).flatten();
        let owners: BTreeSet<&Arc<str>> = lines.flat_map(|line| &line.owners).map(super::Owner::name).collect();
        std::iter::once(ANYBODY.into()).chain(owners.into_iter().cloned()).collect()
    }

    pub(super) fn walked(&self, budget: &mut Budget) -> Result<&Walked, Exhausted> {
        self.walked.get_or_init(|| self.walk(budget)).as_ref().map_err(|exhausted| *exhausted)
    }

    fn walk(&self, budget: &mut Budget) -> Result<Walked, Exhausted> {
        let sides: Vec<&Ranking> = self.sides.iter().map(|side| &side.ranking).collect();
        let found = walk(&Ground { shapes: &self.shapes, sides: &sides, differs: &self.differs }, budget)?;
        let mut walked = Walked::default();
        for (number, (decides, path)) in found.into_iter().enumerate() {
            let owners = |side: usize| self.owners(side, &decides);
            for holder in owners(0).symmetric_difference(&owners(1)) {
                walked.by_holder.entry(Arc::clone(holder)).or_default().push(number);
            }
            for (side, rank) in decides.iter().enumerate().take(2).filter_map(|(side, rank)| Some((side, (*rank)?))) {
                walked.by_line.entry((side, rank)).or_default().push(number);
            }
            walked.answers.push(Answer { decides, path });
        }
        Ok(walked)
    }

    /// What the walk found; nothing before it, or if it was too much.
    pub(super) fn answers(&self) -> &[Answer] {
        self.found().map_or(&[], |walked| &walked.answers)
    }

    /// The answers that a line of one of the first two sides gives.
    pub(super) fn answers_of(&self, line: (usize, u32)) -> &[usize] {
        self.found().and_then(|walked| walked.by_line.get(&line)).map_or(&[], Vec::as_slice)
    }

    /// The answers that change for a holder: those that only the given side allows.
    pub(super) fn changing(&self, holder: &str, gaining: usize) -> BTreeSet<usize> {
        let answers = self.found().and_then(|walked| walked.by_holder.get(holder)).into_iter().flatten().copied();
        answers.filter(|answer| self.gives(gaining, *answer, holder) == Some(true)).collect()
    }

    /// The ranks of the lines of a side that meet a pattern and decide for some path of their own, ascending.
    pub(super) fn meeting(&self, side: usize, pattern: &'a Pattern, budget: &mut Budget) -> Result<Rc<[u32]>, Exhausted> {
        if let Some(known) = self.meeting.borrow().get(&(side, &pattern.shape)) {
            return Ok(Rc::clone(known));
        }
        let Some(this) = self.sides.get(side) else { return Ok(Rc::default()) };
        let mut ranks = Vec::new();
        for rank in this.near(pattern).into_iter().filter(|rank| this.ranking.patterns.contains_key(rank)) {
            let line = this.lines.and_then(|lines| lines.get(rank as usize));
            if line.is_some_and(|line| line.pattern.shape == pattern.shape)
                || line.map_or(Ok(false), |line| line.pattern.meets(pattern, budget))?
            {
                ranks.push(rank);
            }
        }
        ranks.sort_unstable();
        let ranks: Rc<[u32]> = ranks.into();
        self.meeting.borrow_mut().insert((side, &pattern.shape), Rc::clone(&ranks));
        Ok(ranks)
    }

    fn found(&self) -> Option<&Walked> {
        self.walked.get()?.as_ref().ok()
    }

    /// The line that decides on a side.
    pub(super) fn line(&self, side: usize, decides: &[Option<u32>]) -> Option<&'a Line> {
        let rank = decides.get(side).copied().flatten()?;
        self.sides.get(side)?.lines?.get(rank as usize)
    }

    fn owners(&self, side: usize, decides: &[Option<u32>]) -> BTreeSet<Arc<str>> {
        match self.line(side, decides) {
            Some(line) if !line.owners.is_empty() => line.owners.iter().map(|owner| Arc::clone(owner.name())).collect(),
            _ => BTreeSet::from([ANYBODY.into()]),
        }
    }

    /// Whether the holder can approve on a side what the answer stands for; `None` where that cannot be told.
    pub(super) fn gives(&self, side: usize, answer: usize, holder: &str) -> Option<bool> {
        let decides = &self.answers().get(answer)?.decides;
        if decides.get(side).copied().flatten() == Some(EVERYBODY) {
            return Some(true);
        }
        let Side { lines, list, .. } = self.sides.get(side)?;
        if list.is_some() {
            return Some(false);
        }
        lines.map(|_| self.line(side, decides).map_or(holder == ANYBODY, |line| line.gives(holder)))
    }
}

impl<'a> Side<'a> {
    fn new(lines: Option<&'a [Line]>, list: Option<&'a [Pattern]>) -> Self {
        Self { lines, list, ranking: Ranking::default(), by_first: HashMap::new() }
    }

    fn index(&mut self) {
        for (line, rank) in self.lines.unwrap_or_default().iter().zip(0u32..) {
            self.by_first.entry(line.pattern.shape.first()).or_default().push(rank);
        }
    }

    /// The lines that may meet a pattern.
    fn near(&self, pattern: &Pattern) -> Vec<u32> {
        let Some(first) = pattern.shape.first() else { return self.by_first.values().flatten().copied().collect() };
        let lists = [self.by_first.get(&Some(first)), self.by_first.get(&None)];
        lists.into_iter().flatten().flatten().copied().collect()
    }

    /// The rank of each pattern, numbering those that are new.
    fn ranks(&self, numbers: &mut HashMap<&'a Shape, usize>, shapes: &mut Vec<&'a Shape>) -> Ranks {
        let mut number = |shape: &'a Shape| {
            *numbers.entry(shape).or_insert_with(|| {
                shapes.push(shape);
                shapes.len() - 1
            })
        };
        let lines = self.lines.unwrap_or_default().iter().zip(0u32..).map(|(line, rank)| (&line.pattern.shape, rank));
        let list = self.list.unwrap_or_default().iter().map(|pattern| (&pattern.shape, EVERYBODY));
        lines.chain(list).map(|(shape, rank)| (number(shape), rank)).collect()
    }
}

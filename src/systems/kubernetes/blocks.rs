//! Sets of requests as products of patterns with exceptions, few and large instead of many and small.

use super::terms::{Dimension, Part, Term, Terms, dimensions, widest};
use crate::access::{Budget, Exhausted, Formula, Formulas};
use std::collections::{BTreeMap, BTreeSet};

/// Values of one dimension: what is included and not excepted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Chunk {
    pub(super) include: Terms,
    pub(super) except: Terms,
}

/// Requests that changed in the same way.
#[derive(Clone)]
pub(super) struct Block {
    pub(super) formula: Formula,
    pub(super) is_path: bool,
    pub(super) chunks: Vec<Chunk>,
    /// The cells it is made of, by number.
    pub(super) cells: BTreeSet<usize>,
}

impl Chunk {
    /// Whether it has that value.
    pub(super) fn has(&self, value: &Term) -> bool {
        self.include.iter().any(|term| term.covers(value)) && !self.except.iter().any(|term| term.covers(value))
    }

    /// Whether it has everything, but for what is excepted.
    pub(super) fn is_open(&self) -> bool {
        self.include.contains(&Term::Any)
    }

    fn covers(&self, term: &Term) -> bool {
        self.include.iter().any(|wide| wide.covers(term))
    }

    fn meets(&self, term: &Term) -> bool {
        self.include.iter().any(|other| other.meets(term))
    }

    fn lies_within(&self, other: &Self) -> bool {
        let misses = |hole: &Term| !self.meets(hole) || self.except.iter().any(|own| own.covers(hole));
        self.include.iter().all(|term| other.covers(term)) && other.except.iter().all(misses)
    }

    /// Both together, if one include list and one except list can say that.
    fn union(&self, other: &Self) -> Option<Self> {
        let mut except = BTreeSet::new();
        for (own, beside) in [(self, other), (other, self)] {
            for hole in &own.except {
                let filled = beside.covers(hole) && !beside.except.iter().any(|term| term.meets(hole));
                let stays = !beside.meets(hole) || beside.except.iter().any(|term| term.covers(hole));
                match (filled, stays) {
                    (true, _) => {}
                    (false, true) => {
                        except.insert(hole.clone());
                    }
                    (false, false) => return None,
                }
            }
        }
        Some(Self { include: widest(self.include.iter().chain(&other.include).cloned()), except })
    }
}

/// A part as chunks: its widest patterns without what is excepted from them, then what is included again inside of that.
fn chunks(part: &Part, budget: &mut Budget) -> Result<Vec<Chunk>, Exhausted> {
    let mut found = Vec::new();
    let mut left = part.clone();
    while !left.included.is_empty() {
        budget.spend(1 + left.included.len() * left.excluded.len())?;
        let is_under = |term: &Term, others: &Terms| others.iter().any(|other| other != term && other.covers(term));
        let (under, top): (Terms, Terms) = left.included.into_iter().partition(|term| is_under(term, &left.excluded));
        let include = widest(top);
        let outer = |hole: &&Term| !is_under(hole, &left.excluded) && include.iter().any(|term| term.covers(hole));
        let except: Terms = left.excluded.iter().filter(outer).cloned().collect();
        found.push(Chunk { include, except });
        let excluded = left.excluded.into_iter().filter(|hole| under.iter().any(|term| term.covers(hole))).collect();
        left = Part { included: under, excluded };
    }
    Ok(found)
}

/// All blocks that one cell makes up.
pub(super) fn blocks(number: usize, formula: Formula, is_path: bool, parts: &[Part], budget: &mut Budget) -> Result<Vec<Block>, Exhausted> {
    let mut products: Vec<Vec<Chunk>> = vec![Vec::new()];
    for part in parts {
        let chunks = chunks(part, budget)?;
        budget.spend(products.len() * chunks.len() * (part.included.len() + part.excluded.len()))?;
        let extended = products.iter().flat_map(|product| chunks.iter().map(|chunk| [product, std::slice::from_ref(chunk)].concat()));
        products = extended.collect();
    }
    let cells = BTreeSet::from([number]);
    Ok(products.into_iter().map(|chunks| Block { formula, is_path, chunks, cells: cells.clone() }).collect())
}

/// Joins blocks that are equal but for one dimension, until none are left.
pub(super) fn merge(mut blocks: Vec<Block>, budget: &mut Budget) -> Result<Vec<Block>, Exhausted> {
    loop {
        let before = blocks.len();
        for at in (0..dimensions(false).len()).rev() {
            blocks = merge_along(blocks, at, budget)?;
        }
        if blocks.len() == before {
            return Ok(blocks);
        }
    }
}

fn merge_along(blocks: Vec<Block>, at: usize, budget: &mut Budget) -> Result<Vec<Block>, Exhausted> {
    type Beside = (Formula, bool, Vec<Chunk>);
    let mut alike: BTreeMap<Beside, Vec<Block>> = BTreeMap::new();
    for block in blocks {
        budget.spend(block.size())?;
        let mut others = block.chunks.clone();
        if at < others.len() {
            others.remove(at);
        }
        let alike = alike.entry((block.formula, block.is_path, others)).or_default();
        let joined = alike.iter_mut().find_map(|other| Some((other.chunks.get(at)?.union(block.chunks.get(at)?)?, other)));
        match joined {
            Some((chunk, other)) => {
                if let Some(own) = other.chunks.get_mut(at) {
                    *own = chunk;
                }
                other.cells.extend(block.cells);
            }
            None => alike.push(block),
        }
        budget.spend(alike.len())?;
    }
    Ok(alike.into_values().flatten().collect())
}

/// Past this many blocks nobody would read them, and comparing all pairs would cost too much.
const MOST_COMPARED: usize = 300;

/// Leaves out blocks inside others that hold whenever they do.
pub(super) fn without_contained(blocks: Vec<Block>, formulas: &mut Formulas) -> Result<Vec<Block>, Exhausted> {
    if blocks.len() > MOST_COMPARED {
        return Ok(blocks);
    }
    let mut kept = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let mut contained = false;
        for (other_at, other) in blocks.iter().enumerate().filter(|(other_at, _)| *other_at != at) {
            let inside = block.lies_within(other, formulas)?;
            contained = contained || (inside && (other_at < at || !other.lies_within(block, formulas)?));
        }
        if !contained {
            kept.push(block.clone());
        }
    }
    Ok(kept)
}

impl Block {
    /// The values of one of its dimensions.
    pub(super) fn chunk(&self, dimension: Dimension) -> Option<&Chunk> {
        let at = dimensions(self.is_path).iter().position(|other| *other == dimension)?;
        self.chunks.get(at)
    }

    /// How many patterns it is written with.
    fn size(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.include.len() + chunk.except.len()).sum()
    }

    fn lies_within(&self, other: &Self, formulas: &mut Formulas) -> Result<bool, Exhausted> {
        let shape = self.is_path == other.is_path && self.chunks.iter().zip(&other.chunks).all(|(own, wide)| own.lies_within(wide));
        Ok(shape && formulas.without(self.formula, other.formula)?.is_false())
    }
}

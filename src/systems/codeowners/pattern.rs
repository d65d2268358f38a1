//! Patterns of paths: most of gitignore's, segment by segment. `*` and `?` stay within a segment, `**` is any number of segments, a
//! `/` at the start or in the middle anchors a pattern at the root, and what a pattern names means everything below it as well, but for
//! a last segment that is nothing but `*`: `docs/*` is the files of that directory and no more.

use crate::access::{Budget, Exhausted, Glob, Letter, Piece, Word, classes};
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, LazyLock};

/// The positions of a pattern are bits of one word.
const MOST_SEGMENTS: usize = 60;

/// A pattern as a file writes it, and what it means. Two are equal when they mean the same, however they are written.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: Arc<str>,
    pub(super) shape: Shape,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// GitHub skips such a line.
    Skipped(String),
    /// The documentation does not say what it means.
    Unclear(String),
}

/// Segments, and whether everything below the last one is meant as well.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Shape {
    pub(super) steps: Box<[Step]>,
    open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Step {
    /// Any number of segments, none as well.
    Any,
    /// One segment.
    One(Glob),
}

/// Any segment: a segment has at least one character.
pub(super) static SEGMENT: LazyLock<Glob> = LazyLock::new(|| Glob::new([Piece::One, Piece::Many]));

impl Pattern {
    /// Reads a pattern, in which a space is still escaped.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let skipped = |why: &str| Err(Refusal::Skipped(why.to_owned()));
        match text.as_bytes() {
            [b'!', ..] => return skipped("`!` does not negate a pattern here"),
            [b'\\', b'#', ..] => return skipped("`#` at the start of a pattern cannot be escaped"),
            b"/" => return skipped("`/` alone matches nothing"),
            _ if text.contains("***") => return skipped("`***` is no pattern"),
            _ => {}
        }
        let mut segments = segments(text)?;
        let is_rooted = segments.first().is_some_and(Vec::is_empty);
        if is_rooted {
            segments.remove(0);
        }
        let is_directory = segments.last().is_some_and(Vec::is_empty);
        if is_directory {
            segments.pop();
        }
        if segments.is_empty() || segments.iter().any(Vec::is_empty) {
            return skipped("a pattern with nothing between two `/` matches nothing");
        }
        if segments.len() > MOST_SEGMENTS {
            return Err(Refusal::Unclear(format!("a pattern of more than {MOST_SEGMENTS} segments is not compared")));
        }
        if is_directory && matches!(segments.as_slice(), [only] if is_double(only)) {
            return Err(Refusal::Unclear(format!("whether `{text}` means the files at the root as well is not documented")));
        }
        Ok(Self { text: text.into(), shape: shape(&segments, is_rooted, is_directory) })
    }

    /// The same without what lies below.
    pub(super) fn alone(mut self) -> Self {
        self.shape.open = false;
        self
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// False only when no path matches both.
    pub fn meets(&self, other: &Self, budget: &mut Budget) -> Result<bool, Exhausted> {
        budget.spend(1)?;
        if self.shape.begins_otherwise(&other.shape) {
            return Ok(false);
        }
        meet((&self.shape, 0), (&other.shape, 0), &mut HashSet::new(), budget)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape
    }
}

impl Eq for Pattern {}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The segments between slashes, escapes resolved.
fn segments(text: &str) -> Result<Vec<Vec<Piece>>, Refusal> {
    let mut segments = vec![Vec::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let piece = match letter {
            '/' => {
                segments.push(Vec::new());
                continue;
            }
            '*' => Piece::Many,
            '?' => Piece::One,
            '[' | ']' => return Err(Refusal::Skipped("`[` and `]` have to be escaped: there are no ranges of characters".to_owned())),
            '\\' => match letters.next() {
                Some('/') => return Err(Refusal::Unclear(r"what `\/` means is not documented".to_owned())),
                Some(escaped) => Piece::Letter(Letter::Char(escaped)),
                None => return Err(Refusal::Skipped(r"`\` at the end escapes nothing".to_owned())),
            },
            letter => Piece::Letter(Letter::Char(letter)),
        };
        if let Some(segment) = segments.last_mut() {
            segment.push(piece);
        }
    }
    Ok(segments)
}

fn is_double(segment: &[Piece]) -> bool {
    matches!(segment, [Piece::Many, Piece::Many])
}

fn shape(segments: &[Vec<Piece>], is_rooted: bool, is_directory: bool) -> Shape {
    let mut steps = Vec::new();
    let is_anchored = is_rooted || segments.len() > 1;
    if !is_anchored && !segments.first().is_some_and(|first| is_double(first)) {
        steps.push(Step::Any);
    }
    for (segment, left) in segments.iter().zip((0..segments.len()).rev()) {
        if is_double(segment) && (left > 0 || is_directory) {
            steps.push(Step::Any);
        } else {
            steps.push(Step::One(glob(segment)));
        }
    }
    if is_directory {
        steps.push(Step::One(SEGMENT.clone()));
    }
    steps.dedup_by(|a, b| *a == Step::Any && *b == Step::Any);
    let is_star = matches!(segments.last().map(Vec::as_slice), Some([Piece::Many]));
    Shape { steps: steps.into(), open: is_directory || !is_star || !is_anchored }
}

fn glob(segment: &[Piece]) -> Glob {
    if segment.iter().all(|piece| *piece == Piece::Many) { SEGMENT.clone() } else { Glob::new(segment.iter().cloned()) }
}

impl Shape {
    /// The positions before the first segment.
    pub(super) fn start(&self) -> u64 {
        self.enter(0)
    }

    /// A position, and those that are reached from it without a segment.
    pub(super) fn enter(&self, position: usize) -> u64 {
        let bit = 1u64 << position;
        if self.steps.get(position) == Some(&Step::Any) { bit | bit << 1 } else { bit }
    }

    /// Whether the pattern may still match whatever segments come next.
    pub(super) fn floats(&self, positions: u64) -> bool {
        let is_any = |position: usize| self.steps.get(position) == Some(&Step::Any);
        (0..self.steps.len()).any(|position| positions >> position & 1 == 1 && is_any(position))
    }

    /// Whether a path that ends here matches.
    pub(super) fn accepts(&self, positions: u64) -> bool {
        positions >> self.steps.len() & 1 == 1
    }

    /// The positions from which the pattern goes on: what it has reached says nothing of longer paths.
    pub(super) fn unfinished(&self, positions: u64) -> u64 {
        positions & !(1 << self.steps.len())
    }

    /// Whether the path matches however it goes on.
    pub(super) fn is_settled(&self, positions: u64) -> bool {
        self.open && self.accepts(positions)
    }

    /// The text with which every path begins that matches, if there is one.
    pub(super) fn first(&self) -> Option<&str> {
        if let Some(Step::One(glob)) = self.steps.first() { glob.as_exact() } else { None }
    }

    /// True only if no path matches both; cheap, and enough for most pairs.
    fn begins_otherwise(&self, other: &Self) -> bool {
        fn text(step: &Step) -> Option<&str> {
            if let Step::One(glob) = step { glob.as_exact() } else { None }
        }
        let pairs = self.steps.iter().zip(&other.steps).map(|(one, other)| (text(one), text(other)));
        let mut texts = pairs.map_while(|(one, other)| Some((one?, other?)));
        texts.any(|(one, other)| one != other)
    }

    /// Whether every path matches.
    pub(super) fn is_everything(&self) -> bool {
        let any = |steps: &[Step]| matches!(steps, [Step::One(glob)] | [Step::Any, Step::One(glob)] if *glob == *SEGMENT);
        any(&self.steps) && (self.open || self.steps.len() == 2)
    }
}

type At<'s> = (&'s Shape, usize);

/// Whether some path from these positions on matches both.
fn meet(a: At<'_>, b: At<'_>, seen: &mut HashSet<(usize, usize)>, budget: &mut Budget) -> Result<bool, Exhausted> {
    budget.spend(1)?;
    if !seen.insert((a.1, b.1)) {
        return Ok(false);
    }
    let (step_a, step_b) = (a.0.steps.get(a.1), b.0.steps.get(b.1));
    if step_a.is_none() && step_b.is_none() {
        return Ok(true);
    }
    if step_a == Some(&Step::Any) && meet((a.0, a.1 + 1), b, seen, budget)? {
        return Ok(true);
    }
    if step_b == Some(&Step::Any) && meet(a, (b.0, b.1 + 1), seen, budget)? {
        return Ok(true);
    }
    let (Some(next_a), Some(next_b)) = (after(a), after(b)) else { return Ok(false) };
    if let (Some(Step::One(a)), Some(Step::One(b))) = (step_a, step_b)
        && !globs_meet(a, b, budget)?
    {
        return Ok(false);
    }
    meet((a.0, next_a), (b.0, next_b), seen, budget)
}

/// The position after one more segment.
fn after((shape, position): At<'_>) -> Option<usize> {
    match shape.steps.get(position) {
        Some(Step::Any) => Some(position),
        Some(Step::One(_)) => Some(position + 1),
        None => shape.open.then_some(position),
    }
}

fn globs_meet(a: &Glob, b: &Glob, budget: &mut Budget) -> Result<bool, Exhausted> {
    match (a.as_exact(), b.as_exact()) {
        (Some(a), Some(b)) => Ok(a == b),
        (Some(text), None) => Ok(b.matches(&Word::plain(text))),
        (None, Some(text)) => Ok(a.matches(&Word::plain(text))),
        (None, None) if *a == *SEGMENT || *b == *SEGMENT => Ok(true),
        (None, None) => Ok(classes(a, &[b], budget)?.iter().any(|class| !class.members.is_empty())),
    }
}

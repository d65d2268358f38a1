//! All globs at once: the product of their automata, explored breadth first.

use super::glob::{Glob, Letter, Piece, Word, fresh};
use super::{Budget, Exhausted, HashSet};
use fixedbitset::FixedBitSet;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A glob, and what it is a part of.
pub(super) type Part<'g> = (&'g [usize], &'g Glob);

pub(super) type Found = Vec<(Vec<usize>, Word)>;

/// The product of all globs, explored breadth first, so that every class gets a shortest word.
pub(super) fn general_classes(within: &Glob, relevant: &[Part<'_>], budget: &mut Budget) -> Result<Found, Exhausted> {
    let product = Product::new(within, relevant);
    let alphabet = product.alphabet();
    let start = product.start();
    let mut seen = HashSet::from_iter([start.clone()]);
    let mut queue = VecDeque::from([(start, 0)]);
    let mut trail = Trail::default();
    let mut found: BTreeMap<Vec<usize>, Word> = BTreeMap::new();
    while let Some((state, reached)) = queue.pop_front() {
        if product.accepts(&state, 0) {
            found.entry(product.members(&state)).or_insert_with(|| trail.word(reached));
        }
        for letter in product.letters(&state, &alphabet) {
            budget.spend(product.cost())?;
            let next = product.step(&state, letter);
            if product.is_alive(&next) && seen.insert(next.clone()) {
                queue.push_back((next, trail.extend(reached, letter)));
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// How states were reached: for each the state before, by its number, and the letter. The start is 0 and has neither.
#[derive(Default)]
struct Trail<'p>(Vec<(usize, &'p Letter)>);

impl<'p> Trail<'p> {
    fn extend(&mut self, from: usize, letter: &'p Letter) -> usize {
        self.0.push((from, letter));
        self.0.len()
    }

    fn word(&self, reached: usize) -> Word {
        let before = |at: usize| self.0.get(at.checked_sub(1)?);
        let steps = std::iter::successors(before(reached), |(from, _)| before(*from));
        let mut letters: Vec<Letter> = steps.map(|(_, letter)| (*letter).clone()).collect();
        letters.reverse();
        Word::new(letters)
    }
}

/// Several globs read at once: the positions each of them may be at, as bits. Positions that can make no difference any more are
/// left out, so that few states are different.
struct Product<'g> {
    /// What stands at each position, all globs in a row; nothing at the end of each.
    pieces: Vec<Option<Piece>>,
    /// The first and the last position of each glob, that around all others first.
    globs: Vec<(usize, usize)>,
    /// What each glob is a part of.
    unions: Vec<&'g [usize]>,
    /// The globs that end with `*`, by number.
    open: Vec<usize>,
}

type State = FixedBitSet;

impl<'g> Product<'g> {
    fn new(within: &'g Glob, relevant: &[Part<'g>]) -> Self {
        let mut product = Self { pieces: Vec::new(), globs: Vec::new(), unions: Vec::new(), open: Vec::new() };
        for (unions, glob) in std::iter::once((&[][..], within)).chain(relevant.iter().copied()) {
            let first = product.pieces.len();
            product.pieces.extend(glob.pieces().into_iter().map(Some));
            if product.pieces.last() == Some(&Some(Piece::Many)) {
                product.open.push(product.globs.len());
            }
            product.globs.push((first, product.pieces.len()));
            product.pieces.push(None);
            product.unions.push(unions);
        }
        product
    }

    /// What matches a word that leads here, ascending.
    fn members(&self, state: &State) -> Vec<usize> {
        let matching = self.unions.iter().enumerate().filter(|(glob, _)| self.accepts(state, *glob));
        let members: BTreeSet<usize> = matching.flat_map(|(_, unions)| *unions).copied().collect();
        members.into_iter().collect()
    }

    /// Leaves out positions of globs that match whatever comes, for they stand at the `*` that ends them, and of globs whose unions do.
    fn settle(&self, state: &mut State) {
        let mut settled: Vec<usize> = Vec::new();
        for &number in &self.open {
            let (Some(&(first, end)), Some(unions)) = (self.globs.get(number), self.unions.get(number)) else { continue };
            if state.contains(end - 1) {
                state.set_range(first..end - 1, false);
                settled.extend(*unions);
            }
        }
        if settled.is_empty() {
            return;
        }
        for (&(first, end), unions) in self.globs.iter().zip(&self.unions).skip(1) {
            let is_settled = self.pieces.get(end - 1) == Some(&Some(Piece::Many)) && state.contains(end - 1);
            if !is_settled && unions.iter().all(|union| settled.contains(union)) {
                state.set_range(first..end + 1, false);
            }
        }
    }

    /// Every letter that some glob names, and one character that none does.
    fn alphabet(&self) -> Vec<Letter> {
        let named: BTreeSet<Letter> = self.pieces.iter().flatten().flat_map(named).collect();
        let taken = named.iter().filter_map(|l| if let Letter::Char(c) = l { Some(*c) } else { None }).collect();
        std::iter::once(Letter::Char(fresh(&taken))).chain(named).collect()
    }

    fn start(&self) -> State {
        let mut state = self.nowhere();
        for (first, _) in &self.globs {
            self.enter(&mut state, *first);
        }
        self.settle(&mut state);
        state
    }

    fn nowhere(&self) -> State {
        FixedBitSet::with_capacity(self.pieces.len())
    }

    /// What it costs to advance by a letter: every glob moves, and each word of the state is made, hashed, compared and kept.
    fn cost(&self) -> usize {
        8 + self.globs.len() + self.pieces.len() / 8
    }

    /// The letters that lead from a state to different ones: those that stand where some glob may be, and of all others one
    /// character and one symbol.
    fn letters<'p>(&'p self, state: &State, alphabet: &'p [Letter]) -> Vec<&'p Letter> {
        if let Some(letter) = self.only_letter(state) {
            return vec![letter];
        }
        let mut named: Vec<&Letter> = Vec::new();
        let mut wants_character = false;
        for position in state.ones() {
            match self.pieces.get(position) {
                Some(Some(Piece::Letter(letter))) => named.push(letter),
                Some(Some(Piece::Many) | None) | None => {}
                Some(Some(piece)) => {
                    wants_character = true;
                    let told = self::named(piece);
                    named.extend(alphabet.iter().filter(|letter| told.contains(letter)));
                }
            }
        }
        named.sort();
        named.dedup();
        // Without a piece here that takes only characters, a symbol that nothing here names leads where any other letter does.
        let other_symbol = || alphabet.iter().find(|letter| matches!(letter, Letter::Symbol(_)) && !named.contains(letter));
        let other = alphabet.first().into_iter().chain(wants_character.then(other_symbol).flatten());
        other.chain(named.iter().copied()).collect()
    }

    /// The letter with which the first glob has to go on, where it has no choice.
    fn only_letter(&self, state: &State) -> Option<&Letter> {
        let (_, end) = self.globs.first()?;
        let mut open = state.ones().take_while(|position| position < end);
        match (open.next(), open.next()) {
            (Some(position), None) => match self.pieces.get(position)? {
                Some(Piece::Letter(letter)) => Some(letter),
                _ => None,
            },
            _ => None,
        }
    }

    /// Marks a position and those that are reached from it without a letter.
    fn enter(&self, state: &mut State, position: usize) {
        state.insert(position);
        let mut position = position;
        while let Some(Some(Piece::Many | Piece::Run(_))) = self.pieces.get(position) {
            position += 1;
            state.insert(position);
        }
    }

    fn step(&self, state: &State, letter: &Letter) -> State {
        let mut next = self.nowhere();
        for position in state.ones() {
            match self.pieces.get(position) {
                Some(Some(piece)) if piece.takes(letter) => self.enter(&mut next, if piece.repeats() { position } else { position + 1 }),
                _ => {}
            }
        }
        self.settle(&mut next);
        next
    }

    fn accepts(&self, state: &State, glob: usize) -> bool {
        self.globs.get(glob).is_some_and(|(_, end)| state.contains(*end))
    }

    /// Whether the first glob may still match.
    fn is_alive(&self, state: &State) -> bool {
        self.globs.first().is_some_and(|(_, end)| state.ones().next().is_some_and(|position| position <= *end))
    }
}

/// The letters that a piece tells from all others.
fn named(piece: &Piece) -> Vec<Letter> {
    match piece {
        Piece::Letter(letter) => vec![letter.clone()],
        Piece::But(c) | Piece::Run(c) => vec![Letter::Char(*c)],
        Piece::Fold(c) => vec![Letter::Char(c.to_ascii_lowercase()), Letter::Char(c.to_ascii_uppercase())],
        Piece::One | Piece::Many => Vec::new(),
    }
}

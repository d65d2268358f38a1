//! Globs over words.
//!
//! A word is a string of letters; a letter is a character or a *symbol*, which stands for a text that nobody knows yet, such as a
//! policy variable. `*` matches any letters, `?` exactly one character and never a symbol: a symbol may stand for any number of
//! characters. So `home/${user}/*` lies within `home/*`, and two different symbols are two different things.

use std::collections::BTreeSet;
use std::fmt;

/// One letter of a word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Letter {
    /// A character.
    Char(char),
    /// A text that is not known, by its name.
    Symbol(Box<str>),
}

/// One piece of a glob.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// Exactly this letter.
    Letter(Letter),
    /// `?`
    One,
    /// `*`
    Many,
    /// Exactly one character, and not this one.
    But(char),
    /// Any characters, none of which is this one.
    Run(char),
    /// This character of ASCII in either case.
    Fold(char),
}

impl Piece {
    /// Whether it may take this letter.
    pub fn takes(&self, letter: &Letter) -> bool {
        match (self, letter) {
            (own, Letter::Char(c)) => own.takes_char(*c),
            (Self::Letter(own), letter) => own == letter,
            (own, Letter::Symbol(_)) => *own == Self::Many,
        }
    }

    fn takes_char(&self, c: char) -> bool {
        match self {
            Self::Letter(own) => *own == Letter::Char(c),
            Self::Many | Self::One => true,
            Self::But(other) | Self::Run(other) => *other != c,
            Self::Fold(own) => own.eq_ignore_ascii_case(&c),
        }
    }

    /// True only when it takes everything that the other takes; of one that repeats, everything letter by letter.
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Many, _) | (Self::One, Self::One | Self::But(_) | Self::Fold(_)) => true,
            (own, Self::Letter(letter)) => own.takes(letter),
            (Self::Run(own), Self::Run(other) | Self::But(other)) => own == other,
            (own, other) => own == other && !other.repeats(),
        }
    }

    /// Whether it takes as many letters as it likes.
    pub fn repeats(&self) -> bool {
        matches!(self, Self::Many | Self::Run(_))
    }
}

/// A concrete string that may hold symbols.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// Characters only.
    Plain(Box<str>),
    /// At least one symbol.
    Mixed(Box<[Letter]>),
}

/// A pattern over words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Glob(Shape);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Shape {
    /// No wildcard, no symbol.
    Exact(Box<str>),
    /// Characters, then one `*`.
    Prefix(Box<str>),
    /// Anything else. `lead` is the characters before the first wildcard or symbol.
    General { lead: Box<str>, pieces: Box<[Piece]> },
}

impl Word {
    /// A word without symbols.
    pub fn plain(text: impl Into<Box<str>>) -> Self {
        Self::Plain(text.into())
    }

    /// From its letters.
    pub fn new(letters: Vec<Letter>) -> Self {
        let chars: Option<String> = letters.iter().map(|letter| if let Letter::Char(c) = letter { Some(*c) } else { None }).collect();
        chars.map_or_else(|| Self::Mixed(letters.into()), |text| Self::Plain(text.into()))
    }

    /// The word, and this text after it.
    #[must_use]
    pub fn followed_by(&self, text: &str) -> Self {
        match self {
            Self::Plain(own) => Self::plain(format!("{own}{text}")),
            Self::Mixed(letters) => Self::Mixed(letters.iter().cloned().chain(text.chars().map(Letter::Char)).collect()),
        }
    }

    /// Its letters.
    pub fn letters(&self) -> Vec<Letter> {
        match self {
            Self::Plain(text) => text.chars().map(Letter::Char).collect(),
            Self::Mixed(letters) => letters.to_vec(),
        }
    }

    /// The names of its symbols.
    pub fn symbols(&self) -> impl Iterator<Item = &str> {
        let letters = if let Self::Mixed(letters) = self { letters.as_ref() } else { &[] };
        letters.iter().filter_map(|letter| if let Letter::Symbol(name) = letter { Some(&**name) } else { None })
    }

    fn pieces(&self) -> Vec<Piece> {
        match self {
            Self::Plain(text) => text.chars().map(|c| Piece::Letter(Letter::Char(c))).collect(),
            Self::Mixed(letters) => letters.iter().cloned().map(Piece::Letter).collect(),
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // `${` that is text must not look like a symbol.
            Self::Plain(text) if text.contains("${") => f.write_str(&text.replace("${", "${$}{")),
            Self::Plain(text) => f.write_str(text),
            Self::Mixed(letters) => letters.iter().try_for_each(|letter| match letter {
                Letter::Char(c) => write!(f, "{c}"),
                Letter::Symbol(name) => write!(f, "${{{name}}}"),
            }),
        }
    }
}

impl Glob {
    /// Any word.
    pub fn any() -> Self {
        Self(Shape::Prefix("".into()))
    }

    /// This text and nothing else.
    pub fn exact(text: impl Into<Box<str>>) -> Self {
        Self(Shape::Exact(text.into()))
    }

    /// A text in which `*` and `?` are wildcards and every other character is itself.
    pub fn parse(text: &str) -> Self {
        match text.find(['*', '?']) {
            None => return Self::exact(text),
            Some(at) if at + 1 == text.len() && text.ends_with('*') => {
                return Self(Shape::Prefix(text.get(..at).unwrap_or_default().into()));
            }
            Some(_) => {}
        }
        Self::new(text.chars().map(|c| match c {
            '*' => Piece::Many,
            '?' => Piece::One,
            c => Piece::Letter(Letter::Char(c)),
        }))
    }

    /// From its pieces; `**` is `*`. (`*?` and `?*` differ: only the second wants a character before any symbol.)
    pub fn new(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut canonical: Vec<Piece> = pieces.into_iter().collect();
        canonical.dedup_by(|a, b| a == b && a.repeats());
        Self::from_canonical(canonical)
    }

    fn from_canonical(pieces: Vec<Piece>) -> Self {
        let lead: String =
            pieces.iter().map_while(|piece| if let Piece::Letter(Letter::Char(c)) = piece { Some(*c) } else { None }).collect();
        let rest = pieces.get(lead.chars().count()..).unwrap_or_default();
        Self(match rest {
            [] => Shape::Exact(lead.into()),
            [Piece::Many] => Shape::Prefix(lead.into()),
            _ => Shape::General { lead: lead.into(), pieces: pieces.into() },
        })
    }

    /// Whether it matches every word.
    pub fn is_any(&self) -> bool {
        matches!(&self.0, Shape::Prefix(text) if text.is_empty())
    }

    /// Whether a word that it matches may go on with anything.
    pub fn is_open(&self) -> bool {
        match &self.0 {
            Shape::Exact(_) => false,
            Shape::Prefix(_) => true,
            Shape::General { pieces, .. } => pieces.last() == Some(&Piece::Many),
        }
    }

    /// The one word it matches, when there is only one and it has no symbols.
    pub fn as_exact(&self) -> Option<&str> {
        if let Shape::Exact(text) = &self.0 { Some(text) } else { None }
    }

    /// Whether it matches the word.
    pub fn matches(&self, word: &Word) -> bool {
        match (&self.0, word) {
            (_, Word::Plain(word)) => self.matches_text(word),
            (Shape::Exact(_), Word::Mixed(_)) => false,
            (Shape::Prefix(text), Word::Mixed(letters)) => begins_with(letters, text),
            (Shape::General { pieces, .. }, Word::Mixed(letters)) => takes(pieces, letters),
        }
    }

    /// Whether it matches a text without symbols, of which no word need be made.
    pub fn matches_text(&self, text: &str) -> bool {
        match &self.0 {
            Shape::Exact(own) => **own == *text,
            Shape::Prefix(own) => text.starts_with(&**own),
            Shape::General { lead, pieces } => text.starts_with(&**lead) && takes_text(pieces, text),
        }
    }

    /// The text with which every word begins, where nothing else is asked of it.
    pub(super) fn as_prefix(&self) -> Option<&str> {
        if let Shape::Prefix(lead) = &self.0 { Some(lead) } else { None }
    }

    /// Whether it is neither a text nor the beginning of one.
    pub(super) fn is_general(&self) -> bool {
        matches!(self.0, Shape::General { .. })
    }

    pub(super) fn lead(&self) -> &str {
        match &self.0 {
            Shape::Exact(text) | Shape::Prefix(text) => text,
            Shape::General { lead, .. } => lead,
        }
    }

    /// The names of its symbols.
    pub fn symbols(&self) -> impl Iterator<Item = &str> {
        let pieces: &[Piece] = if let Shape::General { pieces, .. } = &self.0 { pieces } else { &[] };
        pieces.iter().filter_map(|piece| if let Piece::Letter(Letter::Symbol(name)) = piece { Some(&**name) } else { None })
    }

    /// Its pieces.
    pub fn pieces(&self) -> Vec<Piece> {
        let letters = |text: &str| text.chars().map(|c| Piece::Letter(Letter::Char(c))).collect::<Vec<_>>();
        match &self.0 {
            Shape::Exact(text) => letters(text),
            Shape::Prefix(text) => letters(text).into_iter().chain([Piece::Many]).collect(),
            Shape::General { pieces, .. } => pieces.to_vec(),
        }
    }

    /// False only when nothing that it can match begins with the text: whatever its symbols stand for, and in any case.
    pub fn may_begin_with(&self, text: &str) -> bool {
        let mut wanted = text.chars();
        for piece in self.pieces() {
            let Some(next) = wanted.next() else { return true };
            match piece {
                Piece::Many | Piece::Run(_) | Piece::Letter(Letter::Symbol(_)) => return true,
                Piece::Letter(Letter::Char(own)) | Piece::Fold(own) if !own.eq_ignore_ascii_case(&next) => return false,
                Piece::One | Piece::But(_) | Piece::Fold(_) | Piece::Letter(Letter::Char(_)) => {}
            }
        }
        wanted.next().is_none()
    }

    /// False only when no word is in both; cheap, and enough to drop most of the others.
    pub(super) fn may_meet(&self, other: &Glob) -> bool {
        self.leads_meet(other) && self.tails_meet(other)
    }

    /// Whether the characters with which both end may be the end of one word.
    fn tails_meet(&self, other: &Glob) -> bool {
        let (mut own, mut others) = (self.tail(), other.tail());
        loop {
            match (own.next(), others.next()) {
                (Some(a), Some(b)) if a != b => return false,
                (Some(_), Some(_)) => {}
                _ => return true,
            }
        }
    }

    /// The characters after the last wildcard or symbol, from the end.
    pub(super) fn tail(&self) -> impl Iterator<Item = char> + '_ {
        let (text, pieces): (&str, &[Piece]) = match &self.0 {
            Shape::Exact(text) => (text, &[]),
            Shape::Prefix(_) => ("", &[]),
            Shape::General { pieces, .. } => ("", pieces),
        };
        let character = |piece: &Piece| if let Piece::Letter(Letter::Char(c)) = piece { Some(*c) } else { None };
        text.chars().rev().chain(pieces.iter().rev().map_while(character))
    }

    fn leads_meet(&self, other: &Glob) -> bool {
        match (&self.0, &other.0) {
            (Shape::Exact(a), Shape::Exact(b)) => a == b,
            (Shape::Exact(a), _) => a.starts_with(other.lead()),
            (_, Shape::Exact(b)) => b.starts_with(self.lead()),
            _ => self.lead().starts_with(other.lead()) || other.lead().starts_with(self.lead()),
        }
    }

    /// True only when the other lies within this one; cheap.
    pub fn plainly_covers(&self, other: &Glob) -> bool {
        match &self.0 {
            Shape::Exact(_) => self == other,
            Shape::Prefix(text) => other.lead().starts_with(&**text),
            Shape::General { lead, pieces } => other.lead().starts_with(&**lead) && covers_piece_by_piece(pieces, &other.pieces()),
        }
    }

    /// A short word that it matches.
    pub fn sample(&self) -> Word {
        match &self.0 {
            Shape::Prefix(text) if text.is_empty() => Word::plain("x"),
            Shape::Exact(text) | Shape::Prefix(text) => Word::Plain(text.clone()),
            Shape::General { pieces, .. } => Word::new(
                pieces
                    .iter()
                    .filter_map(|piece| match piece {
                        Piece::Letter(letter) => Some(letter.clone()),
                        Piece::One => Some(Letter::Char('x')),
                        Piece::But(other) => Some(Letter::Char(fresh(&BTreeSet::from([*other])))),
                        Piece::Fold(c) => Some(Letter::Char(c.to_ascii_lowercase())),
                        Piece::Many | Piece::Run(_) => None,
                    })
                    .collect(),
            ),
        }
    }
}

/// A character that none of these is; a plausible one where possible.
pub(super) fn fresh(taken: &BTreeSet<char>) -> char {
    ('x'..='z').chain('a'..='w').chain('0'..='9').chain('\u{e000}'..='\u{f8ff}').find(|c| !taken.contains(c)).unwrap_or('\u{10fffd}')
}

fn begins_with(letters: &[Letter], text: &str) -> bool {
    let mut letters = letters.iter();
    text.chars().all(|c| letters.next() == Some(&Letter::Char(c)))
}

/// Whether pieces, one after the other, take these letters.
pub fn takes(pieces: &[Piece], letters: &[Letter]) -> bool {
    let by_all_ways = || covers_by_all_ways(pieces, &letters.iter().cloned().map(Piece::Letter).collect::<Vec<_>>());
    covers_by_two_pointers(pieces, letters.iter(), Piece::takes).unwrap_or_else(by_all_ways)
}

/// Whether pieces take a text.
fn takes_text(pieces: &[Piece], text: &str) -> bool {
    let by_all_ways = || covers_by_all_ways(pieces, &Word::plain(text).pieces());
    covers_by_two_pointers(pieces, text.chars(), Piece::takes_char).unwrap_or_else(by_all_ways)
}

/// Of a word every piece is a letter. Where the other is a glob, true only when all its words match, and sometimes not even then.
fn covers_piece_by_piece(pieces: &[Piece], others: &[Piece]) -> bool {
    covers_by_two_pointers(pieces, others.iter(), Piece::covers).unwrap_or_else(|| covers_by_all_ways(pieces, others))
}

/// The usual two-pointer match: on a mismatch the last `*` takes one piece more. `None` where something repeats that does not take every
/// letter.
fn covers_by_two_pointers<O: Iterator + Clone>(pieces: &[Piece], others: O, covers: impl Fn(&Piece, O::Item) -> bool) -> Option<bool> {
    let (mut piece, mut rest) = (0, others);
    let mut retry: Option<(usize, O)> = None;
    loop {
        let mut after = rest.clone();
        let Some(current) = after.next() else { break };
        match pieces.get(piece) {
            Some(Piece::Many) => {
                piece += 1;
                retry = Some((piece, rest.clone()));
            }
            Some(Piece::Run(_)) => return None,
            Some(own) if covers(own, current) => (piece, rest) = (piece + 1, after),
            _ => {
                let Some((next, taken)) = &mut retry else { return Some(false) };
                taken.next();
                (piece, rest) = (*next, taken.clone());
            }
        }
    }
    Some(pieces.get(piece..).unwrap_or_default().iter().all(Piece::repeats))
}

/// The same where something repeats that does not take every letter: all places that may have been reached, piece by piece.
fn covers_by_all_ways(pieces: &[Piece], others: &[Piece]) -> bool {
    let enter = |reached: &mut BTreeSet<usize>, place: usize| {
        let skipped = pieces.get(place..).unwrap_or_default().iter().take_while(|piece| piece.repeats()).count();
        reached.extend(place..=place + skipped);
    };
    let mut reached = BTreeSet::new();
    enter(&mut reached, 0);
    for other in others {
        let mut next = BTreeSet::new();
        for (place, piece) in
            reached.iter().filter_map(|place| Some((*place, pieces.get(*place)?))).filter(|(_, piece)| piece.covers(other))
        {
            enter(&mut next, if piece.repeats() { place } else { place + 1 });
        }
        reached = next;
    }
    reached.contains(&pieces.len())
}

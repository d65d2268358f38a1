//! Globs against a naive matcher, and classes against all short words.

use super::*;
use crate::access::{Letter, Piece};
use proptest::prelude::*;

fn budget() -> Budget {
    Budget::default()
}

/// The naive model: try every way to share the letters out.
fn naive(pieces: &[Piece], letters: &[Letter]) -> bool {
    match (pieces, letters) {
        ([], letters) => letters.is_empty(),
        ([Piece::Many, rest @ ..], _) => (0..=letters.len()).any(|taken| naive(rest, &letters[taken..])),
        ([Piece::Run(c), rest @ ..], _) => {
            let free = letters.iter().take_while(|letter| matches!(letter, Letter::Char(own) if own != c)).count();
            (0..=free).any(|taken| naive(rest, &letters[taken..]))
        }
        ([Piece::One, rest @ ..], [Letter::Char(_), tail @ ..]) => naive(rest, tail),
        ([Piece::But(c), rest @ ..], [Letter::Char(own), tail @ ..]) => own != c && naive(rest, tail),
        ([Piece::Fold(c), rest @ ..], [Letter::Char(own), tail @ ..]) => own.to_ascii_lowercase() == *c && naive(rest, tail),
        ([Piece::Letter(own), rest @ ..], [first, tail @ ..]) => own == first && naive(rest, tail),
        _ => false,
    }
}

fn letter() -> impl Strategy<Value = Letter> {
    prop_oneof![4 => prop::sample::select(vec!['a', 'b', 'c']).prop_map(Letter::Char), 1 => Just(Letter::Symbol("v".into()))]
}

fn piece() -> impl Strategy<Value = Piece> {
    let special = prop_oneof![Just(Piece::But('b')), Just(Piece::Run('b')), Just(Piece::Fold('a'))];
    prop_oneof![8 => letter().prop_map(Piece::Letter), 2 => Just(Piece::One), 4 => Just(Piece::Many), 3 => special]
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    prop::collection::vec(piece(), 0..6)
}

fn plain_prefix() -> impl Strategy<Value = Glob> {
    ("[ab]{0,3}", any::<bool>()).prop_map(|(text, open)| Glob::parse(&if open { format!("{text}*") } else { text }))
}

fn words() -> Vec<Word> {
    let letters = [Letter::Char('a'), Letter::Char('b'), Letter::Char('c'), Letter::Symbol("v".into())];
    let mut words = vec![Vec::new()];
    let mut all = words.clone();
    for _ in 0..4 {
        words = words.iter().flat_map(|word| letters.iter().map(|l| word.iter().chain([l]).cloned().collect::<Vec<_>>())).collect();
        all.extend(words.clone());
    }
    all.into_iter().map(Word::new).collect()
}

fn members(globs: &[Glob], word: &Word) -> Vec<usize> {
    globs.iter().enumerate().filter(|(_, glob)| glob.matches(word)).map(|(index, _)| index).collect()
}

fn check_classes(within: &Glob, others: &[Glob]) -> Result<(), TestCaseError> {
    let found = classes(within, &others.iter().collect::<Vec<_>>(), &mut budget()).unwrap();
    for class in &found {
        prop_assert!(within.matches(&class.word), "{} is not in {within:?}", class.word);
        prop_assert_eq!(&members(others, &class.word), &class.members);
    }
    let mut signatures: Vec<_> = found.iter().map(|class| class.members.clone()).collect();
    signatures.sort();
    let count = signatures.len();
    signatures.dedup();
    prop_assert_eq!(count, signatures.len());
    let meeting = others.iter().filter(|other| other.may_meet(within));
    let named = std::iter::once(within).chain(meeting).any(|glob| glob.pieces().contains(&Piece::Letter(Letter::Symbol("v".into()))));
    for word in words().iter().filter(|word| within.matches(word) && (named || matches!(word, Word::Plain(_)))) {
        prop_assert!(signatures.contains(&members(others, word)), "no class has the members of {word}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_glob_matches_what_the_naive_model_matches(pieces in pieces(), letters in prop::collection::vec(letter(), 0..6)) {
        prop_assert_eq!(Glob::new(pieces.clone()).matches(&Word::new(letters.clone())), naive(&pieces, &letters));
    }

    #[test]
    fn classes_are_disjoint_and_together_all_words(within in pieces(), others in prop::collection::vec(pieces(), 0..4)) {
        check_classes(&Glob::new(within), &others.into_iter().map(Glob::new).collect::<Vec<_>>())?;
    }

    #[test]
    fn what_plainly_covers_covers_and_what_cannot_meet_does_not(one in pieces(), other in pieces()) {
        let (one, other) = (Glob::new(one), Glob::new(other));
        for word in words().iter().filter(|word| other.matches(word)) {
            prop_assert!(!one.plainly_covers(&other) || one.matches(word), "{word} is in {other:?} and not in {one:?}");
            prop_assert!(one.may_meet(&other) || !one.matches(word), "{word} is in {other:?} and in {one:?}");
        }
    }

    #[test]
    fn a_glob_covers_another_if_no_class_of_the_other_is_outside(one in pieces(), other in pieces()) {
        let (one, other) = (Glob::new(one), Glob::new(other));
        let is_in = classes(&other, &[&one], &mut budget()).unwrap().iter().all(|class| !class.members.is_empty());
        prop_assert_eq!(one.covers(&other, &mut budget()).unwrap(), is_in, "{:?} and {:?}", one, other);
    }

    #[test]
    fn classes_of_unions_are_those_of_their_parts_without_what_tells_parts_apart(
        within in pieces(),
        others in prop::collection::vec((pieces(), prop::collection::btree_set(0..3usize, 1..3)), 0..5),
    ) {
        let (globs, unions): (Vec<_>, Vec<Vec<usize>>) =
            others.into_iter().map(|(pieces, unions)| (Glob::new(pieces), Vec::from_iter(unions))).unzip();
        let (within, globs) = (Glob::new(within), globs.iter().collect::<Vec<_>>());
        let united = |members: &[usize]| members.iter().flat_map(|member| unions[*member].clone()).collect::<BTreeSet<_>>();
        let apart = classes(&within, &globs, &mut budget()).unwrap();
        let found = classes_of_unions(&within, &globs, &unions, &mut budget()).unwrap();
        let expected: BTreeSet<_> = apart.iter().map(|class| united(&class.members)).collect();
        prop_assert_eq!(found.iter().map(|class| BTreeSet::from_iter(class.members.clone())).collect::<BTreeSet<_>>(), expected);
        for class in &found {
            let matching: Vec<usize> = (0..globs.len()).filter(|at| globs[*at].matches(&class.word)).collect();
            prop_assert!(within.matches(&class.word));
            prop_assert_eq!(united(&matching), BTreeSet::from_iter(class.members.clone()));
        }
    }

    #[test]
    fn classes_of_prefixes_are_disjoint_and_together_all_words(within in plain_prefix(), others in prop::collection::vec(plain_prefix(), 0..6)) {
        check_classes(&within, &others)?;
    }
}

#[test]
fn a_glob_may_begin_with_a_text_if_one_of_its_words_might() {
    let symbol = Piece::Letter(Letter::Symbol("v".into()));
    let with_symbol = Glob::new([Piece::Letter(Letter::Char('r')), symbol]);
    for glob in [Glob::parse("role/a"), Glob::parse("ROLE/*"), Glob::parse("ro*x"), Glob::parse("r?le/x"), Glob::any(), with_symbol] {
        assert!(glob.may_begin_with("role/"), "{glob:?}");
    }
    for glob in [Glob::parse("role"), Glob::parse("user/*"), Glob::parse("r?l"), Glob::exact("")] {
        assert!(!glob.may_begin_with("role/"), "{glob:?}");
    }
    assert!(Glob::exact("").may_begin_with(""));
}

/// Whatever `${v}` stands for, `a${v}` ends in a character.
#[test]
fn a_symbol_of_a_glob_that_meets_nothing_makes_no_class() {
    let globs = [
        Glob::parse("*?"),
        Glob::new(['b'].map(|c| Piece::Letter(Letter::Char(c))).into_iter().chain([Piece::Letter(Letter::Symbol("v".into()))])),
    ];
    check_classes(&Glob::parse("a*"), &globs).unwrap();
}

#[test]
fn a_symbol_lies_within_a_star_and_within_nothing_else() {
    let symbol = Glob::new([Piece::Letter(Letter::Char('x')), Piece::Letter(Letter::Symbol("v".into()))]);
    assert!(Glob::parse("x*").covers(&symbol, &mut budget()).unwrap());
    assert!(!Glob::parse("x?").covers(&symbol, &mut budget()).unwrap());
    assert!(!symbol.covers(&Glob::parse("xv"), &mut budget()).unwrap());
}

#[test]
fn many_infix_wildcards_end_in_exhaustion_and_not_in_a_hang() {
    let globs: Vec<Glob> = (0..40).map(|i| Glob::parse(&format!("*a{i}*b{i}*c{i}*"))).collect();
    let others: Vec<&Glob> = globs.iter().skip(1).collect();
    assert_eq!(classes(&globs[0], &others, &mut Budget::new(1_000_000)), Err(Exhausted));
}

//! The classes into which globs cut one of them: every class is what its word says, and a word of the input is in exactly one.

#![no_main]

use countersign::access::{Budget, Glob, Word, classes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let mut parts = text.split('\n').take(8);
    let (Some(word), Some(within)) = (parts.next(), parts.next()) else { return };
    let (word, within) = (Word::plain(word), Glob::parse(within));
    let others: Vec<Glob> = parts.map(Glob::parse).collect();
    let others: Vec<&Glob> = others.iter().collect();
    let Ok(found) = classes(&within, &others, &mut Budget::new(200_000)) else { return };
    let members = |word: &Word| (0..others.len()).filter(|at| others[*at].matches(word)).collect::<Vec<_>>();
    for class in &found {
        assert!(within.matches(&class.word), "{class:?} is not in {within:?}");
        assert_eq!(members(&class.word), class.members);
    }
    if within.matches(&word) {
        assert_eq!(found.iter().filter(|class| class.members == members(&word)).count(), 1, "{word:?}");
    }
    let all = classes(&Glob::any(), &others, &mut Budget::new(200_000));
    assert!(all.is_err() || found.len() <= all.unwrap().len());
});

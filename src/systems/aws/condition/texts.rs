//! Texts that patterns tell apart.

use crate::access::{Budget, Class, Exhausted, Glob, Word, classes};
use std::collections::BTreeSet;

/// A text of every kind that the globs tell apart; the empty one only where it is of a kind of its own.
///
/// One text that is asked for is a kind of its own, and there may be very many of them. So the wildcards cut first, and only where the
/// text that they found is one of those is it cut again with it.
pub(super) fn kinds(globs: &[&Glob], budget: &mut Budget) -> Result<Vec<String>, Exhausted> {
    let exact: BTreeSet<&str> = globs.iter().filter_map(|glob| glob.as_exact()).collect();
    let open: Vec<&Glob> = globs.iter().filter(|glob| glob.as_exact().is_none()).copied().collect();
    let mut cut: BTreeSet<&str> = BTreeSet::from([""]);
    loop {
        let texts: Vec<Glob> = cut.iter().map(|text| Glob::exact(*text)).collect();
        let others: Vec<&Glob> = open.iter().copied().chain(&texts).collect();
        let found = classes(&Glob::any(), &others, budget)?;
        let is_cut = |class: &Class| class.members.last().is_some_and(|last| *last >= open.len());
        let mut free = Vec::new();
        let before = cut.len();
        for class in found.iter().filter(|class| !is_cut(class)) {
            if let Word::Plain(text) = &class.word {
                match exact.get(&**text) {
                    Some(text) => _ = cut.insert(text),
                    None => free.push(text.to_string()),
                }
            }
        }
        if cut.len() == before {
            budget.spend(exact.len())?;
            let free = free.into_iter().map(|text| plainer(text, globs));
            return Ok(exact.iter().map(ToString::to_string).chain(free).chain([String::new()]).collect());
        }
    }
}

/// In lower case, where the case says nothing.
fn plainer(text: String, globs: &[&Glob]) -> String {
    let lower = text.to_ascii_lowercase();
    let (as_found, as_lower) = (Word::plain(&*text), Word::plain(&*lower));
    if globs.iter().all(|glob| glob.matches(&as_found) == glob.matches(&as_lower)) { lower } else { text }
}

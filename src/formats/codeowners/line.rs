//! One line: a pattern, and who owns what it matches.

use crate::systems::codeowners::{Owner, Pattern, Refusal};
use std::collections::BTreeSet;

/// What a line says.
pub(super) enum Said {
    /// It is empty or a comment.
    Nothing,
    /// Who owns what.
    Line(Pattern, BTreeSet<Owner>),
    /// GitHub skips it, for that reason.
    Skipped(String),
    /// It cannot be told what it means: the diagnostic's code, and the reason.
    Unclear(&'static str, String),
}

const GITLAB: &str = "gitlab-codeowners";
const UNCLEAR: &str = "codeowners-unclear";

pub(super) fn read(line: &str) -> Said {
    let line = line.trim_matches(is_blank);
    if line.is_empty() || line.starts_with('#') {
        return Said::Nothing;
    }
    if is_heading(line) {
        return Said::Unclear(GITLAB, "sections are GitLab's, and are not read yet".to_owned());
    }
    let (pattern, owners) = pattern_and_owners(line);
    if let Some(why) = unclear(pattern, &owners) {
        return Said::Unclear(UNCLEAR, why);
    }
    if let Some(role) = owners.iter().find(|owner| owner.starts_with("@@")) {
        return Said::Unclear(GITLAB, format!("`{role}` is a role of GitLab, and roles are not read yet"));
    }
    let pattern = match Pattern::parse(pattern) {
        Ok(pattern) => pattern,
        Err(Refusal::Skipped(why)) => return Said::Skipped(why),
        Err(Refusal::Unclear(why)) => return Said::Unclear(UNCLEAR, why),
    };
    match owners.iter().map(|text| Owner::parse(text).ok_or(*text)).collect() {
        Ok(owners) => Said::Line(pattern, owners),
        Err(text) => Said::Skipped(format!("`{text}` is no `@user`, no `@organisation/team` and no address")),
    }
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t')
}

/// `[Name]`, `^[Name]`, with a number of approvals and default owners behind it. With anything else behind it, it is a range of
/// characters, which GitHub skips.
fn is_heading(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('^').unwrap_or(line).strip_prefix('[') else { return false };
    rest.split_once(']').is_some_and(|(_, behind)| behind.is_empty() || behind.starts_with(|letter| is_blank(letter) || letter == '['))
}

/// The pattern ends at the first blank that is not escaped; a comment begins at a `#` after a blank.
fn pattern_and_owners(line: &str) -> (&str, Vec<&str>) {
    let mut is_escaped = false;
    let end = line.find(|letter| {
        let is_end = is_blank(letter) && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        is_end
    });
    let (pattern, rest) = line.split_at(end.unwrap_or(line.len()));
    let words = rest.split(is_blank).filter(|word| !word.is_empty());
    (pattern, words.take_while(|word| !word.starts_with('#')).collect())
}

/// What readers disagree about.
fn unclear(pattern: &str, owners: &[&str]) -> Option<String> {
    let words = || std::iter::once(&pattern).chain(owners);
    if words().any(|word| word.chars().any(|letter| letter.is_control() && letter != '\t' || letter.is_whitespace() && !is_blank(letter))) {
        return Some("whether this blank or control character ends a word is not documented".to_owned());
    }
    let is_name = |owner: &&&str| Owner::parse(owner).is_some_and(|owner| !owner.is_name_of_an_account());
    if let Some(owner) = owners.iter().find(is_name) {
        return Some(format!("whether GitHub takes `{owner}` for the name of an account is not documented"));
    }
    let is_glued = |word: &&&str| !word.starts_with("\\#") && word.contains('#');
    words().find(is_glued).map(|word| format!("whether the `#` in `{word}` begins a comment is not documented"))
}

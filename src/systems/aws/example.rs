//! An action and a resource of a cell that are as real as can be: an action that AWS has, on a resource that it acts on.

use super::blocks::Block;
use super::cell::{Cell, Slice};
use super::knowledge::{self, Known};
use super::pattern::{Action, Notation, Resource};
use super::vacuity::acts_on_some;
use crate::access::{Glob, Word, matches, may_meet};
use std::cmp::Reverse;

/// The action and the resource, as texts: a class may be more than the block says of it. An action that nobody has made yet stands only for a
/// class in which there is no other. A policy that names no resources, as a trust policy, is about what it is attached to. Of several actions one
/// is taken for which the block is as severe as it is.
pub(super) fn example(cell: &Cell<'_>, block: &Block<'_>, names_resources: bool, is_why: impl Fn(&str) -> bool) -> (String, String) {
    let own = resource_text(cell.resource.words());
    if !names_resources {
        return (action_text(&cell.action), own);
    }
    if is_one(&cell.action) {
        let action = action_text(&cell.action);
        let resource = known(&action).and_then(|action| resource_of(action, cell, block, &own)).unwrap_or(own);
        return (action, resource);
    }
    services(cell).find_map(|service| best(service, cell, block, &own, &is_why)).unwrap_or_else(|| (action_text(&cell.action), own))
}

/// Services that the class may be about; the one that gives access first, for it says the most about everything.
fn services(cell: &Cell<'_>) -> impl Iterator<Item = knowledge::Service> {
    let meant: Vec<&[&Action]> = cell.action.around().collect();
    let may_be = move |service: &knowledge::Service| {
        let is_of = |action: &&Action| action.globs().first().is_some_and(|glob| glob.matches_text(service.prefix));
        meant.iter().all(|actions| actions.iter().any(is_of))
    };
    knowledge::service("iam").into_iter().chain(knowledge::services().filter(|service| service.prefix != "iam")).filter(may_be)
}

/// Of a service's actions in the class one that acts on a resource in the cell, and of these the most telling. An action that never does
/// is no example; without another, the difference is about actions that nobody has made yet.
fn best(
    service: knowledge::Service,
    cell: &Cell<'_>,
    block: &Block<'_>,
    own: &str,
    is_why: impl Fn(&str) -> bool,
) -> Option<(String, String)> {
    let may_act = |action: &Known| own == "*" || acts_on_some(*action, &cell.resource);
    let may_be =
        service.words().iter().filter(|(action, words)| block.actions.match_words(words) && is_in(&cell.action, words) && may_act(action));
    let mut actions: Vec<Known> = may_be.map(|(action, _)| *action).collect();
    let text = |action: &Known| format!("{}:{}", service.prefix, action.name);
    actions.sort_by_cached_key(|action| (!is_why(&text(action)), Reverse(action.level), action.resources().next().is_none()));
    let with_resource = |action: &Known| Some((*action, resource_of(*action, cell, block, own)?));
    let found = actions.iter().find_map(with_resource).or_else(|| Some((*actions.first()?, own.to_owned())));
    found.map(|(action, resource)| (text(&action), resource))
}

/// A resource in the cell that the action acts on.
fn resource_of(action: Known, cell: &Cell<'_>, block: &Block<'_>, own: &str) -> Option<String> {
    let mut kinds: Vec<&str> = action.resources().collect();
    if kinds.is_empty() {
        return (own == "*").then(|| own.to_owned());
    }
    // The plainest first.
    kinds.sort_by_key(|arn| (!arn.starts_with(action.service.prefix), arn.len()));
    let own = cell.resource.words();
    kinds.into_iter().find_map(|kind| {
        let pattern = Resource::parse(&format!("arn:*:{}", replaced(kind, |_| "*".to_owned())), false).ok()?;
        if !may_meet(pattern.globs(), cell.resource.cut.within.globs()) {
            return None;
        }
        let fits =
            |words: &Vec<Word>| matches(pattern.globs(), words) && block.resources.match_words(words) && is_in(&cell.resource, words);
        filled(kind, own).find(fits).map(|words| resource_text(&words))
    })
}

/// An ARN with its variables filled in, in every way that takes some of its parts from another ARN, the fewest first.
fn filled<'f>(arn: &str, own: &'f [Word]) -> impl Iterator<Item = Vec<Word>> + 'f {
    let plain = format!("arn:aws:{}", replaced(arn, fill)).replace('*', "x");
    let parts: Vec<String> = plain.splitn(6, ':').map(ToOwned::to_owned).collect();
    let last_name = arn.rsplit_once("${").and_then(|(_, rest)| Some(fill(rest.split_once('}')?.0))).unwrap_or_default();
    (0..32_usize).map(move |from_own| {
        let part = |(at, part): (usize, &String)| match (at, own.get(at)) {
            (1, Some(own)) if from_own & 1 != 0 => own.clone(),
            (3, Some(own)) if from_own & 2 != 0 => own.clone(),
            (4, Some(own)) if from_own & 4 != 0 => own.clone(),
            (5, Some(own)) => match (from_own >> 3, own) {
                (0, _) => Word::plain(part.as_str()),
                (1, Word::Plain(text)) if text.ends_with(['/', ':', '-']) => own.followed_by(&last_name),
                (1, _) => own.clone(),
                (2, _) => own.followed_by(&last_name),
                _ => own.followed_by(&format!("/{last_name}")),
            },
            _ => Word::plain(part.as_str()),
        };
        parts.iter().enumerate().map(part).collect()
    })
}

fn fill(name: &str) -> String {
    match name {
        "Region" => "us-east-1".to_owned(),
        "Account" => "111122223333".to_owned(),
        _ => name
            .trim_end_matches("WithPath")
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_lowercase())
            .collect(),
    }
}

/// Every `${Name}` by something else.
fn replaced(arn: &str, by: impl Fn(&str) -> String) -> String {
    let mut pieces = arn.split("${");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
        text + &by(name) + rest
    })
}

/// Whether the words are in exactly those unions that the class is in.
fn is_in<P: Notation>(class: &Slice<'_, P>, words: &[Word]) -> bool {
    let (members, unions) = (class.members(), &class.cut.unions);
    // It is in few of many: those first.
    let of_members = members.iter().filter_map(|member| unions.parts.get(*member));
    let mut is_in_each = of_members.map(|parts| parts.iter().any(|pattern| matches(pattern.globs(), words)));
    matches(class.cut.within.globs(), words)
        && is_in_each.all(|is_in| is_in)
        && unions.matching(words).all(|union| members.binary_search(&union).is_ok())
}

/// Whether the class is one action, spelt out.
fn is_one(class: &Slice<'_, Action>) -> bool {
    let is_exact = |action: &Action| action.globs().iter().all(|glob| Glob::as_exact(glob).is_some());
    class.around().any(|actions| matches!(actions, [only] if is_exact(only)))
}

fn known(action: &str) -> Option<Known> {
    let (service, name) = action.split_once(':')?;
    knowledge::action(&service.to_ascii_lowercase(), name)
}

/// The action in the spelling of the pattern, where one spells it out.
fn action_text(slice: &Slice<'_, Action>) -> String {
    let words = slice.words();
    let joined = words.iter().map(ToString::to_string).collect::<Vec<_>>().join(":");
    let spelled = |action: &&Action| action.text().eq_ignore_ascii_case(&joined);
    slice.cut.patterns().find(spelled).map_or(joined, |action| action.text().to_owned())
}

/// An ARN; what is not one is the resource of actions that have none.
fn resource_text(words: &[Word]) -> String {
    let joined = words.iter().map(ToString::to_string).collect::<Vec<_>>().join(":");
    if joined.starts_with("arn:") { joined } else { "*".to_owned() }
}

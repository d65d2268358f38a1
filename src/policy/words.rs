//! Sentences, and parts of them.

use crate::change::Entry;
use crate::proposal::Person;
use chrono::{DateTime, Utc};

/// How many things of a list are named.
const NAMED: usize = 4;

/// `a`, `a and b`, `a, b and 7 more`; `last` is the word before the last.
pub(super) fn list(items: impl IntoIterator<Item = String>, last: &str) -> String {
    let mut items: Vec<String> = items.into_iter().collect();
    if items.len() > NAMED + 1 {
        let more = items.len() - NAMED;
        items.truncate(NAMED);
        return format!("{} {last} {more} more", items.join(", "));
    }
    match items.pop() {
        None => "nobody".to_owned(),
        Some(only) if items.is_empty() => only,
        Some(end) => format!("{} {last} {end}", items.join(", ")),
    }
}

pub(super) fn people<'p>(people: impl IntoIterator<Item = &'p Person>, last: &str) -> String {
    list(people.into_iter().map(ToString::to_string), last)
}

pub(super) fn quoted<T: AsRef<str>>(names: impl IntoIterator<Item = T>, last: &str) -> String {
    list(names.into_iter().map(|name| format!("`{}`", name.as_ref())), last)
}

/// `1 approval`, `2 approvals`
pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// An instant to the minute: `2026-11-24 10:12 UTC`.
pub(super) fn minute(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// One part of a change: whose, what, on what.
pub(super) fn entry(entry: &Entry) -> String {
    let region = &entry.region;
    let except = |patterns: &[String]| if patterns.is_empty() { String::new() } else { format!(" except {}", quoted(patterns, "and")) };
    let condition = region.condition.as_ref().map_or_else(String::new, |condition| format!(" when `{condition}`"));
    format!(
        "`{}`: {}{} on {}{}{condition}",
        region.holder,
        quoted(&region.actions, "and"),
        except(&region.except_actions),
        quoted(&region.resources, "and"),
        except(&region.except_resources),
    )
}

pub(super) fn entries<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> String {
    let mut texts: Vec<String> = entries.into_iter().map(entry).collect();
    texts.sort();
    let more = texts.len().saturating_sub(NAMED);
    let named = texts.into_iter().take(NAMED).collect::<Vec<_>>().join("; ");
    if more == 0 { named } else { format!("{named}; and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_things_the_first_are_named_and_the_rest_are_counted() {
        let of = |number: usize| list((1..=number).map(|item| item.to_string()), "or");
        assert_eq!([of(0), of(1), of(2)], ["nobody", "1", "1 or 2"]);
        assert_eq!([of(5), of(6)], ["1, 2, 3, 4 or 5", "1, 2, 3, 4 or 2 more"]);
    }
}

//! Edits of conditions.

use super::mutate::set;
use super::pair::{Clause, Pool, clauses};
use super::random::Random;
use super::text::{recase, vary_resource, widen};
use chrono::{DateTime, Duration};
use countersign::systems::aws::Slot;
use serde_json::{Value, json};

/// Operators that ask the same kind of value, the positive one first.
const FAMILIES: &[&[&str]] = &[
    &["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"],
    &["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"],
    &["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
    &["Bool"],
    &["IpAddress", "NotIpAddress"],
    &["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"],
    &["Null"],
];

/// What an operator asks of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Text,
    Number,
    Date,
    Bool,
    Address,
    Arn,
    Null,
}

/// An operator's parts: `ForAnyValue` or `ForAllValues`, the bare operator, whether `IfExists` follows.
pub fn parts(operator: &str) -> (Option<&str>, &str, bool) {
    let (quantifier, rest) = operator.split_once(':').map_or((None, operator), |(quantifier, rest)| (Some(quantifier), rest));
    rest.strip_suffix("IfExists").map_or((quantifier, rest, false), |bare| (quantifier, bare, true))
}

/// The family of an operator; every operator here is one that AWS knows.
pub fn family(operator: &str) -> Family {
    let (_, bare, _) = parts(operator);
    let number = FAMILIES.iter().position(|family| family.contains(&bare)).unwrap();
    [Family::Text, Family::Number, Family::Date, Family::Bool, Family::Address, Family::Arn, Family::Null][number]
}

/// One edit of the statement's condition.
pub fn edit(statement: &mut Value, slot: Slot, pool: &Pool, random: &mut Random) {
    let mut list = clauses(statement);
    if list.is_empty() || random.chance(15) {
        list.extend(clauses(&pool.statement(slot, random)));
    } else {
        let at = random.below(list.len());
        match random.below(8) {
            0 => drop(list.remove(at)),
            1..4 => list[at].0 = other_operator(&list[at].0, random),
            4 => {
                let mut copy = list[at].clone();
                copy.0 = other_operator(&copy.0, random);
                edit_values(&mut copy, random);
                list.push(copy);
            }
            5 if random.chance(50) => list[at].1 = recase(&list[at].1, random),
            5 => {
                let (operator, key, values) = list[at].clone();
                let presence = if random.chance(50) { "true" } else { "false" };
                list.push(if random.chance(50) { (operator, key, values) } else { ("Null".to_owned(), key, vec![presence.to_owned()]) });
            }
            _ => edit_values(&mut list[at], random),
        }
    }
    write(statement, list, random);
}

/// Clauses of one operator and key are one: their values join.
fn write(statement: &mut Value, list: Vec<Clause>, random: &mut Random) {
    statement.as_object_mut().unwrap().remove("Condition");
    let mut condition = json!({});
    for (operator, key, mut values) in list {
        if let Some(there) = condition.get(&operator).and_then(|keys| keys.get(&key)) {
            values.extend(super::pair::texts(there).into_iter().map(str::to_owned));
        }
        values.sort();
        values.dedup();
        if condition.get(&operator).is_none() {
            condition[&operator] = json!({});
        }
        set(&mut condition[&operator], &key, values, random);
    }
    if condition.as_object().is_some_and(|condition| !condition.is_empty()) {
        statement["Condition"] = condition;
    }
}

fn other_operator(operator: &str, random: &mut Random) -> String {
    let (quantifier, bare, if_exists) = parts(operator);
    if bare == "Null" {
        return operator.to_owned();
    }
    let family = FAMILIES.iter().find(|family| family.contains(&bare)).unwrap();
    let (quantifier, bare, if_exists) = match random.below(4) {
        0 => (quantifier, bare, !if_exists),
        1 => (*random.pick(&[None, Some("ForAnyValue"), Some("ForAllValues")]), bare, if_exists),
        _ => (quantifier, *random.pick(family), if_exists),
    };
    let quantifier = quantifier.map(|quantifier| format!("{quantifier}:")).unwrap_or_default();
    format!("{quantifier}{bare}{}", if if_exists { "IfExists" } else { "" })
}

fn edit_values((operator, _, values): &mut Clause, random: &mut Random) {
    let at = random.below(values.len().max(1));
    match random.below(4) {
        0 if values.len() > 1 => drop(values.remove(at)),
        1 if !values.is_empty() => values.push(vary(family(operator), &values[at], random)),
        _ if !values.is_empty() => values[at] = vary(family(operator), &values[at], random),
        _ => {}
    }
}

/// Another value of the kind, near this one.
pub fn vary(family: Family, value: &str, random: &mut Random) -> String {
    match family {
        Family::Text => match random.below(5) {
            0 => widen(value, random),
            1 => recase(value, random),
            2 => format!("{value}x"),
            3 => value.chars().skip(1).collect(),
            _ => value.replace('*', "z"),
        },
        Family::Number => {
            let number: f64 = value.parse().unwrap_or(1.0);
            (number + random.pick(&[-1.0, 1.0, 10.0, 0.5])).to_string()
        }
        Family::Date => match DateTime::parse_from_rfc3339(value) {
            Ok(date) => {
                let seconds = *random.pick(&[-1, 1, -86_400, 86_400, 31_536_000]);
                (date + Duration::seconds(seconds)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
            }
            Err(_) => value.to_owned(),
        },
        Family::Bool | Family::Null => if value.eq_ignore_ascii_case("true") { "false" } else { "true" }.to_owned(),
        Family::Address => vary_network(value, random),
        Family::Arn => vary_resource(value, random),
    }
}

/// A wider, a narrower or another network.
fn vary_network(value: &str, random: &mut Random) -> String {
    let (address, bits) = value.split_once('/').unwrap_or((value, if value.contains(':') { "128" } else { "32" }));
    let bits: usize = bits.parse().unwrap_or(32);
    let most = if value.contains(':') { 128 } else { 32 };
    match random.below(4) {
        0 => format!("{address}/{}", bits.saturating_sub(8)),
        1 => format!("{address}/{}", (bits + 1).min(most)),
        2 => format!("{address}/{}", (bits + 8).min(most)),
        _ if value.contains(':') => format!("2001:db8:1::/{}", 48),
        _ => format!("10.{}.0.0/16", random.below(3)),
    }
}

//! Patterns: near ones, texts that they match, and whether they match. None of it shares code with what is tested.

use super::random::Random;
use serde_json::Value;
use std::collections::BTreeMap;

/// A request's condition keys, in lower case, with a text or a list of texts.
pub type Context = BTreeMap<String, Value>;

/// Another case in some letters.
pub fn recase(text: &str, random: &mut Random) -> String {
    let one = |c: char| match random.below(3) {
        0 => c.to_ascii_uppercase(),
        1 => c.to_ascii_lowercase(),
        _ => c,
    };
    // A policy variable keeps its spelling.
    if text.contains("${") { text.to_owned() } else { text.chars().map(one).collect() }
}

/// A pattern that matches more: a `*` for its end, or a wildcard for a letter.
pub fn widen(text: &str, random: &mut Random) -> String {
    if text.contains("${") || text.is_empty() {
        return format!("{text}*");
    }
    let letters: Vec<char> = text.chars().collect();
    let at = random.below(letters.len());
    let (before, after): (String, String) = (letters[..at].iter().collect(), letters[at + 1..].iter().collect());
    match random.below(4) {
        0 => format!("{before}?{after}"),
        1 => format!("{before}*{after}"),
        _ => format!("{before}*"),
    }
}

fn narrow(text: &str, random: &mut Random) -> String {
    let filling = *random.pick(&["", "a", "prod", "x*", "?", "app/*"]);
    text.replacen('*', filling, 1)
}

/// An action near this one.
pub fn vary_action(action: &str, random: &mut Random) -> String {
    let Some((service, name)) = action.split_once(':') else { return "s3:*".to_owned() };
    match random.below(6) {
        0 => format!("{service}:*"),
        1 if random.chance(20) => "*".to_owned(),
        2 if name.contains('*') => match narrow(name, random) {
            name if name.is_empty() => format!("{service}:*"),
            name => format!("{service}:{name}"),
        },
        3 => recase(action, random),
        _ => format!("{service}:{}", widen(name, random)),
    }
}

/// A resource near this one, or an ARN in a condition.
pub fn vary_resource(resource: &str, random: &mut Random) -> String {
    let parts = split(resource);
    let [.., last] = parts.as_slice() else { return "*".to_owned() };
    if parts.len() < 6 {
        return if random.chance(50) {
            "arn:aws:s3:::acme-*".to_owned()
        } else {
            "arn:aws:dynamodb:*:111122223333:table/orders".to_owned()
        };
    }
    let mut parts: Vec<String> = parts.clone();
    match random.below(7) {
        0 if random.chance(30) => return "*".to_owned(),
        0 if random.chance(20) => return format!("{}:*", parts[..3 + random.below(2)].join(":")),
        1 => parts[3] = random.pick(&["*", "", "eu-central-1", "eu-*"]).to_string(),
        2 => parts[4] = random.pick(&["*", "", "111122223333", "4444*"]).to_string(),
        3 if last.contains('*') => parts[5] = narrow(last, random),
        4 => parts[5] = format!("{last}x"),
        _ => parts[5] = widen(last, random),
    }
    parts.join(":")
}

/// The six parts of an ARN pattern; a colon inside `${…}` divides nothing.
pub fn split(text: &str) -> Vec<String> {
    let (mut parts, mut current, mut inside) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        inside = (inside || current.ends_with('$') && c == '{') && c != '}';
        if c == ':' && !inside && parts.len() < 5 {
            parts.push(std::mem::take(&mut current));
        } else {
            current.push(c);
        }
    }
    parts.push(current);
    parts
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Char(char),
    One,
    Many,
}

/// The pieces of a glob, a variable replaced by what the request has for it; none where it has nothing.
fn pieces(text: &str, context: &Context) -> Option<Vec<Piece>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '*' => pieces.push(Piece::Many),
            '?' => pieces.push(Piece::One),
            '$' if rest.starts_with('{') && rest.contains('}') => {
                let (name, after) = rest[1..].split_once('}').unwrap();
                rest = after;
                pieces.extend(variable(name, context)?.chars().map(Piece::Char));
            }
            c => pieces.push(Piece::Char(c)),
        }
    }
    Some(pieces)
}

fn variable(name: &str, context: &Context) -> Option<String> {
    if matches!(name, "*" | "?" | "$") {
        return Some(name.to_owned());
    }
    let (key, default) = name.split_once(',').map_or((name, None), |(key, default)| (key, Some(default.trim().trim_matches('\''))));
    let value = context.get(&key.trim().to_ascii_lowercase()).and_then(Value::as_str);
    value.or(default).map(str::to_owned)
}

fn globs(pieces: &[Piece], text: &[char]) -> bool {
    match (pieces, text) {
        ([], _) => text.is_empty(),
        ([Piece::Many, rest @ ..], _) => (0..=text.len()).any(|skipped| globs(rest, &text[skipped..])),
        ([Piece::One, rest @ ..], [_, after @ ..]) => globs(rest, after),
        ([Piece::Char(c), rest @ ..], [first, after @ ..]) => c == first && globs(rest, after),
        _ => false,
    }
}

/// Whether a glob with policy variables matches the text.
pub fn matches(pattern: &str, text: &str, context: &Context) -> bool {
    pieces(pattern, context).is_some_and(|pieces| globs(&pieces, &text.chars().collect::<Vec<_>>()))
}

/// Whether an action's pattern matches it.
pub fn action_matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    match (pattern.split_once(':'), action.split_once(':')) {
        (Some(pattern), Some(action)) => matches(pattern.0, action.0, &Context::new()) && matches(pattern.1, action.1, &Context::new()),
        _ => pattern.chars().all(|c| c == '*'),
    }
}

/// Whether a resource's pattern matches it; only `*` matches the resource of actions that have none.
pub fn resource_matches(pattern: &str, resource: &str, context: &Context) -> bool {
    if pattern.chars().all(|c| c == '*') {
        return true;
    }
    let mut parts = split(pattern);
    if parts.last().is_some_and(|part| part.ends_with('*')) {
        parts.resize(6, "*".to_owned());
    }
    let words: Vec<&str> = resource.splitn(6, ':').collect();
    parts.len() == words.len() && parts.iter().zip(words).all(|(part, word)| matches(part, word, context))
}

/// A text that a glob matches, mostly.
pub fn instance(pattern: &str, context: &Context, random: &mut Random) -> String {
    const FILLINGS: &[&str] = &["", "a", "x", "prod", "app-1", "zz/y", "Q7"];
    let pieces = pieces(pattern, context).unwrap_or_else(|| "none".chars().map(Piece::Char).collect());
    let text = pieces.into_iter().map(|piece| match piece {
        // What is asked for has no wildcard in it: the judge would take it for one.
        Piece::Char('*' | '?') => "x".to_owned(),
        Piece::Char(c) => c.to_string(),
        Piece::One => random.pick(&["a", "x", "7"]).to_string(),
        Piece::Many => random.pick(FILLINGS).to_string(),
    });
    text.collect()
}

/// An ARN that a resource's pattern matches, mostly; `*` for the resource of actions that have none.
pub fn arn_instance(pattern: &str, context: &Context, random: &mut Random) -> String {
    const USUAL: [&str; 6] = ["arn", "aws", "s3", "eu-central-1", "111122223333", "thing/a"];
    let mut parts = split(pattern);
    if parts.len() < 6 && random.chance(60) && pattern == "*" {
        return "*".to_owned();
    }
    parts.resize(6, "*".to_owned());
    let parts = parts.iter().zip(USUAL).map(|(part, usual)| match part.as_str() {
        "*" if random.chance(70) => usual.to_owned(),
        part => instance(part, context, random),
    });
    let arn = parts.collect::<Vec<_>>().join(":");
    if arn.starts_with("arn:") { arn } else { format!("arn{}", &arn[arn.find(':').unwrap_or(0)..]) }
}

//! The documentation, one request at a time: the last line whose pattern matches decides. It reads a pattern as text, and knows no
//! cells, positions or shapes.

use super::{ANYBODY, Line, Request, Rules};

/// Whether that approval is enough for a change of that path.
pub(super) fn allowed(rules: &Rules, request: &Request) -> bool {
    let segments: Vec<&str> = request.path.split('/').collect();
    if let Some(list) = &rules.list {
        return list.iter().any(|pattern| matches(pattern.text(), &segments));
    }
    if rules.deciding(&request.repository).is_none() {
        return false;
    }
    deciding(rules, request).map_or(*request.who == *ANYBODY, |line| line.gives(&request.who))
}

/// The last line that matches the path.
pub(super) fn deciding<'r>(rules: &'r Rules, request: &Request) -> Option<&'r Line> {
    let segments: Vec<&str> = request.path.split('/').collect();
    rules.deciding(&request.repository)?.iter().rev().find(|line| matches(line.pattern.text(), &segments))
}

fn matches(pattern: &str, path: &[&str]) -> bool {
    let named = pattern.trim_end_matches('/');
    let is_directory = named.len() < pattern.len();
    let anchored = named.strip_prefix('/');
    let mut parts: Vec<&str> = anchored.unwrap_or(named).split('/').collect();
    // A name without a slash before or inside is looked for in every directory.
    let starts = if anchored.is_some() || parts.len() > 1 { 0..1 } else { 0..path.len() };
    // `docs/**/` is what `docs/` is.
    while is_directory && parts.len() > 1 && parts.last() == Some(&"**") {
        parts.pop();
    }
    starts.into_iter().filter_map(|start| path.get(start..)).any(|path| below(&parts, path, is_directory, anchored.is_some()))
}

/// Whether the path is, or lies below, what the parts name.
fn below(parts: &[&str], path: &[&str], is_directory: bool, is_anchored: bool) -> bool {
    let is_star = parts.last() == Some(&"*") && (parts.len() > 1 || is_anchored) && !is_directory;
    (1..=path.len()).filter_map(|length| path.split_at_checked(length)).any(|(named, rest)| {
        let reaches = if is_star { rest.is_empty() } else { !is_directory || !rest.is_empty() };
        reaches && is_named(parts, named)
    })
}

/// Whether the parts name exactly this file or directory.
fn is_named(parts: &[&str], path: &[&str]) -> bool {
    match (parts, path) {
        (["**"], path) => !path.is_empty(),
        ([], path) => path.is_empty(),
        (["**", rest @ ..], path) => (0..=path.len()).any(|skipped| path.get(skipped..).is_some_and(|path| is_named(rest, path))),
        ([part, parts @ ..], [segment, path @ ..]) => segment_matches(part, segment) && is_named(parts, path),
        (_, []) => false,
    }
}

fn segment_matches(part: &str, segment: &str) -> bool {
    let Some(first) = part.chars().next() else { return segment.is_empty() };
    let rest = part.get(first.len_utf8()..).unwrap_or_default();
    let mut letters = segment.chars();
    let taken = letters.next();
    match first {
        '*' => segment_matches(rest, segment) || (taken.is_some() && segment_matches(part, letters.as_str())),
        '?' => taken.is_some() && segment_matches(rest, letters.as_str()),
        '\\' => {
            let mut escaped = rest.chars();
            taken.is_some() && taken == escaped.next() && segment_matches(escaped.as_str(), letters.as_str())
        }
        letter => taken == Some(letter) && segment_matches(rest, letters.as_str()),
    }
}

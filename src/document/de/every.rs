//! Everything that is wrong with one of our own files, and not only the first of it: what is to blame is left out, and the rest is read
//! again.

use super::error::missing;
use super::from_node;
use crate::document::{Node, Problem, Span, Value};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Somebody who has written more wrong than this reads the reference first.
const MOST: usize = 100;

/// Reads a value out of a node, or says everything that is in the way, in the order of the file.
pub fn from_node_fully<T: DeserializeOwned>(node: &Node) -> Result<T, Vec<Problem>> {
    from_node(node).map_err(|first| {
        let mut problems = every::<T>(node, first);
        problems.sort_by_key(|problem| problem.span);
        problems
    })
}

fn every<T: DeserializeOwned>(node: &Node, first: Problem) -> Vec<Problem> {
    let mut rest = node.clone();
    let mut taken = Taken::default();
    let mut found: Vec<Problem> = Vec::new();
    let mut next = Some(first);
    while let Some(problem) = next.filter(|_| found.len() < MOST) {
        let goes_on = taken.out_of(&mut rest, &problem);
        if !taken.explains(&problem) && !found.contains(&problem) {
            found.push(problem);
        }
        next = if goes_on { from_node::<T>(&rest).err() } else { None };
    }
    found
}

/// What was left out of which mapping: its keys, and what the problems with them advise.
#[derive(Default)]
struct Taken(BTreeMap<Span, Vec<(String, String)>>);

impl Taken {
    /// Leaves out the entry or item that is to blame; whether there is one.
    fn out_of(&mut self, rest: &mut Node, problem: &Problem) -> bool {
        match &mut rest.value {
            Value::Mapping(entries) => {
                entries.iter_mut().any(|(_, value)| self.out_of(value, problem)) || self.out_of_mapping(rest.span, entries, problem)
            }
            Value::Sequence(items) => items.iter_mut().any(|item| self.out_of(item, problem)) || remove(items, |item| item.span, problem),
            Value::Scalar(_) | Value::Tagged(_) => false,
        }
    }

    fn out_of_mapping(&mut self, mapping: Span, entries: &mut Vec<(Node, Node)>, problem: &Problem) -> bool {
        let blamed = |(key, value): &(Node, Node)| key.span == problem.span || value.span == problem.span;
        let Some(at) = entries.iter().position(blamed) else { return false };
        let (key, _) = entries.remove(at);
        let written = key.scalar().map(|key| key.text.to_string()).unwrap_or_default();
        self.0.entry(mapping).or_default().push((written, problem.help.clone().unwrap_or_default()));
        true
    }

    /// A key that is missing because it was left out, or because it is written otherwise, has been told.
    fn explains(&self, problem: &Problem) -> bool {
        let explained = |(key, help): &(String, String)| {
            let near = help.strip_prefix("did you mean `").and_then(|help| help.split_once('`')).map(|(near, _)| near);
            [Some(key.as_str()), near].into_iter().flatten().any(|key| problem.message == missing(key))
        };
        self.0.get(&problem.span).is_some_and(|taken| taken.iter().any(explained))
    }
}

fn remove<T>(items: &mut Vec<T>, span: impl Fn(&T) -> Span, problem: &Problem) -> bool {
    let at = items.iter().position(|item| span(item) == problem.span);
    at.map(|at| items.remove(at)).is_some()
}

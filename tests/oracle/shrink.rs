//! A failing pair, made small: what can be left out and it still fails, is left out.

use super::check::{Failure, Question, What};
use super::judge::Judge;
use super::known::class;
use super::pair::{Document, Pair, clauses, statements, texts};
use super::request::Request;
use serde_json::{Value, json};
use std::fmt;

/// A failing pair as small as it got.
pub struct Finding {
    /// Of the pair in its run.
    pub number: u64,
    what: What,
    pair: Pair,
    request: Request,
    text: String,
}

/// Leaves out documents, statements, items, clauses and values as long as the same law fails for the same request.
pub fn shrink(judge: &mut Judge, number: u64, pair: &Pair, failure: &Failure) -> Finding {
    let Failure { what, request, text } = failure.clone();
    let mut found = Finding { number, what, pair: pair.clone(), request, text };
    while let Some(smaller) = candidates(&found).into_iter().find_map(|(pair, request)| still_fails(judge, &found, pair, request)) {
        found = smaller;
    }
    found
}

fn still_fails(judge: &mut Judge, found: &Finding, pair: Pair, request: Request) -> Option<Finding> {
    let question = Question::new(pair, vec![request]);
    judge.ask(&question);
    let failures = question.failures(&judge.answer());
    let is_same = |failure: &Failure| failure.what == found.what && class(&question.pair, &failure.request).is_none();
    let Failure { what, request, text } = failures.into_iter().find(is_same)?;
    Some(Finding { number: found.number, what, pair: question.pair, request, text })
}

/// Everything that is one step smaller.
fn candidates(found: &Finding) -> Vec<(Pair, Request)> {
    let Pair { slot, base, head } = &found.pair;
    let mut smaller = Vec::new();
    // What both sides have is left out of both; then what either has.
    for (at, document) in base.iter().enumerate() {
        let twin = head.iter().position(|other| other == document);
        smaller.extend(twin.map(|twin| (without(base, at), without(head, twin))));
        for statement in statements(&document.policy) {
            smaller.push((without_statement(base, statement), without_statement(head, statement)));
        }
    }
    smaller.extend(less(base).into_iter().map(|base| (base, head.clone())));
    smaller.extend(less(head).into_iter().map(|head| (base.clone(), head)));
    let pairs = smaller.into_iter().filter(|(one, other)| (one, other) != (base, head));
    let mut all: Vec<_> = pairs.map(|(base, head)| (Pair { slot: *slot, base, head }, found.request.clone())).collect();
    // A witness has the keys that it needs.
    for key in found.request.context.keys().filter(|_| !matches!(found.what, What::Disproved(_))) {
        let mut request = found.request.clone();
        request.context.remove(key);
        all.push((found.pair.clone(), request));
    }
    all
}

fn without<T: Clone>(list: &[T], at: usize) -> Vec<T> {
    list.iter().enumerate().filter(|(number, _)| *number != at).map(|(_, item)| item.clone()).collect()
}

fn without_statement(side: &[Document], statement: &Value) -> Vec<Document> {
    let mut side = side.to_vec();
    for document in &mut side {
        let left: Vec<Value> = statements(&document.policy).iter().filter(|other| *other != statement).cloned().collect();
        document.policy["Statement"] = Value::Array(left);
    }
    side
}

/// One side without one of its parts.
fn less(side: &[Document]) -> Vec<Vec<Document>> {
    let mut all: Vec<Vec<Document>> = (0..side.len()).map(|at| without(side, at)).collect();
    for (at, document) in side.iter().enumerate() {
        let list = statements(&document.policy);
        let mut put = |list: Vec<Value>| {
            let mut side = side.to_vec();
            side[at].policy["Statement"] = Value::Array(list);
            all.push(side);
        };
        for (number, statement) in list.iter().enumerate() {
            put(without(list, number));
            for smaller in less_of(statement) {
                let mut list = list.to_vec();
                list[number] = smaller;
                put(list);
            }
        }
    }
    all
}

/// One statement without an item, a clause or a value.
fn less_of(statement: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    for key in ["Action", "NotAction", "Resource", "NotResource"] {
        let list = texts(&statement[key]);
        for at in (0..list.len()).filter(|_| list.len() > 1) {
            let mut smaller = statement.clone();
            smaller[key] = json!(without(&list, at));
            all.push(smaller);
        }
    }
    for (operator, key, values) in clauses(statement) {
        let mut without_clause = statement.clone();
        let condition = without_clause["Condition"].as_object_mut().unwrap();
        condition[&operator].as_object_mut().unwrap().remove(&key);
        condition.retain(|_, keys| keys.as_object().is_some_and(|keys| !keys.is_empty()));
        all.push(without_clause);
        for at in (0..values.len()).filter(|_| values.len() > 1) {
            let mut smaller = statement.clone();
            smaller["Condition"][&operator][&key] = json!(without(&values, at));
            all.push(smaller);
        }
    }
    all
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = json!({ "request": self.request, "base": self.pair.base, "head": self.pair.head });
        write!(f, "{:?}, slot {:?}: {}\n{all:#}", self.what, self.pair.slot, self.text)
    }
}

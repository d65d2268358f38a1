//! Two sides of one holder, as documents.

use super::random::Random;
use countersign::systems::aws::Slot;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// One policy, and how it is attached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub slot: Slot,
    pub policy: Value,
}

/// What one holder has, before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// What is asked about: an identity's policies with its boundary, or the documents of one other slot.
    pub slot: Slot,
    pub base: Vec<Document>,
    pub head: Vec<Document>,
}

impl Pair {
    /// Base first.
    pub fn sides(&self) -> [&Vec<Document>; 2] {
        [&self.base, &self.head]
    }

    /// Every statement of both sides, with the version of its policy.
    pub fn statements(&self) -> impl Iterator<Item = (&Value, bool)> {
        self.base.iter().chain(&self.head).flat_map(|document| {
            let variables = document.policy["Version"] == "2012-10-17";
            statements(&document.policy).iter().map(move |statement| (statement, variables))
        })
    }
}

/// The statements of a policy; one alone stands for a list of it.
pub fn statements(policy: &Value) -> &[Value] {
    match &policy["Statement"] {
        Value::Array(list) => list,
        one => std::slice::from_ref(one),
    }
}

/// The texts of an element; one alone stands for a list of it.
pub fn texts(element: &Value) -> Vec<&str> {
    match element {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

/// One operator and key of a condition with its values.
pub type Clause = (String, String, Vec<String>);

/// The clauses of a statement.
pub fn clauses(statement: &Value) -> Vec<Clause> {
    let operators = statement["Condition"].as_object().into_iter().flatten();
    let keys = operators.flat_map(|(operator, keys)| keys.as_object().into_iter().flatten().map(move |key| (operator, key)));
    keys.map(|(operator, (key, values))| {
        let values = texts(values).into_iter().map(str::to_owned).collect();
        (operator.clone(), key.clone(), values)
    })
    .collect()
}

/// The policies that pairs are made of.
pub struct Pool {
    pub documents: Vec<Document>,
}

impl Pool {
    /// Our own templates, in the shape of real policies, and what a directory of policies has beside them.
    pub fn new(corpus: Option<&Path>) -> Self {
        let mut documents: Vec<Document> = serde_json::from_str(include_str!("templates.json")).unwrap();
        documents.extend(corpus.into_iter().flat_map(read_corpus));
        Self { documents }
    }

    /// Some policy for this slot.
    pub fn document(&self, slot: Slot, random: &mut Random) -> &Document {
        loop {
            let document = random.pick(&self.documents);
            if document.slot == slot {
                return document;
            }
        }
    }

    /// Some statement that this slot may have.
    pub fn statement(&self, slot: Slot, random: &mut Random) -> Value {
        let policy = &self.document(slot, random).policy;
        random.pick(statements(policy)).clone()
    }
}

/// Every file below that is an identity's policy, bare or as `aws iam get-policy-version` prints it.
fn read_corpus(directory: &Path) -> Vec<Document> {
    let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    paths.sort();
    let policies = paths.into_iter().filter_map(|path| {
        let value: Value = serde_json::from_slice(&fs::read(path).unwrap()).ok()?;
        let policy = value.pointer("/PolicyVersion/Document").unwrap_or(&value).clone();
        policy.get("Statement").is_some().then_some(Document { slot: Slot::Identity, policy })
    });
    policies.collect()
}

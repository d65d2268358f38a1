//! Where two predicates differ: every field by its way from the root, with both values.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// A field that is not the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The way to it: `decision.outcome`, `approvals[0].login`.
    pub field: String,
    /// What the statement says; `None` where it says nothing.
    pub stated: Option<Value>,
    /// What was worked out again; `None` where that is nothing.
    pub found: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
        write!(f, "`{}` says {}, and worked out again it is {}", self.field, shown(&self.stated), shown(&self.found))
    }
}

/// Every difference, in the order of the fields.
pub fn differences(stated: &Value, found: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare("", Some(stated), Some(found), &mut differences);
    differences
}

fn compare(field: &str, stated: Option<&Value>, found: Option<&Value>, differences: &mut Vec<Difference>) {
    match (stated, found) {
        (Some(Value::Object(stated)), Some(Value::Object(found))) => {
            let keys: BTreeSet<&String> = stated.keys().chain(found.keys()).collect();
            for key in keys {
                let below = if field.is_empty() { key.clone() } else { format!("{field}.{key}") };
                compare(&below, stated.get(key), found.get(key), differences);
            }
        }
        (Some(Value::Array(stated)), Some(Value::Array(found))) => {
            for index in 0..stated.len().max(found.len()) {
                compare(&format!("{field}[{index}]"), stated.get(index), found.get(index), differences);
            }
        }
        (stated, found) if stated == found => {}
        (stated, found) => {
            differences.push(Difference { field: field.to_owned(), stated: stated.cloned(), found: found.cloned() });
        }
    }
}

//! One way to write a value, so that a digest of it is of what it says and not of how somebody wrote it.

use crate::systems::sha256;
use serde_json::Value;
use std::collections::BTreeMap;

/// `sha256:…` of a value as JSON without spaces, the keys of every object in the order of their bytes.
pub fn value_digest(value: &Value) -> String {
    digest_of(sorted(value).to_string().as_bytes())
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let entries: BTreeMap<&String, Value> = entries.iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(entries.into_iter().map(|(key, value)| (key.clone(), value)).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        scalar => scalar.clone(),
    }
}

/// `sha256:…` of bytes.
pub fn digest_of(bytes: &[u8]) -> String {
    format!("sha256:{}", sha256(bytes))
}

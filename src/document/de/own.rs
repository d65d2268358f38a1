//! What all of our own files have in common.

use schemars::{JsonSchema, Schema, SchemaGenerator, transform::RecursiveTransform};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A key that is there has a value: nothing after `key:`, or `null`, does not stand for a key that is not there.
///
/// For `#[serde(default, deserialize_with = "present")]`.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The JSON Schema of a file whose keys may be left out, but are never null.
pub fn schema_of<T: JsonSchema>() -> Schema {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<T>();
    schemars::transform::Transform::transform(&mut RecursiveTransform(without_null), &mut schema);
    schema
}

fn without_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if object.get("default").is_some_and(Value::is_null) {
        object.remove("default");
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(only) = only_alternative(object) {
        object.remove("anyOf");
        object.extend(only);
    }
}

/// What is left of two alternatives of which one is null.
fn only_alternative(object: &mut Map<String, Value>) -> Option<Map<String, Value>> {
    let Some(Value::Array(alternatives)) = object.get_mut("anyOf") else { return None };
    alternatives.retain(|alternative| alternative.get("type").is_none_or(|kind| kind != "null"));
    match alternatives.as_slice() {
        [Value::Object(only)] => Some(only.clone()),
        _ => None,
    }
}

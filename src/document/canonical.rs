//! A text that two nodes have in common exactly when they say the same: keys in order, no formatting, no places.

use super::{Node, Scalar, Value};
use std::fmt::Write;

impl Node {
    /// The node without its formatting. Whether a scalar was quoted stays visible as far as that decides what it is.
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        write_value(&self.value, &mut text);
        text
    }
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Scalar(scalar) => write_scalar(scalar, text),
        Value::Tagged(tagged) => {
            write_tag(&tagged.tag, text);
            write_value(&tagged.value, text);
        }
        Value::Sequence(items) => {
            text.push('[');
            for item in items {
                write_value(&item.value, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Mapping(entries) => {
            let mut written: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}:{}", key.canonical(), value.canonical())).collect();
            written.sort();
            text.push('{');
            text.push_str(&written.join(","));
            text.push('}');
        }
    }
}

fn write_scalar(scalar: &Scalar, text: &mut String) {
    if let Some(tag) = &scalar.tag {
        write_tag(tag, text);
    }
    // Writing to a string cannot fail.
    let _ = if scalar.is_text() { write!(text, "{:?}", scalar.text) } else { write!(text, "{}", scalar.text) };
}

/// A tag is written with its length, so that no text of the user can look like one.
fn write_tag(tag: &str, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(text, "!{}:{tag} ", tag.len());
}

//! A schema as tables for people, a table for each mapping.

use super::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The tables of a file whose schema this is. `root` is what the file itself is called.
pub fn tables(schema: &Value, root: &str) -> String {
    let mut reference = Reference { schema, paths: BTreeMap::new(), order: Vec::new() };
    reference.visit(schema, "");
    let mut text = String::new();
    mapping(schema, &reference, root, &mut text);
    for name in &reference.order {
        let (definition, title) = (&schema["$defs"][name], reference.title(name));
        match variants(definition) {
            Some(variants) => values(&variants, definition, &title, &mut text),
            None if definition["properties"].is_object() => mapping(definition, &reference, &title, &mut text),
            None => {}
        }
    }
    text
}

struct Reference<'s> {
    schema: &'s Value,
    /// Where a definition is used; the first place is the one that stands for it.
    paths: BTreeMap<String, Vec<String>>,
    /// Definitions in the order in which they are met.
    order: Vec<String>,
}

impl Reference<'_> {
    /// Notes every use of a definition below this mapping.
    fn visit(&mut self, part: &Value, path: &str) {
        for key in keys(part) {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            self.follow(&part["properties"][&key], &path);
        }
    }

    fn follow(&mut self, property: &Value, path: &str) {
        if let Some(name) = referred(property) {
            let paths = self.paths.entry(name.to_owned()).or_default();
            paths.push(path.to_owned());
            if paths.len() == 1 {
                self.order.push(name.to_owned());
                self.visit(&self.schema["$defs"][name], path);
            }
        } else if let Some(alternatives) = property["anyOf"].as_array() {
            for alternative in alternatives {
                self.follow(alternative, path);
            }
        } else if property["items"].is_object() {
            self.follow(&property["items"], &format!("{path}[]"));
        } else if property["additionalProperties"].is_object() {
            self.follow(&property["additionalProperties"], &format!("{path}.NAME"));
        }
    }

    fn title(&self, name: &str) -> String {
        self.paths.get(name).into_iter().flatten().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
    }

    /// What a value may be, in words.
    fn kind(&self, property: &Value) -> String {
        if let Some(name) = referred(property) {
            return self.referred_kind(name);
        }
        if let Some(alternatives) = property["anyOf"].as_array() {
            return alternatives.iter().map(|part| self.kind(part)).collect::<Vec<_>>().join(" or ");
        }
        match property["type"].as_str() {
            Some("string") => "text".to_owned(),
            Some("boolean") => "true or false".to_owned(),
            Some("integer") => range(property),
            Some("array") => format!("list: {}", self.kind(&property["items"])),
            Some("object") if property["additionalProperties"].is_object() => {
                format!("names, each with: {}", self.kind(&property["additionalProperties"]))
            }
            _ => "mapping".to_owned(),
        }
    }

    fn referred_kind(&self, name: &str) -> String {
        let definition = &self.schema["$defs"][name];
        match variants(definition) {
            Some(variants) => variants.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", "),
            None if definition["properties"].is_object() => {
                format!("see `{}`", self.paths.get(name).and_then(|paths| paths.first()).map_or("", String::as_str))
            }
            None => self.kind(definition),
        }
    }
}

/// What has to be written comes first, in the order of the type; the rest by name.
pub fn keys(part: &Value) -> Vec<String> {
    let required: Vec<String> =
        part["required"].as_array().into_iter().flatten().filter_map(|key| Some(key.as_str()?.to_owned())).collect();
    let all = part["properties"].as_object().into_iter().flatten().map(|(key, _)| key.clone());
    let optional: Vec<String> = all.filter(|key| !required.contains(key)).collect();
    [required, optional].concat()
}

fn is_required(part: &Value, key: &str) -> bool {
    part["required"].as_array().is_some_and(|required| required.iter().any(|name| name == key))
}

pub fn referred(property: &Value) -> Option<&str> {
    property["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// The words of an enumeration, each with its meaning.
fn variants(definition: &Value) -> Option<Vec<(&str, &str)>> {
    let words = definition["oneOf"].as_array()?.iter();
    words.map(|word| Some((word["const"].as_str()?, word["description"].as_str()?))).collect()
}

fn range(property: &Value) -> String {
    match (property["minimum"].as_u64(), property["maximum"].as_u64()) {
        (Some(least), Some(most)) if least == most => format!("`{least}`"),
        (Some(least), Some(most)) => format!("whole number from {least} to {most}"),
        (Some(least), None) if least > 0 => format!("whole number from {least}"),
        _ => "whole number".to_owned(),
    }
}

fn mapping(part: &Value, reference: &Reference<'_>, title: &str, text: &mut String) {
    heading(part, title, text);
    text.push_str("| key | meaning | value | default | example |\n|---|---|---|---|---|\n");
    for key in keys(part) {
        let property = &part["properties"][&key];
        let default = if is_required(part, &key) { "required".to_owned() } else { default(property) };
        let example =
            property["examples"][0].as_null().map_or_else(|| format!("`{key}: {}`", flow(&property["examples"][0])), |()| String::new());
        let cells = [format!("`{key}`"), sentence(property), reference.kind(property), default, example];
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
}

fn values(variants: &[(&str, &str)], definition: &Value, title: &str, text: &mut String) {
    heading(definition, title, text);
    text.push_str("| value | meaning |\n|---|---|\n");
    for (word, meaning) in variants {
        let _ = writeln!(text, "| `{word}` | {} |", unwrapped(meaning));
    }
    text.push('\n');
}

fn heading(part: &Value, title: &str, text: &mut String) {
    let _ = writeln!(text, "### {title}\n\n{}\n", sentence(part));
}

fn sentence(part: &Value) -> String {
    unwrapped(part["description"].as_str().unwrap_or_default())
}

/// Lines of a doc comment as one line.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn default(property: &Value) -> String {
    match &property["default"] {
        Value::Null => "none".to_owned(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Object(entries) if entries.is_empty() => "none".to_owned(),
        value => format!("`{}`", flow(value)),
    }
}

/// A value in YAML's flow style, with quotes only where they are needed.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// Whether every reader of YAML takes it for text without quotes.
fn is_plain(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    text.starts_with(is_letter)
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./ ".contains(c))
        && !matches!(text, "true" | "false")
}

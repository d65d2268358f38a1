//! What is wrong with one of our own files, in words for whoever wrote it.

use crate::document::{Node, Problem, Span, Value, excerpt};
use serde::de::{Expected, Unexpected};
use std::fmt::{self, Display};

/// A problem that may not know its place yet.
#[derive(Debug)]
pub(super) struct Error {
    message: String,
    help: Option<String>,
    span: Option<Span>,
    code: &'static str,
}

impl Error {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, span: None, code: "wrong-value" }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    fn code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// The place, unless something further inside has said it already.
    pub(super) fn at(self, span: Span) -> Self {
        Self { span: self.span.or(Some(span)), ..self }
    }

    pub(super) fn into_problem(self, otherwise: Span) -> Problem {
        Problem { code: self.code, message: self.message, help: self.help, span: self.span.unwrap_or(otherwise) }
    }

    /// Another kind of thing was found.
    pub(super) fn expected(what: &str, node: &Node) -> Self {
        let error = Self { help: rewritten(what, node).map(str::to_owned), ..Self::new(format!("expected {what}, found {}", node.kind())) };
        error.at(node.span)
    }

    /// The same, with what was written when that says more than its kind.
    pub(super) fn expected_written(what: &str, node: &Node) -> Self {
        match node.scalar().filter(|scalar| !scalar.text.is_empty()) {
            Some(scalar) => Self::new(format!("expected {what}, found `{}`", excerpt(&scalar.text))).at(node.span),
            None => Self::expected(what, node),
        }
    }

    pub(super) fn out_of_range(node: &Node, least: i128, most: i128) -> Self {
        let is_negative = node.scalar().is_some_and(|scalar| scalar.text.starts_with('-'));
        // What a wide type can hold says nothing to whoever counts people.
        let what = match (most >= i128::from(i64::MAX), is_negative) {
            (true, true) => format!("a whole number from {least} on"),
            (true, false) => "a smaller whole number".to_owned(),
            (false, _) => format!("a whole number from {least} to {most}"),
        };
        Self::expected_written(&what, node)
    }

    pub(super) fn expected_count(wanted: usize, found: usize) -> Self {
        Self::new(format!("expected a list of {wanted}, found a list of {found}"))
    }

    pub(super) fn expected_one_of(known: &[&str], found: &str) -> Self {
        Self::new(format!("expected one of {}, found {found}", list(known)))
    }

    pub(super) fn unknown_tag(node: &Node) -> Self {
        let tag = node.tag().unwrap_or("!");
        Self::new(format!("the tag `{}` means nothing here", excerpt(tag))).help("remove the tag").at(node.span)
    }

    fn unknown(kind: &str, written: &str, known: &[&str]) -> Self {
        let known_here = format!("known here: {}", list(known));
        let help = match nearest(written, known) {
            Some(near) => format!("did you mean `{near}`? {known_here}"),
            None => known_here,
        };
        Self::new(format!("unknown {kind} `{}`", excerpt(written))).help(help)
    }
}

impl serde::de::Error for Error {
    /// Mostly a message of our own types. The few that serde writes itself would show their names.
    fn custom<T: Display>(message: T) -> Self {
        let message = message.to_string();
        if message.starts_with("data did not match any variant") || message.starts_with("no variant of enum") {
            return Self::new("this has none of the forms that are known here");
        }
        match message.strip_prefix("unknown field ") {
            Some(name) => Self::new(format!("unknown key {name}")).code("unknown-key"),
            None => Self::new(message),
        }
    }

    fn invalid_type(found: Unexpected, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}, found {}", words(expected), kind(&found)))
    }

    fn invalid_value(found: Unexpected, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}, found {len} of them", words(expected)))
    }

    fn unknown_variant(written: &str, known: &'static [&'static str]) -> Self {
        Self::unknown("value", written, known).code("unknown-value")
    }

    fn unknown_field(written: &str, known: &'static [&'static str]) -> Self {
        Self::unknown("key", written, known).code("unknown-key")
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(missing(name)).help(format!("add `{name}: …`")).code("missing-key")
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(format!("key `{name}` is written twice, once under another name")).code("duplicate-key")
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What is said about a key that has to be there.
pub(super) fn missing(key: &str) -> String {
    format!("key `{key}` is missing")
}

/// The known name that the written one is closest to, if it is close at all.
pub fn nearest<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let far = 1 + written.chars().count() / 3;
    let distance = |name: &str| strsim::damerau_levenshtein(&written.to_lowercase(), &name.to_lowercase());
    let closest = known.iter().map(|name| (distance(name), *name)).min()?;
    (closest.0 <= far).then_some(closest.1)
}

/// How what was meant is written, where its form alone is wrong.
fn rewritten(what: &str, node: &Node) -> Option<&'static str> {
    let scalar = node.scalar();
    match what {
        _ if matches!(node.value, Value::Tagged(_)) => Some("remove the tag"),
        "a list" => Some("write it as lines that begin with `- `, or in `[ ]`"),
        "a mapping" => Some("write it as lines of `key: value`, or in `{ }`"),
        "a whole number" if scalar.is_some_and(|scalar| scalar.text.parse::<i128>().is_ok()) => Some("remove the quotes"),
        _ => None,
    }
}

fn list(names: &[&str]) -> String {
    match names {
        [] => "nothing".to_owned(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

/// serde's phrases name types of this program and of Rust; people know lists and mappings.
fn words(expected: &dyn Expected) -> String {
    let phrase = expected.to_string();
    let first = phrase.split(' ').next().unwrap_or("");
    match (first, phrase.as_str()) {
        ("struct" | "map", _) | (_, "a map") => "a mapping".to_owned(),
        ("tuple", _) | (_, "a sequence") => "a list".to_owned(),
        ("enum" | "variant" | "identifier", _) => "another form".to_owned(),
        ("unit", _) => "nothing".to_owned(),
        (_, "a boolean") => "`true` or `false`".to_owned(),
        (_, "i8" | "i16" | "i32" | "i64" | "i128" | "u8" | "u16" | "u32" | "u64" | "u128" | "isize" | "usize") => {
            "a whole number".to_owned()
        }
        (_, "f32" | "f64") => "a number".to_owned(),
        _ => phrase,
    }
}

fn kind(found: &Unexpected) -> String {
    match found {
        Unexpected::Bool(answer) => format!("`{answer}`"),
        Unexpected::Unsigned(number) => format!("`{number}`"),
        Unexpected::Signed(number) => format!("`{number}`"),
        Unexpected::Float(number) => format!("`{number}`"),
        Unexpected::Str(text) => format!("`{}`", excerpt(text)),
        Unexpected::Unit | Unexpected::Option => "null".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a mapping".to_owned(),
        _ => "something else".to_owned(),
    }
}

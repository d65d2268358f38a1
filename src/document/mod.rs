//! One located tree for JSON and YAML: every value knows its byte span, and through its file the path, line and column.
//!
//! Scalars keep their text, style and tag. What `22:00`, `on`, `no` or `0o17` *is* depends on who reads it, so each reader types
//! them by its consumer's rules.

mod lines;

use lines::Lines;
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// A range of bytes in a file, half-open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Where something stands, in words for people: path, 1-based line, 1-based column counted in characters.
///
/// Beside a value, never part of its meaning. Line and column are 0 when the whole file is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
pub struct Place {
    /// The path as the repository or directory spells it, with `/`.
    pub path: Arc<str>,
    /// 1-based; 0 for the whole file.
    pub line: u32,
    /// 1-based, in characters; 0 for the whole file.
    pub column: u32,
}

impl Place {
    /// The whole file.
    pub fn file(path: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), line: 0, column: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(f, "{}", self.path),
            (line, column) => write!(f, "{}:{line}:{column}", self.path),
        }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes; in JSON a number, `true`, `false` or `null`.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`; every JSON string.
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A scalar as it was written; nobody has decided yet whether it is a string or a number.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text after unescaping and folding.
    pub text: Box<str>,
    /// How it was written.
    pub style: Style,
    /// An explicit, resolved tag: `tag:yaml.org,2002:str` for `!!str`, `!Ref` for a local one.
    pub tag: Option<Box<str>>,
}

/// The shape of a node.
#[derive(Clone, Debug)]
pub enum Value {
    /// A leaf.
    Scalar(Scalar),
    /// An array, in order.
    Sequence(Vec<Node>),
    /// A mapping, in order, keys unique, merge keys already merged. Keys that are not scalars are kept as they are.
    Mapping(Vec<(Node, Node)>),
}

/// A value with its span.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands. What came through an alias or a merge key has the span of the anchored original.
    pub span: Span,
}

impl Node {
    /// The scalar, if this is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar that its writer meant as a string: quoted, a block, tagged `!!str`, or plain and not a JSON-like
    /// literal (`null`, `true`, `false`, a number).
    pub fn text(&self) -> Option<&str> {
        let scalar = self.scalar()?;
        scalar.is_text().then_some(&*scalar.text)
    }

    /// The items of a sequence.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a mapping, in order.
    pub fn entries(&self) -> Option<&[(Node, Node)]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value under a key of a mapping, by the key's exact text.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The key and the value under a key of a mapping.
    pub fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        self.entries()?.iter().find(|(k, _)| k.scalar().is_some_and(|s| &*s.text == key)).map(|(k, v)| (k, v))
    }

    /// What kind of thing this is, for messages: `a string`, `a list`, …
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Scalar(scalar) if scalar.is_text() => "a string",
            Value::Scalar(scalar) if scalar.is_null() => "null",
            Value::Scalar(scalar) if matches!(&*scalar.text, "true" | "false") => "true or false",
            Value::Scalar(_) => "a number",
        }
    }
}

impl Scalar {
    /// Whether this is a string in the JSON schema of YAML 1.2 and in JSON itself.
    pub fn is_text(&self) -> bool {
        match (self.style, self.tag.as_deref()) {
            (_, Some("tag:yaml.org,2002:str")) => true,
            (_, Some(tag)) if tag.starts_with("tag:yaml.org,2002:") => false,
            (Style::Plain, _) => !self.is_null() && !matches!(&*self.text, "true" | "false") && self.text.parse::<f64>().is_err(),
            _ => true,
        }
    }

    /// Whether this is null: nothing at all, `~` or `null`, unquoted.
    pub fn is_null(&self) -> bool {
        self.style == Style::Plain && matches!(&*self.text, "" | "~" | "null" | "Null" | "NULL")
    }
}

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// RFC 8259.
    Json,
    /// YAML 1.2 with merge keys, one or more documents.
    Yaml,
}

/// How large an input may be before it is refused. Every bound can be raised by the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes in one file.
    pub bytes: usize,
    /// Levels of nesting.
    pub depth: usize,
    /// Nodes in one file, after alias expansion.
    pub nodes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { bytes: 16 << 20, depth: 64, nodes: 1_000_000 }
    }
}

/// Why a text could not be read, and at which bytes of it. Turned into a diagnostic by whoever knows the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A stable, kebab-case name: `json-syntax`, `yaml-syntax`, `duplicate-key`, `too-large`, `too-deep`, `too-many-nodes`, `not-utf8`, …
    pub code: &'static str,
    /// One sentence: lower-case, no full stop, the user's own text in backticks.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
    /// Where.
    pub span: Span,
}

/// A file that was read: its documents, and what is needed to say where something in it stands.
#[derive(Clone, Debug)]
pub struct File {
    /// The path as the repository or directory spells it.
    pub path: Arc<str>,
    /// What it is written in.
    pub syntax: Syntax,
    /// JSON has exactly one; YAML any number. Empty YAML documents are left out.
    pub documents: Vec<Node>,
    lines: Lines,
}

impl File {
    /// Line and column of a span's start.
    pub fn place(&self, span: Span) -> Place {
        let (line, column) = self.lines.locate(span.start);
        Place { path: self.path.clone(), line, column }
    }
}

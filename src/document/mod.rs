//! One located tree for JSON, YAML and texts of lines: every value knows its byte span, and through its file the path, line and column.
//!
//! Scalars keep their text, style and tag. What `22:00`, `on`, `no` or `0o17` *is* depends on who reads it, so each reader types
//! them by its consumer's rules.

mod append;
mod canonical;
mod de;
mod json;
mod keys;
mod lines;
mod passage;
mod quote;
mod stream;
mod text;
mod yaml;

pub use de::{Spanned, from_node, from_node_fully, nearest, present, schema_of};
use lines::Lines;
pub use passage::Passage;
pub use quote::Quote;
use serde::Serialize;
use std::fmt;
use std::sync::Arc;
pub use stream::Stream;

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
    /// What the part is called, in a file whose lines tell nothing: the address of a resource in a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Arc<str>>,
}

impl Place {
    /// The whole file.
    pub fn file(path: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), line: 0, column: 0, address: None }
    }

    /// A part of a file that has a name and no line.
    pub fn part(path: impl Into<Arc<str>>, address: impl Into<Arc<str>>) -> Self {
        Self { address: Some(address.into()), ..Self::file(path) }
    }

    /// The path, and what the part is called, if it has a name.
    pub fn name(&self) -> String {
        self.address.as_ref().map_or_else(|| self.path.to_string(), |address| format!("{} ({address})", self.path))
    }
}

impl Place {
    /// The start of a span in a text that could not become a [`File`].
    fn start_of(span: Span, path: Arc<str>, lines: &Lines) -> Self {
        let (line, column) = lines.locate(span.start);
        Self { line, column, ..Self::file(path) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => f.write_str(&self.name()),
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
    /// A sequence or mapping under an explicit tag other than `!!seq` and `!!map`, such as `!If [a, b, c]`.
    ///
    /// A shape of its own, so that a reader who does not know the tag cannot take the list for a list.
    Tagged(Box<Tagged>),
}

/// A collection and its explicit tag.
#[derive(Clone, Debug)]
pub struct Tagged {
    /// The resolved tag, as in [`Scalar::tag`].
    pub tag: Box<str>,
    /// The sequence or mapping.
    pub value: Value,
}

/// A value with its span.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands. What came through an alias or a merge key has the span of the anchored original. Quotes and brackets are part
    /// of the span; anchors, tags and the `|` or `>` before the lines of a block are not.
    pub span: Span,
}

impl Node {
    /// A list of nothing, which stands nowhere.
    pub fn empty_list() -> Self {
        Self { value: Value::Sequence(Vec::new()), span: Span::default() }
    }

    /// The scalar, if this is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar that its writer meant as a string: quoted, a block, tagged `!!str`, or plain and not a JSON-like
    /// literal (`null`, `true`, `false`, a number). Nothing under another tag.
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

    /// The explicit, resolved tag of a scalar or a collection.
    pub fn tag(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => scalar.tag.as_deref(),
            Value::Tagged(tagged) => Some(&tagged.tag),
            Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// What kind of thing this is, for messages: `a string`, `a list`, …
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Tagged(_) => "a tagged list or mapping",
            Value::Scalar(scalar) if scalar.is_text() => "a string",
            Value::Scalar(scalar) if scalar.is_null() => "null",
            Value::Scalar(scalar) if scalar.tag.is_some() => "a tagged value",
            Value::Scalar(scalar) if matches!(&*scalar.text, "true" | "false") => "true or false",
            Value::Scalar(_) => "a number",
        }
    }
}

impl Scalar {
    /// Whether this is a string in the JSON schema of YAML 1.2 and in JSON itself. Under any tag but `!!str` it is not: what `!Ref x`
    /// stands for is not `x`.
    pub fn is_text(&self) -> bool {
        match (self.tag.as_deref(), self.style) {
            (Some(tag), _) => tag == "tag:yaml.org,2002:str",
            (None, Style::Plain) => !self.is_null() && !matches!(&*self.text, "true" | "false") && !is_decimal(&self.text),
            (None, _) => true,
        }
    }

    /// Whether this is null: nothing at all, `~` or `null`, unquoted.
    pub fn is_null(&self) -> bool {
        let untagged = matches!(self.tag.as_deref(), None | Some("tag:yaml.org,2002:null"));
        untagged && self.style == Style::Plain && matches!(&*self.text, "" | "~" | "null" | "Null" | "NULL")
    }
}

/// Digits, a sign, a point, an exponent. Rust would also read `inf` and `nan`, which are names here.
fn is_decimal(text: &str) -> bool {
    let numeric = |byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    text.bytes().all(numeric) && text.parse::<f64>().is_ok()
}

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// RFC 8259.
    Json,
    /// YAML 1.2 with merge keys, one or more documents.
    Yaml,
    /// A list of lines, each a scalar.
    Lines,
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
    /// JSON and lines have exactly one; YAML any number. Empty YAML documents are left out.
    pub documents: Vec<Node>,
    lines: Lines,
    address: Option<Arc<str>>,
    /// The files behind it, and at which offset their spans begin.
    appended: Vec<(u32, File)>,
}

impl File {
    /// A document that stands somewhere inside a file, under a name that tells more than its lines. Everything in it is placed there,
    /// and nothing of it is ever quoted.
    pub fn part(path: impl Into<Arc<str>>, address: impl Into<Arc<str>>, document: Node) -> Self {
        let lines = Lines::new("".into());
        let address = Some(address.into());
        Self { path: path.into(), syntax: Syntax::Json, documents: vec![document], lines, address, appended: Vec::new() }
    }

    /// Line and column of a span's start.
    pub fn place(&self, span: Span) -> Place {
        if let Some((file, span)) = self.behind(span) {
            return file.place(span);
        }
        match &self.address {
            Some(address) => Place::part(self.path.clone(), Arc::clone(address)),
            None => Place::start_of(span, self.path.clone(), &self.lines),
        }
    }

    /// The text as it was read, to which every span refers; a byte order mark is part of it.
    pub fn text(&self) -> &str {
        self.lines.text()
    }
}

/// Reads a file. The place of a problem is ready for a diagnostic; it is the whole file when no byte of it is to blame.
pub fn parse(path: impl Into<Arc<str>>, bytes: &[u8], syntax: Syntax, bounds: &Bounds) -> Result<File, (Problem, Place)> {
    let path = path.into();
    if let Some(problem) = refused_whole(bytes, bounds) {
        return Err((problem, Place::file(path)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to(), path.clone()))?;
    let lines = Lines::new(text.into());
    let documents = match syntax {
        Syntax::Json => json::parse(text, bounds).map(|document| vec![document]),
        Syntax::Yaml => yaml::parse(text, bounds),
        Syntax::Lines => text::parse(text, bounds).map(|document| vec![document]),
    };
    match documents {
        Ok(documents) => Ok(File { path, syntax, documents, lines, address: None, appended: Vec::new() }),
        Err(problem) => Err((problem.clone(), Place::start_of(problem.span, path, &lines))),
    }
}

/// Reads a JSON document that stands inside a string of another document, as the AWS command line prints policies.
///
/// Escapes make offsets inside the string meaningless in the file, so every span is the string's own: `outer`.
pub fn parse_embedded(text: &str, outer: Span, bounds: &Bounds) -> Result<Node, Problem> {
    if text.len() > bounds.bytes {
        return Err(Problem { span: outer, ..too_large(bounds) });
    }
    json::parse_embedded(text, outer, bounds)
}

/// Problems that no line of the file can be blamed for.
fn refused_whole(bytes: &[u8], bounds: &Bounds) -> Option<Problem> {
    if bytes.len() > bounds.bytes.min(u32::MAX as usize) {
        return Some(too_large(bounds));
    }
    let wide = |name| Problem::new("not-utf8", Span::default(), format!("the file is written in {name}")).help("save the file as UTF-8");
    wide_encoding(bytes).map(wide)
}

/// The name of an encoding in which every character takes two bytes or four: by its mark, or by the zeros around a first character
/// of ASCII (YAML 1.2, section 5.2).
pub fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0, 0, 0xFE, 0xFF, ..] | [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0, 1..=255, ..] | [1..=255, 0, 0, 0, ..] => Some("UTF-32"),
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, 1..=255, ..] | [1..=255, 0, ..] => Some("UTF-16"),
        _ => None,
    }
}

fn too_large(bounds: &Bounds) -> Problem {
    let message = format!("this has more than {} bytes", bounds.bytes);
    Problem::new("too-large", Span::default(), message).help("split the file, or raise the bound with `--max-file-size`")
}

fn not_utf8(bytes: &[u8], at: usize, path: Arc<str>) -> (Problem, Place) {
    let valid = bytes.get(..at).and_then(|before| std::str::from_utf8(before).ok()).unwrap_or("");
    let byte = bytes.get(at).copied().unwrap_or(0);
    let span = Span { start: offset(at), end: offset(at + 1) };
    let place = Place::start_of(span, path, &Lines::new(valid.into()));
    let message = format!("line {} is not UTF-8: byte {at} of the file is 0x{byte:02X}", place.line);
    (Problem::new("not-utf8", span, message).help("save the file as UTF-8"), place)
}

impl Problem {
    fn new(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, span }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn too_deep(span: Span, bounds: &Bounds) -> Self {
        let message = format!("this is nested deeper than {} levels", bounds.depth);
        Self::new("too-deep", span, message).help("flatten the document, or raise the bound with `--max-depth`")
    }

    fn too_many_nodes(span: Span, bounds: &Bounds) -> Self {
        let message = format!("the document has more than {} values", bounds.nodes);
        Self::new("too-many-nodes", span, message).help("split the file, or raise the bound with `--max-nodes`")
    }

    fn duplicate_key(key: &str, second: Span, first: Option<(u32, u32)>) -> Self {
        let first = first.map_or_else(String::new, |(line, column)| format!(", first at line {line}, column {column}"));
        let message = format!("key `{}` is written twice in one mapping{first}", excerpt(key));
        Self::new("duplicate-key", second, message).help("keep one of the two: readers disagree about which one counts")
    }
}

/// Enough of the user's text to recognise it, on one line.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

const CONFLICT: &str = "the file has the marks of a merge conflict, such as `<<<<<<<`: resolve it first";

/// Whether a merge that was not finished left its marks.
fn conflict_in(text: &str) -> bool {
    let has = |mark| text.lines().any(|line| line.starts_with(mark));
    has("<<<<<<< ") && has(">>>>>>> ")
}

/// Files are bounded far below 4 GiB; a larger offset stays at the end.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The character at an offset, as a span on character boundaries.
fn character_at(text: &str, at: usize) -> Span {
    let start = text.floor_char_boundary(at.min(text.len()));
    let width = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Span { start: offset(start), end: offset(start + width) }
}

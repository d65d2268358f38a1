//! JSON: <https://www.rfc-editor.org/rfc/rfc8259>, read strictly.
//!
//! The iteration is ours over a tokenizer that reports byte offsets, because a ready-made tree has no spans, keeps the last of two
//! equal keys, and is built before its size can be refused.

use super::{Bounds, CONFLICT, Node, Problem, Scalar, Span, Style, Value, character_at, conflict_in, keys, lines, offset};
use jiter::{Jiter, JiterError, JiterErrorType, JsonErrorType, Peek};
use std::fmt::Write;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads the one document of a JSON file.
pub(super) fn parse(text: &str, bounds: &Bounds) -> Result<Node, Problem> {
    Reader::new(text, None, bounds).document()
}

/// Reads a JSON document inside a string of another one; every span is the string's own.
pub(super) fn parse_embedded(text: &str, outer: Span, bounds: &Bounds) -> Result<Node, Problem> {
    Reader::new(text, Some(outer), bounds).document()
}

/// What a tokenizer that walks a text without a tree complains about.
pub(super) fn problem_of(text: &str, error: &JiterError) -> Problem {
    Reader::new(text, None, &Bounds::default()).syntax(error)
}

struct Reader<'t> {
    text: &'t str,
    /// Bytes of a byte order mark, which the tokenizer does not see.
    skipped: usize,
    tokens: Jiter<'t>,
    outer: Option<Span>,
    bounds: &'t Bounds,
    nodes: usize,
    /// The items and entries read so far of all collections that are not closed yet, so that each is allocated once, in its size.
    items: Vec<Node>,
    entries: Vec<(Node, Node)>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, outer: Option<Span>, bounds: &'t Bounds) -> Self {
        let content = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let skipped = text.len() - content.len();
        let tokens = Jiter::new(content.as_bytes());
        Self { text, skipped, tokens, outer, bounds, nodes: 0, items: Vec::new(), entries: Vec::new() }
    }

    fn document(&mut self) -> Result<Node, Problem> {
        let first = self.tokens.peek().map_err(|error| self.syntax(&error))?;
        let root = self.value(first, 0)?;
        self.tokens.finish().map_err(|error| self.syntax(&error))?;
        Ok(root)
    }

    /// The value whose first byte was peeked at, inside `depth` collections. The depth bound bounds the recursion.
    fn value(&mut self, first: Peek, depth: usize) -> Result<Node, Problem> {
        let start = self.position();
        self.count(start)?;
        let value = match first {
            Peek::String => Value::Scalar(self.string()?),
            Peek::Object => Value::Mapping(self.object(start, depth)?),
            Peek::Array => Value::Sequence(self.array(start, depth)?),
            Peek::True | Peek::False => self.word(start, |tokens| tokens.known_bool(first).map(|_| ()))?,
            Peek::Null => self.word(start, Jiter::known_null)?,
            _ if first.is_num() => self.word(start, |tokens| tokens.known_number_bytes(first).map(|_| ()))?,
            _ => return Err(self.no_value(start)),
        };
        Ok(Node { value, span: self.span(start, self.position()) })
    }

    fn string(&mut self) -> Result<Scalar, Problem> {
        match self.tokens.known_str() {
            Ok(text) => Ok(quoted(text)),
            Err(error) => Err(self.syntax(&error)),
        }
    }

    /// A number or a literal: its text is kept as it stands.
    fn word(&mut self, start: usize, read: impl FnOnce(&mut Jiter<'t>) -> Result<(), JiterError>) -> Result<Value, Problem> {
        read(&mut self.tokens).map_err(|error| self.syntax(&error))?;
        let text = self.text.get(start..self.position()).unwrap_or_default();
        Ok(Value::Scalar(Scalar { text: text.into(), style: Style::Plain, tag: None }))
    }

    fn array(&mut self, start: usize, depth: usize) -> Result<Vec<Node>, Problem> {
        self.descend(start, depth)?;
        let ours = self.items.len();
        let mut next = self.tokens.known_array();
        loop {
            match next {
                Ok(Some(first)) => {
                    let item = self.value(first, depth + 1)?;
                    self.items.push(item);
                }
                Ok(None) => return Ok(self.items.drain(ours..).collect()),
                Err(error) => return Err(self.syntax(&error)),
            }
            next = self.tokens.array_step();
        }
    }

    fn object(&mut self, start: usize, depth: usize) -> Result<Vec<(Node, Node)>, Problem> {
        self.descend(start, depth)?;
        let ours = self.entries.len();
        let mut from = start + 1;
        let mut next = self.tokens.known_object();
        loop {
            let key = match next {
                Ok(Some(text)) => Value::Scalar(quoted(text)),
                Ok(None) => break,
                Err(error) => return Err(self.syntax(&error)),
            };
            let key = Node { value: key, span: self.key_span(from) };
            self.count(key.span.start as usize)?;
            let first = self.tokens.peek().map_err(|error| self.syntax(&error))?;
            let value = self.value(first, depth + 1)?;
            self.entries.push((key, value));
            from = self.position();
            next = self.tokens.next_key();
        }
        let entries = self.entries.drain(ours..).collect::<Vec<_>>();
        self.refuse_duplicates(&entries)?;
        Ok(entries)
    }

    /// The key that the tokenizer has just read together with the colon after it: it begins at the first quote from `from` on
    /// (past white space and a comma), and ends at the last quote before the colon.
    fn key_span(&self, from: usize) -> Span {
        let bytes = self.text.as_bytes();
        let between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',');
        let leading = bytes.get(from..).unwrap_or_default().iter().take_while(|byte| between(byte)).count();
        let colon = self.position().saturating_sub(1);
        let trailing = bytes.get(..colon).unwrap_or_default().iter().rev().take_while(|byte| between(byte)).count();
        self.span(from + leading, colon - trailing)
    }

    fn refuse_duplicates(&self, entries: &[(Node, Node)]) -> Result<(), Problem> {
        let Some((first, second)) = keys::duplicate(entries) else { return Ok(()) };
        let key = second.scalar().map_or("", |scalar| &scalar.text);
        // Inside a string both have the span of the string, and a line would mean nothing.
        let place = self.outer.is_none().then(|| lines::locate(self.text, first.span.start));
        Err(Problem::duplicate_key(key, second.span, place))
    }

    fn descend(&self, start: usize, depth: usize) -> Result<(), Problem> {
        if depth < self.bounds.depth { Ok(()) } else { Err(Problem::too_deep(self.here(start), self.bounds)) }
    }

    fn count(&mut self, start: usize) -> Result<(), Problem> {
        self.nodes += 1;
        if self.nodes <= self.bounds.nodes { Ok(()) } else { Err(Problem::too_many_nodes(self.here(start), self.bounds)) }
    }

    fn position(&self) -> usize {
        self.skipped + self.tokens.current_index()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        self.outer.unwrap_or(Span { start: offset(start), end: offset(end) })
    }

    fn here(&self, at: usize) -> Span {
        self.outer.unwrap_or_else(|| character_at(self.text, at))
    }

    fn syntax(&self, error: &JiterError) -> Problem {
        let at = self.skipped + error.index;
        match &error.error_type {
            JiterErrorType::JsonError(_) if self.outer.is_none() && self.text.trim_start_matches('\u{feff}').trim().is_empty() => {
                self.problem(at, EMPTY)
            }
            JiterErrorType::JsonError(kind) => self.problem(at, message(kind)),
            JiterErrorType::WrongType { .. } => self.no_value(at),
        }
    }

    fn no_value(&self, at: usize) -> Problem {
        self.problem(at, message(&JsonErrorType::ExpectedSomeValue))
    }

    fn is_comment(&self, at: usize) -> bool {
        self.text.get(at..).is_some_and(|rest| ["//", "/*", "#"].iter().any(|mark| rest.starts_with(mark)))
    }

    fn problem(&self, at: usize, (message, help): (&str, Option<&str>)) -> Problem {
        let mut message = message.to_owned();
        if self.outer.is_some() {
            let (line, column) = lines::locate(self.text, offset(at));
            let _ = write!(message, ", at line {line}, column {column} of the JSON text inside this string");
        }
        let help = if self.is_comment(at) { Some("remove the comment: JSON has none") } else { help };
        let help = if conflict_in(self.text) { Some(CONFLICT) } else { help };
        Problem { code: "json-syntax", message, help: help.map(str::to_owned), span: self.here(at) }
    }
}

fn quoted(text: &str) -> Scalar {
    Scalar { text: text.into(), style: Style::DoubleQuoted, tag: None }
}

const EMPTY: (&str, Option<&str>) = ("the file is empty", Some("remove it, or write `{}` if it says nothing"));

/// What is wrong, and what to do about it.
fn message(kind: &JsonErrorType) -> (&'static str, Option<&'static str>) {
    use JsonErrorType as E;
    match kind {
        E::EofWhileParsingList => ("the text ends inside a list", Some("close it with `]`")),
        E::EofWhileParsingObject => ("the text ends inside an object", Some("close it with `}`")),
        E::EofWhileParsingString => ("the text ends inside a string", Some("close it with `\"`")),
        E::EofWhileParsingValue => ("the text ends where a value is expected", None),
        E::ExpectedColon => ("expected `:` after a key", None),
        E::ExpectedListCommaOrEnd => ("expected `,` or `]`", None),
        E::ExpectedObjectCommaOrEnd => ("expected `,` or `}`", None),
        E::InvalidEscape => (
            "this escape is not one of JSON",
            Some(
                r#"write `\\` for a backslash; the escapes are `\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t` and `\u` with four hex digits"#,
            ),
        ),
        E::LoneLeadingSurrogateInHexEscape | E::UnexpectedEndOfHexEscape | E::InvalidUnicodeCodePoint => {
            (r"this `\u` escape is half of a surrogate pair", Some("write the character itself, or both halves"))
        }
        E::InvalidNumber => {
            ("this is not a number of JSON", Some("no leading zero, no `+`, digits on both sides of the point; or quote it"))
        }
        E::NumberOutOfRange => ("this number has too many digits", None),
        E::ControlCharacterWhileParsingString => (
            "a string contains a raw control character",
            Some(r"write it as an escape, such as `\n` or `\t`; perhaps the closing quote is missing"),
        ),
        E::KeyMustBeAString => ("expected a key in double quotes", None),
        E::TrailingComma => ("there is a comma after the last entry", Some("remove it: JSON has no trailing commas")),
        E::TrailingCharacters => ("there is more text after the end of the document", Some("a JSON file holds exactly one value")),
        _ => ("expected a value", Some("a value is an object, a list, a string in double quotes, a number, `true`, `false` or `null`")),
    }
}

//! YAML 1.2 with the merge keys of YAML 1.1: <https://yaml.org/spec/1.2.2/>, <https://yaml.org/type/merge.html>.
//!
//! The parser reports events; the tree, its bounds, aliases and merge keys are ours. Aliases become copies, and what a copy would cost
//! is known before it is made, so that a few hundred bytes that stand for millions of values are refused at once.

mod expansion;
mod merge;
mod message;

use super::{Bounds, Node, Problem, Scalar, Span, Style, Tagged, Value, excerpt, offset};
use granit_parser::{Event, Parser, ScalarStyle, Tag};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// `!!str`, which is also what a lone `!` makes of a scalar.
const STR: &str = "tag:yaml.org,2002:str";

/// Reads every document of a YAML file; those with nothing in them are left out.
pub(super) fn parse(text: &str, bounds: &Bounds) -> Result<Vec<Node>, Problem> {
    refuse_line_breaks(text)?;
    let mut builder = Builder::new(text, bounds, expansion::aliased(text, bounds)?);
    for event in events(text, bounds) {
        let (event, span) = event?;
        builder.event(event, span)?;
    }
    Ok(builder.documents)
}

/// What ends a line in YAML 1.1, which `kubectl` and `PyYAML` read, and is a character as any other in YAML 1.2
/// (<https://yaml.org/spec/1.2.2/#54-line-break-characters>): behind it may stand what one reader takes for a comment and the other not.
fn refuse_line_breaks(text: &str) -> Result<(), Problem> {
    let found = text.char_indices().find(|(_, character)| matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}'));
    let Some((at, character)) = found else { return Ok(()) };
    let span = Span { start: offset(at), end: offset(at + character.len_utf8()) };
    let message = format!("U+{:04X} ends a line for some readers of YAML, and for others it does not", u32::from(character));
    Err(Problem::new("yaml-line-break", span, message).help("take it out, or write it as an escape in double quotes"))
}

/// What the parser sees, in our terms.
fn events<'t>(text: &'t str, bounds: &'t Bounds) -> impl Iterator<Item = Result<(Event<'t>, Span), Problem>> {
    // The parser stops one level behind our own bound, which has the better message.
    let limit = bounds.depth.saturating_add(1);
    let options = granit_parser::options! { flow_nesting_limit: limit, block_nesting_limit: limit, emit_comments: false };
    Parser::new_from_str_with_options(text, options).map(move |event| match event {
        Ok((event, span)) => Ok((event, bytes(span))),
        Err(error) => Err(message::problem(&error, text, bounds)),
    })
}

/// Builds trees out of events.
struct Builder<'t> {
    text: &'t str,
    bounds: &'t Bounds,
    documents: Vec<Node>,
    /// The collections that are not closed yet, outermost first.
    open: Vec<Open>,
    /// Anchors that some alias refers to, by the parser's number.
    aliased: HashSet<usize>,
    /// What those that are complete stand for.
    anchored: HashMap<usize, Node>,
    nodes: usize,
    tag_bytes: usize,
    /// Where the last visible token ended; a block collection ends there, not at the token that made its end known.
    seen: u32,
}

/// A collection that is not closed yet.
struct Open {
    start: u32,
    anchor: usize,
    tag: Option<Box<str>>,
    inside: Inside,
}

enum Inside {
    Sequence(Vec<Node>),
    /// The entries, and the key whose value is awaited.
    Mapping(Vec<(Node, Node)>, Option<Node>),
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, bounds: &'t Bounds, aliased: HashSet<usize>) -> Self {
        Self { text, bounds, documents: Vec::new(), open: Vec::new(), aliased, anchored: HashMap::new(), nodes: 0, tag_bytes: 0, seen: 0 }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(scalar(&text, style, tag), anchor, span),
            Event::SequenceStart(_, anchor, tag) => self.start(Inside::Sequence(Vec::new()), anchor, tag.as_deref(), span),
            Event::MappingStart(_, anchor, tag) => self.start(Inside::Mapping(Vec::new(), None), anchor, tag.as_deref(), span),
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, mut scalar: Scalar, anchor: usize, span: Span) -> Result<(), Problem> {
        self.count(scalar.tag.as_deref(), span)?;
        if scalar.style == Style::Plain && span.start == span.end {
            // The parser says `~` where nothing was written.
            scalar.text = Box::default();
        }
        if self.ends_without_newline(span, scalar.style) {
            // The parser supplies the line break that the file's last line lacks; the specification and libyaml do not.
            scalar.text = scalar.text.strip_suffix('\n').unwrap_or(&scalar.text).into();
        }
        let span = self.visible(span, scalar.style);
        self.see(span);
        self.complete(Node { value: Value::Scalar(scalar), span }, anchor);
        Ok(())
    }

    fn start(&mut self, inside: Inside, anchor: usize, tag: Option<&Tag>, span: Span) -> Result<(), Problem> {
        let tag = tag.and_then(collection_tag);
        self.count(tag.as_deref(), span)?;
        if self.open.len() >= self.bounds.depth {
            return Err(Problem::too_deep(span, self.bounds));
        }
        self.see(span);
        self.open.push(Open { start: span.start, anchor, tag, inside });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        self.see(span);
        let span = Span { start: open.start, end: self.seen.max(open.start) };
        let value = match open.inside {
            Inside::Sequence(items) => Value::Sequence(items),
            Inside::Mapping(entries, _) => Value::Mapping(merge::unique(entries, self.text)?),
        };
        let value = match open.tag {
            Some(tag) => Value::Tagged(Box::new(Tagged { tag, value })),
            None => value,
        };
        self.complete(Node { value, span }, open.anchor);
        Ok(())
    }

    /// Puts a copy of an anchored node in place; what all copies cost together was found to be within the bounds.
    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Problem> {
        self.see(span);
        match self.anchored.get(&anchor).cloned() {
            Some(copy) => {
                self.place(copy);
                Ok(())
            }
            None => Err(inside_itself(self.text, span)),
        }
    }

    /// A node is whole: kept for aliases, if there are any, and handed to the collection around it.
    fn complete(&mut self, node: Node, anchor: usize) {
        if self.aliased.contains(&anchor) {
            self.anchored.insert(anchor, node.clone());
        }
        self.place(node);
    }

    fn place(&mut self, node: Node) {
        match self.open.last_mut().map(|open| &mut open.inside) {
            Some(Inside::Sequence(items)) => items.push(node),
            Some(Inside::Mapping(entries, awaiting)) => match awaiting.take() {
                Some(key) => entries.push((key, node)),
                None => *awaiting = Some(node),
            },
            None if is_nothing(&node) => {}
            None => self.documents.push(node),
        }
    }

    /// One node more, and its tag: a `%TAG` line can make a long one out of a few characters.
    fn count(&mut self, tag: Option<&str>, span: Span) -> Result<(), Problem> {
        self.nodes += 1;
        self.tag_bytes = self.tag_bytes.saturating_add(tag.map_or(0, str::len));
        if self.nodes > self.bounds.nodes {
            return Err(Problem::too_many_nodes(span, self.bounds));
        }
        if self.tag_bytes > self.bounds.bytes {
            return Err(expands_too_far(span, self.bounds));
        }
        Ok(())
    }

    fn see(&mut self, span: Span) {
        if span.end > span.start {
            self.seen = self.seen.max(span.end);
        }
    }

    /// Whether this is a block whose last line is the file's last, without a line break.
    fn ends_without_newline(&self, span: Span, style: Style) -> bool {
        let in_last_line = || self.text.get(span.end as usize..).is_some_and(str::is_empty);
        let last_line = || self.text.rsplit(['\n', '\r']).next().unwrap_or("");
        matches!(style, Style::Literal | Style::Folded) && in_last_line() && !last_line().trim_matches(' ').is_empty()
    }

    /// The parser lets a block reach to the next token; it ends with its last line that is not blank.
    fn visible(&self, span: Span, style: Style) -> Span {
        if !matches!(style, Style::Literal | Style::Folded) {
            return span;
        }
        let lines = self.text.get(span.start as usize..span.end as usize).unwrap_or("").trim_end();
        Span { start: span.start, end: span.start.saturating_add(offset(lines.len())) }
    }
}

fn expands_too_far(at: Span, bounds: &Bounds) -> Problem {
    let message = format!("with aliases and tags written out the document has more than {} bytes", bounds.bytes);
    Problem::new("too-large", at, message).help("split the file, or raise the bound with `--max-file-size`")
}

fn inside_itself(text: &str, alias: Span) -> Problem {
    let written = text.get(alias.start as usize..alias.end as usize).unwrap_or("*");
    let message = format!("alias `{}` stands inside what it refers to", excerpt(written));
    Problem::new("yaml-alias", alias, message).help("write the content out: a document cannot contain itself")
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<Cow<'_, Tag>>) -> Scalar {
    let style = match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    };
    let tag = tag.map(|tag| match resolved(&tag) {
        lone if *lone == *"!" => STR.into(),
        tag => tag,
    });
    Scalar { text: text.into(), style, tag }
}

/// The tag of a collection, unless it only says that it is one.
fn collection_tag(tag: &Tag) -> Option<Box<str>> {
    let says_nothing = tag.is_yaml_core_schema_tag("seq") || tag.is_yaml_core_schema_tag("map");
    Some(resolved(tag)).filter(|tag| !says_nothing && **tag != *"!")
}

fn resolved(tag: &Tag) -> Box<str> {
    [tag.handle(), tag.suffix()].concat().into()
}

/// A document without content, such as between two `---`.
fn is_nothing(node: &Node) -> bool {
    node.scalar().is_some_and(|scalar| scalar.style == Style::Plain && scalar.text.is_empty() && scalar.tag.is_none())
}

fn bytes(span: granit_parser::Span) -> Span {
    let range = span.byte_range().unwrap_or_default();
    Span { start: offset(range.start), end: offset(range.end) }
}

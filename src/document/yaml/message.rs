//! What the YAML parser complains about, in words for people.

use crate::document::{Bounds, CONFLICT, Problem, character_at, conflict_in};
use granit_parser::{ErrorKind as E, ScanError};

/// A complaint at its place.
pub(super) fn problem(error: &ScanError, text: &str, bounds: &Bounds) -> Problem {
    let stopped = error.marker().byte_offset().unwrap_or(0);
    // Of a lone `*` or `&` the parser points behind it.
    let at = if *error.kind() == E::MissingAnchorOrAliasName { stopped.saturating_sub(1) } else { stopped };
    let span = character_at(text, at);
    match error.kind() {
        E::RecursionLimitExceeded => Problem::too_deep(span, bounds),
        E::UnknownAnchor => Problem::new("yaml-alias", span, "this alias refers to an anchor that the document has not defined before it")
            .help("define it earlier in the same document, as in `&name`; or quote the text if it is not an alias"),
        kind => {
            let (message, help) = words(kind);
            let help = if template_near(text, at) { Some(RENDER) } else { help };
            let help = if conflict_in(text) { Some(CONFLICT) } else { help };
            Problem { code: "yaml-syntax", message, help: help.map(str::to_owned), span }
        }
    }
}

const RENDER: &str = "a template such as `{{ … }}` has to be rendered before it is YAML";

/// Whether the line of the complaint, or the one before, has the braces of a template.
fn template_near(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let lines_before = before.rsplit('\n').take(2);
    let rest_of_line = after.split('\n').take(1);
    lines_before.chain(rest_of_line).any(|line| has_braces(line) || line.contains("{%"))
}

/// What stands in `${{ … }}` is an expression of GitHub, which stays in the file: nothing renders it.
fn has_braces(line: &str) -> bool {
    line.match_indices("{{").any(|(at, _)| !line.get(..at).is_some_and(|before| before.ends_with('$')))
}

fn words(kind: &E) -> (String, Option<&'static str>) {
    match kind {
        E::MismatchedFlowCollectionEnd { open, close } => (format!("`{open}` is closed with `{close}`"), None),
        E::UnclosedFlowCollection { open: '{' } => ("`{` is never closed".to_owned(), Some("close it with `}`")),
        E::UnclosedFlowCollection { open } => (format!("`{open}` is never closed"), Some("close it with `]`")),
        E::UnexpectedCharacter { character } => (format!("`{}` cannot begin a value", character.escape_debug()), Some("quote the text")),
        kind => {
            let (message, help) = fixed(kind);
            (message.to_owned(), help)
        }
    }
}

fn fixed(kind: &E) -> (&'static str, Option<&'static str>) {
    structure(kind).or_else(|| text(kind)).or_else(|| directive(kind)).unwrap_or(("this is not YAML", None))
}

/// Indentation, keys, lists, brackets.
fn structure(kind: &E) -> Option<(&'static str, Option<&'static str>)> {
    const ALIGN: Option<&str> = Some("align it with its siblings, using spaces");
    Some(match kind {
        E::TabNotAllowed | E::TabInBlockIndentation | E::TabInIndentation | E::TabAtBlockScalarStart | E::TabInPlainScalar => {
            ("a tab stands where YAML allows only spaces", Some("indent with spaces"))
        }
        E::InvalidIndentation | E::InvalidFlowScalarIndent => ("this line is not indented like what it belongs to", ALIGN),
        E::ExpectedBlockMappingKey => ("expected a key here", ALIGN),
        E::ExpectedBlockSequenceEntry => ("expected `-` here, since this continues a list", ALIGN),
        E::BlockSequenceEntryNotAllowed | E::BlockEntryInFlowCollection => ("a list entry `-` cannot stand here", ALIGN),
        E::InvalidBlockEntryWhitespace => ("`-` must be followed by a space", None),
        E::SimpleKeyExpected | E::InvalidSimpleKey => {
            ("expected `:` after this key", Some("a key is on one line and has at most 1024 characters"))
        }
        E::MappingKeyNotAllowed => ("a key cannot stand here", ALIGN),
        E::MappingValueNotAllowed | E::InvalidColonPlacement => {
            ("a `:` cannot stand here", Some("quote the text if the `:` belongs to it; otherwise check the indentation"))
        }
        E::InvalidMappingValueWhitespace | E::FlowMappingValueAdjacentCollection => ("`:` must be followed by a space", None),
        E::ExpectedFlowMappingSeparator => ("expected `,` or `}`", None),
        E::ExpectedFlowSequenceSeparator => ("expected `,` or `]`", None),
        E::MisplacedFlowCollectionEnd => ("this bracket closes nothing", None),
        E::UnexpectedEofFlowSequence => ("the file ends inside `[`", Some("close it with `]`")),
        E::UnexpectedEofFlowMapping | E::UnexpectedEofImplicitFlowMapping => ("the file ends inside `{`", Some("close it with `}`")),
        E::UnexpectedEofBlockSequence | E::UnexpectedEofBlockMapping | E::UnexpectedEof => ("the file ends too early", None),
        E::ExpectedNodeContent => ("expected a value here", None),
        E::ExpectedDocumentStart | E::InvalidDocumentEnd | E::ExpectedStreamStart => {
            ("the document has ended, but more text follows", Some("check the indentation, or begin a new document with `---`"))
        }
        _ => return None,
    })
}

/// Scalars, anchors, comments.
fn text(kind: &E) -> Option<(&'static str, Option<&'static str>)> {
    Some(match kind {
        E::UnclosedQuotedScalar => ("this quote is never closed", Some("close it")),
        E::DocumentIndicatorInQuotedScalar => {
            ("a line with `---` or `...` stands inside a quoted text", Some("close the quote, or indent the line"))
        }
        E::InvalidQuotedScalarIndent => ("a quoted text continues with too little indentation", Some("indent its lines more than its key")),
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => {
            ("text follows a closing quote", Some("quote the whole text; inside single quotes a quote is written twice"))
        }
        E::UnknownQuotedScalarEscape | E::InvalidQuotedScalarHexEscape => {
            ("this escape is not one of YAML", Some(r"write `\\` for a backslash, or use single quotes, in which nothing is escaped"))
        }
        E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => (r"this `\u` escape is not a character", Some("write the character itself")),
        E::ZeroBlockScalarIndent | E::InvalidBlockScalarHeader => {
            ("after `|` or `>` only `+`, `-`, a digit from 1 to 9 and a comment may stand", None)
        }
        E::InvalidBlockScalarIndent => ("the lines of this block have different indentation", Some("say how deep it is, as in `|2`")),
        E::PlainScalarStartsWithDashFlowIndicator | E::UnexpectedEndOfPlainScalar => ("this text has to be quoted", None),
        E::CommentInterceptedScalar => ("a comment stands in the middle of a text", Some("quote the text, or move the comment")),
        E::CommentNotSeparated => ("`#` must follow a space to begin a comment", Some("quote the text if the `#` belongs to it")),
        E::ExpectedWhitespace => ("expected a space here", None),
        E::MissingAnchorOrAliasName => {
            ("a name must follow `&` or `*`", Some("quote the text if it is neither an anchor nor an alias, as in `\"*\"`"))
        }
        E::BomInsideDocument => ("a byte order mark stands inside the document", Some("remove it; it is invisible in most editors")),
        E::InputDecoding { .. } => {
            ("a character here is not allowed in YAML", Some("remove it, or write it as an escape in double quotes"))
        }
        _ => return None,
    })
}

/// Directives and tags.
fn directive(kind: &E) -> Option<(&'static str, Option<&'static str>)> {
    Some(match kind {
        E::UndeclaredTagHandle => ("this tag begins with a handle that no `%TAG` line declares", None),
        E::ExpectedTagBang
        | E::InvalidTagTerminator
        | E::MissingTagUri
        | E::UnclosedVerbatimTag
        | E::InvalidTagEscape
        | E::InvalidTagUtf8
        | E::InvalidTagUtf8LeadingByte
        | E::InvalidTagUtf8TrailingByte
        | E::InvalidGlobalTagCharacter => ("this is not a tag", Some("quote the text if it only begins with `!`")),
        E::DuplicateVersionDirective
        | E::DuplicateTagDirective
        | E::UnsupportedYamlMajorVersion
        | E::MissingDocumentEndBeforeDirective
        | E::ExpectedTagDirectiveBang
        | E::InvalidTagDirectiveTerminator
        | E::InvalidDirectiveTerminator
        | E::MissingYamlVersionSeparator
        | E::MissingYamlVersion
        | E::YamlVersionTooLong
        | E::MissingDirectiveName
        | E::InvalidDirectiveName
        | E::DirectiveByteLimitExceeded { .. } => {
            ("this `%` line is not one that YAML knows", Some("remove it, or quote the text if the `%` belongs to it"))
        }
        _ => return None,
    })
}

//! A text of lines, for formats that are neither JSON nor YAML: one document, a list of scalars, one for each line.

use super::{Bounds, Node, Problem, Scalar, Span, Style, Value, offset};

/// Lines end with a line feed, which may follow a carriage return; neither is part of the line. A byte order mark is no part of the
/// first. The last line need not end.
pub(super) fn parse(text: &str, bounds: &Bounds) -> Result<Node, Problem> {
    let mut nodes = Vec::new();
    let mut start = text.len() - text.trim_start_matches('\u{feff}').len();
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        let content = content.strip_suffix('\r').unwrap_or(content);
        let span = Span { start: offset(start), end: offset(start + content.len()) };
        if nodes.len() == bounds.nodes {
            return Err(Problem::too_many_nodes(span, bounds));
        }
        let scalar = Scalar { text: content.into(), style: Style::Literal, tag: None };
        nodes.push(Node { value: Value::Scalar(scalar), span });
        start += line.len();
    }
    Ok(Node { value: Value::Sequence(nodes), span: Span { start: 0, end: offset(text.len()) } })
}

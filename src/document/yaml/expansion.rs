//! What a document with aliases would become, found out before any of it is built.
//!
//! A few hundred bytes of aliases to lists of aliases can stand for millions of values. Only numbers are kept here, so such a document
//! is refused after one look at its text.

use super::{events, expands_too_far, inside_itself};
use crate::document::{Bounds, Problem, Span};
use granit_parser::Event;
use std::collections::{HashMap, HashSet};

/// The anchors that aliases refer to; or a refusal, if the document is too large or too deep with every alias written out.
pub(super) fn aliased(text: &str, bounds: &Bounds) -> Result<HashSet<usize>, Problem> {
    let total = Size { nodes: 0, bytes: 0, height: 0 };
    let mut sizes = Sizes { text, bounds, open: Vec::new(), anchored: HashMap::new(), aliased: HashSet::new(), total };
    // Most files have neither, and need no second look.
    if text.contains('&') && text.contains('*') {
        for event in events(text, bounds) {
            let (event, span) = event?;
            sizes.event(&event, span)?;
        }
    }
    Ok(sizes.aliased)
}

#[derive(Clone, Copy)]
struct Size {
    nodes: usize,
    /// Of texts and tags.
    bytes: usize,
    /// Levels of collections; 0 for a scalar.
    height: usize,
}

struct Sizes<'t> {
    text: &'t str,
    bounds: &'t Bounds,
    /// The anchors and sizes so far of the collections that are not closed yet.
    open: Vec<(usize, Size)>,
    anchored: HashMap<usize, Size>,
    aliased: HashSet<usize>,
    total: Size,
}

impl Sizes<'_> {
    fn event(&mut self, event: &Event<'_>, span: Span) -> Result<(), Problem> {
        let tag = event.tag().map_or(0, |tag| tag.handle().len() + tag.suffix().len());
        match event {
            Event::Scalar(text, _, anchor, _) => {
                let size = Size { nodes: 1, bytes: text.len() + tag, height: 0 };
                self.grow(size, span)?;
                self.complete(*anchor, size);
            }
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                let size = Size { nodes: 1, bytes: tag, height: 1 };
                self.grow(size, span)?;
                self.open.push((*anchor, size));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((anchor, size)) = self.open.pop() {
                    self.complete(anchor, size);
                }
            }
            Event::Alias(anchor) => self.alias(*anchor, span)?,
            _ => {}
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Problem> {
        let Some(size) = self.anchored.get(&anchor).copied() else { return Err(inside_itself(self.text, span)) };
        self.aliased.insert(anchor);
        self.grow(size, span)?;
        self.complete(0, size);
        Ok(())
    }

    fn grow(&mut self, more: Size, span: Span) -> Result<(), Problem> {
        self.total.add(more);
        if self.total.nodes > self.bounds.nodes {
            return Err(Problem::too_many_nodes(span, self.bounds));
        }
        if self.total.bytes > self.bounds.bytes {
            return Err(expands_too_far(span, self.bounds));
        }
        if self.open.len().saturating_add(more.height) > self.bounds.depth {
            return Err(Problem::too_deep(span, self.bounds));
        }
        Ok(())
    }

    fn complete(&mut self, anchor: usize, size: Size) {
        if anchor != 0 {
            self.anchored.insert(anchor, size);
        }
        if let Some((_, around)) = self.open.last_mut() {
            around.add(size);
            around.height = around.height.max(size.height + 1);
        }
    }
}

impl Size {
    fn add(&mut self, more: Size) {
        self.nodes = self.nodes.saturating_add(more.nodes);
        self.bytes = self.bytes.saturating_add(more.bytes);
    }
}

//! A large JSON text, walked without a tree: whoever walks keeps the parts that matter, and the rest is only checked to be JSON.

use super::{Bounds, Problem, Span, json, offset};
use jiter::{Jiter, Peek};
use std::collections::HashSet;

/// A walk through one JSON document. Every value has to be consumed, by one of the methods, before the next one can be.
pub struct Stream<'t> {
    text: &'t str,
    tokens: Jiter<'t>,
    bounds: &'t Bounds,
    depth: usize,
}

impl<'t> Stream<'t> {
    /// At the beginning of a text. A byte order mark is passed over.
    pub fn new(text: &'t str, bounds: &'t Bounds) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { text, tokens: Jiter::new(text.as_bytes()), bounds, depth: 0 }
    }

    /// Visits the entries of an object, whose keys have to differ. False, and the value is passed over, if it is none.
    pub fn object(&mut self, visit: &mut dyn FnMut(&str, &mut Self) -> Result<(), Problem>) -> Result<bool, Problem> {
        if self.peek()? != Peek::Object {
            return self.skip().map(|_| false);
        }
        self.descend()?;
        let mut seen = HashSet::new();
        let mut key = self.tokens.known_object().map(|key| key.map(str::to_owned));
        while let Some(name) = key.map_err(|error| json::problem_of(self.text, &error))? {
            visit(&name, self)?;
            let at = self.tokens.current_index();
            if let Some(name) = seen.replace(name) {
                return Err(Problem::duplicate_key(&name, Span { start: offset(at), end: offset(at) }, None));
            }
            key = self.tokens.next_key().map(|key| key.map(str::to_owned));
        }
        self.depth -= 1;
        Ok(true)
    }

    /// Visits the items of a list by their number. False, and the value is passed over, if it is none.
    pub fn array(&mut self, visit: &mut dyn FnMut(usize, &mut Self) -> Result<(), Problem>) -> Result<bool, Problem> {
        if self.peek()? != Peek::Array {
            return self.skip().map(|_| false);
        }
        self.descend()?;
        let mut next = self.tokens.known_array();
        let mut number = 0;
        while next.map_err(|error| json::problem_of(self.text, &error))?.is_some() {
            visit(number, self)?;
            number += 1;
            next = self.tokens.array_step();
        }
        self.depth -= 1;
        Ok(true)
    }

    /// The text of a string; `None`, and the value is passed over, if it is none.
    pub fn string(&mut self) -> Result<Option<String>, Problem> {
        if self.peek()? != Peek::String {
            return self.skip().map(|_| None);
        }
        let text = self.tokens.known_str().map(str::to_owned);
        text.map(Some).map_err(|error| json::problem_of(self.text, &error))
    }

    /// Whether the value is `true`; it is consumed.
    pub fn is_true(&mut self) -> Result<bool, Problem> {
        Ok(self.skip()?.trim() == "true")
    }

    /// Passes over a value. Its text is handed out: [`parse_embedded`](super::parse_embedded) makes a tree of it, and looks at
    /// what is not looked at here, such as two equal keys.
    pub fn skip(&mut self) -> Result<&'t str, Problem> {
        let first = self.peek()?;
        let start = self.tokens.current_index();
        self.tokens.known_skip(first).map_err(|error| json::problem_of(self.text, &error))?;
        Ok(self.text.get(start..self.tokens.current_index()).unwrap_or_default())
    }

    /// Refuses whatever stands behind the document.
    pub fn finish(&mut self) -> Result<(), Problem> {
        self.tokens.finish().map_err(|error| json::problem_of(self.text, &error))
    }

    fn peek(&mut self) -> Result<Peek, Problem> {
        self.tokens.peek().map_err(|error| json::problem_of(self.text, &error))
    }

    fn descend(&mut self) -> Result<(), Problem> {
        self.depth += 1;
        let at = offset(self.tokens.current_index());
        if self.depth <= self.bounds.depth { Ok(()) } else { Err(Problem::too_deep(Span { start: at, end: at }, self.bounds)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(text: &str) -> Result<Vec<String>, Problem> {
        let bounds = Bounds { depth: 3, ..Bounds::default() };
        let mut stream = Stream::new(text, &bounds);
        let mut seen = Vec::new();
        stream.object(&mut |key, stream| {
            if key == "list" {
                stream.array(&mut |number, stream| {
                    seen.push(format!("{number}={}", stream.skip()?));
                    Ok(())
                })?;
            } else {
                seen.push(format!("{key}={:?}", stream.string()?));
            }
            Ok(())
        })?;
        stream.finish()?;
        Ok(seen)
    }

    #[test]
    fn every_entry_is_visited_and_what_is_passed_over_is_handed_out() {
        let said = walked("\u{feff}{\"a\": \"\\u0062\", \"list\": [{\"x\": [1 ]}, null], \"c\": 1}").unwrap();
        assert_eq!(said, ["a=Some(\"b\")", "0={\"x\": [1 ]}", "1=null", "c=None"]);
        assert_eq!(walked("[1]").unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_no_json_is_refused_wherever_it_stands() {
        for (text, code) in [
            ("{\"a\": 1, \"a\": 2}", "duplicate-key"),
            ("{\"list\": [{]}", "json-syntax"),
            ("{\"list\": [1,]}", "json-syntax"),
            ("{\"a\": 1", "json-syntax"),
            ("{} {}", "json-syntax"),
            ("", "json-syntax"),
        ] {
            assert_eq!(walked(text).unwrap_err().code, code, "{text}");
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(300), "]".repeat(300));
        assert!(walked(&deep).is_err());
    }
}

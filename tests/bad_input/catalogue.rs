//! Inputs one after the other, each with what was said about it.

use super::place::Said;
use std::fmt::Write;

/// What is said about many inputs.
#[derive(Default)]
pub struct Catalogue(String);

impl Catalogue {
    /// One more input, and what was said.
    pub fn add(&mut self, input: &str, said: &Said) {
        let Said { code, out, err } = said;
        writeln!(self.0, "━━ {input}\nexit {code}").unwrap();
        for (name, text) in [("standard output", out), ("standard error", err)] {
            if !text.is_empty() {
                writeln!(self.0, "── {name}\n{}", text.trim_end()).unwrap();
            }
        }
        self.0.push('\n');
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Holds a catalogue to the one that was read and committed.
macro_rules! holds {
    ($name:literal, $catalogue:expr) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($name, $catalogue.text())
        })
    };
}
pub(crate) use holds;

//! Names: what they may look like, and the one that was probably meant.

use crate::access::Glob;
use crate::diagnostic::{Remarks, Way};
use crate::document::nearest;

/// Names and sentences stand in comments, tables and logs: one line, nothing that is not seen.
pub(super) fn check(text: &str, way: &Way, remarks: &mut Remarks<'_>) -> bool {
    let is_fine = !text.trim().is_empty() && text.trim() == text && !text.chars().any(char::is_control);
    if !is_fine {
        let message = "this is empty, has spaces around it, or characters that nobody sees";
        remarks.error(way, "unclear-name", message, "write it on one line, without spaces around it");
    }
    is_fine
}

/// A name that nobody defines.
pub(super) fn unknown<'k>(what: &str, written: &str, known: impl Iterator<Item = &'k str>, way: &Way, remarks: &mut Remarks<'_>) {
    let known: Vec<&str> = known.collect();
    let list =
        if known.is_empty() { "nothing".to_owned() } else { known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ") };
    let help = match nearest(written, &known) {
        Some(near) => format!("did you mean `{near}`? known here: {list}"),
        None => format!("known here: {list}"),
    };
    remarks.error(way, "unknown-name", format!("`{written}` is no {what} here"), help);
}

/// A list that is written names something.
pub(super) fn list(texts: &[String], way: &Way, remarks: &mut Remarks<'_>) {
    if texts.is_empty() {
        remarks.error(way, "empty-list", "an empty list matches nothing", "name at least one, or remove the key");
    }
    for (index, text) in texts.iter().enumerate() {
        check(text, &way.item(index), remarks);
    }
}

/// Globs over names: `*` is any characters, `?` is one.
pub(super) fn globs(texts: &[String], way: &Way, remarks: &mut Remarks<'_>) -> Vec<Glob> {
    list(texts, way, remarks);
    texts.iter().map(|text| Glob::parse(text)).collect()
}

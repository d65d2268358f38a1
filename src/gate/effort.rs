//! What was read, for those who ask why something took long, or why a file seems not to count.

use super::Joined;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// How many files were read.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Files that differ between the two sides.
    pub differ: usize,
    /// Files that hold permissions, by format; with those that did not change and were read because they belong to one that did.
    pub formats: BTreeMap<&'static str, usize>,
}

impl Read {
    pub(super) fn of(joined: &Joined) -> Self {
        let both: BTreeMap<&Arc<str>, &'static str> =
            [&joined.base, &joined.head].into_iter().flat_map(|side| &side.formats).map(|(path, format)| (path, *format)).collect();
        let mut formats = BTreeMap::new();
        for format in both.into_values() {
            *formats.entry(format).or_default() += 1;
        }
        Self { differ: joined.changed.len(), formats }
    }
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let formats: Vec<String> = self.formats.iter().map(|(format, count)| format!("{count} {format}")).collect();
        let formats = if formats.is_empty() { "none that hold permissions".to_owned() } else { formats.join(", ") };
        write!(f, "files that differ: {}; read: {formats}", self.differ)
    }
}

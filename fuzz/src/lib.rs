//! What the fuzz targets share.

use countersign::access::Budget;
use countersign::change::{Effort, Entry, compare_every};
use countersign::document::{Bounds, Syntax, parse};
use countersign::formats::{Setting, by_id};
use countersign::systems::{Access, Kind};

/// The steps that one comparison may take: many comparisons in a second find more than a few long ones.
const STEPS: u64 = 300_000;

/// Reads both halves of the data, which a zero byte divides, as files of the format, and compares them both ways.
///
/// # Panics
/// Where a side differs from itself, or what one way gains the other does not lose.
pub fn two_sides(format: &str, syntax: Syntax, data: &[u8]) {
    let mut halves = data.splitn(2, |byte| *byte == 0);
    let sides = [halves.next(), halves.next()].map(|half| read(format, syntax, half.unwrap_or_default()));
    let [Some(base), Some(head)] = sides else { return };
    let effort = Effort(Budget::new(STEPS));
    for side in [&base, &head] {
        assert_eq!(entries(side, side, effort), Vec::new());
    }
    let (there, back) = (entries(&base, &head, effort), entries(&head, &base, effort));
    let has = |entries: &[Entry], kind| entries.iter().any(|entry| entry.kind == kind);
    if !has(&there, Kind::Undecided) && !has(&back, Kind::Undecided) {
        assert_eq!(has(&there, Kind::Gained), has(&back, Kind::Lost), "{there:?}\n{back:?}");
    }
}

fn entries(base: &Access, head: &Access, effort: Effort) -> Vec<Entry> {
    compare_every(base, head, &[], effort).entries
}

fn read(format: &str, syntax: Syntax, bytes: &[u8]) -> Option<Access> {
    let file = parse("file", bytes, syntax, &Bounds::default()).ok()?;
    Some((by_id(format)?.read)(&file, &Setting::default()).access)
}

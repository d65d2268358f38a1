//! The lines of a change request that can carry a note: those that its diff shows, of the state after it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Lines by path.
#[derive(Clone, Debug, Default)]
pub struct Hunks(BTreeMap<String, Vec<RangeInclusive<u32>>>);

impl Hunks {
    /// Adds a file, whose diff is in the unified form that forges hand out. Without one nothing in it can be noted.
    pub fn add(&mut self, path: &str, diff: &str) {
        self.0.entry(path.to_owned()).or_default().extend(diff.lines().filter_map(shown));
    }

    /// Whether a line is shown.
    pub fn show(&self, path: &str, line: u32) -> bool {
        self.0.get(path).is_some_and(|ranges| ranges.iter().any(|range| range.contains(&line)))
    }
}

/// The lines after `+` of `@@ -1,2 +3,4 @@`; a count that is not written is 1.
fn shown(header: &str) -> Option<RangeInclusive<u32>> {
    let after = header.strip_prefix("@@ -")?.split_once(" +")?.1.split_once(" @@")?.0;
    let (start, count) = after.split_once(',').unwrap_or((after, "1"));
    let (start, count): (u32, u32) = (start.parse().ok()?, count.parse().ok()?);
    Some(start..=start.checked_add(count)?.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_noted_where_the_diff_shows_it() {
        let mut hunks = Hunks::default();
        hunks.add("a.json", "@@ -1,3 +2,4 @@ {\n a\n+b\n@@ -20 +30 @@\n-x\n+y\n\\ No newline at end of file");
        hunks.add("gone.json", "@@ -1,3 +0,0 @@\n-a");
        hunks.add("broken.json", "@@ -1,3 +x,y @@\n@@ -1 +4294967295,9 @@");
        let lines = |path: &str| (0..50).filter(|line| hunks.show(path, *line)).collect::<Vec<u32>>();
        assert_eq!(lines("a.json"), [2, 3, 4, 5, 30]);
        assert!(lines("gone.json").is_empty() && lines("broken.json").is_empty() && lines("b.json").is_empty());
    }
}

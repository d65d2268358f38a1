//! Which lines a merge request shows, and which they were before it: a line that stays is named by both.

use std::collections::BTreeMap;

/// The lines that a diff in the unified form shows of the state after it, each with its number before where it stays.
pub(super) fn lines(diff: &str) -> BTreeMap<u32, Option<u32>> {
    let mut shown = BTreeMap::new();
    let (mut before, mut after) = (None, None);
    for line in diff.lines() {
        if let Some(header) = line.strip_prefix("@@ -") {
            (before, after) = starts(header).unzip();
            continue;
        }
        let (Some(old), Some(new)) = (before.as_mut(), after.as_mut()) else { continue };
        match line.bytes().next() {
            Some(b'+') => {
                shown.insert(take(new), None);
            }
            Some(b'-') => {
                take(old);
            }
            // It says that the last line does not end.
            Some(b'\\') => {}
            _ => {
                shown.insert(take(new), Some(take(old)));
            }
        }
    }
    shown
}

/// Both starts of `1,2 +3,4 @@`.
fn starts(header: &str) -> Option<(u32, u32)> {
    let (before, rest) = header.split_once(" +")?;
    let start = |range: &str| range.split(',').next()?.parse().ok();
    Some((start(before)?, start(rest.split_once(" @@")?.0)?))
}

fn take(number: &mut u32) -> u32 {
    let taken = *number;
    *number = number.saturating_add(1);
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_stays_is_known_by_both_numbers() {
        let found = lines("@@ -10,3 +20,4 @@ {\n a\n-b\n+c\n+d\n e\n\\ No newline at end of file\n@@ -1 +2 @@\n+x\n");
        let expected = [(20, Some(10)), (21, None), (22, None), (23, Some(12)), (2, None)];
        assert_eq!(found, expected.into_iter().collect());
        assert!(lines("").is_empty() && lines("@@ -x +y @@\n+a").is_empty());
    }
}

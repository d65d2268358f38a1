//! What two files have in common: the longest list of lines that stand in both, in the same order. For a path that none of the other
//! lines matches, both files decide the same.

use super::pattern::Shape;
use super::{Line, Owner};
use std::collections::{BTreeSet, HashMap};

/// One line of a file for each pattern, by number: a later line with the same pattern makes an earlier one useless.
pub(super) type Ranks = HashMap<usize, u32>;

/// The patterns whose lines are not common to both, by number. Which of two sides comes first makes no difference.
pub(super) fn differing(base: (&[Line], &Ranks), head: (&[Line], &Ranks), shapes: &[&Shape]) -> BTreeSet<usize> {
    let owners = |(lines, _): (&'_ [Line], &Ranks), rank: u32| -> Option<BTreeSet<Owner>> {
        lines.get(rank as usize).map(|line| line.owners.clone())
    };
    let mut shared: Vec<(u32, u32, usize)> = Vec::new();
    for (&pattern, &before) in base.1 {
        if let Some(&after) = head.1.get(&pattern)
            && owners(base, before) == owners(head, after)
        {
            shared.push((before, after, pattern));
        }
    }
    let ordered = |key: fn(&(u32, u32, usize)) -> u32| {
        let mut ordered = shared.clone();
        ordered.sort_unstable_by_key(key);
        ordered
    };
    let (by_base, by_head) = (ordered(|line| line.0), ordered(|line| line.1));
    let written = |list: &[(u32, u32, usize)]| list.iter().filter_map(|line| shapes.get(line.2).copied()).collect::<Vec<&Shape>>();
    let (list, numbers): (_, Vec<u32>) = if written(&by_base) <= written(&by_head) {
        let numbers = by_base.iter().map(|line| line.1).collect();
        (by_base, numbers)
    } else {
        let numbers = by_head.iter().map(|line| line.0).collect();
        (by_head, numbers)
    };
    let common: BTreeSet<usize> = rising(&numbers).into_iter().filter_map(|at| list.get(at)).map(|line| line.2).collect();
    base.1.keys().chain(head.1.keys()).copied().filter(|pattern| !common.contains(pattern)).collect()
}

/// The longest list of numbers that rise, by index. All numbers are different.
fn rising(numbers: &[u32]) -> Vec<usize> {
    // For each length the list that ends lowest, by the index of its end.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    let number = |at: usize| numbers.get(at).copied().unwrap_or(u32::MAX);
    for (at, own) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| number(*end) < *own);
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut list: Vec<usize> = std::iter::successors(ends.last().copied(), |at| before.get(*at).copied().flatten()).collect();
    list.reverse();
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rising_list_is_found() {
        assert_eq!(rising(&[]), [0; 0]);
        assert_eq!(rising(&[0, 1, 2]), [0, 1, 2]);
        assert_eq!(rising(&[4, 0, 1, 3, 2]), [1, 2, 4]);
        assert_eq!(rising(&[2, 1, 0]).len(), 1);
    }
}

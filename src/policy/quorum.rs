//! Distinct people for all that is asked: a maximum matching of seats and people, by augmenting paths.
//!
//! Seats are filled in their order and people tried in theirs, so the result depends on nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The people who may take a seat, by id.
pub(super) type May<'m> = &'m BTreeSet<u64>;

/// Who sits where, as many seats taken as possible.
pub(super) fn assign(seats: &[May<'_>]) -> Vec<Option<u64>> {
    let mut taken = Taken { by_seat: vec![None; seats.len()], seat_of: BTreeMap::new() };
    for seat in 0..seats.len() {
        taken.fill(seat, seats);
    }
    taken.by_seat
}

struct Taken {
    by_seat: Vec<Option<u64>>,
    seat_of: BTreeMap<u64, usize>,
}

impl Taken {
    /// Finds somebody for a seat; whoever is in the way moves to another one.
    fn fill(&mut self, seat: usize, seats: &[May<'_>]) {
        let mut asked_from: BTreeMap<u64, usize> = BTreeMap::new();
        let mut queue = VecDeque::from([seat]);
        while let Some(current) = queue.pop_front() {
            for person in seats.get(current).into_iter().copied().flatten() {
                if asked_from.contains_key(person) {
                    continue;
                }
                asked_from.insert(*person, current);
                match self.seat_of.get(person) {
                    Some(other) => queue.push_back(*other),
                    None => return self.sit(*person, &asked_from),
                }
            }
        }
    }

    /// The person takes the seat that they were asked for, and whoever sat there the one that those were asked for.
    fn sit(&mut self, person: u64, asked_from: &BTreeMap<u64, usize>) {
        let mut moving = Some(person);
        while let Some(person) = moving {
            let Some(seat) = asked_from.get(&person) else { return };
            self.seat_of.insert(person, *seat);
            moving = self.by_seat.get_mut(*seat).and_then(|taken| taken.replace(person));
        }
    }
}

/// The seats whose people, by moving, could free one of these; these too.
pub(super) fn reach(seats: &[May<'_>], assigned: &[Option<u64>], from: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    let seat_of: BTreeMap<u64, usize> = assigned.iter().enumerate().filter_map(|(seat, person)| Some(((*person)?, seat))).collect();
    let mut queue: VecDeque<usize> = from.into_iter().collect();
    let mut reached = BTreeSet::new();
    while let Some(seat) = queue.pop_front() {
        if reached.insert(seat) {
            queue.extend(seats.get(seat).into_iter().copied().flatten().filter_map(|person| seat_of.get(person)));
        }
    }
    reached
}

/// Seats for which there are too few people, whoever comes: none if everybody may sit somewhere.
pub(super) fn too_few(seats: &[May<'_>]) -> BTreeSet<usize> {
    let assigned = assign(seats);
    let empty: Vec<usize> = assigned.iter().enumerate().filter(|(_, person)| person.is_none()).map(|(seat, _)| seat).collect();
    reach(seats, &assigned, empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refs(seats: &[BTreeSet<u64>]) -> Vec<May<'_>> {
        seats.iter().collect()
    }

    /// The most seats that can be taken, by trying everything.
    fn most(seats: &[BTreeSet<u64>], gone: &BTreeSet<u64>) -> usize {
        let Some((first, rest)) = seats.split_first() else { return 0 };
        let sitting = first.difference(gone).map(|person| 1 + most(rest, &gone.iter().copied().chain([*person]).collect()));
        sitting.max().unwrap_or(0).max(most(rest, gone))
    }

    fn any_seats() -> impl Strategy<Value = Vec<BTreeSet<u64>>> {
        prop::collection::vec(prop::collection::btree_set(0..6_u64, 0..4), 0..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn as_many_seats_are_taken_as_trying_everything_takes(seats in any_seats()) {
            let assigned = assign(&refs(&seats));
            let sitting: Vec<u64> = assigned.iter().flatten().copied().collect();
            prop_assert_eq!(sitting.len(), most(&seats, &BTreeSet::new()));
            prop_assert_eq!(sitting.iter().collect::<BTreeSet<_>>().len(), sitting.len(), "nobody sits twice");
            for (seat, person) in assigned.iter().enumerate() {
                prop_assert!(person.is_none_or(|person| seats[seat].contains(&person)));
            }
        }

        /// Hall: people are missing exactly where some seats together have fewer people than there are seats.
        #[test]
        fn too_few_names_seats_that_have_fewer_people_than_there_are_seats(seats in any_seats()) {
            let named = too_few(&refs(&seats));
            let people: BTreeSet<u64> = named.iter().flat_map(|seat| &seats[*seat]).copied().collect();
            let all_sit = most(&seats, &BTreeSet::new()) == seats.len();
            prop_assert_eq!(named.is_empty(), all_sit);
            prop_assert!(named.is_empty() || people.len() < named.len());
        }

        /// Somebody new helps exactly if they may take a seat that is reached from an empty one.
        #[test]
        fn reach_tells_who_would_help(seats in any_seats(), may in prop::collection::btree_set(0..6_usize, 0..4)) {
            let assigned = assign(&refs(&seats));
            let empty: Vec<usize> = (0..seats.len()).filter(|seat| assigned[*seat].is_none()).collect();
            let reached = reach(&refs(&seats), &assigned, empty);
            let mut with = seats.clone();
            may.iter().filter_map(|seat| with.get_mut(*seat).map(|people| people.insert(99))).count();
            let helps = most(&with, &BTreeSet::new()) > most(&seats, &BTreeSet::new());
            prop_assert_eq!(helps, may.iter().any(|seat| reached.contains(seat)));
        }
    }
}

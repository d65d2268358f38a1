//! Distinct people for all that is asked: a maximum matching of seats and people, by augmenting paths; and the fewest people who still
//! have to approve, by paths that cost the least.
//!
//! Seats are filled in their order and people tried in theirs, so the result depends on nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The people who may take a seat, by id.
pub(super) type May<'m> = &'m BTreeSet<u64>;

/// Who sits where, as many seats taken as possible.
pub(super) fn assign(seats: &[May<'_>]) -> Vec<Option<u64>> {
    let mut taken = Taken { by_seat: vec![None; seats.len()], seat_of: BTreeMap::new(), stuck: BTreeSet::new() };
    for seat in 0..seats.len() {
        taken.fill(seat, seats);
    }
    taken.by_seat
}

struct Taken {
    by_seat: Vec<Option<u64>>,
    seat_of: BTreeMap<u64, usize>,
    /// People who cannot move so that a seat gets free: once that was tried in vain, nobody who comes later changes it.
    stuck: BTreeSet<u64>,
}

impl Taken {
    /// Finds somebody for a seat; whoever is in the way moves to another one.
    fn fill(&mut self, seat: usize, seats: &[May<'_>]) {
        let mut asked_from: BTreeMap<u64, usize> = BTreeMap::new();
        let mut queue = VecDeque::from([seat]);
        while let Some(current) = queue.pop_front() {
            for person in seats.get(current).into_iter().copied().flatten() {
                if self.stuck.contains(person) || asked_from.contains_key(person) {
                    continue;
                }
                asked_from.insert(*person, current);
                match self.seat_of.get(person) {
                    Some(other) => queue.push_back(*other),
                    None => return self.sit(*person, &asked_from),
                }
            }
        }
        self.stuck.extend(asked_from.into_keys());
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

/// Somebody who still has to approve, and whoever can do it instead while everything else stays.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Needed {
    pub(super) person: u64,
    pub(super) instead: BTreeSet<u64>,
}

/// The fewest people who still have to approve so that as many seats are taken as ever can be. `assigned` is what [`assign`] makes of
/// those who have approved; `eligible` are, seat by seat, those too who have not.
pub(super) fn fewest(approved: &[May<'_>], eligible: &[May<'_>], assigned: &[Option<u64>]) -> Vec<Needed> {
    let mut seating = Seating { approved, eligible, by_seat: assigned.to_vec() };
    while let Some(path) = seating.cheapest() {
        seating.follow(&path);
    }
    let new: BTreeMap<u64, usize> = seating.newcomers().collect();
    let needed = new.iter().map(|(person, seat)| {
        let others = new.keys().copied().filter(|other| other != person).collect();
        let instead = seating.instead(&others, *seat).into_iter().filter(|other| other != person).collect();
        Needed { person: *person, instead }
    });
    needed.collect()
}

/// Who sits where, some of them with an approval that they still have to give.
struct Seating<'s> {
    approved: &'s [May<'s>],
    eligible: &'s [May<'s>],
    by_seat: Vec<Option<u64>>,
}

/// What it costs to bring each person onto a path, and from which seat that is asked.
type Costs = BTreeMap<u64, (i64, usize)>;

/// The seats that change hands, each with who comes, the last of whom sat nowhere.
type Path = Vec<(usize, u64)>;

impl Seating<'_> {
    /// 1 if somebody has to approve to take the seat; `None` if they may not.
    fn cost(&self, seat: usize, person: u64) -> Option<i64> {
        let has = |people: &[May<'_>]| people.get(seat).is_some_and(|people| people.contains(&person));
        if has(self.approved) { Some(0) } else { has(self.eligible).then_some(1) }
    }

    /// Who has to approve, and for which seat.
    fn newcomers(&self) -> impl Iterator<Item = (u64, usize)> {
        let taken = self.by_seat.iter().enumerate().filter_map(|(seat, person)| Some(((*person)?, seat)));
        taken.filter(|(person, seat)| self.cost(*seat, *person) == Some(1))
    }

    /// The cheapest way to fill one more seat.
    fn cheapest(&self) -> Option<Path> {
        let costs = self.costs();
        let sitting: BTreeSet<u64> = self.by_seat.iter().flatten().copied().collect();
        let (_, person) = costs.iter().filter(|(person, _)| !sitting.contains(person)).map(|(person, (cost, _))| (*cost, *person)).min()?;
        let mut path = Path::new();
        let mut coming = Some(person);
        while let Some(person) = coming {
            let (_, seat) = costs.get(&person)?;
            path.push((*seat, person));
            coming = self.by_seat.get(*seat).copied().flatten();
        }
        Some(path)
    }

    /// What it costs to reach each person from the empty seats. Whoever moves gives back what their old seat cost, so a step may cost less
    /// than nothing; there is no way round in circles that does, because the seating is a cheapest one of its size.
    fn costs(&self) -> Costs {
        let seat_of: BTreeMap<u64, usize> = self.by_seat.iter().enumerate().filter_map(|(seat, person)| Some(((*person)?, seat))).collect();
        let mut costs = Costs::new();
        let empty = self.by_seat.iter().enumerate().filter(|(_, person)| person.is_none()).map(|(seat, _)| (seat, 0));
        let mut queue: VecDeque<(usize, i64)> = empty.collect();
        while let Some((seat, spent)) = queue.pop_front() {
            for person in self.eligible.get(seat).into_iter().copied().flatten() {
                let Some(cost) = self.cost(seat, *person).map(|cost| spent + cost) else { continue };
                if costs.get(person).is_some_and(|(known, _)| *known <= cost) || seat_of.get(person) == Some(&seat) {
                    continue;
                }
                costs.insert(*person, (cost, seat));
                let old = seat_of.get(person).and_then(|old| Some((*old, cost - self.cost(*old, *person)?)));
                queue.extend(old);
            }
        }
        costs
    }

    fn follow(&mut self, path: &Path) {
        for (seat, person) in path {
            if let Some(taken) = self.by_seat.get_mut(*seat) {
                *taken = Some(*person);
            }
        }
    }

    /// Who could approve in somebody's place.
    fn instead(&self, others: &BTreeSet<u64>, seat: usize) -> BTreeSet<u64> {
        let has = |(approved, eligible): (&May<'_>, &May<'_>)| *approved | &(*eligible & others);
        let approved: Vec<BTreeSet<u64>> = self.approved.iter().zip(self.eligible).map(has).collect();
        let approved: Vec<May<'_>> = approved.iter().collect();
        let mut by_seat = self.by_seat.clone();
        if let Some(taken) = by_seat.get_mut(seat) {
            *taken = None;
        }
        let empty: Vec<usize> = by_seat.iter().enumerate().filter(|(_, person)| person.is_none()).map(|(seat, _)| seat).collect();
        let could = helpers(&approved, self.eligible, &by_seat, empty);
        could.difference(others).copied().collect()
    }
}

/// Whose approval would take one of these empty seats, or one that somebody can leave for it. Whoever sits already and approves again helps
/// if their own seat can be taken by somebody who has none.
pub(super) fn helpers(
    approved: &[May<'_>],
    eligible: &[May<'_>],
    assigned: &[Option<u64>],
    empty: impl IntoIterator<Item = usize>,
) -> BTreeSet<u64> {
    let free = with_successor(approved, assigned);
    let seats = reach(approved, assigned, empty);
    let may: BTreeSet<u64> = seats.into_iter().filter_map(|seat| eligible.get(seat).copied()).flatten().copied().collect();
    may.into_iter().filter(|person| free.get(person).is_none_or(|has_successor| *has_successor)).collect()
}

/// Of everybody who sits, whether their seat can be taken by somebody who has none, perhaps by others moving.
fn with_successor(approved: &[May<'_>], assigned: &[Option<u64>]) -> BTreeMap<u64, bool> {
    let sitting: BTreeMap<u64, usize> = assigned.iter().enumerate().filter_map(|(seat, person)| Some(((*person)?, seat))).collect();
    let mut seats_of: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (seat, people) in approved.iter().enumerate() {
        people.iter().for_each(|person| seats_of.entry(*person).or_default().push(seat));
    }
    let has_none = |person: &&u64| !sitting.contains_key(*person);
    let mut queue: VecDeque<u64> = seats_of.keys().filter(has_none).copied().collect();
    let mut successors = BTreeSet::new();
    while let Some(person) = queue.pop_front() {
        for seat in seats_of.get(&person).into_iter().flatten() {
            // Whoever sits there may make way, and be a successor elsewhere.
            if successors.insert(*seat) {
                queue.extend(assigned.get(*seat).copied().flatten());
            }
        }
    }
    sitting.into_iter().map(|(person, seat)| (person, successors.contains(&seat))).collect()
}

/// Nobody at all.
pub(super) static NOBODY: BTreeSet<u64> = BTreeSet::new();

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

        /// Fewer people than are named never suffice, those who are named do, and so does each of them exchanged for anybody who may come
        /// instead, and for nobody else.
        #[test]
        fn the_fewest_are_as_few_as_trying_everything_finds((approved, eligible) in any_table()) {
            let assigned = assign(&refs(&approved));
            let needed = fewest(&refs(&approved), &refs(&eligible), &assigned);
            let named: BTreeSet<u64> = needed.iter().map(|needed| needed.person).collect();
            prop_assert_eq!(named.len(), needed.len(), "nobody is asked twice");
            let full = most(&eligible, &BTreeSet::new());
            let suffice = |people: &BTreeSet<u64>| most(&with(&approved, &eligible, people), &BTreeSet::new()) == full;
            let fewest = subsets().filter(|people| suffice(people)).map(|people| people.len()).min();
            prop_assert_eq!(fewest, Some(named.len()));
            prop_assert!(suffice(&named));
            for Needed { person, instead } in &needed {
                for other in (0..6).filter(|other| !named.contains(other)) {
                    let exchanged = named.iter().copied().filter(|id| id != person).chain([other]).collect();
                    prop_assert_eq!(suffice(&exchanged), instead.contains(&other), "{} for {} of {:?}", other, person, named);
                }
            }
        }
    }

    /// Seats with those who approved and those who may; whoever approved may.
    fn any_table() -> impl Strategy<Value = (Vec<BTreeSet<u64>>, Vec<BTreeSet<u64>>)> {
        let seat = prop::collection::btree_map(0..6_u64, any::<bool>(), 0..5);
        prop::collection::vec(seat, 0..5).prop_map(|seats| {
            let approved = seats.iter().map(|seat| seat.iter().filter(|(_, has)| **has).map(|(id, _)| *id).collect()).collect();
            (approved, seats.into_iter().map(|seat| seat.into_keys().collect()).collect())
        })
    }

    /// The seats once these people have approved as well.
    fn with(approved: &[BTreeSet<u64>], eligible: &[BTreeSet<u64>], people: &BTreeSet<u64>) -> Vec<BTreeSet<u64>> {
        approved.iter().zip(eligible).map(|(approved, may)| approved | &(may & people)).collect()
    }

    fn subsets() -> impl Iterator<Item = BTreeSet<u64>> {
        (0..1_u32 << 6).map(|bits| (0..6).filter(|id| bits & (1 << id) != 0).collect())
    }
}

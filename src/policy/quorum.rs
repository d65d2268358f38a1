//! Distinct people for all that is asked: a maximum matching of seats and people, by augmenting paths; and the fewest people who still
//! have to approve, by paths that cost the least.
//!
//! Seats are filled in their order and people tried in theirs, so the result depends on nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The people who may take a seat, by id.
pub(super) type May<'m> = &'m BTreeSet<u64>;

/// Seats, many of them of one kind: what one of those leads to, all of them do, and it is looked at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seats<'s> {
    /// The kind of each seat.
    pub(super) kinds: &'s [usize],
    /// Who may sit there, by kind.
    pub(super) may: &'s [May<'s>],
}

impl<'s> Seats<'s> {
    pub(super) fn people(self, seat: usize) -> May<'s> {
        self.kinds.get(seat).and_then(|kind| self.may.get(*kind)).copied().unwrap_or(&NOBODY)
    }
}

/// Who sits where, as many seats taken as possible.
pub(super) fn assign(seats: Seats<'_>) -> Vec<Option<u64>> {
    let mut taken = Taken { by_seat: vec![None; seats.kinds.len()], seat_of: BTreeMap::new(), stuck: BTreeSet::new() };
    for seat in 0..seats.kinds.len() {
        taken.fill(seat, seats);
    }
    taken.by_seat
}

/// Where everybody sits.
fn sitting(assigned: &[Option<u64>]) -> BTreeMap<u64, usize> {
    assigned.iter().enumerate().filter_map(|(seat, person)| Some(((*person)?, seat))).collect()
}

/// Where nobody sits.
fn empty(assigned: &[Option<u64>]) -> impl Iterator<Item = usize> {
    assigned.iter().enumerate().filter(|(_, person)| person.is_none()).map(|(seat, _)| seat)
}

struct Taken {
    by_seat: Vec<Option<u64>>,
    seat_of: BTreeMap<u64, usize>,
    /// People who cannot move so that a seat gets free: once that was tried in vain, nobody who comes later changes it.
    stuck: BTreeSet<u64>,
}

impl Taken {
    /// Finds somebody for a seat; whoever is in the way moves to another one.
    fn fill(&mut self, seat: usize, seats: Seats<'_>) {
        let mut asked_from: BTreeMap<u64, usize> = BTreeMap::new();
        let mut queue = VecDeque::from([seat]);
        while let Some(current) = queue.pop_front() {
            for person in seats.people(current) {
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
pub(super) fn reach(seats: Seats<'_>, assigned: &[Option<u64>], from: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    let seat_of = sitting(assigned);
    let mut queue: VecDeque<usize> = from.into_iter().collect();
    let (mut reached, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    while let Some(seat) = queue.pop_front() {
        if reached.insert(seat) && kinds.insert(seats.kinds.get(seat)) {
            queue.extend(seats.people(seat).iter().filter_map(|person| seat_of.get(person)));
        }
    }
    reached
}

/// Seats for which there are too few people, whoever comes: none if everybody may sit somewhere.
pub(super) fn too_few(seats: Seats<'_>) -> BTreeSet<usize> {
    let assigned = assign(seats);
    reach(seats, &assigned, empty(&assigned))
}

/// Those without any one of whom some seat stays empty; `None` if one stays empty anyway. All others can stay away: whoever sits nowhere,
/// and whoever gives a seat up to one of those.
pub(super) fn indispensable(seats: Seats<'_>) -> Option<BTreeSet<u64>> {
    let assigned = assign(seats);
    let sitting: BTreeSet<u64> = assigned.iter().copied().collect::<Option<_>>()?;
    let everybody: BTreeSet<u64> = seats.may.iter().flat_map(|people| people.iter().copied()).collect();
    let mut pending: Vec<u64> = everybody.difference(&sitting).copied().collect();
    let mut needed = sitting;
    while let Some(person) = pending.pop() {
        let of_seats = assigned.iter().enumerate().filter(|(seat, _)| seats.people(*seat).contains(&person));
        let giving_up: BTreeSet<u64> = of_seats.filter_map(|(_, sits)| *sits).filter(|sits| needed.contains(sits)).collect();
        needed.retain(|other| !giving_up.contains(other));
        pending.extend(giving_up);
    }
    Some(needed)
}

/// Somebody who still has to approve, and whoever can do it instead while everything else stays.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Needed {
    pub(super) person: u64,
    pub(super) instead: BTreeSet<u64>,
}

/// The fewest people who still have to approve so that as many seats are taken as ever can be. `assigned` is what [`assign`] makes of
/// those who have approved; `eligible` are, kind by kind, those too who have not.
pub(super) fn fewest(approved: Seats<'_>, eligible: Seats<'_>, assigned: &[Option<u64>]) -> Vec<Needed> {
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
    approved: Seats<'s>,
    eligible: Seats<'s>,
    by_seat: Vec<Option<u64>>,
}

/// What it costs to bring each person onto a path, and from which seat that is asked.
type Costs = BTreeMap<u64, (i64, usize)>;

/// The seats that change hands, each with who comes, the last of whom sat nowhere.
type Path = Vec<(usize, u64)>;

impl Seating<'_> {
    /// 1 if somebody has to approve to take the seat; `None` if they may not.
    fn cost(&self, seat: usize, person: u64) -> Option<i64> {
        let has = |seats: Seats<'_>| seats.people(seat).contains(&person);
        if has(self.approved) { Some(0) } else { has(self.eligible).then_some(1) }
    }

    /// Who has to approve, and for which seat.
    fn newcomers(&self) -> impl Iterator<Item = (u64, usize)> {
        sitting(&self.by_seat).into_iter().filter(|(person, seat)| self.cost(*seat, *person) == Some(1))
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
        let seat_of = sitting(&self.by_seat);
        let (mut costs, mut spent_on) = (Costs::new(), BTreeMap::new());
        let mut queue: VecDeque<(usize, i64)> = empty(&self.by_seat).map(|seat| (seat, 0)).collect();
        while let Some((seat, spent)) = queue.pop_front() {
            // From another seat of this kind nobody is reached at a lower cost.
            let kind = self.eligible.kinds.get(seat);
            if spent_on.get(&kind).is_some_and(|least| *least <= spent) {
                continue;
            }
            spent_on.insert(kind, spent);
            for person in self.eligible.people(seat) {
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
        let may: Vec<BTreeSet<u64>> = self.approved.may.iter().zip(self.eligible.may).map(has).collect();
        let may: Vec<May<'_>> = may.iter().collect();
        let approved = Seats { may: &may, ..self.approved };
        let mut by_seat = self.by_seat.clone();
        if let Some(taken) = by_seat.get_mut(seat) {
            *taken = None;
        }
        let could = helpers(approved, self.eligible, &by_seat, &with_successor(approved, &by_seat), empty(&by_seat));
        could.difference(others).copied().collect()
    }
}

/// Whose approval would take one of these empty seats, or one that somebody can leave for it. Whoever sits already and approves again helps
/// if their own seat can be taken by somebody who has none: `free` is what [`with_successor`] says.
pub(super) fn helpers(
    approved: Seats<'_>,
    eligible: Seats<'_>,
    assigned: &[Option<u64>],
    free: &BTreeMap<u64, bool>,
    empty: impl IntoIterator<Item = usize>,
) -> BTreeSet<u64> {
    let seats = reach(approved, assigned, empty);
    let kinds: BTreeSet<usize> = seats.into_iter().filter_map(|seat| eligible.kinds.get(seat).copied()).collect();
    let may: BTreeSet<u64> = kinds.into_iter().filter_map(|kind| eligible.may.get(kind).copied()).flatten().copied().collect();
    may.into_iter().filter(|person| free.get(person).is_none_or(|has_successor| *has_successor)).collect()
}

/// Of everybody who sits, whether their seat can be taken by somebody who has none, perhaps by others moving.
pub(super) fn with_successor(approved: Seats<'_>, assigned: &[Option<u64>]) -> BTreeMap<u64, bool> {
    let sitting = sitting(assigned);
    let mut kinds_of: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (kind, people) in approved.may.iter().enumerate() {
        people.iter().for_each(|person| kinds_of.entry(*person).or_default().push(kind));
    }
    let mut sitting_in: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for (person, kind) in sitting.iter().filter_map(|(person, seat)| Some((person, approved.kinds.get(*seat)?))) {
        sitting_in.entry(*kind).or_default().push(*person);
    }
    let has_none = |person: &&u64| !sitting.contains_key(*person);
    let mut queue: VecDeque<u64> = kinds_of.keys().filter(has_none).copied().collect();
    let mut successors = BTreeSet::new();
    while let Some(person) = queue.pop_front() {
        for kind in kinds_of.get(&person).into_iter().flatten() {
            // Whoever sits there may make way, and be a successor elsewhere.
            if successors.insert(*kind) {
                queue.extend(sitting_in.get(kind).into_iter().flatten());
            }
        }
    }
    let has_successor = |seat: usize| approved.kinds.get(seat).is_some_and(|kind| successors.contains(kind));
    sitting.into_iter().map(|(person, seat)| (person, has_successor(seat))).collect()
}

/// Nobody at all.
pub(super) static NOBODY: BTreeSet<u64> = BTreeSet::new();

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The kind of each seat, and who may sit there, by kind.
    type Table = (Vec<usize>, Vec<BTreeSet<u64>>);

    fn of<T>((kinds, may): &Table, ask: impl FnOnce(Seats<'_>) -> T) -> T {
        ask(Seats { kinds, may: &may.iter().collect::<Vec<_>>() })
    }

    /// Who may sit, seat by seat.
    fn apart((kinds, may): &Table) -> Vec<BTreeSet<u64>> {
        kinds.iter().map(|kind| may[*kind].clone()).collect()
    }

    /// The most seats that can be taken, by trying everything.
    fn most(seats: &[BTreeSet<u64>], gone: &BTreeSet<u64>) -> usize {
        let Some((first, rest)) = seats.split_first() else { return 0 };
        let sitting = first.difference(gone).map(|person| 1 + most(rest, &gone.iter().copied().chain([*person]).collect()));
        sitting.max().unwrap_or(0).max(most(rest, gone))
    }

    fn any_kinds() -> impl Strategy<Value = Vec<usize>> {
        prop::collection::vec(0..4_usize, 0..6)
    }

    fn any_table() -> impl Strategy<Value = Table> {
        (any_kinds(), prop::collection::vec(prop::collection::btree_set(0..6_u64, 0..4), 4))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn as_many_seats_are_taken_as_trying_everything_takes(table in any_table()) {
            let (assigned, seats) = (of(&table, assign), apart(&table));
            let sitting: Vec<u64> = assigned.iter().flatten().copied().collect();
            prop_assert_eq!(sitting.len(), most(&seats, &BTreeSet::new()));
            prop_assert_eq!(sitting.iter().collect::<BTreeSet<_>>().len(), sitting.len(), "nobody sits twice");
            for (seat, person) in assigned.iter().enumerate() {
                prop_assert!(person.is_none_or(|person| seats[seat].contains(&person)));
            }
        }

        /// Hall: people are missing exactly where some seats together have fewer people than there are seats.
        #[test]
        fn indispensable_are_those_without_whom_a_seat_stays_empty(table in any_table()) {
            let seats = apart(&table);
            let everybody: BTreeSet<u64> = seats.iter().flatten().copied().collect();
            let is_needed = |person: &u64| most(&seats, &BTreeSet::from([*person])) < seats.len();
            let expected = (most(&seats, &BTreeSet::new()) == seats.len()).then(|| everybody.into_iter().filter(is_needed).collect());
            prop_assert_eq!(of(&table, indispensable), expected);
        }

        #[test]
        fn too_few_names_seats_that_have_fewer_people_than_there_are_seats(table in any_table()) {
            let (named, seats) = (of(&table, too_few), apart(&table));
            let people: BTreeSet<u64> = named.iter().flat_map(|seat| &seats[*seat]).copied().collect();
            let all_sit = most(&seats, &BTreeSet::new()) == seats.len();
            prop_assert_eq!(named.is_empty(), all_sit);
            prop_assert!(named.is_empty() || people.len() < named.len());
        }

        /// Somebody new helps exactly if they may take a seat that is reached from an empty one.
        #[test]
        fn reach_tells_who_would_help(table in any_table(), may in prop::collection::btree_set(0..6_usize, 0..4)) {
            let (assigned, seats) = (of(&table, assign), apart(&table));
            let empty: Vec<usize> = (0..seats.len()).filter(|seat| assigned[*seat].is_none()).collect();
            let reached = of(&table, |seats| reach(seats, &assigned, empty));
            let mut with = seats.clone();
            may.iter().filter_map(|seat| with.get_mut(*seat).map(|people| people.insert(99))).count();
            let helps = most(&with, &BTreeSet::new()) > most(&seats, &BTreeSet::new());
            prop_assert_eq!(helps, may.iter().any(|seat| reached.contains(seat)));
        }

        /// Fewer people than are named never suffice, those who are named do, and so does each of them exchanged for anybody who may come
        /// instead, and for nobody else.
        #[test]
        fn the_fewest_are_as_few_as_trying_everything_finds((has, may) in any_tables()) {
            let assigned = of(&has, assign);
            let needed = of(&has, |has| of(&may, |may| fewest(has, may, &assigned)));
            let (approved, eligible) = (apart(&has), apart(&may));
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

    /// Somebody approved as one of two, and could approve as the third.
    #[test]
    fn whoever_has_approved_stays_where_that_counts() {
        let (kinds, sets) = (vec![0, 0, 1], |sets: [&[u64]; 2]| sets.map(|ids| ids.iter().copied().collect()).to_vec());
        let (has, may) = ((kinds.clone(), sets([&[2], &[]])), (kinds, sets([&[0, 1, 2], &[0, 2]])));
        let assigned = of(&has, assign);
        let asked = of(&has, |has| of(&may, |may| fewest(has, may, &assigned)));
        assert_eq!(asked.iter().map(|needed| needed.person).collect::<Vec<_>>(), [0, 1]);
    }

    /// Seats with those who approved and those who may; whoever approved may.
    fn any_tables() -> impl Strategy<Value = (Table, Table)> {
        let may = prop::collection::btree_map(0..6_u64, any::<bool>(), 0..5);
        (any_kinds(), prop::collection::vec(may, 4)).prop_map(|(kinds, may)| {
            let approved = may.iter().map(|may| may.iter().filter(|(_, has)| **has).map(|(id, _)| *id).collect()).collect();
            let eligible = may.into_iter().map(|may| may.into_keys().collect()).collect();
            ((kinds.clone(), approved), (kinds, eligible))
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

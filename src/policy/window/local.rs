//! From the wall clock of a zone to instants, and back.

use chrono::{DateTime, Days, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// The instants that a wall-clock time may stand for. All four are equal, except around a change of the clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    /// The first instant at which the clock shows this time, or, if it skips it, the change.
    pub(super) reached: DateTime<Utc>,
    /// The last instant at which the clock shows this time, or, if it skips it, the change.
    pub(super) passed: DateTime<Utc>,
    /// The earlier of the readings with the offset before and with the offset after the change.
    pub(super) earliest: DateTime<Utc>,
    /// The later of them.
    pub(super) latest: DateTime<Utc>,
}

impl Edge {
    /// The instants of a wall-clock time; `None` at the limits of what chrono can represent.
    pub(super) fn at(zone: Tz, wall: NaiveDateTime) -> Option<Self> {
        match zone.offset_from_local_datetime(&wall) {
            LocalResult::Single(offset) => Self::twice(wall, offset.fix(), offset.fix()),
            LocalResult::Ambiguous(one, other) => Self::twice(wall, one.fix(), other.fix()),
            LocalResult::None => Self::skipped(zone, wall),
        }
    }

    fn twice(wall: NaiveDateTime, one: FixedOffset, other: FixedOffset) -> Option<Self> {
        let (one, other) = (with_offset(wall, one)?, with_offset(wall, other)?);
        let (first, second) = (one.min(other), one.max(other));
        Some(Self { reached: first, passed: second, earliest: first, latest: second })
    }

    fn skipped(zone: Tz, wall: NaiveDateTime) -> Option<Self> {
        let gap = GapInfo::new(&wall, &zone)?;
        let (_, before) = gap.begin?;
        let change = gap.end?;
        let readings = Self::twice(wall, before.fix(), change.offset().fix())?;
        Some(Self { reached: change.to_utc(), passed: change.to_utc(), ..readings })
    }
}

/// What the clock on the wall shows at an instant.
pub(super) fn wall(zone: Tz, instant: DateTime<Utc>) -> Option<NaiveDateTime> {
    let utc = instant.naive_utc();
    utc.checked_add_offset(zone.offset_from_utc_datetime(&utc).fix())
}

/// Whether a zone went from the day before a date to the day after it, as some did when they moved across the date line.
pub(super) fn is_left_out(zone: Tz, date: NaiveDate) -> bool {
    let midnight = date.and_time(NaiveTime::MIN);
    if !matches!(zone.offset_from_local_datetime(&midnight), LocalResult::None) {
        return false;
    }
    let next = midnight.checked_add_days(Days::new(1)).and_then(|next| Edge::at(zone, next));
    Edge::at(zone, midnight).zip(next).is_some_and(|(start, end)| start.reached == end.reached)
}

fn with_offset(wall: NaiveDateTime, offset: FixedOffset) -> Option<DateTime<Utc>> {
    wall.checked_sub_offset(offset).map(|utc| utc.and_utc())
}

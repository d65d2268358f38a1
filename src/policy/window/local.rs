//! From the wall clock of a zone to instants, and back.

use super::zone::Zone;
use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

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
    is_skipped: bool,
}

/// No clock is further away from UTC, nor was one ever changed by more; in seconds.
pub(super) const FURTHEST: i64 = 26 * 60 * 60;

impl Edge {
    /// Whether the clock shows this time exactly once.
    pub(super) fn is_unambiguous(&self) -> bool {
        !self.is_skipped && self.reached == self.passed
    }

    /// The instants of a wall-clock time; `None` at the limits of what chrono can represent.
    pub(super) fn at(zone: &Zone, wall: NaiveDateTime) -> Option<Self> {
        let shown = wall.and_utc().timestamp();
        let around = shown - FURTHEST..shown + FURTHEST;
        let mut before = zone.offset(around.start)?;
        let mut begins = around.start;
        let mut edge = None;
        for change in zone.changes(around.clone()) {
            let after = zone.offset(change)?;
            edge = joined(edge, stands(wall, before, begins, change));
            edge = joined(edge, skipped(wall, before, after, change));
            (before, begins) = (after, change);
        }
        joined(edge, stands(wall, before, begins, around.end))
    }
}

impl Edge {
    /// Whether the clock never shows this time.
    pub(super) fn is_skipped(&self) -> bool {
        self.is_skipped
    }
}

/// The instant at which the clock shows a time between two changes, if it does.
fn stands(wall: NaiveDateTime, offset: FixedOffset, begins: i64, ends: i64) -> Option<Edge> {
    let instant = with_offset(wall, offset)?;
    let is_there = (begins..ends).contains(&instant.timestamp());
    is_there.then_some(Edge { reached: instant, passed: instant, earliest: instant, latest: instant, is_skipped: false })
}

/// The change that skips a time, if it does.
fn skipped(wall: NaiveDateTime, before: FixedOffset, after: FixedOffset, change: i64) -> Option<Edge> {
    let (early, late) = (with_offset(wall, after)?, with_offset(wall, before)?);
    let change = DateTime::from_timestamp(change, 0)?;
    let is_skipped = early < change && change <= late;
    is_skipped.then_some(Edge { reached: change, passed: change, earliest: early, latest: late, is_skipped })
}

/// A time that comes twice.
fn joined(first: Option<Edge>, second: Option<Edge>) -> Option<Edge> {
    let (Some(first), Some(second)) = (first, second) else { return first.or(second) };
    Some(Edge { passed: second.passed, latest: first.latest.max(second.latest), ..first })
}

/// What the clock on the wall shows at an instant.
pub(super) fn wall(zone: &Zone, instant: DateTime<Utc>) -> Option<NaiveDateTime> {
    instant.naive_utc().checked_add_offset(zone.offset(instant.timestamp())?)
}

/// Whether a zone went from the day before a date to the day after it, as some did when they moved across the date line.
pub(super) fn is_left_out(zone: &Zone, date: NaiveDate) -> bool {
    let midnight = date.and_time(NaiveTime::MIN);
    let Some(start) = Edge::at(zone, midnight).filter(|edge| edge.is_skipped) else { return false };
    let next = midnight.checked_add_days(Days::new(1)).and_then(|next| Edge::at(zone, next));
    next.is_some_and(|end| start.reached == end.reached)
}

fn with_offset(wall: NaiveDateTime, offset: FixedOffset) -> Option<DateTime<Utc>> {
    wall.checked_sub_offset(offset).map(|utc| utc.and_utc())
}

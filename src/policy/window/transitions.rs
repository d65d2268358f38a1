//! The changes of the clocks that touch a window, for people to look at before they happen.

use super::Window;
use super::local::wall;
use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use std::ops::Range;

/// No zone changes its clocks and changes them back within this many seconds.
const STEP: i64 = 6 * 60 * 60;

/// A change of the clocks that touches a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// The first instant after the change.
    pub at: DateTime<Utc>,
    /// What the clock on the wall would have shown at `at` without the change.
    pub before: NaiveDateTime,
    /// What it shows. Later than `before`, the time between them is skipped; earlier, it comes twice.
    pub after: NaiveDateTime,
    /// What it does to the openings; of several effects the greatest.
    pub openings: Option<Effect>,
    /// What it does to the freezes; of several effects the greatest.
    pub freezes: Option<Effect>,
}

/// What a change of the clocks does to an opening or a freeze.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It happens inside, and makes the opening or freeze shorter or longer than it is on other days.
    Within,
    /// A start or an end lies in the time that is skipped or comes twice, so that it could be read in two ways.
    Moves,
}

impl Window {
    /// The changes of the clocks that happen in a period, to the second and half-open, and touch an opening or a freeze; in order.
    pub fn touched_transitions(&self, period: &Range<DateTime<Utc>>) -> Vec<Touched> {
        changes(self.zone, period.start.timestamp()..period.end.timestamp()).filter_map(|at| self.touched(at)).collect()
    }

    fn touched(&self, at: DateTime<Utc>) -> Option<Touched> {
        let second = TimeDelta::seconds(1);
        let before = wall(self.zone, at.checked_sub_signed(second)?)?.checked_add_signed(second)?;
        let after = wall(self.zone, at)?;
        let unclear = before.min(after)..before.max(after);
        let openings = self.runs(after.date()).iter().filter_map(|run| effect(run, &unclear)).max();
        let freezes = self.freezes.iter().filter_map(|freeze| effect(&freeze.wall, &unclear)).max();
        (openings.is_some() || freezes.is_some()).then_some(Touched { at, before, after, openings, freezes })
    }
}

fn effect(span: &Range<NaiveDateTime>, unclear: &Range<NaiveDateTime>) -> Option<Effect> {
    if unclear.contains(&span.start) || unclear.contains(&span.end) {
        return Some(Effect::Moves);
    }
    (span.start < unclear.start && unclear.end <= span.end).then_some(Effect::Within)
}

/// The first instants after each change of the clocks, in seconds since 1970.
fn changes(zone: Tz, seconds: Range<i64>) -> impl Iterator<Item = DateTime<Utc>> {
    let starts = std::iter::successors(Some(seconds.start), |from| Some(from + STEP)).take_while(move |from| *from < seconds.end);
    starts.filter_map(move |from| change(zone, from..(from + STEP).min(seconds.end)))
}

/// Halves the seconds around a change until it is found.
fn change(zone: Tz, seconds: Range<i64>) -> Option<DateTime<Utc>> {
    let (mut old, mut new) = (seconds.start - 1, seconds.end - 1);
    let before = offset(zone, old)?;
    if offset(zone, new)? == before {
        return None;
    }
    while new - old > 1 {
        let middle = i64::midpoint(old, new);
        *(if offset(zone, middle)? == before { &mut old } else { &mut new }) = middle;
    }
    DateTime::from_timestamp(new, 0)
}

fn offset(zone: Tz, second: i64) -> Option<FixedOffset> {
    Some(zone.offset_from_utc_datetime(&DateTime::from_timestamp(second, 0)?.naive_utc()).fix())
}

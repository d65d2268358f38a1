//! Deploy windows: when a deployment may start, as a pure function of the window, an instant and the tz database.
//!
//! The order is: what closes wins, then an opening opens, and everything else is as the window says, closed if it says nothing. A
//! [`Definition`] is what the policy file says; checked, together with the calendars that it names, it becomes a [`Window`]. Dates and
//! hours are expanded on the wall clock of a zone and only then turned into instants, so that no arithmetic ever runs across a change of
//! the clocks.
//!
//! When the clocks change, whatever can be read in two ways is read so that the window stays closed:
//!
//! | the edge lies in | an opening starts | an opening ends | what closes starts | what closes ends |
//! |---|---|---|---|---|
//! | an hour that comes twice | the second time | the first time | the first time | the second time |
//! | an hour that is skipped | at the change | at the change | as if the clock had been changed before | as if it had not yet been changed |
//!
//! The last row makes what lies in the skipped hour and closes as long as it was written, or longer, and never empty. The hours of
//! `open` that touch or overlap on the wall clock are one opening: how the hours of a week are cut into lines makes no difference. An
//! opening that starts on a day that a zone left out (Apia had no 30 December 2011) does not exist, also not in the hours after its
//! midnight.

mod calendar;
mod check;
mod cron;
mod definition;
mod explain;
mod freeze;
mod instant;
mod lint;
mod local;
#[cfg(test)]
mod model;
mod recurrence;
#[cfg(test)]
mod tests;
mod times;
mod transitions;
mod week;
mod zone;

pub use calendar::Calendar;
pub use definition::{CalendarFile, Definition, FieldProblem, FreezePeriod, Hours, OpenOrClosed, Step, WindowNames};
pub use explain::Decides;
pub use instant::instant;
pub use lint::{Finding, Overlap};
pub use times::Why;
pub use transitions::{Effect, Touched};
pub use week::{CELLS_A_DAY, Cell, Day};
pub use zone::Zone;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use freeze::Heeds;
use local::Edge;
use recurrence::Rule;
use std::ops::Range;
use std::sync::Arc;
use times::Times;

/// How far [`Window::at`] and [`Window::next_opening`] look, into the past and into the future: five years.
pub const HORIZON: TimeDelta = TimeDelta::days(5 * 366);

/// A deploy window that has been checked: its zone is known, its times exist, and there is something that opens it.
///
/// Made from a [`Definition`] by [`Window::checked`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    zone: Zone,
    openings: Vec<Opening>,
    /// What calendars open.
    opened: Times,
    closed: Times,
    /// When the last event of each calendar ends, unless one goes on.
    ends: Vec<(Arc<str>, Option<DateTime<Utc>>)>,
    heeds: Heeds,
}

/// Hours on certain dates, in minutes after the midnight at which the day starts; past 24 × 60 on the day after.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Opening {
    rule: Rule,
    minutes: Range<u32>,
    why: Why,
}

/// What a window says about an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// A deployment may start.
    Open {
        /// The first instant of this stretch; `None` when it has been open for longer than [`HORIZON`].
        since: Option<DateTime<Utc>>,
        /// The first instant at which it is closed again; `None` when it stays open for longer than [`HORIZON`].
        closes: Option<DateTime<Utc>>,
    },
    /// A deployment may not start.
    Closed {
        /// The reason of what closes it, of several the one that lasts longest; `None` when it is only not open.
        freeze: Option<String>,
        /// The first instant at which it is open, also after what closes it; `None` when there is none within [`HORIZON`].
        opens: Option<DateTime<Utc>>,
    },
}

impl Window {
    /// What the window says about an instant.
    pub fn at(&self, instant: DateTime<Utc>) -> State {
        if self.is_open(instant) {
            return State::Open { since: self.since(instant), closes: self.closes(instant) };
        }
        let freeze = self.closed.holding(instant).map(|closed| closed.why.said().to_owned());
        State::Closed { freeze, opens: self.next_opening(instant) }
    }

    /// Whether calendars say when it is open.
    pub fn has_calendars(&self) -> bool {
        !self.ends.is_empty()
    }

    /// Whether a deployment may start at an instant.
    pub fn is_open(&self, instant: DateTime<Utc>) -> bool {
        self.closed.holding(instant).is_none() && self.stretch(instant).is_some()
    }

    /// The first instant, `after` itself included, at which the window is open; `None` when there is none within [`HORIZON`].
    pub fn next_opening(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let limit = after.checked_add_signed(HORIZON)?;
        let mut instant = after;
        while instant <= limit {
            if let Some(closed) = self.closed.holding(instant) {
                instant = closed.span.end;
            } else if self.stretch(instant).is_some() {
                return Some(instant);
            } else {
                instant = self.next_start(instant, limit)?;
            }
        }
        None
    }

    /// The stretches of time in which it is open, in order, the first from an instant on if it is open then. One that lasts for longer
    /// than [`HORIZON`] ends the list, and has no end.
    pub fn stretches(&self, from: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, Option<DateTime<Utc>>)> {
        let next = |after: DateTime<Utc>| {
            let opens = self.next_opening(after)?;
            Some((opens, self.closes(opens)))
        };
        std::iter::successors(next(from), move |(_, closes)| next((*closes)?))
    }

    /// The IANA zone on whose wall clock the window is written.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The version of the tz database that decides, such as `2026a`.
    pub fn tzdb_version() -> &'static str {
        Zone::version()
    }

    /// An instant on the window's wall clock, to the minute: `Thursday 2026-11-26 09:00 GMT (Europe/London)`.
    pub fn render(&self, instant: DateTime<Utc>) -> String {
        format!("{} ({})", self.wall_clock(instant), self.zone)
    }

    /// The instants of the opening that holds an instant, whatever closes it. A stretch of more than a few days comes in parts.
    fn stretch(&self, instant: DateTime<Utc>) -> Option<Range<DateTime<Utc>>> {
        self.hours(instant).or_else(|| self.opened.holding(instant).map(|opened| opened.span))
    }

    /// The same of the hours of `open`.
    fn hours(&self, instant: DateTime<Utc>) -> Option<Range<DateTime<Utc>>> {
        let run = self.run(local::wall(&self.zone, instant)?)?;
        let stretch = Edge::at(&self.zone, run.start)?.passed..Edge::at(&self.zone, run.end)?.reached;
        stretch.contains(&instant).then_some(stretch)
    }

    /// The same without the name of the zone: `Thursday 2026-11-26 09:00 GMT`.
    pub fn wall_clock(&self, instant: DateTime<Utc>) -> String {
        let wall = local::wall(&self.zone, instant).unwrap_or_else(|| instant.naive_utc());
        format!("{} {}", wall.format("%A %Y-%m-%d %H:%M"), self.zone.designation(instant))
    }

    /// The joined openings that hold a wall-clock time.
    fn run(&self, wall: NaiveDateTime) -> Option<Range<NaiveDateTime>> {
        self.runs(wall.date()).into_iter().find(|run| run.contains(&wall))
    }

    /// The openings around a date, on the wall clock, joined where they touch.
    ///
    /// Dates further away than these cannot matter to it: no opening lasts two days, and no clock was ever changed by more than one.
    fn runs(&self, date: NaiveDate) -> Vec<Range<NaiveDateTime>> {
        let dates = date.checked_sub_days(Days::new(3)).into_iter().flat_map(|first| first.iter_days().take(6));
        let mut near: Vec<_> = dates.flat_map(|date| self.openings_on(date)).collect();
        near.sort_by_key(|opening| opening.start);
        joined(near)
    }

    /// The openings that start on a date, on the wall clock.
    fn openings_on(&self, date: NaiveDate) -> impl Iterator<Item = Range<NaiveDateTime>> {
        // Whether a day was left out is slow to find out, and asked last.
        self.openings.iter().filter_map(move |opening| opening.on(date)).filter(move |_| !local::is_left_out(&self.zone, date))
    }

    /// The first start of an opening that comes after an instant, be it closed or too short to be open.
    fn next_start(&self, instant: DateTime<Utc>, limit: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let first = local::wall(&self.zone, instant).and_then(|wall| wall.date().checked_sub_days(Days::new(2)));
        let last = local::wall(&self.zone, limit).map(|wall| wall.date());
        let dates = first.zip(last).filter(|_| !self.openings.is_empty()).into_iter();
        let mut dates = dates.flat_map(|(first, last)| first.iter_days().take_while(move |date| *date <= last));
        let hours = dates.find_map(|date| {
            let starts = self.openings_on(date).filter_map(|opening| Edge::at(&self.zone, opening.start));
            starts.map(|edge| edge.passed).filter(|start| *start > instant).min()
        });
        hours.into_iter().chain(self.opened.next_start(instant, hours.unwrap_or(limit))).min()
    }

    /// When the stretch that holds an open instant ends.
    fn closes(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let limit = instant.checked_add_signed(HORIZON)?;
        let mut end = instant;
        while let Some(stretch) = self.stretch(end) {
            if let Some(closes) = self.closed.next_start(end, stretch.end) {
                return Some(closes);
            }
            end = stretch.end;
            if end > limit {
                return None;
            }
        }
        Some(end)
    }

    /// When the stretch that holds an open instant began.
    fn since(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let limit = instant.checked_sub_signed(HORIZON)?;
        let (mut start, mut before) = (instant, instant);
        while let Some(stretch) = self.stretch(before) {
            if let Some(thaw) = self.closed.last_end(&(stretch.start..start)) {
                return Some(thaw);
            }
            start = stretch.start;
            if start < limit {
                return None;
            }
            // Every edge is a whole second.
            before = start.checked_sub_signed(TimeDelta::seconds(1))?;
        }
        Some(start)
    }
}

impl Opening {
    /// On the wall clock, if it starts on a date.
    fn on(&self, date: NaiveDate) -> Option<Range<NaiveDateTime>> {
        if !self.rule.is_on(date) {
            return None;
        }
        let after = |minutes: u32| date.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::minutes(minutes.into()));
        Some(after(self.minutes.start)?..after(self.minutes.end)?)
    }
}

/// Joins openings, sorted by their start, that touch or overlap.
fn joined(openings: Vec<Range<NaiveDateTime>>) -> Vec<Range<NaiveDateTime>> {
    let mut runs: Vec<Range<NaiveDateTime>> = Vec::new();
    for opening in openings {
        match runs.last_mut() {
            Some(run) if opening.start <= run.end => run.end = run.end.max(opening.end),
            _ => runs.push(opening),
        }
    }
    runs
}

//! Deploy windows: when a deployment may start, as a pure function of the window, an instant and the tz database.
//!
//! The order is: a freeze closes, then an opening opens, and everything else is closed. A [`Definition`] is what the policy file says;
//! checked, it becomes a [`Window`]. Dates and hours are expanded on the wall clock of the window's zone and only then turned into
//! instants, so that no arithmetic ever runs across a change of the clocks.
//!
//! When the clocks change, whatever can be read in two ways is read so that the window stays closed:
//!
//! | the edge lies in | an opening starts | an opening ends | a freeze starts | a freeze ends |
//! |---|---|---|---|---|
//! | an hour that comes twice | the second time | the first time | the first time | the second time |
//! | an hour that is skipped | at the change | at the change | as if the clock had been changed before | as if it had not yet been changed |
//!
//! The last row makes a freeze that lies in the skipped hour as long as it was written, or longer, and never empty. Openings that touch
//! or overlap on the wall clock are one opening: how the hours of a week are cut into lines makes no difference. An opening that starts
//! on a day that a zone left out (Apia had no 30 December 2011) does not exist, also not in the hours after its midnight.

mod definition;
mod instant;
mod local;
#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
mod transitions;
mod zone;

pub use definition::{Definition, FieldProblem, FreezePeriod, Hours, Step};
pub use instant::instant;
pub use transitions::{Effect, Touched};
pub use zone::Zone;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, WeekdaySet};
use local::Edge;
use std::ops::Range;

/// How far [`Window::at`] and [`Window::next_opening`] look, into the past and into the future: five years.
pub const HORIZON: TimeDelta = TimeDelta::days(5 * 366);

/// How many dates are searched for the next start of an opening. Every opening has a day of the week, so one comes within a week, or two
/// if the zone leaves a day out; three more days for the date changing under our feet.
const DATES_TO_NEXT_START: usize = 17;

/// A deploy window that has been checked: its zone is known, its times exist, and it has at least one opening.
///
/// Made from a [`Definition`] with `try_from`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    zone: Zone,
    openings: Vec<Opening>,
    freezes: Vec<Freeze>,
}

/// Hours on certain days of the week, in minutes after the midnight at which the day starts; past 24 × 60 on the day after.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Opening {
    days: WeekdaySet,
    minutes: Range<u32>,
}

/// A freeze on the wall clock, and with the more closed reading of its edges.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Freeze {
    wall: Range<NaiveDateTime>,
    span: Range<DateTime<Utc>>,
    reason: String,
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
        /// The reason of the freeze that closes it, of several the one that lasts longest; `None` outside of freezes.
        freeze: Option<String>,
        /// The first instant at which it is open, freezes taken into account; `None` when there is none within [`HORIZON`].
        opens: Option<DateTime<Utc>>,
    },
}

impl Window {
    /// What the window says about an instant.
    pub fn at(&self, instant: DateTime<Utc>) -> State {
        if self.is_open(instant) {
            return State::Open { since: self.since(instant), closes: self.closes(instant) };
        }
        let freeze = self.freeze(instant).map(|freeze| freeze.reason.clone());
        State::Closed { freeze, opens: self.next_opening(instant) }
    }

    /// Whether a deployment may start at an instant.
    pub fn is_open(&self, instant: DateTime<Utc>) -> bool {
        self.freeze(instant).is_none() && self.stretch(instant).is_some()
    }

    /// The first instant, `after` itself included, at which the window is open; `None` when there is none within [`HORIZON`].
    pub fn next_opening(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let limit = after.checked_add_signed(HORIZON)?;
        let mut instant = after;
        while instant <= limit {
            if let Some(freeze) = self.freeze(instant) {
                instant = freeze.span.end;
            } else if self.stretch(instant).is_some() {
                return Some(instant);
            } else {
                instant = self.next_start(instant)?;
            }
        }
        None
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
        let wall = local::wall(&self.zone, instant).unwrap_or_else(|| instant.naive_utc());
        format!("{} {} ({})", wall.format("%A %Y-%m-%d %H:%M"), self.zone.designation(instant), self.zone)
    }

    /// The freeze that holds an instant, of several the one that lasts longest; the reason settles a tie, never the order in the file.
    fn freeze(&self, instant: DateTime<Utc>) -> Option<&Freeze> {
        let holding = self.freezes.iter().filter(|freeze| freeze.span.contains(&instant));
        holding.max_by_key(|freeze| (freeze.span.end, &freeze.reason))
    }

    /// The instants of the opening that holds an instant, whatever the freezes say. A stretch of more than a few days comes in parts.
    fn stretch(&self, instant: DateTime<Utc>) -> Option<Range<DateTime<Utc>>> {
        let run = self.run(local::wall(&self.zone, instant)?)?;
        let stretch = Edge::at(&self.zone, run.start)?.passed..Edge::at(&self.zone, run.end)?.reached;
        stretch.contains(&instant).then_some(stretch)
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
        let openings = if local::is_left_out(&self.zone, date) { &[][..] } else { &self.openings };
        openings.iter().filter(move |opening| opening.days.contains(date.weekday())).filter_map(move |opening| opening.on(date))
    }

    /// The first start of an opening that comes after an instant, be it frozen or too short to be open.
    fn next_start(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let first = local::wall(&self.zone, instant)?.date().checked_sub_days(Days::new(2))?;
        first.iter_days().take(DATES_TO_NEXT_START).find_map(|date| {
            let starts = self.openings_on(date).filter_map(|opening| Edge::at(&self.zone, opening.start));
            starts.map(|edge| edge.passed).filter(|start| *start > instant).min()
        })
    }

    /// When the stretch that holds an open instant ends.
    fn closes(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let limit = instant.checked_add_signed(HORIZON)?;
        let freeze = self.freezes.iter().map(|freeze| freeze.span.start).filter(|start| *start > instant).min();
        let mut end = instant;
        while let Some(stretch) = self.stretch(end) {
            end = stretch.end;
            match freeze {
                Some(freeze) if freeze <= end => return Some(freeze),
                _ if end > limit => return None,
                _ => {}
            }
        }
        Some(end)
    }

    /// When the stretch that holds an open instant began.
    fn since(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let limit = instant.checked_sub_signed(HORIZON)?;
        let thaw = self.freezes.iter().map(|freeze| freeze.span.end).filter(|end| *end <= instant).max();
        let mut start = instant;
        let mut before = instant;
        while let Some(stretch) = self.stretch(before) {
            start = stretch.start;
            match thaw {
                Some(thaw) if thaw >= start => return Some(thaw),
                _ if start < limit => return None,
                // Every edge is a whole second.
                _ => before = start.checked_sub_signed(TimeDelta::seconds(1))?,
            }
        }
        Some(start)
    }
}

impl Opening {
    fn on(&self, date: NaiveDate) -> Option<Range<NaiveDateTime>> {
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

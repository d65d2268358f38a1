//! Times that stand for themselves, each on the clock of a zone: what closes a window, and what the events of a calendar open.
//!
//! They are not joined on the wall as the hours of a window are, so that each may be of a zone of its own.

use super::local::{self, Edge, FURTHEST};
use super::recurrence::Rule;
use super::zone::Zone;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use std::ops::Range;
use std::sync::Arc;

/// How an edge that can be read in two ways is read: in either case so that the window stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As much as it may be, for what closes.
    Widest,
    /// What it is in either case, for what opens.
    Narrowest,
}

/// Why a window is open or closed: what somebody wrote, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Why {
    /// In the words of the writer, if there are any.
    pub reason: Option<Arc<str>>,
    /// `freezes[0]`, `open[1]`, `calendars/holidays.ics:12`.
    pub written: Arc<str>,
}

impl Why {
    /// The reason, or else where it is written.
    pub fn said(&self) -> &str {
        self.reason.as_ref().unwrap_or(&self.written)
    }
}

/// From when to when on the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// From this time of the day on.
    pub(super) from: NaiveTime,
    /// So long on the wall.
    pub(super) length: TimeDelta,
    /// So long in truth as well: what RFC 5545 means by hours of a DURATION. Where the clocks change the two differ.
    pub(super) is_exact: bool,
}

/// One time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fixed {
    pub(super) zone: Zone,
    pub(super) wall: Range<NaiveDateTime>,
    pub(super) span: Range<DateTime<Utc>>,
    pub(super) why: Why,
}

/// A time that comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repeated {
    pub(super) zone: Zone,
    pub(super) rule: Rule,
    pub(super) shape: Shape,
    pub(super) why: Why,
}

/// Some of both, all read in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Times {
    reading: Reading,
    once: Vec<Fixed>,
    again: Vec<Repeated>,
}

impl Fixed {
    /// A time between two times on the wall; `None` if nothing is left of it, and at the limits of what chrono can represent.
    pub(super) fn new(zone: &Zone, wall: Range<NaiveDateTime>, is_exact: bool, reading: Reading, why: Why) -> Option<Self> {
        let (start, end) = (Edge::at(zone, wall.start)?, Edge::at(zone, wall.end)?);
        let after = |instant: DateTime<Utc>| instant.checked_add_signed(wall.end.signed_duration_since(wall.start));
        let span = match reading {
            Reading::Widest if is_exact => start.earliest..end.latest.max(after(start.latest)?),
            Reading::Widest => start.earliest..end.latest,
            Reading::Narrowest if is_exact => start.passed..end.reached.min(after(start.reached)?),
            Reading::Narrowest => start.passed..end.reached,
        };
        let is_left_out = reading == Reading::Narrowest && local::is_left_out(zone, wall.start.date());
        (!is_left_out && span.start < span.end).then(|| Self { zone: zone.clone(), wall, span, why })
    }
}

impl Repeated {
    fn on(&self, date: NaiveDate, reading: Reading) -> Option<Fixed> {
        let start = date.and_time(self.shape.from);
        let end = start.checked_add_signed(self.shape.length)?;
        Fixed::new(&self.zone, start..end, self.shape.is_exact, reading, self.why.clone())
    }

    /// Those that may have to do with a stretch of time, in order.
    fn around(&self, time: Range<DateTime<Utc>>, reading: Reading) -> impl Iterator<Item = Fixed> {
        let furthest = TimeDelta::seconds(FURTHEST);
        let first = local::wall(&self.zone, time.start).and_then(|wall| wall.checked_sub_signed(furthest));
        let last = local::wall(&self.zone, time.end).and_then(|wall| wall.checked_add_signed(furthest));
        // The first date is one on which it may begin to reach there.
        let dates = first.zip(last).and_then(|(first, last)| Some((first.checked_sub_signed(self.shape.length)?.date(), last.date())));
        let dates = dates.into_iter().flat_map(|(first, last)| first.iter_days().take_while(move |date| *date <= last));
        let reaches = move |date: &NaiveDate| {
            let start = date.and_time(self.shape.from);
            let end = start.checked_add_signed(self.shape.length);
            last.is_some_and(|last| start <= last) && end.zip(first).is_none_or(|(end, first)| first <= end)
        };
        dates.filter(|date| self.rule.is_on(*date)).filter(reaches).filter_map(move |date| self.on(date, reading))
    }
}

impl Times {
    pub(super) fn new(reading: Reading) -> Self {
        Self { reading, once: Vec::new(), again: Vec::new() }
    }

    pub(super) fn reading(&self) -> Reading {
        self.reading
    }

    pub(super) fn add(&mut self, fixed: Fixed) {
        self.once.push(fixed);
    }

    pub(super) fn add_repeated(&mut self, repeated: Repeated) {
        self.again.push(repeated);
    }

    /// The time that holds an instant, of several the one that lasts longest; the reason settles a tie, never the order in a file.
    pub(super) fn holding(&self, instant: DateTime<Utc>) -> Option<Fixed> {
        let once = self.once.iter().filter(|fixed| fixed.span.contains(&instant)).cloned();
        let now = instant..instant;
        let again = self.again.iter().flat_map(|repeated| repeated.around(now.clone(), self.reading));
        let holding = once.chain(again.filter(|fixed| fixed.span.contains(&instant)));
        holding.max_by(|a, b| (a.span.end, &a.why).cmp(&(b.span.end, &b.why)))
    }

    /// Every time that has to do with a stretch, in no order.
    pub(super) fn around(&self, time: &Range<DateTime<Utc>>) -> impl Iterator<Item = Fixed> {
        let touches = |fixed: &Fixed| fixed.span.start <= time.end && time.start <= fixed.span.end;
        let again = self.again.iter().flat_map(|repeated| repeated.around(time.clone(), self.reading));
        self.once.iter().cloned().chain(again).filter(touches)
    }

    /// The first start after an instant and up to another.
    pub(super) fn next_start(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let is_next = |start: &DateTime<Utc>| after < *start && *start <= until;
        let once = self.once.iter().map(|fixed| fixed.span.start).filter(is_next);
        let again = self.again.iter().filter_map(|repeated| {
            let mut starts = repeated.around(after..until, self.reading).map(|fixed| fixed.span.start);
            starts.find(is_next)
        });
        once.chain(again).min()
    }

    /// The last end in a stretch, both its ends included.
    pub(super) fn last_end(&self, time: &Range<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        self.around(time).map(|fixed| fixed.span.end).filter(|end| time.start <= *end && *end <= time.end).max()
    }

    /// The zones on whose clocks they stand, each at least once.
    pub(super) fn zones(&self) -> impl Iterator<Item = &Zone> {
        self.once.iter().map(|fixed| &fixed.zone).chain(self.again.iter().map(|repeated| &repeated.zone))
    }
}

//! What the writer of a window should look at before it happens.

use super::local::{self, Edge};
use super::times::Why;
use super::{Opening, Touched, Window};
use chrono::{DateTime, Months, NaiveDate, NaiveDateTime, Utc};
use std::ops::Range;
use std::sync::Arc;

/// What there is to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It does not open in this time, which is within the next five years.
    NeverOpens,
    /// It does not close in this time.
    NeverCloses,
    /// An entry of `open` never opens anything that is not closed: it comes no more, or something closes each of its times.
    NeverUsed(Why),
    /// Two entries of `open` say the same of some time.
    Overlaps(Overlap),
    /// The last event of a calendar ends here, within a year.
    CalendarEnds(Arc<str>, DateTime<Utc>),
    /// The clocks change where it matters.
    ClocksChange(Touched),
}

/// Two entries of `open` that overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The entries.
    pub entries: [Why; 2],
    /// The first time that they both hold, on the wall.
    pub first: Range<NaiveDateTime>,
}

impl Window {
    /// What there is to look at in a period, the least usual first.
    pub fn lint(&self, period: &Range<DateTime<Utc>>) -> Vec<Finding> {
        let open = self.open_during(period);
        if open.is_empty() {
            return vec![Finding::NeverOpens];
        }
        let never_closes = matches!(open.as_slice(), [all] if all.start <= period.start && all.end >= period.end);
        // What the forge freezes is not known here.
        let never_closes = (never_closes && !self.heeds_freezes()).then_some(Finding::NeverCloses);
        let in_a_year = period.start.checked_add_months(Months::new(12)).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let ends = self.ends.iter().filter_map(|(path, end)| Some((path, (*end)?))).filter(|(_, end)| *end < in_a_year);
        let calendars = ends.map(|(path, end)| Finding::CalendarEnds(Arc::clone(path), end));
        let hours = self.about_hours(&self.dates(period), &open);
        let changes = self.touched_transitions(period).into_iter().map(Finding::ClocksChange);
        never_closes.into_iter().chain(calendars).chain(hours).chain(changes).collect()
    }

    /// The dates of the window's wall clock in a period.
    fn dates(&self, period: &Range<DateTime<Utc>>) -> Vec<NaiveDate> {
        let date = |instant| Some(local::wall(&self.zone, instant)?.date());
        let (first, last) = (date(period.start), date(period.end));
        first.zip(last).into_iter().flat_map(|(first, last)| first.iter_days().take_while(move |date| *date < last)).collect()
    }

    /// When it is open in a period, cut at its ends.
    pub fn open_during(&self, period: &Range<DateTime<Utc>>) -> Vec<Range<DateTime<Utc>>> {
        let stretches = self.stretches(period.start).take_while(|(opens, _)| *opens < period.end);
        stretches.map(|(opens, closes)| opens..closes.unwrap_or(period.end).min(period.end)).collect()
    }

    fn about_hours(&self, dates: &[NaiveDate], open: &[Range<DateTime<Utc>>]) -> Vec<Finding> {
        let unused = self.openings.iter().filter(|opening| !self.is_used(opening, dates, open));
        let unused = unused.map(|opening| Finding::NeverUsed(opening.why.clone()));
        let pairs = self.openings.iter().enumerate().flat_map(|(i, one)| self.openings.iter().skip(i + 1).map(move |other| [one, other]));
        let overlaps = pairs.filter_map(|pair| {
            let first = first_overlap(pair, dates)?;
            Some(Finding::Overlaps(Overlap { entries: pair.map(|opening| opening.why.clone()), first }))
        });
        unused.chain(overlaps).collect()
    }

    /// Whether some of an opening is open. `open` is in order.
    fn is_used(&self, opening: &Opening, dates: &[NaiveDate], open: &[Range<DateTime<Utc>>]) -> bool {
        let runs = dates.iter().filter_map(|date| opening.on(*date));
        let mut spans = runs.filter_map(|run| Some(Edge::at(&self.zone, run.start)?.passed..Edge::at(&self.zone, run.end)?.reached));
        spans.any(|span| {
            let next = open.partition_point(|open| open.end <= span.start);
            open.get(next).is_some_and(|open| open.start < span.end)
        })
    }
}

/// No opening lasts two days, so only that of the day before may reach into one.
fn first_overlap([one, other]: [&Opening; 2], dates: &[NaiveDate]) -> Option<Range<NaiveDateTime>> {
    dates.iter().find_map(|date| {
        let before = date.pred_opt();
        let pairs = [(Some(*date), Some(*date)), (before, Some(*date)), (Some(*date), before)];
        pairs.into_iter().find_map(|(first, second)| {
            let (first, second) = (one.on(first?)?, other.on(second?)?);
            let both = first.start.max(second.start)..first.end.min(second.end);
            (both.start < both.end).then_some(both)
        })
    })
}

//! A week as a picture: seven days of half hours, on the wall clock.

use super::Window;
use super::local::{self, Edge};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use std::ops::Range;

/// Half hours.
pub const CELLS_A_DAY: u32 = 48;

const MINUTES_A_CELL: u32 = 30;

/// What a window is during half an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Open all of it.
    Open,
    /// Open some of it, or one of the two times that it comes.
    Partly,
    /// Not open.
    Closed,
    /// Not open, and something closes it.
    Shut,
    /// The clock skips it.
    Skipped,
}

/// A day of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Which.
    pub date: NaiveDate,
    /// Its half hours, [`CELLS_A_DAY`] of them.
    pub cells: Vec<Cell>,
    /// In which of them the instant is that was asked about, if it is in this day.
    pub asked: Option<usize>,
}

impl Window {
    /// The week, from Monday on, in which an instant is on the window's wall clock; empty at the limits of what chrono can represent.
    pub fn week(&self, instant: DateTime<Utc>) -> Vec<Day> {
        let wall = local::wall(&self.zone, instant);
        let monday = wall.and_then(|wall| wall.date().week(Weekday::Mon).checked_first_day());
        let (Some(wall), Some(monday)) = (wall, monday) else { return Vec::new() };
        let Some(open) = self.open_around(monday) else { return Vec::new() };
        let days = monday.iter_days().take(7).map(|date| {
            let asked = (date == wall.date())
                .then(|| wall.signed_duration_since(date.and_time(NaiveTime::MIN)).num_minutes() / i64::from(MINUTES_A_CELL));
            Day {
                date,
                cells: (0..CELLS_A_DAY).map(|index| self.cell(date, index, &open)).collect(),
                asked: asked.and_then(|cell| usize::try_from(cell).ok()),
            }
        });
        days.collect()
    }

    /// When it is open in a week, and a day before and after.
    fn open_around(&self, monday: NaiveDate) -> Option<Vec<Range<DateTime<Utc>>>> {
        let instant = |date: NaiveDate| Some(Edge::at(&self.zone, date.and_time(NaiveTime::MIN))?.reached);
        let (first, last) = (instant(monday.checked_sub_days(Days::new(1))?)?, instant(monday.checked_add_days(Days::new(8))?)?);
        let stretches = self.stretches(first).map(|(opens, closes)| opens..closes.unwrap_or(last));
        Some(stretches.take_while(|stretch| stretch.start < last).collect())
    }

    fn cell(&self, date: NaiveDate, index: u32, open: &[Range<DateTime<Utc>>]) -> Cell {
        let start = date.and_time(NaiveTime::MIN) + TimeDelta::minutes((index * MINUTES_A_CELL).into());
        let Some(edge) = Edge::at(&self.zone, start).filter(|edge| !edge.is_skipped()) else { return Cell::Skipped };
        let times = [edge.reached, edge.passed].map(|start| start..start + TimeDelta::minutes(MINUTES_A_CELL.into()));
        let is_whole = |time: &Range<DateTime<Utc>>| open.iter().any(|open| open.start <= time.start && time.end <= open.end);
        let is_some = |time: &Range<DateTime<Utc>>| open.iter().any(|open| open.start < time.end && time.start < open.end);
        match () {
            () if times.iter().all(is_whole) => Cell::Open,
            () if times.iter().any(is_some) => Cell::Partly,
            () if self.closed.holding(edge.reached).is_some() => Cell::Shut,
            () => Cell::Closed,
        }
    }
}

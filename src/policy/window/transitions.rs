//! The changes of the clocks that touch a window, for people to look at before they happen.

use super::Window;
use super::local::wall;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use std::ops::Range;

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
        let changes = self.zone.changes(period.start.timestamp()..period.end.timestamp());
        changes.filter_map(|second| self.touched(DateTime::from_timestamp(second, 0)?)).collect()
    }

    fn touched(&self, at: DateTime<Utc>) -> Option<Touched> {
        let second = TimeDelta::seconds(1);
        let before = wall(&self.zone, at.checked_sub_signed(second)?)?.checked_add_signed(second)?;
        let after = wall(&self.zone, at)?;
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

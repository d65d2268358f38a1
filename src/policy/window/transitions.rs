//! The changes of the clocks that touch a window, for people to look at before they happen.

use super::local::wall;
use super::times::Times;
use super::{Window, Zone};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use std::ops::Range;

/// A change of the clocks that touches a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// The zone whose clocks change: the window's own, or one that a calendar names.
    pub zone: Zone,
    /// The first instant after the change.
    pub at: DateTime<Utc>,
    /// What the clock on the wall would have shown at `at` without the change.
    pub before: NaiveDateTime,
    /// What it shows. Later than `before`, the time between them is skipped; earlier, it comes twice.
    pub after: NaiveDateTime,
    /// What it does to the openings; of several effects the greatest.
    pub openings: Option<Effect>,
    /// What it does to what closes the window; of several effects the greatest.
    pub closings: Option<Effect>,
}

/// What a change of the clocks does to an opening, or to what closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It happens inside, and makes it shorter or longer than it is on other days.
    Within,
    /// A start or an end lies in the time that is skipped or comes twice, so that it could be read in two ways.
    Moves,
}

impl Window {
    /// The changes of the clocks that happen in a period, to the second and half-open, and touch what opens or closes the window; in
    /// order.
    pub fn touched_transitions(&self, period: &Range<DateTime<Utc>>) -> Vec<Touched> {
        let mut zones = vec![&self.zone];
        for zone in self.opened.zones().chain(self.closed.zones()) {
            if !zones.contains(&zone) {
                zones.push(zone);
            }
        }
        let changes = |zone: &Zone| zone.changes(period.start.timestamp()..period.end.timestamp()).collect::<Vec<_>>();
        let touched = |zone: &Zone, second: i64| self.touched(zone, DateTime::from_timestamp(second, 0)?);
        let mut all: Vec<Touched> =
            zones.into_iter().flat_map(|zone| changes(zone).into_iter().filter_map(move |second| touched(zone, second))).collect();
        all.sort_by_key(|touched| touched.at);
        all
    }

    fn touched(&self, zone: &Zone, at: DateTime<Utc>) -> Option<Touched> {
        let second = TimeDelta::seconds(1);
        let before = wall(zone, at.checked_sub_signed(second)?)?.checked_add_signed(second)?;
        let after = wall(zone, at)?;
        let unclear = before.min(after)..before.max(after);
        let near = at.checked_sub_signed(NEAR)?..at.checked_add_signed(NEAR)?;
        let effect_on =
            |times: &Times| times.around(&near).filter(|fixed| fixed.zone == *zone).filter_map(|fixed| effect(&fixed.wall, &unclear)).max();
        let hours = if *zone == self.zone { self.runs(after.date()) } else { Vec::new() };
        let openings = hours.iter().filter_map(|run| effect(run, &unclear)).max().max(effect_on(&self.opened));
        let closings = effect_on(&self.closed);
        (openings.is_some() || closings.is_some()).then(|| Touched { zone: zone.clone(), at, before, after, openings, closings })
    }
}

/// What lies further from a change of the clocks than this is not touched by it.
const NEAR: TimeDelta = TimeDelta::days(2);

fn effect(span: &Range<NaiveDateTime>, unclear: &Range<NaiveDateTime>) -> Option<Effect> {
    if unclear.contains(&span.start) || unclear.contains(&span.end) {
        return Some(Effect::Moves);
    }
    (span.start < unclear.start && unclear.end <= span.end).then_some(Effect::Within)
}

//! What decides about an instant.

use super::times::Why;
use super::{Opening, Window, local};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::ops::Range;

/// What decides whether a window is open at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decides {
    /// Something closes it; the one that lasts longest, and from when to when.
    Closed(Why, Range<DateTime<Utc>>),
    /// Something opens it, and nothing closes it: everything that does.
    Open(Vec<Why>),
    /// Nothing opens it.
    Nothing,
}

impl Window {
    /// What decides about an instant.
    pub fn decides(&self, instant: DateTime<Utc>) -> Decides {
        if let Some(closed) = self.closed.holding(instant) {
            return Decides::Closed(closed.why, closed.span);
        }
        if self.stretch(instant).is_none() {
            return Decides::Nothing;
        }
        let now = instant..instant;
        let opened = self.opened.around(&now).filter(|opened| opened.span.contains(&instant)).map(|opened| opened.why);
        let hours = self.hours(instant).and_then(|_| local::wall(&self.zone, instant)).into_iter().flat_map(|wall| self.holding(wall));
        let mut all: Vec<Why> = hours.chain(opened).collect();
        all.sort_by(|a, b| a.written.cmp(&b.written));
        all.dedup();
        Decides::Open(all)
    }

    /// The entries of `open` that hold a time on the wall.
    fn holding(&self, wall: NaiveDateTime) -> impl Iterator<Item = Why> {
        let dates = [wall.date().pred_opt(), Some(wall.date())];
        let is_on = move |opening: &&Opening| dates.iter().flatten().any(|date| opening.on(*date).is_some_and(|run| run.contains(&wall)));
        self.openings.iter().filter(is_on).map(|opening| opening.why.clone())
    }
}

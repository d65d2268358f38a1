//! The deploy freezes that a forge has for the project, which close a window that heeds them.

use super::cron::Cron;
use super::times::{Fixed, Reading, Why};
use super::{HORIZON, Window, Zone, local};
use crate::proposal::{Freeze, Freezes};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use std::sync::Arc;

/// What is told to whoever has to wait.
const REASON: &str = "a deploy freeze of the project";

/// Whether a window heeds the freezes of the forge, and what is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heeds {
    /// It does not.
    Nothing,
    /// It does, and when they are is not known, for this reason.
    Unknown(Arc<str>),
    /// It does, and they are among what closes it.
    Known,
}

impl Heeds {
    /// Before anybody was asked.
    pub(super) fn unknown() -> Self {
        Self::Unknown("nobody was asked".into())
    }
}

impl Window {
    /// Whether the freezes of the forge close it.
    pub fn heeds_freezes(&self) -> bool {
        self.heeds != Heeds::Nothing
    }

    /// Why nobody knows whether the forge has frozen the project, if that closes it.
    pub fn unknown_freezes(&self) -> Option<&str> {
        if let Heeds::Unknown(why) = &self.heeds { Some(why) } else { None }
    }

    /// The window with the freezes that the forge has, around an instant; or why they are not known.
    pub(crate) fn with_freezes(&mut self, freezes: Result<&Freezes, &str>, now: DateTime<Utc>) {
        if !self.heeds_freezes() {
            return;
        }
        let closures = freezes.map_err(Arc::from).and_then(|freezes| closures(freezes, now));
        self.heeds = match closures {
            Ok(closures) => {
                for fixed in closures {
                    self.closed.add(fixed);
                }
                Heeds::Known
            }
            Err(why) => Heeds::Unknown(why),
        };
    }
}

fn closures(freezes: &Freezes, now: DateTime<Utc>) -> Result<Vec<Fixed>, Arc<str>> {
    let mut closures = Vec::new();
    for freeze in &freezes.periods {
        closures.extend(spans(freeze, now).ok_or_else(|| not_understood(freeze))?);
    }
    let is_on = closures.iter().any(|fixed| fixed.span.contains(&now));
    if freezes.active && !is_on {
        // The forge says so, and not until when.
        let why = Why { reason: Some(REASON.into()), written: "freezes.active".into() };
        let ends = now.checked_add_signed(HORIZON * 2).unwrap_or(DateTime::<Utc>::MAX_UTC);
        closures.push(Fixed { zone: Zone::utc(), wall: now.naive_utc()..ends.naive_utc(), span: now..ends, why });
    }
    Ok(closures)
}

fn not_understood(freeze: &Freeze) -> Arc<str> {
    let Freeze { starts, ends, zone } = freeze;
    format!(
        "the freeze from `{starts}` to `{ends}` in `{zone}` is not understood; write it in five fields, without what only some readers know, \
         and with the name of an IANA time zone"
    )
    .into()
}

/// The times of a freeze, as far as a window looks. Each lasts from a start to the first end after it.
fn spans(freeze: &Freeze, now: DateTime<Utc>) -> Option<Vec<Fixed>> {
    let (starts, ends, zone) = (Cron::read(&freeze.starts)?, Cron::read(&freeze.ends)?, Zone::named(&freeze.zone)?);
    let date = |instant: Option<DateTime<Utc>>| Some(local::wall(&zone, instant?)?.date());
    let margin = TimeDelta::days(2);
    let first = date(now.checked_sub_signed(HORIZON + margin))?;
    let last = date(now.checked_add_signed(HORIZON + margin))?;
    let dates = || first.iter_days().take_while(move |date| *date <= last);
    let mut ends = ends.on(dates()).peekable();
    let mut spans: Vec<Fixed> = Vec::new();
    for start in starts.on(dates()) {
        if spans.last().is_some_and(|span| start < span.wall.end) {
            continue;
        }
        while ends.next_if(|end| *end <= start).is_some() {}
        let end = ends.peek().copied().or_else(|| beyond(last))?;
        let why = Why { reason: Some(REASON.into()), written: format!("freeze `{}` to `{}`", freeze.starts, freeze.ends).into() };
        spans.extend(Fixed::new(&zone, start..end, false, Reading::Widest, why));
    }
    Some(spans)
}

/// Where nothing ends it, it lasts for longer than anybody looks.
fn beyond(last: NaiveDate) -> Option<NaiveDateTime> {
    last.and_hms_opt(0, 0, 0)?.checked_add_signed(HORIZON)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::window::{Definition, State};
    use std::collections::BTreeMap;

    fn freeze(starts: &str, ends: &str, zone: &str) -> Freeze {
        Freeze { starts: starts.to_owned(), ends: ends.to_owned(), zone: zone.to_owned() }
    }

    /// A window that is always open, and heeds these.
    fn window(active: bool, periods: Vec<Freeze>, now: &str) -> Window {
        let written = serde_json::json!({ "zone": "UTC", "otherwise": "open", "forge-freezes": true });
        let definition: Definition = serde_json::from_value(written).unwrap();
        let mut window = Window::checked(&definition, &BTreeMap::new()).unwrap();
        window.with_freezes(Ok(&Freezes { active, periods }), at(now));
        window
    }

    fn at(instant: &str) -> DateTime<Utc> {
        instant.parse().unwrap()
    }

    #[track_caller]
    fn closed_until(window: &Window, instant: &str, until: Option<&str>) {
        let State::Closed { opens, .. } = window.at(at(instant)) else { panic!("it is open on {instant}") };
        assert_eq!(opens, until.map(at), "{instant}");
    }

    #[test]
    fn a_freeze_lasts_from_its_start_to_the_first_end_after_it() {
        let window = window(false, vec![freeze("0 18 * * 5", "0 8 * * 1,3", "UTC")], "2026-01-07T00:00:00Z");
        assert!(window.is_open(at("2026-01-09T17:59:59Z")));
        closed_until(&window, "2026-01-09T18:00:00Z", Some("2026-01-12T08:00:00Z"));
        closed_until(&window, "2026-01-12T07:59:59Z", Some("2026-01-12T08:00:00Z"));
        assert!(window.is_open(at("2026-01-12T08:00:00Z")) && window.is_open(at("2026-01-14T07:00:00Z")));
    }

    #[test]
    fn a_start_within_a_freeze_changes_nothing_and_one_that_nothing_ends_goes_on() {
        let daily = window(false, vec![freeze("0 18 * * *", "0 8 * * 1", "UTC")], "2026-01-07T00:00:00Z");
        closed_until(&daily, "2026-01-07T00:00:00Z", Some("2026-01-12T08:00:00Z"));
        let endless = window(false, vec![freeze("0 0 1 1 *", "0 0 31 2 *", "UTC")], "2026-01-07T00:00:00Z");
        closed_until(&endless, "2026-01-07T00:00:00Z", None);
    }

    #[test]
    fn it_is_on_the_clock_of_its_own_zone_and_what_is_read_in_two_ways_is_closed() {
        // The clocks of Berlin go from three back to two on 25 October 2026.
        let window = window(false, vec![freeze("30 2 25 10 *", "45 2 25 10 *", "Europe/Berlin")], "2026-10-24T00:00:00Z");
        assert!(window.is_open(at("2026-10-25T00:29:59Z")));
        closed_until(&window, "2026-10-25T00:30:00Z", Some("2026-10-25T01:45:00Z"));
    }

    #[test]
    fn a_freeze_that_is_on_by_the_word_of_the_forge_alone_has_no_end() {
        let now = "2026-01-07T12:00:00Z";
        closed_until(&window(true, Vec::new(), now), now, None);
        let known = window(true, vec![freeze("0 9 * * 3", "0 17 * * 3", "UTC")], now);
        closed_until(&known, now, Some("2026-01-07T17:00:00Z"));
    }

    #[test]
    fn nobody_knows_what_is_not_understood_whatever_else_is() {
        let window =
            window(false, vec![freeze("0 18 * * 5", "0 8 * * 1", "UTC"), freeze("@daily", "0 8 * * 1", "UTC")], "2026-01-07T00:00:00Z");
        assert!(window.unknown_freezes().unwrap().contains("the freeze from `@daily`"));
    }
}

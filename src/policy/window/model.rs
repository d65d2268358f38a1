//! A window again, as naively as can be: minute by minute, from UTC to the wall clock and never back.
//!
//! It knows an hour that comes twice by seeing a minute twice, a skipped hour by seeing the clock jump, and finds the edges of an opening
//! by walking. The window must agree with it at every minute around every change of the clocks, and on any other day.

use super::*;
use crate::document::{Bounds, Syntax, parse};
use chrono::{Offset, TimeZone};
use chrono_tz::Tz;
use proptest::prelude::*;
use std::collections::BTreeMap;

const DAY: i64 = 24 * 60;
const DAY_NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A window in numbers, so that the model does not share the reading of the definition.
#[derive(Clone, Debug)]
struct Sketch {
    zone: Tz,
    /// Days from 0 for Monday, and minutes of the day; the second may be the end of the day, or on the following day.
    open: Vec<(Vec<i64>, i64, i64)>,
    /// The same on the dates of a rule.
    rules: Vec<(Ruled, i64, i64)>,
    /// As `open`, and closes.
    closed: Vec<(Vec<i64>, i64, i64)>,
    /// As `rules`, and closes.
    closed_by_rules: Vec<(Ruled, i64, i64)>,
    /// Wall-clock minutes since 1970.
    freezes: Vec<(i64, i64)>,
    /// Whether it is open when nothing closes it; then `open` and `rules` are empty.
    otherwise: bool,
    /// Whether a calendar says what closes.
    in_calendar: bool,
}

/// A rule, and the dates that the crate `rrule` makes of it, in days since 1970.
#[derive(Clone, Debug)]
struct Ruled {
    rrule: &'static str,
    dates: Vec<i64>,
}

/// Each begins on one of its dates in 2010, and goes on.
const RULES: [(&str, &str); 6] = [
    ("FREQ=MONTHLY;BYDAY=1TU", "2010-01-05"),
    ("FREQ=MONTHLY;BYDAY=-1SU", "2010-01-31"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2010-01-29"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU", "2010-01-02"),
    ("FREQ=YEARLY;BYMONTH=3,4,10,11;BYDAY=SU", "2010-03-07"),
    ("FREQ=DAILY;INTERVAL=3", "2010-01-01"),
];

impl Ruled {
    fn all() -> Vec<Self> {
        let at = |text: &str| rrule::Tz::UTC.from_utc_datetime(&text.parse::<NaiveDate>().unwrap().and_time(NaiveTime::MIN));
        let ruled = |(rrule, starts): &(&'static str, &str)| {
            let rule: rrule::RRule<rrule::Unvalidated> = rrule.parse().unwrap();
            let set = rule.build(at(starts)).unwrap().before(at("2032-01-01"));
            let dates = set.all(u16::MAX).dates.into_iter().map(|date| date.timestamp() / 60 / DAY);
            Self { rrule, dates: dates.collect() }
        };
        RULES.iter().map(ruled).collect()
    }

    fn is_on(&self, date: i64) -> bool {
        self.dates.binary_search(&date).is_ok()
    }
}

impl Sketch {
    fn silent(zone: Tz) -> Self {
        let (open, rules, closed, closed_by_rules) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { zone, open, rules, closed, closed_by_rules, freezes: Vec::new(), otherwise: false, in_calendar: false }
    }

    fn window(&self) -> Window {
        let time = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let name = |day: &i64| DAY_NAMES[usize::try_from(*day).unwrap()].to_owned();
        let reason = |closes: bool| closes.then(|| "quiet".to_owned());
        let weekly = |closes: bool| {
            move |(days, from, to): &(Vec<i64>, i64, i64)| Hours {
                days: Some(days.iter().map(name).collect()),
                from: Some(time(*from)),
                to: Some(time(*to)),
                reason: reason(closes),
                ..Hours::default()
            }
        };
        let ruled = |closes: bool| {
            move |(rule, from, to): &(Ruled, i64, i64)| Hours {
                rrule: Some(rule.rrule.to_owned()),
                starts: Some(clock(rule.dates[0] * DAY).date().to_string()),
                from: Some(time(*from)),
                to: Some(time(*to)),
                reason: reason(closes),
                ..Hours::default()
            }
        };
        let date_time = |minute: i64| clock(minute).format("%Y-%m-%dT%H:%M").to_string();
        let freeze = |(from, to): &(i64, i64)| FreezePeriod { from: date_time(*from), to: date_time(*to), reason: "quiet".into() };
        let open = self.open.iter().map(weekly(false)).chain(self.rules.iter().map(ruled(false)));
        let mut definition = Definition {
            zone: self.zone.to_string(),
            open: open.collect(),
            closed: self.closed.iter().map(weekly(true)).chain(self.closed_by_rules.iter().map(ruled(true))).collect(),
            freezes: self.freezes.iter().map(freeze).collect(),
            calendars: Vec::new(),
            forge_freezes: false,
            otherwise: if self.otherwise { OpenOrClosed::Open } else { OpenOrClosed::Closed },
        };
        let calendar = self.calendar().filter(|_| self.in_calendar);
        if calendar.is_some() {
            (definition.closed, definition.freezes) = (Vec::new(), Vec::new());
            definition.calendars.push(CalendarFile { file: "a.ics".into(), means: OpenOrClosed::Closed });
        }
        Window::checked(&definition, &BTreeMap::from([("a.ics".to_owned(), calendar)])).unwrap()
    }

    /// What closes it, as a calendar says that, if anything does.
    fn calendar(&self) -> Option<Calendar> {
        let event = |from: i64, to: i64, rule: &str| {
            let line = |name, minute| format!("{name};TZID={}:{}\n", self.zone, clock(minute).format("%Y%m%dT%H%M%S"));
            format!("BEGIN:VEVENT\n{}{}{rule}END:VEVENT\n", line("DTSTART", from), line("DTEND", to))
        };
        let end = |from: i64, to: i64| if to < from { to + DAY } else { to };
        let weekly = self.closed.iter().flat_map(|(days, from, to)| days.iter().map(move |day| (day, *from, *to)));
        // 4 January 2010 was a Monday.
        let monday = minute((2010, 1, 4));
        let weekly =
            weekly.map(|(day, from, to)| event(monday + day * DAY + from, monday + day * DAY + end(from, to), "RRULE:FREQ=WEEKLY\n"));
        let ruled = self.closed_by_rules.iter().map(|(rule, from, to)| {
            let first = rule.dates[0] * DAY;
            event(first + from, first + end(*from, *to), &format!("RRULE:{}\n", rule.rrule))
        });
        let once = self.freezes.iter().map(|(from, to)| event(*from, *to, ""));
        let events: String = weekly.chain(ruled).chain(once).collect();
        let text = format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR\n");
        let file = parse("a.ics", text.as_bytes(), Syntax::Lines, &Bounds::default()).unwrap();
        (!events.is_empty()).then(|| Calendar::read(&file).unwrap_or_else(|wrong| panic!("{wrong:#?}\n{text}")))
    }
}

/// What the clock on the wall shows, minute by minute, over some days.
struct Walls {
    first: i64,
    shown: Vec<i64>,
    /// What it shows twice, sorted.
    twice: Vec<i64>,
    dates: Vec<i64>,
}

impl Walls {
    fn new(zone: Tz, minutes: Range<i64>) -> Self {
        let first = minutes.start;
        let shown: Vec<_> = minutes.map(|utc| utc + offset(zone, utc)).collect();
        let mut sorted = shown.clone();
        sorted.sort_unstable();
        let twice = sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        let mut dates: Vec<_> = shown.iter().map(|wall| wall.div_euclid(DAY)).collect();
        dates.dedup();
        Self { first, shown, twice, dates }
    }

    fn twice(&self, wall: i64) -> bool {
        self.twice.binary_search(&wall).is_ok()
    }

    fn in_hours(&self, sketch: &Sketch, wall: i64) -> bool {
        if sketch.otherwise {
            return true;
        }
        let (date, minute) = (wall.div_euclid(DAY), wall.rem_euclid(DAY));
        let holds = |from: i64, to: i64, is_on: &dyn Fn(i64) -> bool| {
            let since_today = from <= minute && (minute < to || to < from) && is_on(date);
            let over_midnight = to < from && minute < to && is_on(date - 1);
            since_today || (over_midnight && self.dates.contains(&(date - 1)))
        };
        sketch.open.iter().any(|(days, from, to)| holds(*from, *to, &|date| days.contains(&weekday(date))))
            || sketch.rules.iter().any(|(rule, from, to)| holds(*from, *to, &|date| rule.is_on(date)))
    }

    /// Every time that something closes which comes again, around these days, in wall-clock minutes.
    fn closings(&self, sketch: &Sketch) -> Vec<(i64, i64)> {
        let end = |from: i64, to: i64| if to < from { to + DAY } else { to };
        let (first, last) = (self.dates[0] - 2, self.dates[self.dates.len() - 1] + 2);
        let on = |date: i64| {
            let weekly = sketch.closed.iter().filter(move |(days, ..)| days.contains(&weekday(date))).map(|(_, from, to)| (*from, *to));
            let ruled = sketch.closed_by_rules.iter().filter(move |(rule, ..)| rule.is_on(date)).map(|(_, from, to)| (*from, *to));
            weekly.chain(ruled).map(move |(from, to)| (date * DAY + from, date * DAY + end(from, to)))
        };
        (first..=last).flat_map(on).collect()
    }

    /// Walks to the start of an opening the first time, to its end the second time; if that is an edge that comes twice, it is closed.
    fn open(&self, sketch: &Sketch, index: usize) -> bool {
        let mut wall = self.shown[index];
        if !self.in_hours(sketch, wall) || !self.twice(wall) {
            return self.in_hours(sketch, wall);
        }
        let first_time = !self.shown[..index].contains(&wall);
        while self.twice(wall) && self.in_hours(sketch, wall) {
            wall += if first_time { -1 } else { 1 };
        }
        if first_time { self.in_hours(sketch, wall) } else { !self.twice(wall) }
    }

    /// From the first minute that shows the start or more, to the last that shows the end, or to the first after which nothing shows
    /// less than the end; wider by what the clock skips of it.
    fn frozen(&self, (from, to): (i64, i64)) -> Range<i64> {
        let start = self.shown.iter().position(|wall| *wall >= from).unwrap_or(self.shown.len());
        let until = |wall: &i64| *wall < to || (*wall == to && self.twice(to));
        let end = self.shown.iter().rposition(until).map_or(0, |last| last + usize::from(!self.twice(to)));
        let inside = |index: usize| (1..self.shown.len()).contains(&index);
        let early = if inside(start) { self.shown[start] - from } else { 0 };
        let late = if inside(end) && self.shown[end] > to { to - self.shown[end - 1] - 1 } else { 0 };
        index(start) - early..index(end) + late
    }

    fn answers(&self, sketch: &Sketch) -> Vec<bool> {
        let closings = self.closings(sketch);
        let frozen: Vec<_> = sketch.freezes.iter().chain(&closings).map(|freeze| self.frozen(*freeze)).collect();
        let closed = |at: usize| frozen.iter().any(|freeze| freeze.contains(&index(at)));
        (0..self.shown.len()).map(|at| !closed(at) && self.open(sketch, at)).collect()
    }
}

/// From 0 for Monday: 1 January 1970 was a Thursday.
fn weekday(date: i64) -> i64 {
    (date + 3).rem_euclid(7)
}

fn index(at: usize) -> i64 {
    i64::try_from(at).unwrap()
}

fn instant(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(minute * 60, 0).unwrap()
}

fn clock(minute: i64) -> NaiveDateTime {
    instant(minute).naive_utc()
}

fn offset(zone: Tz, utc: i64) -> i64 {
    i64::from(zone.offset_from_utc_datetime(&clock(utc)).fix().local_minus_utc()) / 60
}

fn minute(date: (i32, u32, u32)) -> i64 {
    Utc.with_ymd_and_hms(date.0, date.1, date.2, 0, 0, 0).unwrap().timestamp() / 60
}

/// The minutes at which a zone changes its clocks.
fn changes(zone: Tz, years: Range<i32>) -> Vec<i64> {
    let days = (minute((years.start, 1, 1))..minute((years.end, 1, 1))).step_by(usize::try_from(DAY).unwrap());
    let changes = |from: i64, until: i64| offset(zone, from) != offset(zone, until);
    days.filter(|day| changes(*day, day + DAY))
        .flat_map(|day| (day..day + DAY).filter(|utc| changes(*utc, utc + 1)).map(|utc| utc + 1))
        .collect()
}

/// Compares the window with the model: open or not at some minutes, and everything it says at every 97th.
fn agree(walls: &Walls, sketch: &Sketch, minutes: impl Iterator<Item = i64>) {
    let (answers, window) = (walls.answers(sketch), sketch.window());
    for minute in minutes {
        let at = usize::try_from(minute - walls.first).unwrap();
        let now = instant(minute);
        assert_eq!(window.is_open(now), answers[at], "{sketch:?} at {now}, {}", window.render(now));
        if minute % 97 == 0 {
            agree_on_the_edges(&window, walls, &answers, at);
        }
    }
}

/// The days at both ends of the answers are left out, since there the model does not see the day before or after.
fn agree_on_the_edges(window: &Window, walls: &Walls, answers: &[bool], at: usize) {
    let day = usize::try_from(DAY).unwrap();
    let minute = |at: usize| instant(walls.first + index(at));
    let other = |at_other: &usize| answers[*at_other] != answers[at];
    let after = (at..answers.len() - day).find(other).map(minute);
    let before = (day..at).rev().find(other).map(|last| minute(last + 1));
    let now = minute(at);
    let (said_before, said_after) = match window.at(now) {
        State::Open { since, closes } => (since, closes),
        State::Closed { opens, .. } => (before, opens),
    };
    assert!(after.is_none() || said_after == after, "{window:?} after {now}: {said_after:?}, not {after:?}");
    assert!(before.is_none() || said_before == before, "{window:?} before {now}: {said_before:?}, not {before:?}");
    assert_eq!(window.next_opening(now) == Some(now), answers[at]);
}

/// Windows whose edges lie where clocks are changed, around a change.
fn sketches(zone: Tz, change: i64) -> [Sketch; 6] {
    let wall = change + offset(zone, change - 1);
    // Not on Wednesdays, when clocks are hardly ever changed: that an opening goes on for years is slow to find out.
    let sketch = |open: &[(i64, i64)], freezes: &[(i64, i64)]| Sketch {
        zone,
        open: open.iter().map(|(from, to)| (vec![0, 1, 3, 4, 5, 6], *from, *to)).collect(),
        freezes: freezes.iter().map(|(from, to)| (wall + from, wall + to)).collect(),
        ..Sketch::silent(zone)
    };
    [
        sketch(&[(22 * 60, 6 * 60)], &[(30, 60)]),
        sketch(&[(0, DAY)], &[(-45, -30), (10, 20)]),
        sketch(&[(0, 75), (105, 135), (165, 330), (23 * 60 + 15, 15)], &[]),
        sketch(&[(90, 120), (150, 210), (23 * 60 + 30, DAY), (30, 45)], &[(-30, 30)]),
        Sketch { open: vec![(vec![4, 6], 22 * 60, 90), (vec![5], 60, DAY)], ..Sketch::silent(zone) },
        Sketch { closed: vec![((0..7).collect(), 90, 120), (vec![5, 6], 23 * 60, 60)], otherwise: true, ..Sketch::silent(zone) },
    ]
}

/// Whether something may begin or end with a minute, or after it: all that does lies on a quarter of an hour.
fn is_at_an_edge(minute: i64) -> bool {
    matches!(minute % 15, 0 | 14)
}

const ZONES: [(Tz, i32); 10] = [
    (Tz::Europe__London, 2020),
    (Tz::America__New_York, 2020),
    (Tz::America__Sao_Paulo, 2014),
    (Tz::Asia__Kolkata, 2020),
    (Tz::Australia__Lord_Howe, 2020),
    (Tz::Asia__Kathmandu, 1985),
    (Tz::Pacific__Apia, 2012),
    (Tz::America__Havana, 2026),
    (Tz::Africa__Cairo, 2023),
    (Tz::Antarctica__Troll, 2027),
];

#[test]
fn a_window_agrees_with_the_model_around_every_change_of_the_clocks() {
    let all = ZONES.iter().flat_map(|(zone, year)| changes(*zone, *year..2031).into_iter().map(|change| (*zone, change)));
    let compare = |(zone, change): (Tz, i64)| {
        let walls = Walls::new(zone, change - 2 * DAY..change + 2 * DAY);
        // Every edge of the night, and now and then in the day around it.
        let minutes = (change - DAY / 2..change + DAY / 2)
            .filter(|minute| ((minute - change).abs() < 150 && is_at_an_edge(*minute)) || minute % 31 == 0);
        for sketch in sketches(zone, change) {
            agree(&walls, &sketch, minutes.clone());
        }
    };
    let compared = all.map(compare).count();
    assert!(compared > 100, "{compared} changes");
}

#[test]
fn a_window_agrees_with_the_model_around_a_day_that_was_left_out() {
    let change = minute((2011, 12, 30)) + 10 * 60;
    assert_eq!(offset(Tz::Pacific__Apia, change) - offset(Tz::Pacific__Apia, change - 1), DAY);
    let walls = Walls::new(Tz::Pacific__Apia, change - 4 * DAY..change + 4 * DAY);
    for sketch in sketches(Tz::Pacific__Apia, change) {
        agree(&walls, &sketch, change - 2 * DAY..change + 2 * DAY);
    }
}

fn any_minutes() -> impl Strategy<Value = (i64, i64)> {
    let quarter = || prop_oneof![0..20_i64, 0..96_i64, 88..96_i64].prop_map(|quarter| quarter * 15);
    (quarter(), quarter()).prop_filter("different times", |(from, to)| from != to)
}

/// A minute between 2020 and 2030, every other time one at which the clocks of the zone are changed, if it has any.
fn any_moment() -> impl Strategy<Value = (Tz, i64)> {
    let zone = prop::sample::select(&ZONES[..]);
    let minutes = minute((2020, 1, 1))..minute((2031, 1, 1));
    (zone, any::<bool>(), minutes).prop_map(|((zone, _), at_a_change, random)| {
        let change = at_a_change.then(|| changes(zone, 2020..2031).into_iter().find(|change| *change >= random)).flatten();
        (zone, change.unwrap_or(random))
    })
}

fn any_weekly() -> impl Strategy<Value = (Vec<i64>, i64, i64)> {
    let days = prop::sample::subsequence((0..7).collect::<Vec<i64>>(), 1..=7);
    (days, any_minutes()).prop_map(|(days, (from, to))| (days, from, to))
}

fn any_ruled() -> impl Strategy<Value = (Ruled, i64, i64)> {
    (prop::sample::select(Ruled::all()), any_minutes()).prop_map(|(rule, (from, to))| (rule, from, to))
}

fn any_sketch() -> impl Strategy<Value = (Sketch, i64)> {
    use prop::collection::vec;
    let opens = (vec(any_weekly(), 1..4), vec(any_ruled(), 0..3));
    let what_closes = (vec(any_weekly(), 0..2), vec(any_ruled(), 0..3), vec((-40..40_i64, 1..20_i64), 0..3));
    (opens, what_closes, any_moment(), prop::bool::weighted(0.2), any::<bool>()).prop_map(
        |(opens, shut, (zone, around), otherwise, in_calendar)| {
            let (open, rules) = if otherwise { (Vec::new(), Vec::new()) } else { opens };
            let (closed, closed_by_rules, freezes) = shut;
            let wall = (around + offset(zone, around)) / 15 * 15;
            let freezes = freezes.into_iter().map(|(start, length)| (wall + start * 15, wall + (start + length) * 15)).collect();
            (Sketch { zone, open, rules, closed, closed_by_rules, freezes, otherwise, in_calendar }, around)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_window_agrees_with_the_model_on_any_day((sketch, around) in any_sketch()) {
        let walls = Walls::new(sketch.zone, around - 4 * DAY..around + 4 * DAY);
        agree(&walls, &sketch, (around - DAY / 2..around + DAY / 2).filter(|minute| is_at_an_edge(*minute) || minute % 7 == 0));
    }

    /// What a calendar opens is not joined on the wall, so where the clocks change it may be open for less, and never for more.
    #[test]
    fn what_a_calendar_opens_is_what_the_same_hours_open((sketch, around) in any_sketch()) {
        let Sketch { zone, open, rules, .. } = sketch;
        let written = Sketch { closed: open.clone(), closed_by_rules: rules.clone(), ..Sketch::silent(zone) }.calendar();
        let Some(calendar) = written else { return Ok(()) };
        let definition = serde_json::json!({"zone": zone.to_string(), "calendars": [{"file": "a.ics", "means": "open"}]});
        let definition: Definition = serde_json::from_value(definition).unwrap();
        let by_calendar = Window::checked(&definition, &BTreeMap::from([("a.ics".to_owned(), Some(calendar))])).unwrap();
        let by_hours = Sketch { open, rules, ..Sketch::silent(zone) }.window();
        let is_quiet = (around - 2 * DAY..around + 2 * DAY).step_by(60).all(|minute| offset(zone, minute) == offset(zone, around));
        for minute in (around - DAY / 2..around + DAY / 2).filter(|minute| is_at_an_edge(*minute) || minute % 7 == 0) {
            let (hours, opened) = (by_hours.is_open(instant(minute)), by_calendar.is_open(instant(minute)));
            prop_assert!(if is_quiet { hours == opened } else { hours || !opened }, "{by_hours:?} at {}", instant(minute));
        }
    }
}

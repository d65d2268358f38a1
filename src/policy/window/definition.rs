//! A window as the policy file writes it, and the check that turns it into a [`Window`].

use super::local::Edge;
use super::zone::Zone;
use super::{Freeze, Opening, Window};
use crate::document::present;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc, Weekday, WeekdaySet};
use schemars::JsonSchema;
use serde::Deserialize;
use std::fmt;
use std::ops::Range;

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

const MINUTES_A_DAY: u32 = 24 * 60;

/// A deploy window: open at the hours of `open`, except during `freezes`, and closed at every other time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Window")]
pub struct Definition {
    /// The IANA time zone on whose wall clock all days, hours and dates are read, such as `Europe/London`.
    #[schemars(example = &"Europe/London")]
    pub zone: String,
    /// When the window is open. It is open if any of these is.
    #[schemars(length(min = 1))]
    pub open: Vec<Hours>,
    /// Periods in which the window is closed, whatever `open` says.
    #[serde(default)]
    pub freezes: Vec<FreezePeriod>,
}

/// Hours on certain days of the week: either `from` and `to`, or `all-day: true`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hours {
    /// The days on which the opening starts: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`, or a range such as `mon-thu`, both days
    /// included; `fri-mon` goes over the weekend.
    #[schemars(length(min = 1), inner(regex(pattern = r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$")))]
    #[schemars(example = ["mon-thu"])]
    pub days: Vec<String>,
    /// The time of day at which it opens, `HH:MM` from `00:00` to `23:59`.
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    #[schemars(example = &"09:00")]
    #[serde(default, deserialize_with = "present")]
    pub from: Option<String>,
    /// The time of day at which it closes, `HH:MM` up to `24:00`; at this minute it is already closed. Earlier than `from`, it is the
    /// time on the following day.
    #[schemars(regex(pattern = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"))]
    #[schemars(example = &"17:00")]
    #[serde(default, deserialize_with = "present")]
    pub to: Option<String>,
    /// Open from midnight to midnight; then there is neither `from` nor `to`.
    #[serde(default)]
    #[schemars(example = true)]
    pub all_day: bool,
}

/// A period in which the window is closed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FreezePeriod {
    /// The first day (`2026-12-19`), or the minute at which it starts (`2026-12-19T18:00`).
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?$"))]
    #[schemars(example = &"2026-12-19")]
    pub from: String,
    /// The last day, which is frozen until its end (`2027-01-04`), or the minute at which it ends and which is no longer frozen
    /// (`2027-01-04T09:00`).
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?$"))]
    #[schemars(example = &"2027-01-04")]
    pub to: String,
    /// Why, in words for the engineer who has to wait.
    #[schemars(length(min = 1))]
    #[schemars(example = &"end-of-year freeze")]
    pub reason: String,
}

/// What is wrong with a field of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// A stable, kebab-case name that a machine can match on: `window-zone`, `window-open`, `window-days`, `window-hours` or
    /// `window-freeze`.
    pub code: &'static str,
    /// The way to the field from the definition, for whoever knows the place of it.
    pub field: Vec<Step>,
    /// One sentence: lower-case, no full stop, the user's own text in backticks.
    pub message: String,
    /// What to do next.
    pub help: String,
}

/// One step on the way to a field. Shown in a row they read `.open`, `[1]`, `.to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a mapping, by key.
    Key(&'static str),
    /// Into a list, from 0.
    Item(usize),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, ".{key}"),
            Self::Item(index) => write!(f, "[{index}]"),
        }
    }
}

impl FieldProblem {
    fn new(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, field: Vec::new(), message: message.into(), help: help.into() }
    }

    /// The same problem, seen from further out.
    fn under(mut self, steps: &[Step]) -> Self {
        self.field.splice(0..0, steps.iter().copied());
        self
    }
}

impl TryFrom<&Definition> for Window {
    /// Everything that is wrong, in the order of the definition.
    type Error = Vec<FieldProblem>;

    fn try_from(definition: &Definition) -> Result<Self, Self::Error> {
        let mut problems = Vec::new();
        let zone = kept(zone(&definition.zone), &[Step::Key("zone")], &mut problems);
        let openings = openings(&definition.open, &mut problems);
        // Whether a freeze is in order does not depend on the zone; with an unknown one its remaining problems are still told.
        let freezes = freezes(&definition.freezes, &zone.clone().unwrap_or_else(Zone::utc), &mut problems);
        match zone {
            Some(zone) if problems.is_empty() => Ok(Self { zone, openings, freezes }),
            _ => Err(problems),
        }
    }
}

fn kept<T>(result: Result<T, FieldProblem>, steps: &[Step], problems: &mut Vec<FieldProblem>) -> Option<T> {
    result.map_err(|problem| problems.push(problem.under(steps))).ok()
}

fn zone(name: &str) -> Result<Zone, FieldProblem> {
    Zone::named(name).ok_or_else(|| {
        let is_name = name.bytes().any(|byte| byte.is_ascii_alphabetic());
        let nearest = || format!("the nearest are {}", nearest_zones(name).map(|zone| format!("`{zone}`")).join(", "));
        let help = if is_name { nearest() } else { "write a place such as `Europe/London`: an offset changes over the year".to_owned() };
        FieldProblem::new("window-zone", format!("`{name}` is not an IANA time zone"), help)
    })
}

/// The three zones whose whole name or whose city is most like a name.
fn nearest_zones(name: &str) -> [&'static str; 3] {
    let name = name.to_lowercase();
    let mut zones: Vec<_> = Zone::names().map(|zone| (likeness(&name, zone), zone)).collect();
    zones.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let mut nearest = zones.into_iter().map(|(_, zone)| zone);
    std::array::from_fn(|_| nearest.next().unwrap_or("UTC"))
}

fn likeness(name: &str, zone: &str) -> f64 {
    let zone = zone.to_lowercase();
    let city = zone.rsplit('/').next().unwrap_or(&zone);
    strsim::jaro_winkler(name, &zone).max(strsim::jaro_winkler(name, city))
}

fn openings(open: &[Hours], problems: &mut Vec<FieldProblem>) -> Vec<Opening> {
    if open.is_empty() {
        let help = "add an entry such as `{ days: [mon-fri], from: \"09:00\", to: \"17:00\" }`";
        problems.push(FieldProblem::new("window-open", "a window without hours never opens", help).under(&[Step::Key("open")]));
    }
    open.iter().enumerate().filter_map(|(i, hours)| opening(hours, &[Step::Key("open"), Step::Item(i)], problems)).collect()
}

fn opening(hours: &Hours, at: &[Step], problems: &mut Vec<FieldProblem>) -> Option<Opening> {
    let days = days(&hours.days, at, problems);
    let minutes = kept(minutes(hours), at, problems);
    Some(Opening { days, minutes: minutes? })
}

fn days(entries: &[String], at: &[Step], problems: &mut Vec<FieldProblem>) -> WeekdaySet {
    let at = [at, &[Step::Key("days")]].concat();
    if entries.is_empty() {
        let help = "name the days on which it opens, such as `mon-fri`";
        problems.push(FieldProblem::new("window-days", "an opening without days never opens", help).under(&at));
    }
    let days = entries.iter().enumerate().filter_map(|(i, entry)| kept(day_range(entry), &[&*at, &[Step::Item(i)]].concat(), problems));
    days.fold(WeekdaySet::EMPTY, WeekdaySet::union)
}

fn day_range(entry: &str) -> Result<WeekdaySet, FieldProblem> {
    let Some((first, last)) = entry.split_once('-') else {
        return day(entry, entry).map(WeekdaySet::single);
    };
    let (first, last) = (day(first, entry)?, day(last, entry)?);
    if first == last {
        let help = "write `mon-sun` for every day, or the one day alone";
        return Err(FieldProblem::new("window-days", format!("`{entry}` may be one day or a whole week"), help));
    }
    let before_last = std::iter::successors(Some(first), |day| Some(day.succ())).take_while(|day| *day != last);
    Ok(before_last.chain([last]).collect())
}

fn day(name: &str, entry: &str) -> Result<Weekday, FieldProblem> {
    let day = DAYS.iter().find(|(known, _)| *known == name).map(|(_, day)| *day);
    let help = "write `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`, or a range such as `mon-thu`";
    day.ok_or_else(|| FieldProblem::new("window-days", format!("`{entry}` is not a day of the week"), help))
}

/// From when to when, in minutes after the midnight at which the day starts.
fn minutes(hours: &Hours) -> Result<Range<u32>, FieldProblem> {
    let problem = |message: &str, help: &str| Err(FieldProblem::new("window-hours", message, help));
    match (hours.all_day, &hours.from, &hours.to) {
        (true, None, None) => Ok(0..MINUTES_A_DAY),
        (true, ..) => problem("`all-day: true` stands beside hours", "keep `all-day: true`, or `from` and `to`"),
        (false, Some(from), Some(to)) => from_to(from, to),
        (false, Some(_), None) => problem("`from` stands without `to`", "add the time at which it closes; `24:00` is the end of the day"),
        (false, None, Some(_)) => problem("`to` stands without `from`", "add the time at which it opens; `00:00` is the start of the day"),
        (false, None, None) => problem("an opening without hours", "add `from` and `to`, or `all-day: true`"),
    }
}

fn from_to(from: &str, to: &str) -> Result<Range<u32>, FieldProblem> {
    let start = minute_of_day(from).ok_or_else(|| not_a_time(from).under(&[Step::Key("from")]))?;
    let end = if to == "24:00" { Some(MINUTES_A_DAY) } else { minute_of_day(to) };
    let end = end.ok_or_else(|| not_a_time(to).under(&[Step::Key("to")]))?;
    match start.cmp(&end) {
        std::cmp::Ordering::Less => Ok(start..end),
        std::cmp::Ordering::Greater => Ok(start..end + MINUTES_A_DAY),
        std::cmp::Ordering::Equal => {
            let message = format!("from `{from}` to `{to}` may be no time or a whole day");
            Err(FieldProblem::new("window-hours", message, "write `all-day: true` for a whole day").under(&[Step::Key("to")]))
        }
    }
}

fn not_a_time(text: &str) -> FieldProblem {
    let help = "write `HH:MM` from `00:00` to `23:59`; `24:00` is allowed as an end";
    FieldProblem::new("window-hours", format!("`{text}` is not a time of day"), help)
}

fn minute_of_day(text: &str) -> Option<u32> {
    time(text).map(|time| time.hour() * 60 + time.minute())
}

fn freezes(periods: &[FreezePeriod], zone: &Zone, problems: &mut Vec<FieldProblem>) -> Vec<Freeze> {
    let freezes = periods.iter().enumerate();
    freezes.filter_map(|(i, period)| kept(freeze(period, zone), &[Step::Key("freezes"), Step::Item(i)], problems)).collect()
}

fn freeze(period: &FreezePeriod, zone: &Zone) -> Result<Freeze, FieldProblem> {
    let problem = |key, message: String, help: &str| FieldProblem::new("window-freeze", message, help).under(&[Step::Key(key)]);
    let not_a_date = |key, text: &str| {
        let help = "write a date that exists, `2026-12-19`, or a local date and time, `2026-12-19T18:00`";
        problem(key, format!("`{text}` is not a date"), help)
    };
    let start = freeze_start(&period.from).ok_or_else(|| not_a_date("from", &period.from))?;
    let end = freeze_end(&period.to).ok_or_else(|| not_a_date("to", &period.to))?;
    if end <= start {
        let message = format!("the freeze from `{}` to `{}` ends before it begins", period.from, period.to);
        return Err(problem("to", message, "a date as `to` is frozen until its end; a time as `to` is the first that is not frozen"));
    }
    if period.reason.trim().is_empty() {
        return Err(problem("reason", "a freeze without a reason".to_owned(), "say why, for the engineer who has to wait"));
    }
    let span = widest(zone, start, end).ok_or_else(|| not_a_date("from", &period.from))?;
    Ok(Freeze { wall: start..end, span, reason: period.reason.clone() })
}

fn widest(zone: &Zone, start: NaiveDateTime, end: NaiveDateTime) -> Option<Range<DateTime<Utc>>> {
    Some(Edge::at(zone, start)?.earliest..Edge::at(zone, end)?.latest)
}

fn freeze_start(text: &str) -> Option<NaiveDateTime> {
    date_time(text).or_else(|| Some(date(text)?.and_time(NaiveTime::MIN)))
}

/// People who say "to 4 January" do not come to work on 4 January: a date is frozen until its end.
fn freeze_end(text: &str) -> Option<NaiveDateTime> {
    date_time(text).or_else(|| Some(date(text)?.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN)))
}

fn date_time(text: &str) -> Option<NaiveDateTime> {
    let (day, minute) = text.split_once('T')?;
    Some(date(day)?.and_time(time(minute)?))
}

/// Exactly `YYYY-MM-DD`; chrono alone would also take signs, spaces and single digits.
fn date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (date.format("%Y-%m-%d").to_string() == text).then_some(date)
}

/// Exactly `HH:MM`.
fn time(text: &str) -> Option<NaiveTime> {
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok()?;
    (time.format("%H:%M").to_string() == text).then_some(time)
}

//! From a window as it is written to a [`Window`], or to everything that is wrong with it.

use super::calendar::Calendar;
use super::definition::{Definition, FieldProblem, FreezePeriod, Hours, OpenOrClosed, Step};
use super::freeze::Heeds;
use super::recurrence::{Ends, Rule};
use super::times::{Fixed, Reading, Repeated, Shape, Times, Why};
use super::zone::Zone;
use super::{Opening, Window};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Weekday, WeekdaySet};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

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

impl Window {
    /// Checks a window. Everything that is wrong is told, in the order of the definition. `calendars` are the files that it names, by
    /// path; `None` for one that is there and has been told to be wrong.
    pub fn checked(definition: &Definition, calendars: &BTreeMap<String, Option<Calendar>>) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let known = kept(zone(&definition.zone), &[Step::Key("zone")], &mut problems);
        // Whether the rest is in order does not depend on the zone; with an unknown one its remaining problems are still told.
        let zone = known.clone().unwrap_or_else(Zone::utc);
        let openings = openings(definition, &mut problems);
        let heeds = if definition.forge_freezes { Heeds::unknown() } else { Heeds::Nothing };
        let (opened, closed) = (Times::new(Reading::Narrowest), Times::new(Reading::Widest));
        let mut window = Self { openings, opened, closed, ends: Vec::new(), heeds, zone };
        window.close_again(&definition.closed, &mut problems);
        window.close_once(&definition.freezes, &mut problems);
        window.add_calendars(definition, calendars, &mut problems);
        if problems.is_empty() && known.is_some() { Ok(window) } else { Err(problems) }
    }

    fn close_again(&mut self, closed: &[Hours], problems: &mut Vec<FieldProblem>) {
        for (index, hours) in closed.iter().enumerate() {
            let at = [Step::Key("closed"), Step::Item(index)];
            if hours.reason.is_none() {
                let help = "say why under `reason`, for the engineer who has to wait";
                problems.push(FieldProblem::new("window-closed", "a closed time without a reason", help).under(&at));
            }
            let Some(Opening { rule, minutes, why }) = opening(hours, &at, problems) else { continue };
            let Some(from) = NaiveTime::from_num_seconds_from_midnight_opt(minutes.start * 60, 0) else { continue };
            let length = TimeDelta::minutes(i64::from(minutes.end) - i64::from(minutes.start));
            self.closed.add_repeated(Repeated { zone: self.zone.clone(), rule, shape: Shape { from, length, is_exact: false }, why });
        }
    }

    fn close_once(&mut self, freezes: &[FreezePeriod], problems: &mut Vec<FieldProblem>) {
        for (index, period) in freezes.iter().enumerate() {
            let at = [Step::Key("freezes"), Step::Item(index)];
            if let Some(freeze) = kept(freeze(period, &self.zone, &at), &at, problems) {
                self.closed.add(freeze);
            }
        }
    }

    fn add_calendars(&mut self, definition: &Definition, calendars: &BTreeMap<String, Option<Calendar>>, problems: &mut Vec<FieldProblem>) {
        for (index, written) in definition.calendars.iter().enumerate() {
            match calendars.get(&written.file) {
                Some(Some(calendar)) => {
                    let times = match written.means {
                        OpenOrClosed::Open => &mut self.opened,
                        OpenOrClosed::Closed => &mut self.closed,
                    };
                    self.ends.push((Arc::from(written.file.as_str()), calendar.add_to(times, &self.zone)));
                }
                // What is wrong with it is told at its lines.
                Some(None) => {}
                None => {
                    let message = format!("there is no calendar `{}`", written.file);
                    let help = "it is read from the base side of a change: add it there first";
                    let at = [Step::Key("calendars"), Step::Item(index), Step::Key("file")];
                    problems.push(FieldProblem::new("window-calendar", message, help).under(&at));
                }
            }
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

fn openings(definition: &Definition, problems: &mut Vec<FieldProblem>) -> Vec<Opening> {
    let opens = definition.calendars.iter().any(|calendar| calendar.means == OpenOrClosed::Open);
    let says = |problem: FieldProblem| problem.under(&[Step::Key("open")]);
    match definition.otherwise {
        OpenOrClosed::Open if opens || !definition.open.is_empty() => {
            let message = "what opens has nothing to say beside `otherwise: open`";
            problems.push(says(FieldProblem::new("window-open", message, "remove `otherwise`, or write under `closed` when it is closed")));
        }
        OpenOrClosed::Open => {
            let why = Why { reason: None, written: "otherwise".into() };
            return vec![Opening { rule: Rule::weekly(WeekdaySet::ALL), minutes: 0..MINUTES_A_DAY, why }];
        }
        OpenOrClosed::Closed if definition.open.is_empty() && !opens => {
            let help = "add an entry such as `{ days: [mon-fri], from: \"09:00\", to: \"17:00\" }`";
            problems.push(says(FieldProblem::new("window-open", "a window without hours never opens", help)));
        }
        OpenOrClosed::Closed => {}
    }
    let entries = definition.open.iter().enumerate();
    entries.filter_map(|(i, hours)| opening(hours, &[Step::Key("open"), Step::Item(i)], problems)).collect()
}

fn opening(hours: &Hours, at: &[Step], problems: &mut Vec<FieldProblem>) -> Option<Opening> {
    let rule = dates(hours, at, problems);
    let minutes = kept(minutes(hours), at, problems);
    if hours.reason.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
        problems.push(
            FieldProblem::new("window-hours", "an empty reason", "write one, or remove the key")
                .under(&[at, &[Step::Key("reason")]].concat()),
        );
    }
    Some(Opening { rule: rule?, minutes: minutes?, why: why(hours.reason.as_deref(), at) })
}

fn why(reason: Option<&str>, at: &[Step]) -> Why {
    let written: String = at.iter().map(ToString::to_string).collect();
    Why { reason: reason.map(Arc::from), written: Arc::from(written.trim_start_matches('.')) }
}

/// The dates on which hours start.
fn dates(hours: &Hours, at: &[Step], problems: &mut Vec<FieldProblem>) -> Option<Rule> {
    let mut wrong = |message: &str, help: &str| {
        problems.push(FieldProblem::new("window-days", message, help).under(at));
        None
    };
    match (&hours.days, &hours.rrule) {
        (Some(_), Some(_)) => wrong("`days` stands beside `rrule`", "keep one of them"),
        (None, None) => wrong("hours without days", "add `days` such as `[mon-fri]`, or `rrule` and `starts`"),
        (Some(_), None) if hours.starts.is_some() || hours.exdates.is_some() => {
            wrong("`starts` and `exdates` belong to `rrule`", "remove them, or write the days as `rrule`")
        }
        (Some(entries), None) => Some(Rule::weekly(days(entries, at, problems))),
        (None, Some(rrule)) => match &hours.starts {
            None => wrong("`rrule` stands without `starts`", "add the first date of the rule, such as `starts: \"2026-01-06\"`"),
            Some(starts) => recurring(rrule, starts, hours.exdates.as_deref(), at, problems),
        },
    }
}

fn recurring(text: &str, starts: &str, exdates: Option<&[String]>, at: &[Step], problems: &mut Vec<FieldProblem>) -> Option<Rule> {
    let under = |key| [at, &[Step::Key(key)]].concat();
    let not_a_date =
        |text: &str| FieldProblem::new("window-rule", format!("`{text}` is not a date"), "write a date that exists, `2026-01-06`");
    if exdates.is_some_and(<[_]>::is_empty) {
        problems.push(
            FieldProblem::new("window-rule", "an empty list leaves nothing out", "name a date, or remove the key").under(&under("exdates")),
        );
    }
    let starts = kept(date(starts).ok_or_else(|| not_a_date(starts)), &under("starts"), problems)?;
    let rule = kept(Rule::parse(text, starts, Ends::Date).map_err(FieldProblem::of_rule), &under("rrule"), problems)?;
    let left_out = |text: &String| {
        let date = date(text).ok_or_else(|| not_a_date(text))?;
        let message = || FieldProblem::new("window-rule", format!("`{text}` is no date of the rule"), "correct it, or remove it");
        rule.is_on(date).then_some(date).ok_or_else(message)
    };
    let dates = exdates
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(i, text)| kept(left_out(text), &[&*under("exdates"), &[Step::Item(i)]].concat(), problems));
    let dates: Vec<Option<NaiveDate>> = dates.collect();
    Some(rule.clone().without(dates.into_iter().flatten()))
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

fn freeze(period: &FreezePeriod, zone: &Zone, at: &[Step]) -> Result<Fixed, FieldProblem> {
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
    let why = why(Some(&period.reason), at);
    Fixed::new(zone, start..end, false, Reading::Widest, why).ok_or_else(|| not_a_date("from", &period.from))
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

//! The text of a rule.

use super::super::local;
use super::super::zone::Zone;
use super::{Period, Rule};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// What is wrong: one sentence, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Wrong {
    pub(in super::super) message: String,
    pub(in super::super) help: String,
}

impl Wrong {
    pub(in super::super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// What an UNTIL has to be: of the same kind as the start, by the RFC.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Ends<'z> {
    /// The rule is about whole days, or the hours stand elsewhere: `20271231`.
    Date,
    /// A time on some clock, of which nobody says which: `20271231T180000`.
    Local(NaiveTime),
    /// A time in a zone, and then UNTIL is in UTC: `20271231T180000Z`.
    Utc(NaiveTime, &'z Zone),
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];

const MOST_OF_ANYTHING: u32 = 10_000;

impl Rule {
    /// Reads a rule. Its first date is `starts`, which has to be one of its dates: the RFC leaves open what another would mean.
    pub(in super::super) fn parse(text: &str, starts: NaiveDate, ends: Ends<'_>) -> Result<Self, Wrong> {
        let parts = parts(text)?;
        let part = |name: &str| parts.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let numbers = |name: &str, of| part(name).map_or_else(|| Ok(Vec::new()), |value| numbers(name, value, of));
        let mut rule = Self {
            period: period(part("FREQ"))?,
            interval: part("INTERVAL").map_or(Ok(1), |value| whole("INTERVAL", value))?,
            week_starts: part("WKST").map_or(Ok(Weekday::Mon), weekday)?,
            months: numbers("BYMONTH", 1..=12)?,
            weeks: numbers("BYWEEKNO", -53..=53)?,
            days_of_year: numbers("BYYEARDAY", -366..=366)?,
            days_of_month: numbers("BYMONTHDAY", -31..=31)?,
            days: part("BYDAY").map_or_else(|| Ok(Vec::new()), |value| value.split(',').map(nth_weekday).collect())?,
            positions: numbers("BYSETPOS", -366..=366)?,
            starts,
            last: None,
            except: BTreeSet::new(),
        };
        rule.belongs_together(part("COUNT").is_some() && part("UNTIL").is_some())?;
        rule.take_from_start();
        if !rule.matches(starts) {
            return Err(not_a_date_of_it(&rule));
        }
        rule.last = match (part("UNTIL"), part("COUNT")) {
            (Some(until), _) => Some(until_date(until, ends)?),
            (None, Some(count)) => Some(rule.counted(whole("COUNT", count)?)?),
            (None, None) => None,
        };
        match rule.last.filter(|last| *last < starts) {
            Some(_) => Err(Wrong::new("UNTIL is before the first date, so the rule has no dates", "correct UNTIL, or remove the rule")),
            None => Ok(rule),
        }
    }

    /// What the table of the RFC forbids, or what would mean two things.
    fn belongs_together(&self, ends_twice: bool) -> Result<(), Wrong> {
        let [day, week, year] = [Period::Day, Period::Week, Period::Year].map(|period| self.period == period);
        let has_nth = self.days.iter().any(|(nth, _)| nth.is_some());
        let is_silent = [&self.months, &self.weeks, &self.days_of_year, &self.days_of_month].into_iter().all(Vec::is_empty);
        let wrong = [
            (ends_twice, "COUNT stands beside UNTIL", "keep one of them"),
            (!self.weeks.is_empty() && !year, "BYWEEKNO is for FREQ=YEARLY", "remove it, or write FREQ=YEARLY"),
            (
                !self.weeks.is_empty() && (self.days.is_empty() || has_nth),
                "BYWEEKNO does not say on which day",
                "add BYDAY with days such as MO",
            ),
            (!self.days_of_year.is_empty() && !year, "BYYEARDAY is for FREQ=YEARLY", "remove it, or write FREQ=YEARLY"),
            (!self.days_of_month.is_empty() && week, "BYMONTHDAY is not for FREQ=WEEKLY", "remove it, or write FREQ=MONTHLY"),
            (has_nth && (day || week), "a number before a day is for FREQ=MONTHLY and FREQ=YEARLY", "remove the number"),
            // Readers differ on the first week: some count its days from the first date on.
            (
                !self.positions.is_empty() && (day || week),
                "BYSETPOS is for FREQ=MONTHLY and FREQ=YEARLY",
                "remove it, or write one of them",
            ),
            (
                !self.positions.is_empty() && is_silent && self.days.is_empty(),
                "BYSETPOS chooses among the dates of other parts, and there are none",
                "add a part such as BYDAY=MO,TU,WE,TH,FR",
            ),
        ];
        wrong.into_iter().find(|(is_wrong, ..)| *is_wrong).map_or(Ok(()), |(_, message, help)| Err(Wrong::new(message, help)))
    }

    /// What the rule does not say is as it is on its first date.
    fn take_from_start(&mut self) {
        if [&self.weeks, &self.days_of_year, &self.days_of_month].into_iter().any(|list| !list.is_empty()) || !self.days.is_empty() {
            return;
        }
        let number = |number: u32| vec![i32::try_from(number).unwrap_or_default()];
        match self.period {
            Period::Day => {}
            Period::Week => self.days = vec![(None, self.starts.weekday())],
            Period::Month => self.days_of_month = number(self.starts.day()),
            Period::Year => {
                self.days_of_month = number(self.starts.day());
                if self.months.is_empty() {
                    self.months = number(self.starts.month());
                }
            }
        }
    }

    /// The date with which so many are over.
    fn counted(&self, count: u32) -> Result<NaiveDate, Wrong> {
        self.followed().nth(count as usize - 1).ok_or_else(|| {
            let message = format!("COUNT={count} dates of this rule take more than a hundred years");
            Wrong::new(message, "leave COUNT out: the rule then goes on")
        })
    }
}

fn not_a_date_of_it(rule: &Rule) -> Wrong {
    let message = format!("the first date, {}, is not a date of the rule", rule.starts);
    match rule.followed().next() {
        Some(next) => Wrong::new(message, format!("begin on a date of it; the next is {next}")),
        None => Wrong::new(message, "correct the rule: in a hundred years it has no date"),
    }
}

/// Names and values; each name at most once, and none that is not known.
fn parts(text: &str) -> Result<Vec<(&str, &str)>, Wrong> {
    const DATES: [&str; 11] =
        ["FREQ", "UNTIL", "COUNT", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST"];
    let mut parts: Vec<(&str, &str)> = Vec::new();
    for written in text.split(';') {
        let (name, value) = written.split_once('=').unwrap_or((written, ""));
        if matches!(name, "BYHOUR" | "BYMINUTE" | "BYSECOND") {
            return Err(Wrong::new(format!("`{name}` is about hours, and a rule is about dates"), "say the hours beside the rule"));
        }
        if !DATES.contains(&name) || value.is_empty() {
            let help = "write it as RFC 5545 does, such as `FREQ=MONTHLY;BYDAY=1TU`";
            return Err(Wrong::new(format!("`{written}` is no part of a rule"), help));
        }
        if parts.iter().any(|(known, _)| *known == name) {
            return Err(Wrong::new(format!("`{name}` is written twice"), "keep one of them"));
        }
        parts.push((name, value));
    }
    Ok(parts)
}

fn period(text: Option<&str>) -> Result<Period, Wrong> {
    match text {
        Some("DAILY") => Ok(Period::Day),
        Some("WEEKLY") => Ok(Period::Week),
        Some("MONTHLY") => Ok(Period::Month),
        Some("YEARLY") => Ok(Period::Year),
        Some(other) => {
            let help = "write DAILY, WEEKLY, MONTHLY or YEARLY; hours are said beside the rule";
            Err(Wrong::new(format!("`FREQ={other}` is not known here"), help))
        }
        None => Err(Wrong::new("a rule without FREQ", "begin with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")),
    }
}

/// From 1 on.
fn whole(name: &str, text: &str) -> Result<u32, Wrong> {
    let number = text.parse().ok().filter(|number| (1..=MOST_OF_ANYTHING).contains(number) && !text.starts_with('+'));
    number.ok_or_else(|| Wrong::new(format!("`{name}={text}` is no number from 1 to {MOST_OF_ANYTHING}"), "correct it, or leave it out"))
}

fn numbers(name: &str, text: &str, of: RangeInclusive<i32>) -> Result<Vec<i32>, Wrong> {
    let number = |text: &str| text.parse().ok().filter(|number| *number != 0 && of.contains(number));
    let wrong = || {
        let negative = if *of.start() < 0 { ", or from the end with a minus" } else { "" };
        Wrong::new(format!("`{name}={text}` is no list of numbers for it"), format!("write numbers from 1 to {}{negative}", of.end()))
    };
    text.split(',').map(number).collect::<Option<_>>().ok_or_else(wrong)
}

fn weekday(text: &str) -> Result<Weekday, Wrong> {
    let day = WEEKDAYS.iter().find(|(name, _)| *name == text).map(|(_, day)| *day);
    day.ok_or_else(|| not_a_day(text))
}

fn not_a_day(text: &str) -> Wrong {
    Wrong::new(format!("`{text}` is no day of a rule"), "write MO, TU, WE, TH, FR, SA or SU; 1MO is the first Monday, -1FR the last Friday")
}

/// `MO`, `2MO`, `+2MO`, `-1FR`.
fn nth_weekday(text: &str) -> Result<(Option<i32>, Weekday), Wrong> {
    let (number, day) = text.split_at_checked(text.len().saturating_sub(2)).ok_or_else(|| not_a_day(text))?;
    let day = weekday(day).map_err(|_| not_a_day(text))?;
    let nth = |number: &str| number.parse().ok().filter(|number: &i32| *number != 0 && (-53..=53).contains(number));
    let nth = if number.is_empty() { None } else { Some(nth(number).ok_or_else(|| not_a_day(text))?) };
    Ok((nth, day))
}

/// The last date on which the start is not after UNTIL.
fn until_date(text: &str, ends: Ends<'_>) -> Result<NaiveDate, Wrong> {
    let last = |wall: NaiveDateTime, starts: NaiveTime| if starts <= wall.time() { Some(wall.date()) } else { wall.date().pred_opt() };
    let (found, example) = match ends {
        Ends::Date => (compact_date(text), "a date, `20271231`"),
        Ends::Local(starts) => (compact_time(text).and_then(|wall| last(wall, starts)), "a time without a zone, `20271231T180000`"),
        Ends::Utc(starts, zone) => {
            let instant = text.strip_suffix('Z').and_then(compact_time).map(|time| time.and_utc());
            let wall = |instant: DateTime<Utc>| local::wall(zone, instant);
            (instant.and_then(wall).and_then(|wall| last(wall, starts)), "a time in UTC, `20271231T180000Z`")
        }
    };
    found.ok_or_else(|| Wrong::new(format!("`UNTIL={text}` is not of the kind of the start"), format!("write {example}")))
}

/// Exactly `YYYYMMDD`.
pub(in super::super) fn compact_date(text: &str) -> Option<NaiveDate> {
    let is_plain = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    NaiveDate::parse_from_str(text, "%Y%m%d").ok().filter(|_| is_plain)
}

/// Exactly `YYYYMMDDTHHMMSS`.
pub(in super::super) fn compact_time(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_once('T')?;
    let is_plain = time.len() == 6 && time.bytes().all(|byte| byte.is_ascii_digit());
    // A leap second is not a time of any clock here.
    let time = NaiveTime::parse_from_str(time, "%H%M%S").ok().filter(|_| is_plain && !time.ends_with("60"))?;
    Some(compact_date(date)?.and_time(time))
}

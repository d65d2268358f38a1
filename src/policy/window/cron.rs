//! A line of a crontab, as far as GitLab's deploy freezes use it: minutes, hours, days of the month, months, days of the week.
//!
//! What different readers take differently is refused: whoever asks then does not know when it is.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use std::ops::RangeInclusive;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Nobody freezes more often a day.
const MOST_A_DAY: usize = 24;

/// When something happens, on the clock on the wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cron {
    times: Vec<NaiveTime>,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// The values that a field has; all of them where it has a star.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    values: Vec<u32>,
    is_any: bool,
}

impl Cron {
    /// What a line says; `None` where that is not known.
    pub(super) fn read(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else { return None };
        let (minutes, hours) = (Field::read(minutes, 0..=59, &[])?, Field::read(hours, 0..=23, &[])?);
        if minutes.values.len() * hours.values.len() > MOST_A_DAY {
            return None;
        }
        let times = hours.values.iter().flat_map(|hour| minutes.values.iter().map(|minute| NaiveTime::from_hms_opt(*hour, *minute, 0)));
        let (days, months) = (Field::read(days, 1..=31, &[])?, Field::read(months, 1..=12, &MONTHS)?);
        let mut weekdays = Field::read(weekdays, 0..=7, &DAYS)?;
        // Both are Sunday.
        for day in &mut weekdays.values {
            *day %= 7;
        }
        Some(Self { times: times.collect::<Option<_>>()?, days, months, weekdays })
    }

    /// When it happens on these dates, in order.
    pub(super) fn on<'c>(&'c self, dates: impl Iterator<Item = NaiveDate> + 'c) -> impl Iterator<Item = NaiveDateTime> + 'c {
        dates.filter(|date| self.is_on(*date)).flat_map(|date| self.times.iter().map(move |time| date.and_time(*time)))
    }

    /// A day of the month and a day of the week that both stand there are either of them.
    fn is_on(&self, date: NaiveDate) -> bool {
        let day = self.days.values.contains(&date.day());
        let weekday = self.weekdays.values.contains(&date.weekday().num_days_from_sunday());
        let is_either = !self.days.is_any && !self.weekdays.is_any;
        self.months.values.contains(&date.month()) && if is_either { day || weekday } else { day && weekday }
    }
}

impl Field {
    fn read(text: &str, range: RangeInclusive<u32>, names: &[&str]) -> Option<Self> {
        if text == "*" {
            return Some(Self { values: range.collect(), is_any: true });
        }
        let mut values = Vec::new();
        for part in text.split(',') {
            values.extend(read_part(part, &range, names)?);
        }
        values.sort_unstable();
        values.dedup();
        Some(Self { values, is_any: false })
    }
}

/// `5`, `1-5`, `9-17/2`; `*/15` where a star is only short for all of them.
fn read_part(part: &str, range: &RangeInclusive<u32>, names: &[&str]) -> Option<Vec<u32>> {
    let (span, step) = match part.split_once('/') {
        Some((span, step)) => (span, Some(number(step)?)),
        None => (part, None),
    };
    let value = |text: &str| match names.iter().position(|name| text.eq_ignore_ascii_case(name)) {
        Some(at) => Some(range.start() + u32::try_from(at).ok()?),
        None => number(text),
    };
    let (first, last) = match (span.split_once('-'), step) {
        // Beside another day, readers take it for a star or for a list.
        (None, Some(_)) if span == "*" && names.is_empty() && *range.start() == 0 => (*range.start(), *range.end()),
        (Some((first, last)), _) => (value(first)?, value(last)?),
        (None, None) => (value(span)?, value(span)?),
        (None, Some(_)) => return None,
    };
    let step = usize::try_from(step.unwrap_or(1)).ok().filter(|step| *step > 0)?;
    let is_in = first <= last && range.contains(&first) && range.contains(&last);
    is_in.then(|| (first..=last).step_by(step).collect())
}

fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When a line happens from the first of January 2026, a Thursday, on.
    #[track_caller]
    fn happens(line: &str, count: usize) -> Vec<String> {
        let from: NaiveDate = "2026-01-01".parse().unwrap();
        let cron = Cron::read(line).unwrap_or_else(|| panic!("{line}"));
        cron.on(from.iter_days().take(4000)).take(count).map(|at| at.format("%m-%dT%H:%M").to_string()).collect()
    }

    #[test]
    fn a_line_says_when_on_the_clock_of_the_wall() {
        assert_eq!(happens("0 23 * * 5", 2), ["01-02T23:00", "01-09T23:00"]);
        assert_eq!(happens("30 8,17 * * Mon-tue", 4), ["01-05T08:30", "01-05T17:30", "01-06T08:30", "01-06T17:30"]);
        assert_eq!(happens("0 0 20 DEC *", 2), ["12-20T00:00", "12-20T00:00"]);
        assert_eq!(happens("0 9-17/4 2 1 *", 4), ["01-02T09:00", "01-02T13:00", "01-02T17:00", "01-02T09:00"]);
        assert_eq!(happens("*/30 0 * * 0", 3), ["01-04T00:00", "01-04T00:30", "01-11T00:00"]);
        assert_eq!(happens("0 0 * * 7", 1), happens("0 0 * * sun", 1));
        assert_eq!(happens("0 0 31 2 *", 1), Vec::<String>::new());
        assert_eq!(happens("0 * * * *", 2), ["01-01T00:00", "01-01T01:00"]);
    }

    #[test]
    fn a_day_of_the_month_and_one_of_the_week_are_either() {
        assert_eq!(happens("0 0 3 * 5", 4), ["01-02T00:00", "01-03T00:00", "01-09T00:00", "01-16T00:00"]);
    }

    #[test]
    fn what_readers_take_differently_is_not_known() {
        for line in [
            "",
            "0 0 * *",
            "0 0 0 * * *",
            "@daily",
            "60 0 * * *",
            "0 24 * * *",
            "0 0 0 * *",
            "0 0 L * *",
            "0 0 * * 5#1",
            "0 0 * * 5L",
            "0 0 */2 * 1",
            "0 0 1/5 * *",
            "0 5-3 * * *",
            "0 0 * * fri-mon",
            "* * * * *",
            "0,30 * * * *",
            "007 0 * * *",
            "5/15 0 * * *",
            "*/0 0 * * *",
            "+1 0 * * *",
            "0 0 ? * 1",
            "0 0 * feb, *",
            "0 0 * * 1 UTC",
        ] {
            assert_eq!(Cron::read(line), None, "{line}");
        }
    }
}

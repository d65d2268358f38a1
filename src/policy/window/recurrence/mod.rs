//! Dates that come again, by a rule of [RFC 5545, section 3.3.10](https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10).
//!
//! A rule is about local dates, and knows no hour and no zone: those stand beside it, and are applied by whoever asks. Whether a date is
//! one of the rule is worked out for that date alone, so that nothing is counted up from the first. By the table of the RFC each part of
//! a rule either expands or limits its period; of dates both are the same, namely a condition on the date.

mod parse;
#[cfg(test)]
mod tests;

pub(super) use parse::{Ends, Wrong, compact_date, compact_time};

use chrono::{Datelike, Days, NaiveDate, Weekday, WeekdaySet};
use std::collections::BTreeSet;

/// How far a rule is followed to count its dates, or to find its first: a hundred years.
const DATES_COUNTED: u64 = 36_525;

/// A rule, from its first date on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    period: Period,
    interval: u32,
    week_starts: Weekday,
    /// Of these lists an empty one says nothing.
    months: Vec<i32>,
    weeks: Vec<i32>,
    days_of_year: Vec<i32>,
    days_of_month: Vec<i32>,
    /// The days of the week; with a number only the one of that number in the month or year, from its end if negative.
    days: Vec<(Option<i32>, Weekday)>,
    positions: Vec<i32>,
    starts: NaiveDate,
    /// `None`: it goes on.
    last: Option<NaiveDate>,
    /// Dates that it would be on, and is not.
    except: BTreeSet<NaiveDate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Day,
    Week,
    Month,
    Year,
}

impl Rule {
    /// Certain days of every week.
    pub(super) fn weekly(days: WeekdaySet) -> Self {
        let days = days.iter(Weekday::Mon).map(|day| (None, day)).collect();
        let (starts, none) = (NaiveDate::MIN, Vec::new);
        Self {
            period: Period::Week,
            interval: 1,
            week_starts: Weekday::Mon,
            months: none(),
            weeks: none(),
            days_of_year: none(),
            days_of_month: none(),
            days,
            positions: none(),
            starts,
            last: None,
            except: BTreeSet::new(),
        }
    }

    /// The rule without some of its dates.
    pub(super) fn without(mut self, dates: impl IntoIterator<Item = NaiveDate>) -> Self {
        self.except.extend(dates);
        self
    }

    /// Whether a date is one of the rule.
    pub(super) fn is_on(&self, date: NaiveDate) -> bool {
        self.starts <= date && self.last.is_none_or(|last| date <= last) && self.matches(date) && !self.except.contains(&date)
    }

    /// The last date, if there is one.
    pub(super) fn last(&self) -> Option<NaiveDate> {
        self.last
    }

    /// Whether a date is one of the rule, if the rule had neither a beginning nor an end.
    fn matches(&self, date: NaiveDate) -> bool {
        self.is_in_turn(date) && self.fits(date) && (self.positions.is_empty() || self.has_position(date))
    }

    /// Whether the period of a date is one of every so many.
    fn is_in_turn(&self, date: NaiveDate) -> bool {
        if self.interval == 1 {
            return true;
        }
        let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let days = |from: NaiveDate, to: NaiveDate| to.signed_duration_since(from).num_days();
        let periods = match self.period {
            Period::Day => days(self.starts, date),
            Period::Week => days(self.week_of(self.starts), self.week_of(date)) / 7,
            Period::Month => months(date) - months(self.starts),
            Period::Year => i64::from(date.year() - self.starts.year()),
        };
        periods % i64::from(self.interval) == 0
    }

    /// What every part but BYSETPOS says of a date.
    fn fits(&self, date: NaiveDate) -> bool {
        let holds = |list: &[i32], number: u32, of: u32| list.is_empty() || is_listed(list, number, of);
        holds(&self.months, date.month(), 12)
            && (self.weeks.is_empty() || self.is_in_weeks(date))
            && holds(&self.days_of_year, date.ordinal(), days_of_year(date))
            && holds(&self.days_of_month, date.day(), u32::from(date.num_days_in_month()))
            && (self.days.is_empty() || self.days.iter().any(|(nth, day)| date.weekday() == *day && self.is_nth(date, *nth)))
    }

    /// Whether a date is the first, second, … of its day of the week, in its month or year.
    fn is_nth(&self, date: NaiveDate, nth: Option<i32>) -> bool {
        let Some(nth) = nth else { return true };
        let within_year = self.period == Period::Year && self.months.is_empty();
        let (before, all) =
            if within_year { (date.ordinal0(), days_of_year(date)) } else { (date.day0(), u32::from(date.num_days_in_month())) };
        let (number, after) = (before / 7 + 1, (all - 1 - before) / 7);
        is_listed(&[nth], number, number + after)
    }

    /// A week belongs to the year that has its fourth day, and so the most of it.
    fn is_in_weeks(&self, date: NaiveDate) -> bool {
        let Some(fourth) = self.week_of(date).checked_add_days(Days::new(3)) else { return false };
        let (number, after) = (fourth.ordinal0() / 7 + 1, (days_of_year(fourth) - fourth.ordinal()) / 7);
        is_listed(&self.weeks, number, number + after)
    }

    /// The first day of the week of a date.
    fn week_of(&self, date: NaiveDate) -> NaiveDate {
        date.week(self.week_starts).checked_first_day().unwrap_or(date)
    }

    /// Whether a date that fits is at one of the positions among those of its period.
    fn has_position(&self, date: NaiveDate) -> bool {
        let fitting = || self.dates_of_period(date).filter(|other| self.fits(*other));
        let (mut before, mut all) = (0, 0);
        for other in fitting() {
            before += u32::from(other < date);
            all += 1;
        }
        is_listed(&self.positions, before + 1, all)
    }

    fn dates_of_period(&self, date: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let (first, length) = match self.period {
            Period::Month => (date.with_day(1), usize::from(date.num_days_in_month())),
            Period::Year => (date.with_ordinal(1), days_of_year(date) as usize),
            // Positions are refused in them.
            Period::Day | Period::Week => (None, 1),
        };
        first.unwrap_or(date).iter_days().take(length)
    }

    /// The dates of the rule, as far as they are counted, whatever its end.
    fn followed(&self) -> impl Iterator<Item = NaiveDate> {
        let until = self.starts.checked_add_days(Days::new(DATES_COUNTED)).unwrap_or(NaiveDate::MAX);
        self.starts.iter_days().take_while(move |date| *date <= until).filter(|date| self.matches(*date))
    }
}

/// Whether a number from 1 to `of` is listed, counted from the beginning or, negative, from the end.
fn is_listed(list: &[i32], number: u32, of: u32) -> bool {
    let from_end = i64::from(number) - i64::from(of) - 1;
    list.iter().any(|listed| i64::from(*listed) == i64::from(number) || i64::from(*listed) == from_end)
}

fn days_of_year(date: NaiveDate) -> u32 {
    if date.leap_year() { 366 } else { 365 }
}

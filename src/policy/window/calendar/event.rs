//! An event: when it happens, and when again.

use super::super::recurrence::{Ends, Rule, Wrong};
use super::super::times::Reading;
use super::lines::{Line, unescaped};
use super::moment::{Clock, Moment, duration};
use super::{At, Component, MOST_DAYS_REPEATED};
use crate::document::{File, Span};
use chrono::{Days, NaiveDateTime, TimeDelta};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// An event.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) line: u32,
    span: Span,
    uid: Option<String>,
    pub(super) clock: Clock,
    /// The first time that it happens.
    pub(super) wall: Range<NaiveDateTime>,
    pub(super) is_exact: bool,
    pub(super) rule: Option<Rule>,
    /// Further starts.
    pub(super) more: Vec<NaiveDateTime>,
    /// Starts at which it does not happen.
    pub(super) left_out: Vec<NaiveDateTime>,
    /// Of which start of the event with the same UID it says when that happens instead.
    instead_of: Option<Moment>,
    pub(super) summary: Option<Arc<str>>,
    pub(super) is_cancelled: bool,
    pub(super) is_tentative: bool,
}

/// What an event says once. The other lines that say when it happens are RDATE and EXDATE.
const ONCE: [&str; 8] = ["DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID", "STATUS", "UID", "SUMMARY"];

impl Event {
    pub(super) fn read(component: &Component<'_>, file: &File) -> At<Self> {
        let one = |name: &str| component.lines.iter().copied().find(|line| line.name == name);
        for name in ONCE {
            if let Some(line) = component.lines.iter().filter(|line| line.name == name).nth(1) {
                return wrong(line, format!("this event says `{name}` twice"), "keep one of them");
            }
        }
        if let Some(line) = one("EXRULE") {
            return wrong(line, "`EXRULE` is no longer part of RFC 5545", "write the dates that are left out as EXDATE");
        }
        let all = |name: &str| -> At<Vec<(&Line, Moment)>> {
            let lines = component.lines.iter().copied().filter(|line| line.name == name);
            let moments = lines.map(|line| Ok((line, at(line, Moment::list(line, component.default_zone))?)));
            let moments: Vec<(&Line, Vec<Moment>)> = moments.collect::<At<_>>()?;
            Ok(moments.into_iter().flat_map(|(line, list)| list.into_iter().map(move |moment| (line, moment))).collect())
        };
        let missing = |name| (component.begins, Wrong::new(format!("an event without `{name}`"), "say when it happens, or remove it"));
        let start_line = one("DTSTART").ok_or_else(|| missing("DTSTART"))?;
        let start = at(start_line, Moment::read(start_line, component.default_zone))?;
        let (end, is_exact) = end(&start, one("DTEND"), one("DURATION"), component)?;
        let on_clock = |(line, moment): (&Line, Moment)| {
            moment.on(&start.clock).map_or_else(|| wrong(line, "this is of another kind than DTSTART", "write it as DTSTART is"), Ok)
        };
        let rule = one("RRULE").map(|line| at(line, rule(line, &start, end))).transpose()?;
        let instead_of = one("RECURRENCE-ID");
        if let Some(line) = instead_of
            && (line.parameter("RANGE").is_some() || rule.is_some() || one("UID").is_none())
        {
            return wrong(
                line,
                "this stands for more than one time of an event, or of no event",
                "write one event for each time, with its UID",
            );
        }
        let instead_of = instead_of.map(|line| at(line, Moment::read(line, component.default_zone))).transpose()?;
        let status = one("STATUS").map(|line| line.value.to_ascii_uppercase());
        if let (Some(line), Some(status)) = (one("STATUS"), &status)
            && !matches!(&**status, "CONFIRMED" | "TENTATIVE" | "CANCELLED")
        {
            return wrong(line, format!("`{status}` is no status of an event"), "write CONFIRMED, TENTATIVE or CANCELLED");
        }
        Ok(Self {
            line: file.place(component.begins).line,
            span: component.begins,
            uid: one("UID").map(|line| line.value.clone()),
            more: all("RDATE")?.into_iter().map(on_clock).collect::<At<_>>()?,
            left_out: all("EXDATE")?.into_iter().map(on_clock).collect::<At<_>>()?,
            wall: start.wall..end,
            clock: start.clock.clone(),
            is_exact,
            rule,
            instead_of,
            summary: one("SUMMARY").map(|line| unescaped(&line.value)).filter(|text| !text.is_empty()).map(Arc::from),
            is_cancelled: status.as_deref() == Some("CANCELLED"),
            is_tentative: status.as_deref() == Some("TENTATIVE"),
        })
    }

    /// Whether it does not happen at a start. What is left out of a calendar that opens is the whole day, lest a time that was written
    /// in another way leave it open.
    pub(super) fn is_left_out(&self, start: NaiveDateTime, reading: Reading) -> bool {
        self.left_out.iter().any(|left_out| match reading {
            Reading::Widest => *left_out == start,
            Reading::Narrowest => left_out.date() == start.date(),
        })
    }
}

/// Takes out of events what others say instead. What is wrong between them.
pub(super) fn assembled(events: &mut [Event]) -> Vec<(Span, Wrong)> {
    let moved: Vec<(Span, Option<String>, Moment)> =
        events.iter().filter_map(|event| Some((event.span, event.uid.clone(), event.instead_of.clone()?))).collect();
    let mut wrong = Vec::new();
    let mut known = BTreeSet::new();
    for event in events.iter().filter(|event| event.instead_of.is_none()) {
        let Some(uid) = event.uid.as_deref() else { continue };
        if !known.insert(uid) {
            wrong.push((event.span, Wrong::new(format!("the UID `{uid}` is that of another event"), "keep the newer of the two")));
        }
    }
    for (span, uid, moment) in moved {
        let Some(event) = events.iter_mut().find(|event| event.instead_of.is_none() && event.uid == uid) else { continue };
        match moment.on(&event.clock) {
            Some(start) => event.left_out.push(start),
            None => wrong.push((span, Wrong::new("RECURRENCE-ID is of another kind than DTSTART of its event", "write it as that is"))),
        }
    }
    wrong
}

fn end(start: &Moment, dtend: Option<&Line>, length: Option<&Line>, component: &Component<'_>) -> At<(NaiveDateTime, bool)> {
    let (line, end, is_exact) = match (dtend, length) {
        (Some(line), None) => {
            let end = at(line, Moment::read(line, component.default_zone))?;
            if end.clock != start.clock {
                return wrong(line, "DTEND is on another clock than DTSTART", "write both as dates, or in one zone");
            }
            (line.span, Some(end.wall), false)
        }
        (None, Some(line)) => {
            let (length, is_exact) = at(line, duration(&line.value))?;
            if start.clock == Clock::Days && is_exact {
                return wrong(line, "hours of a whole day", "write a number of days, such as `P1D`");
            }
            (line.span, start.wall.checked_add_signed(length), is_exact)
        }
        (Some(line), Some(_)) => return wrong(line, "DTEND stands beside DURATION", "keep one of them"),
        (None, None) if start.clock == Clock::Days => (component.begins, start.wall.checked_add_days(Days::new(1)), false),
        (None, None) => return Err((component.begins, Wrong::new("an event without an end", "add DTEND or DURATION"))),
    };
    let is_one_day = start.clock == Clock::Days && end == Some(start.wall);
    match end.filter(|end| *end > start.wall || is_one_day) {
        Some(end) => Ok((end, is_exact)),
        None => {
            Err((line, Wrong::new("this event ends before it begins", "correct its end; DTEND is the first time that is no part of it")))
        }
    }
}

fn rule(line: &Line, start: &Moment, end: NaiveDateTime) -> Result<Rule, Wrong> {
    if end.signed_duration_since(start.wall) > TimeDelta::days(MOST_DAYS_REPEATED) {
        return Err(Wrong::new("an event of more than a year comes again", "write each of its times as an event"));
    }
    let ends = match &start.clock {
        Clock::Days => Ends::Date,
        Clock::Floating => Ends::Local(start.wall.time()),
        Clock::In(zone) => Ends::Utc(start.wall.time(), zone),
    };
    Rule::parse(&line.value, start.wall.date(), ends)
}

fn at<T>(line: &Line, result: Result<T, Wrong>) -> At<T> {
    result.map_err(|wrong| (line.span, wrong))
}

fn wrong<T>(line: &Line, message: impl Into<String>, help: &str) -> At<T> {
    Err((line.span, Wrong::new(message, help)))
}

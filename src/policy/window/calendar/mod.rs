//! Calendars: files of [RFC 5545](https://www.rfc-editor.org/rfc/rfc5545), `.ics`, whose events close a window, or open it.
//!
//! What is read is what says when something happens. Whatever of that is not understood is an error at its line, and never passed over:
//!
//! | it says | and is read as |
//! |---|---|
//! | a TZID | the zone of that name in the tz database; what VTIMEZONE says of it is not read, and a name that is not there is an error |
//! | whole days, and times without a zone | on the clock of the window; the latter are an error where X-WR-TIMEZONE names a zone |
//! | a whole day that ends as it begins | that day where the calendar closes, nothing where it opens |
//! | a DURATION in hours | so long on the wall and in truth: where the clocks change, whatever keeps the window closed |
//! | CANCELLED | an event that is not there; with RECURRENCE-ID, one that was moved away |
//! | TENTATIVE | closes, and does not open |
//! | EXDATE, which no date of the rule agrees with | nothing where the calendar closes; where it opens, that day is left out |
//! | two events with one UID, RANGE, EXRULE, periods, hours in a rule, METHOD:CANCEL, no event at all | an error |

mod event;
mod lines;
mod moment;
#[cfg(test)]
mod tests;

use super::recurrence::Wrong;
use super::times::{Fixed, Reading, Repeated, Shape, Times, Why};
use super::zone::Zone;
use crate::diagnostic::Diagnostic;
use crate::document::{File, Span};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use event::Event;
use lines::{Line, lines};
use std::sync::Arc;

/// How long an event may be that comes again.
const MOST_DAYS_REPEATED: i64 = 366;

/// A calendar that could be read.
#[derive(Clone, Debug)]
pub struct Calendar {
    path: Arc<str>,
    events: Vec<Event>,
}

/// What is wrong at some line of a calendar.
type At<T> = Result<T, (Span, Wrong)>;

impl Calendar {
    /// Reads a calendar, a text of lines. Everything that is wrong is told, each at its line.
    pub fn read(file: &File) -> Result<Self, Vec<Diagnostic>> {
        let told = |(span, wrong): (Span, Wrong)| {
            let Wrong { message, help } = wrong;
            Diagnostic::error("calendar", file.place(span), message).help(help)
        };
        let lines = lines(file).map_err(|wrong| vec![told(wrong)])?;
        let components = components(&lines).map_err(|wrong| vec![told(wrong)])?;
        let (mut events, mut wrong) = (Vec::new(), Vec::new());
        for component in &components {
            match Event::read(component, file) {
                Ok(event) => events.push(event),
                Err(problem) => wrong.push(told(problem)),
            }
        }
        wrong.extend(event::assembled(&mut events).into_iter().map(told));
        if wrong.is_empty() { Ok(Self { path: Arc::clone(&file.path), events }) } else { Err(wrong) }
    }

    /// Adds its events to times; what is on no clock of its own is on that of the window. The end of the last event, if there is one.
    pub(super) fn add_to(&self, times: &mut Times, window: &Zone) -> Option<DateTime<Utc>> {
        let ends: Vec<Option<DateTime<Utc>>> = self.events.iter().map(|event| self.add_event(event, times, window)).collect();
        ends.into_iter().collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max())
    }

    /// The end of the event, if it does not go on for ever.
    fn add_event(&self, event: &Event, times: &mut Times, window: &Zone) -> Option<DateTime<Utc>> {
        let never = Some(DateTime::<Utc>::MIN_UTC);
        if event.is_cancelled || (event.is_tentative && times.reading() == Reading::Narrowest) {
            return never;
        }
        let zone = event.clock.zone().unwrap_or(window);
        let why = Why { reason: event.summary.clone(), written: format!("{}:{}", self.path, event.line).into() };
        let length = match (event.wall.end.signed_duration_since(event.wall.start), times.reading()) {
            (length, Reading::Widest) if length.is_zero() => TimeDelta::days(1),
            (length, _) => length,
        };
        let once = |start: NaiveDateTime| {
            let end = start.checked_add_signed(length)?;
            Fixed::new(zone, start..end, event.is_exact, times.reading(), why.clone())
        };
        let first = event.rule.is_none().then_some(event.wall.start);
        let starts = first.iter().chain(&event.more).filter(|start| !event.is_left_out(**start, times.reading()));
        let fixed: Vec<Fixed> = starts.filter_map(|start| once(*start)).collect();
        let mut end = fixed.iter().map(|fixed| fixed.span.end).max().or(never);
        if let Some(rule) = &event.rule {
            let from = event.wall.start.time();
            let last = rule.last().and_then(|last| once(last.and_time(from)));
            end = end.zip(last.map(|last| last.span.end)).map(|(one, other)| one.max(other));
            let dates = event.left_out.iter().map(NaiveDateTime::date);
            let left_out = dates.filter(|date| event.is_left_out(date.and_time(from), times.reading()));
            let rule = rule.clone().without(left_out);
            let shape = Shape { from, length, is_exact: event.is_exact };
            times.add_repeated(Repeated { zone: zone.clone(), rule, shape, why: why.clone() });
        }
        for fixed in fixed {
            times.add(fixed);
        }
        end
    }
}

/// The lines of an event, without those of what is inside it, and where it begins.
struct Component<'l> {
    begins: Span,
    lines: Vec<&'l Line>,
    /// The zone that X-WR-TIMEZONE names.
    default_zone: Option<&'l str>,
}

/// What stands beside events and says nothing of them.
const PASSED_OVER: [&str; 3] = ["VTIMEZONE", "VTODO", "VJOURNAL"];

fn components(lines: &[Line]) -> At<Vec<Component<'_>>> {
    let mut open: Vec<(&str, Span)> = Vec::new();
    let mut events: Vec<Component<'_>> = Vec::new();
    let mut default_zone = None;
    for line in lines {
        let wrong = |message: String, help: &str| Err((line.span, Wrong::new(message, help)));
        let inside: Vec<&str> = open.iter().map(|(name, _)| *name).collect();
        match (&*line.name, &*inside) {
            ("BEGIN", []) if line.value == "VCALENDAR" => open.push((&line.value, line.span)),
            (_, []) => return wrong("this is no calendar".to_owned(), "a calendar begins with `BEGIN:VCALENDAR`"),
            ("BEGIN", ["VCALENDAR"]) => {
                match &*line.value {
                    "VEVENT" => events.push(Component { begins: line.span, lines: Vec::new(), default_zone }),
                    other if PASSED_OVER.contains(&other) || other.starts_with("X-") => {}
                    other => return wrong(format!("`{other}` is not known here"), "write its times as events, VEVENT"),
                }
                open.push((&line.value, line.span));
            }
            ("BEGIN", _) => open.push((&line.value, line.span)),
            ("END", [.., name]) if *name == line.value => {
                open.pop();
            }
            ("END", [.., name]) => return wrong(format!("`END:{}` ends nothing here", line.value), &format!("`END:{name}` is missing")),
            (_, ["VCALENDAR"]) => default_zone = of_calendar(line)?.or(default_zone),
            (_, ["VCALENDAR", "VEVENT"]) => events.last_mut().into_iter().for_each(|event| event.lines.push(line)),
            _ => {}
        }
    }
    let end = lines.last().map_or(Span { start: 0, end: 0 }, |line| line.span);
    match (open.last(), events.is_empty()) {
        (Some((name, span)), _) => Err((*span, Wrong::new(format!("`{name}` does not end"), "fetch the whole file again"))),
        (None, true) => Err((end, Wrong::new("a calendar without events says nothing", "fetch it again, or do not name it"))),
        (None, false) => Ok(events),
    }
}

/// What a calendar says of all its events. The zone of those that have none.
fn of_calendar(line: &Line) -> At<Option<&str>> {
    let wrong = |message: &str, help: &str| Err((line.span, Wrong::new(format!("`{}:{}` {message}", line.name, line.value), help)));
    match (&*line.name, &*line.value) {
        ("VERSION", version) if version != "2.0" => wrong("is not RFC 5545", "export it as iCalendar 2.0"),
        ("CALSCALE", scale) if scale != "GREGORIAN" => wrong("is not known here", "export it with Gregorian dates"),
        ("METHOD", "CANCEL") => wrong("takes events back", "fetch the calendar itself"),
        ("X-WR-TIMEZONE", zone) => Ok(Some(zone)),
        _ => Ok(None),
    }
}

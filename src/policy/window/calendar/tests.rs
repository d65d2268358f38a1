//! Calendars, one decision a test.

use super::super::{Definition, State, Window};
use super::*;
use crate::document::{Bounds, Syntax, parse};
use chrono::TimeDelta;
use serde_json::json;
use std::collections::BTreeMap;

/// The lines of a calendar around those of its events.
fn around(events: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{}END:VCALENDAR\r\n", events.replace('\n', "\r\n"))
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n")
}

fn file(text: &str) -> File {
    parse("holidays.ics", text.as_bytes(), Syntax::Lines, &Bounds::default()).unwrap()
}

fn read(text: &str) -> Calendar {
    Calendar::read(&file(text)).unwrap_or_else(|wrong| panic!("{wrong:#?}\n{text}"))
}

/// What is wrong, each with its line.
fn wrong(text: &str) -> Vec<(u32, String)> {
    let diagnostics = Calendar::read(&file(text)).map(|_| text.to_owned()).unwrap_err();
    diagnostics.into_iter().map(|diagnostic| (diagnostic.place.line, diagnostic.message)).collect()
}

fn window(text: &str, means: &str) -> Window {
    let mut definition = json!({"zone": "Europe/London", "calendars": [{"file": "holidays.ics", "means": means}]});
    if means == "closed" {
        definition["otherwise"] = "open".into();
    }
    let definition: Definition = serde_json::from_value(definition).unwrap();
    Window::checked(&definition, &BTreeMap::from([("holidays.ics".to_owned(), Some(read(text)))])).unwrap()
}

fn closing(events: &str) -> Window {
    window(&around(events), "closed")
}

fn opening(events: &str) -> Window {
    window(&around(events), "open")
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// When a window that only a calendar closes is closed, around an instant.
fn closed(window: &Window, at: &str) -> (String, String, String) {
    let State::Closed { freeze: Some(reason), opens: Some(until) } = window.at(utc(at)) else { panic!("not closed at {at}") };
    let before = utc(at) - TimeDelta::days(2);
    let State::Open { closes: Some(from), .. } = window.at(before) else { panic!("not open at {before}") };
    (time(from), time(until), reason)
}

/// When a window that only a calendar opens is open, around an instant.
fn open(window: &Window, at: &str) -> (String, String) {
    let State::Open { since: Some(since), closes: Some(closes) } = window.at(utc(at)) else { panic!("not open at {at}") };
    (time(since), time(closes))
}

fn time(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%MZ").to_string()
}

fn from_to(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

fn is(found: &(String, String, String), from: &str, to: &str, reason: &str) {
    assert_eq!(found, &(from.to_owned(), to.to_owned(), reason.to_owned()));
}

#[test]
fn a_whole_day_is_one_on_the_clock_of_the_window() {
    let window = closing(&event("DTSTART;VALUE=DATE:20260701\nSUMMARY:Canada Day"));
    is(&closed(&window, "2026-07-01T12:00:00Z"), "2026-06-30T23:00Z", "2026-07-01T23:00Z", "Canada Day");
    let window = closing(&event("DTSTART;VALUE=DATE:20260701\nDTEND;VALUE=DATE:20260703"));
    is(&closed(&window, "2026-07-02T12:00:00Z"), "2026-06-30T23:00Z", "2026-07-02T23:00Z", "holidays.ics:4");
}

/// Some write the same day as the end.
#[test]
fn a_whole_day_that_ends_as_it_begins_closes_and_does_not_open() {
    let day = event("DTSTART;VALUE=DATE:20260701\nDTEND;VALUE=DATE:20260701\nSUMMARY:x");
    is(&closed(&closing(&day), "2026-07-01T12:00:00Z"), "2026-06-30T23:00Z", "2026-07-01T23:00Z", "x");
    assert_eq!(opening(&day).next_opening(utc("2026-06-01T00:00:00Z")), None);
}

#[test]
fn a_time_without_a_zone_is_one_on_the_clock_of_the_window() {
    let window = closing(&event("DTSTART:20260701T120000\nDTEND:20260701T140000\nSUMMARY:x"));
    is(&closed(&window, "2026-07-01T12:00:00Z"), "2026-07-01T11:00Z", "2026-07-01T13:00Z", "x");
    let other = "X-WR-TIMEZONE:America/New_York\n".to_owned() + &event("DTSTART:20260701T120000\nDTEND:20260701T140000");
    assert_eq!(wrong(&around(&other)), [(6, "`20260701T120000` has no zone, and X-WR-TIMEZONE says `America/New_York`".to_owned())]);
}

#[test]
fn a_time_in_a_zone_is_one_on_its_clock_whatever_vtimezone_says() {
    let lie = "BEGIN:VTIMEZONE\nTZID:America/New_York\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0000\nEND:STANDARD\nEND:VTIMEZONE\n";
    let new_york = lie.to_owned()
        + &event("DTSTART;TZID=\"America/New_York\":20260701T120000\nDTEND;TZID=America/New_York:20260701T140000\nSUMMARY:x");
    is(&closed(&closing(&new_york), "2026-07-01T17:00:00Z"), "2026-07-01T16:00Z", "2026-07-01T18:00Z", "x");
    let in_utc = event("DTSTART:20260701T120000Z\nDTEND:20260701T140000Z\nSUMMARY:x");
    is(&closed(&closing(&in_utc), "2026-07-01T13:00:00Z"), "2026-07-01T12:00Z", "2026-07-01T14:00Z", "x");
}

#[test]
fn an_event_comes_again_on_the_clock_of_its_own_zone() {
    let weekly = event(
        "DTSTART;TZID=America/New_York:20260105T220000\nDTEND;TZID=America/New_York:20260106T020000\nRRULE:FREQ=WEEKLY\nSUMMARY:batch",
    );
    let window = closing(&weekly);
    is(&closed(&window, "2026-01-20T04:00:00Z"), "2026-01-20T03:00Z", "2026-01-20T07:00Z", "batch");
    // Between the changes of the clocks in New York and in London.
    is(&closed(&window, "2026-03-10T04:00:00Z"), "2026-03-10T02:00Z", "2026-03-10T06:00Z", "batch");
}

#[test]
fn hours_of_a_duration_are_so_long_on_the_wall_and_in_truth_whatever_keeps_it_closed() {
    let night = |date: &str| event(&format!("DTSTART;TZID=Europe/London:{date}T220000\nDURATION:PT8H\nSUMMARY:x"));
    // In March 06:00 on the wall is after seven hours, in October after nine.
    is(&closed(&closing(&night("20260328")), "2026-03-29T00:00:00Z"), "2026-03-28T22:00Z", "2026-03-29T06:00Z", "x");
    is(&closed(&closing(&night("20261024")), "2026-10-25T00:00:00Z"), "2026-10-24T21:00Z", "2026-10-25T06:00Z", "x");
    assert_eq!(open(&opening(&night("20260328")), "2026-03-29T00:00:00Z"), from_to("2026-03-28T22:00Z", "2026-03-29T05:00Z"));
    assert_eq!(open(&opening(&night("20261024")), "2026-10-25T00:00:00Z"), from_to("2026-10-24T21:00Z", "2026-10-25T05:00Z"));
}

#[test]
fn a_duration_of_days_ends_at_the_same_time_of_the_day() {
    let window = closing(&event("DTSTART;TZID=Europe/London:20260328T220000\nDURATION:P1D\nSUMMARY:x"));
    is(&closed(&window, "2026-03-29T00:00:00Z"), "2026-03-28T22:00Z", "2026-03-29T21:00Z", "x");
}

const DAILY: &str =
    "UID:a\nDTSTART;TZID=Europe/London:20260105T090000\nDTEND;TZID=Europe/London:20260105T100000\nRRULE:FREQ=DAILY\nSUMMARY:daily";

#[test]
fn a_date_that_is_left_out_does_not_close() {
    for left_out in ["EXDATE;TZID=Europe/London:20260107T090000", "EXDATE:20260107T090000Z"] {
        let window = closing(&event(&format!("{DAILY}\n{left_out}")));
        assert!(!window.is_open(utc("2026-01-06T09:30:00Z")), "{left_out}");
        assert!(window.is_open(utc("2026-01-07T09:30:00Z")), "{left_out}");
    }
}

#[test]
fn a_time_to_leave_out_that_is_none_leaves_it_closed() {
    let other = format!("{DAILY}\nEXDATE;TZID=Europe/London:20260107T093000");
    assert!(!closing(&event(&other)).is_open(utc("2026-01-07T09:30:00Z")));
    assert!(!opening(&event(&other)).is_open(utc("2026-01-07T09:30:00Z")));
    assert!(opening(&event(&other)).is_open(utc("2026-01-08T09:30:00Z")));
}

#[test]
fn a_further_date_closes_as_well() {
    let more = event("DTSTART;VALUE=DATE:20260105\nRDATE;VALUE=DATE:20260201,20260301\nSUMMARY:x");
    let window = closing(&more);
    let shut = ["2026-01-05", "2026-02-01", "2026-03-01", "2026-03-02"].map(|date| window.is_open(utc(&format!("{date}T12:00:00Z"))));
    assert_eq!(shut, [false, false, false, true]);
}

#[test]
fn an_event_that_was_moved_closes_only_where_it_was_moved_to() {
    let moved = event(
        "UID:a\nRECURRENCE-ID;TZID=Europe/London:20260107T090000\nDTSTART;TZID=Europe/London:20260107T150000\nDTEND;TZID=Europe/London:20260107T160000",
    );
    let window = closing(&(event(DAILY) + &moved));
    assert!(window.is_open(utc("2026-01-07T09:30:00Z")));
    assert!(!window.is_open(utc("2026-01-07T15:30:00Z")));
    assert!(!window.is_open(utc("2026-01-08T09:30:00Z")));
}

#[test]
fn what_is_cancelled_does_not_happen() {
    assert!(closing(&event(&format!("{DAILY}\nSTATUS:CANCELLED"))).is_open(utc("2026-01-07T09:30:00Z")));
    let one = event("UID:a\nSTATUS:CANCELLED\nRECURRENCE-ID:20260107T090000Z\nDTSTART:20260107T090000Z\nDTEND:20260107T100000Z");
    let window = opening(&(event(DAILY) + &one));
    assert!(!window.is_open(utc("2026-01-07T09:30:00Z")));
    assert!(window.is_open(utc("2026-01-08T09:30:00Z")));
}

#[test]
fn what_is_tentative_closes_and_does_not_open() {
    let tentative = event(&format!("{DAILY}\nSTATUS:TENTATIVE"));
    assert!(!closing(&tentative).is_open(utc("2026-01-07T09:30:00Z")));
    assert!(!opening(&tentative).is_open(utc("2026-01-07T09:30:00Z")));
}

#[test]
fn long_lines_are_put_together_and_text_is_plain() {
    let folded = around(&event("DTSTART;VAL\n UE=DATE:2026\n\t0701\nSUMMARY:Canada\\, \\; and\\n\n  more"));
    is(&closed(&window(&folded, "closed"), "2026-07-01T12:00:00Z"), "2026-06-30T23:00Z", "2026-07-01T23:00Z", "Canada, ; and more");
    let with_mark = format!("\u{feff}{}", around(&event("DTSTART;VALUE=DATE:20260701")));
    assert_eq!(read(&with_mark).events.len(), 1);
}

#[test]
fn what_stands_in_quotes_divides_no_line() {
    let window = closing(&event("DTSTART;VALUE=DATE:20260701\nSUMMARY;LANGUAGE=\"a:b;c\":the party"));
    is(&closed(&window, "2026-07-01T12:00:00Z"), "2026-06-30T23:00Z", "2026-07-01T23:00Z", "the party");
}

#[test]
fn weeks_are_seven_days_each() {
    let window = closing(&event("DTSTART;VALUE=DATE:20260701\nDURATION:P2W\nSUMMARY:x"));
    is(&closed(&window, "2026-07-01T12:00:00Z"), "2026-06-30T23:00Z", "2026-07-14T23:00Z", "x");
}

#[test]
fn a_time_that_was_moved_is_one_of_its_own_event_alone() {
    let daily = |uid: &str| event(&format!("UID:{uid}\nDTSTART:20260701T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:{uid}"));
    let moved = event("UID:b\nRECURRENCE-ID:20260703T100000Z\nDTSTART:20260703T150000Z\nDURATION:PT1H\nSUMMARY:b");
    let window = closing(&(daily("a") + &daily("b") + &moved));
    let why = |at: &str| if let State::Closed { freeze, .. } = window.at(utc(at)) { freeze } else { None };
    // Of two that end together the reason that comes later is told.
    assert_eq!([why("2026-07-02T10:30:00Z"), why("2026-07-04T10:30:00Z")], [Some("b".to_owned()), Some("b".to_owned())]);
    assert_eq!([why("2026-07-03T10:30:00Z"), why("2026-07-03T15:30:00Z")], [Some("a".to_owned()), Some("b".to_owned())]);
}

#[test]
fn a_rule_may_end_on_its_first_date() {
    let window = closing(&event("DTSTART;VALUE=DATE:20260701\nRRULE:FREQ=DAILY;UNTIL=20260701\nSUMMARY:x"));
    is(&closed(&window, "2026-07-01T12:00:00Z"), "2026-06-30T23:00Z", "2026-07-01T23:00Z", "x");
}

#[test]
fn what_is_not_understood_is_told_with_its_line() {
    let start = "DTSTART:20260701T120000Z\nDTEND:20260701T140000Z";
    for (lines, line, message) in [
        ("DTSTART;TZID=Mars/Olympus:20260701T120000\nDURATION:PT1H", 5, "`Mars/Olympus` is not an IANA time zone"),
        ("DTSTART;TZID=W. Europe Standard Time:20260701T120000\nDURATION:PT1H", 5, "`W. Europe Standard Time` is not an IANA time zone"),
        ("DTSTART;TZID=Europe/London:20260701T120000Z\nDURATION:PT1H", 5, "`20260701T120000Z` is of two zones, or is a day with a zone"),
        ("DTSTART:20260701", 5, "`20260701` is a date, and is not called one"),
        ("DTSTART;VALUE=PERIOD:20260701T120000Z/PT1H", 5, "`VALUE=PERIOD` is not known here"),
        ("DTSTART;VALUE=DATE:20260230", 5, "`20260230` is not a date or time"),
        ("DTSTART:20260701T126000Z\nDURATION:PT1H", 5, "`20260701T126000Z` is not a date or time"),
        ("DTSTART;VALUE=DATE:2026071", 5, "`2026071` is not a date or time"),
        ("DTSTART;VALUE=DATE:202607 1", 5, "`202607 1` is not a date or time"),
        ("DTSTART:20260701T12000\nDURATION:PT1H", 5, "`20260701T12000` is not a date or time"),
        ("DTSTART:20260701T1200 1\nDURATION:PT1H", 5, "`20260701T1200 1` is not a date or time"),
        ("DTSTART:20260630T235960\nDURATION:PT1H", 5, "`20260630T235960` is not a date or time"),
        ("DTSTART:soon\nDURATION:PT1H", 5, "`soon` is not a date or time"),
        ("DTSTART;VALUE=DATE;TZID=Europe/London:20260701", 5, "`20260701` is of two zones, or is a day with a zone"),
        ("NA ME:x", 5, "this is no line of a calendar"),
        (":x", 5, "this is no line of a calendar"),
        ("SUMMARY:x", 4, "an event without `DTSTART`"),
        ("DTSTART:20260701T120000Z", 4, "an event without an end"),
        ("DTSTART:20260701T120000Z\nDTEND:20260701T120000Z", 6, "this event ends before it begins"),
        ("DTSTART:20260701T120000Z\nDTEND:20260701T130000", 6, "DTEND is on another clock than DTSTART"),
        ("DTSTART:20260701T120000Z\nDTEND:20260701T130000Z\nDURATION:PT1H", 6, "DTEND stands beside DURATION"),
        ("DTSTART:20260701T120000Z\nDURATION:-PT1H", 6, "`-PT1H` is not a duration"),
        ("DTSTART:20260701T120000Z\nDURATION:PT", 6, "`PT` is not a duration"),
        ("DTSTART:20260701T120000Z\nDURATION:PT0S", 6, "`PT0S` is not a duration"),
        ("DTSTART:20260701T120000Z\nDURATION:PT99999999999999999999H", 6, "`PT99999999999999999999H` is not a duration"),
        ("DTSTART;VALUE=DATE:20260701\nDURATION:PT8H", 6, "hours of a whole day"),
        (&format!("{start}\nRRULE:FREQ=HOURLY"), 7, "`FREQ=HOURLY` is not known here"),
        (&format!("{start}\nRRULE:FREQ=DAILY;UNTIL=20270101"), 7, "`UNTIL=20270101` is not of the kind of the start"),
        (&format!("{start}\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY"), 8, "this event says `RRULE` twice"),
        (&format!("{start}\nEXRULE:FREQ=DAILY"), 7, "`EXRULE` is no longer part of RFC 5545"),
        (&format!("{start}\nEXDATE;VALUE=DATE:20260701"), 7, "this is of another kind than DTSTART"),
        (&format!("{start}\nRDATE:20260801T120000"), 7, "this is of another kind than DTSTART"),
        (&format!("{start}\nSTATUS:PERHAPS"), 7, "`PERHAPS` is no status of an event"),
        (&format!("{start}\nRECURRENCE-ID:20260701T120000Z"), 7, "this stands for more than one time of an event, or of no event"),
        (
            &format!("UID:a\n{start}\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260701T120000Z"),
            8,
            "this stands for more than one time of an event, or of no event",
        ),
        (
            &format!("UID:a\n{start}\nRRULE:FREQ=DAILY\nRECURRENCE-ID:20260701T120000Z"),
            9,
            "this stands for more than one time of an event, or of no event",
        ),
        ("DTSTART;VALUE=DATE:20240101\nDTEND;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY", 7, "an event of more than a year comes again"),
        ("garbage", 5, "this is no line of a calendar"),
        ("BEGIN:VALARM\nEND:VEVENT", 6, "`END:VEVENT` ends nothing here"),
    ] {
        assert_eq!(wrong(&around(&event(lines))), [(line, message.to_owned())], "{lines}");
    }
}

#[test]
fn a_file_that_is_no_whole_calendar_is_told() {
    let whole = around(&event("DTSTART;VALUE=DATE:20260701"));
    for (text, line, message) in [
        (String::new(), 1, "a calendar without events says nothing"),
        ("<html>".to_owned(), 1, "this is no line of a calendar"),
        ("HTTP: no".to_owned(), 1, "this is no calendar"),
        (around(""), 4, "a calendar without events says nothing"),
        (whole.replace("END:VCALENDAR\r\n", ""), 1, "`VCALENDAR` does not end"),
        (whole.split_once("END:VEVENT").unwrap().0.to_owned(), 4, "`VEVENT` does not end"),
        (whole.replace("VERSION:2.0", "VERSION:1.0"), 2, "`VERSION:1.0` is not RFC 5545"),
        (whole.replace("PRODID:-//Example//EN", "METHOD:CANCEL"), 3, "`METHOD:CANCEL` takes events back"),
        (whole.replace("PRODID:-//Example//EN", "CALSCALE:CHINESE"), 3, "`CALSCALE:CHINESE` is not known here"),
        (whole.replace("VEVENT", "VFREEBUSY"), 4, "`VFREEBUSY` is not known here"),
        (around(&(event(DAILY) + &event(DAILY))), 11, "the UID `a` is that of another event"),
    ] {
        assert_eq!(wrong(&text), [(line, message.to_owned())], "{text}");
    }
}

/// Whatever line is lost: either it is told, or what is left closes no less than before, or it was the line that closes.
#[test]
fn a_calendar_that_lost_a_line_is_told_or_says_the_same_of_when() {
    let whole = around(&event(&format!("{DAILY}\nLOCATION:here")));
    let said = |text: &str| {
        Calendar::read(&file(text)).map(|_| window(text, "closed").open_during(&(utc("2026-01-01T00:00:00Z")..utc("2026-03-01T00:00:00Z"))))
    };
    let expected = said(&whole).unwrap();
    let lines: Vec<&str> = whole.split_inclusive("\r\n").collect();
    for lost in 0..lines.len() {
        let rest: String = lines.iter().enumerate().filter(|(index, _)| *index != lost).map(|(_, line)| *line).collect();
        let is_when = lines[lost].starts_with("RRULE");
        assert!(is_when || said(&rest).is_ok_and(|open| open == expected) || said(&rest).is_err(), "without {}", lines[lost]);
    }
}

/// What others write, such as the crate `icalendar` here, is read as they mean it.
#[test]
fn what_others_write_is_read_as_they_mean_it() {
    let written = "CALSCALE:GREGORIAN\n".to_owned()
        + &event(
            "DTSTAMP:20261122T054727Z\nDTEND;VALUE=DATE:20261225\nDTSTART;VALUE=DATE:20261225\nSUMMARY:Christmas\\; and\\, so on\nUID:7d53fc27",
        )
        + &event("DTSTAMP:20261122T054727Z\nDTEND:20261229T060000Z\nDTSTART:20261228T180000Z\nSUMMARY:freeze\nUID:305dab63");
    let window = closing(&written);
    is(&closed(&window, "2026-12-25T12:00:00Z"), "2026-12-25T00:00Z", "2026-12-26T00:00Z", "Christmas; and, so on");
    is(&closed(&window, "2026-12-29T00:00:00Z"), "2026-12-28T18:00Z", "2026-12-29T06:00Z", "freeze");
}

//! What comes again, what closes, what decides, and what lint and the picture of a week say.

use super::*;

fn checked(definition: Value) -> Window {
    Window::checked(&self::definition(definition), &BTreeMap::new()).unwrap()
}

fn first_tuesdays() -> Value {
    json!({"rrule": "FREQ=MONTHLY;BYDAY=1TU", "starts": "2026-01-06", "from": "22:00", "to": "02:00", "exdates": ["2026-03-03"]})
}

#[test]
fn an_opening_may_come_again_by_a_rule() {
    let window = window("Europe/London", &json!([first_tuesdays()]), &json!([]));
    assert_eq!(stretch(&window, "2026-07-07T23:30:00Z"), from_to("2026-07-07T21:00:00Z", "2026-07-08T01:00:00Z"));
    let (january, february) = (utc("2026-01-06T22:00:00Z"), utc("2026-02-03T22:00:00Z"));
    let starts: Vec<_> = window.stretches(utc("2025-01-01T00:00:00Z")).map(|(opens, _)| opens).take(3).collect();
    assert_eq!(starts, [january, february, utc("2026-04-07T21:00:00Z")], "not before its first date, and not in March");
}

#[test]
fn what_closes_again_and_again_wins_over_what_opens() {
    let window = checked(json!({
        "zone": "Europe/London",
        "open": [{"days": ["mon-fri"], "all-day": true}],
        "closed": [{"rrule": "FREQ=MONTHLY;BYMONTHDAY=-1", "starts": "2026-01-31", "all-day": true, "reason": "month-end close"}],
    }));
    let opens = Some(utc("2026-07-01T00:00:00Z") - TimeDelta::hours(1));
    assert_eq!(window.at(utc("2026-06-30T12:00:00Z")), State::Closed { freeze: Some("month-end close".into()), opens });
    assert_eq!(stretch(&window, "2026-07-01T12:00:00Z"), from_to("2026-06-30T23:00:00Z", "2026-07-03T23:00:00Z"));
}

#[test]
fn a_window_may_be_open_unless_something_closes_it() {
    let closed = json!([{"days": ["fri"], "from": "16:00", "to": "06:00", "reason": "weekend"}]);
    let window = checked(json!({"zone": "Europe/London", "otherwise": "open", "closed": closed}));
    assert_eq!(stretch(&window, "2026-11-24T12:00:00Z"), from_to("2026-11-21T06:00:00Z", "2026-11-27T16:00:00Z"));
}

#[test]
fn what_closes_for_thirty_minutes_every_night_is_active_on_the_nights_the_clocks_change() {
    let closed = json!([{"days": ["mon-sun"], "from": "01:30", "to": "02:00", "reason": "backup"}]);
    let window = checked(json!({"zone": "Europe/London", "otherwise": "open", "closed": closed}));
    let around = |at: &str| {
        let open = window.open_during(&(utc(at) - TimeDelta::hours(2)..utc(at) + TimeDelta::hours(2)));
        let [before, after] = &open[..] else { panic!("{open:?}") };
        (before.end, after.start)
    };
    assert_eq!(around("2026-03-29T01:00:00Z"), from_to("2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"));
    assert_eq!(around("2026-10-25T01:00:00Z"), from_to("2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z"));
}

#[test]
fn what_closes_on_a_day_that_was_left_out_closes_all_the_same() {
    let closed = json!([{"days": ["fri"], "all-day": true, "reason": "Friday"}]);
    let window = checked(json!({"zone": "Pacific/Apia", "otherwise": "open", "closed": closed}));
    // Apia went from Thursday 29 December 2011 to Saturday 31 December, at 10:00Z on the 30th. Friday is read as if the clock had been
    // changed before, which is where Thursday was.
    assert_eq!(
        window.at(utc("2011-12-29T10:00:00Z")),
        State::Closed { freeze: Some("Friday".into()), opens: Some(utc("2011-12-30T10:00:00Z")) }
    );
}

#[test]
fn dates_that_cannot_be_read_are_errors_at_their_field() {
    let rule = |more: Value| {
        let mut hours = first_tuesdays();
        more.as_object().unwrap().iter().for_each(|(key, value)| hours[key] = value.clone());
        hours.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        hours
    };
    for (hours, field, message) in [
        (rule(json!({"starts": null})), ".open[0]", "`rrule` stands without `starts`"),
        (rule(json!({"days": ["mon"]})), ".open[0]", "`days` stands beside `rrule`"),
        (rule(json!({"rrule": null})), ".open[0]", "hours without days"),
        (rule(json!({"rrule": null, "days": ["mon"]})), ".open[0]", "`starts` and `exdates` belong to `rrule`"),
        (
            rule(json!({"rrule": null, "starts": null, "exdates": ["2026-01-06"], "days": ["mon"]})),
            ".open[0]",
            "`starts` and `exdates` belong to `rrule`",
        ),
        (rule(json!({"rrule": "FREQ=NEVER"})), ".open[0].rrule", "`FREQ=NEVER` is not known here"),
        (rule(json!({"starts": "2026-01-07"})), ".open[0].rrule", "the first date, 2026-01-07, is not a date of the rule"),
        (rule(json!({"starts": "soon"})), ".open[0].starts", "`soon` is not a date"),
        (rule(json!({"exdates": ["2026-03-04"]})), ".open[0].exdates[0]", "`2026-03-04` is no date of the rule"),
        (rule(json!({"exdates": ["2026-03-03", "x"]})), ".open[0].exdates[1]", "`x` is not a date"),
        (rule(json!({"reason": " "})), ".open[0].reason", "an empty reason"),
    ] {
        let found = problems(&definition(json!({"zone": "UTC", "open": [hours]})));
        let found: Vec<_> = found.iter().map(|(field, message, _)| (&**field, &**message)).collect();
        assert_eq!(found, [(field, message)], "{hours}");
    }
}

#[test]
fn what_a_window_says_besides_its_hours_is_checked() {
    let hours = json!([{"days": ["mon"], "all-day": true}]);
    for (definition, field, message) in [
        (json!({"zone": "UTC"}), ".open", "a window without hours never opens"),
        (json!({"zone": "UTC", "open": hours, "otherwise": "open"}), ".open", "what opens has nothing to say beside `otherwise: open`"),
        (json!({"zone": "UTC", "otherwise": "open", "closed": hours}), ".closed[0]", "a closed time without a reason"),
        (
            json!({"zone": "UTC", "otherwise": "open", "calendars": [{"file": "a.ics", "means": "closed"}]}),
            ".calendars[0].file",
            "there is no calendar `a.ics`",
        ),
    ] {
        let found = problems(&self::definition(definition));
        let found: Vec<_> = found.iter().map(|(field, message, _)| (&**field, &**message)).collect();
        assert_eq!(found, [(field, message)]);
    }
}

#[test]
fn what_decides_is_named() {
    let said = |window: &Window, at: &str| match window.decides(utc(at)) {
        Decides::Closed(why, _) => vec![why.written.to_string()],
        Decides::Open(all) => all.iter().map(|why| why.written.to_string()).collect(),
        Decides::Nothing => Vec::new(),
    };
    assert_eq!(said(&weekdays(), "2026-11-26T12:00:00Z"), ["open[0]"]);
    assert_eq!(said(&weekdays(), "2026-11-28T12:00:00Z"), [""; 0]);
    assert_eq!(said(&weekdays(), "2026-12-22T12:00:00Z"), ["freezes[0]"]);
    let twice = json!([{"days": ["fri"], "from": "22:00", "to": "06:00"}, {"days": ["sat"], "from": "00:00", "to": "08:00"}]);
    assert_eq!(said(&window("UTC", &twice, &json!([])), "2026-11-28T05:00:00Z"), ["open[0]", "open[1]"]);
}

fn two_years() -> Range<DateTime<Utc>> {
    utc("2026-01-01T00:00:00Z")..utc("2028-01-01T00:00:00Z")
}

#[test]
fn lint_tells_what_its_writer_should_look_at() {
    let never = always_but("UTC", "2020-01-01", "2040-01-01");
    assert_eq!(never.lint(&two_years()), [Finding::NeverOpens]);
    let freeze = |from: &str, to: &str| {
        checked(json!({"zone": "UTC", "otherwise": "open", "freezes": [{"from": from, "to": to, "reason": "x"}]})).lint(&two_years())
    };
    assert_eq!(freeze("2025-12-19", "2025-12-31"), [Finding::NeverCloses], "its only freeze is over");
    assert_eq!(freeze("2027-12-19", "2028-01-04"), []);
    let heeding = checked(json!({"zone": "UTC", "otherwise": "open", "forge-freezes": true}));
    assert_eq!(heeding.lint(&two_years()), [], "the forge may freeze it");
    let hours = json!([
        {"days": ["mon"], "from": "09:00", "to": "17:00"},
        {"days": ["sun"], "from": "22:00", "to": "10:00"},
        {"rrule": "FREQ=YEARLY", "starts": "2020-12-24", "all-day": true},
    ]);
    let freezes =
        json!([{"from": "2026-12-20", "to": "2027-01-04", "reason": "x"}, {"from": "2027-12-20", "to": "2028-01-04", "reason": "x"}]);
    let findings = window("UTC", &hours, &freezes).lint(&two_years());
    let [Finding::NeverUsed(unused), Finding::Overlaps(Overlap { entries, first })] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((&*unused.written, &*entries[0].written, &*entries[1].written), ("open[2]", "open[0]", "open[1]"));
    assert_eq!(first.start.to_string(), "2026-01-05 09:00:00");
    assert_eq!(every_day("Europe/London", "22:00", "06:00").lint(&two_years()).len(), 4, "the changes of the clocks");
}

#[test]
fn a_week_is_drawn_on_the_wall_clock() {
    let drawn = |window: &Window, at: &str, row: usize| -> String {
        let day = &window.week(utc(at))[row];
        let letter = |cell: &Cell| match cell {
            Cell::Open => 'o',
            Cell::Partly => 'p',
            Cell::Closed => '.',
            Cell::Shut => 'x',
            Cell::Skipped => ' ',
        };
        day.cells.iter().take(8).map(letter).collect()
    };
    let window = every_day("Europe/London", "00:30", "02:45");
    assert_eq!(drawn(&window, "2026-03-25T12:00:00Z", 6), ".o  op..", "01:00 to 02:00 is skipped");
    assert_eq!(drawn(&window, "2026-03-25T12:00:00Z", 5), ".oooop..");
    let freeze = always_but("Europe/London", "2026-10-25T01:30", "2026-10-25T02:00");
    assert_eq!(drawn(&freeze, "2026-10-21T12:00:00Z", 6), "oopxoooo");
    assert_eq!(window.week(utc("2026-03-25T12:10:00Z"))[2].asked, Some(24));
}

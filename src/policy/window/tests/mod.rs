//! The rules of a window, one trap a test.

mod again;

use super::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn definition(definition: Value) -> Definition {
    serde_json::from_value(definition).unwrap()
}

fn window(zone: &str, open: &Value, freezes: &Value) -> Window {
    Window::checked(&definition(json!({"zone": zone, "open": open, "freezes": freezes})), &BTreeMap::new()).unwrap()
}

fn every_day(zone: &str, from: &str, to: &str) -> Window {
    window(zone, &json!([{"days": ["mon-sun"], "from": from, "to": to}]), &json!([]))
}

fn always_but(zone: &str, from: &str, to: &str) -> Window {
    let freezes = json!([{"from": from, "to": to, "reason": "quiet"}]);
    window(zone, &json!([{"days": ["mon-sun"], "all-day": true}]), &freezes)
}

fn weekdays() -> Window {
    let freezes = json!([{"from": "2026-12-19", "to": "2027-01-04", "reason": "year end"}]);
    window("Europe/London", &json!([{"days": ["mon-thu"], "from": "09:00", "to": "17:00"}]), &freezes)
}

/// The stretch that holds an instant.
fn stretch(window: &Window, at: &str) -> (DateTime<Utc>, DateTime<Utc>) {
    match window.at(utc(at)) {
        State::Open { since: Some(since), closes: Some(closes) } => (since, closes),
        other => panic!("not a stretch at {at}: {other:?}"),
    }
}

/// The frozen time around an instant of a window that is otherwise always open.
fn frozen(window: &Window, at: &str) -> (DateTime<Utc>, DateTime<Utc>) {
    let State::Closed { freeze: Some(_), opens: Some(until) } = window.at(utc(at)) else { panic!("not frozen at {at}") };
    let before = utc(at) - TimeDelta::days(3);
    let State::Open { closes: Some(from), .. } = window.at(before) else { panic!("not open at {before}") };
    (from, until)
}

fn from_to(from: &str, to: &str) -> (DateTime<Utc>, DateTime<Utc>) {
    (utc(from), utc(to))
}

fn problems(definition: &Definition) -> Vec<(String, String, String)> {
    let problems = Window::checked(definition, &BTreeMap::new()).unwrap_err();
    let path = |problem: &FieldProblem| problem.field.iter().map(ToString::to_string).collect();
    problems.into_iter().map(|problem| (path(&problem), problem.message, problem.help)).collect()
}

#[test]
fn an_opening_is_open_at_its_first_instant_and_closed_at_its_last() {
    let window = weekdays();
    for (at, open) in [
        ("2026-11-26T08:59:59.999999999Z", false),
        ("2026-11-26T09:00:00Z", true),
        ("2026-11-26T16:59:59.999999999Z", true),
        ("2026-11-26T17:00:00Z", false),
    ] {
        assert_eq!(window.is_open(utc(at)), open, "{at}");
    }
}

#[test]
fn hours_are_those_of_the_wall_clock_in_summer_and_in_winter() {
    assert_eq!(stretch(&weekdays(), "2026-07-01T12:00:00Z"), from_to("2026-07-01T08:00:00Z", "2026-07-01T16:00:00Z"));
    assert_eq!(stretch(&weekdays(), "2026-11-26T12:00:00Z"), from_to("2026-11-26T09:00:00Z", "2026-11-26T17:00:00Z"));
}

#[test]
fn friday_evening_to_saturday_morning_belongs_to_friday() {
    let window = window("Europe/London", &json!([{"days": ["fri"], "from": "22:00", "to": "06:00"}]), &json!([]));
    assert!(!window.is_open(utc("2026-11-27T03:00:00Z")), "Friday 03:00");
    assert_eq!(stretch(&window, "2026-11-27T23:00:00Z"), from_to("2026-11-27T22:00:00Z", "2026-11-28T06:00:00Z"));
    assert_eq!(stretch(&window, "2026-11-28T05:59:00Z"), from_to("2026-11-27T22:00:00Z", "2026-11-28T06:00:00Z"));
    assert!(!window.is_open(utc("2026-11-28T22:00:00Z")), "Saturday 22:00");
}

#[test]
fn a_range_of_days_may_go_over_the_weekend() {
    let window = window("UTC", &json!([{"days": ["sat-mon", "wed"], "from": "12:00", "to": "24:00"}]), &json!([]));
    let open = (1..=7).filter(|day| window.is_open(utc(&format!("2026-06-{day:02}T13:00:00Z")))).collect::<Vec<_>>();
    assert_eq!(open, [1, 3, 6, 7], "1 June 2026 is a Monday");
}

#[test]
fn midnight_as_an_end_is_the_end_of_the_day_in_both_spellings() {
    assert_eq!(
        stretch(&every_day("UTC", "18:00", "00:00"), "2026-06-01T20:00:00Z"),
        stretch(&every_day("UTC", "18:00", "24:00"), "2026-06-01T20:00:00Z"),
    );
}

#[test]
fn a_closed_window_tells_when_it_opens_next() {
    let opens = Some(utc("2026-11-30T09:00:00Z"));
    assert_eq!(weekdays().at(utc("2026-11-26T17:00:00Z")), State::Closed { freeze: None, opens });
}

#[test]
fn the_next_opening_skips_freezes() {
    let opens = Some(utc("2027-01-05T09:00:00Z"));
    assert_eq!(weekdays().at(utc("2026-12-18T12:00:00Z")), State::Closed { freeze: None, opens });
    assert_eq!(weekdays().at(utc("2026-12-22T12:00:00Z")), State::Closed { freeze: Some("year end".into()), opens });
}

#[test]
fn the_next_opening_is_the_instant_itself_when_it_is_open() {
    let now = utc("2026-11-26T12:34:56Z");
    assert_eq!(weekdays().next_opening(now), Some(now));
}

#[test]
fn a_freeze_ends_and_begins_a_stretch() {
    let window = always_but("UTC", "2026-06-03T12:00", "2026-06-03T13:00");
    let now = utc("2026-06-02T00:00:00Z");
    assert_eq!(window.at(now), State::Open { since: None, closes: Some(utc("2026-06-03T12:00:00Z")) });
    let now = utc("2026-06-04T00:00:00Z");
    assert_eq!(window.at(now), State::Open { since: Some(utc("2026-06-03T13:00:00Z")), closes: None });
}

#[test]
fn a_freeze_with_a_date_as_its_end_holds_until_that_day_is_over() {
    let window = always_but("Europe/London", "2026-07-01", "2026-07-01");
    assert_eq!(frozen(&window, "2026-07-01T12:00:00Z"), from_to("2026-06-30T23:00:00Z", "2026-07-01T23:00:00Z"));
}

#[test]
fn of_two_freezes_the_one_that_lasts_longest_gives_the_reason() {
    let (short, long) = (
        json!({"from": "2026-07-01", "to": "2026-07-02", "reason": "a"}),
        json!({"from": "2026-07-02", "to": "2026-07-09", "reason": "b"}),
    );
    for freezes in [json!([short, long]), json!([long, short])] {
        let window = window("UTC", &json!([{"days": ["mon-sun"], "all-day": true}]), &freezes);
        let opens = Some(utc("2026-07-10T00:00:00Z"));
        assert_eq!(window.at(utc("2026-07-02T12:00:00Z")), State::Closed { freeze: Some("b".into()), opens });
    }
}

#[test]
fn a_window_that_is_always_open_has_neither_a_beginning_nor_an_end() {
    let window = window("Europe/London", &json!([{"days": ["mon-sun"], "all-day": true}]), &json!([]));
    assert_eq!(window.at(utc("2026-11-26T12:00:00Z")), State::Open { since: None, closes: None });
}

#[test]
fn a_window_that_does_not_open_within_five_years_says_so() {
    let window = always_but("UTC", "2026-01-01", "2035-01-01");
    assert_eq!(window.at(utc("2026-06-01T00:00:00Z")), State::Closed { freeze: Some("quiet".into()), opens: None });
}

#[test]
fn the_ends_of_time_are_closed() {
    for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let window = every_day("Asia/Kathmandu", "09:00", "17:00");
        assert_eq!(window.at(instant), State::Closed { freeze: None, opens: None });
        assert!(window.render(instant).ends_with("+0545 (Asia/Kathmandu)") || window.render(instant).ends_with("LMT (Asia/Kathmandu)"));
    }
}

// London 2026: at 01:00 on 29 March the clocks go to 02:00 (01:00Z), at 02:00 on 25 October back to 01:00 (01:00Z).

#[test]
fn a_freeze_of_thirty_minutes_is_active_on_the_night_the_clocks_go_forward() {
    let window = always_but("Europe/London", "2026-03-29T01:30", "2026-03-29T02:00");
    assert_eq!(frozen(&window, "2026-03-29T00:45:00Z"), from_to("2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"));
    let window = always_but("Europe/London", "2026-03-29T01:15", "2026-03-29T01:45");
    assert_eq!(frozen(&window, "2026-03-29T01:00:00Z"), from_to("2026-03-29T00:15:00Z", "2026-03-29T01:45:00Z"));
}

#[test]
fn a_freeze_of_thirty_minutes_is_active_on_the_night_the_clocks_go_back() {
    let window = always_but("Europe/London", "2026-10-25T01:30", "2026-10-25T02:00");
    assert_eq!(frozen(&window, "2026-10-25T00:45:00Z"), from_to("2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z"));
    let window = always_but("Europe/London", "2026-10-25T01:15", "2026-10-25T01:45");
    assert_eq!(frozen(&window, "2026-10-25T01:00:00Z"), from_to("2026-10-25T00:15:00Z", "2026-10-25T01:45:00Z"));
}

#[test]
fn an_opening_that_starts_in_the_skipped_hour_starts_after_it() {
    let window = every_day("Europe/London", "01:30", "05:00");
    assert_eq!(stretch(&window, "2026-03-29T02:00:00Z"), from_to("2026-03-29T01:00:00Z", "2026-03-29T04:00:00Z"));
}

#[test]
fn an_opening_that_ends_in_the_skipped_hour_ends_before_it() {
    let window = every_day("Europe/London", "00:00", "01:30");
    assert_eq!(stretch(&window, "2026-03-29T00:30:00Z"), from_to("2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"));
}

#[test]
fn an_opening_within_the_skipped_hour_does_not_exist() {
    let opens = Some(utc("2026-03-30T00:15:00Z"));
    assert_eq!(every_day("Europe/London", "01:15", "01:45").at(utc("2026-03-29T01:00:00Z")), State::Closed { freeze: None, opens });
}

#[test]
fn an_opening_that_starts_in_the_hour_that_comes_twice_starts_the_second_time() {
    let window = every_day("Europe/London", "01:30", "05:00");
    assert_eq!(stretch(&window, "2026-10-25T02:00:00Z"), from_to("2026-10-25T01:30:00Z", "2026-10-25T05:00:00Z"));
}

#[test]
fn an_opening_that_ends_in_the_hour_that_comes_twice_ends_the_first_time() {
    let window = every_day("Europe/London", "00:00", "01:30");
    assert_eq!(stretch(&window, "2026-10-25T00:00:00Z"), from_to("2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z"));
}

#[test]
fn an_opening_around_the_hour_that_comes_twice_holds_it_both_times() {
    let window = every_day("Europe/London", "00:30", "02:30");
    assert_eq!(stretch(&window, "2026-10-25T01:00:00Z"), from_to("2026-10-24T23:30:00Z", "2026-10-25T02:30:00Z"));
}

#[test]
fn an_opening_within_the_hour_that_comes_twice_does_not_exist() {
    let opens = Some(utc("2026-10-26T01:15:00Z"));
    assert_eq!(every_day("Europe/London", "01:15", "01:45").at(utc("2026-10-25T00:00:00Z")), State::Closed { freeze: None, opens });
}

#[test]
fn openings_that_touch_are_one_even_where_midnight_comes_twice() {
    // In Havana the clocks go back from 01:00 to 00:00, so that the midnight of 1 November 2026 comes twice.
    let weekend = json!([{"days": ["sat"], "all-day": true}, {"days": ["sun"], "all-day": true}]);
    let days = window("America/Havana", &weekend, &json!([]));
    assert_eq!(stretch(&days, "2026-10-31T12:00:00Z"), from_to("2026-10-31T04:00:00Z", "2026-11-02T05:00:00Z"));
    let sunday = window("America/Havana", &json!([{"days": ["sun"], "all-day": true}]), &json!([]));
    assert_eq!(stretch(&sunday, "2026-11-01T12:00:00Z"), from_to("2026-11-01T05:00:00Z", "2026-11-02T05:00:00Z"));
}

#[test]
fn openings_on_both_sides_of_the_skipped_hour_are_one_stretch() {
    let hours = json!([{"days": ["sun"], "from": "00:00", "to": "01:15"}, {"days": ["sun"], "from": "01:45", "to": "05:00"}]);
    let window = window("Europe/London", &hours, &json!([]));
    for at in ["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"] {
        assert_eq!(stretch(&window, at), from_to("2026-03-29T00:00:00Z", "2026-03-29T04:00:00Z"));
    }
}

#[test]
fn a_day_may_start_at_one_in_the_morning() {
    // In São Paulo 4 November 2018 began at 01:00, which was 03:00Z.
    let window = window("America/Sao_Paulo", &json!([{"days": ["sun"], "all-day": true}]), &json!([]));
    assert_eq!(stretch(&window, "2018-11-04T12:00:00Z"), from_to("2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"));
}

#[test]
fn a_change_of_the_clocks_may_be_half_an_hour() {
    // On Lord Howe Island 02:00 to 02:30 was skipped on 4 October 2026 (at 15:30Z), and 01:30 to 02:00 came twice on 5 April (at 15:00Z).
    let window = every_day("Australia/Lord_Howe", "01:45", "02:15");
    assert_eq!(stretch(&window, "2026-10-03T15:20:00Z"), from_to("2026-10-03T15:15:00Z", "2026-10-03T15:30:00Z"));
    assert_eq!(stretch(&window, "2026-04-04T15:20:00Z"), from_to("2026-04-04T15:15:00Z", "2026-04-04T15:45:00Z"));
}

#[test]
fn an_offset_may_have_seconds() {
    let window = every_day("Africa/Monrovia", "09:00", "17:00");
    assert_eq!(stretch(&window, "1971-06-01T12:00:00Z"), from_to("1971-06-01T09:44:30Z", "1971-06-01T17:44:30Z"));
}

#[test]
fn an_opening_on_a_day_that_was_left_out_does_not_exist() {
    // Apia went from Thursday 29 December 2011 to Saturday 31 December, at 10:00Z on the 30th.
    let fridays = |from: &str, to: &str| window("Pacific/Apia", &json!([{"days": ["fri"], "from": from, "to": to}]), &json!([]));
    let opens = Some(utc("2012-01-05T19:00:00Z"));
    assert_eq!(fridays("09:00", "17:00").at(utc("2011-12-29T12:00:00Z")), State::Closed { freeze: None, opens });
    let opens = Some(utc("2012-01-06T08:00:00Z"));
    assert_eq!(fridays("22:00", "06:00").at(utc("2011-12-30T10:00:00Z")), State::Closed { freeze: None, opens });
}

#[test]
fn a_window_that_is_always_open_stays_open_across_a_day_that_was_left_out() {
    let window = always_but("Pacific/Apia", "2012-01-05T00:00", "2012-01-06T00:00");
    assert_eq!(window.at(utc("2011-12-20T00:00:00Z")), State::Open { since: None, closes: Some(utc("2012-01-04T10:00:00Z")) });
}

#[test]
fn an_unknown_zone_is_an_error_that_names_the_nearest_and_never_utc() {
    for (name, nearest) in [("Europe/Lodnon", "`Europe/London`"), ("kolkata", "`Asia/Kolkata`"), ("europe/london", "`Europe/London`")] {
        let found = problems(&definition(json!({"zone": name, "open": [{"days": ["mon"], "all-day": true}]})));
        let [(field, message, help)] = &found[..] else { panic!("{found:?}") };
        assert_eq!((&**field, &**message), (".zone", &*format!("`{name}` is not an IANA time zone")));
        assert!(help.starts_with(&format!("the nearest are {nearest}")), "{help}");
    }
}

#[test]
fn hours_that_cannot_be_read_are_errors_at_their_field() {
    for (hours, field, message) in [
        (json!({"days": ["mon"], "from": "25:00", "to": "06:00"}), ".open[0].from", "`25:00` is not a time of day"),
        (json!({"days": ["mon"], "from": "24:00", "to": "06:00"}), ".open[0].from", "`24:00` is not a time of day"),
        (json!({"days": ["mon"], "from": "9:00", "to": "17:00"}), ".open[0].from", "`9:00` is not a time of day"),
        (json!({"days": ["mon"], "from": "09:00", "to": "17:60"}), ".open[0].to", "`17:60` is not a time of day"),
        (json!({"days": ["mon"], "from": "09:00", "to": "09:00"}), ".open[0].to", "from `09:00` to `09:00` may be no time or a whole day"),
        (json!({"days": ["mon"], "from": "09:00"}), ".open[0]", "`from` stands without `to`"),
        (json!({"days": ["mon"], "to": "09:00"}), ".open[0]", "`to` stands without `from`"),
        (json!({"days": ["mon"]}), ".open[0]", "an opening without hours"),
        (json!({"days": ["mon"], "all-day": true, "to": "09:00"}), ".open[0]", "`all-day: true` stands beside hours"),
        (json!({"days": [], "all-day": true}), ".open[0].days", "an opening without days never opens"),
        (json!({"days": ["mon", "monday"], "all-day": true}), ".open[0].days[1]", "`monday` is not a day of the week"),
        (json!({"days": ["mon-frei"], "all-day": true}), ".open[0].days[0]", "`mon-frei` is not a day of the week"),
        (json!({"days": ["mon-mon"], "all-day": true}), ".open[0].days[0]", "`mon-mon` may be one day or a whole week"),
    ] {
        let found = problems(&definition(json!({"zone": "UTC", "open": [hours]})));
        let found: Vec<_> = found.iter().map(|(field, message, _)| (&**field, &**message)).collect();
        assert_eq!(found, [(field, message)]);
    }
}

#[test]
fn a_freeze_that_cannot_be_read_is_an_error_at_its_field() {
    let backwards = "the freeze from `2026-07-02` to `2026-07-01` ends before it begins";
    let empty = "the freeze from `2026-07-02T09:00` to `2026-07-02T09:00` ends before it begins";
    for (from, to, reason, field, message) in [
        ("2026-07-02", "2026-07-01", "r", ".freezes[0].to", backwards),
        ("2026-07-02T09:00", "2026-07-02T09:00", "r", ".freezes[0].to", empty),
        ("2026-02-30", "2026-07-01", "r", ".freezes[0].from", "`2026-02-30` is not a date"),
        ("2026-7-1", "2026-07-01", "r", ".freezes[0].from", "`2026-7-1` is not a date"),
        ("2026-07-01", "2026-07-02T09:00Z", "r", ".freezes[0].to", "`2026-07-02T09:00Z` is not a date"),
        ("2026-07-01", "2026-07-02", " ", ".freezes[0].reason", "a freeze without a reason"),
    ] {
        let freezes = json!([{"from": from, "to": to, "reason": reason}]);
        let found = problems(&definition(json!({"zone": "UTC", "open": [{"days": ["mon"], "all-day": true}], "freezes": freezes})));
        let found: Vec<_> = found.iter().map(|(field, message, _)| (&**field, &**message)).collect();
        assert_eq!(found, [(field, message)]);
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let freezes = json!([{"from": "soon", "to": "later", "reason": "r"}]);
    let found = problems(&definition(json!({"zone": "Mars", "open": [], "freezes": freezes})));
    assert_eq!(found.iter().map(|(field, ..)| &**field).collect::<Vec<_>>(), [".zone", ".open", ".freezes[0].from"]);
}

#[test]
fn unknown_keys_are_refused() {
    for unknown in [
        json!({"zone": "UTC", "open": [], "freeze": []}),
        json!({"zone": "UTC", "open": [{"days": ["mon"], "all_day": true}]}),
        json!({"zone": "UTC", "open": [], "freezes": [{"from": "2026-07-01", "until": "2026-07-02", "reason": "r"}]}),
    ] {
        assert!(serde_json::from_value::<Definition>(unknown.clone()).is_err(), "{unknown}");
    }
}

#[test]
fn the_schema_takes_what_the_check_takes() {
    let schema = serde_json::to_value(schemars::schema_for!(Definition)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let with = |hours: Value| json!({"zone": "UTC", "open": [hours]});
    for (hours, right) in [
        (json!({"days": ["mon-thu", "sat"], "from": "09:00", "to": "24:00"}), true),
        (json!({"days": ["mon"], "all-day": true}), true),
        (json!({"days": ["monday"], "all-day": true}), false),
        (json!({"days": ["mon"], "from": "24:00", "to": "09:00"}), false),
        (json!({"days": [], "all-day": true}), false),
        (json!({"days": ["mon"], "all_day": true}), false),
    ] {
        assert_eq!(validator.is_valid(&with(hours.clone())), right, "{hours}");
    }
}

/// The instants and effects of the changes of the clocks in 2026.
fn touched(window: &Window) -> Vec<(DateTime<Utc>, Option<Effect>, Option<Effect>)> {
    let year = utc("2026-01-01T00:00:00Z")..utc("2027-01-01T00:00:00Z");
    window.touched_transitions(&year).into_iter().map(|touched| (touched.at, touched.openings, touched.closings)).collect()
}

#[test]
fn a_change_of_the_clocks_outside_of_openings_does_not_touch_a_window() {
    assert_eq!(touched(&weekdays()), []);
    assert_eq!(touched(&every_day("Asia/Kolkata", "00:00", "24:00")), []);
}

#[test]
fn a_change_of_the_clocks_within_an_opening_touches_it() {
    let (spring, autumn) = (utc("2026-03-29T01:00:00Z"), utc("2026-10-25T01:00:00Z"));
    let within = Some(Effect::Within);
    assert_eq!(touched(&every_day("Europe/London", "22:00", "06:00")), [(spring, within, None), (autumn, within, None)]);
    let moves = Some(Effect::Moves);
    assert_eq!(touched(&every_day("Europe/London", "22:00", "01:30")), [(spring, moves, None), (autumn, moves, None)]);
    let freeze = always_but("Europe/London", "2026-10-25T01:30", "2026-10-25T02:00");
    assert_eq!(touched(&freeze), [(spring, within, None), (autumn, within, moves)]);
}

#[test]
fn a_change_of_the_clocks_tells_what_they_show() {
    let window = every_day("Australia/Lord_Howe", "22:00", "06:00");
    let at = utc("2026-10-03T15:30:00Z");
    let wall = |time: &str| format!("2026-10-04T{time}").parse().unwrap();
    let zone = Zone::named("Australia/Lord_Howe").unwrap();
    let touched = Touched { zone, at, before: wall("02:00:00"), after: wall("02:30:00"), openings: Some(Effect::Within), closings: None };
    assert_eq!(window.touched_transitions(&(at..at + TimeDelta::seconds(1))), [touched]);
    assert_eq!(window.touched_transitions(&(at - TimeDelta::days(9)..at)), []);
    assert_eq!(window.touched_transitions(&(at + TimeDelta::seconds(1)..at + TimeDelta::days(9))), []);
}

#[test]
fn an_instant_is_shown_on_the_clock_of_the_window() {
    assert_eq!(weekdays().render(utc("2026-11-26T09:00:59Z")), "Thursday 2026-11-26 09:00 GMT (Europe/London)");
    assert_eq!(
        every_day("Asia/Kathmandu", "09:00", "17:00").render(utc("2026-11-26T09:00:00Z")),
        "Thursday 2026-11-26 14:45 +0545 (Asia/Kathmandu)"
    );
}

#[test]
fn the_version_of_the_tz_database_is_known() {
    assert!(Window::tzdb_version().starts_with("20"));
}

//! Rules beside the examples of the RFC, and beside the crate `rrule`, which shares no code with us.

use super::super::zone::Zone;
use super::*;
use chrono::TimeZone;
use proptest::prelude::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn parsed(text: &str, starts: &str) -> Result<Rule, Wrong> {
    Rule::parse(text, date(starts), Ends::Date)
}

fn dates(rule: &Rule, until: NaiveDate) -> Vec<NaiveDate> {
    rule.starts.iter_days().take_while(|date| *date <= until).filter(|date| rule.is_on(*date)).collect()
}

/// Those of section 3.8.5.3 that are about dates, and one from section 3.3.10.
#[test]
fn the_examples_of_the_rfc_are_what_it_says() {
    for (rule, expected) in [
        ("FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12"),
        ("FREQ=WEEKLY;COUNT=3", "1997-09-02 1997-09-09 1997-09-16"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05 1997-08-10 1997-08-19 1997-08-24"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05 1997-08-17 1997-08-19 1997-08-31"),
        ("FREQ=MONTHLY;COUNT=4;BYDAY=1FR", "1997-09-05 1997-10-03 1997-11-07 1997-12-05"),
        ("FREQ=MONTHLY;COUNT=4;INTERVAL=2;BYDAY=1SU,-1SU", "1997-09-07 1997-09-28 1997-11-02 1997-11-30"),
        ("FREQ=MONTHLY;COUNT=4;BYMONTHDAY=-3", "1997-09-28 1997-10-29 1997-11-28 1997-12-29"),
        ("FREQ=MONTHLY;COUNT=5;BYMONTHDAY=15,30", "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30"),
        ("FREQ=MONTHLY;COUNT=4;BYDAY=FR;BYMONTHDAY=13", "1998-02-13 1998-03-13 1998-11-13 1999-08-13"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", "1997-09-13 1997-10-11 1997-11-08"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04 1997-10-07 1997-11-06"),
        ("FREQ=MONTHLY;COUNT=4;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29 1997-10-30 1997-11-27 1997-12-30"),
        ("FREQ=YEARLY;COUNT=4;BYMONTH=6,7", "1997-06-10 1997-07-10 1998-06-10 1998-07-10"),
        ("FREQ=YEARLY;COUNT=5;INTERVAL=3;BYYEARDAY=1,100,200", "1997-01-01 1997-04-10 1997-07-19 2000-01-01 2000-04-09"),
        ("FREQ=YEARLY;COUNT=3;BYDAY=20MO", "1997-05-19 1998-05-18 1999-05-17"),
        ("FREQ=YEARLY;COUNT=3;BYWEEKNO=20;BYDAY=MO", "1997-05-12 1998-05-11 1999-05-17"),
        ("FREQ=YEARLY;COUNT=4;BYMONTH=3;BYDAY=TH", "1997-03-13 1997-03-20 1997-03-27 1998-03-05"),
        ("FREQ=YEARLY;COUNT=3;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05 2000-11-07 2004-11-02"),
        ("FREQ=DAILY;COUNT=3;BYMONTH=1;BYDAY=SU", "1998-01-04 1998-01-11 1998-01-18"),
        ("FREQ=YEARLY;COUNT=3;BYMONTH=2;BYMONTHDAY=29", "2024-02-29 2028-02-29 2032-02-29"),
        // Ours: every so many that no year and no week can be divided by.
        ("FREQ=MONTHLY;INTERVAL=5;COUNT=4", "2026-01-06 2026-06-06 2026-11-06 2027-04-06"),
        ("FREQ=WEEKLY;INTERVAL=7;COUNT=3", "2026-01-06 2026-02-24 2026-04-14"),
    ] {
        let expected: Vec<NaiveDate> = expected.split(' ').map(date).collect();
        let parsed = Rule::parse(rule, expected[0], Ends::Date).unwrap_or_else(|wrong| panic!("{rule}: {wrong:?}"));
        assert_eq!(dates(&parsed, date("2040-01-01")), expected, "{rule}");
    }
}

#[test]
fn numbers_from_the_end_are_offered_where_there_are_some() {
    let help = |rule: &str| parsed(rule, "2026-01-01").unwrap_err().help;
    assert_eq!(help("FREQ=MONTHLY;BYMONTHDAY=32"), "write numbers from 1 to 31, or from the end with a minus");
    assert_eq!(help("FREQ=YEARLY;BYMONTH=13"), "write numbers from 1 to 12");
}

#[test]
fn a_rule_ends_with_the_date_of_until() {
    let rule = parsed("FREQ=DAILY;UNTIL=20260103", "2026-01-01").unwrap();
    assert_eq!(dates(&rule, date("2027-01-01")), ["2026-01-01", "2026-01-02", "2026-01-03"].map(date));
}

#[test]
fn until_is_a_time_on_the_clock_of_the_start() {
    let (zone, six) = (Zone::named("America/New_York").unwrap(), chrono::NaiveTime::from_hms_opt(18, 0, 0).unwrap());
    // 18:00 in New York is 23:00Z in winter.
    for (until, ends, last) in [
        ("20260103T230000Z", Ends::Utc(six, &zone), "2026-01-03"),
        ("20260103T225959Z", Ends::Utc(six, &zone), "2026-01-02"),
        ("20260103T180000", Ends::Local(six), "2026-01-03"),
        ("20260103T175959", Ends::Local(six), "2026-01-02"),
    ] {
        let rule = Rule::parse(&format!("FREQ=DAILY;UNTIL={until}"), date("2026-01-01"), ends).unwrap();
        assert_eq!(rule.last(), Some(date(last)), "{until}");
    }
}

#[test]
fn what_is_left_out_is_no_date_of_it() {
    let rule = parsed("FREQ=DAILY;COUNT=3", "2026-01-01").unwrap().without([date("2026-01-02")]);
    assert_eq!(dates(&rule, date("2027-01-01")), ["2026-01-01", "2026-01-03"].map(date));
}

#[test]
fn a_rule_that_is_not_understood_is_refused_with_what_to_do() {
    for (rule, message) in [
        ("", "`` is no part of a rule"),
        ("BYDAY=MO", "a rule without FREQ"),
        ("FREQ=HOURLY", "`FREQ=HOURLY` is not known here"),
        ("freq=daily", "`freq=daily` is no part of a rule"),
        ("FREQ=DAILY;BYHOUR=9", "`BYHOUR` is about hours, and a rule is about dates"),
        ("FREQ=DAILY;BYEASTER=1", "`BYEASTER=1` is no part of a rule"),
        ("FREQ=DAILY;FREQ=DAILY", "`FREQ` is written twice"),
        ("FREQ=DAILY;INTERVAL=0", "`INTERVAL=0` is no number from 1 to 10000"),
        ("FREQ=DAILY;COUNT=-1", "`COUNT=-1` is no number from 1 to 10000"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "COUNT stands beside UNTIL"),
        ("FREQ=DAILY;UNTIL=20270101T000000Z", "`UNTIL=20270101T000000Z` is not of the kind of the start"),
        ("FREQ=DAILY;UNTIL=2027-01-01", "`UNTIL=2027-01-01` is not of the kind of the start"),
        ("FREQ=DAILY;UNTIL=20250101", "UNTIL is before the first date, so the rule has no dates"),
        ("FREQ=WEEKLY;BYDAY=1MO", "a number before a day is for FREQ=MONTHLY and FREQ=YEARLY"),
        ("FREQ=MONTHLY;BYDAY=Monday", "`Monday` is no day of a rule"),
        ("FREQ=MONTHLY;BYDAY=0MO", "`0MO` is no day of a rule"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "`BYMONTHDAY=32` is no list of numbers for it"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY is not for FREQ=WEEKLY"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY is for FREQ=YEARLY"),
        ("FREQ=MONTHLY;BYWEEKNO=1;BYDAY=MO", "BYWEEKNO is for FREQ=YEARLY"),
        ("FREQ=YEARLY;BYWEEKNO=1", "BYWEEKNO does not say on which day"),
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1", "BYSETPOS is for FREQ=MONTHLY and FREQ=YEARLY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS chooses among the dates of other parts, and there are none"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "the first date, 2026-01-01, is not a date of the rule"),
        ("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYDAY=TH;INTERVAL=400;COUNT=10", "COUNT=10 dates of this rule take more than a hundred years"),
    ] {
        assert_eq!(parsed(rule, "2026-01-01").map_err(|wrong| wrong.message), Err(message.to_owned()), "{rule}");
    }
}

#[test]
fn a_first_date_that_is_not_of_the_rule_is_told_the_next_that_is() {
    let wrong = parsed("FREQ=MONTHLY;BYDAY=1TU", "2026-01-01").unwrap_err();
    assert_eq!(wrong.help, "begin on a date of it; the next is 2026-01-06");
    assert!(parsed("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01").unwrap_err().help.contains("in a hundred years it has no date"));
}

fn any_numbers(of: std::ops::RangeInclusive<i32>) -> impl Strategy<Value = String> {
    let number = of.prop_filter("not zero", |number| *number != 0);
    prop::collection::vec(number, 1..4).prop_map(|numbers| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

/// Numbers before days are only where they may be.
fn any_days(nth: std::ops::RangeInclusive<i32>) -> impl Strategy<Value = String> {
    let may_be_counted = *nth.end() > 0;
    let day = (nth.prop_map(|nth| if nth == 0 { 1 } else { nth }), prop::sample::select(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"]));
    // Of days with and without a number the crate wants both to hold, and the RFC one of them.
    (any::<bool>(), prop::collection::vec(day, 1..5)).prop_map(move |(are_counted, days)| {
        let name = |(nth, day): &(i32, &str)| if are_counted && may_be_counted { format!("{nth}{day}") } else { (*day).to_owned() };
        days.iter().map(name).collect::<Vec<_>>().join(",")
    })
}

#[test]
fn the_last_week_of_a_year_may_end_in_the_next() {
    let rule = Rule::parse("FREQ=YEARLY;BYWEEKNO=52;BYDAY=FR;WKST=SU", date("2024-12-27"), Ends::Date).unwrap();
    assert_eq!(dates(&rule, date("2028-01-01")), ["2024-12-27", "2025-12-26", "2027-01-01", "2027-12-31"].map(date));
}

fn part(name: &'static str, value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::option::weighted(0.4, value).prop_map(move |value| value.map_or_else(String::new, |value| format!(";{name}={value}")))
}

fn any_rule() -> impl Strategy<Value = String> {
    let common = || {
        (1..5_u32, prop::sample::select(vec!["", ";WKST=SU", ";WKST=WE"]), prop::sample::select(vec!["", ";COUNT=7", ";UNTIL=20280630"]))
    };
    let months = || part("BYMONTH", any_numbers(1..=12));
    let positions = || part("BYSETPOS", any_numbers(-3..=3));
    let daily = (months(), part("BYMONTHDAY", any_numbers(-31..=31)), part("BYDAY", any_days(0..=0)));
    let weekly = (months(), part("BYDAY", any_days(0..=0)));
    // The crate refuses the fifth day from the end of a month.
    let monthly = (months(), part("BYMONTHDAY", any_numbers(-31..=31)), part("BYDAY", any_days(-4..=5)), positions());
    let yearly = (months(), part("BYYEARDAY", any_numbers(-366..=366)), part("BYDAY", any_days(-20..=20)), positions());
    // Counted from the end, the crate does not find the first week of a year where that begins in the year before; counted from the
    // start, not always the days of the last week that are in the year after.
    let weeks = (any_numbers(-51..=51), any_days(0..=0)).prop_map(|(weeks, days)| format!("YEARLY;BYWEEKNO={weeks};BYDAY={days}"));
    let body = prop_oneof![
        daily.prop_map(|(a, b, c)| format!("DAILY{a}{b}{c}")),
        weekly.prop_map(|(a, b)| format!("WEEKLY{a}{b}")),
        monthly.prop_map(|(a, b, c, d)| format!("MONTHLY{a}{b}{c}{d}")),
        yearly.prop_map(|(a, b, c, d)| format!("YEARLY{a}{b}{c}{d}")),
        weeks,
    ];
    (body, common()).prop_map(|(body, (interval, week, end))| format!("FREQ={body};INTERVAL={interval}{week}{end}"))
}

/// What the crate makes of a rule, in some years.
fn judged(text: &str, starts: NaiveDate, until: NaiveDate) -> Vec<NaiveDate> {
    let at = |date: NaiveDate| rrule::Tz::UTC.from_utc_datetime(&date.and_hms_opt(0, 0, 0).unwrap());
    let text = text.replace("UNTIL=20280630", "UNTIL=20280630T000000Z");
    let set: rrule::RRule<rrule::Unvalidated> = text.parse().unwrap();
    let set = set.build(at(starts)).unwrap().before(at(until));
    set.all(u16::MAX).dates.into_iter().map(|date| date.date_naive()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_rule_agrees_with_the_crate_rrule(text in any_rule(), day in 0..800_u64) {
        let around = date("2024-01-01") + Days::new(day);
        // A rule begins on one of its dates: the first from a random one on.
        let Err(wrong) = Rule::parse(&text, around, Ends::Date) else { return agree(&text, around) };
        if let Some(next) = wrong.help.strip_prefix("begin on a date of it; the next is ") {
            let next = date(next);
            if next < date("2028-06-30") && Rule::parse(&text, next, Ends::Date).is_ok() {
                return agree(&text, next);
            }
        }
    }
}

fn agree(text: &str, starts: NaiveDate) -> Result<(), TestCaseError> {
    let until = date("2032-01-01");
    let rule = Rule::parse(text, starts, Ends::Date).unwrap();
    let (ours, theirs) = (dates(&rule, until), judged(text, starts, until));
    let differs = ours.iter().zip(&theirs).find(|(a, b)| a != b);
    prop_assert!(ours == theirs, "{text} from {starts}: {differs:?}, {} and {} dates", ours.len(), theirs.len());
    Ok(())
}

//! `countersign window` as its reader meets it, and the ways round a window: clocks, zones, calendars.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use assert_cmd::Command;
use insta::assert_snapshot;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const HOLIDAYS: &str = "BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:1\r
DTSTART;TZID=America/New_York:20261125T180000\r
DURATION:PT12H\r
SUMMARY:Thanksgiving\r
END:VEVENT\r
END:VCALENDAR\r
";

const POLICY: &str = r#"version: 1
people: { users: { bob: 1002, carol: 1003 }, groups: { security: [bob, carol] } }
windows:
  nights:
    zone: Europe/London
    open:
      - { days: [mon-fri], from: "22:00", to: "06:00" }
      - { rrule: "FREQ=MONTHLY;BYDAY=-1SU", starts: "2026-01-25", from: "00:30", to: "01:45", reason: month end }
    closed: [{ rrule: "FREQ=WEEKLY;INTERVAL=2", starts: "2026-01-06", from: "23:00", to: "24:00", reason: backup }]
    freezes: [{ from: "2026-12-19", to: "2027-01-04", reason: end of year }]
    calendars: [{ file: calendars/holidays.ics, means: closed }]
  unless-friday:
    zone: UTC
    otherwise: open
    closed: [{ days: [fri], all-day: true, reason: Friday }]
rules:
  - name: a gain needs both windows
    when: { gains: {} }
    require: { window: [nights, unless-friday] }
  - name: the gate's own files need two
    when: { edits: [countersign.yml, "calendars/**"] }
    require: { approvals: [{ from: security, count: 2 }] }
"#;

fn with(policy: &str, calendar: Option<&str>) -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("countersign.yml"), policy).unwrap();
    fs::create_dir(directory.path().join("calendars")).unwrap();
    if let Some(calendar) = calendar {
        fs::write(directory.path().join("calendars/holidays.ics"), calendar).unwrap();
    }
    directory
}

/// What is printed, and the exit code at the end.
fn said(directory: &Path, arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("countersign").unwrap();
    let output = command.current_dir(directory).arg("window").args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    format!("{text}exit code {}", output.status.code().unwrap())
}

fn sound(arguments: &[&str]) -> String {
    said(with(POLICY, Some(HOLIDAYS)).path(), arguments)
}

#[test]
fn next_says_when_windows_are_open() {
    assert_snapshot!(sound(&["next", "--at", "2026-11-24T23:30:00Z", "--count", "2"]));
}

#[test]
fn explain_says_what_decides_and_draws_the_week() {
    assert_snapshot!("the night the clocks go back", sound(&["explain", "nights", "--at", "2026-10-25T01:15:00Z"]));
    assert_snapshot!("an event of a calendar", sound(&["explain", "--at", "2026-11-26T05:00:00Z"]));
}

#[test]
fn lint_says_what_to_know_before_it_happens() {
    assert_snapshot!(sound(&["lint", "nights", "--at", "2026-10-01T00:00:00Z"]));
}

#[test]
fn a_window_that_is_not_there_is_told_those_that_are() {
    assert_snapshot!(sound(&["next", "night"]), @r"
    error: `night` is no window of this policy; there is nights, unless-friday
    exit code 1
    ");
    let silent = "version: 1\n";
    assert_snapshot!(said(with(silent, None).path(), &["next"]), @r"
    countersign.yml has no windows.
    exit code 0
    ");
}

/// Nothing of a calendar is passed over, and without it nothing is decided.
#[test]
fn threat_13_a_calendar_that_cannot_be_read_closes_the_gate() {
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "0".repeat(64));
    for (calendar, expected) in [
        (None, "there is no calendar `calendars/holidays.ics`"),
        (Some(String::new()), "a calendar without events says nothing"),
        (Some(HOLIDAYS.replace("END:VEVENT\r\nEND:VCALENDAR\r\n", "")), "calendars/holidays.ics:3:1"),
        (Some(HOLIDAYS.replace("America/New_York", "Eastern Standard Time")), "calendars/holidays.ics:5:1"),
        (Some(HOLIDAYS.replace("20261125T180000", "20261125T250000")), "calendars/holidays.ics:5:1"),
        (Some(HOLIDAYS.replace("DURATION:PT12H", "RRULE:FREQ=HOURLY")), "calendars/holidays.ics"),
        (Some(pointer), "calendars/holidays.ics` cannot be read: it is a Git LFS pointer"),
    ] {
        let directory = with(POLICY, calendar.as_deref());
        let (base, head) = (directory.path().join("."), TempDir::new().unwrap());
        fs::write(head.path().join("a.json"), r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#)
            .unwrap();
        let mut command = Command::cargo_bin("countersign").unwrap();
        let output = command.args(["check", "--no-cache", "--base"]).arg(base).arg("--head").arg(head.path()).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && output.stdout.is_empty() && told.contains(expected), "{calendar:?}\n{told}");
    }
}

/// The change edits what decides about it. The calendar is the one of the base, and the edit needs its own rule.
#[test]
fn threat_4_a_change_cannot_take_the_holiday_away_that_closes_the_gate() {
    let (base, head) = (with(POLICY, Some(HOLIDAYS)), with(POLICY, Some(&HOLIDAYS.replace("20261125", "20251125"))));
    fs::write(head.path().join("a.json"), r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#)
        .unwrap();
    let mut command = Command::cargo_bin("countersign").unwrap();
    let sides = ["check", "--no-cache", "--at", "2026-11-26T05:00:00Z", "--explain", "--base"];
    let output = command.args(sides).arg(base.path()).arg("--head").arg(head.path()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("`nights` is closed for `Thanksgiving`"), "{told}");
    assert!(told.contains("the gate's own files need two"), "{told}");
    assert_eq!(output.status.code(), Some(13), "nobody says who approved\n{told}");
}

/// Where people mean that both have to allow it, one that is open does not.
#[test]
fn threat_13_of_two_windows_one_that_is_open_does_not_open_the_other() {
    let base = with(POLICY, Some(HOLIDAYS));
    let head = TempDir::new().unwrap();
    for file in ["countersign.yml", "calendars/holidays.ics"] {
        fs::create_dir_all(head.path().join("calendars")).unwrap();
        fs::copy(base.path().join(file), head.path().join(file)).unwrap();
    }
    fs::write(head.path().join("a.json"), r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#)
        .unwrap();
    let code = |at: &str| {
        let mut command = Command::cargo_bin("countersign").unwrap();
        let output = command.args(["check", "--no-cache", "--at", at, "--base"]).arg(base.path()).arg("--head").arg(head.path()).output();
        output.unwrap().status.code()
    };
    assert_eq!(code("2026-11-24T22:30:00Z"), Some(0), "both are open");
    assert_eq!(code("2026-11-27T23:30:00Z"), Some(12), "only the nights are");
    assert_eq!(code("2026-11-24T12:00:00Z"), Some(12), "only that it is no Friday");
    assert_eq!(code("2026-11-24T12:00:00+14:00"), Some(0), "an instant is one, in whatever zone it is written");
}

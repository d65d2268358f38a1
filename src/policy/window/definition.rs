//! A window as the policy file writes it.

use super::recurrence::Wrong;
use crate::document::present;
use schemars::JsonSchema;
use serde::Deserialize;
use std::fmt;

/// A deploy window. What closes it wins; then it is open at the hours of `open`; and else it is as `otherwise` says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Window")]
pub struct Definition {
    /// The IANA time zone on whose wall clock all days, hours and dates are read, such as `Europe/London`.
    #[schemars(example = &"Europe/London")]
    pub zone: String,
    /// When the window is open. It is open if any of these is.
    #[serde(default)]
    pub open: Vec<Hours>,
    /// When the window is closed again and again, whatever `open` says.
    #[serde(default)]
    pub closed: Vec<Hours>,
    /// Periods in which the window is closed once, whatever `open` says.
    #[serde(default)]
    pub freezes: Vec<FreezePeriod>,
    /// Files whose events close the window, or open it.
    #[serde(default)]
    pub calendars: Vec<CalendarFile>,
    /// Whether the deploy freezes that the forge has for the project close it as well. While nobody knows them, nobody knows whether it is
    /// open. GitHub has none.
    #[serde(default)]
    #[schemars(example = true)]
    pub forge_freezes: bool,
    /// What it is when nothing else says anything; `closed` if nothing is written. With `open` there is nothing left for `open:` to say.
    #[serde(default)]
    #[schemars(example = &"open", extend("default" = "closed"))]
    pub otherwise: OpenOrClosed,
}

/// Windows by name: one, or several that all have to be open.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum WindowNames {
    /// `office-hours`
    One(String),
    /// `[office-hours, no-freeze]`
    All(#[schemars(length(min = 1))] Vec<String>),
}

impl WindowNames {
    /// The names as they are written.
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::All(names) => names,
        }
    }
}

/// Whether a window is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OpenOrClosed {
    /// A deployment may start.
    Open,
    /// No deployment may start.
    #[default]
    Closed,
}

/// Hours on certain days: those of `days` or those of `rrule`, either `from` and `to` or `all-day: true`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hours {
    /// The days on which it starts: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`, or a range such as `mon-thu`, both days
    /// included; `fri-mon` goes over the weekend.
    #[schemars(length(min = 1), inner(regex(pattern = r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$")))]
    #[schemars(example = ["mon-thu"])]
    #[serde(default, deserialize_with = "present")]
    pub days: Option<Vec<String>>,
    /// The dates on which it starts, as a recurrence rule of RFC 5545: `FREQ=MONTHLY;BYDAY=1TU` is the first Tuesday of every month.
    /// Rules are about dates: `DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY`, an `UNTIL` is a date, and nothing in it is about hours.
    #[schemars(example = &"FREQ=MONTHLY;BYDAY=1TU")]
    #[serde(default, deserialize_with = "present")]
    pub rrule: Option<String>,
    /// The first date of `rrule`, from which it counts; it has to be one of its dates.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    #[schemars(example = &"2026-01-06")]
    #[serde(default, deserialize_with = "present")]
    pub starts: Option<String>,
    /// Dates of `rrule` that are left out.
    #[schemars(length(min = 1), inner(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")))]
    #[schemars(example = ["2026-03-03"])]
    #[serde(default, deserialize_with = "present")]
    pub exdates: Option<Vec<String>>,
    /// The time of day at which it begins, `HH:MM` from `00:00` to `23:59`.
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    #[schemars(example = &"09:00")]
    #[serde(default, deserialize_with = "present")]
    pub from: Option<String>,
    /// The time of day at which it ends, `HH:MM` up to `24:00`; this minute is no part of it. Earlier than `from`, it is the
    /// time on the following day.
    #[schemars(regex(pattern = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"))]
    #[schemars(example = &"17:00")]
    #[serde(default, deserialize_with = "present")]
    pub to: Option<String>,
    /// From midnight to midnight; then there is neither `from` nor `to`.
    #[serde(default)]
    #[schemars(example = true)]
    pub all_day: bool,
    /// What for. Under `closed` it is required, and told to the engineer who has to wait.
    #[schemars(length(min = 1))]
    #[schemars(example = &"month-end close")]
    #[serde(default, deserialize_with = "present")]
    pub reason: Option<String>,
}

/// A file in iCalendar's format, RFC 5545, whose events close the window or open it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CalendarFile {
    /// Its path from the root of the repository. Like this file it is read from the base of a change, and an edit of it is one of the
    /// gate's own files.
    #[schemars(example = &"calendars/holidays.ics")]
    pub file: String,
    /// What the window is during its events.
    #[schemars(example = &"closed")]
    pub means: OpenOrClosed,
}

/// A period in which the window is closed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FreezePeriod {
    /// The first day (`2026-12-19`), or the minute at which it starts (`2026-12-19T18:00`).
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?$"))]
    #[schemars(example = &"2026-12-19")]
    pub from: String,
    /// The last day, which is frozen until its end (`2027-01-04`), or the minute at which it ends and which is no longer frozen
    /// (`2027-01-04T09:00`).
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?$"))]
    #[schemars(example = &"2027-01-04")]
    pub to: String,
    /// Why, in words for the engineer who has to wait.
    #[schemars(length(min = 1))]
    #[schemars(example = &"end-of-year freeze")]
    pub reason: String,
}

/// What is wrong with a field of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// A stable, kebab-case name that a machine can match on: `window-zone`, `window-open`, `window-closed`, `window-days`,
    /// `window-rule`, `window-hours`, `window-freeze` or `window-calendar`.
    pub code: &'static str,
    /// The way to the field from the definition, for whoever knows the place of it.
    pub field: Vec<Step>,
    /// One sentence: lower-case, no full stop, the user's own text in backticks.
    pub message: String,
    /// What to do next.
    pub help: String,
}

/// One step on the way to a field. Shown in a row they read `.open`, `[1]`, `.to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a mapping, by key.
    Key(&'static str),
    /// Into a list, from 0.
    Item(usize),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, ".{key}"),
            Self::Item(index) => write!(f, "[{index}]"),
        }
    }
}

impl FieldProblem {
    pub(super) fn new(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, field: Vec::new(), message: message.into(), help: help.into() }
    }

    /// What is wrong with a rule.
    pub(super) fn of_rule(wrong: Wrong) -> Self {
        Self::new("window-rule", wrong.message, wrong.help)
    }

    /// The same problem, seen from further out.
    pub(super) fn under(mut self, steps: &[Step]) -> Self {
        self.field.splice(0..0, steps.iter().copied());
        self
    }
}
